"""Building one row of tiles: what every pixel says, from the east to the west.

For an area and a row of pixels, take every edge that reaches into the row and call it *above* if it leads from the row
(or below it) to a row above it. The ray from a point to the east crosses an edge that lies wholly east of the point's
pixel if and only if one end of the edge lies above the point, the other one not. Summed up over all these edges, ends
at which two of them meet cancel each other. What remains:

- ends in rows above or below, which no point of the row can tell apart: a constant of the pixel, the parity of the
  edges *above* that lie east of it (`base`);
- ends in the pixel's own row where the boundary goes on into an edge that may touch the pixel: a *step*, one comparison
  with the end's latitude, kept with the pixel's record.

Everything else is decided by the edges that may touch the pixel. No rounding enters: rows and columns are whole
numbers, and an edge that only may touch a pixel is kept with it.

Bits of one word are the pixels of a row, so a toggle of all pixels west of an edge is one exclusive or.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.locator.compiled import compiled, inlined
from geo.locator.grid import LEVELS, Edges, Frame, columns_in_row, comes_from_east, crosses_above, row

ALL = -1


class Tile(NamedTuple):
    """One tile: its place, the level of its pixels, and what is known of it.

    Attributes
    ----------
    line, place, shift
        Row and column of the tile; a pixel is 2**shift fine ones wide.
    areas
        (m,) positions of the areas that may cover a part of it, ascending.
    base, touch
        (m, side) rows of bits: the parity of what lies east; where the area's own edges may touch.
    runs
        (k, 4) edge, row in the tile, first and last column in the tile.
    """

    line: int
    place: int
    shift: int
    areas: NDArray[np.int32]
    base: NDArray[np.int64]
    touch: NDArray[np.int64]
    runs: NDArray[np.int32]


@inlined
def bits_below(count: int) -> int:
    """Give a word whose lowest bits are set."""
    if count <= 0:
        return 0
    return ALL if count >= 64 else (1 << count) - 1


@compiled
def areas_in_tile(
    edges: Edges, members: NDArray[np.int32], active: NDArray[np.int32], slot_of: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Give the areas that may cover a part of the tile, ascending, and note their slots."""
    found = np.empty(len(members) + len(active), np.int32)
    count = 0
    for area in active:
        slot_of[area] = 0
        found[count] = area
        count += 1
    for edge in members:
        area = edges.area[edge]
        if slot_of[area] < 0:
            slot_of[area] = 0
            found[count] = area
            count += 1
    areas = np.sort(found[:count])
    for slot in range(count):
        slot_of[areas[slot]] = slot
    return areas


@compiled
def rows_of(frame: Frame, edges: Edges, edge: int, top: int, side: int, shift: int) -> tuple[int, int]:
    """Give the first and the last row of a tile that an edge reaches, counted in the tile."""
    one, two = row(frame, edges.xy[edge, 1]) >> shift, row(frame, edges.xy[edge + 1, 1]) >> shift
    return max(min(one, two) - top, 0), min(max(one, two) - top, side - 1)


@compiled
def survey(
    frame: Frame, edges: Edges, members: NDArray[np.int32], tile: tuple[int, int, int], active: NDArray[np.int32],
    slot_of: NDArray[np.int32],
) -> Tile:  # fmt: skip
    """Draw the edges of a tile into its rows of bits."""
    line, place, shift = tile
    level = LEVELS - shift
    side, top = 1 << level, line << level
    areas = areas_in_tile(edges, members, active, slot_of)
    base = np.zeros((len(areas), side), np.int64)
    touch = np.zeros((len(areas), side), np.int64)
    count = 0
    for edge in members:
        first, last = rows_of(frame, edges, edge, top, side, shift)
        count += last - first + 1
    runs = np.empty((count, 4), np.int32)
    found = Tile(line, place, shift, areas, base, touch, runs)
    for area in active:
        base[slot_of[area]] = ALL
    count = 0
    for edge in members:
        slot = slot_of[edges.area[edge]]
        count = draw(frame, edges, edge, slot, found, count)
        go_on_east(frame, edges, edge, slot, found)
    return Tile(line, place, shift, areas, base, touch, runs[:count])


@compiled
def draw(frame: Frame, edges: Edges, edge: int, slot: int, tile: Tile, count: int) -> int:
    """Draw one edge: toggle the pixels west of it, mark those that it may touch; give the number of runs."""
    level = LEVELS - tile.shift
    side, top, left = 1 << level, tile.line << level, tile.place << level
    first_row, last_row = rows_of(frame, edges, edge, top, side, tile.shift)
    for line in range(first_row, last_row + 1):
        first, last = columns_in_row(frame, edges, edge, top + line, tile.shift)
        first, last = first - left, last - left
        if crosses_above(frame, edges, edge, top + line, tile.shift):
            tile.base[slot, line] ^= bits_below(first)
        first, last = max(first, 0), min(last, side - 1)
        if first <= last:
            tile.touch[slot, line] |= bits_below(last + 1) & ~bits_below(first)
            tile.runs[count, 0], tile.runs[count, 1] = edge, line
            tile.runs[count, 2], tile.runs[count, 3] = first, last
            count += 1
    return count


@compiled
def go_on_east(frame: Frame, edges: Edges, edge: int, slot: int, tile: Tile) -> None:
    """Toggle the rows below an end of the edge past which the boundary goes on east of the tile."""
    level = LEVELS - tile.shift
    side, top = 1 << level, tile.line << level
    whole = tile.line, tile.place, LEVELS
    for end in range(2):
        vertex = edge + end
        other = edges.following[edge] if end else edges.preceding[edge]
        if comes_from_east(frame, edges, vertex, other, whole):
            line = (row(frame, edges.xy[vertex, 1]) >> tile.shift) - top
            for below in range(min(line, side)):
                tile.base[slot, below] ^= ALL


@compiled
def label(tile: Tile, pixels: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Write the area of every pixel that one area or none covers whole.

    Parameters
    ----------
    pixels
        (side * side,) of the tile, all zero: no area. An area is its position + 1.

    Returns
    -------
    mixed
        (side,) rows of bits: the pixels that hold edges, or that more than one area covers.
    """
    side = tile.base.shape[1]
    mixed = np.zeros(side, np.int64)
    for line in range(side):
        once, twice, edged = 0, 0, 0
        for slot in range(len(tile.areas)):
            whole = tile.base[slot, line] & ~tile.touch[slot, line]
            twice |= once & whole
            once |= whole
            edged |= tile.touch[slot, line]
        mixed[line] = (edged | twice) & bits_below(side)
        for slot in range(len(tile.areas)):
            plain = tile.base[slot, line] & ~mixed[line]
            if plain != 0:
                for place in range(side):
                    if (plain >> place) & 1:
                        pixels[line * side + place] = tile.areas[slot] + 1
    return mixed


@compiled
def toggle(area: int, active: NDArray[np.int32], count: int, where: NDArray[np.int32]) -> int:
    """Put an area on the list of those with an odd number of edges further east, or take it off; give its length."""
    at = where[area]
    if at < 0:
        active[count] = area
        where[area] = count
        return count + 1
    last = active[count - 1]
    active[at] = last
    where[last] = at
    where[area] = -1
    return count - 1


@compiled
def pass_edges(
    frame: Frame, edges: Edges, members: NDArray[np.int32], tile: tuple[int, int], active: NDArray[np.int32],
    count: int, where: NDArray[np.int32],
) -> tuple[NDArray[np.int32], int]:  # fmt: skip
    """Go west past the edges that begin in a tile: the tiles there have them in the east."""
    line, place = tile
    for edge in members:
        first, _ = columns_in_row(frame, edges, edge, line, LEVELS)
        if first == place and crosses_above(frame, edges, edge, line, LEVELS):
            if count == len(active):
                active = np.concatenate((active, np.empty_like(active)))
            count = toggle(edges.area[edge], active, count, where)
    return active, count
