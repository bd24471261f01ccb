"""Subjects and visits as words and times, ready for assets/js/inspections.js: the page and the panel of one case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from cases.case import CaseState
from cases.inspection import CheckItem
from dashboard.text import say
from dashboard.views.names import Book

NOTHING = "—"
Data = dict[str, Any]


class Counted(Protocol):
    """The subjects that somebody visited in a quarter, those visited more than once, those approved."""

    visited: frozenset[str]
    more: frozenset[str]
    approved: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes subjects in one language and zone at one moment."""

    book: Book
    language: str
    zone: ZoneInfo
    now: datetime

    def word(self, key: str, **values: Any) -> str:
        """Give the words for a key."""
        return say(f"inspections.{key}", self.language, **values)

    def at(self, instant: datetime | None) -> str:
        """Write an instant, its year only where it is another one."""
        if instant is None:
            return NOTHING
        local = instant.astimezone(self.zone)
        return local.strftime("%m-%d %H:%M" if local.year == self.now.astimezone(self.zone).year else "%Y-%m-%d %H:%M")

    def quarter(self, quarter: Any) -> str:
        """Write a quarter in words."""
        return self.word("quarter.name", year=quarter.year, number=quarter.number)

    def who(self, code: str | None) -> str:
        """Name whoever acts; a code that nobody knows as it is."""
        return self.book.actor(code or "", self.language) or (code or "")


def figures(count: Counted, quarter: str, pen: Pen) -> list[Data]:
    """Write the figures of the county."""
    more, visited, approved = len(count.more), len(count.visited), len(count.approved)
    return [
        {"name": "visited", "words": pen.word("figure.visited", quarter=quarter), "value": visited, "behind": "once"},
        {"name": "more", "words": pen.word("figure.more"), **share(more, visited), "behind": "more"},
        {"name": "approved", "words": pen.word("figure.approved"), **share(approved, more), "behind": None},
    ]


def share(n: int, of: int) -> Data:
    """Write a rate with what it is made of; 0 of 0 is none."""
    return {"value": f"{100 * n / of:.0f}%" if of else NOTHING, "note": f"{n} / {of}"}


def departments(counts: Mapping[str, Counted], pen: Pen) -> list[Data]:
    """Write a row for each department that came on site, the most often repeated first."""
    rows = [
        {
            "code": code,
            "name": pen.book.department(code, pen.language),
            "more": len(count.more),
            "visited": len(count.visited),
            "rate": share(len(count.more), len(count.visited))["value"],
            "approved": f"{len(count.approved)} / {len(count.more)}" if count.more else NOTHING,
        }
        for code, count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["more"], -row["visited"], row["code"]))


def previous(counts: Iterable[tuple[Any, Counted]], pen: Pen) -> list[Data]:
    """Write the quarters before, the last one first."""
    return [
        {"key": quarter.name, "name": pen.quarter(quarter), **share(len(count.more), len(count.visited))}
        for quarter, count in counts
    ]


def listed(row: Any, pen: Pen) -> Data:
    """Write a subject of the list."""
    return {
        "code": row.code,
        "name": row.name,
        "kind": pen.word(f"kind.{row.kind}"),
        "place": pen.book.area(row.township, pen.language),
        "visits": _counted(pen, row.visits),
        "last": pen.word("last", at=pen.at(row.last_on_site)) if row.last_on_site else pen.word("never"),
        "open": _open(pen, row.open_cases),
    }


def whole(page: Any, days: int, pen: Pen) -> Data:
    """Write a subject with its visits."""
    visits = [visit(one, days, pen) for one in page.visits]
    return listed(page.row, pen) | {
        "visits_made": visits,
        "unplanned": [_came(one, pen) for one in page.unplanned],
        # By the minute it would be another page at every revision.
        "printed": f"{pen.now.astimezone(pen.zone):%Y-%m-%d}",
    }


def visit(one: Any, days: int, pen: Pen) -> Data:
    """Write one visit: who shares it, who came, what is checked, why it is a second one."""
    return {
        "key": one.visit,
        "name": pen.word("visit", n=one.ordinal),
        "open": one.is_open,
        "state": pen.word("visit.open" if one.is_open else "visit.over"),
        "planned": pen.word("visit.planned", at=pen.at(one.planned_at)),
        "second": second(one, days, pen),
        "cases": [
            {
                "number": case.number,
                "href": f"/case/{case.number}",
                "matter": pen.book.matter(case.matter, pen.language),
                "status": say(f"status.{case.status}", pen.language),
            }
            for case in one.cases
        ],
        "came": [_came(arrival, pen) for arrival in one.arrivals],
        "checks": check_list(one.checks, len(one.cases), pen),
    }


def second(one: Any, days: int, pen: Pen) -> list[str] | None:
    """Say why a subject is visited again; None for its first visit."""
    if one.ordinal == 1:
        return None
    if one.reason is None:
        return [pen.word("second.free", days=days)]
    return [pen.word("second.reason", reason=one.reason), pen.word("second.by", who=pen.who(one.approved_by))]


def check_list(checks: Mapping[str, Sequence[CheckItem]], cases: int, pen: Pen) -> list[Data]:
    """Write what each department checks; which cases need an item is said where not all of them do."""
    return [
        {
            "department": pen.book.department(code, pen.language),
            "items": [
                {"text": item.text, "cases": [] if len(item.cases) == cases else [_tail(n) for n in item.cases]}
                for item in items
            ],
        }
        for code, items in checks.items()
    ]


def of_case(state: CaseState, page: Any | None, days: int, pen: Pen) -> Data | None:
    """Write the panel of a case: its subject, the visit that it belongs to, what is checked there."""
    if page is None:
        return None
    own = next((one for one in page.visits if one.visit == state.visit), None)
    shared = len(own.cases) if own else 0
    return {
        "name": page.row.name,
        "code": page.row.code,
        "kind": pen.word(f"kind.{page.row.kind}"),
        "href": f"/inspections?subject={page.row.code}",
        "visit": visit(own, days, pen) if own else None,
        "how": pen.word("panel.joined", n=shared) if shared > 1 else pen.word("panel.own"),
    }


def _came(arrival: Any, pen: Pen) -> Data:
    return {
        "who": pen.book.department(arrival.department, pen.language),
        "unit": pen.book.unit(arrival.unit) if arrival.unit else "",
        "at": pen.at(arrival.at),
        "number": _tail(arrival.number),
    }


def _counted(pen: Pen, visits: int) -> str:
    return pen.word({0: "visit_none", 1: "visit_one"}.get(visits, "visits"), n=visits)


def _open(pen: Pen, cases: int) -> str:
    return pen.word("open_one" if cases == 1 else "open", n=cases) if cases else ""


def _tail(number: str) -> str:
    """Give the end of a case number by which people tell the cases of one subject apart."""
    day, _, count = number.rpartition("-")
    return f"{day[-4:]}-{count}"
