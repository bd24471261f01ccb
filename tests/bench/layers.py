"""Layers to measure on: the towns and cells of Cixi with as many vertices as surveyed lines have, and a province."""

from datetime import date
from pathlib import Path

import numpy as np
import shapely

from data.region import load

CIXI = Path(__file__).parents[2] / "data" / "regions" / "cixi"
DAY = date(2026, 7, 1)
STEP = 0.0002
"""Degrees between vertices, about 20 m."""
COLUMNS, ROWS = 8, 5


def densified(polygons: np.ndarray, step: float = STEP) -> np.ndarray:
    """Put vertices on long edges, the same ones from either side, rounded to the seven decimals of published files."""
    kind, xy, (rings, *outer) = shapely.to_ragged_array(polygons)
    start, end = xy[:-1], xy[1:]
    parts = np.maximum(np.ceil(np.hypot(*np.abs(end - start).T) / step), 1).astype(int)
    parts[rings[1:-1] - 1] = 1
    number = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    along = np.where(np.repeat(turned, parts), np.repeat(parts, parts) - number, number) / np.repeat(parts, parts)
    between = np.repeat(low, parts, axis=0) + np.repeat(high - low, parts, axis=0) * along[:, None]
    first = number == 0
    between[first] = start
    places = np.r_[0, np.cumsum(parts)]
    dense = np.vstack([np.round(between, 7), xy[-1:]])
    return shapely.from_ragged_array(kind, dense, (np.r_[places[rings[:-1]], len(dense)], *outer))


def county(layer: str) -> np.ndarray:
    """A layer of Cixi with dense lines."""
    areas = load(CIXI).layer_on(layer, DAY).areas
    dense = densified(np.array([area.geometry for area in areas], dtype=object))
    assert shapely.is_valid(dense).all()
    return dense


def province() -> np.ndarray:
    """Forty counties side by side: 100,000 cells."""
    cells = county("grid")
    west, south, east, north = shapely.total_bounds(cells)
    shifts = [np.array([c * (east - west), r * (north - south)]) for c in range(COLUMNS) for r in range(ROWS)]
    return np.concatenate([shapely.transform(cells, lambda xy, by=by: np.round(xy + by, 7)) for by in shifts])


LAYERS = {"20 towns": lambda: county("township"), "2,500 cells": lambda: county("grid"), "100,000 cells": province}
