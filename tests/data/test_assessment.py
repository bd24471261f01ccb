"""What is counted for a unit is what a second opinion counts from the events, on both databases."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from cases.assessment import Count, period
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold
from cases.lifecycle import allowed
from data import views
from data.engine import reading
from data.store import SqlCaseStore
from data.views.assessment import Stretch, parts_behind, unit_counts
from tests.data.lives import CALENDAR, place
from tests.data.recount import Story, recount
from tests.data.samples import put

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 2, 20, tzinfo=UTC)
DEPARTMENTS = ("zhzf", "sthj", "scjg", "zjj")
UNITS = {"zhzf": "zhzf-001", "sthj": "sthj-001", "scjg": "scjg-001", "zjj": None}
BUDGETS = {
    "respond": {"amount": 30, "unit": "minutes"},
    "arrive": {"amount": 60, "unit": "minutes"},
    "finish": {"amount": 2000, "unit": "minutes"},
    "verify": {"amount": 120, "unit": "minutes"},
}
PERIODS = ("2026-02", "2026-03", "2026-04", "2026")
# The ordinary way is taken more often, so that cases come to their end.
WEIGHTS = {"accepted": 6, "called": 8, "arrived": 6, "found": 9, "finished": 6, "verified": 2, "returned": 2}
RARE = {"closed": 0.3, "merged": 0.15, "commented": 0.2, "urged": 0.1, "supervised": 0.1, "relocated": 0.1}


def opening(chance: random.Random, source_id: str, at: datetime) -> Event:
    lead, *others = chance.sample(DEPARTMENTS, chance.choice([1, 1, 2, 3]))
    legs = [("lead", lead)] + [("coordinating", other) for other in others]
    data = {
        "source": "grid",
        "source_id": source_id,
        "matter": "YJS-01",
        "platform": "enforcement",
        "domain": "integrated_enforcement",
        "occurred_at": at.isoformat(),
        "place": place(chance),
        "report": {},
        "legs": [{"role": r, "department": d, "unit": UNITS[d], "clause": "", "sentence": ""} for r, d in legs],
        "list_version": "2026-01",
        "budgets": BUDGETS,
    }
    return Event(EventKind.RECEIVED, at, at, "grid", 1, data)


def something(chance: random.Random, state: Any, at: datetime) -> Event:
    kinds = allowed(state)
    kind = chance.choices(kinds, [WEIGHTS.get(one, RARE.get(one, 1.0)) for one in kinds])[0]
    department = chance.choice(DEPARTMENTS)
    data = {
        "finding": "超标",
        "reason": "理由",
        "approved_by": "command",
        "amount": chance.choice([60, 600]),
        "text": "看过了",
        "department": department,
        "unit": UNITS[department],
        "decision": "维持",
        "clause": "第一项",
        "channel": "phone",
        "place": place(chance),
        "into": "CX20260220-00001",
    }
    return Event(EventKind(kind), at, at, "tester", chance.choice([None, *(leg.number for leg in state.legs)]), data)


def live(store: SqlCaseStore, chance: random.Random, source_id: str) -> str:
    """Store a case that begins somewhere in two months and goes through random lawful events."""
    at = FIRST + timedelta(microseconds=chance.randrange(50 * 86_400_000_000))
    first = opening(chance, source_id, at)
    state = put(store, date(2026, 2, 20), source_id, [first], fold([first], CALENDAR))
    for _ in range(chance.randrange(30)):
        at += timedelta(
            seconds=chance.choice([90, 600, chance.randrange(60, 90_000)]), microseconds=chance.randrange(1000)
        )
        event = something(chance, state, at)
        if event.kind is EventKind.MERGED and state.number == "CX20260220-00001":
            continue
        try:
            changed = fold([*store.history(state.number), event], CALENDAR, state.number)
        except CaseError:
            continue
        state = store.append(state.number, state.revision, [event], changed)
    return state.number


def stretch_of(name: str, now: datetime | None = None) -> Stretch:
    start, end = period(name).instants(SHANGHAI)
    return Stretch(start, min(end, now) if now else end)


def counted(engine: Engine, stretch: Stretch) -> dict[tuple[str, Count], int]:
    with reading(engine) as connection:
        found = unit_counts(connection, stretch)
    return {(unit, count): n for unit, counts in found.items() for count, n in counts.items() if n}


def stories(store: SqlCaseStore, numbers: Iterable[str]) -> list[Story]:
    return [Story(store.history(number)) for number in numbers]


def test_the_counts_are_those_of_a_recount_from_the_events(engine: Engine) -> None:
    store, chance = SqlCaseStore(engine), random.Random(20260301)
    told = stories(store, [live(store, chance, str(n)) for n in range(220)])
    seen: set[Count] = set()
    for name in PERIODS:
        for now in (None, stretch_of(name).start + timedelta(days=9, hours=5)):
            stretch = stretch_of(name, now)
            counts = counted(engine, stretch)
            assert counts == dict(recount(told, *stretch)), (name, now)
            seen |= {count for _, count in counts}
    assert seen == set(Count), "the lives meet everything that can be counted"


@pytest.mark.parametrize("name", ["2026-03", "2026"])
def test_behind_every_count_stand_as_many_cases_as_it_says_page_after_page(engine: Engine, name: str) -> None:
    store, chance = SqlCaseStore(engine), random.Random(7)
    for n in range(60):
        live(store, chance, str(n))
    stretch = stretch_of(name)
    counts = counted(engine, stretch)
    assert len(counts) > 20
    with reading(engine) as connection:
        for unit in filter(None, UNITS.values()):
            for count in Count:
                parts, cursor = [], None
                while True:
                    page = parts_behind(connection, stretch, unit, count, cursor, limit=7)
                    parts += page.parts
                    cursor = page.next
                    if cursor is None:
                        break
                assert len(parts) == counts.get((unit, count), 0), (unit, count)
                keys = [(part.number, part.leg, part.ordinal) for part in parts]
                assert keys == sorted(set(keys))
                if count in (Count.REWORK, Count.PASSED_ON):
                    assert len({part.number for part in parts}) == len(parts), "once for each case"


def test_a_cursor_that_is_none_is_refused(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(views.BadQuery, match="no cursor"):
        parts_behind(connection, stretch_of("2026"), "zhzf-001", Count.DUE, "abc")
