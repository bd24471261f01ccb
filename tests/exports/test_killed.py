"""A process that makes an export is killed; another one goes on with it, and so does the command."""

import subprocess
import sys
from datetime import timedelta

import pytest
from pyarrow import parquet
from sqlalchemy import update
from typer.testing import CliRunner

from dashboard.cli import app
from data import exports, tables
from data.engine import writing
from data.exports import queue
from data.store import SqlCaseStore
from data.views import ALL
from tests.conftest import ROOT
from tests.data.samples import MINUTE, add
from tests.exports.test_making import NOW


@pytest.mark.parametrize(("died_after", "parts"), [(4, 0), (14, 2)])
def test_what_a_killed_process_left_is_gone_on_with_by_the_command(engine, database_url, tmp_path, died_after, parts):
    store = SqlCaseStore(engine)
    numbers = [add(store, f"{n}", NOW + n * MINUTE).number for n in range(23)]
    asked, folder = exports.ask(engine, "parquet", ALL, "somebody", NOW), tmp_path / "exports"
    command = [sys.executable, "-m", "tests.exports.killed", database_url, folder, str(asked.id), str(died_after)]
    died = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert died.returncode == -9, died.stderr
    left = exports.find(engine, asked.id, None)
    assert (left.state, left.done) == ("running", died_after)
    assert len(left.parts) == parts
    assert list((folder / str(asked.id)).glob(".*.part")), "it died while it wrote"

    words = ["data", "export", "cases", "--resume", str(asked.id), "--folder", str(folder)]
    words += ["--database-url", database_url]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1, "nobody knows yet that it is dead"
    assert "another process" in refused.output
    with writing(engine) as connection:
        connection.execute(update(tables.exports).values(heard_at=left.heard_at - queue.SILENT - timedelta(seconds=5)))
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "23 cases in" in done.output
    found = exports.find(engine, asked.id, None)
    assert found.state == "done"
    assert found.parts[: len(left.parts)] == left.parts, "what was whole is not made again"
    assert not list((folder / str(asked.id)).glob(".*"))
    read = [parquet.read_table(folder / str(asked.id) / part["name"]) for part in found.parts]
    assert [number for table in read for number in table["number"].to_pylist()] == numbers
