"""What lies around the county and on it, for drawing only: neighbours, the bay, lakes, the shore, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from data.regions.cixi import pack, sketch
from geo.drawing import curve_through

FRAME = (120.79, 29.80, 121.88, 30.60)
"""West, south, east, north in degrees: the county and a quarter of a degree around it."""
NEAR = 0.10
"""Names of neighbours stand within this many degrees of the county's box, where a map of the county shows them."""
LABEL_ROOM = 0.012
"""A name needs a circle of this radius, degrees."""
TOLERANCE = 2e-4
CURVE_M = 60.0
ON_LINE = 1e-6
"""An edge this close to the published line lies on it, degrees."""


def features(sources: Path, cells: Sequence[Polygon]) -> list[pack.Feature]:
    """Neighbouring counties, sea, lakes, shore and labels; counties and sea do not overlap the county's land.

    Parameters
    ----------
    sources : Path
        Folder with `county_and_neighbours.geojson`, `water.csv` and `context_names.csv`.
    cells : sequence of Polygon
        The drawn cells, (lon, lat).
    """
    counties = dict(sketch.counties(sources))
    _, county = counties.pop(sketch.COUNTY)
    land = shapely.coverage_union_all(list(cells))
    frame = shapely.box(*FRAME)
    water = _water(sketch.rows(sources / "water.csv"))
    sea = shapely.difference(shapely.intersection(water.pop("杭州湾")[1], frame), land)
    # East and north of the bay the published lines are the coast; along its head they run through the water.
    coasts = shapely.union_all([counties[code][1] for code in ("330211", "330206", "330482")])
    sea = _largest(shapely.difference(sea, coasts))
    found = [_feature("sea", "", "杭州湾", sea), _feature("shore", "", "", _shore(land, county))]
    found += [_feature(kind, "", name, area) for name, (kind, area) in water.items()]
    for code, (name, area) in sorted(counties.items()):
        part = shapely.intersection(shapely.simplify(area, TOLERANCE), frame)
        part = _without_crumbs(shapely.difference(part, shapely.union_all([land, sea])))
        if not part.is_empty:
            found.append(_feature("county", code, name, part))
    found += _labels(found, land)
    english = {row["name"]: row["name_en"] for row in sketch.rows(sources / "context_names.csv")}
    for feature in found:
        feature["properties"]["name_en"] = english.get(feature["properties"]["name"], "")
    return found


def _water(table: Sequence[Mapping[str, str]]) -> dict[str, tuple[str, Polygon]]:
    """Name to (kind, area in degrees); the bay by straight lines, lakes by curves."""
    rings: dict[str, list[tuple[float, float]]] = {}
    kinds = {row["name"]: row["kind"] for row in table}
    for row in table:
        rings.setdefault(row["name"], []).append((float(row["lon"]), float(row["lat"])))
    return {
        name: (kinds[name], Polygon(ring if kinds[name] == "sea" else _rounded_ring(ring)))
        for name, ring in rings.items()
    }


def _rounded_ring(ring: Sequence[tuple[float, float]]) -> Any:
    """Close a curve through the points."""
    closed = sketch.to_metres([*ring[-2:], *ring, *ring[:2]])
    spans = curve_through(closed, CURVE_M)[2:-1]
    return sketch.to_degrees(np.vstack(spans))


def _shore(land: BaseGeometry, county: BaseGeometry) -> BaseGeometry:
    """Part of the land's outline that is not the county line."""
    points = shapely.get_coordinates(land)
    edges = np.asarray(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)))
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    away = shapely.distance(middles, county.boundary) > ON_LINE
    merged: BaseGeometry = shapely.line_merge(shapely.MultiLineString(list(edges[away])))
    return merged


def _labels(areas: Sequence[pack.Feature], land: BaseGeometry) -> list[pack.Feature]:
    """Names of the sea and of the neighbours, each in the widest place that a map of the county shows."""
    west, south, east, north = land.bounds
    near = shapely.difference(shapely.box(west - NEAR, south - NEAR, east + NEAR, north + NEAR), land)
    found = []
    for feature in areas:
        kind, name = feature["properties"]["kind"], feature["properties"]["name"]
        if kind not in {"sea", "county"}:
            continue
        room = shapely.intersection(shapely.geometry.shape(feature["geometry"]), near)
        if not isinstance(room, Polygon | MultiPolygon) or room.is_empty:
            continue
        spoke = shapely.maximum_inscribed_circle(room, tolerance=1e-3)
        if spoke.length >= LABEL_ROOM:
            found.append(_feature("label", feature["properties"]["code"], name, shapely.get_point(spoke, 0)))
    return found


def _largest(area: BaseGeometry) -> BaseGeometry:
    """Largest part, without the crumbs that lines nearly on each other leave."""
    largest: BaseGeometry = max(shapely.get_parts(area), key=lambda part: float(part.area))
    return largest


def _without_crumbs(area: BaseGeometry) -> BaseGeometry:
    """Only parts that can be seen: islands stay, slivers along a line go."""
    parts: list[Polygon] = [part for part in shapely.get_parts(area) if not shapely.buffer(part, -TOLERANCE).is_empty]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _feature(kind: str, code: str, name: str, area: BaseGeometry) -> pack.Feature:
    """Feature of the context, rounded like all others."""
    return pack.feature({"kind": kind, "code": code, "name": name}, shapely.set_precision(area, 1e-7))
