"""Areas in the metric plane, with no more vertices than paper of a scale can show, neighbours still sharing theirs."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import from_wgs84

FINEST_MM = 0.05
"""Half the thinnest line: what moves less cannot be seen on paper."""
Shapes = NDArray[np.object_]
Projected = Shapes


def projected(geometries: Sequence[BaseGeometry], metric_crs: str) -> Shapes:
    """Convert geometries from degrees (lon, lat) to metres (x east, y north) of a metric CRS."""

    def convert(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], metric_crs))

    shapes: Shapes = np.array(shapely.transform(np.asarray(geometries, dtype=object), convert), dtype=object)
    return shapes


def for_paper(shapes: Shapes, scale: int) -> Shapes:
    """Simplify polygons of one coverage together, so that two neighbours keep one line between them.

    Polygons that are no coverage (overlapping versions, a single lake) are simplified each for itself by the same
    tolerance.

    Parameters
    ----------
    shapes
        (n,) polygons in metres.
    scale
        n of 1:n.
    """
    if not len(shapes):
        return shapes
    tolerance = FINEST_MM * scale / 1000.0
    if shapely.coverage_is_valid(shapes):
        # The tolerance of a coverage is the side of a square with the area of the smallest triangle that stays.
        simpler = shapely.coverage_simplify(shapes, tolerance * 2)
    else:
        simpler = shapely.simplify(shapes, tolerance)
    return np.asarray(simpler, dtype=object)
