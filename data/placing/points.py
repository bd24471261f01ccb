"""The point column of GeoParquet: its CRS, and its points as numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from data.placing.errors import PlacingError
from data.placing.flags import BIT, Bits

KEY = b"geo"
GEOMETRY = "geometry"
WKB_POINT_BYTES = 21
LITTLE_ENDIAN_POINT = np.array([1, 1, 0, 0, 0], np.uint8)


@dataclass(frozen=True, slots=True)
class PointColumn:
    """The column that GeoParquet names as its geometry.

    Attributes
    ----------
    crs
        What its numbers are meant in; None where the file says that nobody knows.
    """

    name: str
    crs: str | None


def point_column(schema: pa.Schema, file: str) -> PointColumn | None:
    """Find the point column of a schema, None where it is not GeoParquet; raises PlacingError."""
    written = (schema.metadata or {}).get(KEY)
    if written is None:
        return None
    try:
        said = json.loads(written)
        name = said["primary_column"]
        column = said["columns"][name]
        encoding, kinds = column["encoding"], column.get("geometry_types", [])
    except (ValueError, KeyError, TypeError) as problem:
        raise PlacingError(f"{file} says that it is GeoParquet, but not which column its points are in.") from problem
    if encoding not in {"WKB", "point"} or name not in schema.names:
        raise PlacingError(f"The column {name!r} of {file} is kept as {encoding!r}; write it as WKB points.")
    others = [kind for kind in kinds if kind not in {"Point", "Point Z"}]
    if others:
        raise PlacingError(
            f"The column {name!r} of {file} holds {', '.join(others)}; only points have a place. Write their centroids."
        )
    return PointColumn(name, _crs(column, file))


def _crs(column: Mapping[str, Any], file: str) -> str | None:
    # Absent means longitude and latitude of WGS 84; null means that nobody knows.
    if "crs" not in column:
        return "EPSG:4326"
    if column["crs"] is None:
        return None
    try:
        found = CRS.from_user_input(column["crs"])
    except CRSError as problem:
        raise PlacingError(f"The CRS of {file} cannot be read: {problem}. Say which it is with --crs.") from problem
    authority = found.to_authority(min_confidence=100)
    if authority is None:
        raise PlacingError(f"The CRS of {file}, {found.name!r:.80}, has no EPSG code. Say which it is with --crs.")
    return "EPSG:4326" if authority == ("OGC", "CRS84") else ":".join(authority)


def coordinates(column: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.float64], Bits]:
    """Give x and y of points; NaN and a flag where a row has none.

    An empty point is ``missing``, what is no point ``unreadable``.
    """
    flags = np.zeros(len(column), np.uint32)
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_struct(column.type):
        x, y = (
            np.array(pc.struct_field(column, axis).cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False))
            for axis in "xy"
        )
    else:
        column = column.cast(pa.large_binary())
        found = _quick(column)
        if found is None:
            x, y, strange = _any_wkb(column)
            flags[strange] = BIT["unreadable"]
        else:
            x, y = found
    empty = np.isnan(x) & np.isnan(y) & (flags == 0)
    flags[missing | empty] = BIT["missing"]
    wild = (flags == 0) & ~(np.isfinite(x) & np.isfinite(y))
    flags[wild] = BIT["not_finite"]
    x[flags != 0] = y[flags != 0] = np.nan
    return x, y, flags


def _quick(column: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Read what nearly every file holds, plain little-endian points without a gap; None for anything else."""
    offsets = np.frombuffer(column.buffers()[1], np.int64)[column.offset : column.offset + len(column) + 1]
    if column.null_count or not len(column) or not (np.diff(offsets) == WKB_POINT_BYTES).all():
        return None
    raw = np.frombuffer(column.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].reshape(-1, WKB_POINT_BYTES)
    if not (raw[:, :5] == LITTLE_ENDIAN_POINT).all():
        return None
    numbers = np.ascontiguousarray(raw[:, 5:]).view("<f8")
    return numbers[:, 0].copy(), numbers[:, 1].copy()


def _any_wkb(column: pa.Array) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    geometries = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    is_point = shapely.get_type_id(geometries) == shapely.GeometryType.POINT
    x, y = np.full(len(column), np.nan), np.full(len(column), np.nan)
    # GEOS refuses to say where an empty point lies.
    full = is_point & ~shapely.is_empty(geometries)
    x[full], y[full] = shapely.get_x(geometries[full]), shapely.get_y(geometries[full])
    given = ~column.is_null().to_numpy(zero_copy_only=False)
    return x, y, given & ~is_point


def wkb(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pa.Array:
    """Write points as WKB; null where there is none."""
    count = len(lon)
    raw = np.empty((count, WKB_POINT_BYTES), np.uint8)
    raw[:, :5] = LITTLE_ENDIAN_POINT
    raw[:, 5:] = np.ascontiguousarray(np.column_stack([lon, lat]), dtype="<f8").view(np.uint8).reshape(count, 16)
    offsets = np.arange(count + 1, dtype=np.int32) * WKB_POINT_BYTES
    there = np.packbits(~(np.isnan(lon) | np.isnan(lat)), bitorder="little")
    buffers = [pa.py_buffer(there.tobytes()), pa.py_buffer(offsets.tobytes()), pa.py_buffer(raw.tobytes())]
    return pa.Array.from_buffers(pa.binary(), count, buffers)


def geo_metadata(column: str = GEOMETRY) -> dict[bytes, bytes]:
    """Give the GeoParquet metadata of a column of WKB points in longitude and latitude of WGS 84."""
    said = {
        "version": "1.1.0",
        "primary_column": column,
        "columns": {column: {"encoding": "WKB", "geometry_types": ["Point"]}},
    }
    return {KEY: json.dumps(said).encode()}
