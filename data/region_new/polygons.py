"""From a polygon file to areas in degrees: codes, names, CRS, and repairs that are asked for and told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from data.region.features import EMPTY, Feature, FeatureFile, read_features
from data.region_new.refusal import Refused
from geo.crs import SHIFTED, crs_name, to_wgs84
from geo.errors import UnknownCRS

SHOWN = 12
"""How many names a message lists before it counts the rest."""


@dataclass(frozen=True, slots=True)
class LayerSource:
    """One layer of the new pack and the file that it comes from.

    Attributes
    ----------
    name
        ``township``, ``village``, ``grid``, or any other name for a layer that stands beside them.
    path, sublayer
        The file, and which of its layers where it holds several.
    code_field, name_field, parent_field
        Its columns. Without a name the code is the name; without a parent, areas nest where they lie.
    crs
        CRS of the coordinates; goes before what the file itself declares, for no file can declare GCJ-02.
    encoding
        Of the texts of a shapefile that does not say.
    """

    name: str
    path: Path
    code_field: str
    name_field: str | None = None
    parent_field: str | None = None
    crs: str | None = None
    sublayer: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Polygon:
    """One area to be: codes as text, geometry valid and in degrees."""

    code: str
    name: str
    parent: str | None
    geometry: BaseGeometry


@dataclass(slots=True)
class Notes:
    """What was done to the files, one sentence each, to be shown to whoever asked for it."""

    lines: list[str]

    def add(self, sentence: str) -> None:
        """Note one thing."""
        self.lines.append(sentence)


def read_polygons(source: LayerSource, notes: Notes, *, repair: bool, dissolve: bool) -> list[Polygon]:
    """Read the areas of one layer; raises Refused with every reason why they cannot be used."""
    content = read_features(source.path, source.sublayer, source.encoding)
    file = source.path.name
    if content.problem:
        raise Refused([f"{file} {content.problem}"])
    _check_fields(source, content)
    if not content.features:
        raise Refused([f"{file} holds no feature"])
    if len(content.features) < content.expected:
        raise Refused([f"{file} says that it holds {content.expected} features, but {len(content.features)} were read"])
    crs = _crs_of(source, content, notes)
    converted = list(_converted(content.features, source, crs))
    polygons = _repaired(converted, source, notes, repair=repair)
    return _one_per_code(polygons, source, notes, dissolve=dissolve)


def _check_fields(source: LayerSource, content: FeatureFile) -> None:
    wanted = [field for field in (source.code_field, source.name_field, source.parent_field) if field]
    missing = [field for field in wanted if field not in content.columns]
    if missing:
        columns = ", ".join(content.columns) or "none"
        raise Refused([f"{source.path.name} has no column {field!r}; its columns are {columns}" for field in missing])


def _crs_of(source: LayerSource, content: FeatureFile, notes: Notes) -> str:
    declared = content.crs
    if declared is None and source.path.suffix.lower() in {".geojson", ".json"}:
        declared = "EPSG:4326"
    given = source.crs or declared
    if given is None:
        raise Refused([f"{source.path.name} declares no CRS, and nobody can see one in the numbers: say --crs EPSG:…"])
    try:
        name = crs_name(given)
    except UnknownCRS as problem:
        raise Refused([f"{source.path.name}: {problem}"]) from problem
    if declared is not None and source.crs and name != _known(declared):
        notes.add(f"{source.name}: read in {name} as you say, although {source.path.name} declares {declared[:40]}")
    if name in SHIFTED:
        notes.add(f"{source.name}: every vertex converted from {name} to WGS84 by iterated inverse")
    return name


def _known(declared: str) -> str | None:
    try:
        return crs_name(declared)
    except UnknownCRS:
        return None


def _converted(features: Sequence[Feature], source: LayerSource, crs: str) -> Iterator[tuple[Feature, Polygon]]:
    reasons = []
    for feature in features:
        code = as_code(feature.properties.get(source.code_field))
        if not code:
            reasons.append(f"{source.path.name} feature {feature.number} has no {source.code_field}: give it a code")
            continue
        name = as_code(feature.properties.get(source.name_field)) if source.name_field else ""
        parent = as_code(feature.properties.get(source.parent_field)) if source.parent_field else ""
        geometry = shapely.transform(feature.geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs)))
        yield feature, Polygon(code, name or code, parent or None, geometry)
    if reasons:
        raise Refused(reasons)


def as_code(value: object) -> str:
    """Write a code as text: 5.0 from a reader that takes codes for numbers is 5, a blank is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _repaired(
    given: Sequence[tuple[Feature, Polygon]], source: LayerSource, notes: Notes, *, repair: bool
) -> list[Polygon]:
    polygons, reasons = [], []
    for feature, polygon in given:
        who = f"{source.name} {polygon.code}" + (f" {polygon.name}" if polygon.name != polygon.code else "")
        west, south, east, north = polygon.geometry.bounds if not polygon.geometry.is_empty else (0, 0, 0, 0)
        if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
            reasons.append(f"{who} reaches to ({east:g}, {north:g}), which are no degrees: say --crs EPSG:…")
            continue
        why = feature.problem or _invalid(polygon.geometry)
        if why is None:
            polygons.append(polygon)
            continue
        mended = shapely.union_all(_polygonal(shapely.make_valid(polygon.geometry))) if repair else EMPTY
        if mended.is_empty:
            remedy = "nothing is left after a repair" if repair else "correct it, or ask for --repair"
            reasons.append(f"{who}: {why}; {remedy}")
            continue
        change = area_m2(mended) - area_m2(polygon.geometry)
        notes.add(f"repaired {who}: {why}; area changed by {change:+,.1f} m² to {area_m2(mended):,.0f} m²")
        polygons.append(replace(polygon, geometry=mended))
    if reasons:
        raise Refused([f"{len(reasons)} of {len(given)} areas of {source.path.name} cannot be used", *reasons])
    return polygons


def _invalid(geometry: BaseGeometry) -> str | None:
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return f"is a {geometry.geom_type} and no polygon"
    if geometry.is_empty:
        return "has no geometry"
    return None if geometry.is_valid else f"is invalid: {shapely.is_valid_reason(geometry)}"


def _polygonal(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Give the polygons of what a repair left; lines and points have no area."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [part for part in parts if part.geom_type == "Polygon"]


def area_m2(geometry: BaseGeometry) -> float:
    """Give the area on the ellipsoid in square metres; an invalid ring has the area that its direction gives it."""
    geod = Geod(ellps="WGS84")
    return float(sum(_ring_areas(part, geod) for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"))


def _ring_areas(polygon: shapely.Polygon, geod: Geod) -> float:
    areas = [abs(geod.polygon_area_perimeter(*ring.coords.xy)[0]) for ring in (polygon.exterior, *polygon.interiors)]
    return 2 * areas[0] - sum(areas)


def _one_per_code(polygons: Sequence[Polygon], source: LayerSource, notes: Notes, *, dissolve: bool) -> list[Polygon]:
    by_code: dict[str, list[Polygon]] = {}
    for polygon in polygons:
        by_code.setdefault(polygon.code, []).append(polygon)
    split = {code: parts for code, parts in by_code.items() if len(parts) > 1}
    if split and not dissolve:
        names = [f"{code} ({', '.join(dict.fromkeys(part.name for part in parts))})" for code, parts in split.items()]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        sentence = (
            f"{source.path.name} has several features with one {source.code_field}: {', '.join(names[:SHOWN])}{more};"
            " if each is one unit in several pieces, ask for --dissolve, else choose another column"
        )
        raise Refused([sentence])
    for code, parts in split.items():
        notes.add(f"{source.name} {code} {parts[0].name}: {len(parts)} features made one area")
        by_code[code] = [replace(parts[0], geometry=shapely.union_all([part.geometry for part in parts]))]
    return [parts[0] for parts in by_code.values()]
