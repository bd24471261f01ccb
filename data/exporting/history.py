"""Exporting: month after month of one moment of the database, each file whole before it takes its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from data.engine import reading
from data.exporting.folder import Folder, Month
from data.exporting.parts import Part
from data.exporting.rows import cases_of, count_of, last_revision, span_of
from data.region import Region


@dataclass(frozen=True, slots=True)
class Export:
    """What was written.

    Attributes
    ----------
    written, cleared
        Months with cases and how many, and months that were there and have none any more.
    revision
        Last event that is in it.
    """

    written: dict[Month, int]
    cleared: tuple[Month, ...]
    revision: int

    @property
    def rows(self) -> int:
        """Cases in the months that were written."""
        return sum(self.written.values())


def export_history(
    engine: Engine,
    region: Region,
    out: Path,
    now: datetime,
    days: tuple[date | None, date | None] = (None, None),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Export:
    """Write the cases of whole months as GeoParquet; months outside the days stay as they are.

    Parameters
    ----------
    out
        Folder; made where it is missing, parents too.
    now
        Aware instant, for the description.
    days
        First and last day; the months of both are written whole. None has no limit.
    progress
        Called with the cases done and the cases in all.

    Raises
    ------
    NotAnExport
        The folder cannot take it; then nothing is written.
    """
    folder = Folder(out, region)
    first, last = (None if day is None else Month.of(day) for day in days)
    with reading(engine) as connection:
        revision = last_revision(connection)
        start = first.begins(region.zone) if first else None
        end = last.next.begins(region.zone) if last else None
        total = count_of(connection, start, end)
        progress(0, total)
        written: dict[Month, int] = {}
        folder.describe(now, revision)
        done = 0
        for month in _months(connection, region, first, last):
            with Part(out / month.path, region.bounds) as part:
                for batch in cases_of(
                    connection, month.begins(region.zone), month.next.begins(region.zone), Versions(region)
                ):
                    part.add(batch)
                    progress(done + part.rows, total)
            if part.rows:
                done += part.rows
                written[month] = part.rows
                entry = {"year": month.year, "month": month.month, "file": month.path.as_posix(), "rows": part.rows}
                folder.months[month] = {**entry, "exported_at": now.isoformat(), "revision": revision}
                folder.describe(now, revision)
    inside = [month for month in folder.months if (not first or month >= first) and (not last or month <= last)]
    cleared = tuple(sorted(month for month in inside if month not in written))
    folder.clear(cleared, now, revision)
    return Export(written, cleared, revision)


class Versions:
    """Gives the first day of the boundaries that held when a case occurred."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._known: dict[date, date | None] = {}

    def __call__(self, instant: datetime) -> date | None:
        """Give the day; None before the first boundaries."""
        day = self._region.local_day(instant)
        if day not in self._known:
            first = self._region.boundaries.first_day
            versions = [layer.version_of(day) for layer in self._region.layers.values()]
            known = [version for version in versions if version is not None]
            self._known[day] = max(known) if first is not None and day >= first else None
        return self._known[day]


def _months(connection: Connection, region: Region, first: Month | None, last: Month | None) -> Iterator[Month]:
    """Give the months in which a case may have occurred, within those that are meant."""
    span = span_of(connection)
    if span is None:
        return
    begin, end = (Month.of(region.local_day(instant)) for instant in span)
    month = max(begin, first or begin)
    while month <= min(end, last or end):
        yield month
        month = month.next
