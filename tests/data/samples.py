"""Cases and events for the tests of the memory, built by hand: what is stored need not make sense to the trade."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due
from cases.events import Event, EventKind
from cases.ports import NewCase
from data.store import SqlCaseStore

NOON = datetime(2026, 3, 4, 4, 0, 0, 123457, tzinfo=UTC)
DAY = date(2026, 3, 4)
MINUTE = timedelta(minutes=1)


def a_clock(
    kind: ClockKind = ClockKind.RESPOND, leg: int | None = 1, start: datetime = NOON, minutes: int = 30
) -> Clock:
    """A running clock of so many minutes; a fifth of them is amber."""
    due = Due(start + minutes * MINUTE * 4 / 5, start + minutes * MINUTE)
    return Clock(kind, leg, 1, start, Budget(minutes, BudgetUnit.MINUTES), due=due)


def a_leg(number: int = 1, role: LegRole = LegRole.LEAD, department: str = "zhzf") -> Leg:
    """A leg that has just been asked."""
    return Leg(number, role, department, f"{department}-hs", "第三条", "由其牵头", LegStatus.ASKED, asked_at=NOON)


def a_state(source_id: str = "1", at: datetime = NOON, **changes: Any) -> CaseState:
    """A case that has just been received, in a cell of 浒山, with one leg, one clock and one open span."""
    state = CaseState(
        number="",
        status=Status.RECEIVED,
        source="grid",
        source_id=source_id,
        matter="YJS-01",
        platform="enforcement",
        domain="law_enforcement",
        occurred_at=at,
        received_at=at,
        lon=121.2663412,
        lat=30.1701234,
        cell="330282002001003",
        village="330282002001",
        township="330282002",
        areas={"precinct": "61"},
        flags=("boundary",),
        report={
            "description": "占道经营",
            "contact": {"name": "", "phone": ""},
            "photos": [],
            "raw": {"x": 121.26, "y": 30.17},
        },
        list_version="2026-01",
        legs=(a_leg(),),
        clocks=(a_clock(start=at),),
        spans=(Span(at),),
    )
    return replace(state, **changes)


def an_event(kind: EventKind = EventKind.RECEIVED, at: datetime = NOON, **data: Any) -> Event:
    """An event that was recorded three seconds after it happened."""
    return Event(kind, at, at + timedelta(seconds=3), "grid", None, data)


def put(store: SqlCaseStore, day: date, body_hash: str, events: Sequence[Event], state: CaseState) -> CaseState:
    """Store a new case."""
    return store.add_all("CX", [NewCase(day, body_hash, events, state)])[0]


def add(store: SqlCaseStore, source_id: str = "1", at: datetime = NOON, **changes: Any) -> CaseState:
    """Store a new case with one event."""
    return put(store, DAY, f"hash of {source_id}", [an_event(at=at)], a_state(source_id, at, **changes))


def comment(store: SqlCaseStore, state: CaseState, text: str = "看过了") -> CaseState:
    """Append a comment to a case as it stands."""
    return store.append(state.number, state.revision, [an_event(EventKind.COMMENTED, text=text)], state)
