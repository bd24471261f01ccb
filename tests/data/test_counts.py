"""The counts of any instant are those of the folded events, counted one by one."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from cases.case import CaseState
from cases.clock import Level
from cases.history import fold, level_of
from data import views
from data.store import SqlCaseStore
from tests.data.lives import CALENDAR, county

LAYERS: dict[str, Callable[[CaseState], str | None]] = {
    "cell": lambda state: state.cell,
    "village": lambda state: state.village,
    "township": lambda state: state.township,
    "precinct": lambda state: state.areas.get("precinct"),
}


HOUR = timedelta(hours=1)


def folded(store: SqlCaseStore, states: list[CaseState]) -> list[CaseState]:
    return [fold(store.history(state.number), CALENDAR, state.number) for state in states]


def instants(states: list[CaseState]) -> list[datetime]:
    """Moments at which something changes and the microseconds on either side, thinned out, and far away ones."""
    edges = {span.opened_at for state in states for span in state.spans}
    edges |= {span.closed_at for state in states for span in state.spans if span.closed_at}
    for clock in (clock for state in states for clock in state.clocks):
        edges |= {clock.started_at, clock.stopped_at or clock.started_at}
        edges |= {clock.due.amber_at, clock.due.due_at} if clock.due else set()
    tick, far = timedelta(microseconds=1), timedelta(days=400)
    chosen = sorted(edges)[::9]
    return [at + step for at in chosen for step in (-tick, timedelta(0), tick)] + [min(edges) - far, max(edges) + far]


def recount(
    states: list[CaseState], at: datetime, area: Callable[[CaseState], str | None]
) -> dict[str | None, views.AreaCount]:
    levels = Counter((area(state), level_of(state, at)) for state in states)
    found = {}
    for code in {code for code, level in levels if level is not Level.NONE}:
        amber, red = levels[code, Level.AMBER], levels[code, Level.RED]
        found[code] = views.AreaCount(levels[code, Level.GREEN] + amber + red, amber, red)
    return found


def test_counts_at_any_instant_equal_a_recount_of_the_folded_events(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    states = folded(store, list(county(store, seed=7, cases=40, events=14)))
    seen: set[Level] = set()
    for at in instants(states):
        for layer, area in LAYERS.items():
            counts = views.counts_at(engine, at, layer)
            assert counts == recount(states, at, area), (at, layer)
            seen |= {count.level for count in counts.values()}
    assert seen == {Level.GREEN, Level.AMBER, Level.RED}


def test_what_is_stored_equals_the_fold_of_the_events(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    states = list(county(store, seed=11, cases=40, events=14))
    assert {state.status for state in states} >= {"received", "accepted", "closed", "merged"}
    for state in folded(store, states):
        assert views.case_page(engine, state.number).state == state


def test_a_row_of_the_board_has_the_level_of_its_case(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    states = list(county(store, seed=13, cases=40, events=14))
    rows = {row.number: row for row in views.cases_changed_since(engine, 0)}
    assert set(rows) == {state.number for state in states}
    for state in states:
        last = max(event.occurred_at for event in store.history(state.number))
        dues = [clock.due for clock in state.clocks if clock.due]
        for at in {at for due in dues for at in (due.amber_at, due.due_at, due.due_at + HOUR)}:
            if at >= last:
                assert rows[state.number].level(at) == level_of(state, at), (state.number, at)


@pytest.mark.parametrize("level", list(Level))
def test_searching_by_level_finds_the_cases_that_stand_so(engine: Engine, level: Level) -> None:
    store = SqlCaseStore(engine)
    county(store, seed=17, cases=40, events=10)
    rows = views.cases_changed_since(engine, 0)
    at = sorted(row.due_at for row in rows if row.due_at)[len(rows) // 4]
    found = views.list_cases(engine, views.CaseFilter(level=(level,), at=at)).rows
    assert {row.number for row in found} == {row.number for row in rows if row.level(at) is level} != set()
