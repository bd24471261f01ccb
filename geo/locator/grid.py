"""The raster: which pixel a coordinate lies in, and which pixels of a row an edge can touch.

The box of a layer is cut into tiles of 64 x 64 fine pixels. `column` and `row` give the fine pixel of a coordinate and
never fall as the coordinate rises. That is all that the index rests on: whatever rounding does, two points in one row
of pixels that lie in different columns lie in that order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.locator.compiled import compiled, inlined

LEVELS = 6
TILE = 1 << LEVELS
"""Fine pixels along the side of a tile: a row of them is one word of bits."""
FRACTION = 14
"""Bits of a place behind the fine pixel: see `parts`."""


class Frame(NamedTuple):
    """Box and resolution of an index.

    Attributes
    ----------
    west, south, east, north
        Box of the layer, degrees.
    per_x, per_y
        Fine pixels per degree.
    pad_x, pad_y
        Degrees by which rounding can at most misplace the crossing of an edge and the border of a row.
    columns, rows
        Number of tiles; no edge comes near the last column and the last row.
    last_x, last_y
        The last fine column and row.
    exact
        Whether the areas' shared edges may be kept once: see `geo.locator.orientation.is_exact`.
    """

    west: float
    south: float
    east: float
    north: float
    per_x: float
    per_y: float
    pad_x: float
    pad_y: float
    columns: int
    rows: int
    last_x: float
    last_y: float
    exact: int


class Edges(NamedTuple):
    """The rings of a layer: edge i runs from vertex i to vertex i + 1.

    Attributes
    ----------
    xy
        (n, 2) vertices, degrees (lon, lat), ring after ring, each closed by its first vertex.
    area
        (n,) position of the area; -1 at the last vertex of a ring, where no edge begins.
    following, preceding
        (n,) the edges that share the end and the start of an edge.
    """

    xy: NDArray[np.float64]
    area: NDArray[np.int32]
    following: NDArray[np.int32]
    preceding: NDArray[np.int32]


@inlined
def within(place: float, last: float) -> float:
    """Move a place that lies outside into the first or the last pixel, without a branch.

    The first one decides also those before it, as none of its edges lies there. The last one is empty: what is not a
    number ends there.
    """
    place = place if place < last else last
    return place if place > 0.0 else 0.0


@inlined
def across(frame: Frame, x: float) -> float:
    """Give the place of a longitude, in fine pixels from the west."""
    return within((x - frame.west) * frame.per_x, frame.last_x)


@inlined
def upward(frame: Frame, y: float) -> float:
    """Give the place of a latitude, in fine pixels from the south."""
    return within((y - frame.south) * frame.per_y, frame.last_y)


@inlined
def column(frame: Frame, x: float) -> int:
    """Give the fine column of a longitude."""
    return int(across(frame, x))


@inlined
def row(frame: Frame, y: float) -> int:
    """Give the fine row of a latitude."""
    return int(upward(frame, y))


@inlined
def parts(place: float) -> int:
    """Give a place in whole parts of fine pixels, rounded down: these never fall, either, as the place rises."""
    return int(place * (1 << FRACTION))


@compiled
def columns_in_row(frame: Frame, edges: Edges, edge: int, line: int, shift: int) -> tuple[int, int]:
    """Give the first and the last pixel of a row that an edge may touch; never one too few.

    Parameters
    ----------
    edge
        An edge that reaches into the row.
    line
        The row, in pixels of 2**shift fine ones.

    Returns
    -------
    first, last
        Columns in the same pixels.
    """
    x1, y1 = edges.xy[edge, 0], edges.xy[edge, 1]
    x2, y2 = edges.xy[edge + 1, 0], edges.xy[edge + 1, 1]
    west, east = min(x1, x2), max(x1, x2)
    first, last = west, east
    if y1 != y2 and west != east:
        slope = (x2 - x1) / (y2 - y1)
        low, high = min(y1, y2), max(y1, y2)
        bottom = frame.south + (line << shift) / frame.per_y - frame.pad_y
        top = frame.south + ((line + 1) << shift) / frame.per_y + frame.pad_y
        below = x1 + (min(max(bottom, low), high) - y1) * slope
        above = x1 + (min(max(top, low), high) - y1) * slope
        first = max(west, min(below, above) - frame.pad_x)
        last = min(east, max(below, above) + frame.pad_x)
    return column(frame, first) >> shift, column(frame, last) >> shift


@inlined
def reaches(frame: Frame, edges: Edges, edge: int, line: int, shift: int) -> bool:
    """Whether an edge has points in a row of pixels."""
    first, last = row(frame, edges.xy[edge, 1]) >> shift, row(frame, edges.xy[edge + 1, 1]) >> shift
    return min(first, last) <= line <= max(first, last)


@inlined
def is_above(frame: Frame, edges: Edges, vertex: int, line: int, shift: int) -> bool:
    """Whether a vertex lies in a row above this one."""
    return row(frame, edges.xy[vertex, 1]) >> shift > line


@inlined
def crosses_above(frame: Frame, edges: Edges, edge: int, line: int, shift: int) -> bool:
    """Whether an edge leads from this row, or one below it, to a row above it."""
    return is_above(frame, edges, edge, line, shift) != is_above(frame, edges, edge + 1, line, shift)


@compiled
def comes_from_east(frame: Frame, edges: Edges, vertex: int, other: int, pixel: tuple[int, int, int]) -> bool:
    """Whether the boundary goes on east of a pixel, past a vertex in the pixel's own row.

    Parameters
    ----------
    vertex
        End of an edge that may touch the pixel.
    other
        The next edge at that vertex.
    pixel
        Row, column, shift.
    """
    line, place, shift = pixel
    if row(frame, edges.xy[vertex, 1]) >> shift != line:
        return False
    first, _ = columns_in_row(frame, edges, other, line, shift)
    return first > place
