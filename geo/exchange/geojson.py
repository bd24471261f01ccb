"""GeoJSON and TopoJSON by their own text: GDAL gives up the file for one open ring and empties a wrongly nested one."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.errors import Unreadable
from geo.exchange.features import (
    EMPTY,
    BoundaryFile,
    Feature,
    Trouble,
    TroubleKind,
    columns_of,
    flat,
)
from geo.exchange.rings import checked, open_ring, without_geometry
from geo.exchange.topojson import objects_of

POLYGONAL = {"Polygon": 2, "MultiPolygon": 3}
"""How many lists lie between `coordinates` and a position."""


def layers_in(content: object) -> dict[str, Sequence[object]]:
    """Give the features of each layer: one without a name in GeoJSON, the objects of TopoJSON."""
    kind = content.get("type") if isinstance(content, Mapping) else None
    if isinstance(content, Mapping) and kind == "Topology":
        return dict(objects_of(content))
    items = content.get("features") if isinstance(content, Mapping) and kind == "FeatureCollection" else None
    if not isinstance(items, list):
        raise Unreadable(f"is a {kind or 'JSON value'} and no FeatureCollection with features; export it again as one")
    return {"": items}


def parse(path: Path) -> object:
    """Read JSON as UTF-8, which it must be."""
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise Unreadable(f"is not UTF-8 at byte {problem.start}; GeoJSON must be: save it again as UTF-8") from problem
    except RecursionError as problem:
        raise Unreadable("nests its brackets deeper than any map does; export it again") from problem
    except ValueError as problem:
        raise Unreadable(f"is no JSON: {problem}; export it again") from problem


def read_json(content: object, file: str, layer: str, shown: str) -> BoundaryFile:
    """Read one layer of parsed GeoJSON or TopoJSON; `shown` is its name for people."""
    items = layers_in(content)[layer]
    features = tuple(feature_of(number, item) for number, item in enumerate(items, 1))
    kind = "TopoJSON" if isinstance(content, Mapping) and content.get("type") == "Topology" else "GeoJSON"
    crs = declared(content) if isinstance(content, Mapping) else None
    return BoundaryFile(file, shown, kind, features, len(items), crs or "EPSG:4326", columns_of(features))


def declared(content: Mapping[str, Any]) -> str | None:
    """Give the CRS of the old `crs` member; today's GeoJSON has none and means longitude and latitude."""
    try:
        name = str(content["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None
    if name.upper().endswith("CRS84"):
        return "EPSG:4326"
    return f"EPSG:{name.rpartition(':')[2]}" if "EPSG" in name.upper() else name


def feature_of(number: int, item: object) -> Feature:
    """Read one feature."""
    if not isinstance(item, Mapping) or item.get("type") != "Feature":
        trouble = Trouble(TroubleKind.NOT_A_FEATURE, "is no Feature", "export the file again")
        return Feature(number, {}, EMPTY, (trouble,))
    properties = item.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    given = item.get("geometry")
    if not isinstance(given, Mapping) or not (given.get("coordinates") or given.get("geometries")):
        return without_geometry(number, properties)
    kind = str(given.get("type"))
    if kind not in POLYGONAL:
        built = _build(given)
        return checked(number, properties, built) if built is not None else _unreadable(number, properties, kind)
    return _polygon(number, properties, kind, given["coordinates"])


def _polygon(number: int, properties: Mapping[str, Any], kind: str, coordinates: Any) -> Feature:
    depth = _depth(coordinates)
    meant = next((name for name, lists in POLYGONAL.items() if lists == depth), None)
    if meant is None:
        return _unreadable(number, properties, kind)
    rings = list(_rings(meant, coordinates))
    if not all(_finite(ring) for ring in rings):
        trouble = Trouble(TroubleKind.BAD_COORDINATE, "has a coordinate that is no number", "export it again")
        return Feature(number, properties, EMPTY, (trouble,))
    mended = _build({"type": meant, "coordinates": coordinates})
    if mended is None or mended.is_empty:
        return _unreadable(number, properties, kind)
    even, troubles = flat(mended)
    if meant != kind:
        says = f"is a {kind} whose coordinates are nested as those of a {meant}; readers make it empty without a word"
        wrong = Trouble(TroubleKind.WRONG_NESTING, says, "export it again, or ask for --repair", _first(rings))
        return Feature(number, properties, EMPTY, (wrong, *troubles), even)
    for ring in rings:
        # shapely would close the ring without a word.
        if ring[0][:2] != ring[-1][:2]:
            place = float(ring[-1][0]), float(ring[-1][1])
            return Feature(number, properties, EMPTY, (open_ring(place), *troubles), even)
    return Feature(number, properties, even, troubles)


def _unreadable(number: int, properties: Mapping[str, Any], kind: str) -> Feature:
    says = f"has a {kind} that cannot be read: its coordinates are not nested as they should be"
    return Feature(number, properties, EMPTY, (Trouble(TroubleKind.UNREADABLE_GEOMETRY, says, "export it again"),))


def _depth(coordinates: Any) -> int:
    """How many lists lie around the first position."""
    depth = -1
    while isinstance(coordinates, list | tuple) and coordinates:
        coordinates, depth = coordinates[0], depth + 1
    return depth


def _rings(kind: str, coordinates: Any) -> Iterator[list[Any]]:
    for polygon in [coordinates] if kind == "Polygon" else coordinates:
        for ring in polygon if isinstance(polygon, list | tuple) else ():
            if isinstance(ring, list | tuple) and ring:
                yield list(ring)


def _first(rings: Sequence[Sequence[Any]]) -> tuple[float, float]:
    return float(rings[0][0][0]), float(rings[0][0][1])


def _finite(ring: Sequence[Any]) -> bool:
    try:
        return all(math.isfinite(position[0]) and math.isfinite(position[1]) for position in ring)
    except (TypeError, IndexError, OverflowError):
        return False


def _build(given: Mapping[str, Any]) -> BaseGeometry | None:
    try:
        built: BaseGeometry = shape(dict(given))
    except (ShapelyError, ValueError, TypeError, IndexError, AttributeError, KeyError, RecursionError):
        return None
    return built if shapely.is_geometry(built) else None
