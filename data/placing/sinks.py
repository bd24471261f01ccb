"""Writing batches: CSV, Parquet, GeoParquet. A file appears under its name when all of it is there, or not at all."""

import gzip
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyarrow import parquet

from data.placing.errors import PlacingError
from data.placing.numerals import plain_column
from data.placing.points import GEOMETRY, KEY, geo_metadata

BYTE_ORDER_MARK = "\ufeff"
NEWLINE = "\r\n"
GROUP_ROWS = 1 << 17
FORMATS = (".csv", ".csv.gz", ".parquet", ".geoparquet")


class Sink(Protocol):
    """Takes batches of the schema that it was opened with."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch behind those that came before."""
        ...


def format_of(out: Path) -> str:
    """Tell the format by the ending of the name; raises PlacingError."""
    for ending in reversed(FORMATS):
        if out.name.lower().endswith(ending):
            return ending
    raise PlacingError(f"--out {out.name!r} has no ending that says the format; write one of: {', '.join(FORMATS)}.")


@contextmanager
def whole_or_nothing(out: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes its name when everything is on the disk; on an error it vanishes."""
    # Not the process id: two machines that share a folder may have the same.
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def sink(out: Path, schema: pa.Schema, points: str | None, delimiter: str) -> Iterator[Sink]:
    """Open a file of the format that its name says.

    Parameters
    ----------
    points
        Column of WKB points, if there is one; it makes a ``.parquet`` file GeoParquet and is written as WKT in CSV.
    """
    with whole_or_nothing(out) as file:
        if format_of(out).startswith(".csv"):
            data = cast(BinaryIO, gzip.GzipFile("", "wb", 6, file, mtime=0)) if out.name.endswith(".gz") else file
            yield CsvSink(data, schema, points, delimiter)
            if data is not file:
                data.close()
        else:
            with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
                rows = ParquetSink(writer)
                yield rows
                rows.flush()


class ParquetSink:
    """Collects batches into row groups, since small ones make a file large and slow."""

    def __init__(self, writer: parquet.ParquetWriter) -> None:
        self._writer = writer
        self._waiting: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch behind those that came before."""
        self._waiting.append(batch)
        if sum(map(len, self._waiting)) >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what has been collected."""
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting))
            self._waiting.clear()


class CsvSink:
    """Writes text with quotes only where a cell needs them, as most programs do; Arrow's own writer quotes all text.

    Raises
    ------
    PlacingError
        A column holds what has no text.
    """

    def __init__(self, file: BinaryIO, schema: pa.Schema, points: str | None, delimiter: str) -> None:
        self._file = file
        self._points = points
        self._delimiter = delimiter
        self._special = f'["\r\n{delimiter}]'
        for field in schema:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if field.name != points and (pa.types.is_nested(kind) or pa.types.is_binary(kind)):
                raise PlacingError(f"The column {field.name!r} holds {kind}, which CSV cannot; write Parquet.")
        # Excel in China reads UTF-8 only behind a byte order mark.
        header = self._lines([pa.array([name], pa.string()) for name in schema.names])
        self._file.write(BYTE_ORDER_MARK.encode() + header)

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch behind those that came before."""
        if len(batch):
            self._file.write(self._lines([self._text(name, batch.column(name)) for name in batch.schema.names]))

    def _text(self, name: str, column: pa.Array) -> pa.Array:
        if name == self._points:
            if pa.types.is_struct(column.type):
                x, y = (pc.struct_field(column, axis).cast(pa.string()) for axis in "xy")
                return pc.binary_join_element_wise("POINT (", x, " ", y, ")", "")
            texts = shapely.to_wkt(shapely.from_wkb(column.to_numpy(zero_copy_only=False)), rounding_precision=-1)
            return pa.array(texts, pa.string())
        return plain_column(column).cast(pa.string())

    def _lines(self, columns: list[pa.Array]) -> memoryview:
        cells = [self._quoted(column.fill_null("")) for column in columns]
        cells[-1] = pc.binary_join_element_wise(cells[-1], pa.scalar(NEWLINE), "")
        lines = pc.binary_join_element_wise(*cells, self._delimiter) if len(cells) > 1 else cells[0]
        # The texts of an Arrow array lie one behind the other: they are the file's content already.
        offsets = memoryview(lines.buffers()[1]).cast("i")
        return memoryview(lines.buffers()[2])[offsets[lines.offset] : offsets[lines.offset + len(lines)]]

    def _quoted(self, column: pa.Array) -> pa.Array:
        special = pc.match_substring_regex(column, self._special)
        if not pc.any(special).as_py():
            return column
        doubled = pc.replace_substring(column, '"', '""')
        return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def with_points(schema: pa.Schema) -> pa.Schema:
    """Give a schema with a point column in longitude and latitude of WGS 84."""
    metadata: Mapping[bytes, bytes] = schema.metadata or {}
    kept = {key: value for key, value in metadata.items() if key != KEY}
    return schema.append(pa.field(GEOMETRY, pa.binary())).with_metadata({**kept, **geo_metadata()})
