"""From geometries to the arrays that the kernels read."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.locator.grid import Edges


def edges_of(geometries: Sequence[BaseGeometry] | NDArray[np.object_]) -> Edges:
    """Give all rings of polygons and multipolygons, in order; an empty geometry has none.

    Parameters
    ----------
    geometries
        Polygons in degrees, (lon, lat), in rank order.
    """
    given = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(given, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    area = owner[part][ring].astype(np.int32)
    number = np.arange(len(xy), dtype=np.int32)
    following, preceding = number + 1, number - 1
    starts = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]]) if len(ring) else number[:0]
    ends = np.r_[starts[1:], len(xy)][: len(starts)] - 1
    area[ends] = -1
    following[ends - 1] = starts
    preceding[starts] = ends - 1
    return Edges(np.ascontiguousarray(xy), area, following.astype(np.int32), preceding.astype(np.int32))
