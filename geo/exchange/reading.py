"""The door for boundary files of every format: nothing that the file holds is lost without a word."""

import csv
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow
import pyogrio.errors
from shapely.errors import ShapelyError

from geo.errors import Unreadable
from geo.exchange import geojson, ogr, tables
from geo.exchange.features import BoundaryFile, Trouble, TroubleKind
from geo.exchange.guarding import guard, guard_parquet
from geo.exchange.staging import Dataset, staged

JSON = frozenset({".geojson", ".json", ".topojson"})
CSV = frozenset({".csv", ".txt"})
PARQUET = frozenset({".parquet", ".geoparquet"})

BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RecursionError),
    *(TypeError, ValueError, csv.Error, pyarrow.ArrowException, pyogrio.errors.DataSourceError),
    *(pyogrio.errors.DataLayerError, ShapelyError, sqlite3.Error, struct.error, zlib.error),
)
"""What readers raise over bytes that no program wrote. Whatever it is, the file is at fault and its sender is told."""

Reader = Callable[[], BoundaryFile]


def layers_of(path: Path, encoding: str | None = None) -> list[str]:
    """Name every layer that a file offers.

    Raises
    ------
    Unreadable
        The file cannot be opened.
    """
    with _broken_is_unreadable(path), staged(path) as datasets:
        return list(_offers(path, datasets, encoding))


def read_boundaries(path: Path, layer: str | None = None, encoding: str | None = None) -> BoundaryFile:
    """Read one layer of a boundary file: GeoJSON, Shapefile, GeoPackage, KML, TopoJSON, CSV, GeoParquet, zipped or not.

    Parameters
    ----------
    layer
        Which layer of a file that offers several; without it such a file is refused with their names.
    encoding
        Of the texts, for those who know better than the file; else it is decided by the bytes.

    Raises
    ------
    Unreadable
        The file cannot be read at all, or the layer is not named and must be.
    """
    with _broken_is_unreadable(path), staged(path) as datasets:
        offers = _offers(path, datasets, encoding)
        if layer is None and len(offers) > 1:
            raise Unreadable(f"{path.name} holds the layers {', '.join(offers)}; name one as FILE::LAYER")
        chosen = layer if layer is not None else next(iter(offers), None)
        if chosen is None or chosen not in offers:
            raise Unreadable(f"{path.name} has no layer {layer!r}; it holds {', '.join(offers) or 'none'}")
        try:
            return _complete(offers[chosen]())
        except Unreadable as problem:
            raise Unreadable(f"{path.name} {problem}" if path.name not in str(problem) else str(problem)) from problem


@contextmanager
def _broken_is_unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except BROKEN as problem:
        said = f"{type(problem).__name__}: {problem}"
        raise Unreadable(f"{path.name} is damaged ({said:.200}); export it again") from problem


def _offers(path: Path, datasets: list[Dataset], encoding: str | None) -> dict[str, Reader]:
    """Layer name to how it is read; with several data sets in an archive, theirs before it."""
    offers: dict[str, Reader] = {}
    for data in datasets:
        try:
            found = _layers(path, data, encoding)
        except Unreadable as problem:
            if len(datasets) == 1:
                raise Unreadable(f"{path.name} {problem}") from problem
            continue  # a note or a style sheet beside the data
        for name, reader in found.items():
            alone = len(found) == 1 or len(datasets) == 1
            offers[name if alone else f"{data.name}/{name}"] = reader
    return offers


def _layers(path: Path, data: Dataset, encoding: str | None) -> dict[str, Reader]:
    guard(data.path)
    if data.suffix in JSON:
        content = geojson.parse(data.path)
        return {
            name or data.name: lambda name=name: geojson.read_json(content, path.name, name, name or data.name)  # type: ignore[misc]
            for name in geojson.layers_in(content)
        }
    if data.suffix in CSV:
        return {data.name: lambda: tables.read_csv(data.path, path.name, data.name, encoding)}
    if data.suffix in PARQUET:
        guard_parquet(data.path)
        return {data.name: lambda: tables.read_parquet(data.path, path.name, data.name)}
    return {
        name: lambda name=name: ogr.read_with_gdal(data, path.name, name, encoding)  # type: ignore[misc]
        for name in ogr.layers_in(data)
    }


def _complete(content: BoundaryFile) -> BoundaryFile:
    """Add what the file as a whole says: features that were lost, and how its texts were read."""
    told = list(content.troubles)
    lost = content.counted - len(content.features)
    if lost:
        says = f"holds {content.counted} features, but the reader gave {len(content.features)}"
        told.append(Trouble(TroubleKind.LOST_FEATURE, says, "export it again, or in another format"))
    if content.encoding is not None:
        encoding = content.encoding
        remedy = "say --encoding if names look wrong"
        says = f"has texts in {encoding.name.upper()}: {encoding.why}"
        told.append(Trouble(TroubleKind.ENCODING, says, remedy, harmless=encoding.certain))
    return replace(content, troubles=tuple(told))
