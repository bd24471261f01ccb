"""Random but lawful lives of cases: every event is one that the rules of the trade allow at its moment."""

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.calendar import Calendar
from cases.case import CaseState
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold
from cases.lifecycle import allowed
from data.store import SqlCaseStore
from tests.data.samples import DAY, NOON, put

CALENDAR = Calendar(
    ZoneInfo("Asia/Shanghai"), [(time(8, 30), time(12)), (time(14), time(17, 30))], covered=range(2020, 2031)
)
BUDGETS = {
    "respond": {"amount": 30, "unit": "minutes"},
    "arrive": {"amount": 60, "unit": "minutes"},
    "finish": {"amount": 1, "unit": "working_days"},
    "verify": {"amount": 120, "unit": "office_minutes"},
}
DEPARTMENTS = ("zhzf", "sthj", "scjg", "zjj")


def place(chance: random.Random) -> dict[str, Any]:
    """A place in one of a few cells, or nowhere."""
    township, village, cell = chance.choice("123"), chance.choice("12"), chance.choice("123")
    found = chance.random() < 0.9
    return {
        "lon": 121.2 if found else None,
        "lat": 30.1 if found else None,
        "township": f"33028200{township}" if found else None,
        "village": f"33028200{township}00{village}" if found else None,
        "cell": f"33028200{township}00{village}00{cell}" if found else None,
        "areas": {"precinct": township} if found else {},
        "flags": [] if found else ["outside"],
    }


def received(chance: random.Random, source_id: str, at: datetime) -> Event:
    """The event that opens a case, with one to three departments."""
    lead, *others = chance.sample(DEPARTMENTS, chance.choice([1, 1, 2, 3]))
    legs = [{"role": "lead", "department": lead}] + [{"role": "coordinating", "department": other} for other in others]
    data = {
        "source": "grid",
        "source_id": source_id,
        "matter": chance.choice(["YJS-01", "YJS-02"]),
        "platform": "enforcement",
        "domain": "law_enforcement",
        "occurred_at": at.isoformat(),
        "place": place(chance),
        "report": {"description": "油烟"},
        "legs": [leg | {"unit": None, "clause": "", "sentence": ""} for leg in legs],
        "list_version": "2026-01",
        "budgets": BUDGETS,
    }
    return Event(EventKind.RECEIVED, at, at, "grid", 1, data)


def anything(chance: random.Random, state: CaseState, at: datetime) -> Event:
    """An event of a kind that is possible now, for some leg and with data that may fit."""
    kind = EventKind(chance.choice(allowed(state)))
    data = {
        "finding": "超标",
        "reason": "理由",
        "approved_by": "zhzx",
        "amount": 1,
        "text": "看过了",
        "department": chance.choice(DEPARTMENTS),
        "place": place(chance),
        "into": "CX20260304-00001",
    }
    return Event(kind, at, at, "zhzf", chance.choice([None, *(leg.number for leg in state.legs)]), data)


def live(store: SqlCaseStore, chance: random.Random, source_id: str, events: int) -> CaseState:
    """Store a case that begins within some days of noon and goes through so many events."""
    at = NOON + timedelta(microseconds=chance.randrange(5 * 86_400_000_000))
    opening = received(chance, source_id, at)
    state = put(store, DAY, source_id, [opening], fold([opening], CALENDAR))
    for _ in range(events):
        at += timedelta(microseconds=chance.choice([0, 60_000_000, chance.randrange(40_000_000_000)]))
        history = store.history(state.number)
        event = anything(chance, state, at)
        if event.kind is EventKind.MERGED and state.number == "CX20260304-00001":
            continue
        try:
            changed = fold([*history, event], CALENDAR, state.number)
        except CaseError:
            continue
        state = store.append(state.number, state.revision, [event], changed)
    return state


def county(store: SqlCaseStore, seed: int, cases: int, events: int) -> Sequence[CaseState]:
    """Store so many cases with up to so many events each, the same ones for the same seed."""
    chance = random.Random(seed)
    return [live(store, chance, str(count), chance.randrange(events)) for count in range(cases)]
