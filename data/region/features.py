"""Reading polygon files feature by feature, so that one bad ring does not lose the file and no loss goes unseen."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import shapely
from pyogrio.errors import DataSourceError
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

EMPTY = shapely.Polygon()


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it came.

    Attributes
    ----------
    number
        Its position in the file, from 1.
    geometry
        Two-dimensional, in the file's CRS; empty where there is none or it cannot be read.
    problem
        What is wrong with the geometry, as a sentence with the way out; None when nothing is.
    place
        Where, in the file's CRS.
    """

    number: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry
    problem: str | None = None
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """What a file holds.

    Attributes
    ----------
    crs
        The CRS that the file declares, as it does; None where it declares none.
    expected
        Number of features that the file says it holds.
    problem
        Why the file cannot be read at all.
    """

    features: Sequence[Feature] = ()
    crs: str | None = None
    expected: int = 0
    problem: str | None = None
    columns: tuple[str, ...] = field(default=())


def read_features(path: Path, layer: str | None = None, encoding: str | None = None) -> FeatureFile:
    """Read a GeoJSON file, or any other file that GDAL knows.

    Parameters
    ----------
    layer
        Which layer of a file that holds several, a GeoPackage for instance; without it such a file is refused.
    encoding
        Of the texts, for shapefiles that do not say.
    """
    if not path.is_file():
        return FeatureFile(problem=f"{path} does not exist; correct the name")
    if path.suffix.lower() in {".geojson", ".json"}:
        return _read_geojson(path)
    return _read_with_gdal(path, layer, encoding)


def _read_geojson(path: Path) -> FeatureFile:
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        return FeatureFile(problem=f"is not UTF-8 at byte {problem.start}; GeoJSON must be: save it again as UTF-8")
    except ValueError as problem:
        return FeatureFile(problem=f"is no JSON: {problem}; export it again")
    kind = content.get("type") if isinstance(content, Mapping) else None
    items = content.get("features") if kind == "FeatureCollection" else None
    if not isinstance(items, list):
        return FeatureFile(
            problem=f"is a {kind or 'JSON value'} and no FeatureCollection with features; export it again"
        )
    features = tuple(_feature(number, item) for number, item in enumerate(items, 1))
    return FeatureFile(features, _declared(content), len(items), columns=_columns(features))


def _declared(content: Mapping[str, Any]) -> str | None:
    """Give the CRS of the old `crs` member; today's GeoJSON has none and means longitude and latitude."""
    try:
        name = str(content["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        return None
    if name.upper().endswith("CRS84"):
        return "EPSG:4326"
    return f"EPSG:{name.rpartition(':')[2]}" if "EPSG" in name.upper() else name


def _columns(features: Iterable[Feature]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for feature in features for key in feature.properties))


def _feature(number: int, item: object) -> Feature:
    if not isinstance(item, Mapping) or item.get("type") != "Feature":
        return Feature(number, {}, EMPTY, "is no Feature; export the file again")
    properties = item.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    given = item.get("geometry")
    if not isinstance(given, Mapping) or not given.get("coordinates"):
        return Feature(number, properties, EMPTY, "has no geometry; draw it, or remove the feature")
    rings = list(_rings(given))
    for ring in rings:
        if not _is_finite(ring):
            return Feature(number, properties, EMPTY, "has a coordinate that is no number; export it again")
        # shapely would close the ring without a word.
        if ring[0] != ring[-1]:
            x, y = float(ring[-1][0]), float(ring[-1][1])
            problem = f"has a ring that does not close at ({x:.6f}, {y:.6f}); close it there, or use --repair"
            return Feature(number, properties, _shape(given), problem, (x, y))
    geometry = _shape(given)
    if geometry.is_empty or (given.get("type") in {"Polygon", "MultiPolygon"} and not rings):
        problem = f"has a {given.get('type')} that cannot be read: its coordinates are not nested as they should be"
        return Feature(number, properties, EMPTY, problem)
    return Feature(number, properties, geometry)


def _rings(given: Mapping[str, Any]) -> Iterator[list[Any]]:
    coordinates = given["coordinates"]
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(given.get("type")), [])
    for polygon in polygons:
        for ring in polygon if isinstance(polygon, list) else ():
            if isinstance(ring, list) and ring and isinstance(ring[0], list):
                yield ring


def _is_finite(ring: Sequence[Any]) -> bool:
    try:
        return all(math.isfinite(position[0]) and math.isfinite(position[1]) for position in ring)
    except (TypeError, IndexError):
        return False


def _shape(given: Mapping[str, Any]) -> BaseGeometry:
    try:
        return shapely.force_2d(shape(dict(given)))
    except (ShapelyError, ValueError, TypeError, IndexError, AttributeError, KeyError):
        return EMPTY


def _read_with_gdal(path: Path, layer: str | None, encoding: str | None) -> FeatureFile:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        if layer is None and len(names) > 1:
            return FeatureFile(problem=f"holds the layers {', '.join(names)}; name one as FILE::LAYER")
        if layer is not None and layer not in names:
            return FeatureFile(problem=f"has no layer {layer!r}; it holds {', '.join(names)}")
        told = pyogrio.read_info(path, layer=layer, encoding=encoding)
        frame = geopandas.read_file(path, layer=layer, encoding=encoding, engine="pyogrio")
    except (DataSourceError, ValueError, UnicodeDecodeError) as problem:
        return FeatureFile(
            problem=f"cannot be read: {problem}; a ring that does not close is enough: repair it in a GIS"
        )
    crs = None if frame.crs is None else f"EPSG:{frame.crs.to_epsg()}" if frame.crs.to_epsg() else frame.crs.to_wkt()
    attributes = frame.drop(columns=frame.geometry.name).to_dict("records")
    features = tuple(
        _from_gdal(number, properties, geometry)
        for number, (properties, geometry) in enumerate(zip(attributes, frame.geometry, strict=True), 1)
    )
    columns = tuple(str(column) for column in frame.columns if column != frame.geometry.name)
    return FeatureFile(features, crs, max(int(told["features"]), 0), columns=columns)


def _from_gdal(number: int, properties: dict[Any, Any], geometry: BaseGeometry | None) -> Feature:
    named = {str(key): value for key, value in properties.items()}
    if geometry is None or geometry.is_empty:
        return Feature(number, named, EMPTY, "came without a geometry: it has none, or the reader lost it")
    return Feature(number, named, shapely.force_2d(geometry))
