"""Finding items of the lists by the words that people use."""

import unicodedata
from collections.abc import Iterable, Iterator

from cases.matters import Domain, Matter, MatterKind, Platform
from cases.organisation import TOWNSHIP


def search(
    matters: Iterable[Matter],
    words: str = "",
    *,
    department: str | None = None,
    domain: Domain | str | None = None,
    kind: MatterKind | str | None = None,
    platform: Platform | str | None = None,
) -> list[Matter]:
    """Give the items in which every word occurs, the most telling first.

    Parameters
    ----------
    words
        Separated by blanks; width and case of letters do not matter. A word may stand in the code, the names, the GB
        category code, the clause, the duties, the checks, the basis or the guide. None of them: every item.
    department
        Code of a department that leads, coordinates or guides; ``township`` gives the powers.
    domain, kind, platform
        Values of the enumerations; an unknown one finds nothing.

    Returns
    -------
    list of Matter
        By the sum of the places of the words (name before clause before the rest), then in the order of the lists.
    """
    wanted = plain(words).split()
    found: list[tuple[int, Matter]] = []
    for matter in matters:
        if department and not _concerns(matter, department):
            continue
        if (domain and matter.domain != domain) or (kind and matter.kind != kind):
            continue
        if platform and matter.platform != platform:
            continue
        rank = _rank(matter, wanted)
        if rank is not None:
            found.append((rank, matter))
    return [matter for _, matter in sorted(found, key=lambda one: one[0])]


def plain(text: str) -> str:
    """Fold width and case, so that ＱＬ－００１ is ql-001."""
    return unicodedata.normalize("NFKC", text).casefold()


def _concerns(matter: Matter, department: str) -> bool:
    if department == TOWNSHIP:
        return matter.kind is MatterKind.POWER
    return department == matter.lead or department in matter.coordinating


def _rank(matter: Matter, words: list[str]) -> int | None:
    """Add up how far down each word stands; None when one occurs nowhere."""
    texts = [plain("\n".join(part)) for part in _texts(matter)]
    total = 0
    for word in words:
        place = next((place for place, text in enumerate(texts) if word in text), None)
        if place is None:
            return None
        total += place
    return total


def _texts(matter: Matter) -> Iterator[tuple[str, ...]]:
    yield matter.name, matter.name_en, matter.code, matter.category or ""
    yield (matter.clause,)
    guide = matter.guide
    yield (
        *matter.department_duty,
        *matter.township_duty,
        *matter.checks.values(),
        matter.basis,
        *((guide.kind, guide.applicant, guide.time_limit, guide.fee, guide.result) if guide else ()),
        *(guide.materials if guide else ()),
        *(text for step in (guide.steps if guide else ()) for text in (step.name, step.who, step.otherwise)),
    )
