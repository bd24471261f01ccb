"""One month as one Parquet file in spatial order, whatever its size.

Rows come in the order of time. Some are collected, put in order and laid down beside the file; in the end these sorted
runs are merged. What is in memory is a run, a row group, a few rows of each run, and thirty bytes for each row of the
month.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import parquet

from data.exporting.columns import SCHEMA
from data.placing.sinks import whole_or_nothing
from geo.crs import Bounds

RUN_ROWS = 100_000
GROUP_ROWS = 1 << 15
READ_ROWS = 1 << 11
LEVEL = 16
"""The curve goes through 2**16 squares in each direction, a metre wide in a county."""
NOWHERE = np.uint64(1 << 2 * LEVEL)
"""Place on the curve of a row without a point: behind all others."""


def places(batch: pa.RecordBatch | pa.Table, bounds: Bounds) -> NDArray[np.uint64]:
    """Give the place of each row's point on a Hilbert curve through the region's box; those beyond go to its edge."""
    lon, lat = (batch.column(name).to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    west, south, east, north = bounds
    found = np.full(len(lon), NOWHERE)
    there = np.flatnonzero(~np.isnan(lon))
    if len(there):
        points = shapely.points(np.clip(lon[there], west, east), np.clip(lat[there], south, north))
        found[there] = geopandas.GeoSeries(points).hilbert_distance(total_bounds=bounds, level=LEVEL).to_numpy()
    return found


class Run:
    """Sorted rows, given out once and in their order.

    Parameters
    ----------
    batches
        Read from the disk as they are needed: a map of the file would count as memory until somebody wants it back.
    """

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self._rest = SCHEMA.empty_table()

    def take(self, count: int) -> pa.Table:
        """Give the next rows."""
        parts = [self._rest]
        while sum(map(len, parts)) < count:
            parts.append(pa.Table.from_batches([next(self._batches)]))
        found = pa.concat_tables(parts)
        self._rest = found.slice(count)
        return found.slice(0, count)


class Part:
    """Takes the rows of a month and writes them in spatial order when they are all there.

    Use it in a ``with`` block: leaving it with an error leaves no file.

    Parameters
    ----------
    path
        The file; its folder is made with the first row.
    bounds
        Box of the region.
    """

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._path = path
        self._bounds = bounds
        self._waiting: list[pa.RecordBatch] = []
        self._runs: list[Run] = []
        self._keys: list[NDArray[np.uint64]] = []
        self._stack = ExitStack()
        self._folder: Path | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None and self.rows:
                self._finish()
            self._runs.clear()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take some more rows."""
        if not self.rows:
            self._make_room()
        self._waiting.append(batch)
        self.rows += len(batch)
        if sum(map(len, self._waiting)) >= RUN_ROWS:
            run = self._sorted()
            self._runs.append(self._laid_down(run))

    def _make_room(self) -> None:
        """Make the folder, and take away what an export left in it that was killed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for left in self._path.parent.glob(".runs-*"):
            shutil.rmtree(left)
        for left in self._path.parent.glob(f".{self._path.name}.*.part"):
            left.unlink()

    def _sorted(self) -> pa.Table:
        table = pa.Table.from_batches(self._waiting)
        self._waiting.clear()
        keys = places(table, self._bounds)
        # Stable: at one place the earlier case comes first, so that the same history gives the same file.
        order = np.argsort(keys, kind="stable")
        self._keys.append(keys[order])
        return table.take(pa.array(order))

    def _laid_down(self, run: pa.Table) -> Run:
        """Write a run to the disk."""
        if self._folder is None:
            # Not the system's folder for such files, which may itself be memory.
            name = self._stack.enter_context(tempfile.TemporaryDirectory(prefix=".runs-", dir=self._path.parent))
            self._folder = Path(name)
        path = self._folder / f"{len(self._runs)}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
            writer.write_table(run.combine_chunks(), max_chunksize=READ_ROWS)
        reader = pa.ipc.open_file(self._stack.enter_context(pa.OSFile(str(path))))
        return Run(reader.get_batch(number) for number in range(reader.num_record_batches))

    def _finish(self) -> None:
        if self._waiting:
            self._runs.append(Run(iter(self._sorted().to_batches())))
        options = {"compression": "zstd", "write_statistics": True}
        with whole_or_nothing(self._path) as file, parquet.ParquetWriter(file, SCHEMA, **options) as writer:
            for group in self._merged():
                writer.write_table(group, row_group_size=GROUP_ROWS)

    def _merged(self) -> Iterator[pa.Table]:
        """Give row group after row group: in each run, what belongs to a group lies side by side."""
        keys = np.concatenate(self._keys)
        run_of = np.repeat(np.arange(len(self._keys), dtype=np.int32), [len(run) for run in self._keys])
        order = np.argsort(keys, kind="stable")
        for first in range(0, len(order), GROUP_ROWS):
            here = np.sort(order[first : first + GROUP_ROWS])
            counts = np.bincount(run_of[here], minlength=len(self._runs)).tolist()
            rows = pa.concat_tables([run.take(count) for run, count in zip(self._runs, counts, strict=True)])
            # One behind the other, run by run: sorting them once more by key, stably, is the order wanted.
            yield rows.take(pa.array(np.argsort(keys[here], kind="stable")))
