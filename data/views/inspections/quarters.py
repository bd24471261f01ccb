"""Quarters of a region's zone: 2026Q4."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from data.views.search import BadQuery

WRITTEN = re.compile(r"(20\d\d)Q([1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of a zone, the end excluded."""

    year: int
    number: int
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """How it is written."""
        return f"{self.year}Q{self.number}"

    @property
    def start(self) -> datetime:
        """First instant."""
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """First instant of the next one."""
        return self.after(1).start

    def after(self, count: int) -> "Quarter":
        """Give the quarter that comes so many later; earlier for a negative number."""
        years, number = divmod(self.number - 1 + count, 4)
        return Quarter(self.year + years, number + 1, self.zone)


def quarter_of(text: str, zone: ZoneInfo) -> Quarter:
    """Read a quarter as people write it.

    Raises
    ------
    BadQuery
        It is none.
    """
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise BadQuery(f"{text[:40]!r} is no quarter; give one such as 2026Q4.")
    return Quarter(int(found[1]), int(found[2]), zone)


def quarter_at(instant: datetime, zone: ZoneInfo) -> Quarter:
    """Give the quarter in which an instant lies."""
    local = instant.astimezone(zone)
    return Quarter(local.year, (local.month + 2) // 3, zone)
