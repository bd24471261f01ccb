"""What a map sheet shows, for programs: its cases, its figures, and a manifest that says what they are."""

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import shapely
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from dashboard.documents.maps.contents import Row
from dashboard.documents.maps.pen import Pen
from dashboard.documents.maps.wanted import Format
from data.formulas import defused

CRS = "EPSG:4490"
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
Rows = list[dict[str, Any]]


def written(pen: Pen, manifest: Mapping[str, Any], form: Format) -> bytes:
    """Write the cases and figures of a sheet, the same bytes for the same contents."""
    cases, figures = case_rows(pen), figure_rows(pen)
    if form is Format.GPKG:
        return _geopackage(pen, cases, figures, manifest)
    if form is Format.GEOJSON:
        return _geojson(cases, manifest)
    if form is Format.PARQUET:
        return _parquet(cases, manifest)
    if form is Format.XLSX:
        return _workbook(cases, figures, manifest, pen.wanted.at)
    return _zip(cases, figures, manifest)


def case_rows(pen: Pen) -> Rows:
    """Write each case with the names of its codes; instants are UTC."""
    language, book = pen.wanted.language, pen.book
    return [
        {
            "number": case.number,
            "matter": case.matter,
            "matter_name": book.matter(case.matter, language),
            "domain": case.domain,
            "platform": case.platform,
            "source": case.source,
            "lead": case.lead or "",
            "lead_name": book.department(case.lead, language) if case.lead else "",
            "township": case.township or "",
            "township_name": book.area(case.township, language),
            "village": case.village or "",
            "cell": case.cell or "",
            "level": case.level.name.lower(),
            "occurred_at": case.occurred_at.astimezone(UTC),
            "received_at": case.received_at.astimezone(UTC),
            "due_at": case.due_at.astimezone(UTC) if case.due_at else None,
            "lon": case.lon,
            "lat": case.lat,
        }
        for case in pen.contents.cases
    ]


def figure_rows(pen: Pen) -> Rows:
    """Write the rows of the sheet's table, without those that it sums up."""
    return [{"code": row.code or "", "name": _name(pen, row), **_numbers(row)} for row in pen.contents.rows]


def _name(pen: Pen, row: Row) -> str:
    return pen.book.area(row.code, pen.wanted.language) if row.code else pen.say("sheet.table.elsewhere")


def _numbers(row: Row) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("pending", "amber", "overdue", "received", "closed")}


def _points(cases: Rows) -> geopandas.GeoDataFrame:
    points = [None if row["lon"] is None else shapely.Point(row["lon"], row["lat"]) for row in cases]
    frame = pd.DataFrame(cases, columns=list(cases[0]) if cases else COLUMNS)
    for name in ("occurred_at", "received_at", "due_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return geopandas.GeoDataFrame(frame, geometry=points, crs=CRS)


COLUMNS = [
    "number", "matter", "matter_name", "domain", "platform", "source", "lead", "lead_name", "township",
    "township_name", "village", "cell", "level", "occurred_at", "received_at", "due_at", "lon", "lat",
]  # fmt: skip


def _areas(pen: Pen, figures: Rows) -> geopandas.GeoDataFrame:
    field = "township" if pen.chosen is None else "village"
    shapes = {area.code: area.geometry for area in pen.plate.areas[field]}
    frame = pd.DataFrame(figures, columns=["code", "name", "pending", "amber", "overdue", "received", "closed"])
    geometry = [shapely.multipolygons([*shapely.get_parts(shapes[c])]) if c in shapes else None for c in frame["code"]]
    return geopandas.GeoDataFrame(frame, geometry=geometry, crs=CRS)


def _geopackage(pen: Pen, cases: Rows, figures: Rows, manifest: Mapping[str, Any]) -> bytes:
    said = pd.DataFrame([{"key": key, "value": _text(value)} for key, value in manifest.items()])
    # Else the file would bear the time at which it was written.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{pen.wanted.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sheet.gpkg"
            pyogrio.write_dataframe(_points(cases), path, layer="cases", driver="GPKG", geometry_type="Point")
            pyogrio.write_dataframe(_areas(pen, figures), path, layer="figures", append=True)
            pyogrio.write_dataframe(said, path, layer="manifest", append=True)
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _geojson(cases: Rows, manifest: Mapping[str, Any]) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": None if row["lon"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {key: _text(value) if isinstance(value, datetime) else value for key, value in row.items()},
        }
        for row in cases
    ]
    # RFC 7946, section 6.1: a foreign member, which readers that do not know it pass over.
    collection = {"type": "FeatureCollection", "manifest": dict(manifest), "features": features}
    return json.dumps(collection, ensure_ascii=False, default=_text).encode()


def _parquet(cases: Rows, manifest: Mapping[str, Any]) -> bytes:
    frame = _points(cases)
    frame.attrs = {"manifest": json.dumps(manifest, ensure_ascii=False, default=_text)}
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def _workbook(cases: Rows, figures: Rows, manifest: Mapping[str, Any], at: datetime) -> bytes:
    book = Workbook(write_only=True)
    said: Rows = [{"key": key, "value": _text(value)} for key, value in manifest.items()]
    for title, rows, columns in (
        ("cases", cases, COLUMNS),
        ("figures", figures, ["code", "name", "pending", "amber", "overdue", "received", "closed"]),
        ("manifest", said, ["key", "value"]),
    ):
        page = book.create_sheet(title)
        page.append(columns)
        for row in rows:
            page.append([_cell(row[name]) for name in columns])
    book.properties.created = book.properties.modified = at.astimezone(UTC).replace(tzinfo=None)
    file = io.BytesIO()
    book.save(file)
    return _redated(file.getvalue())


def _cell(value: Any) -> Any:
    """Give what a cell may hold: an instant as UTC text, and no text that a spreadsheet would run."""
    if isinstance(value, datetime):
        return _text(value)
    return ILLEGAL_CHARACTERS_RE.sub("", defused(value)) if isinstance(value, str) else value


def _redated(content: bytes) -> bytes:
    """Write a zip anew with one date for all of its files, so that it does not depend on the clock."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, FIRST_ZIP_DATE), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _zip(cases: Rows, figures: Rows, manifest: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        said = json.dumps(manifest, ensure_ascii=False, indent=1, default=_text)
        for name, text in {
            "cases.csv": _csv(cases, COLUMNS),
            "figures.csv": _csv(figures, ["code", "name", "pending", "amber", "overdue", "received", "closed"]),
            "manifest.json": said,
        }.items():
            archive.writestr(zipfile.ZipInfo(name, FIRST_ZIP_DATE), text.encode(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _csv(rows: Rows, columns: Sequence[str]) -> str:
    safe = [{key: _cell(value) for key, value in row.items()} for row in rows]
    # The mark of UTF-8 at the beginning is what Excel needs to read Chinese.
    return "\ufeff" + pd.DataFrame(safe, columns=list(columns)).to_csv(index=False, lineterminator="\r\n")


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
