"""Asking the index: the kernels for one point and for blocks of points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.locator.answers import EDGE, OUTSIDE, OVERLAP
from geo.locator.compiled import compiled, inlined, prefetch
from geo.locator.grid import LEVELS, TILE, Frame, across, column, parts, row, upward
from geo.locator.orientation import orientation
from geo.locator.records import LINE

Pixels = NDArray[np.uint16] | NDArray[np.uint32]
BLOCK = 1024
"""Points that go through each step together: what is known of them stays in the nearest cache."""
FETCHED = 3 * 8
"""Words of a record that are asked for ahead: three lines of the cache hold nine records of ten."""


class Arrays(NamedTuple):
    """What the kernels read of an index.

    Attributes
    ----------
    table
        (2, tiles), row by row: first pixel * 8 + shift, and first line of its records.
    pixels
        (n,) of 16 or 32 bits, tile after tile, row by row: 0 for no area, position + 1, or, with the highest bit set,
        the line of the record, counted from the tile's first one.
    words
        (lines * LINE,) records; see `geo.locator.records`.
    xy
        (n, 2) the vertices of the layer, degrees (lon, lat); read where a record is in doubt.
    """

    table: NDArray[np.int64]
    pixels: Pixels
    words: NDArray[np.int64]
    xy: NDArray[np.float64]


@inlined
def tile_of(frame: Frame, x: float, y: float) -> tuple[int, int]:
    """Give the tile of a point, and its fine pixel there, row by row."""
    place, line = column(frame, x), row(frame, y)
    tile = (line >> LEVELS) * frame.columns + (place >> LEVELS)
    return tile, ((line & (TILE - 1)) << LEVELS) | (place & (TILE - 1))


@inlined
def pixel_of(first: int, fine: int) -> int:
    """Give the number of a pixel from the table's first word of its tile and a fine pixel there."""
    shift = first & 7
    line, place = (fine >> LEVELS) >> shift, (fine & (TILE - 1)) >> shift
    return (first >> 3) + (line << (LEVELS - shift)) + place


@inlined
def lies_level(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> bool:
    """Whether a point is one of the ends of an edge, or lies on it where it is level."""
    if y1 == y2:
        return y == y1 and min(x1, x2) <= x <= max(x1, x2)
    return (x == x1 and y == y1) or (x == x2 and y == y2)


@inlined
def sides(arrays: Arrays, head: int, at: int, x: float, y: float) -> tuple[int, int]:
    """Give the masks of the areas of a group that the point lies in, and of those on whose edge it lies.

    The cases are those of a ray crossing counter: an edge counts if one end lies above the ray and the other one on or
    below it, and if the crossing lies east of the point.
    """
    state, on = (head >> 24) & 255, 0
    for i in range(head & 0xFFFFFF):
        edge = arrays.words[at + 2 * i + 1]
        start, mask = edge & 0xFFFFFFFF, (edge >> 32) & 255
        x1, y1, x2, y2 = arrays.xy[start, 0], arrays.xy[start, 1], arrays.xy[start + 1, 0], arrays.xy[start + 1, 1]
        state ^= ((edge >> 40) & -int(y1 > y) ^ (edge >> 48) & -int(y2 > y)) & 255
        if (y1 > y) != (y2 > y):
            side = orientation(x1, y1, x2, y2, x, y)
            if side == 0:
                # Beside zero a product can vanish: no edge that ends west of the point bears it (5e-324 beside x = 0).
                on |= mask & -int((x1 >= x) | (x2 >= x))
            elif (side > 0) == (y2 > y1):
                state ^= mask
        elif (y == y1) | (y == y2) and lies_level(x1, y1, x2, y2, x, y):
            on |= mask
    return state, on


@inlined
def group_answer(arrays: Arrays, ids: int, areas: int, state: int, on: int) -> tuple[int, int, int]:
    """Give the first area of a group that covers the point, how many do, and whether one does with its inside."""
    cover = state | on
    first, count = OUTSIDE, 0
    for i in range(areas - 1, -1, -1):
        if (cover >> i) & 1:
            count += 1
            first = (arrays.words[ids + (i >> 1)] >> (32 * (i & 1))) & 0xFFFFFFFF
    return first, count, int((state & ~on) != 0)


@compiled
def decide_carefully(frame: Frame, arrays: Arrays, line: int, x: float, y: float) -> tuple[int, int]:
    """Decide any point in a mixed pixel by the vertices: position and flags."""
    position, covers, inside = OUTSIDE, 0, 0
    at = line * LINE
    # A point beside the box is here, too; no rounding is to make anything of numbers without bound.
    more = (x >= frame.west) & (x <= frame.east) & (y >= frame.south) & (y <= frame.north)
    while more:
        head = arrays.words[at]
        areas, more = (head >> 32) & 15, (head >> 36) & 1 == 1
        edges = at + 1 + (areas + 1) // 2
        state, on = sides(arrays, head, edges, x, y)
        first, count, inner = group_answer(arrays, at + 1, areas, state, on)
        if position == OUTSIDE:
            position = first
        covers += count
        inside |= inner
        at = edges + 2 * (head & 0xFFFFFF)
    if covers < 2:
        return position, 0
    return position, EDGE | (OVERLAP * inside)


@inlined
def half(word: int, number: int) -> int:
    """Give one of the four signed numbers of 16 bits in a word."""
    return (word << (48 - 16 * number)) >> 48


@inlined
def parity(arrays: Arrays, head: int, at: int, x: int, y: int) -> tuple[int, bool]:
    """Give the mask of the areas of a group that the point lies in, and whether that is in doubt.

    The same as `sides`, without a branch, on numbers that are rounded down.

    Parameters
    ----------
    x, y
        In the group's units from the corner of the pixel.
    """
    state, doubt = (head >> 24) & 255, False
    for i in range(head & 0xFFFFFF):
        places, edge = arrays.words[at + 2 * i], arrays.words[at + 2 * i + 1]
        x1, y1, x2, y2 = half(places, 0) - x, half(places, 1) - y, half(places, 2) - x, half(places, 3) - y
        left, right = x1 * y2, y1 * x2
        reached = (y1 > 0) ^ (y2 > 0)
        # Each difference is less than 1 and a few 2**-14 off, the two products thus by less than this.
        bound = 2 * (abs(x1) + abs(y1) + abs(x2) + abs(y2)) + 4
        doubt |= (y1 == 0) | (y2 == 0) | (reached & (abs(left - right) <= bound))
        crossed = reached & ((left > right) == (y2 > 0))
        state ^= ((edge >> 32) & -int(crossed)) ^ ((edge >> 40) & -int(y1 > 0)) ^ ((edge >> 48) & -int(y2 > 0))
    return state & 255, doubt


@compiled
def decide(frame: Frame, arrays: Arrays, line: int, x: float, y: float) -> tuple[int, int]:
    """Decide a point in a mixed pixel by its record: position and flags."""
    at = line * LINE
    head = arrays.words[at]
    areas, unit, inside = (head >> 32) & 15, (head >> 40) & 63, (1 << ((head >> 48) & 63)) - 1
    near_x, near_y = (parts(across(frame, x)) & inside) >> unit, (parts(upward(frame, y)) & inside) >> unit
    state, doubt = parity(arrays, head, at + 1 + (areas + 1) // 2, near_x, near_y)
    if doubt | (state & (state - 1) != 0) | ((head >> 36) & 1 == 1):
        return decide_carefully(frame, arrays, line, x, y)
    if state == 0:
        return OUTSIDE, 0
    first = 0
    while state > 1:
        state >>= 1
        first += 1
    return (arrays.words[at + 1 + (first >> 1)] >> (32 * (first & 1))) & 0xFFFFFFFF, 0


@compiled
def locate_one(frame: Frame, arrays: Arrays, x: float, y: float) -> tuple[int, int]:
    """Locate one point: position and flags."""
    tile, fine = tile_of(frame, x, y)
    value = np.int64(arrays.pixels[pixel_of(arrays.table[0, tile], fine)])
    mixed = np.int64(1) << (8 * arrays.pixels.itemsize - 1)
    if value & mixed:
        return decide(frame, arrays, int(arrays.table[1, tile] + (value ^ mixed)), x, y)
    return int(value - 1), 0


@compiled
def tiles_of(
    frame: Frame, x: NDArray[np.float64], y: NDArray[np.float64], tiles: NDArray[np.int32], fine: NDArray[np.int32]
) -> None:
    """Give the tile and the fine pixel of each point of a block: no branch, no reading, several points at a time."""
    for i in range(len(x)):
        tiles[i], fine[i] = tile_of(frame, x[i], y[i])


@compiled
def look_up(
    arrays: Arrays, tiles: NDArray[np.int32], fine: NDArray[np.int32], index: NDArray[np.int32],
    flags: NDArray[np.uint8], open_points: NDArray[np.int32],
) -> int:  # fmt: skip
    """Answer what one look-up can; list the other points of the block, and give their number."""
    for i in range(len(index)):
        # Unsigned, as for a signed number the compiler asks whether it counts from the end.
        fine[i] = pixel_of(arrays.table[0, np.uint32(tiles[i])], fine[i])
        prefetch(arrays.pixels, np.uint32(fine[i]))
    mixed = np.int64(1) << (8 * arrays.pixels.itemsize - 1)
    count = 0
    for i in range(len(index)):
        value = np.int64(arrays.pixels[np.uint32(fine[i])])
        # Until it is decided, the place of an open point holds the line of its record.
        index[i] = (value & (mixed - 1)) - 1
        flags[i] = 0
        open_points[count] = i
        count += int((value & mixed) != 0)
    return count


@compiled
def fetch(
    arrays: Arrays, tiles: NDArray[np.int32], index: NDArray[np.int32], open_points: NDArray[np.int32],
    lines: NDArray[np.int64],
) -> None:  # fmt: skip
    """Find the records of the open points and ask the memory for them, many at a time, before the decisions do."""
    for j in range(len(open_points)):
        i = open_points[j]
        lines[j] = arrays.table[1, tiles[i]] + index[i] + 1
        for word in range(0, FETCHED, 8):
            prefetch(arrays.words, lines[j] * LINE + word)


@compiled
def locate(
    frame: Frame, arrays: Arrays, x: NDArray[np.float64], y: NDArray[np.float64], index: NDArray[np.int32],
    flags: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Locate points, block by block.

    Parameters
    ----------
    x, y
        (n,) degrees.
    index, flags
        (n,) to be filled: see `geo.locator.answers.Located`.
    """
    tiles, fine, open_points = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32), np.empty(BLOCK + 1, np.int32)
    lines = np.empty(BLOCK, np.int64)
    for begin in range(0, len(x), BLOCK):
        end = min(begin + BLOCK, len(x))
        here = index[begin:end]
        tiles_of(frame, x[begin:end], y[begin:end], tiles, fine)
        count = look_up(arrays, tiles, fine, here, flags[begin:end], open_points)
        fetch(arrays, tiles, here, open_points[:count], lines)
        for j in range(count):
            i = begin + open_points[j]
            index[i], flags[i] = decide(frame, arrays, lines[j], x[i], y[i])
