"""What the wall showed at a moment of the past, and how things were as far as is known today, against recounts."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from cases.case import CaseState
from cases.clock import Level
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold, level_of
from dashboard.board import Board, Ground
from data import views
from data.store import SqlCaseStore
from data.views import CaseFilter, Known
from tests.data.lives import CALENDAR, anything, received
from tests.data.samples import DAY, NOON, put

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
Shown = list[tuple[str, str | None, Level, datetime | None]]


class County:
    """A county that is recorded as time goes by, much of it late or a little ahead, with a board that follows it."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.engine, self.store, self.chance = engine, SqlCaseStore(engine), random.Random(seed)
        self.numbers: list[str] = []
        self.events: dict[str, list[Event]] = {}
        self.board = Board(Ground())

    def lag(self) -> timedelta:
        """How long after it happens something is recorded; now and then a little before."""
        lags = [timedelta(0), 3 * SECOND, 40 * SECOND, 20 * 60 * SECOND, 5 * HOUR, 30 * HOUR, -90 * SECOND]
        return self.chance.choices(lags, (2, 6, 4, 2, 2, 1, 1))[0]

    def step(self, now: datetime) -> None:
        """Record something at `now`."""
        if not self.numbers or self.chance.random() < 0.25:
            self.receive(now)
        else:
            self.go_on(self.chance.choice(self.numbers), now)

    def receive(self, now: datetime) -> None:
        opening = recorded(received(self.chance, str(len(self.numbers)), now - self.lag()), now)
        state = put(self.store, DAY, str(len(self.numbers)), [opening], fold([opening], CALENDAR))
        self.numbers.append(state.number)
        self.events[state.number] = [opening]

    def go_on(self, number: str, now: datetime) -> None:
        history = self.store.history(number)
        state = fold(history, CALENDAR, number)
        event = recorded(anything(self.chance, state, now - self.lag()), now)
        if event.kind == "merged" and number == self.numbers[0]:
            return
        try:
            changed = fold([*history, event], CALENDAR, number)
        except CaseError:
            return
        self.store.append(number, state.revision, [event], changed)
        self.events[number].append(event)

    def look(self, now: datetime) -> Shown:
        """Write down what the wall shows now."""
        self.board.apply(views.cases_changed_since(self.engine, self.board.revision, 100_000))
        rows = (self.board.case(number) for number in self.numbers)
        return sorted(((row.number, row.township, row.level(now), row.due_at) for row in rows if row), key=first)


def recorded(event: Event, now: datetime) -> Event:
    return Event(event.kind, event.occurred_at, now, event.actor, event.leg, event.data)


def first(row: tuple[object, ...]) -> str:
    return str(row[0])


def told(standing: Sequence[views.Standing]) -> Shown:
    return sorted(((one.number, one.township, one.level, one.due_at) for one in standing), key=first)


def counted(shown: Shown) -> Counter[tuple[str | None, Level]]:
    return Counter((township, level) for _, township, level, _ in shown)


def recount_today(county: County, at: datetime) -> Counter[tuple[str | None, Level]]:
    """By all events, one case at a time."""
    states = [fold(county.events[number], CALENDAR, number) for number in county.numbers]
    return Counter((state.township, level) for state in states if (level := level_of(state, at)))


def recount_then(county: County, at: datetime) -> Counter[tuple[str | None, Level]]:
    """By the events that were recorded by then, one case at a time, with the board's own rule for the level."""
    states = [
        fold(known, CALENDAR, number)
        for number in county.numbers
        if (known := [event for event in county.events[number] if event.recorded_at <= at])
    ]
    return Counter((state.township, on_board(state, at)) for state in states if state.is_pending)


def on_board(state: CaseState, at: datetime) -> Level:
    running = [clock.due for clock in state.clocks if clock.stopped_at is None and clock.due]
    if any(at > due.due_at for due in running):
        return Level.RED
    return Level.AMBER if any(at >= due.amber_at for due in running) else Level.GREEN


@pytest.mark.parametrize("seed", [3, 4])
def test_a_moment_is_told_as_the_wall_showed_it_and_as_it_was(engine: Engine, seed: int) -> None:
    county, now = County(engine, seed), NOON
    shown: dict[datetime, Shown] = {}
    for _ in range(300):
        now += timedelta(microseconds=county.chance.randrange(2_400_000_000))
        county.step(now)
        if county.chance.random() < 0.15:
            now += SECOND
            shown[now] = county.look(now)
    county.events = {number: list(county.store.history(number)) for number in county.numbers}
    different = 0
    for at, wall in shown.items():
        then, today = (told(views.standing_at(engine, at, known, CALENDAR)) for known in (Known.THEN, Known.TODAY))
        assert then == wall, at
        assert counted(then) == recount_then(county, at), at
        assert counted(today) == recount_today(county, at), at
        different += then != today
    assert len(shown) > 30
    assert different > 10, "the county must know some things late, or the test shows nothing"
    assert any(level is Level.RED for wall in shown.values() for _, _, level, _ in wall)


def test_a_moment_can_be_asked_for_some_kinds_of_cases_only(engine: Engine) -> None:
    county, now = County(engine, 9), NOON
    for _ in range(150):
        now += 20 * 60 * SECOND
        county.step(now)
    for known in Known:
        everything = views.standing_at(engine, now, known, CALENDAR)
        one = views.standing_at(engine, now, known, CALENDAR, CaseFilter(matter=("YJS-01",)))
        assert sorted(s.number for s in one) == sorted(s.number for s in everything if s.matter == "YJS-01")
        assert 0 < len(one) < len(everything)
        assert views.standing_at(engine, now, known, CALENDAR, CaseFilter(domain=("justice",))) == ()


def test_before_anything_was_recorded_the_wall_showed_nothing(engine: Engine) -> None:
    county = County(engine, 1)
    assert views.first_recorded(engine) is None
    assert views.standing_at(engine, NOON, Known.THEN, CALENDAR) == ()
    county.receive(NOON)
    assert views.first_recorded(engine) == NOON
    assert views.standing_at(engine, NOON - HOUR, Known.THEN, CALENDAR) == ()


def test_a_case_that_new_boundaries_have_moved_since_counts_where_it_stood_then(engine: Engine) -> None:
    county = County(engine, 2)
    county.receive(NOON)
    (number,) = county.numbers
    history = county.store.history(number)
    state = fold(history, CALENDAR, number)
    place = {"cell": "330282006001001", "village": "330282006001", "township": "330282006", "areas": {}, "flags": []}
    moved = Event(
        EventKind.REATTRIBUTED,
        NOON + 2 * HOUR,
        NOON + 2 * HOUR,
        "rules",
        None,
        {"place": place, "boundaries": "2026-03-04", "units": {}} | {"reason": "区划调整", "approved_by": "zhzx"},
    )
    county.store.append(number, state.revision, [moved], fold([*history, moved], CALENDAR, number))
    for known in Known:
        (before,) = views.standing_at(engine, NOON + HOUR, known, CALENDAR)
        (after,) = views.standing_at(engine, NOON + 3 * HOUR, known, CALENDAR)
        assert (before.township, before.cell) == (state.township, state.cell)
        assert (after.township, after.cell) == ("330282006", "330282006001001")
    (report,) = views.reports_between(engine, NOON - HOUR, NOON + HOUR)
    assert report.township == state.township, "a report counts where it was received"
