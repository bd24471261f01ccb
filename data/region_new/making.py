"""Making the pack: read every layer, nest them, choose a metric CRS, write, and check what was written."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import shapely

from data.region.boundaries import CHAIN
from data.region.faults import Report
from data.region.settings import TOWNSHIP, LayerFile, Source
from data.region_check import check
from data.region_new.lists import MatterFile, lists_from, starting_lists
from data.region_new.polygons import LayerSource, Notes, Polygon, read_polygons
from data.region_new.refusal import Refused
from data.region_new.writing import EMPTY_TABLES, geojson, region_toml, table, write_all
from geo.areas import rank
from geo.crs import crs_name
from geo.errors import UnknownCRS

DEFAULT_SOURCES = (
    Source("report", "Report", "Report", "EPSG:4326", "person"),
    Source("sensor", "Sensor", "Sensor", "EPSG:4326", "device"),
    Source("import", "Import", "Import", "EPSG:4326", "device"),
)
FIRST_DAY = date(1970, 1, 1)
"""The single boundary version of a new pack begins here, unless another day is given."""


@dataclass(frozen=True, slots=True)
class NewRegion:
    """What a new pack is to be.

    Attributes
    ----------
    name
        Short latin name; also the name of the folder.
    zone
        IANA time zone; None is UTC and is noted.
    repair, dissolve
        Whether invalid polygons are mended, and whether features with one code become one area. Each is noted.
    """

    name: str
    folder: Path
    layers: Sequence[LayerSource]
    names: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    metric_crs: str | None = None
    matters: MatterFile | None = None
    sources: Sequence[Source] = DEFAULT_SOURCES
    attribution: str = ""
    valid_from: date = FIRST_DAY
    repair: bool = False
    dissolve: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: where, what was done to the files, and what the check says of the result."""

    folder: Path
    notes: tuple[str, ...]
    report: Report


def make(wanted: NewRegion) -> Made:
    """Make a region pack.

    Raises
    ------
    Refused
        A name, file, column, CRS or polygon that cannot be used; nothing was written.
    """
    _check_wishes(wanted)
    notes = Notes([])
    layers = {
        source.name: read_polygons(source, notes, repair=wanted.repair, dissolve=wanted.dissolve)
        for source in wanted.layers
    }
    parents = _nest(layers, wanted.layers)
    metric_crs = wanted.metric_crs or _metric_crs(layers[TOWNSHIP])
    if wanted.zone is None:
        notes.add("no --zone was given: days and office hours are counted in UTC until [region] zone says otherwise")
    lists = lists_from(wanted.matters) if wanted.matters else starting_lists()
    files = [LayerFile(name, f"{name}.geojson", parents.get(name)) for name in layers]
    region = {
        "name": wanted.name,
        "county_code": "",
        "number_prefix": re.sub(r"[^A-Z]", "", wanted.name.upper())[:4] or "R",
        "zone": wanted.zone or "UTC",
        "metric_crs": metric_crs,
        "attribution": wanted.attribution,
        "approval_number": "",
    }
    name = wanted.names.get("zh") or wanted.names.get("en") or wanted.name
    names = {"zh": name, "en": wanted.names.get("en") or name}
    centre, zoom = _view(layers[TOWNSHIP])
    content = {file.file: geojson(file.name, file.name, layers[file.name], wanted.valid_from) for file in files}
    content |= EMPTY_TABLES
    content |= {"departments.csv": table(lists.departments), "matters.csv": table(lists.matters)}
    content["region.toml"] = region_toml(region, names, wanted.valid_from, files, wanted.sources, centre, zoom)
    write_all(wanted.folder, content)
    return Made(wanted.folder, tuple(notes.lines), check(wanted.folder))


def _check_wishes(wanted: NewRegion) -> None:
    reasons = []
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", wanted.name):
        reasons.append(f"the name {wanted.name!r} should be a short word of small latin letters, such as nyc")
    if (wanted.folder / "region.toml").exists() and not wanted.replace:
        reasons.append(f"{wanted.folder} holds a region pack already; choose another folder, or ask for --replace")
    given = [source.name for source in wanted.layers]
    if TOWNSHIP not in given:
        said = ", ".join(given) or "none"
        reasons.append(f"one layer must be named {TOWNSHIP} (given: {said}): cases are routed by it")
    reasons += [f"the layer {name} is given twice" for name in sorted({n for n in given if given.count(n) > 1})]
    if wanted.zone is not None and not _is_zone(wanted.zone):
        reasons.append(f"{wanted.zone!r} is no time zone of the IANA list; write it as Asia/Shanghai")
    for crs in [wanted.metric_crs, *(source.crs for source in wanted.sources)]:
        try:
            crs_name(crs or "EPSG:4326")
        except UnknownCRS as problem:
            reasons.append(str(problem))
    if reasons:
        raise Refused(reasons)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _nest(layers: dict[str, list[Polygon]], sources: Sequence[LayerSource]) -> dict[str, str]:
    """Give each area of a nested layer its parent, and each layer its parent layer; areas are put in order of code."""
    present = [name for name in CHAIN if name in layers]
    parents = {below: above for above, below in pairwise(present)}
    told = {source.name for source in sources if source.parent_field}
    for below, above in parents.items():
        if below not in told:
            layers[below] = _inside(layers[below], layers[above], below, above)
    for name, polygons in layers.items():
        polygons.sort(key=lambda polygon: rank(polygon.code))
        if name not in parents:
            layers[name] = [replace(polygon, parent=None) for polygon in polygons]
    return parents


def _inside(children: Sequence[Polygon], parents: Sequence[Polygon], below: str, above: str) -> list[Polygon]:
    """Find the parent of each area: the one that shares most of its ground."""
    tree = shapely.STRtree([parent.geometry for parent in parents])
    found, lost = [], []
    for child in children:
        near = tree.query(child.geometry)
        shared = shapely.area(shapely.intersection(child.geometry, tree.geometries[near]))
        if not len(near) or shared.max() <= 0:
            lost.append(f"{below} {child.code} {child.name} lies in no {above}; correct its line, or leave it out")
            continue
        found.append(replace(child, parent=parents[int(near[shared.argmax()])].code))
    if lost:
        raise Refused(lost)
    return found


def _metric_crs(polygons: Sequence[Polygon]) -> str:
    """Choose the UTM zone of the place: lengths are right to a thousandth in it."""
    frame = geopandas.GeoSeries([polygon.geometry for polygon in polygons], crs="EPSG:4326")
    return f"EPSG:{frame.estimate_utm_crs().to_epsg()}"


def _view(polygons: Sequence[Polygon]) -> tuple[tuple[float, float], int]:
    """Give the middle of the map and the zoom at which it fills about a thousand pixels."""
    west, south, east, north = shapely.total_bounds([polygon.geometry for polygon in polygons])
    middle = float((south + north) / 2)
    widest = max(float(east - west), float(north - south) / max(math.cos(math.radians(middle)), 0.1), 1e-4)
    return (float((west + east) / 2), middle), max(1, min(18, math.floor(math.log2(1000 / 256 * 360 / widest))))
