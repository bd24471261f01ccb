"""A month or a year of the region, as people name it."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from data.views.search import BadQuery

WRITTEN = re.compile(r"(?P<year>20\d\d)(-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From an instant to another (aware), the end excluded; `name` as it was asked for."""

    name: str
    start: datetime
    end: datetime


def period_of(text: str, zone: ZoneInfo) -> Period:
    """Read a year (``2026``) or a month (``2026-11``) of the region's zone.

    Raises
    ------
    BadQuery
        It is neither.
    """
    found = WRITTEN.fullmatch(text)
    if found is None:
        raise BadQuery(f"{text[:40]!r} is no period; give a month such as 2026-11 or a year such as 2026.")
    year, month = int(found["year"]), found["month"]
    if month is None:
        return Period(text, datetime(year, 1, 1, tzinfo=zone), datetime(year + 1, 1, 1, tzinfo=zone))
    after = (year + 1, 1) if month == "12" else (year, int(month) + 1)
    return Period(text, datetime(year, int(month), 1, tzinfo=zone), datetime(*after, 1, tzinfo=zone))
