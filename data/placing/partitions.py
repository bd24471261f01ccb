"""The output of several processes: a folder with one sub-folder for each month and county.

    OUT/month=2026-03/county=330282/00017.parquet

The file is named by the piece that it comes from, and is written under another name first. So a piece that is done
again, because its worker was lost, replaces its own files by equal ones and leaves no row twice. A piece is done when
its receipt stands, which is written last. All of it grows in a hidden folder, which takes the name OUT at the end.
"""

import glob
import os
import shutil
import socket
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.placing.errors import PlacingError
from data.placing.numerals import is_text, plain_column
from data.placing.parquet_source import ParquetSource
from data.placing.pieces import PLAN_DIGITS, Piece, Receipt
from data.placing.placer import Placer
from data.placing.running import SHOWN, Job, Rows, Run, Summary
from data.placing.sinks import FORMATS, sink, whole_or_nothing
from data.region import Region
from data.region.settings import TOWNSHIP

MONTH, COUNTY = "month", "county"
NOBODY_KNOWS = "__HIVE_DEFAULT_PARTITION__"
"""How Hive, Spark, Arrow and DuckDB name the folder of rows without a value."""
DONE = "_done"
COUNTY_DIGITS, TOWNSHIP_DIGITS = 6, 9
"""Of the codes of GB/T 2260 and GB/T 10114: a township's begins with its county's."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Partitions:
    """Where the pieces of a job are written.

    Attributes
    ----------
    folder
        Hidden folder beside the output, which all workers see.
    """

    job: Job
    folder: Path

    @property
    def keys(self) -> tuple[str, str]:
        """Names of the two levels of folders."""
        return self.job.prefix + MONTH, self.job.prefix + COUNTY

    def receipt_of(self, number: int) -> Path:
        """Give the place of a piece's receipt."""
        return self.folder / DONE / f"{number:05}.json"

    def receipt(self, number: int) -> Receipt | None:
        """Read the receipt of a piece; None while it is not done."""
        try:
            return Receipt.read(self.receipt_of(number).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def file_of(self, key: Key, number: int) -> Path:
        """Give the path of a piece's rows of a month and county, below the folder."""
        month, county = (f"{name}={value}" for name, value in zip(self.keys, key, strict=True))
        return Path(month, county, f"{number:05}{ending_of(self.job.out)}")


def ending_of(out: Path) -> str:
    """Give the ending of the files in an output folder: ``.geoparquet`` if its name has it; raises PlacingError."""
    ending = next((one for one in FORMATS if out.name.lower().endswith(one)), ".parquet")
    if ending.startswith(".csv"):
        raise PlacingError(f"--out {out.name!r}: a cluster writes a folder of Parquet files; leave out {ending}.")
    return ending


def run_of(partitions: Partitions, source: ParquetSource, region: Region, placer: Placer | None = None) -> Run:
    """Find the columns of a file; raises PlacingError, also for a column named as the folders are."""
    job = partitions.job
    run = Run(replace(job, file=source.path, out=Path(f"piece{ending_of(job.out)}")), region, source, placer)
    taken = [name for name in partitions.keys if name in run.schema.names]
    if taken:
        raise PlacingError(
            f"{source.path.name} has a column {taken[0]!r}, as the folders are named; begin the new names with"
            " --prefix, as om_."
        )
    return run


def place_piece(
    partitions: Partitions, piece: Piece, region: Region, placer: Placer | None = None, loads: int = 0
) -> Receipt:
    """Place the rows of a piece and write them; a piece that is done already is left as it is.

    Parameters
    ----------
    loads
        Goes into the receipt.

    Raises
    ------
    PlacingError
        The file cannot be read, or is not what it was.
    """
    done = partitions.receipt(piece.number)
    if done is not None:
        return done
    source = ParquetSource(piece.file, piece.groups)
    run = run_of(partitions, source, region, placer)
    counties = counties_of(region)
    summary = Summary()
    parts: defaultdict[Key, list[pa.RecordBatch]] = defaultdict(list)
    for rows in run.answers(summary):
        for key, batch in parted(rows, partitions.job, counties):
            parts[key].append(batch)
    files = {}
    # One file at a time: a province would need more of them than a process may open.
    for key in sorted(parts):
        batches = parts.pop(key)
        path = partitions.file_of(key, piece.number)
        files[str(path)] = sum(map(len, batches))
        _write(partitions.folder / path, run, batches)
    process = f"{socket.gethostname()}:{os.getpid()}"
    receipt = Receipt(
        piece.number, summary.rows, summary.located, dict(summary.flags), summary.examples, files, process, loads
    )
    with whole_or_nothing(partitions.receipt_of(piece.number)) as file:
        file.write(receipt.written().encode())
    return receipt


def _write(path: Path, run: Run, batches: Sequence[pa.RecordBatch]) -> None:
    # Not the whole way down: a straggler must not bring back a folder that has taken its name.
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.mkdir(exist_ok=True)
    with sink(path, run.schema, run.own_points, run.source.delimiter) as out:
        for batch in batches:
            out.write(batch)


def counties_of(region: Region) -> dict[str, str]:
    """Give the county of each township: its parent in the region, else the first six digits of its code."""
    found = {}
    for area in region.layers[TOWNSHIP].areas:
        in_digits = area.code.isdecimal() and len(area.code) >= TOWNSHIP_DIGITS
        county = area.parent or (area.code[:COUNTY_DIGITS] if in_digits else None)
        if county:
            found[area.code] = county
    return found


def parted(rows: Rows, job: Job, counties: dict[str, str]) -> Iterator[tuple[Key, pa.RecordBatch]]:
    """Part a batch by month and county, each part in the order in which its rows came."""
    months, which_month = np.unique(rows.days.astype("datetime64[M]"), return_inverse=True)
    if job.county is None:
        names, which_county = _numbered(rows.townships, counties)
    else:
        names, which_county = _numbered(rows.batch.column(job.county), None)
    keys = which_month.ravel() * len(names) + which_county
    for key in np.unique(keys).tolist():
        month, county = months[key // len(names)], names[key % len(names)]
        here = np.flatnonzero(keys == key)
        batch = rows.batch if len(here) == len(keys) else rows.batch.take(pa.array(here))
        yield (NOBODY_KNOWS if np.isnat(month) else str(month), county), batch


def _numbered(column: pa.Array, counties: dict[str, str] | None) -> tuple[list[str], NDArray[np.int64]]:
    """Give the names of folders, and which of them each row belongs to."""
    column = plain_column(column)
    if not is_text(column.type):
        column = column.cast(pa.string())
    encoded = pc.utf8_trim_whitespace(column).dictionary_encode()
    values = encoded.dictionary.to_pylist()
    named = values if counties is None else [counties.get(value) for value in values]
    # Several townships have one county, so the names are made unique; the last place is for rows without a value.
    folders = [quote(name, safe="") if name else NOBODY_KNOWS for name in [*named, None]]
    names = sorted(set(folders))
    number = np.array([names.index(folder) for folder in folders])
    return names, number[encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]


def folder_of(out: Path, plan: str) -> Path:
    """Give the hidden folder of a plan: its own, so that a straggler of another plan cannot write into it."""
    return out.with_name(f".{out.name}.{plan}")


@contextmanager
def begun(partitions: Partitions) -> Iterator[None]:
    """Make the hidden folder; one that an equal plan left behind is gone on with, those of other plans go.

    If nothing was done in it, it goes at the end.

    Raises
    ------
    PlacingError
        The place cannot be written.
    """
    out, folder = partitions.job.out, partitions.folder
    try:
        for other in out.parent.glob(f".{glob.escape(out.name)}.{'[0-9a-f]' * PLAN_DIGITS}"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        (folder / DONE).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise PlacingError(f"{folder} cannot be written: {problem}.") from problem
    try:
        yield
    finally:
        if (folder / DONE).is_dir() and not any((folder / DONE).iterdir()):
            shutil.rmtree(folder, ignore_errors=True)


def finish(partitions: Partitions, receipts: Sequence[Receipt]) -> None:
    """Take away what no receipt names (halves of lost workers), then give the folder its name."""
    folder = partitions.folder
    wanted = {folder / path for receipt in receipts for path in receipt.files}
    for path in [path for path in folder.rglob("*") if path.is_file() and path not in wanted]:
        path.unlink()
    shutil.rmtree(folder / DONE)
    missing = [path for path in sorted(wanted) if not path.is_file()]
    if missing:
        raise PlacingError(f"{missing[0]} is gone, though it was written; give the command once more.")
    folder.rename(partitions.job.out)


def summed(pieces: Sequence[Piece], receipts: Sequence[Receipt]) -> Summary:
    """Add up the receipts, as if the rows had gone through one process."""
    whole = Summary()
    first = {piece.number: piece.first_row for piece in pieces}
    for receipt in sorted(receipts, key=lambda one: one.number):
        whole.rows += receipt.rows
        whole.located += receipt.located
        whole.flags.update(receipt.flags)
        for flag, rows in receipt.examples.items():
            known = whole.examples.setdefault(flag, [])
            known.extend([row + first[receipt.number] for row in rows][: SHOWN - len(known)])
    return whole
