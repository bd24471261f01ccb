"""How fine the raster is: the rule, and the lists of edges by tile that it needs.

The cost of a point is one look-up in the raster, and much more where its pixel holds edges. An edge of length l, in any
direction, crosses about (4 / pi) l / s pixels of side s, so the share of pixels with edges is (4 / pi) s L / A for
lines of length L in an area A. The rule:

1. The side s follows from the whole layer by asking for the share `MIXED_SHARE`, or a smaller one as long as `FREE`
   pixels are enough: so few stay in the nearest caches. A tile is a square of half `TILE` such pixels, so that a tile
   with twice as many lines as the average one can still have pixels of half the side.
2. Every tile takes the coarsest power of two of pixels, at most `TILE` a side, that asks no more than this share of it.
3. If raster and records then need more bytes than the budget, the share is raised by a tenth, and step 2 repeated; in
   the end all is done once more with tiles for that share, as a large table is read slowly, too.

Where many areas lie upon each other, every pixel there needs a record of all of them, with edges or without. So the
number of tiles is bounded, too, and step 3 counts these records by the number of areas that is to be expected in a
tile (`crowds`).

A budget is `COUNTY_BUDGET` or `BYTES_PER_AREA` for each area, whichever is more.
"""

import math

import numpy as np
from numpy.typing import NDArray

from geo.locator.compiled import compiled
from geo.locator.grid import LEVELS, TILE, Edges, Frame, columns_in_row, row
from geo.locator.orientation import is_exact

MIXED_SHARE = 0.05
COUNTY_BUDGET = 64 << 20
BYTES_PER_AREA = 14 << 10
BYTES_PER_RECORD, BYTES_PER_LINE, BYTES_PER_VERTEX = 34, 16, 16
"""Of a mixed pixel, and of a line between two vertices, shared or not; fitted to 2,500 and 100,000 cells."""
FREE = 1 << 18
BYTES_PER_TILE, BYTES_PER_COVER = 16, 6
"""Of the table, and of an area in a record of many."""
CROWDED = 4.0
"""Areas upon each other: from here on a pixel needs a record to say which."""
MOST_TILES = 1 << 20
COARSEST = 0.25
"""Share for which tiles are made: with less, a tile would not follow its lines."""
CROSSED = 4.0 / math.pi
EPSILON = 2.0**-52


def budget_for(areas: int) -> int:
    """Give the bytes that the index of a layer may take."""
    return max(COUNTY_BUDGET, BYTES_PER_AREA * areas)


def frame_of(edges: Edges, share: float | None = None, most_tiles: int = MOST_TILES) -> tuple[Frame, float]:
    """Give box and resolution for a layer with at least one edge, and the share of mixed pixels to ask for.

    Parameters
    ----------
    share
        By the rule above, if not given.
    most_tiles
        Bound of their number.
    """
    west, south = edges.xy.min(axis=0).tolist()
    east, north = edges.xy.max(axis=0).tolist()
    squeeze = max(math.cos(math.radians(min(max(abs(south), abs(north)), 89.0))), 1e-2)
    width, height = max((east - west) * squeeze, 1e-12), max(north - south, 1e-12)
    steps = np.diff(edges.xy, axis=0)[edges.area[:-1] >= 0]
    length = float(np.hypot(steps[:, 0] * squeeze, steps[:, 1]).sum()) / 2.0
    if share is None:
        share = min(MIXED_SHARE, CROSSED * length / math.sqrt(width * height * FREE))
    # The lines lie somewhere in the box; where its half is empty, the tiles there cost nothing.
    side = TILE / 2 * share * width * height / (CROSSED * max(length, 1e-12))
    side = max(side, math.sqrt(width * height / most_tiles), max(width, height) / MOST_TILES * 4)
    # One more than hold the box, as rounding may need it, and one that stays empty.
    columns, rows = math.floor(width / side) + 3, math.floor(height / side) + 3
    largest = max(abs(west), abs(east)) + (east - west), max(abs(south), abs(north)) + (north - south)
    frame = Frame(
        west, south, east, north,
        per_x=TILE * squeeze / side, per_y=TILE / side,
        pad_x=64 * EPSILON * largest[0], pad_y=64 * EPSILON * largest[1],
        columns=columns, rows=rows, last_x=columns * TILE - 1.0, last_y=rows * TILE - 1.0,
        exact=int(is_exact(west, east) and is_exact(south, north)),
    )  # fmt: skip
    return frame, share


def most_tiles_for(bounds: NDArray[np.float64], sizes: NDArray[np.float64], budget: int) -> int:
    """Give the number of tiles that the budget allows.

    Parameters
    ----------
    bounds, sizes
        (n, 4) boxes of the areas, NaN where one is empty, and (n,) their sizes in square degrees.
    """
    box = np.nanmax(bounds[:, 2:], axis=0) - np.nanmin(bounds[:, :2], axis=0)
    cover = float(sizes.sum()) / max(float(np.prod(box)), 1e-24)
    each = BYTES_PER_TILE + BYTES_PER_COVER * cover * (cover > CROWDED)
    return int(min(max(budget / each, 1), MOST_TILES))


def crowds(frame: Frame, bounds: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the number of areas that is to be expected at a place of each tile.

    Each area counts as if it lay evenly in the tiles that its box touches. Parameters are those of `most_tiles_for`;
    the result is (tiles,).
    """
    full = np.flatnonzero(sizes > 0)
    low, high = bounds[full, :2], bounds[full, 2:]
    west, south = ((low - [frame.west, frame.south]) * [frame.per_x, frame.per_y] / TILE).astype(int).T
    east, north = ((high - [frame.west, frame.south]) * [frame.per_x, frame.per_y] / TILE).astype(int).T + 1
    weight = sizes[full] * frame.per_x * frame.per_y / TILE**2 / ((east - west) * (north - south))
    corners = np.zeros((frame.rows + 1, frame.columns + 1))
    for line, place, sign in ((south, west, 1), (south, east, -1), (north, west, -1), (north, east, 1)):
        np.add.at(corners, (line, place), sign * weight)
    return corners.cumsum(axis=0).cumsum(axis=1)[:-1, :-1].ravel()


@compiled
def tile_counts(frame: Frame, edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the edges of each tile.

    Returns
    -------
    starts, lengths
        (tiles + 1,) number of edges, one place further on, and (tiles,) length of their parts in it, in fine pixels.
    """
    starts = np.zeros(frame.columns * frame.rows + 2, np.int64)
    lengths = np.zeros(frame.columns * frame.rows)
    for edge in range(len(edges.area)):
        if edges.area[edge] < 0:
            continue
        first, last = row(frame, edges.xy[edge, 1]) >> LEVELS, row(frame, edges.xy[edge + 1, 1]) >> LEVELS
        wide = (edges.xy[edge + 1, 0] - edges.xy[edge, 0]) * frame.per_x
        high = (edges.xy[edge + 1, 1] - edges.xy[edge, 1]) * frame.per_y
        length = math.hypot(wide, high) / (abs(last - first) + 1)
        for line in range(min(first, last), max(first, last) + 1):
            left, right = columns_in_row(frame, edges, edge, line, LEVELS)
            for place in range(left, right + 1):
                starts[line * frame.columns + place + 2] += 1
                lengths[line * frame.columns + place] += length / (right - left + 1)
    return starts, lengths


@compiled
def tile_lists(frame: Frame, edges: Edges, starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """List the edges of each tile: those of tile t stand from starts[t] to starts[t + 1] afterwards.

    Parameters
    ----------
    starts
        What `tile_counts` gives, summed up; moved on by one place here.
    """
    lists = np.empty(starts[-1], np.int32)
    for edge in range(len(edges.area)):
        if edges.area[edge] < 0:
            continue
        first, last = row(frame, edges.xy[edge, 1]) >> LEVELS, row(frame, edges.xy[edge + 1, 1]) >> LEVELS
        for line in range(min(first, last), max(first, last) + 1):
            left, right = columns_in_row(frame, edges, edge, line, LEVELS)
            for place in range(left, right + 1):
                tile = line * frame.columns + place + 1
                lists[starts[tile]] = edge
                starts[tile] += 1
    return lists


def levels_for(
    lengths: NDArray[np.float64], crowd: NDArray[np.float64], fixed: int, pixel_bytes: int, budget: int, share: float
) -> tuple[NDArray[np.int64], float]:
    """Choose how many times each tile is halved, by the rule above; give the share, too, to which that led.

    Parameters
    ----------
    lengths
        (tiles,) length of the rings in each tile, in fine pixels; lines that two areas share count twice.
    crowd
        (tiles,) what `crowds` gives.
    fixed
        Bytes that the index needs however coarse its raster is.
    pixel_bytes
        Of one pixel.
    budget
        Bytes of the whole index.
    """
    crossed = CROSSED * lengths / 2.0 / TILE
    pixel = pixel_bytes + BYTES_PER_COVER * crowd * (crowd > CROWDED)
    while True:
        wanted = np.maximum(crossed / share, 1.0)
        levels = np.minimum(np.ceil(np.log2(wanted)), LEVELS).astype(np.int64)
        side = 2.0**levels
        needed = fixed + (side * side * pixel).sum() + (crossed * side).sum() * BYTES_PER_RECORD
        if needed <= budget or not levels.any():
            return levels, share
        share *= 1.1


def tiling(
    edges: Edges, spread: tuple[NDArray[np.float64], NDArray[np.float64]], share: float | None, pixel_bytes: int,
    budget: int,
) -> tuple[Frame, NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Choose frame and levels.

    Parameters
    ----------
    spread
        Boxes and sizes of the areas: see `most_tiles_for`.

    Returns
    -------
    frame, starts, levels
        The frame; what `tile_lists` wants; (tiles,) how many times each is halved.
    """
    most = most_tiles_for(*spread, budget)
    for _ in range(2):
        frame, asked = frame_of(edges, share, most)
        starts, lengths = tile_counts(frame, edges)
        lines = int((edges.area >= 0).sum()) // (1 + frame.exact)
        fixed = lines * BYTES_PER_LINE + len(edges.xy) * BYTES_PER_VERTEX
        levels, share = levels_for(lengths, crowds(frame, *spread), fixed, pixel_bytes, budget, asked)
        if share == asked:
            break
        share = min(share, COARSEST)
    return frame, np.cumsum(starts), levels
