"""CSV with WKT (or hexadecimal WKB) and GeoParquet: tables whose geometry is a column."""

import codecs
import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from pyproj import CRS

from geo.errors import Unreadable
from geo.exchange.encodings import decide, known
from geo.exchange.features import BoundaryFile, Feature, TextEncoding, columns_of
from geo.exchange.ogr import crs_of
from geo.exchange.rings import feature_from_wkb, feature_from_wkt

_WKT = re.compile(r"\s*(SRID=(\d+);)?\s*(MULTI)?(POLYGON|POINT|LINESTRING|GEOMETRYCOLLECTION)", re.IGNORECASE)
_HEX = re.compile(r"\s*0[01](0[0-9A-F]){1}[0-9A-F]{16,}\s*", re.IGNORECASE)
_LARGEST_CELL = 1 << 28


def read_csv(path: Path, file: str, name: str, said: str | None) -> BoundaryFile:
    """Read a CSV file; every value stays the text that it is, so that no code loses its zeros."""
    raw = path.read_bytes()
    encoding = _encoding(raw, said)
    text = raw.decode("utf-8-sig" if encoding.name == "utf-8" else encoding.name, errors="replace")
    csv.field_size_limit(_LARGEST_CELL)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=head.count)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False))
    column = _geometry_column(rows)
    features = tuple(_row(number, row, column) for number, row in enumerate(rows, 1))
    srid = next((found[2] for row in rows if (found := _WKT.match(row[column] or "")) and found[2]), None)
    crs = f"EPSG:{srid}" if srid else None
    return BoundaryFile(file, name, "CSV", features, len(rows), crs, columns_of(features), encoding)


def _encoding(raw: bytes, said: str | None) -> TextEncoding:
    if said:
        name = known(said)
        if name is None:
            raise Unreadable(
                f"{said!r} is no encoding that is known here; say --encoding GBK or UTF-8, or leave it out"
            )
        return TextEncoding(name, "you say so")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", "it begins with the mark of UTF-16")
    return decide([line for line in raw.splitlines() if not line.isascii()], None)


def _geometry_column(rows: Sequence[Mapping[str, str]]) -> str:
    for row in rows:
        for column, value in row.items():
            if isinstance(value, str) and (_WKT.match(value) or _HEX.fullmatch(value)):
                return column
    raise Unreadable("has no column with WKT (POLYGON ((…))); name a file that has one")


def _row(number: int, row: Mapping[str, Any], column: str) -> Feature:
    properties = {str(key): value for key, value in row.items() if key not in {column, None}}
    value = row[column] or ""
    if _HEX.fullmatch(value):
        return feature_from_wkb(number, properties, bytes.fromhex(value.strip()))
    return feature_from_wkt(number, properties, value)


def read_parquet(path: Path, file: str, name: str) -> BoundaryFile:
    """Read a GeoParquet file, row by row: geopandas would lose the file for one open ring."""
    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as problem:
        raise Unreadable(f"is no Parquet file: {problem}; export it again") from problem
    told = (table.schema.metadata or {}).get(b"geo")
    if told is None:
        raise Unreadable("is Parquet without a geometry column of GeoParquet; export it as GeoParquet")
    geo = json.loads(told)
    column = geo["primary_column"]
    form = geo["columns"][column]
    if form.get("encoding") != "WKB":
        raise Unreadable(f"keeps its geometry as {form.get('encoding')}; export it as GeoParquet with WKB")
    shapes = table.column(column).to_pylist()
    rows = table.drop_columns([column]).to_pylist() if table.num_columns > 1 else [{}] * len(shapes)
    features = tuple(
        feature_from_wkb(number, row, shape) for number, (row, shape) in enumerate(zip(rows, shapes, strict=True), 1)
    )
    counted = pyarrow.parquet.read_metadata(path).num_rows
    # Without the key the standard means longitude and latitude; with null, that nobody knows.
    crs = "EPSG:4326" if "crs" not in form else crs_of(CRS.from_json_dict(form["crs"])) if form["crs"] else None
    return BoundaryFile(file, name, "GeoParquet", features, counted, crs, columns_of(features))
