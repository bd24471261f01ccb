"""Writing the files of a new pack."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from data.region.items import LIST_COLUMNS, LIST_FILES
from data.region.settings import LayerFile, Source
from data.region_new.polygons import Polygon

EMPTY_TABLES = {
    "units.csv": "code,name,department,domain,township,serves,valid_from,valid_to\n",
    "calendar.csv": "date,is_workday,kind,notice\n",
} | {file: ",".join(LIST_COLUMNS[name]) + "\n" for name, file in LIST_FILES.items()}

TIMES = """
[hours]
open = [["09:00", "12:00"], ["13:00", "17:00"]]

[budgets.respond]
amount = 30
unit = "minutes"

[budgets.arrive]
amount = 60
unit = "minutes"

[budgets.finish]
amount = 5
unit = "working_days"

[budgets.verify]
amount = 120
unit = "office_minutes"

[calendar]
covered = []    # no notice is imported yet: Monday to Friday, and finish times are provisional

[skew]
future_seconds = 120
"""


ESCALATIONS = """
[[escalations]]
code = "soon"
clock = "any"
level = "amber"
to = ["owner"]

[[escalations]]
code = "late"
clock = "any"
level = "red"
to = ["owner", "command"]
repeat_minutes = 1440
most = 3
"""


def toml_text(value: str) -> str:
    """Write a text as a TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def region_toml(
    region: Mapping[str, str],
    names: Mapping[str, str],
    first_day: date,
    layers: Sequence[LayerFile],
    sources: Sequence[Source],
    centre: tuple[float, float],
    zoom: int,
) -> str:
    """Write region.toml; its lists hold from `first_day` on."""
    lines = ["# Made by `region new`. Every key is described in docs/region-pack.md.", "", "[region]"]
    lines += [f"{key} = {toml_text(value)}" for key, value in region.items()]
    lines += ["", "[names]", *(f"{language} = {toml_text(name)}" for language, name in names.items())]
    lines += ["", "[lists]", 'version = "1"', f"effective_from = {first_day.isoformat()}"]
    lines += [
        TIMES.rstrip(),
        ESCALATIONS.rstrip(),
        "",
        "[map]",
        f"centre = [{centre[0]:.5f}, {centre[1]:.5f}]",
        f"zoom = {zoom}",
    ]
    for layer in layers:
        lines += ["", "[[layers]]", f"name = {toml_text(layer.name)}", f"file = {toml_text(layer.file)}"]
        lines += [f"parent = {toml_text(layer.parent)}"] if layer.parent else []
    for source in sources:
        lines += ["", "[[sources]]", f"code = {toml_text(source.code)}", f"name = {toml_text(source.name)}"]
        lines += [f"name_en = {toml_text(source.name_en)}", f"crs = {toml_text(source.crs)}"]
        lines += [f"kind = {toml_text(source.kind)}"]
    return "\n".join(lines) + "\n"


def geojson(layer: str, series: str, polygons: Sequence[Polygon], valid_from: date) -> str:
    """Write a layer; coordinates keep every digit, so that what neighbours share stays shared."""
    head = {
        "type": "FeatureCollection",
        "name": layer,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    }
    features = ",\n".join(json.dumps(_feature(layer, series, one, valid_from), ensure_ascii=False) for one in polygons)
    return json.dumps(head, ensure_ascii=False)[:-1] + f', "features": [\n{features}\n]}}\n'


def _feature(layer: str, series: str, polygon: Polygon, valid_from: date) -> dict[str, Any]:
    properties = {
        "layer": layer,
        "code": polygon.code,
        "series": series,
        "name": polygon.name,
        "parent": polygon.parent or "",
        "valid_from": valid_from.isoformat(),
        "valid_to": "",
    }
    return {"type": "Feature", "properties": properties, "geometry": mapping(polygon.geometry)}


def table(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as csv."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of a pack, region.toml last: without it a folder is no pack."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(files, key=lambda name: (name == "region.toml", name)):
        (folder / name).write_text(files[name], encoding="utf-8", newline="\n")
