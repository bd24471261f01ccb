"""The three lists as rows, cards and words, ready for the table and for assets/js/lists.js."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.lists import Lists, ListVersion
from cases.matters import Matter, MatterKind
from cases.organisation import TOWNSHIP
from cases.routing import Route, RouteLeg
from dashboard.text import LANGUAGES, say
from dashboard.views.names import Book


def item_columns(language: str) -> list[dict[str, Any]]:
    """Items of the lists: what, which list, who leads and who joins, how often it was used."""
    return [
        {
            "field": "name",
            "headerName": say("lists.column.item", language),
            "cellRenderer": "OneMapItem",
            "flex": 1.7,
            "minWidth": 210,
        },
        {"field": "list", "headerName": say("lists.column.list", language), "width": 118},
        {"field": "who", "headerName": say("lists.column.who", language), "flex": 0.8, "minWidth": 120},
        {"field": "with", "headerName": say("lists.column.with", language), "flex": 0.9, "minWidth": 120},
        {
            "field": "uses",
            "headerName": say("lists.column.uses", language),
            "width": 92,
            "type": "rightAligned",
            "sortingOrder": ["desc", "asc", None],
        },
    ]


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts for a matter at a place.

    Attributes
    ----------
    township
        Code of the township; empty where the question is who acts anywhere.
    route
        The answer of the lists.
    guide
        Name of the body that guides the township in the exercise of a power: a unit there, else the department.
    """

    township: str
    route: Route
    guide: str = ""

    def lead(self, book: Book, language: str) -> str:
        """Name who leads; a power is exercised by the township of this name."""
        leg = self.route.legs[0]
        if leg.department == TOWNSHIP and self.township:
            return book.area(self.township, language)
        return acting(leg, book, language)

    def others(self, book: Book, language: str) -> list[str]:
        """Name who joins."""
        return [acting(leg, book, language) for leg in self.route.legs[1:]]


def item_row(matter: Matter, who: Acting, book: Book, uses: int, address: str, language: str) -> dict[str, Any]:
    """Give one row of `item_columns`.

    Parameters
    ----------
    who
        Who acts, in the township that the reader chose or anywhere.
    uses
        Cases of the period.
    address
        Where the item is shown whole.
    """
    return {
        "code": matter.code,
        "href": address,
        "name": named(matter, language),
        "clause": matter.clause,
        "kind": str(matter.kind),
        "list": say(f"list.{matter.kind}", language),
        "who": who.lead(book, language),
        "with": say("lists.guided", language, name=who.guide) if who.guide else "、".join(who.others(book, language)),
        "uses": uses,
    }


def named(matter: Matter, language: str) -> str:
    """Name an item in the reader's language."""
    return matter.name_en if language == LANGUAGES[1] and matter.name_en else matter.name


def acting(leg: RouteLeg, book: Book, language: str) -> str:
    """Name who acts: the unit where there is one, else the department."""
    return book.unit(leg.unit) if leg.unit else book.department(leg.department, language)


def concerned(route: Route, department: str) -> bool:
    """Whether a department acts, or guides the township that does."""
    return department == route.guide or any(leg.department == department for leg in route.legs)


def version_words(version: ListVersion, lists: Lists, today: date, language: str) -> dict[str, Any]:
    """Say which version is shown, since when and until when it holds, and whether it is a model."""
    ends = lists.effective_to(version.version)
    state = "now"
    if today < version.effective_from:
        state = "later"
    elif ends is not None and ends <= today:
        state = "past"
    return {
        "name": say("lists.version", language, name=version.version or "—"),
        "since": span_words(version.effective_from, ends, language),
        "state": state,
        "state_word": say(f"lists.state.{state}", language),
        "source": version.source,
        "model": say("lists.model", language) if version.model else "",
        "model_title": say("lists.model.title", language) if version.model else "",
    }


def span_words(start: date, end: date | None, language: str) -> str:
    """Say from when to when a version holds; the first one has no beginning where its pack gives none."""
    if start == date.min:
        return say("lists.until", language, end=end.isoformat()) if end else ""
    if end is None:
        return say("lists.since", language, start=start.isoformat())
    return say("lists.between", language, start=start.isoformat(), end=end.isoformat())


def version_options(lists: Lists, language: str) -> list[dict[str, str]]:
    """Give the versions to choose from, the newest first, by the first day on which each holds."""
    return [
        {
            "value": one.effective_from.isoformat(),
            "label": " ".join((one.version or "—", span_words(one.effective_from, None, language))),
        }
        for one in reversed(lists.versions)
    ]


def cards(version: ListVersion, language: str) -> list[dict[str, Any]]:
    """Count each list as people quote it: 12 one-things of 7 lead and 13 coordinating departments, and so on."""
    by_kind = {kind: version.matters.of_kind(kind) for kind in MatterKind}
    things = by_kind[MatterKind.ONE_THING]
    notes = {
        MatterKind.ONE_THING: say(
            "lists.card.one_thing",
            language,
            lead=len({one.lead for one in things if one.lead}),
            coordinating=len({code for one in things for code in one.coordinating}),
        ),
        MatterKind.TERRITORIAL: say(
            "lists.card.territorial",
            language,
            n=len({one.lead for one in by_kind[MatterKind.TERRITORIAL] if one.lead}),
        ),
        MatterKind.POWER: say(
            "lists.card.power", language, n=len({one.field for one in by_kind[MatterKind.POWER] if one.field})
        ),
    }
    whole = {"kind": "", "name": say("lists.card.all", language), "n": len(version.matters), "note": ""}
    return [whole] + [
        {"kind": str(kind), "name": say(f"list.{kind}", language), "n": len(by_kind[kind]), "note": notes[kind]}
        for kind in MatterKind
    ]


def used_departments(version: ListVersion) -> set[str]:
    """Give the departments that some item or arrangement names, and the township itself where there are powers."""
    found = {one.to_department for one in version.arrangements}
    for matter in version.matters:
        found |= {matter.lead or "", *matter.coordinating}
        if matter.kind is MatterKind.POWER:
            found.add(TOWNSHIP)
    return found - {""}


def use_rows(by_township: Mapping[str | None, int], book: Book, language: str) -> list[dict[str, Any]]:
    """Count the cases of an item by township, the most first; each with its share of the largest."""
    most = max(by_township.values(), default=1)
    return [
        {
            "name": book.area(code, language) or say("place.nowhere", language),
            "href": f"/township/{code}" if code else "",
            "n": n,
            "share": n / most,
        }
        for code, n in by_township.items()
    ]


def case_links(cases: Iterable[Any], book: Book, zone: Any, language: str) -> list[dict[str, Any]]:
    """List cases with the day on which they occurred, where they stand and what became of them."""
    return [
        {
            "number": case.number,
            "at": f"{case.occurred_at.astimezone(zone):%m-%d %H:%M}",
            "where": book.place(case.township, case.village, case.cell, language),
            "status": say(f"status.{case.status}", language),
        }
        for case in cases
    ]
