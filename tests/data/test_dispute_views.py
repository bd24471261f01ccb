"""Disputes as they are read: pages that lose none, and counts that agree with a count by hand."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from cases.case import CaseState, Dispute, LegRole, View
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Level
from data import views
from data.store import SqlCaseStore
from data.views import BadQuery, DisputeCount, DisputeFilter, DisputeRow, DisputeState, period_of
from tests.data.samples import NOON, a_leg, add

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
TOWNSHIPS = ("330282002", "330282107", None)
DEPARTMENTS = ("zhzf", "sthj")


def a_dispute(leg: int, opened: datetime, settled: datetime | None, decided: str, hours: int = 40) -> Dispute:
    """A dispute that has to be settled in so many hours."""
    due = Due(opened + hours * HOUR * 4 / 5, opened + hours * HOUR)
    limit = Clock(ClockKind.ADJUDICATE, leg, 1, opened, Budget(5, BudgetUnit.WORKING_DAYS), stopped_at=settled, due=due)
    views = (View("zhzf", opened, "不属本局职责"), View("330282107", opened + HOUR, "先由首问部门到场"))
    end = {} if settled is None else {"settled_at": settled, "decided": decided, "decision": "维持"}
    return Dispute(leg, opened, "zhzf", "第三条", limit, "sthj", views, **end)


def filled(engine: Engine, count: int = 60) -> list[CaseState]:
    """Cases of two months, some with one dispute and some with two, of which many are settled."""
    chance, store, found = random.Random(7), SqlCaseStore(engine), []
    for number in range(count):
        at = NOON + chance.randrange(24 * 60) * HOUR
        legs = (a_leg(1, department=chance.choice(DEPARTMENTS)), a_leg(2, LegRole.COORDINATING, "scjg"))
        disputes = []
        for leg in chance.sample([1, 2], chance.choice([1, 1, 2])):
            opened = at + chance.randrange(10) * HOUR
            settled = opened + chance.randrange(1, 80) * HOUR if chance.random() < 0.7 else None
            disputes.append(a_dispute(leg, opened, settled, chance.choice(DEPARTMENTS)))
        found.append(
            add(store, str(number), at, legs=legs, disputes=tuple(disputes), township=chance.choice(TOWNSHIPS))
        )
    return found


def each(states: list[CaseState]) -> list[tuple[CaseState, int, Dispute]]:
    return [(state, count, one) for state in states for count, one in enumerate(state.disputes, 1)]


def all_pages(engine: Engine, filters: DisputeFilter, limit: int) -> list[DisputeRow]:
    rows, cursor = [], None
    while True:
        page = views.list_disputes(engine, filters, cursor, limit)
        rows += page.rows
        cursor = page.next
        if cursor is None:
            return rows
        assert len(page.rows) == limit


def test_a_dispute_is_read_with_its_case_its_leg_and_what_was_said(engine: Engine) -> None:
    opened = NOON + HOUR
    state = add(SqlCaseStore(engine), disputes=(a_dispute(1, opened, None, ""),))
    (row,) = views.list_disputes(engine).rows
    assert (row.number, row.ordinal, row.matter, row.township) == (state.number, 1, "YJS-01", "330282002")
    assert (row.leg, row.role, row.department, row.unit) == (1, "lead", "zhzf", "zhzf-hs")
    assert (row.opened_at, row.opened_by, row.clause, row.wanted) == (opened, "zhzf", "第三条", "sthj")
    assert [(view.by, view.text) for view in row.views] == [
        ("zhzf", "不属本局职责"),
        ("330282107", "先由首问部门到场"),
    ]
    assert (row.in_time, row.upheld) == (None, None)
    # A fifth of 40 hours is the last fifth; at the limit itself it is still in time.
    levels = [row.level(opened + hours * HOUR) for hours in (0, 31, 32, 40)]
    assert levels == [Level.GREEN, Level.GREEN, Level.AMBER, Level.AMBER]
    assert row.level(opened + 40 * HOUR + timedelta(seconds=1)) is Level.RED


def test_a_settled_dispute_says_whether_in_time_and_for_whom(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    add(store, "1", disputes=(a_dispute(1, NOON, NOON + 40 * HOUR, "sthj"),))
    add(store, "2", disputes=(a_dispute(1, NOON, NOON + 41 * HOUR, "zhzf"),))
    late, in_time = views.list_disputes(engine, DisputeFilter(DisputeState.SETTLED)).rows
    assert (in_time.in_time, in_time.upheld) == (True, True)
    assert (late.in_time, late.upheld) == (False, False)
    assert in_time.level(NOON + 39 * HOUR) is Level.AMBER
    assert in_time.level(NOON + 40 * HOUR) is Level.NONE


@pytest.mark.parametrize("state", [None, *DisputeState])
def test_pages_give_every_dispute_once_in_their_order(engine: Engine, state: DisputeState | None) -> None:
    states = filled(engine)
    rows = all_pages(engine, DisputeFilter(state), limit=7)
    wanted = {
        (case.number, count)
        for case, count, one in each(states)
        if state is None or (one.settled_at is None) == (state is DisputeState.OPEN)
    }
    assert len(rows) == len(wanted)
    assert {(row.number, row.ordinal) for row in rows} == wanted
    moments = [row.settled_at if state is DisputeState.SETTLED else row.opened_at for row in rows]
    assert moments == sorted(moments, reverse=state is not DisputeState.OPEN)


def test_filters_mean_what_they_say(engine: Engine) -> None:
    states = filled(engine)
    march = period_of("2026-03", SHANGHAI)
    chosen = {
        "township": DisputeFilter(township=("330282107",)),
        "department": DisputeFilter(department=("sthj", "scjg")),
        "number": DisputeFilter(number=(states[0].number,)),
        "opened": DisputeFilter(period=march),
        "settled": DisputeFilter(DisputeState.SETTLED, period=march),
    }
    rules = {
        "township": lambda case, one: case.township == "330282107",
        "department": lambda case, one: case.leg(one.leg).department in ("sthj", "scjg"),
        "number": lambda case, one: case.number == states[0].number,
        "opened": lambda case, one: one.opened_at.astimezone(SHANGHAI).month == 3,
        "settled": lambda case, one: one.settled_at and one.settled_at.astimezone(SHANGHAI).month == 3,
    }
    for name, filters in chosen.items():
        meant = {(case.number, count) for case, count, one in each(states) if rules[name](case, one)}
        assert {(row.number, row.ordinal) for row in all_pages(engine, filters, 50)} == meant
        assert meant


@pytest.mark.parametrize("name", ["2026-03", "2026-04", "2026", "2025"])
def test_counts_agree_with_a_count_by_hand(engine: Engine, name: str) -> None:
    states, period = filled(engine), period_of(name, SHANGHAI)
    at = NOON + timedelta(days=40)
    found = views.dispute_counts(engine, at, period)
    total, by_township, by_department = Counter(), Counter(), Counter()
    for case, _, one in each(states):
        due, settled = one.clock.due.due_at, one.settled_at
        known = settled is not None and settled <= at
        is_open = one.opened_at <= at and not known
        ended = known and period.start <= settled < period.end
        missed = period.start <= due < min(period.end, at) and not (settled and settled < min(period.end, at))
        facts = {
            "open": is_open,
            "overdue": is_open and due < at,
            "opened": period.start <= one.opened_at < period.end and one.opened_at <= at,
            "settled": ended,
            "in_time": ended and settled <= due,
            "due": ended or missed,
            "upheld": ended and one.decided != case.leg(one.leg).department,
        }
        for fact, holds in facts.items():
            total[fact] += holds
            by_township[case.township, fact] += holds
            by_department[case.leg(one.leg).department, fact] += holds
    assert found.all == DisputeCount(**total)
    for code, count in found.by_township.items():
        assert all(getattr(count, fact) == by_township[code, fact] for fact in total)
    for code, count in found.by_department.items():
        assert all(getattr(count, fact) == by_department[code, fact] for fact in total)
    assert sum(found.by_township.values(), DisputeCount()) == found.all
    assert sum(found.by_department.values(), DisputeCount()) == found.all


def test_one_who_never_settles_is_not_in_time(engine: Engine) -> None:
    add(SqlCaseStore(engine), disputes=(a_dispute(1, NOON, None, ""),))
    count = views.dispute_counts(engine, NOON + 50 * HOUR, period_of("2026-03", SHANGHAI)).all
    assert (count.overdue, count.in_time, count.due, count.settled) == (1, 0, 1, 0)


def test_counts_of_a_township_are_of_it_alone(engine: Engine) -> None:
    filled(engine)
    at, period = NOON + timedelta(days=40), period_of("2026", SHANGHAI)
    whole = views.dispute_counts(engine, at, period)
    part = views.dispute_counts(engine, at, period, DisputeFilter(township=("330282107",)))
    assert part.all == whole.by_township["330282107"]
    assert views.dispute_counts(engine, at, replace(period, start=period.end, end=period.end)).all.opened == 0


def test_a_month_and_a_year_begin_in_the_regions_zone() -> None:
    month = period_of("2026-12", SHANGHAI)
    assert month.start.astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert month.end == period_of("2027", SHANGHAI).start


@pytest.mark.parametrize("text", ["", "2026-13", "2026-1", "1999", "2026-11-24", "今年", "20261"])
def test_what_is_no_period_is_named_with_an_example(text: str) -> None:
    with pytest.raises(BadQuery, match="2026-11"):
        period_of(text, SHANGHAI)


@pytest.mark.parametrize(
    "cursor", ["", "x", "1~CX", "1~CX~x", "9" * 40 + "~CX~1", "1~2~3~4", "1~CX~0", f"1~CX~{9**40}"]
)
def test_a_strange_cursor_is_refused(engine: Engine, cursor: str) -> None:
    with pytest.raises(BadQuery, match="no cursor"):
        views.list_disputes(engine, cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_its_bounds(engine: Engine, limit: int) -> None:
    with pytest.raises(BadQuery, match="limit"):
        views.list_disputes(engine, limit=limit)
