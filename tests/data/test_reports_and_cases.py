"""A case counts once, its reports as often as they came: counted again from the folded events, one by one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cases.case import CaseState, Status
from cases.clock import ClockKind
from cases.desk import Desk, EventRequest
from cases.events import EventKind
from cases.history import fold
from data import views
from data.store import SqlCaseStore
from tests.cases.factories import LATER, MINUTE, SMOKE, START, WEST, Walk, a_desk
from tests.data.lives import CALENDAR, county

DAY = timedelta(days=1)


def recount(store: SqlCaseStore, states: list[CaseState], start: datetime, end: datetime) -> views.PeriodFigures:
    """Count what a period brought from the events alone, case by case."""
    found = dict.fromkeys(("received", "reports", "closed", "merged", "finished", "finished_on_time", "finish_due"), 0)
    for state in states:
        stays = state.merged_into is None
        results = {event.occurred_at for event in store.history(state.number) if event.kind is EventKind.FINISHED}
        if start <= state.received_at < end:
            found["reports"] += 1
            found["received"] += stays
        for span in state.spans:
            if span.closed_at is not None and start <= span.closed_at < end:
                found["closed" if stays else "merged"] += 1
        for clock in state.clocks:
            if clock.kind is not ClockKind.FINISH or not stays:
                continue
            due = clock.due.due_at if clock.due else None
            if clock.stopped_at is not None and clock.stopped_at in results and start <= clock.stopped_at < end:
                found["finished"] += 1
                found["finish_due"] += 1
                found["finished_on_time"] += due is not None and clock.stopped_at <= due
            if due is not None and start <= due < end and (clock.stopped_at is None or clock.stopped_at >= end):
                found["finish_due"] += 1
    return views.PeriodFigures(**found)


def test_the_figures_of_every_day_and_of_the_whole_time_equal_a_recount(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    numbers = [state.number for state in county(store, seed=23, cases=60, events=14)]
    states = [fold(store.history(number), CALENDAR, number) for number in numbers]
    first = min(state.received_at for state in states)
    for count in range(12):
        start, end = first + count * DAY, first + (count + 1) * DAY
        assert views.day_figures(engine, start, end) == recount(store, states, start, end)
    whole = views.day_figures(engine, first, first + 1000 * DAY)
    assert whole == recount(store, states, first, first + 1000 * DAY)
    merged = sum(state.merged_into is not None for state in states)
    assert merged > 0
    assert whole.reports == len(states) == whole.received + merged


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def pictures(engine: Engine, now: datetime) -> dict[str, Any]:
    """Everything that is counted or listed as pending."""
    figures = views.day_figures(engine, START - DAY, now + DAY)
    uses = views.matter_uses(engine, SMOKE, START - DAY)
    return {
        "figures": replace(figures, reports=0, merged=0),
        "board": [row.number for row in views.open_cases(engine)],
        "counts": {layer: views.counts_at(engine, now, layer) for layer in ("cell", "village", "township")},
        "departments": views.department_counts(engine, now),
        "township": [row.number for row in views.pending_in_township(engine, WEST)],
        "pending": [row.number for row in views.list_cases(engine, views.CaseFilter(status=("accepted",))).rows],
        "uses": (uses.total, uses.pending, [row.number for row in uses.latest], dict(uses.by_township)),
        "items": views.uses_by_matter(engine, [SMOKE], START - DAY),
    }


LIVES: dict[str, Callable[[Walk], Walk]] = {
    "just received": lambda walk: walk,
    "accepted": lambda walk: walk.do("accepted"),
    "on site, late": lambda walk: walk.do("accepted").do("arrived", minutes=600),
    "finished": lambda walk: walk.do("accepted").findings().do("finished"),
    "finished late": lambda walk: walk.do("accepted").findings().do("finished", minutes=60 * 24 * 12),
    "reopened": lambda walk: walk.do("accepted").findings().do("finished").do("reopened"),
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_a_case_with_a_duplicate_counts_exactly_as_it_does_alone(
    desk: Desk, engine: Engine, life: Callable[[Walk], Walk]
) -> None:
    now = START + 40 * DAY
    target = Walk(SMOKE, desk).do("accepted").state
    alone = pictures(engine, now)
    between, last = Walk(SMOKE, desk, source_id="2", at=START + MINUTE), Walk(SMOKE, desk, source_id="3")
    life(between)
    for one, into in ((last.state.number, between.state.number), (between.state.number, target.number)):
        merged = EventRequest("merged", between.at + 30 * MINUTE, "command", data={"into": into, "reason": "同一件"})
        desk.record(one, merged, between.at + LATER)
    assert pictures(engine, now) == alone
    assert views.day_figures(engine, START - DAY, now).reports == 3
    assert views.report_counts(engine, [target.number]) == {target.number: 3}
    statuses = [views.case_page(engine, number).state.status for number in (between.state.number, last.state.number)]
    assert statuses == [Status.MERGED, Status.MERGED]


def test_the_board_of_an_earlier_instant_shows_a_duplicate_until_it_was_merged(desk: Desk, engine: Engine) -> None:
    target = Walk(SMOKE, desk).state
    other = Walk(SMOKE, desk, source_id="2").do("merged", into=target.number)
    before, after = (views.counts_at(engine, other.at + step, "township") for step in (-MINUTE, MINUTE))
    assert (before[WEST].pending, after[WEST].pending) == (2, 1)
