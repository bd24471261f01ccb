"""What a fault of a layer is, and how its place and size are measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.areas import Area
from geo.crs import from_wgs84, to_wgs84

SMALLEST_M2 = 1.0
"""Overlaps and gaps below this are what rounding leaves; they are not reported by size."""
SLIVER_WIDTH_M = 1.0

Geometries = NDArray[np.object_]
Position = tuple[float, float]


class Severity(StrEnum):
    """Whether answers would be wrong, or may be meant so."""

    ERROR = "error"
    WARNING = "warning"


class FaultKind(StrEnum):
    """Everything that can be wrong with layers."""

    EMPTY_GEOMETRY = "empty_geometry"
    NOT_A_POLYGON = "not_a_polygon"
    INVALID_RING = "invalid_ring"
    NOT_DEGREES = "not_degrees"
    LOST_FEATURE = "lost_feature"
    DUPLICATE_CODE = "duplicate_code"
    VALIDITY_OVERLAP = "validity_overlap"
    VALIDITY_HOLE = "validity_hole"
    OVERLAP = "overlap"
    GAP = "gap"
    UNMATCHED_EDGE = "unmatched_edge"
    UNKNOWN_PARENT = "unknown_parent"
    OUTSIDE_PARENT = "outside_parent"
    UNCOVERED_PARENT = "uncovered_parent"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    codes
        The areas concerned.
    place
        Where to look, (lon, lat) in degrees; None where the fault has no place.
    size_m2
        Area of the overlap or gap in square metres; None where the fault has no size.
    sentence
        What is wrong and the way out.
    """

    severity: Severity
    kind: FaultKind
    layer: str
    codes: tuple[str, ...]
    place: Position | None
    size_m2: float | None
    sentence: str


def in_metres(geometries: Sequence[BaseGeometry], metric_crs: str) -> Geometries:
    """Project geometries from degrees to the metric CRS; equal vertices stay equal."""
    given = np.fromiter(geometries, dtype=object, count=len(geometries))
    return np.asarray(
        shapely.transform(given, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], metric_crs))), dtype=object
    )


def place_of(shape: BaseGeometry, metric_crs: str) -> Position:
    """Give a point on a shape in metres as (lon, lat) degrees."""
    point = shapely.point_on_surface(shape)
    lon, lat = to_wgs84(shapely.get_x(point), shapely.get_y(point), metric_crs)
    return round(float(lon), 7), round(float(lat), 7)


def inner_place(geometry: BaseGeometry) -> Position | None:
    """Give a point inside a geometry in degrees, None for an empty one."""
    if geometry.is_empty:
        return None
    point = shapely.point_on_surface(geometry)
    return round(float(shapely.get_x(point)), 7), round(float(shapely.get_y(point)), 7)


def size_of(shape: BaseGeometry) -> float:
    """Give the area of a shape in metres, to a tenth of a square metre."""
    return round(float(shape.area), 1)


def is_sliver(shape: BaseGeometry) -> bool:
    """Whether a shape in metres is on the mean narrower than a metre: its area over half its outline."""
    return bool(2.0 * shape.area < SLIVER_WIDTH_M * shape.length)


def named(areas: Sequence[Area]) -> str:
    """Name areas for people: the first three by code and name, the rest by number."""
    names = [area.code if area.name == area.code else f"{area.code} {area.name}" for area in areas]
    more = f" and {len(names) - 3} more" if names[3:] else ""
    return " and ".join(names[:3]) + more
