"""By what, beside the lists, a department acts in place of another: arrangements and rulings, in words."""

from collections.abc import Iterable

from cases.dispute import RULING
from cases.lists import ListVersion
from dashboard.text import say


def by_word(code: str, language: str) -> str:
    """Say by which arrangement, or by the ruling on the dispute of which case, another department acts."""
    if code.startswith(RULING):
        return say("ruling.by", language, number=code.removeprefix(RULING).rpartition("-")[0])
    return say("item.arrangement", language, code=code)


def clauses(versions: Iterable[ListVersion]) -> dict[str, str]:
    """Give the words of everything that changes who acts, by code; those of the last version where several have it."""
    found = {one.code: one.clause for version in versions for one in version.arrangements}
    return found | {one.code: one.clause for version in versions for one in version.rulings}
