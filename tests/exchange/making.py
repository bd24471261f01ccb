"""Boundary files as offices have them, made on the fly, with every way in which they go wrong."""

import csv
import json
import struct
import warnings
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import shapely
from shapely.geometry import Polygon, box, mapping

NAMES = {"330282104": "掌起镇", "330282107": "观海卫镇", "330282108": "附海镇"}
SHAPES = {
    "330282104": box(121.40, 30.10, 121.45, 30.15),
    "330282107": box(121.45, 30.10, 121.50, 30.15),
    "330282108": box(121.40, 30.15, 121.50, 30.20),
}
OPEN = [(121.40, 30.10), (121.45, 30.10), (121.45, 30.15), (121.40, 30.15)]
BOW_TIE = Polygon([(121.40, 30.10), (121.45, 30.15), (121.45, 30.10), (121.40, 30.15)])


def frame(shapes=None, names=None, crs="EPSG:4490", **columns):
    shapes, names = shapes or SHAPES, names or NAMES
    data = {"code": list(shapes), "name": [names[code] for code in shapes], **columns}
    return geopandas.GeoDataFrame(data, geometry=list(shapes.values()), crs=crs)


def write(table, path: Path, **options) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.to_file(path, engine="pyogrio", **options)
    return path


def shapefile(folder: Path, table=None, *, encoding="GB18030", cpg=None, prj=True, name="towns") -> Path:
    """A shapefile whose texts are in an encoding that nothing declares."""
    folder.mkdir(parents=True, exist_ok=True)
    path = write(table if table is not None else frame(), folder / f"{name}.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    if not prj:
        path.with_suffix(".prj").unlink(missing_ok=True)
    # GDAL writes the code page into the header; most programs of offices do not.
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[29] = 0
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    return path


def zipped(path: Path, target: Path, inside: str = "", junk: bool = False) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            archive.write(part, f"{inside}{part.name}")
            if junk:
                archive.writestr(f"__MACOSX/{inside}._{part.name}", b"\0\5\x16\7")
    return target


def geojson(path: Path, features, **head) -> Path:
    content = {"type": "FeatureCollection", **head, "features": list(features)}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def feature(code, geometry, **properties):
    given = geometry if geometry is None or isinstance(geometry, dict) else mapping(geometry)
    return {
        "type": "Feature",
        "properties": {"code": code, "name": NAMES.get(code, code), **properties},
        "geometry": given,
    }


def _named_rings(part):
    return [("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", ring) for ring in part.interiors)]


def kml(path: Path, table) -> Path:
    marks = []
    for row in table.itertuples():
        polygons = "".join(
            "<Polygon>" + "".join(
                f"<{kind}><LinearRing><coordinates>"
                + " ".join(f"{float(x)!r},{float(y)!r},0" for x, y in ring.coords)
                + f"</coordinates></LinearRing></{kind}>"
                for kind, ring in _named_rings(part)
            ) + "</Polygon>"
            for part in shapely.get_parts(row.geometry)
        )  # fmt: skip
        marks.append(
            f'<Placemark><name>{row.name}</name><ExtendedData><Data name="code"><value>{row.code}</value></Data>'
            f"</ExtendedData><MultiGeometry>{polygons}</MultiGeometry></Placemark>"
        )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>towns</name>{''.join(marks)}</Folder></Document></kml>",
        encoding="utf-8",
    )
    return path


def topojson(path: Path, table) -> Path:
    """Each ring is an arc of its own: lawful, though no saving."""
    arcs, members = [], []
    for row in table.itertuples():
        polygons = []
        for part in shapely.get_parts(row.geometry):
            rings = []
            for ring in (part.exterior, *part.interiors):
                rings.append([len(arcs)])
                arcs.append([list(point) for point in ring.coords])
            polygons.append(rings)
        members.append({"type": "MultiPolygon", "arcs": polygons, "properties": {"code": row.code, "name": row.name}})
    content = {
        "type": "Topology",
        "objects": {"towns": {"type": "GeometryCollection", "geometries": members}},
        "arcs": arcs,
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def wkt_csv(path: Path, table, *, encoding="utf-8", digits=17) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "wkt"])
        for row in table.itertuples():
            writer.writerow([row.code, row.name, shapely.to_wkt(row.geometry, rounding_precision=digits)])
    return path


def open_ring_wkb(points=OPEN) -> bytes:
    packed = b"".join(struct.pack("<dd", *point) for point in points)
    return struct.pack("<BIII", 1, 3, 1, len(points)) + packed


def raw_write(path: Path, shapes, codes, driver, **options) -> Path:
    """Write well-known binary as it is, open rings and all."""
    names = np.array([NAMES[code] for code in codes], dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path, np.array(shapes, dtype=object), [np.array(codes, dtype=object), names], ["code", "name"],
            geometry_type="Polygon", driver=driver, crs="EPSG:4490", **options,
        )  # fmt: skip
    return path
