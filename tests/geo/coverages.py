"""Small coverages and exact oracles for the tests of the map."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import box

from geo.areas import Area, AreaLayer

DAY = date(2020, 1, 1)


def area(code, geometry, *, layer="township", name="", parent=None, series="mca", since=DAY, until=None, **more):
    return Area(layer, series, code, name or code, parent, since, until, geometry, more)


def layer(areas, name="township", parent=None):
    return AreaLayer(name, areas, parent)


def squares(columns, rows, *, west=121.0, south=30.0, size=0.01):
    """Squares in rows from the south-west, sharing their corners to the last digit."""
    x = [west + size * i for i in range(columns + 1)]
    y = [south + size * j for j in range(rows + 1)]
    return [box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(rows) for i in range(columns)]


def quilt(seed: int, size: int) -> list[shapely.Polygon]:
    """Quadrilaterals between moved lattice points: edges in every direction, every vertex and edge shared."""
    rng = np.random.default_rng(seed)
    knots = np.stack(np.meshgrid(np.arange(size + 1.0), np.arange(size + 1.0), indexing="ij"), axis=-1)
    knots = 121.0 + (knots + rng.uniform(-0.3, 0.3, knots.shape)) * np.array([0.01, 0.01]) - np.array([0.0, 91.0])
    return [
        shapely.Polygon([knots[i, j], knots[i + 1, j], knots[i + 1, j + 1], knots[i, j + 1]])
        for i in range(size)
        for j in range(size)
    ]


def wavy(columns: int, rows: int, seed: int, steps: int = 12) -> list[shapely.Polygon]:
    """Areas of about 1 × 1 whose lines wind between lattice points; every vertex of a line is in both neighbours."""
    rng = np.random.default_rng(seed)
    along = np.linspace(0.0, 1.0, steps + 1)
    calm = 0.18 * np.sin(np.pi * along)

    def line(x: int, y: int, *, east: bool) -> np.ndarray:
        aside = rng.uniform(-1.0, 1.0, steps + 1) * calm
        aside[[0, -1]] = 0.0
        return np.column_stack([x + along, y + aside] if east else [x + aside, y + along])

    flat = {(x, y): line(x, y, east=True) for x in range(columns) for y in range(rows + 1)}
    steep = {(x, y): line(x, y, east=False) for x in range(columns + 1) for y in range(rows)}
    return [
        shapely.Polygon(np.vstack([flat[x, y], steep[x + 1, y], flat[x, y + 1][::-1], steep[x, y][::-1]]))
        for x in range(columns)
        for y in range(rows)
    ]


def covers_exactly(polygon: shapely.Polygon, lon: float, lat: float) -> bool:
    """Point in polygon in whole numbers: no rounding anywhere, an edge belongs to the polygon."""
    px, py = Fraction(lon), Fraction(lat)
    ring = [(Fraction(x), Fraction(y)) for x, y in polygon.exterior.coords]
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        cross = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
        if cross == 0 and min(ax, bx) <= px <= max(ax, bx) and min(ay, by) <= py <= max(ay, by):
            return True
        if (ay > py) != (by > py) and (cross > 0) == (by > ay):
            inside = not inside
    return inside


def lowest_covering(polygons: Sequence[shapely.Polygon], lon: float, lat: float) -> tuple[int, bool]:
    """The rule in one line each: the first polygon that covers the point, and whether there is more than one."""
    covering = [i for i, polygon in enumerate(polygons) if covers_exactly(polygon, lon, lat)]
    return min(covering, default=-1), len(covering) > 1
