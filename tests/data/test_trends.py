"""What the wall looks back on equals a recount of the folded cases, stretch by stretch and area by area."""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import Engine

from cases.case import CaseState, Status
from cases.clock import ClockKind, Level
from cases.events import EventKind
from cases.history import fold, level_of
from data import views
from data.store import SqlCaseStore
from tests.data.lives import CALENDAR, county
from tests.data.samples import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRETCHES = [(NOON, NOON), (NOON, NOON + DAY), (NOON + 30 * HOUR, NOON + 31.5 * HOUR), (NOON - DAY, NOON + 30 * DAY)]


@pytest.fixture
def states(engine: Engine) -> list[CaseState]:
    """Cases with everything that can happen to them, as their events fold."""
    store = SqlCaseStore(engine)
    found = county(store, seed=23, cases=50, events=26)
    return [fold(store.history(state.number), CALENDAR, state.number) for state in found]


def came_and_went(states: list[CaseState], start: datetime, end: datetime) -> views.Flow:
    """Count by hand."""
    stay = [state for state in states if state.status is not Status.MERGED]
    received = sum(start <= state.received_at < end for state in stay)
    closed = sum(bool(s.closed_at and start <= s.closed_at < end) for state in stay for s in state.spans)
    return views.Flow(received, closed)


def test_what_came_and_went_equals_a_recount(engine: Engine, states: list[CaseState]) -> None:
    counted = views.flows(engine, STRETCHES)
    assert counted == [came_and_went(states, *stretch) for stretch in STRETCHES]
    assert counted[-1].received > 20
    assert counted[-1].closed > 0
    assert views.flows(engine, []) == []


def test_quarters_of_an_hour_add_up_to_every_stretch_that_begins_and_ends_on_one(
    engine: Engine, states: list[CaseState]
) -> None:
    quarters = views.flow_by_quarter(engine, NOON - DAY, NOON + 30 * DAY)
    for start in (NOON - HOUR, NOON + 1.25 * HOUR, NOON + 2 * DAY):
        end = start + 7.5 * HOUR
        within = range(views.quarter_hour(start), views.quarter_hour(end))
        total = sum((flow for quarter, flow in quarters.items() if quarter in within), views.Flow())
        assert total == came_and_went(states, start, end)


def test_how_many_stood_open_equals_a_recount(engine: Engine, states: list[CaseState]) -> None:
    instants = [NOON - DAY, NOON + DAY, NOON + 3 * DAY]
    for at, count in zip(instants, views.standing(engine, instants), strict=True):
        levels = [level_of(state, at) for state in states]
        assert count.pending == sum(level is not Level.NONE for level in levels)
        assert (count.amber, count.red) == (levels.count(Level.AMBER), levels.count(Level.RED))


def test_an_empty_database_looks_back_on_nothing(engine: Engine) -> None:
    assert views.first_received(engine) is None
    assert views.flow_by_quarter(engine, NOON, NOON + DAY) == {}
    assert views.flows(engine, [(NOON, NOON + DAY)]) == [views.Flow()]
    assert views.rates_by_area(engine, NOON, NOON + DAY, ("cell", "township")) == (views.Rates(), [{}, {}])


def test_rates_of_areas_equal_a_recount_and_those_of_the_county_the_figures_of_the_period(
    engine: Engine, states: list[CaseState]
) -> None:
    store = SqlCaseStore(engine)
    start, end = NOON + HOUR, NOON + 4 * DAY
    whole, (cells, townships) = views.rates_by_area(engine, start, end, ("cell", "township"))
    figures = views.day_figures(engine, start, end)
    assert (whole.finish_due, whole.on_time) == (figures.finish_due, figures.finished_on_time)
    for found, area in ((cells, "cell"), (townships, "township")):
        assert found == recount(store, states, start, end, area)
    assert sum(rates.responses for rates in townships.values()) == whole.responses > 10
    assert views.first_received(engine) == min(state.received_at for state in states)


def recount(
    store: SqlCaseStore, states: list[CaseState], start: datetime, end: datetime, area: str
) -> dict[str | None, views.Rates]:
    """Count by hand: results within the period, limits that passed in it, answers of first-asked departments."""
    due: dict[str | None, list[bool]] = defaultdict(list)
    answers: dict[str | None, list[float]] = defaultdict(list)
    for state in states:
        if state.status is Status.MERGED:
            continue
        results = {e.occurred_at for e in store.history(state.number) if e.kind is EventKind.FINISHED}
        code = getattr(state, area)
        for clock in state.clocks:
            stopped = clock.stopped_at
            within = stopped is not None and start <= stopped < end
            if clock.kind is ClockKind.RESPOND and within:
                answers[code].append((stopped - clock.started_at).total_seconds())  # type: ignore[operator]
            if clock.kind is not ClockKind.FINISH:
                continue
            limit = clock.due.due_at if clock.due else None
            if within and stopped in results:
                due[code].append(limit is not None and stopped <= limit)
            elif limit and start <= limit < end and (stopped is None or stopped >= end):
                due[code].append(False)
    return {
        code: views.Rates(
            len(due[code]), sum(due[code]), len(answers[code]), median(answers[code]) if answers[code] else None
        )
        for code in set(due) | set(answers)
    }


def test_an_ordinary_day_is_the_median_of_each_figure() -> None:
    days = [{"received": 3, "closed": 9}, {"received": 5, "closed": 1}, {"received": 4, "closed": 2}]
    assert views.ordinary(days) == {"received": 4, "closed": 2}
    assert views.ordinary(days[:2]) == {"received": 4, "closed": 5}
    assert views.ordinary([]) == {}
