"""The township page: its pending cases with who is late, open disputes, and how its limits were kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from cases.assessment import shrunk
from cases.case import CaseState, Leg
from cases.clock import CASE_CLOCKS, Clock, ClockKind
from cases.events import EventKind
from cases.lifecycle import can_record, names_of
from dashboard.text import say
from dashboard.views.case import first_due
from dashboard.views.names import Book
from dashboard.views.tables import ms

DRIVING = (EventKind.URGED, EventKind.SUPERVISED)
FEW = 30
"""Of fewer limits than this a share says little by itself: it is shown drawn towards the county's."""
WARN, ALARM = Fraction(5, 100), Fraction(10, 100)
"""How far below the county a share must lie to be amber, and red."""


def answering(state: CaseState, clock: Clock | None) -> Leg | None:
    """Find the leg that a clock waits for: its owner, the lead for the case's own end, nobody for a check."""
    if clock is None or clock.kind is ClockKind.VERIFY:
        return None
    return state.lead if clock.leg is None else state.leg(clock.leg)


def case_items(
    states: Iterable[CaseState], places: Mapping[str, str], township: str, book: Book, language: str
) -> list[dict[str, Any]]:
    """Draw pending cases in the order in which they come, each with the leg that is waited for and what may drive it.

    Parameters
    ----------
    places
        Case number to the words of its place.
    township
        Code of the township, which drives others and never itself.
    """
    return [_case(state, places.get(state.number, ""), township, book, language) for state in states]


def _case(state: CaseState, place: str, township: str, book: Book, language: str) -> dict[str, Any]:
    clock = first_due(state.clocks)
    leg = answering(state, clock)
    who = (book.unit(leg.unit) if leg.unit else book.department(leg.department, language)) if leg else ""
    return {
        "key": state.number,
        "number": state.number,
        "matter": book.matter(state.matter, language),
        "place": place,
        "due": ms(clock.due.due_at) if clock and clock.due else None,
        "amber": ms(clock.due.amber_at) if clock and clock.due else None,
        "clock": say(f"clock.{clock.kind}", language) if clock else say(f"status.{state.status}", language),
        "leg": leg.number if leg else None,
        "who": who,
        "marks": _marks(state, leg, language),
        "acts": [str(kind) for kind in DRIVING if leg and drives(state, kind, leg, township)],
        "urged": leg.urged if leg else 0,
        "supervised": ms(leg.supervised_at) if leg else None,
    }


def drives(state: CaseState, kind: EventKind, leg: Leg, actor: str) -> bool:
    """Whether somebody may urge or supervise a leg now: the rules allow it, and it is not its own."""
    return actor not in names_of(state, leg) and can_record(state, kind, leg.number)


def _marks(state: CaseState, leg: Leg | None, language: str) -> list[dict[str, str]]:
    marks = {
        "owes": bool(leg and leg.owes_reply) and say("township.owes", language),
        "replied": bool(leg and leg.supervised_at and not leg.owes_reply) and say("township.replied", language),
        "urged": bool(leg and leg.urged) and say("case.leg.urged", language, n=leg.urged if leg else 0),
        "disputed": state.open_dispute() is not None and say("case.leg.disputed", language),
        "provisional": any(c.due and c.due.provisional and c.stopped_at is None for c in state.clocks)
        and say("township.provisional", language),
    }
    return [{"kind": kind, "words": str(words)} for kind, words in marks.items() if words]


def dispute_items(disputes: Iterable[Any], book: Book, language: str) -> list[dict[str, Any]]:
    """Draw open disputes, as they come, with the adjudicator's own limit."""
    return [
        {
            "key": f"{one.number}/{one.ordinal}",
            "number": one.number,
            "matter": book.matter(one.matter, language),
            "between": " ↔ ".join(
                book.department(code, language) for code in dict.fromkeys((one.department, one.wanted)) if code
            ),
            "clause": one.clause,
            "due": ms(one.due_at),
            "amber": ms(one.amber_at),
        }
        for one in disputes
    ]


def share_items(
    own: tuple[Mapping[ClockKind, Any], Mapping[ClockKind, Any]], county: Mapping[ClockKind, Any], language: str
) -> list[dict[str, Any]]:
    """Draw, for each kind of limit, the share that was kept this month and last month, each with its n.

    Parameters
    ----------
    own
        What `data.views.kept_limits` says of the township, for this month and for the one before.
    county
        The same of the whole county over both months, towards which shares over few limits are shrunk.
    """
    return [_share(kind, *(month[kind] for month in own), county[kind], language) for kind in CASE_CLOCKS]


def _share(kind: ClockKind, now: Any, before: Any, county: Any, language: str) -> dict[str, Any]:
    usual = Fraction(county.kept, county.ended) if county.ended else None
    value, past = _estimate(now, usual), _estimate(before, usual)
    behind = usual - value if value is not None and usual is not None else Fraction(0)
    points = None if value is None or past is None else round(100 * float(value - past), 1)
    return {
        "key": str(kind),
        "name": say(f"clock.{kind}", language),
        "share": _percent(value, language),
        "part": None if value is None else round(float(value), 4),
        "usual": None if usual is None else round(float(usual), 4),
        "n": say("township.share.n", language, kept=f"{now.kept:,}", n=f"{now.ended:,}"),
        "before": say("township.share.before", language, share=_percent(past, language), n=f"{before.ended:,}"),
        "change": "" if points is None else f"{'▲' if points > 0 else '▼' if points < 0 else '＝'} {abs(points):.1f}",
        "way": 0 if points is None else (points > 0) - (points < 0),
        "few": say("township.share.few", language, few=FEW) if 0 < now.ended < FEW else "",
        "level": 3 if behind >= ALARM else 2 if behind >= WARN else 1,
    }


def _estimate(one: Any, usual: Fraction | None) -> Fraction | None:
    """Give the share that was kept; drawn towards the usual one where there are few, None where there is none."""
    if not one.ended:
        return None
    drawn = shrunk(one.kept, one.ended, usual) if one.ended < FEW else None
    return Fraction(one.kept, one.ended) if drawn is None else drawn


def _percent(share: Fraction | None, language: str) -> str:
    return say("figure.none", language) if share is None else f"{100 * float(share):.1f}%"


def month_before(day: datetime) -> datetime:
    """Give the first midnight of the month before the one that begins at `day` (aware, local)."""
    return day.replace(year=day.year - 1, month=12) if day.month == 1 else day.replace(month=day.month - 1)
