"""When things happen: the day's and the week's rhythm of reports, and the hours in which offices work on them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

# Reports by hour of the local day, as parts of the busiest hour. Grid workers walk their rounds in office hours.
ROUNDS = (1, 1, 1, 1, 1, 3, 10, 30, 75, 100, 95, 60, 35, 55, 85, 90, 75, 50, 30, 22, 16, 10, 5, 2)
MEALTIMES = (3, 1, 0, 0, 0, 1, 6, 10, 8, 10, 40, 90, 80, 25, 10, 12, 30, 85, 100, 95, 75, 50, 25, 8)
EVENINGS = (30, 15, 8, 4, 3, 4, 10, 15, 15, 15, 15, 20, 25, 15, 12, 12, 18, 30, 50, 80, 100, 100, 85, 55)
DAYLIGHT = (2, 1, 1, 1, 3, 15, 40, 70, 90, 100, 95, 70, 60, 80, 95, 95, 90, 70, 35, 15, 8, 5, 3, 2)
AROUND_THE_CLOCK = (40, 30, 25, 20, 20, 30, 60, 90, 95, 90, 85, 85, 80, 80, 85, 90, 95, 100, 95, 85, 75, 65, 55, 45)

# Monday to Sunday, as parts of an average day.
WORKING_WEEK = (1.18, 1.12, 1.08, 1.08, 1.12, 0.78, 0.64)
LEISURE_WEEK = (0.85, 0.85, 0.9, 0.95, 1.15, 1.25, 1.05)

OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))
OFFICE_DAY = timedelta(hours=7)


def hourly_share(hours: Sequence[float], week: Sequence[float], local: datetime) -> float:
    """Give how busy a local hour is against the average hour of the week (mean over a week is 1)."""
    return hours[local.hour] * 24 / sum(hours) * week[local.weekday()] * 7 / sum(week)


def after_office_time(start: datetime, amount: timedelta) -> datetime:
    """Give the instant at which `amount` of office time has passed since `start` (both in the region's local time).

    Mondays to Fridays only: a simulated officer knows no public holidays, which is one reason why some are late.
    """
    left = amount
    day = start.date()
    while True:
        if day.weekday() < 5:
            for opens, closes in OFFICE_HOURS:
                begin = max(start, datetime.combine(day, opens, start.tzinfo))
                end = datetime.combine(day, closes, start.tzinfo)
                if begin < end:
                    if begin + left <= end:
                        return begin + left
                    left -= end - begin
        day += timedelta(days=1)
