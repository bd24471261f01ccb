"""The bars of a case's clocks say what clock and calendar say: recounted minute by minute from office hours."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.calendar import Calendar
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Pause, due
from dashboard.views.clockbars import MOST_DAYS, MOST_TICKS, axes, shades, stretch, ticks
from data.region import Region
from tests.cases.factories import china

HALF_HOUR = timedelta(minutes=30)
# The two weeks from 2026-04-29 hold Labour Day (May 1 to 5) and a make-up Saturday (May 9): the State Council's notice.
START = datetime(2026, 4, 29, 2, 0, tzinfo=UTC)


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def a_clock(kind: ClockKind, start: datetime, budget: Budget, calendar: Calendar, **more: object) -> Clock:
    bare = Clock(kind, None, 1, start, budget, **more)  # type: ignore[arg-type]
    return Clock(kind, None, 1, start, budget, due=due(bare, calendar), **more)  # type: ignore[arg-type]


@pytest.fixture(params=["china", "cixi"])
def calendar(request: pytest.FixtureRequest, cixi: Region) -> Calendar:
    return china() if request.param == "china" else cixi.calendar


def test_exactly_the_minutes_that_do_not_count_are_shaded(calendar: Calendar) -> None:
    end = START + timedelta(days=14)
    found = shades(START, end, calendar, "zh-CN")
    moment = START
    while moment < end:
        counts = calendar.office_time(moment, moment + timedelta(minutes=1)).time > timedelta(0)
        shaded = any(one["kind"] != "make_up" and at(one["from"]) <= moment < at(one["to"]) for one in found)
        assert counts != shaded, moment
        moment += timedelta(minutes=10)


def test_holidays_weekends_and_make_up_days_are_told_apart(calendar: Calendar) -> None:
    found = shades(START, START + timedelta(days=14), calendar, "zh-CN")

    def days(kind: str) -> list[str]:
        return [f"{at(one['from']).astimezone(calendar.zone):%m-%d}" for one in found if one["kind"] == kind]

    assert days("holiday")[0] == "05-01"
    assert days("make_up") == ["05-09"]
    assert "05-10" in days("weekend")
    assert set(days("holiday")) | set(days("weekend")) >= {"05-01", "05-02", "05-03", "05-04", "05-05", "05-10"}


def test_limits_of_minutes_and_of_days_stand_on_axes_of_their_own(calendar: Calendar) -> None:
    now = START + timedelta(days=1)
    respond = a_clock(
        ClockKind.RESPOND, START, Budget(30, BudgetUnit.MINUTES), calendar, stopped_at=START + timedelta(minutes=9)
    )
    finish = a_clock(ClockKind.FINISH, START, Budget(5, BudgetUnit.WORKING_DAYS), calendar)
    found = axes([finish, respond], calendar, now, "zh-CN")
    assert [axis["clocks"] for axis in found] == [[1], [0]]
    for axis, clock in zip(found, (respond, finish), strict=True):
        assert clock.due is not None
        assert at(axis["from"]) < clock.started_at
        assert at(axis["to"]) > max(clock.due.due_at, clock.stopped_at or now)
        assert 1 <= len(axis["ticks"]) <= MOST_TICKS + 1
        assert all(axis["from"] <= tick["at"] <= axis["to"] for tick in axis["ticks"])


def test_a_limit_of_working_days_ends_where_an_unshaded_day_ends(calendar: Calendar) -> None:
    finish = a_clock(ClockKind.FINISH, START, Budget(5, BudgetUnit.WORKING_DAYS), calendar)
    assert finish.due is not None
    found = shades(START, finish.due.due_at + HALF_HOUR, calendar, "zh-CN")
    begins = [at(one["from"]) for one in found if one["kind"] == "night"]
    assert finish.due.due_at in begins, "closing time, from which on no minute counts"


def test_a_pause_without_an_end_and_a_clock_that_nobody_stopped_are_drawn() -> None:
    calendar = china()
    paused = a_clock(ClockKind.FINISH, START, Budget(5, BudgetUnit.WORKING_DAYS), calendar, pauses=(Pause(START),))
    assert paused.due is None
    assert axes([paused], calendar, START + timedelta(days=3), "en")[0]["shades"]
    forgotten = a_clock(ClockKind.RESPOND, START, Budget(30, BudgetUnit.MINUTES), calendar)
    first, last = stretch([forgotten], START + timedelta(days=4000))
    assert last - first < timedelta(days=MOST_DAYS * 1.2)
    assert all(one["kind"] != "night" for one in shades(first, last, calendar, "en")), "hairs are left out"
    assert len(ticks(first, last, calendar, "en")) <= MOST_TICKS + 1


def test_a_case_without_clocks_has_no_axis() -> None:
    assert axes([], china(), START, "en") == []
