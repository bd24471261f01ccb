"""Layers and points that are hard on a locator, and what shapely says of them."""

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from tests.geo.coverages import quilt, squares


def ulps(values):
    """Each number, and its neighbours below and above."""
    values = np.asarray(values, dtype=np.float64)
    return np.stack([np.nextafter(values, -np.inf), values, np.nextafter(values, np.inf)])


def beside(x, y):
    """Points, and the eight that lie one ulp beside each of them."""
    across, up = ulps(x), ulps(y)
    return np.tile(across, (3, 1)).ravel(), np.repeat(up, 3, axis=0).ravel()


def rings_and_enclaves(rng):
    """A ring, the enclave that fills its hole, an exclave far off, a hole that nobody fills."""
    middle = box(121.01, 30.01, 121.02, 30.02)
    ring = Polygon(box(121.0, 30.0, 121.03, 30.03).exterior, [middle.exterior])
    far = Polygon(box(121.05, 30.0, 121.06, 30.01).exterior, [box(121.052, 30.002, 121.055, 30.004).exterior])
    return [MultiPolygon([ring, far]), middle, box(121.03, 30.0, 121.05, 30.03)]


def slivers(rng):
    """Areas as thin as the last digits of their coordinates, and needles."""
    west = 121.0
    thin = [box(west + i * 1e-3, 30.0, float(np.nextafter(west + i * 1e-3, 999)), 30.01) for i in range(4)]
    tip = [Polygon([(121.004, 30.0), (121.02, 30.004 + i * 1e-9), (121.004, 30.0 + 1e-7)]) for i in range(3)]
    return [*thin, *tip]


def overlaps(rng):
    """Boxes and triangles thrown at random: everything overlaps."""
    found = []
    for _ in range(12):
        x, y = rng.uniform(121.0, 121.05), rng.uniform(30.0, 30.05)
        corners = np.array([x, y]) + rng.uniform(-0.02, 0.02, (3, 2))
        found += [box(x, y, x + rng.uniform(1e-4, 0.02), y + rng.uniform(1e-4, 0.02)), Polygon(corners)]
    return found


def whole_numbers(rng):
    """Coordinates around (0, 0) of few bits, so that points of every sort fall on edges, and bounds of both signs."""
    found = []
    while len(found) < 6:
        ring = Polygon(rng.integers(-6, 7, (int(rng.integers(3, 7)), 2)))
        if ring.is_valid and ring.area > 0:
            found.append(ring)
    return found


def stars(rng):
    """Rings with many short edges that turn back within a row of pixels, beside a few long ones."""
    found = []
    for i in range(5):
        angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
        radius = rng.uniform(0.2, 1.0, 200) * 10.0 ** -rng.uniform(2, 5)
        found.append(Polygon(np.column_stack([121 + i * 0.004 + radius * np.cos(angle), 30 + radius * np.sin(angle)])))
    return found


def crowd(rng):
    """Sixty areas around one point: more than one group of a record holds."""
    angle = np.linspace(0, 2 * np.pi, 61)
    x, y = 121.0 + 0.01 * np.cos(angle), 30.0 + 0.01 * np.sin(angle)
    return [Polygon([(121.0, 30.0), (x[i], y[i]), (x[i + 1], y[i + 1])]) for i in range(60)]


def town_and_country(rng):
    """A quilt of small areas in the corner of a large one: tiles of many levels."""
    small = quilt(int(rng.integers(1 << 30)), 5)
    return [*small, box(121.06, 30.06, 123.0, 32.0), box(118.0, 28.0, 120.9, 30.0)]


LAYERS = {
    "quilt": lambda rng: quilt(int(rng.integers(1 << 30)), int(rng.integers(1, 6))),
    "squares": lambda rng: squares(4, 3),
    "rings and enclaves": rings_and_enclaves,
    "slivers": slivers,
    "overlaps": overlaps,
    "whole numbers": whole_numbers,
    "stars": stars,
    "crowd": crowd,
    "town and country": town_and_country,
    "one triangle": lambda rng: [Polygon(121 + rng.uniform(0, 0.01, (3, 2)))],
    "with nothing among them": lambda rng: [Polygon(), *squares(2, 2), MultiPolygon()],
}


def hard_points(polygons, rng, count, frame=None):
    """Points everywhere, near vertices, on edges, vertices, corners of pixels, and one ulp beside these."""
    west, south, east, north = shapely.total_bounds(polygons)
    wide, high = (east - west) * 0.05, (north - south) * 0.05
    x, y = rng.uniform(west - wide, east + wide, count), rng.uniform(south - high, north + high, count)
    xy, owner = shapely.get_coordinates(polygons, return_index=True)
    start = rng.integers(0, len(xy) - 1, count)
    start = start[owner[start] == owner[start + 1]]
    share = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0, -1.0], len(start))
    share = np.where(share < 0, rng.uniform(size=len(start)), share)[:, None]
    on = xy[start] + share * (xy[start + 1] - xy[start])
    crossed = np.column_stack([xy[start, 0], xy[rng.permutation(start), 1]])
    special = [on, crossed]
    if frame is not None:
        columns, rows = (
            rng.integers(0, frame.columns * 64 + 1, len(start)),
            rng.integers(0, frame.rows * 64 + 1, len(start)),
        )
        corners = np.column_stack([frame.west + columns / frame.per_x, frame.south + rows / frame.per_y])
        special += [corners, np.column_stack([corners[:, 0], on[:, 1]]), np.column_stack([on[:, 0], corners[:, 1]])]
    across, up = beside(*np.concatenate(special).T)
    near = xy[rng.integers(0, len(xy), count)] + rng.normal(0, 1, (count, 2)) * 10.0 ** -rng.uniform(3, 12, (count, 1))
    far = rng.choice([-1e300, -500.0, 0.0, 91.0, 1e18, np.nan, np.inf, -np.inf], (8, 2))
    points = np.concatenate([np.column_stack([x, y]), np.column_stack([across, up]), near, far])
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def shapely_says(polygons, x, y):
    """Position of the first area that intersects each point, and how many do: every area asked about every point."""
    index, count = np.full(len(x), -1), np.zeros(len(x), dtype=int)
    for position in reversed(range(len(polygons))):
        polygon = polygons[position]
        shapely.prepare(polygon)
        covers = shapely.intersects_xy(polygon, x, y)
        index[covers] = position
        count += covers
    return index, count
