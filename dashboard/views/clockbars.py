"""Clocks against the calendar: one axis for limits of minutes and one for days, with the hours that do not count.

Everything is data in milliseconds since 1970; assets/js/clockbars.js draws it as SVG.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from cases.calendar import ONE_DAY, Calendar
from cases.clock import BudgetUnit, Clock
from dashboard.text import say
from dashboard.views.tables import ms

MOST_DAYS_WITH_NIGHTS = 45
"""On a longer axis a night is thinner than a hair: only whole days off are shaded."""
MOST_DAYS = 400
MOST_TICKS = 8
MARGIN = 0.04
LEAST = timedelta(minutes=30)
STEPS = tuple(
    timedelta(minutes=m) for m in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14400, 43200, 86400)
)


def axes(clocks: Sequence[Clock], calendar: Calendar, now: datetime, language: str) -> list[dict[str, Any]]:
    """Give the axes of a case's clocks, each with the numbers of the clocks that stand on it.

    Returns
    -------
    list of dict
        ``from`` and ``to`` (ms), ``clocks`` (positions in `clocks`), ``shades`` (what does not count, and
        make-up days), ``ticks`` (ms and words), ``title``.
    """
    short = [at for at, clock in enumerate(clocks) if clock.budget.unit is BudgetUnit.MINUTES]
    long = [at for at in range(len(clocks)) if at not in short]
    return [
        _axis(title, [clocks[at] for at in numbers], numbers, calendar, now, language)
        for title, numbers in (("case.axis.minutes", short), ("case.axis.days", long))
        if numbers
    ]


def _axis(
    title: str, clocks: Sequence[Clock], numbers: list[int], calendar: Calendar, now: datetime, language: str
) -> dict[str, Any]:
    start, end = stretch(clocks, now)
    return {
        "title": say(title, language),
        "from": ms(start),
        "to": ms(end),
        "clocks": numbers,
        "shades": shades(start, end, calendar, language),
        "ticks": ticks(start, end, calendar, language),
    }


def stretch(clocks: Sequence[Clock], now: datetime) -> tuple[datetime, datetime]:
    """Say from when to when an axis goes: every start, limit and end of its clocks, and now for those that run."""
    ends = [
        end for clock in clocks for end in (clock.due.due_at if clock.due else None, clock.stopped_at or now) if end
    ]
    start, end = min(clock.started_at for clock in clocks), max(ends)
    # A clock that nobody stopped for years: its beginning and its limit are shown, the rest is cut.
    end = min(max(end, start + LEAST), start + MOST_DAYS * ONE_DAY)
    margin = (end - start) * MARGIN
    return start - margin, end + margin


def shades(start: datetime, end: datetime, calendar: Calendar, language: str) -> list[dict[str, Any]]:
    """Give the spans that differ from office hours, in order: off hours, weekends, holidays, and make-up days.

    A make-up day is a mark on a day that counts; all others are time in which no office minute passes.
    """
    nights = (end - start) / ONE_DAY <= MOST_DAYS_WITH_NIGHTS
    found = []
    for kind, begins, ends in _spans(start, end, calendar):
        if (kind != "night" or nights) and begins < end and ends > start:
            span = {"kind": kind, "from": ms(max(begins, start)), "to": ms(min(ends, end))}
            found.append(
                span | {"title": f"{begins.astimezone(calendar.zone):%m-%d} {say(f'case.shade.{kind}', language)}"}
            )
    return found


def _spans(start: datetime, end: datetime, calendar: Calendar) -> Iterator[tuple[str, datetime, datetime]]:
    day, last = calendar.local_day(start), calendar.local_day(end)
    while day <= last:
        begins, ends = calendar.start_of_day(day), calendar.start_of_day(day + ONE_DAY)
        special, usual = calendar.special.get(day), day.weekday() in calendar.week
        if not calendar.is_workday(day).works:
            yield ("holiday" if usual or (special and special.kind == "holiday") else "weekend"), begins, ends
        else:
            if not usual:
                yield "make_up", begins, ends
            for opening, closing in calendar.office_spans(day):
                yield "night", begins, opening
                begins = closing
            yield "night", begins, ends
        day += ONE_DAY


def ticks(start: datetime, end: datetime, calendar: Calendar, language: str) -> list[dict[str, Any]]:
    """Give at most `MOST_TICKS` marks at round times of the region's zone, each with its words."""
    step = next((step for step in STEPS if (end - start) / step <= MOST_TICKS), STEPS[-1])
    midnight = calendar.start_of_day(calendar.local_day(start))
    found = []
    at = midnight
    while at <= end:
        if at >= start:
            local = at.astimezone(calendar.zone)
            whole = step >= ONE_DAY or (local.hour, local.minute) == (0, 0)
            words = f"{local:%m-%d} {say(f'case.weekday.{local.weekday()}', language)}" if whole else f"{local:%H:%M}"
            found.append({"at": ms(at), "words": words})
        # Days are counted by the calendar: where clocks change, a day is not 24 hours.
        at = at + step if step < ONE_DAY else calendar.start_of_day(calendar.local_day(at) + step)
    return found
