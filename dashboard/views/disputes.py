"""Disputes as words and times, ready for assets/js/disputes.js: the page of all of them and the panel of one case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.case import CaseState, View
from cases.dispute import Ruling
from dashboard.text import say
from dashboard.views.names import Book
from dashboard.views.tables import ms

RULES = "rules"
FIGURES = ("open", "overdue", "opened", "in_time", "upheld")


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes disputes in one language and zone at one moment."""

    book: Book
    language: str
    zone: ZoneInfo
    now: datetime

    def word(self, key: str, **values: Any) -> str:
        """Give the words for a key."""
        return say(f"disputes.{key}", self.language, **values)

    def at(self, instant: datetime | None) -> str:
        """Write an instant, its year only where it is another one."""
        if instant is None:
            return "—"
        local = instant.astimezone(self.zone)
        return local.strftime("%m-%d %H:%M" if local.year == self.now.astimezone(self.zone).year else "%Y-%m-%d %H:%M")

    def who(self, code: str | None) -> str:
        """Name whoever speaks: a department, a unit, a township, the adjudicator; a code that nobody knows as it is."""
        return self.book.actor(code or "", self.language) or (code or "")

    def department(self, code: str | None) -> str:
        """Name a department."""
        return self.book.department(code, self.language)

    def bodies(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Give codes with names to choose from."""
        return [(code, self.department(code)) for code in codes]

    def part(self, leg: Any) -> str:
        """Name a leg: what the department is in the case, and which one."""
        return self.word("part", role=say(f"role.{leg.role}", self.language), name=self.department(leg.department))

    def township(self, code: str | None) -> str:
        """Name a township, or the lack of one."""
        return self.book.area(code, self.language) or say("place.nowhere", self.language)

    def place(self, township: str | None) -> str:
        """Name where a ruling holds."""
        return self.book.area(township, self.language) or self.word("everywhere")

    def row(self, row: Any) -> dict[str, Any]:
        """Draw one dispute of `data.views.DisputeRow`, open or settled."""
        opened = {"at": self.at(row.opened_at), "who": self.who(row.opened_by)}
        settled = row.settled_at is not None
        return {
            "key": f"{row.number}-{row.ordinal}",
            "number": row.number,
            "leg": row.leg,
            "href": f"/case/{row.number}",
            "matter": self.book.matter(row.matter, self.language),
            "place": self.township(row.township),
            "part": self.part(row),
            "unit": self.book.unit(row.unit),
            "wanted": self.word("wanted", name=self.department(row.wanted)) if row.wanted else "",
            "opened": self.word("opened.rules" if row.opened_by == RULES else "opened", **opened),
            "clause": row.clause,
            "views": self.views(row.views),
            "due": None if settled else ms(row.due_at),
            "amber": None if settled else ms(row.amber_at),
            "limit": self.word("limit", at=self.at(row.due_at)) + (self.word("provisional") if row.provisional else ""),
            "settled": self.settled(row) if settled else None,
            "form": None if settled else self.form(row),
        }

    def views(self, views: Iterable[View]) -> list[dict[str, str]]:
        """List what was said, in the order in which it was."""
        return [{"who": self._speaker(view.by), "at": self.at(view.at), "text": view.text} for view in views]

    def _speaker(self, code: str) -> str:
        return self.word("rules") if code == RULES else self.who(code)

    def settled(self, row: Any) -> dict[str, Any]:
        """Say how it ended."""
        ruling = row.ruling
        words = {} if not ruling else {"place": self.place(ruling["township"]), "change": ruling["change"]}
        return {
            "at": self.at(row.settled_at),
            "decided": self.word("decided", name=self.department(row.decided)),
            "upheld": self.word("upheld" if row.decided != row.department else "kept"),
            "in_time": row.settled_at <= row.due_at if row.due_at else True,
            "time_word": self.word("in_time" if row.due_at is None or row.settled_at <= row.due_at else "late"),
            "decision": row.decision or "",
            "ruling": self.word("ruling", **words) if words else "",
        }

    def form(self, row: Any) -> dict[str, Any]:
        """Say what the forms begin with: who may speak first, and where a ruling may hold."""
        township = self.book.area(row.township, self.language)
        own = [(row.township, township)] if row.township else []
        return {
            "speakers": [*own, (row.department, self.department(row.department))],
            "wanted": row.wanted or "",
            "here": self.word("settle.here", name=township) if row.township else "",
        }


def figures(count: Any, period: str, pen: Pen) -> list[dict[str, Any]]:
    """Give the figures of the head: numbers now, and rates of the period with their n."""
    rates = {"in_time": (count.in_time, count.due), "upheld": (count.upheld, count.settled)}
    found = []
    for name in FIGURES:
        words = pen.word(f"figure.{name}", period=period)
        if name in rates:
            n, of = rates[name]
            value = f"{round(100 * n / of)}%" if of else say("figure.none", pen.language)
            found.append({"name": name, "words": words, "value": value, "note": f"{n}/{of}"})
        else:
            found.append({"name": name, "words": words, "value": getattr(count, name), "note": ""})
    return found


def bars(counts: Mapping[Any, Any], named: Callable[[Any], str], pen: Pen) -> list[dict[str, Any]]:
    """Give counts by township or department as rows with a bar: open ones, of them overdue, and those of the period."""
    most = max((count.open for count in counts.values()), default=0)
    return [
        {
            "code": code or "",
            "name": named(code),
            "open": count.open,
            "overdue": count.overdue,
            "opened": count.opened,
            "upheld": f"{count.upheld}/{count.settled}" if count.settled else say("figure.none", pen.language),
            "most": max(most, 1),
        }
        for code, count in counts.items()
    ]


def waiting(rulings: Sequence[Ruling], pen: Pen) -> list[dict[str, Any]]:
    """List the rulings that wait for the next version of the lists, the newest first."""
    return [
        {
            "key": one.code,
            "matter": pen.book.matter(one.matter, pen.language),
            "code": one.matter,
            "href": f"/disputes?case={one.number}",
            "row": pen.word(
                "waiting.row.upheld" if one.to_department == one.from_department else "waiting.row",
                place=pen.place(one.township),
                role=say(f"role.{one.role}", pen.language),
                before=pen.department(one.from_department),
                after=pen.department(one.to_department),
            ),
            "since": pen.word("waiting.since", day=one.settled_on.isoformat(), number=one.number),
            "change": one.change,
        }
        for one in reversed(rulings)
    ]


def periods(today: date, language: str) -> list[dict[str, str]]:
    """Give the periods to choose from: the months of this year, the newest first, this year and the last one."""
    months = [f"{today.year}-{month:02}" for month in range(today.month, 0, -1)]
    years = [(str(year), say("disputes.year", language, year=year)) for year in (today.year, today.year - 1)]
    return [{"value": value, "label": label} for value, label in [*((one, one) for one in months), *years]]


def of_case(state: CaseState, rows: Iterable[Any], bodies: Sequence[tuple[str, str]], pen: Pen) -> dict[str, Any]:
    """Give the disputes of one case, and what a new one can be about.

    Parameters
    ----------
    rows
        The case's rows of `data.views.DisputeRow`.
    bodies
        Codes and names of departments to choose from.
    """
    legs = [leg for leg in state.legs if state.is_pending and leg.is_active and not leg.disputed]
    return {
        "number": state.number,
        "href": f"/disputes?case={state.number}",
        "rows": [pen.row(row) for row in rows],
        "legs": [{"leg": leg.number, "actor": leg.department, "words": pen.part(leg)} for leg in legs],
        "bodies": bodies,
    }
