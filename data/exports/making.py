"""Making an export: part after part, each whole before it is listed; whoever goes on begins behind the last one."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection, Engine

from data.engine import reading
from data.exporting.rows import last_revision
from data.exports import workbook
from data.exports.queue import Export, Lost, end, find, hear
from data.exports.reading import BEGINNING, COLUMNS, SCHEMA, Key, Names, batches, count
from data.placing.points import GEOMETRY
from data.placing.sinks import whole_or_nothing

PART_ROWS = 250_000
GROUP_ROWS = 1 << 16
HEARD_EVERY_S = 1.0
MANIFEST = "manifest.json"
IN_A_SHEET = [column.name for column in COLUMNS if column.name != GEOMETRY]
Told = Callable[[int, int], None]


class Maker:
    """Makes one export that was taken.

    Parameters
    ----------
    folder
        That of all exports; each has one of its own in it, by its number.
    names
        Gives names of codes.
    now
        The present, aware.
    told
        Called with the cases done and the cases in all.
    about
        What the manifest says besides: region, boundaries.
    part_rows
        Cases of one file.
    """

    def __init__(
        self, engine: Engine, export: Export, folder: Path, names: Names, now: Callable[[], datetime],
        told: Told = lambda _done, _total: None, about: dict[str, Any] | None = None, part_rows: int = PART_ROWS,
    ) -> None:  # fmt: skip
        self.engine, self.export, self.names, self.now, self.told = engine, export, names, now, told
        self.folder = folder / str(export.id)
        self.about, self.part_rows = about or {}, min(part_rows, workbook.MOST_ROWS)
        self.parts = [dict(part) for part in export.parts]
        self.done = sum(part["rows"] for part in self.parts)
        self.total = export.total
        self._heard = time.monotonic()

    def make(self) -> None:
        """Make what is missing.

        Raises
        ------
        Lost
            It was cancelled, or somebody else makes it.
        OSError
            The disk is full, or cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".*.part"):
            left.unlink()
        try:
            with reading(self.engine) as connection:
                # What was counted before it broke off may be fewer now.
                self.total = count(connection, self.export.filters)
                hear(self.engine, self.export, self.now(), total=self.total, done=self.done)
                self.told(self.done, self.total)
                revision = last_revision(connection)
                while self._part(connection, revision):
                    pass
            self._manifest()
            end(self.engine, self.export, self.now(), done=self.done, total=self.done)
        except Lost:
            self._leave()
            raise

    def _part(self, connection: Connection, revision: int) -> bool:
        """Make the next part; say whether there may be another one."""
        last = self.parts[-1]["last"] if self.parts else None
        after: Key = (last[0], last[1]) if last else BEGINNING
        found = _Counted(batches(connection, self.export.filters, after, self.part_rows, self.names), self._on)
        first = next(found, None)
        if first is None and self.parts:
            return False
        name = f"cases-{len(self.parts) + 1:04}.{self.export.form}"
        with whole_or_nothing(self.folder / name) as file:
            WRITERS[self.export.form](file, _chained(first, found))
        body = self.folder / name
        with body.open("rb") as file:
            digest = _digest(file)
        self.done += found.rows
        entry = {"name": name, "rows": found.rows, "bytes": body.stat().st_size, "sha256": digest, "revision": revision}
        self.parts.append({**entry, "last": list(found.last)})
        hear(self.engine, self.export, self.now(), parts=self.parts, done=self.done)
        self.told(self.done, max(self.total or 0, self.done))
        return found.rows == self.part_rows

    def _on(self, rows: int) -> None:
        """Say how far it is, once a second."""
        if time.monotonic() - self._heard >= HEARD_EVERY_S:
            self._heard = time.monotonic()
            hear(self.engine, self.export, self.now(), done=self.done + rows)
            self.told(self.done + rows, max(self.total or 0, self.done + rows))

    def _manifest(self) -> None:
        revisions = {part["revision"] for part in self.parts}
        said = {
            "form": self.export.form,
            "wanted": dict(self.export.wanted),
            "asked_at": self.export.asked_at.isoformat(),
            "rows": self.done,
            # Broken off and taken up again, it is of several moments, which each file names.
            "one_moment": len(revisions) == 1,
            "basis": "as occurred",
            "axes": "lon, lat",
            "crs": "OGC:CRS84",
            "zone": "UTC",
            "columns": [column.name for column in COLUMNS if self.export.form == "parquet" or column.name != GEOMETRY],
            **self.about,
            "files": [{key: value for key, value in part.items() if key != "last"} for part in self.parts],
        }
        with whole_or_nothing(self.folder / MANIFEST) as file:
            file.write(json.dumps(said, ensure_ascii=False, indent=1, default=str).encode())

    def _leave(self) -> None:
        """Take away what nobody wants any more: it was cancelled."""
        try:
            find(self.engine, self.export.id, None)
        except ValueError:
            shutil.rmtree(self.folder, ignore_errors=True)


def make(*parts: Any, **more: Any) -> None:
    """Make an export; see `Maker`."""
    Maker(*parts, **more).make()


class _Counted:
    """Batches, counted as they go by; remembers where the last one ended."""

    def __init__(self, found: Iterator[tuple[pa.RecordBatch, Key]], on: Callable[[int], None]) -> None:
        self._found, self._on = found, on
        self.rows, self.last = 0, BEGINNING

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> pa.RecordBatch:
        batch, self.last = next(self._found)
        self.rows += len(batch)
        self._on(self.rows)
        return batch


def _chained(first: pa.RecordBatch | None, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    if first is not None:
        yield first
    yield from rest


def _parquet(file: Any, found: Iterator[pa.RecordBatch]) -> None:
    with parquet.ParquetWriter(file, SCHEMA, compression="zstd", write_statistics=True) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in found:
            waiting.append(batch)
            if sum(map(len, waiting)) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting.clear()
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _workbook(file: Any, found: Iterator[pa.RecordBatch]) -> None:
    workbook.write(file, IN_A_SHEET, found)


WRITERS = {"parquet": _parquet, "xlsx": _workbook}


def _digest(file: Any) -> str:
    found = sha256()
    while block := file.read(1 << 20):
        found.update(block)
    return found.hexdigest()
