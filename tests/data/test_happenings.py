"""What came when and where, against plain loops over the events."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from data import views
from data.store import SqlCaseStore
from data.views import CaseFilter
from tests.data.lives import county
from tests.data.samples import NOON

HOUR = timedelta(hours=1)


def test_reports_of_a_period_stand_where_they_were_received_whatever_became_of_them(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    states = list(county(store, seed=21, cases=60, events=14))
    openings = {state.number: store.history(state.number)[0] for state in states}
    start, end = NOON + timedelta(days=1), NOON + timedelta(days=4)
    found = views.reports_between(engine, start, end)
    expected = {
        number: (opening.occurred_at, opening.data["place"]["cell"], opening.data["place"]["lon"])
        for number, opening in openings.items()
        if start <= opening.occurred_at < end
    }
    assert {one.number: (one.received_at, one.cell, one.lon) for one in found} == expected
    moved = [state for state in states if state.number in expected and state.cell != expected[state.number][1]]
    assert moved, "some case must have been relocated, or the test shows nothing"
    only = views.reports_between(engine, start, end, CaseFilter(matter=("YJS-01",)))
    assert 0 < len(only) < len(found)


@pytest.mark.parametrize("step", [HOUR, timedelta(minutes=17), timedelta(days=1)])
def test_the_density_of_time_is_a_count_of_each_step(engine: Engine, step: timedelta) -> None:
    store = SqlCaseStore(engine)
    states = list(county(store, seed=22, cases=60, events=14))
    start = NOON + timedelta(seconds=random.Random(1).randrange(86_400))
    found = views.density(engine, start, 40, step)
    received, closed = [0] * 40, [0] * 40
    for state in states:
        times = [(received, state.received_at)] + [(closed, span.closed_at) for span in state.spans if span.closed_at]
        for counts, at in times:
            if start <= at < start + 40 * step:
                counts[(at - start) // step] += 1
    assert (list(found.received), list(found.closed)) == (received, closed)
    assert sum(received) > 0
    assert sum(views.density(engine, start, 40, step, CaseFilter(platform=("none",))).closed) == 0


def test_an_empty_database_has_no_first_report(engine: Engine) -> None:
    assert views.first_received(engine) is None
    assert views.reports_between(engine, NOON, NOON + HOUR) == ()
