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

from geo.drawing import Grain, curve_through

Points = NDArray[np.float64]

COUNTY = "330282"
DEGREES, METRES = "EPSG:4490", "EPSG:4549"
CURVE_M = 250.0
FLATTEST_HILLS_M = 2500.0
"""Over this distance north of the hills' foot the land turns from hills to ruled plain."""
FAR_M = 2e5

_FORTH = pyproj.Transformer.from_crs(DEGREES, METRES, always_xy=True)
_BACK = pyproj.Transformer.from_crs(METRES, DEGREES, always_xy=True)


@dataclass(frozen=True)
class Core:
    """A place where people live close together: `at` in metres, `radius_m` over which it thins out."""

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
        share = np.clip(above / FLATTEST_HILLS_M, 0.0, 1.0)
        return np.asarray(share * share * (3 - 2 * share))

    def grain(self, piece: Polygon, stretch: float) -> Grain:
        """The dykes run as the nearest shore does; parts are `stretch` times longer across them."""
        middle = piece.centroid
        along = self.shore.project(middle)
        start, end = (self.shore.interpolate(min(max(along + d, 0.0), self.shore.length)) for d in (-4000.0, 4000.0))
        order = float(self.order(shapely.get_coordinates(middle)).mean())
        return Grain(math.atan2(end.y - start.y, end.x - start.x), 1.0 + (stretch - 1.0) * order, order)

    def crowding(self, township: str, points: Points) -> NDArray[np.float64]:
        """How close people live at (n, 2) points: 1 in the middle of a core, less outside."""
        found = np.zeros(len(points))
        for core in self.cores[township]:
            away = np.hypot(*(points - core.at).T) / core.radius_m
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
        feature["properties"]["code"]: (feature["properties"]["name"], shapely.geometry.shape(feature["geometry"]))
        for feature in collection["features"]
    }


def read(sources: Path) -> Sketch:
    """Read the folder and cut the land into townships.

    Raises
    ------
    ValueError
        If the township lines do not close around every core.
    """
    county = shapely.get_parts(counties(sources)[COUNTY][1])[0]
    shore = LineString(_line(rows(sources / "shore_line.csv")))
    land = shapely.intersection(Polygon(to_metres(county.exterior.coords)), _landward(shore))
    land = max(shapely.get_parts(land), key=lambda part: float(part.area))
    lines: dict[str, list[dict[str, str]]] = {}
    for row in rows(sources / "township_lines.csv"):
        lines.setdefault(row["line"], []).append(row)
    drawn = [LineString(curve_through(_line(points), CURVE_M)) for points in lines.values()]
    cores = _cores(rows(sources / "village_cores.csv"))
    return Sketch(
        land, shore, LineString(_line(rows(sources / "hill_foot.csv"))), _townships(land, drawn, cores), cores
    )


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
        core = Core(_line([row])[0], float(row["radius_m"]))
        found[row["township"]] = (*found.get(row["township"], ()), core)
    return found


def _townships(land: Polygon, lines: list[LineString], cores: Mapping[str, tuple[Core, ...]]) -> dict[str, Polygon]:
    """The faces between the lines, each named by the first core that lies in it."""
    noded = shapely.union_all([land.exterior, *lines], grid_size=1e-3)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = [face for face in faces if land.contains(face.representative_point())]
    found = {
        code: face for code, places in cores.items() for face in faces if face.contains(shapely.points(places[0].at))
    }
    if not len(found) == len(cores) == len(faces) == len(set(found.values())):
        raise ValueError(
            f"the township lines make {len(faces)} areas, {len(found)} of {len(cores)} townships lie in one"
        )
    return found
