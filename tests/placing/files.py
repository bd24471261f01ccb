"""Files with points in the toy county, and what comes out of them."""

import csv
import gzip
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from data.placing import Job, place_file
from data.placing.points import geo_metadata, wkb

ON = date(2026, 3, 4)
HEADER = ["编号", "经度", "纬度", "时间"]
ROWS = [
    ["1", "121.3125", "30.205", "2024-11-19 23:59:59"],
    ["2", "121.3125", "30.205", "2024-11-20 00:00:00"],
    ["3", "121.306", "30.215", "2026-03-04"],
    ["4", "121.31", "30.205", "2026-03-04"],
]


def csv_file(path: Path, rows, header=HEADER, encoding="utf-8", delimiter=",") -> Path:
    """Write rows as the csv module does; a text stands as it is."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        for row in rows:
            file.write(row) if isinstance(row, str) else writer.writerow(row)
    return path


def parquet_file(path: Path, columns: dict, metadata=None, **options) -> Path:
    """Write columns as Parquet."""
    table = pa.table(columns)
    parquet.write_table(table.replace_schema_metadata(metadata), path, **options)
    return path


def geoparquet_file(path: Path, lon, lat, crs="absent", **more) -> Path:
    """Write points as GeoParquet; `crs` as the metadata say it."""
    metadata = geo_metadata("point")
    if crs != "absent":
        said = b'"geometry_types": ["Point"]'
        metadata[b"geo"] = metadata[b"geo"].replace(said, said + b', "crs": ' + crs)
    return parquet_file(path, {"point": wkb(lon, lat), **more}, metadata)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read what was written, as another program would."""
    if path.suffix == ".gz":
        text = gzip.decompress(path.read_bytes()).decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines(keepends=True)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def placed(region, file: Path, out: Path, **options):
    """Place a file with the columns of `HEADER`; gives the summary."""
    settings = {"x": "经度", "y": "纬度", "crs": "EPSG:4490"} | options
    return place_file(Job(file=file, out=out, on=settings.pop("on", ON), **settings), region)


def column(rows, name) -> list:
    return [row[name] for row in rows]
