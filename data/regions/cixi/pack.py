"""The files of the pack: which area is which feature, and the same bytes every time."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely import Polygon

from data.regions.cixi import sketch

FIRST = "2013-06-01"
"""The townships' lines have stood since 天元镇 joined 周巷镇 in May 2013, but for the split below."""
SPLIT = "2024-11-20"
"""From this day 陆中湾街道 is no longer a part of 庵东镇 (浙政函〔2024〕147号)."""

Feature = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Rows of `townships.csv` and `villages.csv`, in the order of their codes."""

    townships: Sequence[Mapping[str, str]]
    villages: Sequence[Mapping[str, str]]


def read_tables(sources: Path) -> Tables:
    """Both tables of the folder."""
    return Tables(
        *(
            sorted(sketch.rows(sources / name), key=lambda row: row["code"])
            for name in ("townships.csv", "villages.csv")
        )
    )


def layers(cells: Sequence[Polygon], owners: Sequence[str], tables: Tables) -> dict[str, list[Feature]]:
    """Features of the three layers; villages and townships are the union of their cells, so that edges are the same.

    Parameters
    ----------
    cells : sequence of Polygon
        The drawn cells, (lon, lat).
    owners : sequence of str
        Village code of each cell.
    tables : Tables
        Codes, names and parents.
    """
    of_village: dict[str, list[Polygon]] = {}
    for cell, owner in zip(cells, owners, strict=True):
        of_village.setdefault(owner, []).append(cell)
    villages = {code: _union(parts) for code, parts in of_village.items()}
    found: dict[str, list[Feature]] = {"townships": _townships(villages, tables), "villages": [], "grid": []}
    for row in tables.villages:
        found["villages"] += _village(row, villages[row["code"]])
        for number, cell in enumerate(in_reading_order(of_village[row["code"]]), 1):
            properties = _properties(
                "grid", f"{row['code']}{number:03d}", f"{row['name']}第{number}网格", "cell", row["code"]
            )
            found["grid"].append(feature({**properties, "series": "grid"}, cell))
    return {
        name: sorted(features, key=lambda f: (f["properties"]["code"], f["properties"]["valid_from"]))
        for name, features in found.items()
    }


def in_reading_order(cells: Sequence[Polygon]) -> list[Polygon]:
    """Cells from west to east in rows from north to south, as unit grids are numbered."""
    south, north = min(cell.bounds[1] for cell in cells), max(cell.bounds[3] for cell in cells)
    rows = max(round(math.sqrt(len(cells))), 1)
    middles = [cell.centroid for cell in cells]
    row = [min(int((north - middle.y) / (north - south) * rows), rows - 1) for middle in middles]
    return [cells[i] for i in sorted(range(len(cells)), key=lambda i: (row[i], middles[i].x, -middles[i].y))]


def write(path: Path, name: str, features: Sequence[Feature]) -> None:
    """Write a collection, one feature a line, coordinates as rounded."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}'
    text = f'{{"type":"FeatureCollection","name":"{name}","crs":{crs},"features":[\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf8", newline="\n")


def _village(row: Mapping[str, str], area: Polygon) -> list[Feature]:
    """One row, or two when the village changed its township."""
    properties = {**_properties("village", row["code"], row["name"], row["kind"], row["township"]), "series": "nbs"}
    if not row["township_before"]:
        return [feature(properties, area)]
    before = {**properties, "parent": row["township_before"], "valid_to": SPLIT}
    return [feature(before, area), feature({**properties, "valid_from": SPLIT}, area)]


def _townships(villages: Mapping[str, Polygon], tables: Tables) -> list[Feature]:
    """Every township; one that gave villages away has a row before and a row after."""
    found: list[Feature] = []
    for row in tables.townships:
        own = [v for v in tables.villages if v["township"] == row["code"]]
        lost = [v for v in tables.villages if v["township_before"] == row["code"]]
        area = _union([villages[v["code"]] for v in own])
        properties = {
            **_properties("township", row["code"], row["name"], row["kind"], sketch.COUNTY),
            "series": "mca", "code_nbs": row["code_nbs"], "name_en": row["name_en"],
        }  # fmt: skip
        if lost:
            before = _union([villages[v["code"]] for v in (*own, *lost)])
            found.append(feature({**properties, "valid_to": SPLIT}, before))
        began = SPLIT if lost or any(v["township_before"] for v in own) else FIRST
        found.append(feature({**properties, "valid_from": began}, area))
    return found


def _properties(layer: str, code: str, name: str, kind: str, parent: str) -> dict[str, str]:
    """All properties that an area has, in the order in which they are written."""
    return {
        "layer": layer, "code": code, "series": "", "code_nbs": "", "name": name, "name_en": "", "kind": kind,
        "parent": parent, "valid_from": FIRST, "valid_to": "",
    }  # fmt: skip


def _union(parts: Sequence[Polygon]) -> Polygon:
    """One area of several that share their edges; every vertex stays."""
    pieces = shapely.get_parts(shapely.coverage_union_all(list(parts)))
    whole = pieces[0]
    if len(pieces) > 1 or not isinstance(whole, Polygon) or whole.interiors:
        raise ValueError(f"areas around {parts[0].representative_point().wkt} do not make one piece without holes")
    return whole


def feature(properties: Mapping[str, str], area: Any) -> Feature:
    """GeoJSON feature; exterior rings run counter-clockwise from a fixed start."""
    drawn = json.loads(shapely.to_geojson(shapely.orient_polygons(shapely.normalize(area), exterior_cw=False)))
    return {"type": "Feature", "properties": dict(properties), "geometry": drawn}
