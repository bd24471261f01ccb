"""Many at once: an import beside the database's own batch of the same rows, and 500 open streams on one process.

Single reports a second stand in `test_intake_bench`. Client, server and database share the machine.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, delete, insert, select

from dashboard.services import desk_of
from data import tables
from data.bulk import Outcome, import_rows, open_sheet, read_mapping
from data.engine import reading, writing
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore
from tests.bench.copies import written_tables
from tests.bench.soak import patiently
from tests.bench.test_intake_bench import PLACES, address, percentiles, places
from tests.bench.test_store_bench import durable, say
from tests.browser.cockpit import ROOT, Server

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
__all__ = ["address", "durable"]  # fixtures

ROWS = int(os.environ.get("ONEMAP_BENCH_ROWS", "2000"))
BATCH = 500
STREAMS, REPORTS, REST_S = 500, 40, 30
MAPPING = """source = "grid"
crs = "EPSG:4490"
[columns]
source_id = "id"
occurred_at = "at"
x = "lon"
y = "lat"
description = "what"
[constants]
matter = "SD-01"
"""


def written(folder: Path) -> tuple[Path, Path]:
    """A sheet with reports of a year all over the county, and its mapping."""
    points, start = places(), datetime.now(UTC) - timedelta(days=365)
    lines = ["id,at,lon,lat,what"]
    for n in range(ROWS):
        (x, y), at = points[n % len(points)], start + timedelta(minutes=n * 500_000 / ROWS)
        lines.append(f"bulk-{n},{at.isoformat()},{x},{y},桥下有垃圾，已有三天")
    sheet, mapping = folder / "cases.csv", folder / "mapping.toml"
    sheet.write_text("\n".join(lines), "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    return sheet, mapping


def batches(engine: Engine) -> float:
    """Take the rows of all cases out, write them again in batches with the same durability; gives cases a second."""
    with reading(engine) as connection:
        kept = {
            table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in written_tables()
        }
    numbers = [row["number"] for row in kept[tables.cases]]
    renamed = {number: f"BARE-{place}" for place, number in enumerate(numbers)}
    with writing(engine) as connection:
        for table in reversed(written_tables()):
            if table is not tables.events:  # only appended
                connection.execute(delete(table).where(table.c.number.like("BARE-%")))
    rows: dict[Any, dict[str, list[dict[str, Any]]]] = {}
    for table, found in kept.items():
        for row in found:
            new = row | {"number": renamed[row["number"]]}
            new |= {"revision": row["revision"] + 50_000_000} if "revision" in row else {}
            new |= {"source_id": f"bare {row['source_id']}"} if "source_id" in row else {}
            rows.setdefault(table, {}).setdefault(row["number"], []).append(new)
    began = time.perf_counter()
    for start in range(0, len(numbers), BATCH):
        some = numbers[start : start + BATCH]
        with writing(engine) as connection:
            for table, of_case in rows.items():
                if values := [row for number in some for row in of_case.get(number, [])]:
                    connection.execute(insert(table), values)
    return len(numbers) / (time.perf_counter() - began)


def test_an_import_beside_batches_of_the_same_rows(durable: Engine, cixi: Region, tmp_path: Path) -> None:
    sheet, mapping = written(tmp_path)
    desk, plan = desk_of(cixi, SqlCaseStore(durable), Library(durable, cixi)), read_mapping(mapping)
    began = time.perf_counter()
    opened = open_sheet(sheet, plan.sheet, plan.header_row)
    outcomes = [one.outcome for one in import_rows(opened, plan, desk, cixi.zone, lambda: datetime.now(UTC))]
    rate = len(outcomes) / (time.perf_counter() - began)
    assert outcomes.count(Outcome.ACCEPTED) == ROWS
    bare = batches(durable)
    say(
        f"\n{durable.dialect.name}: import of {ROWS:,} rows {rate:,.0f} a second; INSERT of the same rows in batches of"
        f" {BATCH}: {bare:,.0f} ({rate / bare:.2f}); load {os.getloadavg()[0]:.0f}"
    )


def memory(process: int) -> float:
    """Resident MiB of a process."""
    return int(Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on an empty SQLite file."""
    own = Server(tmp_path)
    patiently(own)
    yield own
    own.kill()


def test_five_hundred_streams_on_one_process(server: Server) -> None:
    PLACES[:] = places()
    server.report("first", *PLACES[0])
    assert server.process is not None
    before = memory(server.process.pid)
    where = urlsplit(server.url)
    command = [sys.executable, "-m", "tests.bench.stream_clients", str(where.hostname), str(where.port), str(STREAMS)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        assert clients.stdout.readline().strip() == "open"
        held = memory(server.process.pid)
        clients.stdin.write("rest\n")
        clients.stdin.flush()
        time.sleep(REST_S)
        clients.stdin.write("reports\n")
        clients.stdin.flush()
        sent: dict[str, float] = {}
        for n in range(REPORTS):
            at = time.time()
            sent[server.report(f"stream-{n}", *PLACES[n % len(PLACES)])["number"]] = at
            time.sleep(0.25)
        time.sleep(2)
        clients.stdin.close()
        found = json.loads(clients.stdout.readline())
    heard = {number: instants for number, instants in found["heard"].items() if number in sent}
    each = [1000 * (at - sent[number]) for number, instants in heard.items() for at in instants]
    last = [1000 * (max(instants) - sent[number]) for number, instants in heard.items()]
    assert len(each) == STREAMS * REPORTS, "every client hears of every case once"
    say(f"\n{STREAMS} streams on one process, load {os.getloadavg()[0]:.0f}; {found['open']} open at the end")
    say(f"  from the POST to each client: {percentiles(each)}; to the last of them: {percentiles(last)}")
    say(f"  memory {before:.0f} MiB, with the streams {held:.0f}: {(held - before) * 1024 / STREAMS:.0f} KiB a stream")
    say(f"  at rest {found['bytes'][1] / STREAMS / REST_S:.1f} B/s a stream; median {statistics.median(each):.0f} ms")
