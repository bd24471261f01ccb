"""Geometry for the screen: each layer once, as immutable bytes under a URL that carries their hash.

Coordinates are rounded to `DECIMALS`. Rounding is a function of the coordinate alone, so neighbours that share a vertex
to the last digit share the rounded one, too. This is for drawing; nothing is located with it.
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
from geo.crs import from_wgs84

DECIMALS = 5  # 1.1 m, a pixel at the closest zoom of the map; 6 would cost a sixth more bytes
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
    features = [
        feature(
            area.geometry,
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
        for gid, (area, (x, y), km2) in enumerate(zip(areas, labels.tolist(), sizes, strict=True), 1)
    ]
    url, prepared = collection(name, features)
    return LayerFile(name, tuple(area.code for area in areas), url, prepared)


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
    return {"type": "Feature", "properties": dict(properties), "geometry": mapping(rounded(shape))}


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
    """(n, 2) rounded vertices of a ring, or None where fewer than three different ones are left."""
    xy = np.round(shapely.get_coordinates(ring), DECIMALS)
    xy = xy[np.r_[True, np.any(xy[1:] != xy[:-1], axis=1)]]
    return xy if len(xy) >= 4 else None


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
