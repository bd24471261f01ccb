"""CSV of any size as batches of text, whatever program wrote it: not a row is lost, not a cell changed."""

import codecs
import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from data.bulk.sheet import delimiter_of, encoding_within
from data.placing.errors import PlacingError

BLOCK_BYTES = 4 << 20
"""What is read at a time; a single row may be as long."""
GZIP = b"\x1f\x8b"


class CsvSource:
    """A CSV file, gzipped or not.

    Parameters
    ----------
    encoding
        Of the text; by default told as for imports: byte order mark, else UTF-8 where all of it is, else GB 18030.

    Attributes
    ----------
    schema
        All columns are text and stay as they are written.
    total
        Bytes of the file, which `batches` counts up to.

    Raises
    ------
    PlacingError
        There is no header, or the encoding is unknown.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.total = path.stat().st_size
        with path.open("rb") as raw:
            self._gzipped = raw.read(2) == GZIP
        self._encoding = self._known(encoding) if encoding else self._told()
        with self._text() as (text, _):
            self.delimiter = delimiter_of(text.readline())
        with self._text() as (text, _):
            header = next(csv.reader(text, delimiter=self.delimiter), [])
        if not any(header):
            raise PlacingError(f"{path.name} has no header: its first row should name the columns.")
        self.schema = pa.schema([(name.strip(), pa.string()) for name in header])

    def _known(self, encoding: str) -> str:
        try:
            return codecs.lookup(encoding).name
        except LookupError:
            raise PlacingError(f"--encoding {encoding!r} is unknown; write utf-8 or gb18030.") from None

    def _told(self) -> str:
        with self._bytes() as (data, _):
            return encoding_within(data)

    @contextmanager
    def _bytes(self) -> Iterator[tuple[BinaryIO, BinaryIO]]:
        """Give the file's content and the file itself, whose position says how much of it has been read."""
        try:
            with self.path.open("rb") as raw:
                yield (cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if self._gzipped else raw), raw
        except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
            raise PlacingError(f"{self.path.name} is cut off or damaged: {problem}.") from problem

    @contextmanager
    def _text(self) -> Iterator[tuple[io.TextIOWrapper, BinaryIO]]:
        with self._bytes() as (data, raw):
            # No newline is translated: a cell may hold one.
            yield io.TextIOWrapper(data, self._encoding, errors="replace", newline=""), raw

    def batches(self) -> Iterator[tuple[pa.RecordBatch, NDArray[np.bool_] | None, int]]:
        """Give batch after batch: rows, which of them have not as many cells as the header, bytes read so far.

        Raises
        ------
        PlacingError
            The text cannot be parted into rows.
        """
        width = len(self.schema)
        names = [f"c{place}" for place in range(width)]
        broken: deque[tuple[int, str]] = deque()

        def keep(row: arrow_csv.InvalidRow) -> str:
            broken.append((row.number, row.text))
            return "skip"

        with self._text() as (text, raw):
            reading = arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names)
            parsing = arrow_csv.ParseOptions(
                delimiter=self.delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            )
            as_text = arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            )
            try:
                # Closed even when nobody reads on: a reader left open at the end of the process aborts it.
                with arrow_csv.open_csv(_Utf8(text), reading, parsing, as_text) as reader:
                    yield from self._whole(reader, broken, raw)
            except pa.ArrowInvalid as problem:
                raise PlacingError(
                    f"{self.path.name} cannot be parted into rows near byte {raw.tell()}: {problem}. A quote that"
                    " never closes does that."
                ) from problem

    def _whole(
        self, reader: arrow_csv.CSVStreamingReader, broken: deque[tuple[int, str]], raw: BinaryIO
    ) -> Iterator[tuple[pa.RecordBatch, NDArray[np.bool_] | None, int]]:
        """Put the rows that the reader left out back where they stood."""
        row = 1
        for whole in reader:
            batch = whole
            if row == 1 and len(batch):
                # The first row is the header.
                batch, row = batch.slice(1), 2
            before: list[int] = []
            texts: list[str] = []
            while broken and broken[0][0] - row - len(before) <= len(batch):
                number, text = broken.popleft()
                before.append(number - row - len(before))
                texts.append(text)
            count = len(batch) + len(texts)
            row += count
            columns = batch.columns
            mask = None
            if texts:
                order = np.insert(np.arange(len(batch)), before, len(batch) + np.arange(len(texts)))
                cells = [self._cells(text) for text in texts]
                columns = [
                    pa.concat_arrays([column, pa.array([one[place] for one in cells], pa.string())]).take(
                        pa.array(order)
                    )
                    for place, column in enumerate(columns)
                ]
                mask = order >= len(batch)
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema), mask, raw.tell()

    def _cells(self, text: str) -> list[str]:
        """Give as many cells as there are columns: a short row is filled up, a long one keeps its rest in the last."""
        cells = next(csv.reader([text], delimiter=self.delimiter), [])
        width = len(self.schema)
        cells += [""] * (width - len(cells))
        return [*cells[: width - 1], self.delimiter.join(cells[width - 1 :])]


class _Utf8(io.RawIOBase):
    """Text as UTF-8, as Arrow wants it."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._source = text
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = BLOCK_BYTES if size is None or size < 0 else size
        while len(self._left) < wanted:
            more = self._source.read(BLOCK_BYTES)
            if not more:
                break
            # A surrogate alone, which some programs write, has no UTF-8.
            self._left += more.encode("utf-8", errors="replace")
        found, self._left = self._left[:wanted], self._left[wanted:]
        return found
