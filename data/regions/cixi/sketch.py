"""What `sources/` says of Cixi's land: the county line, the shore, the townships' lines, where people live.

Everything is turned into metres of EPSG:4549 (CGCS2000, central meridian 120 degrees east), x east and y north.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from geo.drawing import Grain, Wander, curve_through, stepped

Points = NDArray[np.float64]

COUNTY = "330282"
DEGREES, METRES = "EPSG:4490", "EPSG:4549"
EDGE = 0.003
"""Longest edge of the county line, degrees."""
CURVE_M = 25.0
THINNED_M = 6.0
STEP = 0.06
"""Depth of the steps in a township's line, as a part of the distance between its control points."""
SHORE_WAVES_M, SHORE_HEIGHTS_M = (3200.0, 900.0), (45.0, 14.0)
HILLS_END_M = 2500.0
"""Over this distance north of the hills' foot the land turns from hills to ruled plain."""
FAR_M = 2e5

_FORTH = pyproj.Transformer.from_crs(DEGREES, METRES, always_xy=True)
_BACK = pyproj.Transformer.from_crs(METRES, DEGREES, always_xy=True)


@dataclass(frozen=True)
class Core:
    """A place where people live close together: its name, `at` in metres, `radius_m` over which it thins out."""

    place: str
    at: Points
    radius_m: float


@dataclass(frozen=True)
class Sketch:
    """The land before any line is drawn by hand; metres.

    Attributes
    ----------
    land : Polygon
        The county on the landward side of the shore.
    shore : LineString
        The shore, west to east, longer than the land on both ends.
    hill_foot : LineString
        Where the southern hills begin, west to east.
    townships : mapping
        Township code to its piece of land.
    cores : mapping
        Township code to the places where its people live.
    """

    land: Polygon
    shore: LineString
    hill_foot: LineString
    townships: Mapping[str, Polygon]
    cores: Mapping[str, tuple[Core, ...]]

    def order(self, points: Points) -> NDArray[np.float64]:
        """1 on the ruled plain, 0 in the hills, at (n, 2) points."""
        foot = shapely.get_coordinates(self.hill_foot)
        above = points[:, 1] - np.interp(points[:, 0], foot[:, 0], foot[:, 1])
        share = np.clip(above / HILLS_END_M, 0.0, 1.0)
        return np.asarray(share * share * (3 - 2 * share))

    def grain(self, piece: Polygon, stretch: float) -> Grain:
        """Tell how the land lies: dykes run as the nearest shore does; parts are `stretch` times longer across them."""
        middle = piece.centroid
        along = self.shore.project(middle)
        start, end = (self.shore.interpolate(min(max(along + d, 0.0), self.shore.length)) for d in (-4000.0, 4000.0))
        order = float(self.order(shapely.get_coordinates(middle)).mean())
        return Grain(math.atan2(end.y - start.y, end.x - start.x), 1.0 + (stretch - 1.0) * order, order)

    def crowding(self, township: str, points: Points) -> NDArray[np.float64]:
        """How close people live at (n, 2) points: 1 in the middle of a core, less outside."""
        found = np.zeros(len(points))
        for core in self.cores[township]:
            away = np.minimum(np.hypot(*(points - core.at).T) / core.radius_m, 1.35)
            found = np.maximum(found, 1.0 / (1.0 + 3.0 * away**1.7))
        return found


def to_metres(degrees: Any) -> Points:
    """(n, 2) of (lon, lat) to (n, 2) of (x, y)."""
    lon, lat = np.asarray(degrees, dtype=float).T
    return np.column_stack(_FORTH.transform(lon, lat))


def to_degrees(metres: Points) -> Points:
    """(n, 2) of (x, y) to (n, 2) of (lon, lat)."""
    return np.column_stack(_BACK.transform(metres[:, 0], metres[:, 1]))


def rows(file: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with file.open(encoding="utf8", newline="") as text:
        return list(csv.DictReader(text))


def counties(sources: Path) -> dict[str, tuple[str, MultiPolygon]]:
    """County code to (name, area in degrees), as published."""
    collection = json.loads((sources / "county_and_neighbours.geojson").read_text(encoding="utf8"))
    return {
        feature["properties"]["code"]: (
            feature["properties"]["name"],
            MultiPolygon([Polygon(rings[0], rings[1:]) for rings in feature["geometry"]["coordinates"]]),
        )
        for feature in collection["features"]
    }


def read(sources: Path, chance: np.random.Generator) -> Sketch:
    """Read the folder, draw the shore and the townships' lines, and cut the land into townships.

    Raises
    ------
    ValueError
        If the township lines do not close around every core.
    """
    # A long edge is straight in degrees and not quite in metres: points on it keep junctions within a millimetre.
    county = shapely.segmentize(shapely.get_parts(counties(sources)[COUNTY][1])[0], EDGE)
    shore = _shore(_line(rows(sources / "shore_line.csv")), chance)
    land = shapely.intersection(Polygon(to_metres(county.exterior.coords)), _landward(shore))
    land = max(shapely.get_parts(land), key=lambda part: float(part.area))
    lines: dict[str, list[dict[str, str]]] = {}
    for row in rows(sources / "township_lines.csv"):
        lines.setdefault(row["line"], []).append(row)
    drawn = [_township_line(_line(points), chance) for points in lines.values()]
    cores = _cores(rows(sources / "village_cores.csv"))
    return Sketch(
        land, shore, LineString(_line(rows(sources / "hill_foot.csv"))), _townships(land, drawn, cores), cores
    )


def _shore(points: Points, chance: np.random.Generator) -> LineString:
    """Dykes from corner to corner, with the slight bends that tides and sluices leave."""
    dense = shapely.get_coordinates(shapely.segmentize(LineString(points), CURVE_M))
    bent = dense + Wander.of(SHORE_WAVES_M, SHORE_HEIGHTS_M, chance).at(dense)
    return LineString(shapely.get_coordinates(shapely.simplify(LineString(bent), THINNED_M)))


def _township_line(points: Points, chance: np.random.Generator) -> LineString:
    """Curve through its control points, where other lines may meet it, with steps between them."""
    spans = [stepped(span, STEP, THINNED_M, chance) for span in curve_through(points, CURVE_M)]
    return LineString(np.vstack([spans[0], *(span[1:] for span in spans[1:])]))


def _line(points: list[dict[str, str]]) -> Points:
    return to_metres([(float(row["lon"]), float(row["lat"])) for row in points])


def _landward(shore: LineString) -> Polygon:
    """Everything south of the shore."""
    points = shapely.get_coordinates(shore)
    (west, north), (east, south) = points[0], points[-1]
    corners = [
        (east + FAR_M, south),
        (east + FAR_M, south - FAR_M),
        (west - FAR_M, south - FAR_M),
        (west - FAR_M, north),
    ]
    return Polygon([*points, *corners])


def _cores(table: list[dict[str, str]]) -> dict[str, tuple[Core, ...]]:
    found: dict[str, tuple[Core, ...]] = {}
    for row in table:
        core = Core(row["place"], _line([row])[0], float(row["radius_m"]))
        found[row["township"]] = (*found.get(row["township"], ()), core)
    return found


def _townships(land: Polygon, lines: list[LineString], cores: Mapping[str, tuple[Core, ...]]) -> dict[str, Polygon]:
    """Faces between the lines, each named by the first core that lies in it."""
    noded = shapely.union_all([land.exterior, *lines], grid_size=1e-3)
    closed = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces: list[Polygon] = [face for face in closed if land.contains(face.representative_point())]
    found = {
        code: face for code, places in cores.items() for face in faces if face.contains(shapely.points(places[0].at))
    }
    if not len(found) == len(cores) == len(faces) == len(set(found.values())):
        raise ValueError(
            f"the township lines make {len(faces)} areas, {len(found)} of {len(cores)} townships lie in one"
        )
    return found
