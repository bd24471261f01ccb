"""A Dask cluster of two worker processes places a file as one process does, also when one of them is killed."""

import os
import signal
import socket
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from distributed import LocalCluster
from pyarrow import dataset, parquet
from typer.testing import CliRunner

from dashboard.cli import app
from data.placing import Job, PlacingError, cluster, place_file
from data.region import load
from tests.environment.ports import free_port
from tests.placing.files import ON, csv_file, parquet_file
from tests.region.packs import write_pack

pytestmark = pytest.mark.timeout(240)

ROWS, GROUP = 72_000, 6_000
PIECES = ROWS // GROUP


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return write_pack(tmp_path_factory.mktemp("packs") / "toy")


@pytest.fixture(scope="module")
def county(pack, tmp_path_factory):
    return load(pack, tmp_path_factory.mktemp("indexes"))


@pytest.fixture(scope="module")
def workers():
    """Two processes, one thread each, that a nanny starts again when they end."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=60,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Rows in and around the toy county over a change of boundaries, some of them bad."""
    chance = np.random.default_rng(7)
    x = chance.uniform(121.295, 121.325, ROWS)
    x[::997] = np.inf
    times = (np.datetime64("2024-10-20T00:00:00") + chance.integers(0, 86_400 * 70, ROWS)).astype(str)
    times[::1009] = "someday"
    columns = {"id": np.arange(ROWS), "x": x, "y": chance.uniform(30.195, 30.225, ROWS), "t": times}
    return parquet_file(tmp_path_factory.mktemp("files") / "in.parquet", columns, row_group_size=GROUP)


@pytest.fixture(scope="module")
def single(file, county):
    """What one process makes of it: table and summary."""
    out = file.with_name("single.parquet")
    summary = place_file(replace(job_of(file, out), file=file), county)
    return parquet.read_table(out), summary


def job_of(file: Path, out: Path) -> Job:
    return Job(file, out, ON, "x", "y", "EPSG:4490", "t")


def spread(file, out, county, address, progress=lambda _rows, _done: None):
    return cluster.prepared(job_of(file, out), county, address, GROUP).run(progress)


def whole(folder: Path) -> pa.Table:
    keys = pa.schema([("month", pa.string()), ("county", pa.string())])
    table = dataset.dataset(folder, partitioning=dataset.partitioning(keys, flavor="hive")).to_table()
    return table.drop_columns(["month", "county"]).sort_by("id")


def pids(workers) -> dict[str, int]:
    """Address to process id of each worker that is at work."""
    return {nanny.worker_address: nanny.pid for nanny in workers.workers.values() if nanny.pid}


def test_rows_flags_and_counts_are_those_of_one_process(workers, county, file, single, tmp_path):
    moments, maps = [], {}

    def progress(rows, done):
        moments.append(rows)
        maps.update({pid: Path(f"/proc/{pid}/maps").read_text(encoding="utf-8") for pid in pids(workers).values()})

    outcome = spread(file, tmp_path / "out", county, workers.scheduler_address, progress)
    assert whole(tmp_path / "out").equals(single[0])
    assert outcome.summary == single[1]
    assert moments == [GROUP * at for at in range(PIECES + 1)]
    # Twelve pieces, and yet every process got the region once, and mapped the indexes that stood there.
    assert sum(outcome.pieces.values()) == PIECES
    assert set(outcome.loads.values()) == {1}
    assert len(maps) == 2
    assert all(text.count(".pixels") >= 3 for text in maps.values())
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_a_worker_that_is_killed_costs_its_piece_only(workers, county, file, single, tmp_path):
    killed = []

    def kill_one_at_work(rows, _done):
        # As the scheduler stands in this process, it can be asked who has a piece in hand.
        busy = {one.address for one in workers.scheduler.workers.values() if one.processing}
        found = [pid for address, pid in pids(workers).items() if address in busy]
        if rows and found and not killed:
            os.kill(found[0], signal.SIGKILL)
            killed.append((rows, found[0]))

    outcome = spread(file, tmp_path / "out", county, workers.scheduler_address, kill_one_at_work)
    rows, pid = killed[0]
    assert rows < ROWS, "it was killed in the middle"
    found = whole(tmp_path / "out")
    assert found["id"].to_pylist() == list(range(ROWS)), "no row is missing, none is there twice"
    assert found.equals(single[0])
    assert outcome.summary == single[1]
    assert sum(outcome.pieces.values()) == PIECES
    assert outcome.pieces[f"{socket.gethostname()}:{pid}"] < PIECES
    assert set(outcome.loads.values()) == {1}, "the process that came in its stead got the region once, too"
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name.startswith((".", "_"))]


def test_a_run_that_is_broken_off_goes_on_where_it_stopped(workers, county, file, single, tmp_path):
    def impatient(rows, _done):
        if rows >= 3 * GROUP:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread(file, tmp_path / "out", county, workers.scheduler_address, impatient)
    assert not (tmp_path / "out").exists()
    (left,) = tmp_path.iterdir()
    receipts = {path.name: path.stat().st_mtime_ns for path in (left / "_done").glob("*.json")}
    assert len(receipts) >= 3
    begun, kept = [], {}

    def look(rows, _done):
        begun.append(rows)
        now = {path.name: path.stat().st_mtime_ns for path in (left / "_done").glob("*.json")}
        kept.update({name: now[name] for name in receipts})

    outcome = spread(file, tmp_path / "out", county, workers.scheduler_address, look)
    assert begun[0] >= 3 * GROUP
    assert kept == receipts, "what was done is not done again"
    assert whole(tmp_path / "out").equals(single[0])
    assert outcome.summary == single[1]


def test_the_command_spreads_a_folder_and_tells_the_counts(workers, pack, file, single, tmp_path):
    table = parquet.read_table(file)
    (tmp_path / "in" / "2026").mkdir(parents=True)
    for number in range(2):
        part = table.slice(number * ROWS // 2, ROWS // 2)
        parquet.write_table(part, tmp_path / "in" / "2026" / f"{number}.parquet")
    words = ["locate", str(tmp_path / "in"), "--x", "x", "--y", "y", "--crs", "EPSG:4490", "--time", "t"]
    words += ["--out", str(tmp_path / "out"), "--scheduler", workers.scheduler_address, "--region", str(pack)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert f"{ROWS:,} rows, {single[1].located:,} of them in a township" in told.output
    assert "time_unreadable: 72 (row 1, 1010, 2019, 3028, 4037, …)" in told.output
    assert "2 pieces by " in told.output
    assert whole(tmp_path / "out").equals(single[0])


def test_a_cluster_that_does_not_answer_is_named(county, file, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(PlacingError, match=rf"No Dask scheduler answers at --scheduler {address}"):
        spread(file, tmp_path / "out", county, address)
    with pytest.raises(PlacingError, match="--scheduler pigeon://post"):
        spread(file, tmp_path / "out", county, "pigeon://post")
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=60) as empty,
        pytest.raises(PlacingError, match=r"has no worker\. Start some: python -m dask worker tcp://127.0.0.1"),
    ):
        spread(file, tmp_path / "out", county, empty.scheduler_address)
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_that_goes_away_is_told_and_what_is_done_stays(county, file, single, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ALONE_S", 0.5)
    # Threads of this process: a cluster that ends with a call.
    local = {"dashboard_address": "127.0.0.1:0", "silence_logs": 60, "processes": False}
    with LocalCluster(n_workers=1, threads_per_worker=1, **local) as leaving:

        def send_home(rows, _done):
            if rows:
                leaving.scale(0)

        with pytest.raises(PlacingError, match=r"no worker for 0.5 s. What is done is kept"):
            spread(file, tmp_path / "out", county, leaving.scheduler_address, send_home)
    (left,) = tmp_path.iterdir()
    assert list((left / "_done").glob("*.json"))
    with LocalCluster(n_workers=1, threads_per_worker=1, **local) as coming:
        outcome = spread(file, tmp_path / "out", county, coming.scheduler_address)
    assert outcome.summary == single[1]
    assert whole(tmp_path / "out").equals(single[0])


def test_workers_that_cannot_take_part_are_named(workers, county, file, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "program_key", lambda: "of another day")
    with pytest.raises(PlacingError, match="another version of the program"):
        spread(file, tmp_path / "out", county, workers.scheduler_address)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    # As if the output lay on this machine alone: no worker finds it.
    monkeypatch.setattr(cluster, "begun", lambda _: nullcontext())
    with pytest.raises(PlacingError, match=r"Worker tcp://127.0.0.1:\d+ does not see .*\.out\."):
        spread(file, tmp_path / "out", county, workers.scheduler_address)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["in.csv", "--out", "out"], "in.csv is no Parquet file"),
        (["in.parquet", "--out", "out.csv"], "a cluster writes a folder of Parquet files"),
        (["in.parquet", "--out", "there"], "there is there already"),
        (["in.parquet", "--out", "no/where"], "There is no folder"),
        (["in.parquet", "--out", "out", "--layer", "street"], "no layer 'street'"),
        (["in.parquet", "--out", "out", "--encoding", "gbk"], "--encoding belongs to CSV"),
        (["in.parquet", "--out", "out", "--county", "县"], "no column '县'"),
        (["none.parquet", "--out", "out"], "no file and no folder"),
    ],
)
def test_what_cannot_be_used_is_said_before_the_cluster_is_asked(pack, file, tmp_path, monkeypatch, words, said):
    csv_file(tmp_path / "in.csv", [])
    (tmp_path / "in.parquet").symlink_to(file)
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    options = ["--x", "x", "--y", "y", "--crs", "4490", "--scheduler", "tcp://nowhere:1", "--region", str(pack)]
    told = CliRunner().invoke(app, ["locate", *words, *options])
    assert told.exit_code == 1
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_column_of_counties_needs_a_cluster(pack, file):
    told = CliRunner().invoke(app, ["locate", str(file), "--out", "out.csv", "--county", "c", "--region", str(pack)])
    assert told.exit_code == 1
    assert "say with --scheduler" in told.output
