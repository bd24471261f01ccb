"""What a map sheet says in figures: read once, counted once, the same for the picture, the table and every export."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from cases.clock import Level
from dashboard.documents.maps.atlas import Plate
from dashboard.documents.maps.wanted import Measure, Wanted
from data import views
from data.region import Region
from data.views import BadQuery, DayCount, Standing

NOTHING = DayCount(0, 0)
SQUARE_KM = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """An area of the table: its pending cases at the moment, and what the day had brought until then."""

    code: str | None
    pending: int
    amber: int
    overdue: int
    received: int
    closed: int


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a sheet states.

    Attributes
    ----------
    rows
        By area of the table: townships, or villages of the sheet's township; what lies elsewhere last, under None.
    total
        All of them together.
    revision
        The last event that was known when the sheet was made.
    """

    wanted: Wanted
    cases: tuple[Standing, ...]
    rows: tuple[Row, ...]
    total: Row
    revision: int

    @property
    def code(self) -> str:
        """Hash of question and figures: two sheets that bear the same one say the same."""
        said = [str(self.wanted), [(row.code, *_figures(row)) for row in (*self.rows, self.total)]]
        said.append([(case.number, int(case.level)) for case in self.cases])
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _figures(row: Row) -> tuple[int, ...]:
    return row.pending, row.amber, row.overdue, row.received, row.closed


def read(engine: Engine, region: Region, wanted: Wanted, now: datetime) -> Contents:
    """Read what a sheet shows.

    Raises
    ------
    BadQuery
        The moment, the resolution or the township cannot be shown; see `Wanted.checked`.
    """
    wanted = wanted.checked(now, views.first_instant(engine))
    day = region.local_day(wanted.at)
    first = region.boundaries.first_day
    if first is None or day < first:
        raise BadQuery(f"The region has no boundaries on {day}; the first version begins on {first}.")
    known = {area.code: area.name for area in region.townships_on(day)}
    filters = wanted.filters
    if wanted.township is not None:
        if wanted.township not in known:
            names = ", ".join(f"{code} {name}" for code, name in known.items())
            raise BadQuery(f"There was no township {wanted.township!r:.40} on {day}; there were {names}.")
        filters = replace(filters, township=(wanted.township,))
        codes: Sequence[str] = [
            area.code for area in region.children(region.layers["township"].by_code(wanted.township, day), day)
        ]  # type: ignore[arg-type]
    else:
        codes = list(known)
    revision = views.latest_revision(engine)
    cases = views.standing_at(engine, wanted.at, views.Known.TODAY, region.calendar, filters)
    midnight = wanted.at.astimezone(region.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    brought = views.day_counts(engine, midnight, wanted.at + timedelta(microseconds=1), filters)
    area_of: Callable[[Standing], str | None] = (lambda c: c.village) if wanted.township else (lambda c: c.township)
    return Contents(wanted, cases, *count(cases, codes, brought, area_of), revision)


def count(
    cases: Sequence[Standing], codes: Sequence[str], brought: Mapping[str | None, DayCount],
    area_of: Callable[[Standing], str | None],
) -> tuple[tuple[Row, ...], Row]:  # fmt: skip
    """Count cases by area; areas that the boundaries of the day do not have are counted under None."""
    known = set(codes)
    by_area = Counter((code if (code := area_of(one)) in known else None, one.level) for one in cases)
    day: dict[str | None, DayCount] = {}
    for code, found in brought.items():
        place = code if code in known else None
        before = day.get(place, NOTHING)
        day[place] = DayCount(before.received + found.received, before.closed + found.closed)
    rows = [_row(code, by_area, day.get(code, NOTHING)) for code in (*codes, None)]
    if not any(_figures(rows[-1])):
        rows.pop()
    total = (
        Row(None, *(sum(column) for column in zip(*map(_figures, rows), strict=True)))
        if rows
        else Row(None, 0, 0, 0, 0, 0)
    )
    return tuple(rows), total


def _row(code: str | None, by_area: Mapping[tuple[str | None, Level], int], day: DayCount) -> Row:
    amber, red = by_area.get((code, Level.AMBER), 0), by_area.get((code, Level.RED), 0)
    pending = amber + red + by_area.get((code, Level.GREEN), 0)
    return Row(code, pending, amber, red, day.received, day.closed)


def levels_of(contents: Contents, codes: Sequence[str], field: str) -> NDArray[np.int64]:
    """Give the worst level of each area's cases: (n,) in the order of codes, 0 where there is none."""
    worst: dict[str | None, int] = {}
    for case in contents.cases:
        code = getattr(case, field)
        worst[code] = max(worst.get(code, 0), int(case.level))
    return np.array([worst.get(code, 0) for code in codes], dtype=np.int64)


def values_of(contents: Contents, plate: Plate, field: str) -> NDArray[np.float64]:
    """Give the measure of each area: cases, overdue cases, or cases per square kilometre of the metric CRS."""
    counted = Counter(
        getattr(case, field)
        for case in contents.cases
        if contents.wanted.measure is not Measure.OVERDUE or case.level is Level.RED
    )
    numbers = np.array([counted.get(area.code, 0) for area in plate.areas[field]], dtype=float)
    if contents.wanted.measure is Measure.DENSITY:
        areas = np.array([shape.area for shape in plate.shapes[field]]) / SQUARE_KM
        return numbers / areas
    return numbers
