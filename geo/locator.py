"""Which area a point lies in: one layer at one boundary version, by the rules for edges and for points outside.

This room holds the whole rule and nothing else does, so that another way to compute it changes only this room. Callers
put the areas in rank order; the lowest rank wins on a shared edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import from_wgs84

OUTSIDE = -1
SUGGEST_WITHIN_M = 200.0
METRES_PER_DEGREE = 110_574.0
"""Of latitude, at the equator where it is shortest."""


@dataclass(frozen=True, slots=True)
class Located:
    """Answers for an array of points.

    Attributes
    ----------
    index
        Position of the area in rank order, `OUTSIDE` (-1) where no area covers the point or it is not finite.
    on_edge
        Whether more than one area covers the point.
    """

    index: NDArray[np.int32]
    on_edge: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Hit:
    """The answer for one point: see `Located`."""

    position: int
    on_edge: bool


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest area and its distance in metres; -1 and NaN where none is near enough."""

    position: int
    distance_m: float


class Locator:
    """One layer at one boundary version. Read-only once made, so threads may share it.

    Parameters
    ----------
    geometries
        Valid polygons in degrees, (lon, lat), in rank order: on a shared edge the first one wins.
    metric_crs
        CRS in which distances are measured.
    """

    def __init__(self, geometries: Sequence[BaseGeometry], metric_crs: str) -> None:
        # A copy, because preparing changes the objects in place and others hold them, too.
        given = np.fromiter(geometries, dtype=object, count=len(geometries))
        self._polygons: NDArray[np.object_] = np.asarray(shapely.from_wkb(shapely.to_wkb(given)), dtype=object)
        self._metric_crs = metric_crs
        self._metric: dict[int, BaseGeometry] = {}
        self._tree = shapely.STRtree(self._polygons)
        shapely.prepare(self._polygons)
        self._warm_up()

    def __len__(self) -> int:
        return len(self._polygons)

    def _warm_up(self) -> None:
        # GEOS builds the index of a prepared polygon at the first question, without a lock, while shapely lets other
        # threads run.
        for polygon in self._polygons:
            if not polygon.is_empty:
                x, y = shapely.get_coordinates(polygon)[0]
                shapely.intersects_xy(polygon, x, y)
        self._tree.query(shapely.points(0.0, 0.0))

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> Located:
        """Locate points.

        Parameters
        ----------
        lon, lat
            WGS84 degrees, one-dimensional and of equal length; NaN is outside.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        index = np.full(x.shape, len(self), dtype=np.int32)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        pairs = self._tree.query(shapely.points(x[finite], y[finite]))
        point, area = finite[pairs[0]], pairs[1]
        covers = shapely.intersects_xy(self._polygons[area], x[point], y[point])
        point, area = point[covers], area[covers]
        np.minimum.at(index, point, area.astype(np.int32))
        index[index == len(self)] = OUTSIDE
        return Located(index, np.bincount(point, minlength=len(x)) > 1)

    def locate_one(self, lon: float, lat: float) -> Hit:
        """Locate one point; the same rule and the same answer as `locate`."""
        if not (np.isfinite(lon) and np.isfinite(lat)):
            return Hit(OUTSIDE, on_edge=False)
        near = self._tree.query(shapely.points(lon, lat))
        covering = [int(area) for area in near if shapely.intersects_xy(self._polygons[area], lon, lat)]
        return Hit(min(covering, default=OUTSIDE), len(covering) > 1)

    def nearest(
        self, lon: ArrayLike, lat: ArrayLike, within_m: float = SUGGEST_WITHIN_M
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Give the nearest area of each point and its distance in metres; -1 and NaN beyond `within_m`.

        Distances are those of the metric CRS; at equal distance the lowest rank wins.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        index, distance = np.full(x.shape, OUTSIDE, dtype=np.int32), np.full(x.shape, np.inf)
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (np.abs(y) < 90.0))
        pad_y = 1.1 * within_m / METRES_PER_DEGREE
        pad_x = pad_y / np.cos(np.radians(y[finite]))
        boxes = shapely.box(x[finite] - pad_x, y[finite] - pad_y, x[finite] + pad_x, y[finite] + pad_y)
        pairs = self._tree.query(boxes)
        point, area = finite[pairs[0]], pairs[1]
        here = shapely.points(*from_wgs84(x[point], y[point], self._metric_crs))
        apart = shapely.distance(here, [self._in_metres(int(position)) for position in area])
        for which in np.lexsort((area, apart)):
            if apart[which] <= within_m and apart[which] < distance[point[which]]:
                index[point[which]], distance[point[which]] = area[which], apart[which]
        return index, np.where(index == OUTSIDE, np.nan, distance)

    def nearest_one(self, lon: float, lat: float, within_m: float = SUGGEST_WITHIN_M) -> Nearest:
        """Give the nearest area of one point; see `nearest`."""
        index, distance_m = self.nearest([lon], [lat], within_m)
        return Nearest(int(index[0]), float(distance_m[0]))

    def _in_metres(self, position: int) -> BaseGeometry:
        # Only areas beside a point outside are ever projected; two threads may both do it, to the same result.
        found = self._metric.get(position)
        if found is None:
            found = shapely.transform(
                self._polygons[position], lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], self._metric_crs))
            )
            self._metric[position] = found
        return found
