"""Due times, levels and outcomes, against a slow count of single minutes that shares no code with the clocks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar import Calendar, SpecialDay
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Level, Outcome, Pause, due, level, outcome
from tests.cases.factories import SHANGHAI, china

NEW_YORK = ZoneInfo("America/New_York")
FIRST = datetime(2026, 1, 28, tzinfo=UTC)
"""The oracle knows three months from here: Spring Festival, Qingming, and New York's change to summer time."""
LENGTH = 90 * 24 * 60
LONGEST = 50 * 24 * 60
"""No clock of this test runs longer, unless it stays paused."""
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def clock(start: str, amount: int, unit: BudgetUnit, *pauses: tuple[str, str | None]) -> Clock:
    spans = tuple(Pause(at(begin), at(end) if end else None) for begin, end in pauses)
    return Clock(ClockKind.FINISH, None, 1, at(start), Budget(amount, unit), spans)


def with_due(one: Clock, **changes: object) -> Clock:
    fields = {name: getattr(one, name) for name in Clock.__dataclass_fields__} | {"due": due(one, china())} | changes
    return Clock(**fields)


# -- By hand ----------------------------------------------------------------------------------------------------------


def test_thirty_minutes_run_round_the_clock_and_turn_amber_six_minutes_before() -> None:
    assert due(clock("2026-02-17T23:50", 30, BudgetUnit.MINUTES), china()) == Due(
        at("2026-02-18T00:14"), at("2026-02-18T00:20")
    )


def test_verification_in_120_office_minutes_waits_for_the_morning() -> None:
    assert due(clock("2026-03-04T16:30", 120, BudgetUnit.OFFICE_MINUTES), china()) == Due(
        at("2026-03-05T09:06"), at("2026-03-05T09:30")
    )


def test_five_working_days_are_amber_when_one_working_day_is_left() -> None:
    # The last day is Saturday 2026-05-09; the fourth ends on Friday at closing time.
    assert due(clock("2026-04-29T10:00", 5, BudgetUnit.WORKING_DAYS), china()) == Due(
        at("2026-05-08T17:30"), at("2026-05-09T17:30")
    )


def test_one_working_day_is_amber_when_a_fifth_of_its_office_time_is_left() -> None:
    # 420 office minutes: 84 before closing time.
    assert due(clock("2026-03-04T10:00", 1, BudgetUnit.WORKING_DAYS), china()) == Due(
        at("2026-03-05T16:06"), at("2026-03-05T17:30")
    )


def test_a_term_into_a_year_without_a_notice_is_provisional() -> None:
    found = due(clock("2026-12-25T10:00", 5, BudgetUnit.WORKING_DAYS), china())
    assert found is not None
    assert found.provisional
    known = due(clock("2026-12-24T10:00", 5, BudgetUnit.WORKING_DAYS), china())
    assert known == Due(at("2026-12-30T17:30"), at("2026-12-31T17:30"), provisional=False)


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("2026-03-05T17:30", "2026-03-09T17:30")], "2026-03-13T17:30"),  # Friday and Monday: two working days
        ([("2026-03-05T09:00", "2026-03-05T10:00")], "2026-03-12T09:30"),  # an hour of office time
        ([("2026-03-05T18:00", "2026-03-06T08:00")], "2026-03-11T17:30"),  # a night
        ([("2026-03-07T00:00", "2026-03-09T00:00")], "2026-03-11T17:30"),  # a week-end
        ([("2026-03-05T09:00", "2026-03-05T10:00"), ("2026-03-05T09:30", "2026-03-05T10:00")], "2026-03-12T09:30"),
        ([("2026-03-05T09:00", "2026-03-05T10:00"), ("2026-03-05T10:00", "2026-03-05T11:00")], "2026-03-12T10:30"),
        ([("2026-03-01T09:00", "2026-03-02T10:00")], "2026-03-11T17:30"),  # before the start
        ([("2026-03-20T09:00", "2026-03-21T10:00")], "2026-03-11T17:30"),  # after the end
        ([("2026-03-11T10:00", "2026-03-11T11:00"), ("2026-03-12T08:30", "2026-03-12T09:30")], "2026-03-12T10:30"),
    ],
)
def test_five_working_days_from_wednesday_are_moved_by_the_office_time_that_was_paused(pauses, end) -> None:
    found = due(clock("2026-03-04T10:00", 5, BudgetUnit.WORKING_DAYS, *pauses), china())
    assert found is not None
    assert found.due_at == at(end)


def test_an_open_pause_leaves_no_due_time() -> None:
    paused = clock("2026-03-04T10:00", 5, BudgetUnit.WORKING_DAYS, ("2026-03-05T09:00", None))
    assert paused.is_paused
    assert due(paused, china()) is None


def test_a_pause_does_not_save_what_is_overdue_already() -> None:
    late = clock("2026-03-04T10:00", 5, BudgetUnit.WORKING_DAYS, ("2026-03-11T17:30", None))
    assert due(late, china()) == Due(at("2026-03-10T17:30"), at("2026-03-11T17:30"))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-04T08:59", Level.NONE),
        ("2026-03-04T09:00", Level.GREEN),
        ("2026-03-04T09:23", Level.GREEN),
        ("2026-03-04T09:24", Level.AMBER),
        ("2026-03-04T09:30", Level.AMBER),
        ("2026-03-04T09:31", Level.RED),
        ("2026-04-04T09:31", Level.RED),
    ],
)
def test_a_running_clock_is_green_then_amber_then_red_after_its_due_time(instant, expected) -> None:
    assert level(with_due(clock("2026-03-04T09:00", 30, BudgetUnit.MINUTES)), at(instant)) is expected


def test_a_stopped_clock_keeps_its_levels_of_the_past_and_has_none_afterwards() -> None:
    stopped = with_due(clock("2026-03-04T09:00", 30, BudgetUnit.MINUTES), stopped_at=at("2026-03-04T09:40"))
    seen = [level(stopped, at(f"2026-03-04T09:{minute}")) for minute in ("10", "25", "35", "40", "50")]
    assert seen == [Level.GREEN, Level.AMBER, Level.RED, Level.NONE, Level.NONE]


def test_a_paused_clock_is_green() -> None:
    paused = with_due(clock("2026-03-04T09:00", 5, BudgetUnit.WORKING_DAYS, ("2026-03-05T09:00", None)))
    assert level(paused, at("2026-06-01T09:00")) is Level.GREEN


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [("2026-03-04T10:40", Outcome.MET), ("2026-03-04T11:00", Outcome.MET), ("2026-03-04T11:01", Outcome.MISSED)],
)
def test_verification_after_100_of_120_minutes_is_met_and_so_is_the_last_minute(stopped, expected) -> None:
    one = with_due(clock("2026-03-04T09:00", 120, BudgetUnit.OFFICE_MINUTES), stopped_at=at(stopped))
    assert outcome(one) is expected


def test_a_running_clock_has_no_outcome() -> None:
    assert outcome(with_due(clock("2026-03-04T09:00", 30, BudgetUnit.MINUTES))) is None


# -- By the slow oracle -----------------------------------------------------------------------------------------------


def works_in_china(day: date) -> bool:
    return chinese_calendar.is_workday(day)


NEW_YORK_OFF = {date(2026, 2, 16), date(2026, 5, 25)}


def works_in_new_york(day: date) -> bool:
    return day.weekday() < 5 and day not in NEW_YORK_OFF


COUNTIES: dict[str, tuple[ZoneInfo, list[tuple[str, str]], Callable[[date], bool]]] = {
    "cixi": (SHANGHAI, [("08:30", "12:00"), ("14:00", "17:30")], works_in_china),
    "nyc": (NEW_YORK, [("09:00", "17:00")], works_in_new_york),
}


@cache
def minutes_of(county: str) -> tuple[list[bool], list[date]]:
    """For every minute: is the office open, and which local day is it."""
    zone, hours, works = COUNTIES[county]
    is_open, days = [], []
    for count in range(LENGTH):
        local = (FIRST + count * MINUTE).astimezone(zone)
        clock_time = f"{local:%H:%M}"
        days.append(local.date())
        is_open.append(works(local.date()) and any(a <= clock_time < b for a, b in hours))
    return is_open, days


@cache
def calendar_of(county: str) -> Calendar:
    if county == "cixi":
        return china()
    zone, _, _ = COUNTIES[county]
    return Calendar(zone, [(time(9), time(17))], [SpecialDay(day, is_workday=False) for day in NEW_YORK_OFF], [2026])


def slow_due(county: str, start: int, amount: int, unit: BudgetUnit, paused: set[int]) -> tuple[int, int] | None:
    """Count single minutes: (amber, due) as minutes since FIRST, or None when the clock never gets there."""
    is_open, days = minutes_of(county)
    runs = [True] * LENGTH if unit is BudgetUnit.MINUTES else is_open
    whole = counted = amount
    if unit is BudgetUnit.WORKING_DAYS:
        _, _, works = COUNTIES[county]
        later = [day for day in sorted(set(days[start : start + LONGEST])) if day > days[start] and works(day)]
        last = later[amount - 1]
        end = max(minute for minute in range(start, start + LONGEST) if days[minute] == last and is_open[minute])
        whole = sum(is_open[start : end + 1])
        counted = sum(is_open[minute] for minute in range(start, end + 1) if days[minute] > days[start])
    gone, amber = 0, None
    for minute in range(start, start + LONGEST):
        # At the beginning of this minute, `gone` minutes of the budget are used up.
        if amber is None and (whole - gone) * 5 <= counted:
            amber = minute
        if gone == whole:
            return amber, minute
        gone += runs[minute] and minute not in paused
    return None


spans = st.tuples(st.integers(-2000, 12_000), st.integers(0, 6000))


@settings(max_examples=80, deadline=None)
@given(
    county=st.sampled_from(sorted(COUNTIES)),
    start=st.integers(0, LENGTH - LONGEST),
    budget=st.one_of(
        st.tuples(st.integers(1, 60).map(lambda n: 5 * n), st.just(BudgetUnit.MINUTES)),
        st.tuples(st.integers(1, 300).map(lambda n: 5 * n), st.just(BudgetUnit.OFFICE_MINUTES)),
        st.tuples(st.integers(1, 8), st.just(BudgetUnit.WORKING_DAYS)),
    ),
    pauses=st.lists(spans, max_size=4),
    stays_paused=st.booleans(),
)
def test_due_times_agree_with_a_count_of_single_minutes(county, start, budget, pauses, stays_paused) -> None:
    amount, unit = budget
    paused: set[int] = set()
    given_pauses = []
    for begin, length in pauses:
        is_last = begin == max(first for first, _ in pauses)
        end = None if stays_paused and is_last else start + begin + length
        given_pauses.append(Pause(FIRST + (start + begin) * MINUTE, None if end is None else FIRST + end * MINUTE))
        paused |= set(range(start + begin, start + LONGEST if end is None else end))
    one = Clock(ClockKind.FINISH, None, 1, FIRST + start * MINUTE, Budget(amount, unit), tuple(given_pauses))
    expected = slow_due(county, start, amount, unit, paused)
    found = due(one, calendar_of(county))
    if expected is None:
        assert found is None
    else:
        amber, red = expected
        assert found == Due(FIRST + amber * MINUTE, FIRST + red * MINUTE)
