"""The names that want to stand on a sheet: townships first, then villages, water and neighbours."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.documents.maps.pen import Pen
from geo.cartography import Label

BIG = {2.55: 2.9, 3.1: 3.5}
"""Size of a township's name by the size of the sheet's text, in millimetres."""
AROUND = (("sea", 1.5, 30.0, 0.6), ("county", 1.0, 25.0, 0.3), ("lake", 0.72, 20.0, 0.1))
"""Kind, size in parts of a township's, weight, spacing."""
SMALLEST_MM2 = 60.0


def labels(pen: Pen) -> Iterator[Label]:
    """Give every name; `geo.cartography.place_labels` finds their places."""
    big = BIG[pen.layout.type]
    yield from _areas(pen, "township", big, 100.0, 14.0)
    if pen.chosen is not None and "village" in pen.plate.shapes:
        yield from _areas(pen, "village", big * 0.78, 40.0, 4.0)
    for kind, size, weight, spacing in AROUND:
        yield from _around(pen, kind, big * size, weight, spacing)


def _areas(pen: Pen, rank: str, size: float, weight: float, reach: float) -> Iterator[Label]:
    shapes = pen.plate.shapes[rank]
    mine = inside(pen, shapes)
    if pen.chosen is not None and rank == "township":
        # A neighbour is named in the part of it that is seen.
        shapes = shapely.intersection(shapes, shapely.box(*pen.frame.bounds))
        mine = mine | shapely.is_empty(shapes)
    pending = {row.code: row.pending for row in pen.contents.rows}
    for area, (x, y), own in zip(pen.plate.areas[rank], _middles(pen, shapes), mine.tolist(), strict=True):
        named = own != (rank == "township") if pen.chosen is not None else True
        if named and 0 < x < pen.frame.width and 0 < y < pen.frame.height:
            n = pending.get(area.code, 0)
            text = f"{pen.name(area)} {n}" if n and rank == "village" else pen.name(area)
            kind = "faint" if pen.chosen is not None and rank == "township" else rank
            yield Label(text, x, y, size, kind, weight + n / 1e3, reach)


def inside(pen: Pen, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which shapes lie in what the sheet is about."""
    if pen.chosen is None:
        return np.ones(len(shapes), dtype=bool)
    shapely.prepare(pen.chosen)
    return np.asarray(shapely.covers(pen.chosen, shapely.point_on_surface(shapes)), dtype=bool)


def _middles(pen: Pen, shapes: NDArray[np.object_]) -> list[list[float]]:
    """Give the centre of the largest circle in each shape, where a name has room, in millimetres; (-1, -1) of none."""
    there = ~shapely.is_empty(shapes)
    west, south, east, north = shapely.bounds(shapes[there]).T
    circles = shapely.maximum_inscribed_circle(shapes[there], tolerance=np.maximum(east - west, north - south) / 100)
    middles = np.full((len(shapes), 2), -1.0)
    middles[there] = pen.frame.to_paper(shapely.get_coordinates(shapely.get_point(circles, 0)))
    found: list[list[float]] = middles.tolist()
    return found


def _around(pen: Pen, kind: str, size: float, weight: float, spacing: float) -> Iterator[Label]:
    around, per_mm = pen.atlas.surroundings(), pen.frame.metres_per_mm
    window = shapely.box(*pen.frame.bounds).buffer(-4 * per_mm)
    shapes = shapely.intersection(around.of(kind), window)
    if kind != "lake":
        shapes = shapely.difference(shapes, pen.plate.county)
    for (name, name_en), shape in zip(around.names.get(kind, ()), shapes.tolist(), strict=True):
        if shape.is_empty or (kind != "lake" and shape.area < SMALLEST_MM2 * per_mm**2):
            continue
        ((x, y),) = _middles(pen, np.array([shape], dtype=object))
        yield Label((pen.english and name_en) or name, x, y, size, kind, weight, 10.0, spacing)
