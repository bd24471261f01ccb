"""`locate`: two words are a point, one is a file; what came of a file is told, and its memory does not grow with it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet
from typer.testing import CliRunner

from dashboard.cli import app
from tests.placing.files import ROWS, column, csv_file, read_csv
from tests.region.packs import write_pack

ROOT = Path(__file__).parents[2]
GIB = 1 << 30
# Linux counts the peak of whoever starts a process into the peak of that process (it takes over the high-water mark of
# the memory that `exec` replaces), and a worker of the tests may have needed more than is allowed here. So it is
# started by a small process.
LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:])
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture
def run(tmp_path):
    pack = write_pack(tmp_path / "pack")
    return lambda *words: CliRunner().invoke(app, ["locate", *(str(word) for word in words), "--region", str(pack)])


@pytest.fixture
def file(tmp_path):
    bad = [["5", "north", "30.205", "2026-03-04"], ["6", "121.3125", "30.205", "someday"]]
    return csv_file(tmp_path / "in.csv", [*ROWS, *bad], encoding="gb18030")


def test_two_words_are_a_point(run):
    shown = run("121.3125", "30.205", "--on", "2024-11-19")
    assert shown.exit_code == 0
    assert "9013001" in shown.stdout
    assert " 101 " in shown.stdout


def test_a_point_may_lie_west_and_south(run):
    shown = run("-73.9", "-40.7")
    assert shown.exit_code == 0
    assert "outside" in shown.stdout


def test_one_word_is_a_file_and_its_rows_are_told(run, file, tmp_path):
    out = tmp_path / "out.csv"
    told = run(file, "--x", "经度", "--y", "纬度", "--crs", "EPSG:4490", "--time", "时间", "--out", out)
    assert told.exit_code == 0, told.output
    assert column(read_csv(out), "township") == ["101", "2", "101", "2", "", ""]
    for line in (
        "6 rows, 4 of them in a township",
        "unreadable: 1 (row 5)",
        "time_unreadable: 1 (row 6)",
        "boundary: 1\n",
    ):
        assert line in told.output


def test_the_layers_that_are_asked_for_get_a_column(run, file, tmp_path):
    out = tmp_path / "out.parquet"
    words = ("--x", "经度", "--y", "纬度", "--crs", "4490", "--layer", "grid", "--layer", "township", "--prefix", "om_")
    assert run(file, *words, "--out", out).exit_code == 0
    names = parquet.read_schema(out).names
    assert names[4:] == ["om_cell", "om_township", "om_flags", "om_nearest", "om_nearest_m"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{file}"], "--out"),
        (["121.3", "30.2", "--out", "out.csv"], "--out belongs to a file"),
        (["121.3", "30.2", "--x", "a"], "--x belongs to a file"),
        (["1", "2", "3"], "3 words are neither a point nor a file"),
        (["{file}", "--ot", "out.csv"], "no option --ot"),
        (["{file}", "--out", "out.csv", "--on", "2024-11-19", "--time", "时间"], "give one of them"),
        (["{file}", "--out", "out.csv", "--on", "19.11.2024"], "'19.11.2024' is no day"),
        (["121.3", "30.2", "--on", "someday"], "'someday' is no day"),
        (["{file}", "--out", "out.csv", "--x", "经度", "--y", "纬度", "--crs", "EPSG:1"], "EPSG:1"),
        (["121.3", "30.2", "--crs", "mars"], "mars"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_sentence(run, file, words, said):
    told = run(*(word.format(file=file) for word in words))
    assert told.exit_code == 1
    assert said in told.output
    assert "Traceback" not in told.output


def many(path: Path, rows: int) -> None:
    """Write rows in and around Cixi, some of them bad, from 2024 to 2025."""
    chance = np.random.default_rng(1)
    schema = pa.schema([(name, pa.string()) for name in ("id", "x", "y", "t", "what")])
    with arrow_csv.CSVWriter(path, schema) as out:
        for first in range(0, rows, 250_000):
            count = min(250_000, rows - first)
            x = np.char.mod("%.7f", chance.uniform(121.0, 121.7, count))
            y = np.char.mod("%.7f", chance.uniform(30.0, 30.4, count))
            x[::10_000] = "nowhere"
            t = np.datetime64("2024-06-01T00:00:00") + chance.integers(0, 86_400 * 360, count)
            columns = [
                np.char.mod("%d", np.arange(first, first + count)),
                x,
                y,
                t.astype(str),
                np.full(count, "占道经营"),
            ]
            out.write_batch(pa.RecordBatch.from_arrays([pa.array(one) for one in columns], schema=schema))


def measured(*command: str) -> tuple[str, int]:
    """Run a command; gives what it told on standard error, and its peak of memory in bytes."""
    words = [sys.executable, "-c", LAUNCHER, *command]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr, int(ran.stdout.splitlines()[-1]) * 1024


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_two_million_rows_need_less_than_a_gibibyte(tmp_path, ending):
    rows = 2_000_000
    many(tmp_path / "in.csv", rows)
    words = ["locate", str(tmp_path / "in.csv"), "--x", "x", "--y", "y", "--crs", "GCJ-02", "--time", "t"]
    words += ["--out", str(tmp_path / f"out.{ending}")]
    told, peak = measured(sys.executable, "-m", "dashboard", *words)
    assert f"{rows:,} rows" in told
    assert "unreadable: 200" in told
    assert peak < GIB
    if ending == "parquet":
        table = parquet.ParquetFile(tmp_path / "out.parquet")
        assert table.metadata.num_rows == rows
        first = next(table.iter_batches(4, columns=["id"])).to_pydict()
        assert first == {"id": ["0", "1", "2", "3"]}
