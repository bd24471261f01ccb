"""The records of mixed pixels, and the kernel that builds a row of tiles.

A record begins at a multiple of `LINE` words and consists of groups of
at most `GROUP` areas. Words of 8 bytes, one after the other:

==========  ========================================================================================
word        holds
==========  ========================================================================================
head        bits 0-23 number of edges, 24-31 the base, 32-35 number of areas, 36 another group follows,
            40-45 and 48-53 the `Scale`
areas       two positions a word, ascending: area i of the group is bit i of the masks
edges       two words each: lon, lat of the start, lon, lat of the end, 16 bits each, in the units of
            the scale from the pixel's corner; then bits 0-31 the number of the start among the
            vertices of the layer, 32-39 the areas that it bounds, 40-47 and 48-55 those whose boundary
            goes on east of the pixel past its start and past its end
==========  ========================================================================================

The state of a point begins as the base; an end past which the boundary goes on east and whose latitude is above the
point toggles these areas, and so does an edge that the ray to the east crosses its own; an edge on which the point lies
sets its areas among those on the edge.

Units are rounded down, and so is the place of the point. Numbers that differ then tell which of two coordinates is
larger, and a cross product that is larger than rounding can make it tells on which side of an edge a point lies; all
other points, some of ten thousand, are decided by the vertices themselves.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.locator.compiled import compiled, inlined
from geo.locator.grid import FRACTION, LEVELS, Edges, Frame, across, comes_from_east, parts, upward
from geo.locator.tiles import Tile, label, pass_edges, survey

LINE = 2
GROUP = 8
MIXED = 1 << 31
LOOK_BACK = 64
"""Among so many edges of a record an equal one is looked for; one that is kept twice costs time, not truth."""
SMALLEST, LARGEST = -(1 << 15), (1 << 15) - 1
"""That 16 bits hold."""


class Pixel(NamedTuple):
    """A pixel: row and column in pixels of 2**shift fine ones."""

    line: int
    place: int
    shift: int


@compiled
def by_pixel(tile: Tile) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Sort the edges of a tile by pixel.

    Returns
    -------
    starts, members
        Edges of pixel p, row by row, are members[starts[p]:starts[p + 1]].
    """
    side = tile.base.shape[1]
    starts = np.zeros(side * side + 2, np.int64)
    for run in range(len(tile.runs)):
        begin = tile.runs[run, 1] * side + 2
        for place in range(tile.runs[run, 2], tile.runs[run, 3] + 1):
            starts[begin + place] += 1
    starts = np.cumsum(starts)
    members = np.empty(starts[-1], np.int32)
    for run in range(len(tile.runs)):
        begin = tile.runs[run, 1] * side + 1
        for place in range(tile.runs[run, 2], tile.runs[run, 3] + 1):
            members[starts[begin + place]] = tile.runs[run, 0]
            starts[begin + place] += 1
    return starts, members


@compiled
def same_line(xy: NDArray[np.float64], one: int, two: int) -> int:
    """Give 1 where two edges join the same two points in the same direction, -1 in the other one, else 0."""
    for turn in range(2):
        start, end = two + turn, two + 1 - turn
        starts = xy[one, 0] == xy[start, 0] and xy[one, 1] == xy[start, 1]
        if starts and xy[one + 1, 0] == xy[end, 0] and xy[one + 1, 1] == xy[end, 1]:
            return 1 - 2 * turn
    return 0


@compiled
def collect_edges(
    frame: Frame, edges: Edges, members: NDArray[np.int32], bits: NDArray[np.int64], pixel: Pixel,
    kept: NDArray[np.int32], masks: NDArray[np.int64],
) -> int:  # fmt: skip
    """Keep every edge of a group once, with the masks of its record; give their number.

    An area that has the same edge twice keeps it twice, as GEOS does: it is crossed two times.
    """
    count = 0
    for at in range(len(members)):
        edge = members[at]
        known, turned = count, False
        for other in range(max(0, count - LOOK_BACK) if frame.exact else count, count):
            if masks[other] & bits[at] == 0:
                way = same_line(edges.xy, edge, kept[other])
                if way != 0:
                    known, turned = other, way < 0
        if known == count:
            kept[count], masks[count] = edge, 0
            count += 1
        masks[known] |= bits[at]
        if comes_from_east(frame, edges, edge, edges.preceding[edge], pixel):
            masks[known] |= bits[at] << (16 if turned else 8)
        if comes_from_east(frame, edges, edge + 1, edges.following[edge], pixel):
            masks[known] |= bits[at] << (8 if turned else 16)
    return count


@inlined
def from_corner(frame: Frame, edges: Edges, vertex: int, pixel: Pixel) -> tuple[int, int]:
    """Give the place of a vertex in parts of fine pixels from the corner of a pixel."""
    size = pixel.shift + FRACTION
    x, y = parts(across(frame, edges.xy[vertex, 0])), parts(upward(frame, edges.xy[vertex, 1]))
    return x - (pixel.place << size), y - (pixel.line << size)


@compiled
def unit_for(frame: Frame, edges: Edges, kept: NDArray[np.int32], pixel: Pixel) -> int:
    """Give the number of bits that the places of edges leave out, so that 16 bits hold each."""
    low, high = 0, 0
    for edge in kept:
        for vertex in range(edge, edge + 2):
            x, y = from_corner(frame, edges, vertex, pixel)
            low, high = min(low, x, y), max(high, x, y)
    unit = pixel.shift
    while (low >> unit) < SMALLEST or (high >> unit) > LARGEST:
        unit += 1
    return unit


@compiled
def write_group(
    frame: Frame, edges: Edges, pixel: Pixel, words: NDArray[np.int64], at: int,
    chosen: tuple[NDArray[np.int32], int, bool], kept: NDArray[np.int32], masks: NDArray[np.int64],
) -> int:  # fmt: skip
    """Write one group and give the word after it; `chosen` are its areas, base and whether another group follows."""
    areas, base, more = chosen
    unit = unit_for(frame, edges, kept, pixel)
    words[at] = len(kept) | (base << 24) | (len(areas) << 32) | (int(more) << 36)
    words[at] |= (unit << 40) | ((pixel.shift + FRACTION) << 48)
    at += 1
    for i in range(len(areas)):
        words[at + i // 2] |= np.int64(areas[i]) << (32 * (i % 2))
    at += (len(areas) + 1) // 2
    for i in range(len(kept)):
        for end in range(2):
            x, y = from_corner(frame, edges, kept[i] + end, pixel)
            words[at] |= (((x >> unit) & 0xFFFF) | (((y >> unit) & 0xFFFF) << 16)) << (32 * end)
        words[at + 1] = kept[i] | (masks[i] << 32)
        at += 2
    return at


@compiled
def write_record(
    frame: Frame, edges: Edges, tile: Tile, pixel: Pixel, members: NDArray[np.int32], slot_of: NDArray[np.int32],
    words: NDArray[np.int64], at: int,
) -> tuple[NDArray[np.int64], int]:  # fmt: skip
    """Write the record of one mixed pixel; give the words, which may have grown, and the line after it."""
    level = LEVELS - tile.shift
    line, place = pixel.line - (tile.line << level), pixel.place - (tile.place << level)
    slots = np.empty(len(tile.areas), np.int64)
    count = 0
    for slot in range(len(tile.areas)):
        if ((tile.touch[slot, line] | tile.base[slot, line]) >> place) & 1:
            slots[count] = slot
            count += 1
    bits, masks = np.empty(len(members), np.int64), np.empty(len(members), np.int64)
    kept = np.empty(len(members), np.int32)
    end = 0
    for begin in range(0, count, GROUP):
        group = slots[begin : min(begin + GROUP, count)]
        base, first = 0, end
        for i in range(len(group)):
            base |= ((tile.base[group[i], line] >> place) & 1) << i
            # Edges come area by area, as the rings do.
            while end < len(members) and slot_of[edges.area[members[end]]] == group[i]:
                bits[end] = 1 << i
                end += 1
        lines = collect_edges(frame, edges, members[first:end], bits[first:end], pixel, kept, masks)
        while at + 2 * lines + 2 * GROUP > len(words):
            words = np.concatenate((words, np.zeros_like(words)))
        chosen = tile.areas[group], base, begin + GROUP < count
        at = write_group(frame, edges, pixel, words, at, chosen, kept[:lines], masks[:lines])
    return words, (at + LINE - 1) // LINE * LINE


@compiled
def write_tile(
    frame: Frame, edges: Edges, tile: Tile, pixels: NDArray[np.uint32], slot_of: NDArray[np.int32],
    words: NDArray[np.int64], at: int,
) -> tuple[NDArray[np.int64], int]:  # fmt: skip
    """Write pixels and records of one tile; give the words and the line after the last record."""
    mixed = label(tile, pixels)
    starts, members = by_pixel(tile)
    begin, side = at, len(mixed)
    top, left = tile.line * side, tile.place * side
    for line in range(side):
        for place in range(side):
            if (mixed[line] >> place) & 1:
                number = line * side + place
                pixels[number] = MIXED | ((at - begin) // LINE)
                here = members[starts[number] : starts[number + 1]]
                words, at = write_record(
                    frame, edges, tile, Pixel(top + line, left + place, tile.shift), here, slot_of, words, at
                )
    return words, at


@compiled
def build_row(
    frame: Frame, edges: Edges, starts: NDArray[np.int64], lists: NDArray[np.int32], levels: NDArray[np.int64],
    line: int, scratch: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.int64]]:  # fmt: skip
    """Build one row of tiles.

    Parameters
    ----------
    starts, lists
        Edges by tile: see `geo.locator.plan.tile_lists`.
    levels
        (tiles,) how many times each tile is halved.
    line
        The row.
    scratch
        Two arrays of -1, one place for each area; they are so again afterwards.

    Returns
    -------
    table, pixels, words
        (2, columns) first pixel * 8 + shift, and first line of records; pixels; records.
    """
    where, slot_of = scratch
    here = levels[line * frame.columns : (line + 1) * frame.columns]
    table = np.empty((2, frame.columns), np.int64)
    pixels = np.zeros((1 << (2 * here)).sum(), np.uint32)
    words, at, begin = np.zeros(1 << 12, np.int64), 0, 0
    active, count = np.empty(16, np.int32), 0
    for place in range(frame.columns - 1, -1, -1):
        number = line * frame.columns + place
        members = lists[starts[number] : starts[number + 1]]
        end = begin + (1 << (2 * here[place]))
        shift = LEVELS - here[place]
        table[0, place], table[1, place] = begin * 8 + shift, at // LINE
        tile = survey(frame, edges, members, (line, place, shift), active[:count], slot_of)
        words, at = write_tile(frame, edges, tile, pixels[begin:end], slot_of, words, at)
        for area in tile.areas:
            slot_of[area] = -1
        active, count = pass_edges(frame, edges, members, (line, place), active, count, where)
        begin = end
    return table, pixels, words[:at].copy()
