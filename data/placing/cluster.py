"""Placing on a Dask cluster: workers read and write Parquet themselves, only receipts go through the scheduler.

The region goes out once, as a plug-in that the scheduler hands to every worker, those that come later included. Each
process keeps one copy and one placer, whatever the number of pieces; the indexes are mapped from the index folder where
its machine sees that, else built once.
"""

import asyncio
import copyreg
import hashlib
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from distributed import Client, KilledWorker, Worker, WorkerPlugin, as_completed

from data.placing.errors import PlacingError
from data.placing.memory import keep_freed
from data.placing.parquet_source import MAGIC, ParquetSource
from data.placing.partitions import Partitions, begun, ending_of, finish, folder_of, place_piece, run_of, summed
from data.placing.pieces import PIECE_ROWS, Piece, Receipt, plan_key, planned
from data.placing.placer import Placer
from data.placing.running import Job, Progress, Summary, check_layers, placer_of
from data.region import Region

CONNECT_S = 10
"""How long scheduler and first worker may take to answer."""
ALONE_S = 120
"""How long a run waits without any worker, or without its scheduler, before it gives up."""
LOOK_S = 0.05
CODE = ("data/placing", "data/region", "geo")


def _frozen(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


# Regions are full of these, and pickle knows none.
copyreg.pickle(MappingProxyType, lambda proxy: (_frozen, (dict(proxy),)))


@dataclass(slots=True)
class Copy:
    """The one copy of a region in a process.

    Attributes
    ----------
    users
        Jobs that need it; when the last one ends, it goes.
    """

    region: Region
    placer: Placer
    users: int = 1


COPIES: dict[str, Copy] = {}
LOADS: Counter[str] = Counter()
"""How often this process has made a copy of a region for a job, by the name of the job's plug-in: once at most."""
_lock = threading.Lock()


class Broadcast(WorkerPlugin):  # type: ignore[misc, unused-ignore]
    """Takes a region to every worker and makes it ready before the first piece comes.

    Raises
    ------
    PlacingError
        On the worker: it runs another version of the program.
    """

    def __init__(self, key: str, region: Region, layers: Sequence[str] | None) -> None:
        self.key, self.region, self.layers = key, region, layers
        self.program = program_key()
        self.name = f"onemap-{uuid.uuid4().hex}"

    async def setup(self, worker: Worker) -> None:
        """Make the copy in a thread: a large index takes longer to build than a worker may be silent."""
        if program_key() != self.program:
            raise PlacingError(
                f"Worker {worker.address} runs another version of the program; start it from the same one."
            )
        await asyncio.to_thread(self._keep)

    def _keep(self) -> None:
        keep_freed()
        with _lock:
            known = COPIES.get(self.key)
            if known is not None:
                known.users += 1
                return
            COPIES[self.key] = Copy(self.region, ready(self.region, self.layers))
            LOADS[self.name] += 1

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the plug-in's signature
        """Let the copy go when nobody needs it any more."""
        with _lock:
            LOADS.pop(self.name, None)
            known = COPIES.get(self.key)
            if known is not None:
                known.users -= 1
                if not known.users:
                    del COPIES[self.key]


def ready(region: Region, layers: Sequence[str] | None) -> Placer:
    """Make a placer that has the indexes of all boundary versions already."""
    placer = placer_of(region, layers)
    for day in change_days(region):
        placer.place([0.0], [0.0], "EPSG:4326", day)
    return placer


def change_days(region: Region) -> list[date]:
    """Give the days on which one of a region's layers changes."""
    return sorted({day for layer in region.layers.values() for day in layer.change_days})


def program_key() -> str:
    """Hash the code that places points, so that no worker answers by another rule."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(path for folder in CODE for path in (root / folder).rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def region_key(region: Region, layers: Sequence[str] | None) -> str:
    """Hash what answers depend on: areas, CRS, zone and the layers that are asked for."""
    said = [*(layer.content_hash for layer in region.layers.values()), region.metric_crs, region.zone.key, layers]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:20]


def place_on_worker(key: str, name: str, partitions: Partitions, piece: Piece) -> Receipt:
    """Place a piece by the region that this process keeps; raises PlacingError."""
    copy = COPIES.get(key)
    if copy is None:
        raise PlacingError("A worker has got no region; its log says why. End it and give the command once more.")
    return place_piece(partitions, piece, copy.region, copy.placer, LOADS[name])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    pieces
        Process (host and id) to the number of pieces it placed, in this run and in those that were broken off before.
    loads
        Process to how often it got the region.
    """

    summary: Summary
    pieces: Counter[str]
    loads: dict[str, int]


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """A job whose input has been parted into pieces."""

    partitions: Partitions
    pieces: tuple[Piece, ...]
    region: Region
    address: str

    @property
    def rows(self) -> int:
        """Rows of all pieces."""
        return sum(piece.rows for piece in self.pieces)

    def run(self, progress: Progress) -> Outcome:
        """Place all pieces; `progress` is told the rows that are done, twice.

        Raises
        ------
        PlacingError
            A file cannot be used, or the cluster is not to be had or gone. What was done stays, and the same command
            goes on from there.
        """
        layers = self.partitions.job.layers
        key = region_key(self.region, layers)
        with connected(self.address) as client, begun(self.partitions):
            check_sight(client, [*dict.fromkeys(piece.file for piece in self.pieces), self.partitions.folder])
            # Here first, so that workers find the indexes instead of building them side by side.
            for day in change_days(self.region):
                self.region.boundaries.on(day)
            receipts = [done for piece in self.pieces if (done := self.partitions.receipt(piece.number))]
            plugin = Broadcast(key, self.region, layers)
            with broadcast(client, plugin):
                task = partial(place_on_worker, key, plugin.name, self.partitions)
                receipts += self._remaining(client, task, receipts, progress)
        finish(self.partitions, receipts)
        pieces = Counter(receipt.process for receipt in receipts)
        loads = {receipt.process: receipt.loads for receipt in receipts}
        return Outcome(summed(self.pieces, receipts), pieces, loads)

    def _remaining(
        self, client: Client, task: Callable[[Piece], Receipt], receipts: Sequence[Receipt], progress: Progress
    ) -> Iterator[Receipt]:
        done = {receipt.number for receipt in receipts}
        rows = sum(receipt.rows for receipt in receipts)
        progress(rows, rows)
        left = [piece for piece in self.pieces if piece.number not in done]
        # Not pure: what a worker said of a piece is asked of the disk, not of another run's memory.
        futures = client.map(task, left, key="locate", pure=False)
        waiting = as_completed(futures, loop=client.loop, with_results=True)
        # Held by `waiting` alone, so that a worker forgets what has been told.
        del futures
        for receipt in results_of(client, waiting):
            rows += receipt.rows
            progress(rows, rows)
            yield receipt


def results_of(client: Client, waiting: Any) -> Iterator[Receipt]:
    """Give results as they come; raises PlacingError when a piece or the whole cluster is lost."""
    heard = time.monotonic()
    while not waiting.is_empty():
        try:
            batch = waiting.next_batch(block=False)
        except OSError as problem:
            raise PlacingError(
                f"A worker cannot write or read: {problem}. Mend it and give the command once more."
            ) from problem
        except KilledWorker as lost:
            raise PlacingError(
                f"A piece ended every worker that tried it ({lost}). Mostly that is memory: give workers more, or write"
                " the file with smaller row groups."
            ) from lost
        for _, result in batch:
            if not isinstance(result, Receipt):
                raise PlacingError(
                    "The scheduler is lost. What is done is kept: start it and give the command once more."
                )
            yield result
        if batch or (client.status == "running" and client.scheduler_info(n_workers=1)["workers"]):
            heard = time.monotonic()
        elif time.monotonic() - heard > ALONE_S:
            raise PlacingError(
                f"The cluster has had no worker for {ALONE_S} s. What is done is kept: start workers and"
                " give the command once more."
            )
        if not batch:
            time.sleep(LOOK_S)


def prepared(job: Job, region: Region, address: str, most_rows: int = PIECE_ROWS) -> ClusterJob:
    """Look at everything that can be looked at without the cluster; raises PlacingError and UnknownCRS."""
    if job.file.is_file():
        with job.file.open("rb") as start:
            if start.read(len(MAGIC)) != MAGIC:
                raise PlacingError(
                    f"{job.file.name} is no Parquet file, which alone a cluster reads; `locate` without --scheduler"
                    " makes one of it."
                )
    ending_of(job.out)
    check_layers(job, region)
    # Workers run in other folders.
    job = replace(job, file=job.file.resolve(), out=job.out.resolve())
    if job.out.exists():
        raise PlacingError(f"{job.out} is there already; move it away or give --out another name.")
    if not job.out.parent.is_dir():
        raise PlacingError(f"There is no folder {job.out.parent} for --out; make it or name another one.")
    pieces = planned(job.file, most_rows)
    plan = plan_key(pieces, replace(job, file=Path(), out=Path()), region_key(region, job.layers), program_key())
    partitions = Partitions(job, folder_of(job.out, plan))
    source = ParquetSource(pieces[0].file)
    run_of(partitions, source, region)
    source.close()
    return ClusterJob(partitions, tuple(pieces), region, address)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler that has a worker; raises PlacingError."""
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as problem:
        raise PlacingError(
            f"No Dask scheduler answers at --scheduler {address}: {problem}. It prints its address when it starts, such"
            " as tcp://10.0.0.5:8786."
        ) from problem
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError:
            raise PlacingError(
                f"The scheduler at {address} has no worker. Start some: python -m dask worker {address}"
            ) from None
        yield client


@contextmanager
def broadcast(client: Client, plugin: Broadcast) -> Iterator[None]:
    """Keep a region on all workers; raises PlacingError where one cannot take it."""
    client.register_plugin(plugin)
    try:
        yield
    finally:
        if client.status == "running":
            client.unregister_worker_plugin(plugin.name)


def check_sight(client: Client, paths: Sequence[Path]) -> None:
    """Find out whether every worker sees all paths; raises PlacingError."""
    for worker, unseen in client.run(unseen_of, [str(path) for path in paths]).items():
        if unseen:
            raise PlacingError(
                f"Worker {worker} does not see {unseen}, or may not write there: input and output have to lie in a"
                " folder that all machines of the cluster share under one name."
            )


def unseen_of(paths: Sequence[str]) -> str | None:
    """Give the first path that this process cannot read, or not write where it is a folder."""
    for path in paths:
        if not os.access(path, os.R_OK | (os.W_OK if Path(path).is_dir() else 0)):
            return path
    return None
