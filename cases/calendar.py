"""Working days and office hours: data with a source and an expiry, for no library knows next year's notice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cases.errors import BadCalendar

MONDAY_TO_FRIDAY = frozenset(range(5))
ONE_DAY = timedelta(days=1)
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day on which people work, or do not, against the habit of the week.

    Attributes
    ----------
    kind
        ``holiday``, ``make_up`` (a working Saturday or Sunday) or ``statutory`` (a fixed date without a notice yet).
    notice
        The notice that says so.
    """

    day: date
    is_workday: bool
    kind: str = ""
    notice: str = ""


class Workday(NamedTuple):
    """Whether people work on a day, and whether that is a guess."""

    works: bool
    provisional: bool


class Moment(NamedTuple):
    """An instant (aware UTC) that was counted out, and whether a day without a published notice was counted."""

    at: datetime
    provisional: bool


class Lapse(NamedTuple):
    """A length of office time, and whether a day without a published notice was counted."""

    time: timedelta
    provisional: bool


class Calendar:
    """The working days and office hours of one region.

    Parameters
    ----------
    zone
        Time zone in which days begin and offices open.
    hours
        Office hours of a working day as (opening, closing) in local time, in order; a closing at 00:00 is the midnight
        that ends the day. A make-up day keeps the same hours. They are taken not to span a change of the clocks.
    special
        The days that differ from the week.
    covered
        Years whose notice is published. In any other year the answers are provisional, never an exception.
    week
        Days of the week on which people work, Monday = 0.
    hours_by_weekday
        Other hours for single days of the week.
    statutory
        Fixed dates (month, day) that are off in a year without a notice.

    Raises
    ------
    BadCalendar
        Hours out of order or missing, a week without a working day, a day that is given twice and differently.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        hours: Sequence[tuple[time, time]],
        special: Iterable[SpecialDay] = (),
        covered: Iterable[int] = (),
        *,
        week: Iterable[int] = MONDAY_TO_FRIDAY,
        hours_by_weekday: Mapping[int, Sequence[tuple[time, time]]] | None = None,
        statutory: Iterable[tuple[int, int]] = (),
    ) -> None:
        self.zone = zone
        self.hours = _checked_hours(hours)
        self.hours_by_weekday = {day: _checked_hours(other) for day, other in (hours_by_weekday or {}).items()}
        self.week = frozenset(week)
        if not self.week & set(range(7)):
            raise BadCalendar(f"The working week {sorted(self.week)} has no day; give weekdays from 0 (Monday) to 6.")
        self.covered = frozenset(covered)
        self.statutory = frozenset(statutory)
        self.special: dict[date, SpecialDay] = {}
        for one in special:
            known = self.special.setdefault(one.day, one)
            if known.is_workday != one.is_workday:
                raise BadCalendar(
                    f"{one.day} is given both as a working day and as a day off; keep one of the two rows."
                )
        self._spans: dict[date, tuple[tuple[datetime, datetime], ...]] = {}

    def is_workday(self, day: date) -> Workday:
        """Say whether people work on a day; provisional in a year whose notice is not published."""
        provisional = day.year not in self.covered
        special = self.special.get(day)
        if special is not None:
            return Workday(special.is_workday, provisional)
        if provisional and (day.month, day.day) in self.statutory:
            return Workday(works=False, provisional=True)
        return Workday(day.weekday() in self.week, provisional)

    def local_day(self, instant: datetime) -> date:
        """Give the day in the region's zone on which an aware instant lies."""
        return instant.astimezone(self.zone).date()

    def office_spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Give the office hours of a day as (opening, closing) in UTC; none on a day off."""
        spans = self._spans.get(day)
        if spans is None:
            spans = self._spans[day] = tuple(self._office_spans(day))
        return spans

    def add_working_days(self, start: datetime, days: int) -> Moment:
        """Count working days from an instant; the term ends at closing time of the last one.

        The day of the start does not count (Civil Code of the People's Republic of China, article 201) and the last day
        ends when business closes (article 203).

        Raises
        ------
        ValueError
            When `days` is less than 1.
        """
        if days < 1:
            raise ValueError(f"{days} working days cannot be counted from an instant; give 1 or more.")
        day, counted, provisional = self.local_day(start), 0, False
        while counted < days:
            day += ONE_DAY
            works = self.is_workday(day)
            counted += works.works
            provisional |= works.provisional
        return Moment(self.office_spans(day)[-1][1], provisional)

    def add_office_time(self, start: datetime, amount: timedelta) -> Moment:
        """Give the earliest instant at which `amount` of office time has passed since `start`."""
        if amount <= NOTHING:
            return Moment(start, provisional=False)
        day, left, provisional = self.local_day(start), amount, False
        while True:
            provisional |= day.year not in self.covered
            for opening, closing in self.office_spans(day):
                lapse = closing - max(opening, start)
                if lapse >= left:
                    return Moment(closing - (lapse - left), provisional)
                left -= max(lapse, NOTHING)
            day += ONE_DAY

    def subtract_office_time(self, end: datetime, amount: timedelta) -> Moment:
        """Give the earliest instant from which no more than `amount` of office time is left until `end`."""
        day, left, provisional = self.local_day(end), amount, False
        while True:
            provisional |= day.year not in self.covered
            for opening, closing in reversed(self.office_spans(day)):
                last = min(closing, end)
                if last - opening > left:
                    return Moment(last - left, provisional)
                left -= max(last - opening, NOTHING)
            day -= ONE_DAY

    def office_time(self, start: datetime, end: datetime) -> Lapse:
        """Count the office time between two instants; nothing when `end` is not later than `start`."""
        total, provisional = NOTHING, False
        if end <= start:
            return Lapse(total, provisional)
        day, last = self.local_day(start), self.local_day(end)
        while day <= last:
            provisional |= day.year not in self.covered
            for opening, closing in self.office_spans(day):
                total += max(min(closing, end) - max(opening, start), NOTHING)
            day += ONE_DAY
        return Lapse(total, provisional)

    def start_of_day(self, day: date) -> datetime:
        """Give the instant (UTC) at which a local day begins."""
        return self._instant(day, time.min)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)

    def _office_spans(self, day: date) -> Iterable[tuple[datetime, datetime]]:
        if self.is_workday(day).works:
            for opening, closing in self.hours_by_weekday.get(day.weekday(), self.hours):
                closing_day = day + ONE_DAY if closing == time.min else day
                yield self._instant(day, opening), self._instant(closing_day, closing)


def _checked_hours(hours: Sequence[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Refuse hours that are missing, empty, overlapping or out of order."""
    if not hours:
        raise BadCalendar("A working day needs office hours; give at least one (opening, closing).")
    bounds = [at for interval in hours for at in interval]
    in_order = all(a < b for a, b in pairwise(bounds[:-1])) and (bounds[-1] == time.min or bounds[-2] < bounds[-1])
    if not in_order:
        shown = ", ".join(f"{opening:%H:%M}-{closing:%H:%M}" for opening, closing in hours)
        raise BadCalendar(f"The office hours {shown} overlap or run backwards; give them in order of the day.")
    return tuple((opening, closing) for opening, closing in hours)
