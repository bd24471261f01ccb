"""What a reporter knows of the region: its matters, its areas, and what surroundings each of them has."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dashboard.simulation.profiles import Setting

METRES_A_DEGREE = 111_320.0
HOT_SPOTS = 4
SPREAD_M = 130.0  # around a hot spot, in each direction
TRIES = 8
NATIONAL = "100000"  # stands in credit codes where no county does


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of case with the departments that the lists name, or that act in one township.

    Attributes
    ----------
    reported
        False for a power of the townships, which citizens ask for more often than anybody reports it.
    clause, basis
        The words of the list that name the lead, and the laws behind them, parted by semicolons.
    guide
        The department that guides the townships in a power of theirs.
    """

    code: str
    lead: str
    coordinating: tuple[str, ...]
    name: str = ""
    reported: bool = True
    clause: str = ""
    basis: str = ""
    guide: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point that a report names: (lon, lat) in WGS84 degrees, and the areas around it."""

    lon: float
    lat: float
    township: str
    place: str


@dataclass(frozen=True)
class World:
    """Matters and finest areas of a region, ready to draw places from.

    Attributes
    ----------
    names
        What departments, townships and bodies are called, by code.
    county_code
        Six digits of GB/T 2260.
    """

    zone: tzinfo
    matters: tuple[Matter, ...]
    sources: Mapping[str, str]
    shapes: Sequence[BaseGeometry]
    townships: Sequence[str]
    places: Sequence[str]
    centres: np.ndarray = field(repr=False)
    odds: Mapping[Setting, np.ndarray] = field(repr=False)
    acting: Mapping[tuple[str, str], Matter] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    county_code: str = NATIONAL
    tree: shapely.STRtree = field(default_factory=lambda: shapely.STRtree([]), repr=False)

    def matter_in(self, township: str, matter: Matter) -> Matter:
        """Give a matter with the departments that act for it in a township."""
        return self.acting.get((township, matter.code), matter)

    def spot(self, setting: Setting, draw: np.random.Generator) -> Spot:
        """Draw a place that suits a setting."""
        chances = self.odds[setting]
        cell = int(np.searchsorted(chances, draw.random() * chances[-1], side="right"))
        lon, lat = point_inside(self.shapes[cell], draw)
        return Spot(lon, lat, self.townships[cell], self.places[cell])

    def hot_spot(self, matter: str, setting: Setting, seed: int, draw: np.random.Generator) -> Spot:
        """Draw a place at one of the few streets, sites or river bends from which a matter comes again and again."""
        which = int(draw.integers(HOT_SPOTS) * draw.random())  # the first one is the worst
        fixed = np.random.default_rng([seed, which, *matter.encode()])
        chances = self.odds[setting]
        cell = int(np.searchsorted(chances, fixed.random() * chances[-1], side="right"))
        lon, lat = point_inside(self.shapes[cell], fixed)
        worst = Spot(lon, lat, self.townships[cell], self.places[cell])
        return self.beside(worst, float(draw.rayleigh(SPREAD_M)), draw)

    def beside(self, spot: Spot, metres: float, draw: np.random.Generator) -> Spot:
        """Draw a place so many metres away; one that would leave the county stays where it was."""
        for _ in range(TRIES):
            angle = draw.uniform(0, 2 * math.pi)
            north, east = metres * math.cos(angle), metres * math.sin(angle)
            shrunk = METRES_A_DEGREE * math.cos(math.radians(spot.lat))
            lon, lat = spot.lon + east / shrunk, spot.lat + north / METRES_A_DEGREE
            cells = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
            if len(cells):
                cell = int(cells[0])
                return Spot(lon, lat, self.townships[cell], self.places[cell])
        return spot


def point_inside(area: BaseGeometry, draw: np.random.Generator) -> tuple[float, float]:
    """Draw (lon, lat) evenly inside an area; a sliver that is missed forty times gives its representative point."""
    west, south, east, north = area.bounds
    for _ in range(40):
        point = shapely.Point(draw.uniform(west, east), draw.uniform(south, north))
        if area.contains(point):
            return point.x, point.y
    inner = area.representative_point()
    return inner.x, inner.y


def read_world(
    region: Mapping[str, Any],
    layers: Mapping[str, Mapping[str, Any]],
    seed: int,
    lists: Mapping[str, Mapping[str, Any]] | None = None,
) -> World:
    """Build the world from ``/api/v1/region`` and the feature collections of its layers, by layer name.

    The finest layer of grid, village and township is drawn from. Seeds matter: new districts and river courses that the
    geometry does not tell are laid by it. `lists` are the answers of ``/api/v1/lists`` by township; without them, those
    act whom the lists name.
    """
    finest = next(name for name in ("grid", "village", "township") if name in layers)
    features = sorted(layers[finest]["features"], key=lambda feature: str(feature["properties"]["code"]))
    parents = parent_names(layers)
    shapes = [shape(feature["geometry"]) for feature in features]
    codes = [str(feature["properties"]["code"]) for feature in features]
    chains = [chain(code, finest, parents) for code in codes]
    centres = np.array([(area.centroid.x, area.centroid.y) for area in shapes])
    size = np.array([area.area for area in shapes])
    matters = {row["code"]: read_matter(row) for row in region["matters"]}
    acting = {
        (township, item["code"]): read_acting(matters[item["code"]], item["legs"])
        for township, listed in (lists or {}).items()
        for item in listed["items"]
        if item["code"] in matters
    }
    return World(
        zone=ZoneInfo(region["zone"]),
        matters=tuple(matters.values()),
        sources={row["code"]: row["crs"] for row in region["sources"]},
        shapes=shapes,
        townships=[steps.get("township", ("", ""))[0] for steps in chains],
        places=[steps.get("village", steps.get("township", ("", "")))[1] for steps in chains],
        centres=centres,
        odds={setting: np.cumsum(weight) for setting, weight in weights(centres, size, seed).items()},
        acting=acting,
        names=read_names(region, layers),
        county_code=str(region.get("county_code") or NATIONAL),
        tree=shapely.STRtree(shapes),
    )


def read_names(region: Mapping[str, Any], layers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Give what departments and townships are called when one speaks of them."""
    names = {"township": "镇街", "command": "综合信息指挥室"}
    names |= {one["code"]: one.get("short_name") or one["name"] for one in region.get("departments", ())}
    for town in layers.get("township", {}).get("features", ()):
        names[str(town["properties"]["code"])] = str(town["properties"].get("name") or "")
    return names


def read_matter(row: Mapping[str, Any]) -> Matter:
    """Read one matter of ``/api/v1/region``."""
    power, listed = row.get("kind") == "power", row.get("lead") or ""
    return Matter(
        row["code"],
        "township" if power else listed,
        tuple(row.get("coordinating") or ()),
        row.get("name") or row["code"],
        reported=not power,
        clause=row.get("clause") or "",
        basis=row.get("basis") or "",
        guide=listed if power else "",
    )


def read_acting(matter: Matter, legs: Sequence[Mapping[str, Any]]) -> Matter:
    """Put those who act in a township, by ``/api/v1/lists?township=``, in the place of those that the list names."""
    lead = next(leg["department"] for leg in legs if leg["role"] == "lead")
    others = tuple(leg["department"] for leg in legs if leg["role"] == "coordinating")
    return replace(matter, lead=lead, coordinating=others)


def parent_names(layers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, tuple[str, str]]]:
    """Give layer -> code -> (name, parent)."""
    return {
        layer: {
            str(feature["properties"]["code"]): (
                str(feature["properties"].get("name") or ""),
                str(feature["properties"].get("parent") or ""),
            )
            for feature in collection["features"]
        }
        for layer, collection in layers.items()
    }


def chain(code: str, finest: str, parents: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[str, tuple[str, str]]:
    """Give layer -> (code, name) for an area and the areas that it nests in."""
    found: dict[str, tuple[str, str]] = {}
    order = [layer for layer in ("grid", "village", "township") if layer in parents]
    for layer in order[order.index(finest) :]:
        if code not in parents[layer]:
            break
        name, parent = parents[layer][code]
        found[layer] = (code, name)
        code = parent
    return found


def weights(centres: np.ndarray, size: np.ndarray, seed: int) -> dict[Setting, np.ndarray]:
    """Say how well each cell suits each setting.

    Small cells are dense centres, large ones are fields and hills. Building sites gather in a few new districts of
    middle density; rivers run as winding lines from south to north, as dug rivers do on their way to a bay.
    """
    count = len(size)
    rank = np.argsort(np.argsort(size)) / max(count - 1, 1)
    low, high = centres.min(axis=0), centres.max(axis=0)
    unit = (centres - low) / np.where(high > low, high - low, 1.0)
    draw = np.random.default_rng([seed, 7])
    middling = np.flatnonzero((rank > 0.3) & (rank < 0.8))
    districts = unit[draw.choice(middling if len(middling) else np.arange(count), size=min(6, count), replace=False)]
    to_district = np.linalg.norm(unit[:, None, :] - districts[None, :, :], axis=2).min(axis=1)
    rivers = draw.uniform(0.03, 0.97, size=14)
    bend = 0.02 * np.sin(unit[:, 1, None] * 9 + rivers * 40)
    to_river = np.abs(unit[:, 0, None] - rivers - bend).min(axis=1)
    return {
        Setting.STREET: (1 - rank) ** 3 + 0.01,
        Setting.QUARTER: (1 - rank) ** 1.3 + 0.02,
        Setting.WORKSHOP: rank * (1 - rank) + 0.02,
        Setting.SITE: np.exp(-((to_district / 0.06) ** 2)) + 0.02,
        Setting.RIVER: np.exp(-((to_river / 0.008) ** 2)) * (0.3 + rank) + 0.003,
        Setting.OUTSIDE: rank**3 + 0.005,
        Setting.ANYWHERE: np.ones(count),
    }
