"""Cases placed by two versions of the boundaries at once, a page at a time: who stands where, and who moves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, func, select

from cases.ports import BY_LINES, Place
from data import tables
from data.placing.flags import BIT
from data.placing.placer import Placed, Placer
from data.reattributing.versions import Change
from data.region import Region
from data.region.boundaries import CHAIN

PAGE_ROWS = 20_000
COLUMN = {"grid": "cell"}
"""Layer to the column of table `cases` that has its code; a nested layer without an entry has its own name."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases as they stand.

    Attributes
    ----------
    numbers, pending
        (n,) case numbers, and whether they are open.
    lon, lat
        (n,) degrees; NaN without a point.
    areas
        Layer name to (n,) codes; null where a case stands in no area.
    """

    numbers: Sequence[str]
    pending: Mask
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    areas: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.numbers)


def pages(connection: Connection, region: Region) -> Iterator[Page]:
    """Give all cases of one moment in any order: the database is walked through once, a page is in memory."""
    result = connection.execution_options(yield_per=PAGE_ROWS).execute(columns_of(region))
    for rows in result.partitions():
        yield page_of(rows, region)


def open_page(connection: Connection, region: Region, after: str) -> Page | None:
    """Give the next open cases by number, None where there is none after that one."""
    cases = tables.cases.c
    query = columns_of(region).where(cases.pending.is_(True), cases.number > after)
    rows = connection.execute(query.order_by(cases.number).limit(PAGE_ROWS)).all()
    return page_of(rows, region) if rows else None


def columns_of(region: Region, *more: Any) -> Select[Any]:
    """Select what `page_of` reads."""
    cases = tables.cases.c
    codes = [cases[COLUMN.get(name, name)] for name in region.layers if name in CHAIN]
    beside = [cases.areas] if set(region.layers) - set(CHAIN) else []
    return select(cases.number, cases.pending, cases.lon, cases.lat, *codes, *beside, *more)


def page_of(rows: Sequence[Row[Any]], region: Region) -> Page:
    """Make a page of rows of `columns_of`."""
    columns = list(zip(*rows, strict=True))
    nested = [name for name in region.layers if name in CHAIN]
    areas = {name: pa.array(columns[4 + at], pa.string()) for at, name in enumerate(nested)}
    for name in region.layers:
        if name not in areas:
            areas[name] = pa.array([codes.get(name) for codes in columns[4 + len(nested)]], pa.string())
    lon, lat = (np.array(columns[at], np.float64) for at in (2, 3))
    return Page(columns[0], np.array(columns[1], np.bool_), lon, lat, areas)


def counted(connection: Connection, *, pending: bool = False) -> int:
    """Count all cases, or the open ones."""
    query = select(func.count()).select_from(tables.cases)
    if pending:
        query = query.where(tables.cases.c.pending.is_(True))
    return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class Moves:
    """A page with the places of its cases by two versions.

    Attributes
    ----------
    before, after
        By the one and by the other.
    moves
        (n,) whether a case stands by the first version, and lies elsewhere by the second.
    there
        (n,) whether it lies elsewhere by the second, and stands there already.
    otherwise
        (n,) whether it lies elsewhere by the second, and stands by neither of the two.
    """

    page: Page
    before: Placed
    after: Placed
    moves: Mask
    there: Mask
    otherwise: Mask

    def has(self, flag: str) -> Mask:
        """Give which cases get a flag by the second version."""
        return np.asarray((self.after.flags & BIT[flag]) != 0)

    def place(self, at: int) -> Place:
        """Give the place of a case by the second version."""
        return place_at(self.page, self.after, at)


class Comparison:
    """Places cases by the two versions of a change."""

    def __init__(self, region: Region, change: Change) -> None:
        self.region, self.change = region, change
        self._placer = Placer(region)

    def of(self, page: Page) -> Moves:
        """Place a page of cases."""
        days = self.change.before.day, self.change.after.day
        before, after = (self._placer.locate(page.lon, page.lat, day) for day in days)
        located = ~np.isnan(page.lon)
        differs = located & ~same(before.areas, after.areas)
        stands, there = same(page.areas, before.areas), same(page.areas, after.areas)
        return Moves(page, before, after, differs & stands, differs & there, differs & ~stands & ~there)


def same(one: Mapping[str, pa.Array], other: Mapping[str, pa.Array]) -> Mask:
    """Say of each case whether it has the same code in every layer; nothing is the same as nothing."""
    found: Mask | None = None
    for layer, codes in one.items():
        equal = pc.fill_null(pc.equal(codes, other[layer]), fill_value=False)
        nothing = pc.and_(pc.is_null(codes), pc.is_null(other[layer]))
        here = pc.or_(equal, nothing).to_numpy(zero_copy_only=False)
        found = here if found is None else found & here
    assert found is not None  # noqa: S101 - a region has at least one layer
    return found


def place_at(page: Page, placed: Placed, at: int) -> Place:
    """Give one of the places of a page as the desk takes it."""
    codes = {layer: column[at].as_py() for layer, column in placed.areas.items()}
    return Place(
        lon=float(page.lon[at]),
        lat=float(page.lat[at]),
        cell=codes.get("grid"),
        village=codes.get("village"),
        township=codes.get("township"),
        areas={layer: code for layer, code in codes.items() if layer not in CHAIN and code is not None},
        flags=tuple(flag for flag, bit in BIT.items() if placed.flags[at] & bit and flag in BY_LINES),
        nearest=placed.nearest[at].as_py(),
        nearest_m=placed.nearest_m[at].as_py(),
    )
