"""The picture of docs/locating.md, from the real index of Cixi: `python -m tests.geo.picture` writes it anew.

Left, four tiles of the index of the grid cells: pixels that one cell covers whole in the colour of the cell, mixed ones
dark, the borders of the tiles in red. Right, one mixed pixel with a step: its own edges, a point, and its ray to the
east.
"""

from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np

from data.region import load
from geo.locator.grid import LEVELS, TILE, columns_in_row, comes_from_east, reaches
from geo.locator.index import build
from geo.locator.rings import edges_of

ROOT = Path(__file__).parents[2]
COLOURS = ("#cfe3d4", "#f3e2b3", "#d5dff0", "#f0d3cf", "#e2d7ee", "#d9ead0", "#fbe7d3", "#cfe8ea")
SIDE = 512.0
"""Of each panel, in units of the drawing."""


def tile_at(index, line: int, place: int) -> tuple[np.ndarray, int]:
    """Pixels of a tile as a square of values, and its shift."""
    first = int(index.arrays.table[0, line * index.frame.columns + place])
    shift = first & 7
    side = TILE >> shift
    return index.arrays.pixels[(first >> 3) : (first >> 3) + side * side].reshape(side, side), shift


def runs(values: np.ndarray):
    """Yield row, first, last and value of equal pixels beside each other."""
    for line, row in enumerate(values):
        cuts = np.flatnonzero(np.diff(row, prepend=row[0] + 1, append=row[-1] + 1))
        for first, last in pairwise(cuts):
            yield line, int(first), int(last), int(row[first])


def left_panel(index, line: int, place: int) -> list[str]:
    """Four tiles, north up."""
    unit = SIDE / 2 / TILE
    shapes: dict[str, list[str]] = {}
    for up in range(2):
        for east in range(2):
            tile, shift = tile_at(index, line + up, place + east)
            size = unit * (1 << shift)
            for row, first, last, value in runs(np.where(tile >= 1 << 15, 1 << 15, tile)):
                colour = "#5b6470" if value >= 1 << 15 else COLOURS[value % len(COLOURS)] if value else "#ffffff"
                x, y = east * SIDE / 2 + first * size, SIDE - up * SIDE / 2 - (row + 1) * size
                width = (last - first) * size
                shapes.setdefault(colour, []).append(f"M{x:g} {y:g}h{width:g}v{size:g}h{-width:g}z")
    drawn = [f'<path fill="{colour}" d="{"".join(parts)}"/>' for colour, parts in shapes.items()]
    half, whole = f"{SIDE / 2:g}", f"{SIDE:g}"
    return [*drawn, f'<path fill="none" stroke="#c0392b" stroke-width="1.5" d="M0 0h{whole}v{whole}h-{whole}z'
            f'M{half} 0v{whole}M0 {half}h{whole}"/>']  # fmt: skip


def pixel_with_step(index, edges, line: int, place: int):
    """A mixed pixel of a tile whose record has one step and few edges: row, column, shift; its edges; the step."""
    tile, shift = tile_at(index, line, place)
    level = LEVELS - shift
    for row, column in np.argwhere(tile >= 1 << 15):
        pixel = (line << level) + int(row), (place << level) + int(column), shift
        here = [
            edge for edge in np.flatnonzero(edges.area >= 0)
            if reaches(index.frame, edges, edge, pixel[0], shift)
            and within(columns_in_row(index.frame, edges, edge, pixel[0], shift), pixel[1])
        ]  # fmt: skip
        steps = {
            vertex for edge in here
            for vertex, other in ((edge, edges.preceding[edge]), (edge + 1, edges.following[edge]))
            if comes_from_east(index.frame, edges, vertex, other, pixel)
        }  # fmt: skip
        places = {tuple(edges.xy[vertex]) for vertex in steps}
        if len(places) == 1 and 2 <= len(here) <= 4:
            return pixel, here, next(iter(places))
    raise LookupError("no pixel of this tile has a step; take another tile")


def within(span: tuple[int, int], column: int) -> bool:
    """Whether a column lies in a span."""
    return span[0] <= column <= span[1]


def right_panel(index, edges, line: int, place: int) -> list[str]:
    """One mixed pixel in the middle of its neighbours."""
    (row, column, shift), here, step = pixel_with_step(index, edges, line, place)
    frame, size = index.frame, SIDE / 3.2

    def at(x: float, y: float) -> tuple[float, float]:
        across = ((x - frame.west) * frame.per_x / (1 << shift) - column + 1.1) * size
        return across, SIDE - ((y - frame.south) * frame.per_y / (1 << shift) - row + 1.1) * size

    left, bottom = 1.1 * size, SIDE - 1.1 * size
    drawn = [f'<rect width="{SIDE:g}" height="{SIDE:g}" fill="#fff"/>']
    drawn.append(
        f'<rect x="{left:g}" y="{bottom - size:g}" width="{size:g}" height="{size:g}" fill="#e8eaed" stroke="#5b6470"/>'
    )
    for edge in here:
        (x1, y1), (x2, y2) = at(*edges.xy[edge]), at(*edges.xy[edge + 1])
        drawn.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#1f4e79" stroke-width="3"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f4e79"/>' for x, y in ((x1, y1), (x2, y2))]
    x, y = at(*step)
    drawn.append(f'<path d="M{x:.1f} {y:.1f}V{bottom:.1f}" stroke="#c0392b" stroke-width="2" stroke-dasharray="5 4"/>')
    drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="#c0392b" stroke-width="2"/>')
    point = left + 0.3 * size, (y + bottom) / 2
    drawn.append(f'<path d="M{point[0]:.1f} {point[1]:.1f}H{SIDE:g}" stroke="#333" stroke-dasharray="2 4"/>')
    drawn.append(f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="5" fill="#333"/>')
    return drawn


def main() -> None:
    """Draw and write."""
    areas = load(ROOT / "data/regions/cixi").layer_on("grid", date(2026, 7, 1)).areas
    geometries = [area.geometry for area in areas]
    index, edges = build(geometries), edges_of(geometries)
    line, place = 20, 36
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * SIDE + 24:g} {SIDE:g}">'
    parts = [
        head,
        "<g>",
        *left_panel(index, line, place),
        f'</g><svg x="{SIDE + 24:g}" width="{SIDE:g}" height="{SIDE:g}">',
    ]
    parts += [*right_panel(index, edges, line, place + 2), "</svg></svg>"]
    (ROOT / "docs/locating.svg").write_text("\n".join(parts) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
