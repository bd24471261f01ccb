"""The records of mixed pixels, and the kernel that builds a row of tiles.

A record begins at a multiple of `LINE` words (64 bytes, a line of the processor's cache) and consists of groups of at
most `GROUP` areas. Words of 8 bytes, one after the other:

====================  ==============================================================================
word                  holds
====================  ==============================================================================
head                  bits 0-23 number of edges, 24-47 of steps, 48-51 of areas, 52 another group follows
areas                 two positions a word, ascending: area i of the group is bit i of the masks
masks                 eight bytes a word: the base, one mask for each edge, one for each step
steps                 the latitude of each step, a double
edges                 lon, lat of the start and of the end of each edge, four doubles
====================  ==============================================================================

The state of a point begins as the base; a step whose latitude is above the point toggles its mask, and so does an edge
that the ray to the east crosses; an edge on which the point lies sets its mask among those on the edge.
"""

import numpy as np
from numpy.typing import NDArray

from geo.locator.compiled import compiled
from geo.locator.grid import LEVELS, Edges, Frame, comes_from_east
from geo.locator.tiles import Tile, label, pass_edges, survey

LINE = 8
GROUP = 8
MIXED = 1 << 31
LOOK_BACK = 64
"""Among so many edges of a record an equal one is looked for; one that is kept twice costs time, not truth."""


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
def same_line(xy: NDArray[np.float64], one: int, two: int) -> bool:
    """Whether two edges join the same two points, in either direction."""
    for turn in range(2):
        start, end = two + turn, two + 1 - turn
        if xy[one, 0] == xy[start, 0] and xy[one, 1] == xy[start, 1]:
            return bool(xy[one + 1, 0] == xy[end, 0] and xy[one + 1, 1] == xy[end, 1])
    return False


@compiled
def collect_edges(
    frame: Frame, edges: Edges, members: NDArray[np.int32], bits: NDArray[np.int64], kept: NDArray[np.int32],
    masks: NDArray[np.int64],
) -> int:  # fmt: skip
    """Keep every edge of a group once, with the mask of the areas that it bounds; give their number.

    An area that has the same edge twice keeps it twice, as GEOS does: it is crossed two times.
    """
    count = 0
    for at in range(len(members)):
        edge = members[at]
        if bits[at] == 0 or (edges.xy[edge, 0] == edges.xy[edge + 1, 0] and edges.xy[edge, 1] == edges.xy[edge + 1, 1]):
            continue
        known = -1
        if frame.exact:
            for other in range(max(0, count - LOOK_BACK), count):
                if masks[other] & bits[at] == 0 and same_line(edges.xy, edge, kept[other]):
                    known = other
        if known < 0:
            known = count
            kept[count], masks[count] = edge, 0
            count += 1
        masks[known] |= bits[at]
    return count


@compiled
def collect_steps(
    frame: Frame, edges: Edges, members: NDArray[np.int32], bits: NDArray[np.int64], pixel: tuple[int, int, int],
    heights: NDArray[np.float64], masks: NDArray[np.int64],
) -> int:  # fmt: skip
    """Note the steps of a group; give their number."""
    count = 0
    for at in range(len(members)):
        for end in range(2 if bits[at] else 0):
            vertex = members[at] + end
            other = edges.following[members[at]] if end else edges.preceding[members[at]]
            if not comes_from_east(frame, edges, vertex, other, pixel):
                continue
            height, known = edges.xy[vertex, 1], count
            for step in range(max(0, count - LOOK_BACK), count):
                if heights[step] == height:
                    known = step
            if known == count:
                heights[count], masks[count] = height, 0
                count += 1
            masks[known] ^= bits[at]
    return count


@compiled
def write_group(
    edges: Edges, words: NDArray[np.int64], at: int, chosen: tuple[NDArray[np.int32], int, bool],
    kept: NDArray[np.int32], edge_masks: NDArray[np.int64], heights: NDArray[np.float64], step_masks: NDArray[np.int64],
) -> int:  # fmt: skip
    """Write one group and give the word after it; `chosen` are its areas, base and whether another group follows."""
    areas, base, more = chosen
    floats = words.view(np.float64)
    words[at] = len(kept) | (len(heights) << 24) | (len(areas) << 48) | (int(more) << 52)
    at += 1
    for i in range(len(areas)):
        words[at + i // 2] |= np.int64(areas[i]) << (32 * (i % 2))
    at += (len(areas) + 1) // 2
    words[at] = base
    for i in range(len(kept)):
        words[at + (i + 1) // 8] |= edge_masks[i] << (8 * ((i + 1) % 8))
    for i in range(len(heights)):
        place = i + 1 + len(kept)
        words[at + place // 8] |= step_masks[i] << (8 * (place % 8))
    at += (len(kept) + len(heights)) // 8 + 1
    for i in range(len(heights)):
        floats[at + i] = heights[i]
    at += len(heights)
    for i in range(len(kept)):
        for end in range(2):
            floats[at + 4 * i + 2 * end] = edges.xy[kept[i] + end, 0]
            floats[at + 4 * i + 2 * end + 1] = edges.xy[kept[i] + end, 1]
    return at + 4 * len(kept)


@compiled
def write_record(
    frame: Frame, edges: Edges, tile: Tile, pixel: tuple[int, int], members: NDArray[np.int32],
    slot_of: NDArray[np.int32], words: NDArray[np.int64], at: int,
) -> tuple[NDArray[np.int64], int]:  # fmt: skip
    """Write the record of one mixed pixel; give the words, which may have grown, and the line after it."""
    level = LEVELS - tile.shift
    line, place = pixel
    where = (tile.line << level) + line, (tile.place << level) + place, tile.shift
    slots = np.empty(len(tile.areas), np.int64)
    count = 0
    for slot in range(len(tile.areas)):
        if ((tile.touch[slot, line] | tile.base[slot, line]) >> place) & 1:
            slots[count] = slot
            count += 1
    bits = np.empty(len(members), np.int64)
    kept, edge_masks = np.empty(len(members), np.int32), np.empty(len(members), np.int64)
    heights, step_masks = np.empty(2 * len(members)), np.empty(2 * len(members), np.int64)
    for begin in range(0, count, GROUP):
        group = slots[begin : min(begin + GROUP, count)]
        base = 0
        for i in range(len(group)):
            base |= ((tile.base[group[i], line] >> place) & 1) << i
        for i in range(len(members)):
            bits[i] = 0
            for j in range(len(group)):
                bits[i] |= int(group[j] == slot_of[edges.area[members[i]]]) << j
        lines = collect_edges(frame, edges, members, bits, kept, edge_masks)
        steps = collect_steps(frame, edges, members, bits, where, heights, step_masks)
        while at + 6 * (lines + steps) + 4 * GROUP > len(words):
            words = np.concatenate((words, np.zeros_like(words)))
        chosen = tile.areas[group], base, begin + GROUP < count
        at = write_group(
            edges, words, at, chosen, kept[:lines], edge_masks[:lines], heights[:steps], step_masks[:steps]
        )
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
    for line in range(side):
        for place in range(side):
            if (mixed[line] >> place) & 1:
                number = line * side + place
                pixels[number] = MIXED | ((at - begin) // LINE)
                here = members[starts[number] : starts[number + 1]]
                words, at = write_record(frame, edges, tile, (line, place), here, slot_of, words, at)
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
        (columns, 2) first pixel * 8 + shift, and first line of records; pixels; records.
    """
    where, slot_of = scratch
    here = levels[line * frame.columns : (line + 1) * frame.columns]
    table = np.empty((frame.columns, 2), np.int64)
    pixels = np.zeros((1 << (2 * here)).sum(), np.uint32)
    words, at, begin = np.zeros(1 << 12, np.int64), 0, 0
    active, count = np.empty(16, np.int32), 0
    for place in range(frame.columns - 1, -1, -1):
        number = line * frame.columns + place
        members = lists[starts[number] : starts[number + 1]]
        end = begin + (1 << (2 * here[place]))
        shift = LEVELS - here[place]
        table[place, 0], table[place, 1] = begin * 8 + shift, at // LINE
        tile = survey(frame, edges, members, (line, place, shift), active[:count], slot_of)
        words, at = write_tile(frame, edges, tile, pixels[begin:end], slot_of, words, at)
        for area in tile.areas:
            slot_of[area] = -1
        active, count = pass_edges(frame, edges, members, (line, place), active, count, where)
        begin = end
    return table, pixels, words[:at].copy()
