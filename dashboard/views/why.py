"""Why a case went to whom it went: the list, the item, its clause and basis, and what beside the lists was used."""

from datetime import date
from typing import Any

from cases.case import CaseState
from cases.lists import Lists, ListVersion
from cases.organisation import COMMAND
from dashboard.text import say
from dashboard.views.item import laws
from dashboard.views.names import Book
from dashboard.views.rulings import by_word, clauses


def explanation(state: CaseState, lists: Lists, received: date, book: Book, language: str) -> dict[str, Any]:
    """Give the explanation for assets/js/why.js.

    Parameters
    ----------
    received
        The day of receipt in the region's zone, whose lists were asked.
    """
    version = version_of(state, lists, received)
    matter = version.matters.get(state.matter)
    shown = received if lists.on(received) is version else version.effective_from
    rows: list[tuple[str, Any]] = []
    if matter is not None:
        rows.append((say("why.list", language), say(f"list.{matter.kind}", language)))
    rows.append((say("fact.list", language), version_words(state, version, language)))
    if matter is not None and matter.basis:
        rows.append((say("item.basis", language), laws(matter.basis)))
    rows += [(by_word(code, language), text) for code, text in used(state, version, lists)]
    return {
        "title": say("why.title", language),
        "item": {
            "href": f"/lists/{state.matter}" + ("" if shown == date.min else f"?on={shown.isoformat()}"),
            "code": state.matter,
            "name": book.matter(state.matter, language),
            "words": say("why.open", language),
        },
        "triage": say("why.triage", language) if state.legs and state.legs[0].department == COMMAND else "",
        "clause": matter.clause if matter else "",
        "rows": rows,
    }


def version_of(state: CaseState, lists: Lists, received: date) -> ListVersion:
    """Give the version that routed the case, else the one of its day: a pack may have renamed its lists since."""
    return lists.version(state.list_version) if state.list_version in lists else lists.on(received)


def version_words(state: CaseState, version: ListVersion, language: str) -> str:
    """Name the version that routed the case, and say that it is a model, or that it is no longer kept."""
    if version.version != state.list_version:
        return say("why.version.gone", language, name=state.list_version or "—", instead=version.version)
    model = say("lists.model", language)
    words = [say("lists.version", language, name=version.version), version.source]
    if version.model and model not in version.source:
        words.insert(1, model)
    return " · ".join(word for word in words if word)


def used(state: CaseState, version: ListVersion, lists: Lists) -> list[tuple[str, str]]:
    """Give the arrangements and rulings by which some department was asked in place of another, with their words.

    A version that was published afterwards for an earlier day has taken over the rulings of that time: hence all.
    """
    codes = dict.fromkeys(code for leg in state.legs for code in leg.arrangements)
    words = clauses((*lists.versions, version))
    return [(code, words.get(code, code)) for code in codes]
