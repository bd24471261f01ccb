"""Periods of assessment: months and years of the region's days."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cases.errors import BadPeriod

FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year, in the region's days.

    Attributes
    ----------
    end
        The first day after it.
    """

    name: str
    start: date
    end: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Give its first instant and the first one after it, in UTC."""
        first, after = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (self.start, self.end))
        return first.astimezone(UTC), after.astimezone(UTC)


def period(name: str) -> Period:
    """Read ``2026-11`` or ``2026``; raises BadPeriod for anything else."""
    found = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", name, re.ASCII)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise BadPeriod(f"{name[:40]!r} is no period; give a month such as 2026-11, or a year such as 2026.")
    year, month = int(found[1]), int(found[2] or 0)
    if not month:
        return Period(name, date(year, 1, 1), date(year + 1, 1, 1))
    return Period(name, date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
