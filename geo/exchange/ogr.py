"""Everything that GDAL reads, geometry by geometry, and beside it a count of the raw file by other means."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import Unreadable
from geo.exchange.dbf import Table, read_dbf
from geo.exchange.features import BoundaryFile, Trouble, TroubleKind, columns_of
from geo.exchange.guarding import read_only
from geo.exchange.rings import feature_from_wkb
from geo.exchange.staging import Dataset

LEAST_CONFIDENCE = 25
"""How sure PROJ must be that a CRS without a number is one of EPSG's: Esri writes names and digits of its own."""
KINDS = {".shp": "Shapefile", ".gpkg": "GeoPackage", ".kml": "KML", ".fgb": "FlatGeobuf", ".gml": "GML"}


def layers_in(data: Dataset) -> list[str]:
    """Name the layers of a data set; a shapefile has one, which has the file's name."""
    if data.suffix == ".shp":
        return [data.name]
    try:
        return [str(name) for name, _ in pyogrio.list_layers(data.path)]
    except DataSourceError as problem:
        raise Unreadable(f"cannot be opened: {_reason(problem, data)}; export it again") from problem


def read_with_gdal(data: Dataset, file: str, layer: str, encoding: str | None) -> BoundaryFile:
    """Read one layer."""
    if data.suffix == ".shp":
        return _read_shapefile(data, file, encoding)
    meta, numbers, shapes, values, told = _raw(data, layer, encoding)
    columns = [str(name) for name in meta["fields"]]
    rows = zip(*(column.tolist() for column in values), strict=True) if columns else iter([()] * len(numbers))
    features = tuple(
        feature_from_wkb(number, dict(zip(columns, map(_plain, row), strict=True)), _wkb(shape))
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True), 1)
    )
    counted = _counted(data, layer, len(features))
    kind = KINDS.get(data.suffix, data.suffix.lstrip(".").upper())
    crs = crs_of(meta["crs"])
    return BoundaryFile(file, layer, kind, features, counted, crs, columns_of(features), None, tuple(told))


def _read_shapefile(data: Dataset, file: str, encoding: str | None) -> BoundaryFile:
    for ending in (".dbf", ".shx"):
        if not data.path.with_suffix(ending).is_file():
            raise Unreadable(
                f"{data.name}.shp lacks its {ending} file; a shapefile is several files: send all, as a zip"
            )
    table = read_dbf(data.path.with_suffix(".dbf"), encoding)
    meta, numbers, shapes, _, told = _raw(data, None, None, columns=[])
    found = dict(zip(numbers.tolist(), shapes, strict=True))
    features, lost = [], []
    for number, record in enumerate(table.records):
        if record is None:
            continue
        if number in found:
            features.append(feature_from_wkb(number + 1, _typed(record, table), _wkb(found[number])))
        else:
            lost.append(number + 1)
    counted = sum(record is not None for record in table.records)
    outlines = (data.path.with_suffix(".shx").stat().st_size - 100) // 8
    if outlines != len(table.records):
        says = f"has {len(table.records)} rows in its table but {outlines} outlines"
        told.append(Trouble(TroubleKind.LOST_FEATURE, says, "the files are not of one export: export them again"))
    crs = crs_of(meta["crs"])
    return BoundaryFile(
        file, data.name, "Shapefile", tuple(features), counted, crs, table.columns, table.encoding, tuple(told)
    )


def _typed(record: Mapping[str, str | None], table: Table) -> dict[str, Any]:
    """Make numbers of numeric columns, so that the check of codes sees that they are numbers."""
    return {key: _number(value) if key in table.numeric else value for key, value in record.items()}


def _number(text: str | None) -> float | int | str | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _raw(
    data: Dataset, layer: str | None, encoding: str | None, columns: Sequence[str] | None = None
) -> tuple[Mapping[str, Any], Any, Any, Sequence[Any], list[Trouble]]:
    """Read without making geometries, so that one bad one raises nothing; GDAL's own warnings become notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            meta, numbers, shapes, values = pyogrio.raw.read(
                data.path, layer=layer, encoding=encoding, columns=columns, return_fids=True
            )
        except UnicodeDecodeError as problem:
            raise Unreadable(f"has texts that are not {problem.encoding}: say --encoding, such as GBK") from problem
        except UnboundLocalError as problem:
            # So pyogrio 0.13 ends on a coordinate system that is written in no UTF-8.
            raise Unreadable(
                "has a coordinate system (.prj) that is no text; export it again, or remove it"
            ) from problem
        except (DataSourceError, DataLayerError, ValueError) as problem:
            raise Unreadable(f"cannot be read: {_reason(problem, data)}; export it again") from problem
    said = dict.fromkeys(str(warning.message).replace(str(data.path), data.name) for warning in caught)
    # Rings that do not close are named one by one.
    notes = [
        Trouble(TroubleKind.READER, f"made the reader say: {text}", "look at the result", harmless=True)
        for text in said
        if "closed ring" not in text
    ]
    shapes = shapes if shapes is not None else [None] * len(numbers)
    return meta, numbers, shapes, values, notes


def _reason(problem: Exception, data: Dataset) -> str:
    return str(problem).replace(str(data.path), data.name)


def _wkb(shape: object) -> bytes | None:
    return shape if isinstance(shape, bytes) else None


def _plain(value: object) -> object:
    """Make None of what stands for it: NaN in numbers, NaT in dates."""
    if isinstance(value, float) and np.isnan(value):
        return None
    return value if not isinstance(value, np.generic) else value.item()


def crs_of(declared: object) -> str | None:
    """Give a declared CRS by its EPSG number where it has one, else as it stands."""
    if not declared:
        return None
    try:
        found = CRS.from_user_input(declared)
        found = CRS.from_wkt(found.sub_crs_list[0].to_wkt()) if found.is_compound else found
        number = found.to_epsg(min_confidence=LEAST_CONFIDENCE)
    except CRSError:
        return str(declared)
    three_dimensional = {4979: 4326, 4480: 4490}
    return f"EPSG:{three_dimensional.get(number, number)}" if number else found.name


def _counted(data: Dataset, layer: str, read: int) -> int:
    """Count the features of a layer in the raw file; what cannot be counted is taken as read."""
    if data.suffix == ".gpkg":
        with closing(read_only(data.path)) as connection:
            quoted = layer.replace('"', '""')
            (count,) = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608 (quoted above)
        return int(count)
    if data.suffix == ".kml":
        marks = sum(1 for _ in _placemarks(data.path))
        others = sum(int(pyogrio.read_info(data.path, layer=name)["features"]) for name in layers_in(data))
        return read + max(marks - others, 0)
    return read


def _placemarks(path: Path) -> Iterator[re.Match[bytes]]:
    plain = re.sub(rb"<!--.*?-->", b"", path.read_bytes(), flags=re.DOTALL)
    return re.finditer(rb"<(?:\w+:)?Placemark[\s>/]", plain)
