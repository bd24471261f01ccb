"""Asking the index: the kernels for one point and for blocks of points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.locator.answers import EDGE, OUTSIDE, OVERLAP
from geo.locator.compiled import compiled, inlined
from geo.locator.grid import LEVELS, TILE, Frame, column, row
from geo.locator.orientation import FILTER, orientation
from geo.locator.records import LINE

Pixels = NDArray[np.uint16] | NDArray[np.uint32]
BLOCK = 1024
"""Points that go through each step together: their addresses stay in the nearest cache."""
MOST_FETCHED = 8
"""Lines of a record that are brought ahead."""


class Arrays(NamedTuple):
    """What the kernels read of an index.

    Attributes
    ----------
    table
        (rows, columns, 2) by tile: first pixel * 8 + shift, and first line of its records.
    pixels
        (n,) of 16 or 32 bits, tile after tile, row by row: 0 for no area, position + 1, or, with the highest bit set,
        the line of the record, counted from the tile's first one.
    words
        (lines * 8,) records; see `geo.locator.records`.
    floats
        The same memory, seen as doubles.
    """

    table: NDArray[np.int64]
    pixels: Pixels
    words: NDArray[np.int64]
    floats: NDArray[np.float64]


@inlined
def pixel_of(frame: Frame, table: NDArray[np.int64], x: float, y: float) -> int:
    """Give the number of a point's pixel; the point lies in the box."""
    place, line = column(frame, x), row(frame, y)
    first = table[line >> LEVELS, place >> LEVELS, 0]
    shift = first & 7
    inside = (((line & (TILE - 1)) >> shift) << (LEVELS - shift)) + ((place & (TILE - 1)) >> shift)
    return int((first >> 3) + inside)


@inlined
def records_of(frame: Frame, table: NDArray[np.int64], x: float, y: float) -> int:
    """Give the first line of the records of a point's tile."""
    return int(table[row(frame, y) >> LEVELS, column(frame, x) >> LEVELS, 1])


@inlined
def lies_level(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> bool:
    """Whether a point is one of the ends of an edge, or lies on it where it is level."""
    if y1 == y2:
        return y == y1 and min(x1, x2) <= x <= max(x1, x2)
    return (x == x1 and y == y1) or (x == x2 and y == y2)


@inlined
def sides(arrays: Arrays, head: int, masks: int, x: float, y: float) -> tuple[int, int]:
    """Give the masks of the areas of a group that the point lies in, and of those on whose edge it lies.

    The cases are those of a ray crossing counter: an edge counts if one end lies above the ray and the other one on or
    below it, and if the crossing lies east of the point.
    """
    words, floats = arrays.words, arrays.floats
    lines, heights = head & 0xFFFFFF, (head >> 24) & 0xFFFFFF
    state, on = words[masks] & 255, 0
    at = masks + (lines + heights) // 8 + 1
    for i in range(lines + 1, lines + 1 + heights):
        if floats[at] > y:
            state ^= (words[masks + (i >> 3)] >> (8 * (i & 7))) & 255
        at += 1
    for i in range(1, lines + 1):
        y1, y2 = floats[at + 1], floats[at + 3]
        if (y1 > y) != (y2 > y):
            mask = (words[masks + (i >> 3)] >> (8 * (i & 7))) & 255
            side = orientation(floats[at], y1, floats[at + 2], y2, x, y)
            if side == 0:
                on |= mask
            elif (side > 0) == (y2 > y1):
                state ^= mask
        elif (y == y1) | (y == y2) and lies_level(floats[at], y1, floats[at + 2], y2, x, y):
            on |= (words[masks + (i >> 3)] >> (8 * (i & 7))) & 255
        at += 4
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
def decide_carefully(arrays: Arrays, line: int, x: float, y: float) -> tuple[int, int]:
    """Decide any point in a mixed pixel by its record: position and flags."""
    at = line * LINE
    position, covers, inside = OUTSIDE, 0, 0
    more = True
    while more:
        head = arrays.words[at]
        areas, more = (head >> 48) & 15, (head >> 52) & 1 == 1
        masks = at + 1 + (areas + 1) // 2
        state, on = sides(arrays, head, masks, x, y)
        first, count, inner = group_answer(arrays, at + 1, areas, state, on)
        if position == OUTSIDE:
            position = first
        covers += count
        inside |= inner
        lines, steps = head & 0xFFFFFF, (head >> 24) & 0xFFFFFF
        at = masks + (lines + steps) // 8 + 1 + steps + 4 * lines
    if covers < 2:
        return position, 0
    return position, EDGE | (OVERLAP * inside)


@inlined
def parity(arrays: Arrays, head: int, masks: int, x: float, y: float) -> tuple[int, bool]:
    """Give the mask of the areas of a group that the point lies in, and whether that is in doubt.

    The same as `sides`, without a branch, for points that the filter of the orientation can decide and that lie on no
    level with an end of an edge.
    """
    words, floats = arrays.words, arrays.floats
    lines, steps = head & 0xFFFFFF, (head >> 24) & 0xFFFFFF
    state, doubt = words[masks] & 255, False
    at = masks + (lines + steps) // 8 + 1
    for i in range(lines + 1, lines + 1 + steps):
        mask = (words[masks + (i >> 3)] >> (8 * (i & 7))) & 255
        state ^= mask & -int(floats[at] > y)
        at += 1
    for i in range(1, lines + 1):
        y1, y2 = floats[at + 1], floats[at + 3]
        left, right = (floats[at] - x) * (y2 - y), (y1 - y) * (floats[at + 2] - x)
        reached = (y1 > y) ^ (y2 > y)
        doubt |= (y == y1) | (y == y2) | (reached & (abs(left - right) <= abs(left + right) * FILTER))
        mask = (words[masks + (i >> 3)] >> (8 * (i & 7))) & 255
        state ^= mask & -int(reached & ((left > right) == (y2 > y)))
        at += 4
    return state, doubt


@compiled
def decide(arrays: Arrays, line: int, x: float, y: float) -> tuple[int, int]:
    """Decide a point in a mixed pixel by its record: position and flags."""
    at = line * LINE
    head = arrays.words[at]
    areas = (head >> 48) & 15
    state, doubt = parity(arrays, head, at + 1 + (areas + 1) // 2, x, y)
    if doubt | (state & (state - 1) != 0) | ((head >> 52) & 1 == 1):
        return decide_carefully(arrays, line, x, y)
    if state == 0:
        return OUTSIDE, 0
    first = 0
    while state > 1:
        state >>= 1
        first += 1
    return (arrays.words[at + 1 + (first >> 1)] >> (32 * (first & 1))) & 0xFFFFFFFF, 0


@inlined
def in_box(frame: Frame, x: float, y: float) -> bool:
    """Whether a point lies in the layer's box; what is not finite does not."""
    return (x >= frame.west) & (x <= frame.east) & (y >= frame.south) & (y <= frame.north)


@compiled
def locate_one(frame: Frame, arrays: Arrays, x: float, y: float) -> tuple[int, int]:
    """Locate one point: position and flags."""
    if not in_box(frame, x, y):
        return OUTSIDE, 0
    value = np.int64(arrays.pixels[pixel_of(frame, arrays.table, x, y)])
    mixed = np.int64(1) << (8 * arrays.pixels.itemsize - 1)
    if value & mixed:
        return decide(arrays, int(records_of(frame, arrays.table, x, y) + (value ^ mixed)), x, y)
    return int(value - 1), 0


@compiled
def addresses(
    frame: Frame, arrays: Arrays, x: NDArray[np.float64], y: NDArray[np.float64], pixel: NDArray[np.int64]
) -> None:
    """Give the pixel of each point of a block; those outside get -1."""
    for i in range(len(x)):
        if in_box(frame, x[i], y[i]):
            pixel[i] = pixel_of(frame, arrays.table, x[i], y[i])
        else:
            pixel[i] = -1


@compiled
def look_up(
    arrays: Arrays, pixel: NDArray[np.int64], index: NDArray[np.int32], flags: NDArray[np.uint8],
    open_points: NDArray[np.int32],
) -> int:  # fmt: skip
    """Answer what one look-up can; list the other points of the block, and give their number.

    No look-up waits for the one before it, so the processor has many of them under way at a time.
    """
    mixed = np.int64(1) << (8 * arrays.pixels.itemsize - 1)
    count = 0
    for i in range(len(index)):
        value = np.int64(arrays.pixels[pixel[i]]) if pixel[i] >= 0 else np.int64(0)
        # Until it is decided, the place of an open point holds the line of its record.
        index[i] = (value & (mixed - 1)) - 1
        flags[i] = 0
        open_points[count] = i
        count += int((value & mixed) != 0)
    return count


@compiled
def fetch(
    frame: Frame, arrays: Arrays, x: NDArray[np.float64], y: NDArray[np.float64], index: NDArray[np.int32],
    open_points: NDArray[np.int32], lines: NDArray[np.int64],
) -> None:  # fmt: skip
    """Find the records of the open points and bring them near.

    First a word of each, then, as each says how long it is, a word of its other lines: reads that do not wait for each
    other, while a decision waits for every line that it meets.
    """
    touched = np.int64(0)
    for j in range(len(open_points)):
        i = open_points[j]
        lines[j] = records_of(frame, arrays.table, x[i], y[i]) + index[i] + 1
        touched += arrays.words[lines[j] * LINE]
    for j in range(len(open_points)):
        head = arrays.words[lines[j] * LINE]
        # At least so long: more areas, masks and groups make it longer, and nothing is read past its end.
        size = 3 + ((head >> 24) & 0xFFFFFF) + 4 * (head & 0xFFFFFF)
        for at in range(LINE, min(size, MOST_FETCHED * LINE), LINE):
            touched += arrays.words[lines[j] * LINE + at]
    # Kept, or the compiler would leave the reading out.
    lines[len(open_points)] = touched


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
    pixel, lines = np.empty(BLOCK, np.int64), np.empty(BLOCK + 1, np.int64)
    open_points = np.empty(BLOCK + 1, np.int32)
    for begin in range(0, len(x), BLOCK):
        end = min(begin + BLOCK, len(x))
        here_x, here_y, here = x[begin:end], y[begin:end], index[begin:end]
        addresses(frame, arrays, here_x, here_y, pixel)
        count = look_up(arrays, pixel, here, flags[begin:end], open_points)
        fetch(frame, arrays, here_x, here_y, here, open_points[:count], lines)
        for j in range(count):
            i = open_points[j]
            index[begin + i], flags[begin + i] = decide(arrays, lines[j], x[begin + i], y[begin + i])
