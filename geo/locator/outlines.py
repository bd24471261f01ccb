"""The nearest area of points outside: their distance from the outlines, in metres.

The outlines are cut into short pieces behind a tree of their boxes. Only pieces in the box around a point are projected
and measured, so a first question costs little however large the layer is.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import from_wgs84
from geo.locator.answers import OUTSIDE
from geo.locator.rings import edges_of

METRES_PER_DEGREE = 110_574.0
"""Of latitude, at the equator where it is shortest."""
PIECE = 16
"""Edges of a piece."""
CHUNK = 1 << 15
"""Points that are measured together, which bounds the memory."""


class Outlines:
    """The outlines of one layer. Read-only once made, so threads may share it; see `geo.locator.Locator.nearest`."""

    def __init__(self, geometries: Sequence[BaseGeometry] | NDArray[np.object_], metric_crs: str) -> None:
        self._metric_crs = metric_crs
        edges = edges_of(geometries)
        begins = np.flatnonzero(edges.area >= 0)
        # In a ring the first edge follows a higher one: the last.
        first = np.maximum.accumulate(np.where(edges.preceding[begins] > begins, begins, 0))
        starts = begins[(begins - first) % PIECE == 0]
        cut = np.zeros(len(edges.area) + 1, np.int64)
        cut[starts] = 1
        sizes = np.bincount(cut.cumsum()[begins], minlength=len(starts) + 1)[1:] + 1
        owner = np.repeat(np.arange(len(starts)), sizes)
        vertex = np.arange(sizes.sum()) - np.repeat(sizes.cumsum() - sizes, sizes) + np.repeat(starts, sizes)
        self._area = edges.area[starts]
        self._pieces: NDArray[np.object_] = np.asarray(shapely.linestrings(edges.xy[vertex], indices=owner), object)
        self._tree = shapely.STRtree(self._pieces)
        # GEOS builds the tree at the first question, without a lock, while shapely lets other threads run.
        self._tree.query(shapely.points(0.0, 0.0))

    def nearest(
        self, x: NDArray[np.float64], y: NDArray[np.float64], within_m: float
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Give the nearest area of each point and its distance in metres; -1 and NaN beyond `within_m`.

        Parameters
        ----------
        x, y
            (n,) WGS84 degrees of points that no area covers.
        """
        index, distance = np.full(x.shape, OUTSIDE, dtype=np.int32), np.full(x.shape, np.nan)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (np.abs(y) < 90.0))
        for begin in range(0, len(finite), CHUNK):
            here = finite[begin : begin + CHUNK]
            found, index_here, distance_here = self._measured(x[here], y[here], within_m)
            index[here[found]], distance[here[found]] = index_here, distance_here
        return index, distance

    def _measured(
        self, x: NDArray[np.float64], y: NDArray[np.float64], within_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        pad_y = 1.1 * within_m / METRES_PER_DEGREE
        pad_x = pad_y / np.cos(np.radians(y))
        point, piece = self._tree.query(shapely.box(x - pad_x, y - pad_y, x + pad_x, y + pad_y))
        points, point = np.unique(point, return_inverse=True)
        pieces, place = np.unique(piece, return_inverse=True)
        lines = shapely.transform(self._pieces[pieces], self._in_metres)
        spots = self._in_metres(np.column_stack([x[points], y[points]]))
        apart = shapely.distance(shapely.points(spots[point]), lines[place])
        near = np.flatnonzero(apart <= within_m)
        # At equal distance the lowest rank wins.
        near = near[np.lexsort((self._area[piece[near]], apart[near], point[near]))]
        _, best = np.unique(point[near], return_index=True)
        best = near[best]
        return points[point[best]], self._area[piece[best]], apart[best]

    def _in_metres(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], self._metric_crs))
