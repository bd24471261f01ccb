"""Working days and office hours, against the published notices and a count by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.calendar import Calendar, SpecialDay
from cases.errors import BadCalendar
from tests.cases.factories import SHANGHAI, china

NEW_YORK = ZoneInfo("America/New_York")
NINE_TO_FIVE = [(time(9, 0), time(17, 0))]


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-12", "2026-02-26"),
        ("2026-04-29", "2026-05-09"),  # a Saturday that makes up for the holiday
        ("2026-09-24", "2026-10-09"),
        ("2026-09-30", "2026-10-13"),
        ("2026-12-24", "2026-12-31"),
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "08:30", "13:00", "23:59"])
def test_five_working_days_end_at_closing_time_and_do_not_count_the_day_of_the_start(start, end, hour) -> None:
    assert china().add_working_days(local(f"{start}T{hour}"), 5) == (local(f"{end}T17:30"), False)


def test_a_year_without_a_notice_gives_a_provisional_term() -> None:
    at, provisional = china().add_working_days(local("2026-12-25T09:00"), 5)
    assert provisional
    assert at == local("2027-01-01T17:30")  # from Monday to Friday: nothing else is known


def test_statutory_dates_are_off_in_a_year_without_a_notice_when_the_region_gives_them() -> None:
    calendar = china(2026, 2026, statutory=((1, 1), (5, 1), (10, 1), (10, 2), (10, 3)))
    assert calendar.add_working_days(local("2026-12-25T09:00"), 5) == (local("2027-01-04T17:30"), True)
    # A year with a notice follows the notice alone.
    assert calendar.is_workday(date(2026, 10, 3)) == (False, False)
    assert china(2026, 2026, statutory=((3, 4),)).is_workday(date(2026, 3, 4)) == (True, False)


def test_a_fixed_date_that_is_listed_ahead_of_its_notice_is_off_and_still_provisional() -> None:
    ahead = [SpecialDay(date(2027, 1, 1), is_workday=False, kind="statutory")]
    calendar = Calendar(SHANGHAI, NINE_TO_FIVE, ahead, covered=[2026])
    assert calendar.is_workday(date(2027, 1, 1)) == (False, True)
    assert calendar.add_working_days(local("2026-12-31T09:00"), 1) == (local("2027-01-04T17:00"), True)


def test_no_year_is_an_exception() -> None:
    for year in (1970, 2003, 2027, 2100):
        assert china().is_workday(date(year, 6, 1)).provisional
        assert china().add_office_time(local(f"{year}-06-01T09:00"), minutes(600)).provisional
        assert china().subtract_office_time(local(f"{year}-06-01T09:00"), minutes(600)).provisional
        assert china().office_time(local(f"{year}-06-01T09:00"), local(f"{year}-06-03T09:00")).provisional


def test_a_term_across_new_year_is_provisional_only_if_it_counts_a_day_of_the_new_year() -> None:
    evening = local("2026-12-31T16:30")
    assert china().add_office_time(evening, minutes(60)) == (local("2026-12-31T17:30"), False)
    assert china().add_office_time(evening, minutes(61)) == (local("2027-01-01T08:31"), True)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-03-04T09:00", 120, "2026-03-04T11:00"),
        ("2026-03-04T11:00", 120, "2026-03-04T15:00"),  # over lunch
        ("2026-03-04T10:00", 120, "2026-03-04T12:00"),  # up to lunch, not to the end of it
        ("2026-03-04T16:30", 120, "2026-03-05T09:30"),  # over night
        ("2026-03-06T16:30", 120, "2026-03-09T09:30"),  # over a week-end
        ("2026-02-13T16:30", 120, "2026-02-14T09:30"),  # into a make-up Saturday
        ("2026-02-14T16:30", 120, "2026-02-24T09:30"),  # over the Spring Festival
        ("2026-03-04T20:00", 60, "2026-03-05T09:30"),
        ("2026-03-04T15:30", 120, "2026-03-04T17:30"),
        ("2026-03-04T13:00", 0, "2026-03-04T13:00"),
    ],
)
def test_office_time_is_added_across_lunch_nights_and_holidays(start, amount, end) -> None:
    assert china().add_office_time(local(start), minutes(amount)).at == local(end)


@pytest.mark.parametrize(
    ("end", "amount", "start"),
    [
        ("2026-03-04T11:00", 60, "2026-03-04T10:00"),
        ("2026-03-04T15:00", 120, "2026-03-04T11:00"),
        ("2026-03-04T14:30", 30, "2026-03-04T12:00"),  # from noon on, no more than 30 minutes are left
        ("2026-03-09T09:30", 120, "2026-03-06T16:30"),
        ("2026-03-05T08:30", 0, "2026-03-04T17:30"),
    ],
)
def test_subtracting_gives_the_earliest_instant_from_which_no_more_is_left(end, amount, start) -> None:
    assert china().subtract_office_time(local(end), minutes(amount)).at == local(start)


def test_office_time_is_counted_only_while_the_office_is_open() -> None:
    count = china().office_time
    assert count(local("2026-03-04T00:00"), local("2026-03-05T00:00")).time == minutes(420)
    assert count(local("2026-03-04T11:30"), local("2026-03-04T14:30")).time == minutes(60)
    assert count(local("2026-02-15T00:00"), local("2026-02-24T00:00")).time == minutes(0)
    assert count(local("2026-03-04T12:00"), local("2026-03-04T09:00")).time == minutes(0)


def test_the_days_are_those_of_the_package_that_transcribes_the_notices() -> None:
    day = date(2025, 1, 1)
    while day.year < 2027:
        assert china().is_workday(day) == (chinese_calendar.is_workday(day), False), day
        day += timedelta(days=1)


def test_days_begin_in_the_region_and_not_in_greenwich() -> None:
    # 17:00 UTC on Tuesday is Wednesday in China, so the first day that counts is Thursday.
    start = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    assert china().add_working_days(start, 1).at == local("2026-03-05T17:30")


def test_new_york_keeps_its_hours_when_the_clocks_change() -> None:
    holidays = [SpecialDay(date(2026, 11, 11), is_workday=False, kind="holiday")]
    calendar = Calendar(NEW_YORK, NINE_TO_FIVE, holidays, [2026])
    # Clocks go forward on 2026-03-08 and back on 2026-11-01, both Sundays.
    assert calendar.add_working_days(local("2026-03-06T12:00", NEW_YORK), 1).at == datetime(
        2026, 3, 9, 21, 0, tzinfo=UTC
    )
    assert calendar.add_working_days(local("2026-10-30T12:00", NEW_YORK), 1).at == datetime(
        2026, 11, 2, 22, 0, tzinfo=UTC
    )
    assert calendar.add_working_days(local("2026-11-10T12:00", NEW_YORK), 1).at == local("2026-11-12T17:00", NEW_YORK)
    across = calendar.office_time(local("2026-03-06T12:00", NEW_YORK), local("2026-03-10T12:00", NEW_YORK))
    assert across == (timedelta(hours=16), False)


def test_offices_may_keep_other_hours_on_some_days_and_close_at_midnight() -> None:
    calendar = Calendar(
        SHANGHAI, [(time(9), time(17))], covered=[2026], hours_by_weekday={4: [(time(20), time(0))]}, week=range(6)
    )
    assert calendar.office_time(local("2026-03-06T00:00"), local("2026-03-07T00:00")).time == timedelta(hours=4)
    assert calendar.add_working_days(local("2026-03-05T12:00"), 1).at == local("2026-03-07T00:00")
    assert calendar.is_workday(date(2026, 3, 7)).works


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [(time(12), time(9))],
        [(time(9), time(9))],
        [(time(9), time(13)), (time(12), time(17))],
        [(time(14), time(17)), (time(9), time(12))],
        [(time(9), time(0)), (time(12), time(17))],
    ],
)
def test_hours_that_contradict_themselves_are_refused(hours) -> None:
    with pytest.raises(BadCalendar):
        Calendar(SHANGHAI, hours)


def test_a_day_given_twice_and_differently_is_refused() -> None:
    day = date(2026, 5, 9)
    with pytest.raises(BadCalendar, match="2026-05-09"):
        Calendar(SHANGHAI, NINE_TO_FIVE, [SpecialDay(day, is_workday=True), SpecialDay(day, is_workday=False)])


def test_a_week_without_working_days_and_a_term_without_days_are_refused() -> None:
    with pytest.raises(BadCalendar):
        Calendar(SHANGHAI, NINE_TO_FIVE, week=())
    with pytest.raises(ValueError, match="0 working days"):
        china().add_working_days(local("2026-03-04T09:00"), 0)


instants = st.integers(0, 200 * 24 * 60).map(lambda count: local("2026-01-01T00:00").astimezone(UTC) + minutes(count))


@settings(max_examples=200, deadline=None)
@given(start=instants, amount=st.integers(1, 5000))
def test_adding_and_counting_agree(start: datetime, amount: int) -> None:
    end = china().add_office_time(start, minutes(amount)).at
    assert china().office_time(start, end).time == minutes(amount)
    assert china().office_time(start, end - minutes(1)).time == minutes(amount - 1)  # no earlier instant would do


@settings(max_examples=200, deadline=None)
@given(end=instants, amount=st.integers(0, 5000))
def test_subtracting_and_counting_agree(end: datetime, amount: int) -> None:
    start = china().subtract_office_time(end, minutes(amount)).at
    assert china().office_time(start, end).time == minutes(amount)
    assert china().office_time(start - minutes(1), end).time == minutes(amount + 1)
