"""Which points can lie within reach of an area at all: a coarse raster that spares most of those outside a search."""

import numpy as np
import shapely
from numpy.typing import NDArray

from data.region.boundaries import Ranked
from geo.crs import Floats
from geo.locator import SUGGEST_WITHIN_M

SIDE = 128
"""Squares of the raster in each direction."""
METRES_PER_DEGREE = 110_000.0
"""Fewer than a degree of latitude has anywhere, so that a reach in degrees is never too short."""
REACH_M = 2 * SUGGEST_WITHIN_M
"""Twice what is searched: straight lines of the metric CRS and of degrees part by some metres on the way."""


class Surroundings:
    """The squares that lie within reach of an area of some layers."""

    def __init__(self, layers: list[Ranked]) -> None:
        areas = np.array([area.geometry for ranked in layers for area in ranked.areas], dtype=object)
        west, south, east, north = shapely.total_bounds(areas)
        high = REACH_M / METRES_PER_DEGREE
        widest = np.cos(np.radians(min(89.0, max(abs(south), abs(north)) + high)))
        wide = high / widest
        self._west, self._south = west - wide, south - high
        self._width, self._height = (east - west + 2 * wide) / SIDE, (north - south + 2 * high) / SIDE
        column, row = (part.ravel() for part in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
        x, y = self._west + column * self._width, self._south + row * self._height
        squares = shapely.box(x - wide, y - high, x + self._width + wide, y + self._height + high)
        touched, _ = shapely.STRtree(areas).query(squares, predicate="intersects")
        self._near = np.zeros(SIDE * SIDE, np.bool_)
        self._near[touched] = True

    def maybe_near(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Say which points (WGS84 degrees) may lie within reach; those left out surely do not."""
        column = np.floor((lon - self._west) / self._width)
        row = np.floor((lat - self._south) / self._height)
        inside = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
        square = np.where(inside, row * SIDE + column, 0).astype(np.int64)
        return np.asarray(inside & self._near[square])
