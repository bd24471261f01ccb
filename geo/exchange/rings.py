"""Geometries from WKB and WKT one by one: a ring that does not close is named and loses nothing else."""

import struct
from collections.abc import Mapping

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geo.exchange.features import EMPTY, Feature, Position, Trouble, TroubleKind, flat

_POLYGON, _COLLECTIONS = 3, frozenset({4, 5, 6, 7})
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000


def feature_from_wkb(number: int, properties: Mapping[str, object], wkb: bytes | None) -> Feature:
    """Make a feature from well-known binary, with what is wrong with it."""
    if wkb is None:
        return without_geometry(number, properties)
    try:
        # None for a ring that does not close; the stubs do not know.
        geometry: BaseGeometry | None = shapely.from_wkb(wkb, on_invalid="ignore")
        mended = shapely.from_wkb(wkb, on_invalid="fix") if geometry is None else None
    except (ShapelyError, ValueError):
        geometry = mended = None
    if geometry is None:
        return _open(number, properties, mended, open_end(wkb))
    return checked(number, properties, geometry)


def feature_from_wkt(number: int, properties: Mapping[str, object], wkt: str) -> Feature:
    """Make a feature from well-known text (``SRID=4490;`` before it is skipped), with what is wrong with it."""
    text = wkt.strip()
    if text.upper().startswith("SRID="):
        text = text.partition(";")[2]
    if not text:
        return without_geometry(number, properties)
    try:
        geometry: BaseGeometry | None = shapely.from_wkt(text, on_invalid="ignore")
        mended = shapely.from_wkt(text, on_invalid="fix") if geometry is None else None
    except (ShapelyError, ValueError):
        geometry = mended = None
    if geometry is not None:
        return checked(number, properties, geometry)
    return _open(number, properties, mended, None)


def checked(number: int, properties: Mapping[str, object], geometry: BaseGeometry) -> Feature:
    """Make a feature from a geometry that could be built: not empty, no infinite numbers, two-dimensional."""
    if geometry.is_empty:
        return without_geometry(number, properties, f"has an empty {geometry.geom_type}: it was lost on the way")
    even, troubles = flat(geometry)
    if not _finite(even):
        trouble = Trouble(TroubleKind.BAD_COORDINATE, "has a coordinate that is no number", "export it again")
        return Feature(number, properties, EMPTY, (trouble,))
    return Feature(number, properties, even, troubles)


def _finite(geometry: BaseGeometry) -> bool:
    return all(abs(value) < float("inf") for value in geometry.bounds)


def without_geometry(number: int, properties: Mapping[str, object], says: str = "has no geometry") -> Feature:
    """Make a feature that has nothing to draw."""
    trouble = Trouble(TroubleKind.NO_GEOMETRY, says, "draw it, or remove the feature")
    return Feature(number, properties, EMPTY, (trouble,))


def _open(
    number: int, properties: Mapping[str, object], mended: BaseGeometry | None, place: Position | None
) -> Feature:
    if mended is None or mended.is_empty:
        trouble = Trouble(TroubleKind.UNREADABLE_GEOMETRY, "has a geometry that cannot be read", "export it again")
        return Feature(number, properties, EMPTY, (trouble,))
    even, troubles = flat(mended)
    if place is None:
        x, y = shapely.get_coordinates(even)[0]
        place = float(x), float(y)
    return Feature(number, properties, EMPTY, (open_ring(place), *troubles), even)


def open_ring(place: Position) -> Trouble:
    """Name a ring whose last point is not its first one; readers either close it without a word or lose the file."""
    says = f"has a ring that does not close at ({place[0]:.7g}, {place[1]:.7g})"
    return Trouble(TroubleKind.OPEN_RING, says, "close it there, or ask for --repair", place)


def open_end(wkb: bytes) -> Position | None:
    """Give the last point of the first ring that does not close, None where all do or the bytes end too early."""
    try:
        return _walk(wkb, 0)[1]
    except struct.error:
        return None


def _walk(wkb: bytes, at: int) -> tuple[int, Position | None]:
    """Walk one geometry from a position; give where it ends, and the end of its first open ring."""
    order = "<" if wkb[at] else ">"
    (code,) = struct.unpack_from(f"{order}I", wkb, at + 1)
    at += 9 if code & _EWKB_SRID else 5
    width = 2 + bool(code & _EWKB_Z) + bool(code & _EWKB_M)
    kind = code & 0x0FFFFFFF
    width += (0, 1, 1, 2)[kind // 1000] if kind >= 1000 else 0
    kind %= 1000
    if kind == 1:
        return at + 8 * width, None
    (count,) = struct.unpack_from(f"{order}I", wkb, at)
    at += 4
    if kind in _COLLECTIONS:
        for _ in range(count):
            at, found = _walk(wkb, at)
            if found:
                return at, found
        return at, None
    if kind != _POLYGON:
        return at + 8 * width * count, None
    for _ in range(count):
        (points,) = struct.unpack_from(f"{order}I", wkb, at)
        last = at + 4 + 8 * width * (points - 1)
        if points and struct.unpack_from(f"{order}2d", wkb, at + 4) != (
            end := struct.unpack_from(f"{order}2d", wkb, last)
        ):
            return last, (float(end[0]), float(end[1]))
        at += 4 + 8 * width * points
    return at, None
