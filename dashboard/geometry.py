"""Geometry for the screen: each layer once, as immutable bytes under a URL that carries their hash.

A layer is simplified once, as a coverage, and each vertex carries in its third number at which zooms it is drawn, so
that neighbours share their edges at every zoom; see `geo.coverage.levels` and assets/js/coverage.js. Coordinates are
rounded to `DECIMALS`. Rounding is a function of the coordinate alone, so neighbours that share a vertex to the last
digit share the rounded one, too. This is for drawing; nothing is located with it.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import brotli
import numpy as np
import orjson
import shapely
from shapely.geometry import mapping

from dashboard.board import Ground
from data.region import Region
from geo.areas import Area
from geo.coverage.levels import with_levels
from geo.crs import from_wgs84

DECIMALS = 5  # 1.1 m, a pixel at the closest zoom of the map; 6 would cost a sixth more bytes
ZOOMS = (9, 10, 11, 12, 13)
"""Up to each of these zooms the map draws the vertices whose bit is set, in this order; beyond the last one, all."""
FINEST = 1e-5
"""Tolerance of what is sent at all, in degrees: the step of the rounding."""
PIXELS = 0.6
"""How far a line may be off, in pixels: invisible, also where a pixel of the page is two of the screen."""
CODE_OF: dict[str, Literal["cell", "village", "township"]] = {
    "grid": "cell",
    "village": "village",
    "township": "township",
}
CONTEXT = "context"
# Level 11 saves a tenth more and takes twenty times as long; a county would wait seconds for its first page.
BROTLI_QUALITY = 9


@dataclass(frozen=True, slots=True)
class Prepared:
    """The bytes of one answer in every encoding that a browser may ask for."""

    media_type: str
    etag: str
    bodies: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class LayerFile:
    """One layer at one boundary version, ready to be sent.

    Attributes
    ----------
    codes
        Area codes in the order of their gid, lowest first; the first one has gid 1.
    url
        Where the bytes are; a change of a single coordinate changes it.
    """

    name: str
    codes: tuple[str, ...]
    url: str
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class Geometry:
    """What the map draws: layers by name, the surroundings, and the ground that the board counts by.

    Attributes
    ----------
    day
        The day whose boundary version this is.
    finest
        Name of the layer that the map paints as cells: ``grid``, ``village`` or ``township``.
    context_url
        Neighbouring counties, water and shore line, for drawing only; None where the region has no such file.
    files
        Every answer by (hash, file name).
    """

    day: date
    layers: Mapping[str, LayerFile]
    finest: str
    ground: Ground
    bounds: tuple[float, float, float, float]
    context_url: str | None = None
    files: Mapping[tuple[str, str], Prepared] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """One hash over all files."""
        return hashlib.sha256("".join(sorted(key for key, _ in self.files)).encode()).hexdigest()[:16]


def prepare(region: Region, day: date) -> Geometry:
    """Make the files of a region's layers as they are on `day`, and of its ``context.geojson`` where it has one."""
    layers = {name: layer.areas for name, layer in region.areas_on(day).items()}
    township_of = townships(layers)
    made = {name: layer_file(name, areas, township_of, region.metric_crs) for name, areas in layers.items()}
    files = {key(layer.url): layer.prepared for layer in made.values()}
    surroundings, context_url = region.folder / f"{CONTEXT}.geojson", None
    if surroundings.is_file():
        context_url, prepared = context_file(orjson.loads(surroundings.read_bytes()))
        files[key(context_url)] = prepared
    ground = Ground(made[region.finest].codes, made["township"].codes, CODE_OF[region.finest])
    bounds = shapely.total_bounds([area.geometry for area in layers[region.finest]])
    west, south, east, north = map(float, bounds)
    return Geometry(day, made, region.finest, ground, (west, south, east, north), context_url, files)


def key(url: str) -> tuple[str, str]:
    """(hash, file name) of a geometry URL."""
    _, digest, name = url.rsplit("/", 2)
    return digest, name


def townships(layers: Mapping[str, Sequence[Area]]) -> dict[str, str]:
    """Find the township of every area of the three nested layers, by layer and code joined with a slash."""
    found = {f"township/{area.code}": area.code for area in layers.get("township", ())}
    for name, above in (("village", "township"), ("grid", "village")):
        for area in layers.get(name, ()):
            found[f"{name}/{area.code}"] = found.get(f"{above}/{area.parent}", "")
    return found


def layer_file(name: str, areas: Sequence[Area], township_of: Mapping[str, str], metric_crs: str) -> LayerFile:
    """Write one layer as GeoJSON with what the screen needs: gid, code, names, parents, km², a point for the label."""
    labels = np.round(label_points([area.geometry for area in areas]), DECIMALS)
    sizes = areas_km2([area.geometry for area in areas], metric_crs)
    shapes = with_levels([area.geometry for area in areas], FINEST, [PIXELS * degrees_a_pixel(z) for z in ZOOMS])
    features = [
        feature(
            shape,
            {
                "gid": gid,
                "code": area.code,
                "name": area.name,
                "name_en": area.attributes.get("name_en") or area.name,
                "parent": area.parent or "",
                "township": township_of.get(f"{name}/{area.code}", ""),
                "x": x,
                "y": y,
                "km2": km2,
            },
        )
        for gid, (area, shape, (x, y), km2) in enumerate(zip(areas, shapes, labels.tolist(), sizes, strict=True), 1)
    ]
    url, prepared = collection(name, features)
    return LayerFile(name, tuple(area.code for area in areas), url, prepared)


def degrees_a_pixel(zoom: int) -> float:
    """Width of a pixel in degrees of longitude at a zoom of the usual tiles, of which the world is one at zoom 0."""
    return 360 / 256 / 2**zoom


def areas_km2(shapes: Sequence[shapely.Geometry], metric_crs: str) -> list[float]:
    """Compute areas in square kilometres in the region's metric CRS, to four significant digits."""
    metric = shapely.transform(
        np.asarray(shapes, dtype=object),
        lambda lonlat: np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], metric_crs)),
    )
    return [float(f"{area / 1e6:.4g}") for area in shapely.area(metric).tolist()]


def label_points(shapes: Sequence[shapely.Geometry]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n, 2) lon, lat of the centre of the largest circle in each shape: where a name has most room."""
    array = np.asarray(shapes, dtype=object)
    if array.size == 0:
        return np.empty((0, 2))
    # The tolerance keeps thousands of cells within a second: a hundredth of the shape's width is no visible distance.
    west, south, east, north = shapely.bounds(array).T
    circles = shapely.maximum_inscribed_circle(array, tolerance=np.maximum(east - west, north - south) / 100)
    return shapely.get_coordinates(shapely.get_point(circles, 0))


def context_file(collected: Mapping[str, Any]) -> tuple[str, Prepared]:
    """Write the surroundings as they came, rounded for the screen."""
    features = [
        feature(shapely.geometry.shape(item["geometry"]), item.get("properties") or {})
        for item in collected["features"]
        if item.get("geometry")
    ]
    return collection(CONTEXT, features)


def feature(shape: shapely.Geometry, properties: Mapping[str, Any]) -> dict[str, Any]:
    """One GeoJSON feature with rounded coordinates."""
    drawn = rounded(shape)
    geometry = mapping(drawn)
    if drawn.has_z:
        geometry["coordinates"] = marked(geometry["coordinates"])
    return {"type": "Feature", "properties": dict(properties), "geometry": geometry}


def marked(coordinates: Sequence[Any]) -> Any:
    """Write the third number of every vertex as the whole number that it is: a quarter fewer bytes."""
    if coordinates and isinstance(coordinates[0], float):
        return (coordinates[0], coordinates[1], int(coordinates[2]))
    return [marked(inner) for inner in coordinates]


def rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """Round for the screen: vertices that fall together are kept once, parts and holes that become a line left out.

    An area of which nothing would be left stays as it is.
    """
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        return shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))
    parts = []
    for polygon in shapely.get_parts(shape):
        shell, *holes = (rounded_ring(ring) for ring in (polygon.exterior, *polygon.interiors))
        if shell is not None:
            parts.append(shapely.Polygon(shell, [hole for hole in holes if hole is not None]))
    if not parts:
        return shape
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def rounded_ring(ring: shapely.LinearRing) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """(n, 2) or (n, 3) rounded vertices of a ring, or None where fewer than three different ones are left.

    The mark of a vertex into which several fall is that of all of them together.
    """
    found = shapely.get_coordinates(ring, include_z=ring.has_z)
    xy = np.round(found[:, :2], DECIMALS)
    first = np.flatnonzero(np.r_[True, np.any(xy[1:] != xy[:-1], axis=1)])
    if len(first) < 4:
        return None
    if not ring.has_z:
        return xy[first]
    marks = np.bitwise_or.reduceat(found[:, 2].astype(np.int64), first)
    # The ring may begin in the middle of vertices that fall together.
    marks[[0, -1]] = marks[0] | marks[-1]
    return np.column_stack([xy[first], marks])


def collection(name: str, features: list[dict[str, Any]]) -> tuple[str, Prepared]:
    """Serialise, hash and compress a feature collection."""
    body = orjson.dumps({"type": "FeatureCollection", "features": features})
    digest = hashlib.sha256(body).hexdigest()[:16]
    return f"/geo/{digest}/{name}.geojson", Prepared(
        "application/geo+json",
        digest,
        {
            "br": brotli.compress(body, quality=BROTLI_QUALITY),
            "gzip": gzip.compress(body, compresslevel=6, mtime=0),
            "identity": body,
        },
    )
