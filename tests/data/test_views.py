"""What is read is what was stored, counted and paged without loss, repeat or a second opinion."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Level, Pause
from cases.errors import NoSuchCase
from cases.events import Event, EventKind
from data import views
from data.store import SqlCaseStore
from tests.data.samples import DAY, MINUTE, NOON, a_clock, a_leg, a_state, add, an_event, comment, put


@pytest.fixture
def store(engine: Engine) -> SqlCaseStore:
    return SqlCaseStore(engine)


def closed(state: CaseState, at: datetime) -> CaseState:
    """The state after closing: nothing runs and the span has its end."""
    clocks = tuple(replace(clock, stopped_at=clock.stopped_at or at) for clock in state.clocks)
    return replace(
        state, status=Status.CLOSED, clocks=clocks, spans=(*state.spans[:-1], replace(state.spans[-1], closed_at=at))
    )


def close(store: SqlCaseStore, state: CaseState, at: datetime) -> CaseState:
    return store.append(state.number, state.revision, [an_event(EventKind.CLOSED, at)], closed(state, at))


def test_a_case_comes_back_equal_from_its_projections(store: SqlCaseStore) -> None:
    everything = Leg(
        2,
        LegRole.COORDINATING,
        "sthj",
        None,
        "第五条",
        "配合检测",
        LegStatus.FOUND,
        *(NOON + hour * timedelta(hours=1) for hour in range(5)),
        finding="超标 2.1 倍",
        disputed=True,
    )
    paused = Clock(
        ClockKind.FINISH,
        None,
        2,
        NOON,
        Budget(5, BudgetUnit.WORKING_DAYS),
        (Pause(NOON, NOON + MINUTE), Pause(NOON + timedelta(microseconds=7))),
    )
    stopped = replace(
        a_clock(ClockKind.ARRIVE, 2), stopped_at=NOON + MINUTE, due=Due(NOON, NOON + MINUTE, provisional=True)
    )
    state = a_state(
        legs=(a_leg(), everything),
        clocks=(a_clock(), paused, stopped),
        spans=(Span(NOON, NOON + MINUTE), Span(NOON + 2 * MINUTE)),
        notes=("extended_after_due",),
        flags=("boundary", "swapped"),
        areas={"precinct": "61", "council": "33"},
    )
    stored = put(store, DAY, "hash", [an_event()], state)
    assert stored == replace(state, number="CX20260304-00001", revision=1)
    page = views.case_page(store.engine, stored.number)
    assert page.state == stored
    assert page.events == tuple(store.history(stored.number))


def test_a_case_without_a_place_comes_back_without_one(store: SqlCaseStore) -> None:
    nowhere: dict[str, Any] = dict.fromkeys(("lon", "lat", "cell", "village", "township"))
    stored = add(store, flags=("unlocated",), areas={}, **nowhere)
    assert views.case_page(store.engine, stored.number).state == stored
    assert views.counts_at(store.engine, NOON, "cell") == {None: views.AreaCount(1, 0, 0)}


def test_a_case_page_names_the_duplicates_and_an_unknown_case_is_an_error(store: SqlCaseStore) -> None:
    first, second = add(store, "1"), add(store, "2")
    gone = replace(closed(second, NOON), status=Status.MERGED, merged_into=first.number)
    store.append(second.number, second.revision, [an_event(EventKind.MERGED, into=first.number)], gone)
    assert views.case_page(store.engine, first.number).merged_here == (second.number,)
    with pytest.raises(NoSuchCase, match="CX1"):
        views.case_page(store.engine, "CX1")


def test_an_empty_database_has_an_answer_to_everything(engine: Engine) -> None:
    assert views.latest_revision(engine) == 0
    assert views.open_board(engine) == (0, ())
    assert views.cases_changed_since(engine, 0) == ()
    assert views.list_cases(engine) == views.Page((), None)
    assert views.latest_events(engine) == views.events_since(engine, 0) == ()
    assert views.pending_in_township(engine, "330282002") == ()
    assert views.counts_at(engine, NOON, "township") == {}
    assert views.day_figures(engine, NOON, NOON + timedelta(days=1)) == views.PeriodFigures(0, 0, 0, 0, 0, 0, 0)
    assert views.department_counts(engine, NOON) == {}


def test_the_board_knows_the_earliest_of_the_running_clocks(store: SqlCaseStore) -> None:
    early = replace(a_clock(ClockKind.ARRIVE, 2, minutes=10), stopped_at=NOON)
    soon = a_clock(ClockKind.ARRIVE, 3, minutes=60)
    # Ends later than `soon` but turns amber before it: either limit counts for itself.
    wide = Clock(
        ClockKind.FINISH, None, 1, NOON, Budget(90, BudgetUnit.MINUTES), due=Due(NOON + 40 * MINUTE, NOON + 90 * MINUTE)
    )
    suspended = Clock(ClockKind.FINISH, None, 2, NOON, Budget(1, BudgetUnit.MINUTES), (Pause(NOON),))
    legs = (a_leg(), a_leg(2, LegRole.COORDINATING, "sthj"), a_leg(3, LegRole.COORDINATING, "zjj"))
    add(store, legs=legs, clocks=(early, wide, soon, suspended))
    (row,) = views.open_cases(store.engine)
    assert (row.amber_at, row.due_at) == (NOON + 40 * MINUTE, NOON + 60 * MINUTE)
    assert (row.due_kind, row.due_department, row.lead, row.lead_unit) == ("arrive", "zjj", "zhzf", "zhzf-hs")


def test_the_board_is_followed_by_revision(store: SqlCaseStore) -> None:
    engine = store.engine
    first, second = add(store, "1"), add(store, "2")
    revision, rows = views.open_board(engine)
    assert (revision, [row.number for row in rows]) == (2, [first.number, second.number])
    first = comment(store, first)
    close(store, second, NOON + MINUTE)
    third = add(store, "3")
    changed = views.cases_changed_since(engine, revision)
    assert [(row.number, row.pending, row.revision) for row in changed] == [
        (first.number, True, 3),
        (second.number, False, 4),
        (third.number, True, 5),
    ]
    assert views.cases_changed_since(engine, revision, limit=1) == changed[:1]
    assert views.cases_changed_since(engine, 5) == ()
    assert {row.number for row in views.open_cases(engine)} == {first.number, third.number}
    assert views.latest_revision(engine) == 5


def test_events_are_told_oldest_first_to_followers_and_newest_first_to_the_ticker(store: SqlCaseStore) -> None:
    state = add(store, legs=(a_leg(), a_leg(2, LegRole.COORDINATING, "sthj")))
    arrived = Event(EventKind.ARRIVED, NOON, NOON, "sthj-hs", 2)
    store.append(state.number, state.revision, [arrived, an_event(EventKind.URGED)], state)
    told = views.events_since(store.engine, 0)
    assert [(row.revision, row.kind, row.leg, row.department) for row in told] == [
        (1, "received", None, "zhzf"),
        (2, "arrived", 2, "sthj"),
        (3, "urged", None, "zhzf"),
    ]
    assert (told[0].cell, told[0].lon, told[0].recorded_at) == (state.cell, state.lon, NOON + timedelta(seconds=3))
    assert views.events_since(store.engine, 1, limit=1) == told[1:2]
    assert views.latest_events(store.engine, limit=2) == told[:0:-1]
    assert views.latest_events(store.engine, since=2) == told[2:]


def test_a_township_sees_its_pending_cases_the_next_due_first(store: SqlCaseStore) -> None:
    late = add(store, "late", clocks=(a_clock(minutes=60),))
    none = add(store, "none", clocks=())
    soon = add(store, "soon", clocks=(a_clock(minutes=10),))
    add(store, "elsewhere", township="330282003")
    close(store, add(store, "closed"), NOON)
    rows = views.pending_in_township(store.engine, "330282002")
    assert [row.number for row in rows] == [soon.number, late.number, none.number]


def test_the_level_of_a_row_turns_amber_at_once_and_red_only_after_the_due_time(store: SqlCaseStore) -> None:
    add(store, clocks=(a_clock(minutes=30),))
    (row,) = views.open_cases(store.engine)
    tick = timedelta(microseconds=1)
    amber, due = NOON + 24 * MINUTE, NOON + 30 * MINUTE
    levels = [row.level(at) for at in (amber - tick, amber, due, due + tick)]
    assert levels == [Level.GREEN, Level.AMBER, Level.AMBER, Level.RED]


def test_a_department_carries_its_legs_and_its_own_clocks_only(store: SqlCaseStore) -> None:
    legs = (a_leg(), a_leg(2, LegRole.COORDINATING, "sthj"))
    add(store, "1", legs=legs, clocks=(a_clock(minutes=10), a_clock(ClockKind.ARRIVE, 2, minutes=60)))
    add(store, "2", clocks=(a_clock(ClockKind.FINISH, None, minutes=24),))
    handed_on = (replace(a_leg(), status=LegStatus.TRANSFERRED), a_leg(2, department="scjg"))
    add(store, "3", legs=handed_on, clocks=(replace(a_clock(minutes=1), stopped_at=NOON), a_clock(leg=2, minutes=10)))
    close(store, add(store, "4", legs=(a_leg(department="gaj"),)), NOON)
    assert views.department_counts(store.engine, NOON + 20 * MINUTE) == {
        "zhzf": views.DepartmentCount(pending=2, leading=2, amber=1, red=1),
        "sthj": views.DepartmentCount(pending=1, leading=0, amber=0, red=0),
        "scjg": views.DepartmentCount(pending=1, leading=1, amber=0, red=1),
    }


def finish(store: SqlCaseStore, state: CaseState, at: datetime) -> CaseState:
    clocks = tuple(replace(clock, stopped_at=at) for clock in state.clocks)
    state = replace(state, status=Status.FINISHED, clocks=clocks)
    return store.append(state.number, state.revision, [an_event(EventKind.FINISHED, at)], state)


def test_a_day_has_its_figures(store: SqlCaseStore) -> None:
    start = datetime(2026, 3, 3, 16, tzinfo=UTC)  # midnight in Cixi
    end = start + timedelta(days=1)
    due_at_two = {"clocks": (a_clock(ClockKind.FINISH, None, minutes=120),)}
    close(store, finish(store, add(store, "on time", **due_at_two), NOON + 120 * MINUTE), NOON + 130 * MINUTE)
    finish(store, add(store, "late", **due_at_two), NOON + 120 * MINUTE + timedelta(microseconds=1))
    finish(store, add(store, "the day after", **due_at_two), end)
    add(store, "never", **due_at_two)
    add(store, "not yet due", clocks=(a_clock(ClockKind.FINISH, None, minutes=60 * 24),))
    close(store, add(store, "closed without a result", **due_at_two), NOON + MINUTE)
    first = add(store, "the day before", at=start - MINUTE, clocks=())
    merged = add(store, "merged", clocks=())
    gone = replace(closed(merged, NOON), status=Status.MERGED, merged_into=first.number)
    store.append(merged.number, merged.revision, [an_event(EventKind.MERGED)], gone)
    assert views.day_figures(store.engine, start, end) == views.PeriodFigures(
        received=6, reports=7, closed=2, merged=1, finished=2, finished_on_time=1, finish_due=4
    )
