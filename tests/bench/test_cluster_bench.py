"""A Dask cluster of one and of two worker processes beside a plain loop over the same pieces, in the same run."""

import os
import time
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
from distributed import LocalCluster

from data.placing import Job, cluster, place_file
from data.placing.partitions import begun, finish, place_piece
from data.region import load
from tests.placing.files import parquet_file

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

CIXI = Path(__file__).parents[2] / "data" / "regions" / "cixi"
ROWS, GROUP = 2_000_000, 62_500


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A year in and around Cixi, ordered by time as histories are."""
    chance = np.random.default_rng(1)
    times = np.datetime64("2024-06-01T00:00:00") + np.sort(chance.integers(0, 86_400 * 360, ROWS))
    x, y = chance.uniform(121.0, 121.7, ROWS), chance.uniform(30.0, 30.4, ROWS)
    columns = {"id": np.arange(ROWS), "x": x, "y": y, "t": times.astype("datetime64[us]")}
    return parquet_file(tmp_path_factory.mktemp("bench") / "in.parquet", columns, row_group_size=GROUP)


def seconds(act) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def used(pids) -> float:
    """Seconds of processor time that processes have used: on a busy machine they tell more than the clock."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def plain_loop(job, region) -> tuple[float, float]:
    """Seconds to place piece after piece in this process, the region ready, by the clock and by the processor."""
    run = cluster.prepared(job, region, "", GROUP * 2)
    placer = cluster.ready(region, None)
    before, start = used([os.getpid()]), time.perf_counter()
    with begun(run.partitions):
        finish(run.partitions, [place_piece(run.partitions, piece, region, placer) for piece in run.pieces])
    return time.perf_counter() - start, used([os.getpid()]) - before


def on_cluster(job, region, running) -> tuple[float, float, float]:
    """Seconds until all workers have the region; from then until all is placed, by the clock and by processors."""
    run = cluster.prepared(job, region, running.scheduler_address, GROUP * 2)
    pids = [nanny.pid for nanny in running.workers.values()]
    told = []
    start = time.perf_counter()
    run.run(lambda *_: told.append((time.perf_counter(), used(pids))))
    (begun_at, before), (ended_at, after) = told[0], told[-1]
    return begun_at - start, ended_at - begun_at, after - before


def test_one_and_two_workers_beside_a_plain_loop(file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    region = load(CIXI, folder / "indexes")
    job = partial(Job, file, on=date(2026, 1, 1), x="x", y="y", crs="GCJ-02", time="t")
    place_file(job(out=folder / "first.parquet"), region)
    command = seconds(lambda: place_file(job(out=folder / "single.parquet"), region))
    loops, spread = [], {1: [], 2: []}
    for workers, times in spread.items():
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=60
        ) as running:
            for turn in range(3):
                loops.append(plain_loop(job(out=folder / f"loop{workers}{turn}"), region))
                out = folder / f"{workers}{turn}"
                times.append(on_cluster(job(out=out), region, running))
    loop, loop_used = (min(column) for column in zip(*loops, strict=True))
    print(f"\n{ROWS:,} rows, load {os.getloadavg()[0]:.1f}; the best of each column")
    print(f"  locate, one process, one file: {command:5.1f} s, {ROWS / command:9,.0f} rows a second")
    print(
        f"  plain loop over the pieces:    {loop:5.1f} s, {ROWS / loop:9,.0f} rows a second; processor {loop_used:.1f}"
    )
    for workers, spent in spread.items():
        ready, best, busy = (min(column) for column in zip(*spent, strict=True))
        print(
            f"  {workers} worker(s): {best:5.1f} s, {ROWS / best:9,.0f} rows a second, {loop / best:.2f} x the loop,"
            f" efficiency {loop / best / workers:.2f}; processor {busy:.1f}, {loop_used / busy:.2f} of the loop's"
            f" rows a processor second; region on all workers after {ready:.2f} s"
        )
