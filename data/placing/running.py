"""A file in, a file out: each row with the areas of its point, in the order and number in which the rows came."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.placing import flags, numerals, points, times
from data.placing.csv_source import CsvSource
from data.placing.errors import PlacingError
from data.placing.flags import ALL_FLAGS, BIT, NO_TIME, Bits
from data.placing.parquet_source import MAGIC, ParquetSource
from data.placing.placer import Days, Placed, Placer
from data.placing.sinks import format_of, sink, with_points
from data.region import Region
from data.region.settings import TOWNSHIP
from geo.crs import Floats, crs_name

Source = CsvSource | ParquetSource
Progress = Callable[[int, int], None]
"""Called after each batch with rows and part of the source's total done so far."""

OWN_COLUMN = {"grid": "cell"}
SHOWN = 5
"""Rows that the summary names of each kind of bad one."""
BAD = (flags.CELLS, "missing", "unreadable", "not_finite", "zero", "out_of_range", *NO_TIME)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with a file.

    Attributes
    ----------
    x, y
        Columns of the coordinates, longitude or easting first; None takes the point column of GeoParquet.
    crs
        CRS of the coordinates; None takes that of GeoParquet.
    time
        Column of the times that decide whose boundaries hold; None takes `on` for all rows.
    time_format
        See `data.placing.times.days`.
    layers
        Layers that get a column; None is all of the region.
    prefix
        Begins the names of the columns that are added.
    encoding
        Of a CSV file; None finds out.
    county
        Column of county codes, by which a cluster parts its output; None takes the county of the township.
    """

    file: Path
    out: Path
    on: date
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    time: str | None = None
    time_format: str | None = None
    layers: Sequence[str] | None = None
    prefix: str = ""
    encoding: str | None = None
    county: str | None = None


@dataclass
class Summary:
    """What became of the rows.

    Attributes
    ----------
    located
        Rows that lie in a township.
    flags
        Flag to the number of rows that have it.
    examples
        Flag to the first rows (1 is the first one below the header) whose cells say nothing that can be used.
    """

    rows: int = 0
    located: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)

    def add(self, said: Bits, located: int) -> None:
        """Count a batch."""
        kinds, counts = np.unique(said, return_counts=True)
        for kind, count in zip(kinds, counts, strict=True):
            self.flags.update({flag: int(count) for flag, bit in BIT.items() if kind & bit})
        for flag in BAD:
            known = self.examples.setdefault(flag, [])
            if len(known) < SHOWN:
                rows = np.flatnonzero(said & BIT[flag])[: SHOWN - len(known)]
                known.extend(int(row) + self.rows + 1 for row in rows)
        self.rows += len(said)
        self.located += located


def place_file(job: Job, region: Region, progress: Progress = lambda _rows, _done: None) -> Summary:
    """Place every row of a file and write it with the columns that say where.

    Raises
    ------
    PlacingError
        A file, a column or an option cannot be used; then nothing is written.
    UnknownCRS
        The CRS cannot be read.
    """
    return prepared(job, region).run(progress)


def prepared(job: Job, region: Region) -> "Run":
    """Look at everything that can be looked at before the first row; raises as `place_file` does."""
    if not job.out.parent.is_dir():
        raise PlacingError(f"There is no folder {job.out.parent} for --out; make it or name another one.")
    if job.out.resolve() == job.file.resolve():
        raise PlacingError(f"--out would overwrite {job.file}; give it another name.")
    format_of(job.out)
    check_layers(job, region)
    return Run(job, region, opened(job.file, job.encoding))


def check_layers(job: Job, region: Region) -> None:
    """Refuse layers that the region does not have; raises PlacingError."""
    unknown = [name for name in job.layers or () if name not in region.layers]
    if unknown:
        raise PlacingError(f"The region has no layer {unknown[0]!r}; it has: {', '.join(region.layers)}.")


def placer_of(region: Region, layers: Sequence[str] | None) -> Placer:
    """Make a placer for some layers (None: all); townships are always looked at, since rows are counted by them."""
    return Placer(region, None if layers is None else list(dict.fromkeys([*layers, TOWNSHIP])))


def opened(file: Path, encoding: str | None = None) -> Source:
    """Open a file as what it is, whatever its name says; raises PlacingError."""
    if not file.is_file():
        raise PlacingError(f"There is no file {file}.")
    with file.open("rb") as start:
        magic = start.read(len(MAGIC))
    if magic == MAGIC:
        return ParquetSource(file)
    if file.suffix.lower() in {".parquet", ".geoparquet", ".xlsx", ".xls"} or magic.startswith(b"PK"):
        raise PlacingError(f"{file.name} is neither Parquet nor CSV; save it as one of them.")
    return CsvSource(file, encoding)


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of answers.

    Attributes
    ----------
    batch
        Rows as they are written.
    days
        (n,) local day of each row, NaT where it is not known.
    townships
        (n,) code of the township, null outside every one.
    done
        Part of the source's total done so far.
    """

    batch: pa.RecordBatch
    days: Days
    townships: pa.Array
    done: int


class Run:
    """A job whose columns have been found.

    Parameters
    ----------
    placer
        What `placer_of` gives for the region and the job's layers; it may serve many runs.
    """

    def __init__(self, job: Job, region: Region, source: Source, placer: Placer | None = None) -> None:
        self.job, self.source = job, source
        self._zone = region.zone
        schema = source.schema
        geo = points.point_column(schema, job.file.name)
        if (job.x is None) != (job.y is None):
            raise PlacingError("--x and --y name two columns; give both, or neither for GeoParquet.")
        if job.x is None and geo is None:
            raise PlacingError(f"{job.file.name} has no point column; name two columns of numbers with --x and --y.")
        self.own_points = None if geo is None else geo.name
        crs = job.crs or (geo.crs if geo is not None and job.x is None else None)
        if crs is None:
            raise PlacingError(
                f"{job.file.name} does not say its CRS and a shifted point cannot be told from a true one; say it"
                " with --crs, such as EPSG:4490, EPSG:4549, GCJ-02 or BD-09."
            )
        self._crs = crs_name(crs)
        for name in (job.x, job.y, job.time, job.county):
            self._check_column(name)
        for name in (job.x, job.y):
            if name is not None:
                numerals.check_type(name, schema.field(name).type)
        if job.time is not None:
            times.check_type(job.time, schema.field(job.time).type)
        self._layers = tuple(region.layers if job.layers is None else job.layers)
        self._placer = placer or placer_of(region, job.layers)
        self.schema = self._out_schema()

    def _check_column(self, name: str | None) -> None:
        names = self.source.schema.names
        if name is not None and names.count(name) != 1:
            has = ", ".join(repr(one) for one in names)
            how = "two columns" if name in names else "no column"
            raise PlacingError(f"{self.job.file.name} has {how} {name!r}; it has: {has}.")

    @property
    def _adds_points(self) -> bool:
        return format_of(self.job.out) == ".geoparquet" and self.own_points is None

    def _out_schema(self) -> pa.Schema:
        layers = [OWN_COLUMN.get(layer, layer) for layer in self._layers]
        added = [(name, pa.string()) for name in (*layers, "flags", "nearest")]
        fields = [pa.field(self.job.prefix + name, kind) for name, kind in (*added, ("nearest_m", pa.float64()))]
        schema = self.source.schema
        wanted = [one.name for one in fields] + [points.GEOMETRY] * self._adds_points
        taken = [name for name in wanted if name in schema.names]
        if taken:
            raise PlacingError(
                f"{self.job.file.name} has a column {taken[0]!r} already; begin the new ones with --prefix, as om_."
            )
        whole = pa.schema([*schema, *fields], metadata=schema.metadata)
        return with_points(whole) if self._adds_points else whole

    def run(self, progress: Progress) -> Summary:
        """Place every row; see `place_file`."""
        summary = Summary()
        with sink(self.job.out, self.schema, self.own_points, self.source.delimiter) as out:
            for rows in self.answers(summary):
                out.write(rows.batch)
                progress(summary.rows, rows.done)
        return summary

    def answers(self, summary: Summary) -> Iterator["Rows"]:
        """Give the rows batch after batch, and count them."""
        for batch, broken, done in self.source.batches():
            placed, said, days = self._place(batch, broken)
            townships = placed.areas[TOWNSHIP]
            summary.add(said, len(batch) - townships.null_count)
            yield Rows(self._joined(batch, placed, said), days, townships, done)

    def _place(self, batch: pa.RecordBatch, broken: NDArray[np.bool_] | None) -> tuple[Placed, Bits, Days]:
        x, y, said = self._coordinates(batch)
        days: Days = np.full(len(batch), np.datetime64(self.job.on, "D"))
        if self.job.time is not None:
            days, timely = times.days(batch.column(self.job.time), self._zone, self.job.time_format)
            said |= timely
        if broken is not None:
            x[broken] = y[broken] = np.nan
            said[broken] = BIT[flags.CELLS]
        placed = self._placer.place(x, y, self._crs, self.job.on if self.job.time is None else days)
        # What a cell says of itself is more than that its number is none.
        wordless = placed.flags & np.where(said & _CELL_FLAGS, ~BIT["not_finite"], np.uint32(0xFFFFFFFF))
        return placed, said | wordless, days

    def _coordinates(self, batch: pa.RecordBatch) -> tuple[Floats, Floats, Bits]:
        if self.job.x is None or self.job.y is None:
            return points.coordinates(batch.column(self.own_points))
        x, of_x = numerals.numbers(batch.column(self.job.x))
        y, of_y = numerals.numbers(batch.column(self.job.y))
        return x, y, of_x | of_y

    def _joined(self, batch: pa.RecordBatch, placed: Placed, said: Bits) -> pa.RecordBatch:
        added = [placed.areas[layer] for layer in self._layers]
        added += [flags.written(said), placed.nearest, placed.nearest_m]
        if self._adds_points:
            added.append(points.wkb(placed.lon, placed.lat))
        return pa.RecordBatch.from_arrays([*batch.columns, *added], schema=self.schema)


_CELL_FLAGS = np.uint32(sum(int(BIT[flag]) for flag in (flags.CELLS, "missing", "unreadable", "not_finite")))

__all__ = ["ALL_FLAGS", "Job", "Summary", "place_file"]
