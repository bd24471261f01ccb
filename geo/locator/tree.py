"""Locating with numpy and shapely alone: the answers of the pixel index where numba is not to be had."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.locator.answers import EDGE, OUTSIDE, OVERLAP, Hit, Located


class Tree:
    """One layer in a tree of boxes. Read-only once made, so threads may share it; see `geo.locator.Locator`."""

    def __init__(self, geometries: Sequence[BaseGeometry] | NDArray[np.object_]) -> None:
        # A copy, because preparing changes the objects in place and others hold them, too.
        given = np.fromiter(geometries, dtype=object, count=len(geometries))
        self._polygons: NDArray[np.object_] = np.asarray(shapely.from_wkb(shapely.to_wkb(given)), dtype=object)
        self._tree = shapely.STRtree(self._polygons)
        shapely.prepare(self._polygons)
        self._warm_up()

    def _warm_up(self) -> None:
        # GEOS builds the index of a prepared polygon at the first question, without a lock, while shapely lets other
        # threads run.
        for polygon in self._polygons:
            if not polygon.is_empty:
                x, y = shapely.get_coordinates(polygon)[0]
                shapely.intersects_xy(polygon, x, y)
        self._tree.query(shapely.points(0.0, 0.0))

    def locate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Located:
        """Locate (n,) points in degrees."""
        nothing = len(self._polygons)
        index = np.full(x.shape, nothing, dtype=np.int32)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        pairs = self._tree.query(shapely.points(x[finite], y[finite]))
        point, area = finite[pairs[0]], pairs[1]
        covers = shapely.intersects_xy(self._polygons[area], x[point], y[point])
        point, area = point[covers], area[covers]
        np.minimum.at(index, point, area.astype(np.int32))
        index[index == nothing] = OUTSIDE
        flags = np.where(np.bincount(point, minlength=len(x)) > 1, EDGE, 0).astype(np.uint8)
        self._mark_overlaps(x, y, point, area, flags)
        return Located(index, flags)

    def _mark_overlaps(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        point: NDArray[np.int64],
        area: NDArray[np.int64],
        flags: NDArray[np.uint8],
    ) -> None:
        several = flags[point] != 0
        point, area = point[several], area[several]
        inside = shapely.contains_xy(self._polygons[area], x[point], y[point])
        flags[point[inside]] |= OVERLAP

    def locate_one(self, x: float, y: float) -> Hit:
        """Locate one point in degrees."""
        if not (np.isfinite(x) and np.isfinite(y)):
            return Hit(OUTSIDE, on_edge=False)
        near = self._tree.query(shapely.points(x, y))
        covering = [int(area) for area in near if shapely.intersects_xy(self._polygons[area], x, y)]
        several = len(covering) > 1
        overlapped = several and any(shapely.contains_xy(self._polygons[area], x, y) for area in covering)
        return Hit(min(covering, default=OUTSIDE), several, overlapped)
