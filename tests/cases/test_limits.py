"""The table of the clocks says what histories do to them: no more and no less."""

import random
from collections.abc import Iterator

import pytest

from cases.calendar import Calendar
from cases.case import CaseState
from cases.clock import Clock, ClockKind
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold
from cases.lifecycle import LIMITS, TRANSITIONS, LegRule, allowed
from tests.cases.factories import LITTER, SMOKE, STRANGE, Walk, china

WALKS, STEPS = 500, 25
LIKELY = {EventKind.ACCEPTED: 8, EventKind.FOUND: 8, EventKind.DISPUTED: 4, EventKind.SETTLED: 8}
"""So many times as likely as the others: without these a walk seldom gets far."""
CALENDAR: Calendar = china()
Clocks = dict[tuple[ClockKind, int | None, int], Clock]


def clocks_of(state: CaseState) -> Clocks:
    """The clocks of a case and those of its disputes, each by what it is."""
    own = {(clock.kind, clock.leg, clock.round): clock for clock in state.clocks}
    return own | {(ClockKind.ADJUDICATE, None, n): dispute.clock for n, dispute in enumerate(state.disputes)}


def histories() -> Iterator[list[Event]]:
    """Cases that are taken through the closed loop by whatever is possible, always the same ones."""
    chance = random.Random(1)
    for matter in random.Random(2).choices([SMOKE, LITTER, STRANGE], weights=[4, 1, 1], k=WALKS):
        walk = Walk(matter)
        other = Walk(matter, walk.desk, source_id="2").state.number
        for _ in range(chance.randint(1, STEPS)):
            kinds = [EventKind(kind) for kind in allowed(walk.state)]
            (kind,) = chance.choices(kinds, [LIKELY.get(kind, 1) for kind in kinds])
            leg = chance.choice(walk.state.legs).number if TRANSITIONS[kind].leg is not LegRule.NONE else None
            departments = [one.department for one in walk.state.legs] + ["zjj"]
            more = {"into": other, "reason": "核实后处理"}
            if kind in (EventKind.TRANSFERRED, EventKind.SETTLED):
                more["department"] = chance.choice(departments)
            at = walk.at
            try:
                walk.do(kind.value, leg, chance.randint(1, 600), **more)
            except CaseError:
                walk.at = at
        yield walk.events


@pytest.fixture(scope="module")
def seen() -> dict[str, set[tuple[ClockKind, EventKind]]]:
    """Which clock was started, stopped and changed by which event."""
    found: dict[str, set[tuple[ClockKind, EventKind]]] = {"starts": set(), "stops": set(), "changes": set()}
    for events in histories():
        before: Clocks = {}
        for count, event in enumerate(events, start=1):
            after = clocks_of(fold(events[:count], CALENDAR, "1"))
            for key, clock in after.items():
                if key not in before:
                    found["starts"].add((clock.kind, event.kind))
                elif clock.stopped_at and not before[key].stopped_at:
                    found["stops"].add((clock.kind, event.kind))
                elif (clock.pauses, clock.budget) != (before[key].pauses, before[key].budget):
                    found["changes"].add((clock.kind, event.kind))
            before = after
    return found


def test_every_clock_has_a_row() -> None:
    assert set(LIMITS) == set(ClockKind)


@pytest.mark.parametrize("part", ["starts", "stops"])
def test_clocks_start_and_stop_at_the_events_of_the_table_and_at_no_others(
    seen: dict[str, set[tuple[ClockKind, EventKind]]], part: str
) -> None:
    told = {(kind, event) for kind, row in LIMITS.items() for event in getattr(row, part)}
    assert seen[part] == told


def test_only_a_pausable_clock_is_extended_suspended_and_resumed(
    seen: dict[str, set[tuple[ClockKind, EventKind]]],
) -> None:
    pausable = {kind for kind, row in LIMITS.items() if row.pausable}
    changing = {EventKind.EXTENDED, EventKind.SUSPENDED, EventKind.RESUMED}
    assert seen["changes"] == {(kind, event) for kind in pausable for event in changing}
