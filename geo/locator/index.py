"""The pixel index of one layer: built from geometries, asked by arrays of points."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.locator import plan, query
from geo.locator.answers import EDGE, OVERLAP, Hit, Located
from geo.locator.grid import LEVELS, Edges, Frame
from geo.locator.records import LINE, MIXED, build_row
from geo.locator.rings import edges_of

Row = tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]]
SMALL = 1 << 15
"""Areas, and lines of records in a tile, that pixels of 16 bits can name."""
PART = 1 << 16
"""Points that a thread takes at a time."""
NOWHERE = Frame(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1, 1, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class PixelIndex:
    """A frozen index; threads and processes share it."""

    frame: Frame
    arrays: query.Arrays

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return sum(part.nbytes for part in self.arrays)

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64], threads: int = 1) -> Located:
        """Locate (n,) points in degrees; see `geo.locator.Locator.locate`."""
        x, y = sealed(x), sealed(y)
        index, flags = np.empty(x.shape, np.int32), np.empty(x.shape, np.uint8)
        if threads < 2 or len(x) <= PART:
            query.locate(self.frame, self.arrays, x, y, index, flags)
            return Located(index, flags)

        # Small parts, as a thread that is held up by other work must not keep the rest waiting.
        starts = iter(range(0, len(x), PART))

        def work() -> None:
            for begin in starts:
                here = slice(begin, begin + PART)
                query.locate(self.frame, self.arrays, x[here], y[here], index[here], flags[here])

        # This thread works, too: the others may take their time to start.
        with ThreadPoolExecutor(threads - 1) as pool:
            others = [pool.submit(work) for _ in range(threads - 1)]
            work()
            for other in others:
                other.result()
        return Located(index, flags)

    def locate_one(self, x: float, y: float) -> Hit:
        """Locate one point in degrees."""
        position, flags = query.locate_one(self.frame, self.arrays, float(x), float(y))
        return Hit(position, (flags & EDGE) != 0, (flags & OVERLAP) != 0)


def arrays_of(
    table: NDArray[np.int64], pixels: query.Pixels, words: NDArray[np.int64], xy: NDArray[np.float64]
) -> query.Arrays:
    """Put the arrays of an index together."""
    return query.Arrays(*map(sealed, (table, pixels, words, xy)))


def sealed(array: NDArray[Any]) -> NDArray[Any]:
    """Give a view that cannot be written.

    Kernels are compiled anew for arrays that differ in this; a file that is mapped cannot be written, so nothing can.
    """
    view = array.view()
    view.setflags(write=False)
    return view


def build(
    geometries: Sequence[BaseGeometry] | NDArray[np.object_], budget: int | None = None, share: float | None = None,
    threads: int | None = None,
) -> PixelIndex:  # fmt: skip
    """Build the index of a layer.

    Parameters
    ----------
    geometries
        Valid polygons in degrees, (lon, lat), in rank order.
    budget
        Bytes; see `geo.locator.plan`.
    share
        Share of pixels that may hold edges, before the budget; see `geo.locator.plan`.
    threads
        As many as there are processors, if not given.
    """
    edges = edges_of(geometries)
    if not len(edges.area):
        empty = np.zeros((2, 1), np.int64), np.zeros(1, np.uint32), np.zeros(LINE, np.int64)
        return PixelIndex(NOWHERE, arrays_of(*empty, np.zeros((1, 2))))
    allowed = plan.budget_for(len(geometries)) if budget is None else budget
    spread = shapely.bounds(geometries), shapely.area(geometries)
    frame, starts, levels = plan.tiling(edges, spread, share, 2 if len(geometries) < SMALL else 4, allowed)
    lists = plan.tile_lists(frame, edges, starts)
    rows = build_rows(frame, edges, (starts, lists, levels), len(geometries), threads or os.cpu_count() or 1)
    return PixelIndex(frame, arrays_of(*joined(rows, len(geometries)), edges.xy))


def build_rows(
    frame: Frame, edges: Edges, wanted: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]], areas: int,
    threads: int,
) -> list[Row]:  # fmt: skip
    """Build all rows of tiles, several at a time."""

    def some(first: int) -> list[tuple[int, Row]]:
        scratch = np.full(areas, -1, np.int32), np.full(areas, -1, np.int32)
        return [(line, build_row(frame, edges, *wanted, line, scratch)) for line in range(first, frame.rows, threads)]

    with ThreadPoolExecutor(threads) as pool:
        found = dict(pair for part in pool.map(some, range(threads)) for pair in part)
    return [found[line] for line in range(frame.rows)]


def joined(rows: list[Row], areas: int) -> tuple[NDArray[np.int64], query.Pixels, NDArray[np.int64]]:
    """Join rows of tiles to the arrays of an index, with pixels of 16 bits where these are enough."""
    table = np.stack([row[0] for row in rows], axis=1)
    table[0] += np.cumsum([0, *(len(row[1]) for row in rows[:-1])])[:, None] * 8
    table[1] += np.cumsum([0, *(len(row[2]) for row in rows[:-1])])[:, None] // LINE
    table = table.reshape(2, -1)
    pixels = np.concatenate([row[1] for row in rows])
    # Tiles of a single pixel, as those far from all areas are, have theirs side by side in front: together they fit
    # into a cache, where among the others each takes a line of it.
    alone = (table[0] & 7) == LEVELS
    pixels = np.concatenate([pixels[table[0, alone] >> 3], pixels])
    table[0] += alone.sum() * 8
    table[0, alone] = np.arange(alone.sum()) * 8 + LEVELS
    words = np.concatenate([row[2] for row in rows])
    mixed = (pixels & MIXED) != 0
    rest = pixels & (MIXED - 1)
    if areas < SMALL and (not len(rest) or rest.max() < SMALL):
        small = rest.astype(np.uint16)
        small[mixed] |= SMALL
        return table, small, words
    return table, pixels, words
