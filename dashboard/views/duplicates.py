"""Two cases side by side, the work list and the panel of a case as words, ready for assets/js/duplicates.js."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from cases.case import CaseState, Leg
from cases.duplicates import Candidate
from cases.history import MERGED_INTO_LATER
from dashboard import ids
from dashboard.text import say
from dashboard.views.case import first_due, level_of, masked_contact
from dashboard.views.names import Book
from dashboard.views.tables import ms

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WHY = ("same_reporter", "same_source", "text")


def panel() -> Component:
    """Give the place of the panel on the case page, with the store that a callback fills."""
    return html.Div(
        [dcc.Store(id=ids.CASE_DUPLICATES), html.Section(className="panel", **{"data-onemap": "case-duplicates"})],
        className="panel-duplicates",
    )


def address(one: str, other: str) -> str:
    """Give the page on which two cases stand side by side."""
    return f"/duplicates?case={one}&beside={other}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two cases: its state, and every report of it as `data.views` gives it."""

    state: CaseState
    reports: Sequence[Any]

    @property
    def number(self) -> str:
        """Its number."""
        return self.state.number


@dataclass(frozen=True, slots=True)
class Comparer:
    """Writes comparisons in one language and zone at one moment."""

    book: Book
    language: str
    zone: ZoneInfo
    now: datetime

    def word(self, key: str, **values: Any) -> str:
        """Give the words for a key."""
        return say(f"duplicates.{key}", self.language, **values)

    def at(self, instant: datetime) -> str:
        """Write an instant, its year only where it is another one."""
        local = instant.astimezone(self.zone)
        return local.strftime("%m-%d %H:%M" if local.year == self.now.astimezone(self.zone).year else "%Y-%m-%d %H:%M")

    def metres(self, distance_m: float | None) -> str:
        """Write a distance."""
        return self.word("no_distance") if distance_m is None else self.word("metres", n=f"{distance_m:,.0f}")

    def apart(self, span: timedelta) -> str:
        """Write the time between two occurrences in the unit that suits it."""
        span = abs(span)
        if span < timedelta(minutes=1):
            return self.word("apart.same")
        if span < 2 * HOUR:
            return self.word("apart.minutes", n=round(span / timedelta(minutes=1)))
        if span < 2 * DAY:
            return self.word("apart.hours", n=f"{span / HOUR:.1f}".removesuffix(".0"))
        return self.word("apart.days", n=f"{span / DAY:.1f}".removesuffix(".0"))

    # One case beside another.

    def side(self, side: Side) -> dict[str, Any]:
        """Write one of two cases: what a person needs to judge, contacts masked."""
        state, report = side.state, side.state.report
        due = first_due(state.clocks)
        photos = [str(one) for one in report.get("photos") or () if str(one).startswith(("http://", "https://"))]
        return {
            "number": state.number,
            "href": f"/case/{state.number}",
            "matter": self.book.matter(state.matter, self.language),
            "status": str(state.status),
            "status_word": say(f"status.{state.status}", self.language),
            "level": int(level_of(state.clocks, self.now)) if state.is_pending else 0,
            "due": ms(due.due.due_at) if due and due.due else None,
            "amber": ms(due.due.amber_at) if due and due.due else None,
            "due_word": say(f"clock.{due.kind}", self.language) if due else "",
            "description": str(report.get("description") or ""),
            "facts": self._facts(state),
            "photos": [{"href": href, "words": self.word("photo", n=n)} for n, href in enumerate(photos, 1)],
            "legs": [self._leg(leg) for leg in state.legs if leg.is_active],
            "reports": self.reports(side.reports),
            "open": state.is_pending,
            "merged_into": state.merged_into,
        }

    def _facts(self, state: CaseState) -> list[tuple[str, str]]:
        facts = [
            ("fact.place", self.book.place(state.township, state.village, state.cell, self.language)),
            ("fact.source", self.book.source(state.source, self.language)),
            ("fact.occurred", self.at(state.occurred_at)),
            ("fact.received", self.at(state.received_at)),
            ("fact.contact", masked_contact(state.report.get("contact"))),
        ]
        return [(say(key, self.language), value) for key, value in facts if value]

    def _leg(self, leg: Leg) -> dict[str, str]:
        return {
            "role": say(f"role.{leg.role}", self.language),
            "department": self.book.department(leg.department, self.language),
            "unit": self.book.unit(leg.unit),
            "status": say(f"leg.{leg.status}", self.language),
        }

    def reports(self, reports: Sequence[Any]) -> dict[str, Any]:
        """Write every report of a case, with its number and source."""
        rows = [
            {
                "number": one.number,
                "href": f"/case/{one.number}",
                "source": self.book.source(one.source, self.language),
                "at": self.at(one.received_at),
                "contact": masked_contact(dict(one.contact)),
            }
            for one in reports
        ]
        return {"title": self.word("reports", n=len(rows)), "rows": rows}

    def comparison(
        self, one: Side, other: Side, likely: Candidate | None, distance_m: float | None, *, told_apart: bool
    ) -> dict[str, Any]:
        """Write two cases side by side, the one that was received first on the left.

        Parameters
        ----------
        likely
            What `data.views.suggestions` says of the other one; None when it is not suggested.
        distance_m
            In the region's metric CRS; None when one of the two has no place.
        told_apart
            Whether somebody has said that they are not the same.
        """
        first, second = sorted((one, other), key=lambda side: (side.state.received_at, side.number))
        return {
            "sides": [self.side(first), self.side(second)],
            "apart": self.apart(second.state.occurred_at - first.state.occurred_at),
            "metres": self.metres(distance_m),
            "score": self.word("score", n=likely.score) if likely else "",
            "why": self._why(first.state, second.state, likely),
            "points": None if distance_m is None else [[s.state.lon, s.state.lat] for s in (first, second)],
            "stays": self._stays(first.state, second.state),
            "reason_needed": first.state.matter != second.state.matter,
            "both": self.word("merge.both", n=len(first.reports) + len(second.reports)),
            "told_apart": self.word("told_apart") if told_apart else "",
            "merged": self._merged(first.state, second.state),
        }

    def _why(self, first: CaseState, second: CaseState, likely: Candidate | None) -> list[str]:
        reasons = [name for name in WHY if likely and name in likely.why]
        return [
            self.word(f"why.{name}")
            for name in [*reasons, *(["other_matter"] if first.matter != second.matter else [])]
        ]

    @staticmethod
    def _stays(first: CaseState, second: CaseState) -> list[str]:
        """Give the numbers that may stay, the default first: whichever of the two goes must still be open."""
        pairs = ((first, second), (second, first))
        return [stays.number for stays, goes in pairs if goes.is_pending and stays.merged_into is None]

    def _merged(self, first: CaseState, second: CaseState) -> dict[str, str] | None:
        gone = next((state for state in (first, second) if state.merged_into), None)
        if gone is None or gone.merged_into is None:
            return None
        stays = gone.merged_into
        return {
            "words": self.word("merged", gone=gone.number, stays=stays)
            + (self.word("merge.later") if MERGED_INTO_LATER in gone.notes else ""),
            "href": f"/case/{stays}",
            "open": self.word("merged.open", stays=stays),
        }

    # Lists.

    def suggestion(self, number: str, found: Any) -> dict[str, Any]:
        """Write one suggestion of a case in a line."""
        return {
            "number": found.case.number,
            "href": address(number, found.case.number),
            "near": f"{self.metres(found.likely.distance_m)} · {self.apart(found.likely.apart)}",
            "status": say(f"status.{found.case.status}", self.language),
            "source": self.book.source(found.case.source, self.language),
            "description": found.description,
            "score": found.likely.score,
        }

    def others(self, number: str, found: Sequence[Any], shown: Collection[str]) -> dict[str, Any] | None:
        """Write the other suggestions of a case, for whoever has judged one of them; None when there are none."""
        rows = [self.suggestion(number, one) for one in found if one.case.number not in shown]
        return {"title": self.word("others", number=number), "rows": rows} if rows else None

    def of_case(self, state: CaseState, found: Any, reports: Sequence[Any]) -> dict[str, Any]:
        """Write the panel of a case: what may be the same, and its reports."""
        return {
            "number": state.number,
            "count": found.total,
            "rows": [self.suggestion(state.number, one) for one in found.found],
            "reports": self.reports(reports),
            "merged": self.word("panel.merged", number=state.merged_into) if state.merged_into else "",
            "merged_href": f"/case/{state.merged_into}" if state.merged_into else "",
        }

    def work(self, found: Any) -> dict[str, Any]:
        """Write the work list."""
        shown, key = len(found.rows), "work.count" if found.total == len(found.rows) else "work.capped"
        return {"count": self.word(key, n=found.total, shown=shown), "rows": [self._pair(pair) for pair in found.rows]}

    def _pair(self, pair: Any) -> dict[str, Any]:
        return {
            "href": address(pair.case.number, pair.other.number),
            "score": pair.likely.score,
            "matter": self.book.matter(pair.case.matter, self.language),
            "near": f"{self.metres(pair.likely.distance_m)} · {self.apart(pair.likely.apart)}",
            "cases": [self._short(row) for row in (pair.other, pair.case)],
            "more": self.word("more", n=pair.suggestions - 1) if pair.suggestions > 1 else "",
        }

    def _short(self, row: Any) -> dict[str, str]:
        return {
            "number": row.number,
            "place": self.book.place(row.township, row.village, row.cell, self.language),
            "source": self.book.source(row.source, self.language),
            "at": self.at(row.occurred_at),
            "status": say(f"status.{row.status}", self.language),
        }


def told_apart(one: str, other: str, comments: Mapping[str, Collection[str]]) -> bool:
    """Say whether a comment on either case names the other one as no duplicate."""
    return other in comments.get(one, ()) or one in comments.get(other, ())
