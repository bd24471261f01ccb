"""A small county whose line moves: one cell goes to the other village, and with it to the other township."""

import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas
import shapely
from shapely.geometry import box

from data.boundary_import import Wanted
from tests.region.packs import MIDDLE, layers

BEGIN = date(2027, 1, 1)
FILES = {"township": "townships", "village": "villages", "grid": "grid"}
SERIES = {"township": "mca", "village": "nbs", "grid": "grid"}
MOVED = "9013001"
"""The cell that goes from village 9013 and township 2 to village 9011 and township 101."""


def held(layer):
    """The areas of the small county that have no end: code to (name, parent, shape)."""
    found = {}
    for item in layers()[FILES[layer]]:
        known = item["properties"]
        if not known["valid_to"]:
            found[known["code"]] = (known["name"], known["parent"], shapely.geometry.shape(item["geometry"]))
    return found


def moved(layer):
    """The same after the line has moved."""
    areas = held(layer)
    cell = held("grid")[MOVED][2]
    gains, loses = {"township": ("101", "2"), "village": ("9011", "9013"), "grid": (None, None)}[layer]
    if layer == "grid":
        name, _, shape = areas[MOVED]
        return areas | {MOVED: (name, "9011", shape)}
    (name, parent, shape), (other, above, rest) = areas[gains], areas[loses]
    return areas | {
        gains: (name, parent, shapely.union_all([shape, cell])),
        loses: (other, above, shapely.difference(rest, cell)),
    }


def table(areas):
    """A frame with code, name and parent."""
    data = {
        "code": list(areas),
        "name": [one[0] for one in areas.values()],
        "parent": [one[1] for one in areas.values()],
    }
    return geopandas.GeoDataFrame(data, geometry=[one[2] for one in areas.values()], crs="EPSG:4490")


def geopackage(path: Path, given=("township", "village", "grid"), make=moved) -> Path:
    """All layers of the step in one file."""
    path.unlink(missing_ok=True)
    for layer in given:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table(make(layer)).to_file(path, layer=layer, engine="pyogrio")
    return path


def wanted(path: Path, given=("township", "village", "grid"), begin=BEGIN):
    """One import per layer."""
    return tuple(Wanted(path, one, SERIES[one], "code", begin, "name", "parent", sublayer=one) for one in given)


def later(step, begin):
    """The same step from another day on."""
    return tuple(replace(one, begin=begin) for one in step)


WEST_OF_THE_LINE = box(MIDDLE + 0.001, 30.203, MIDDLE + 0.004, 30.207)
"""Ground of the cell that moves."""
