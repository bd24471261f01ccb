"""Durable reports a second through the whole HTTP path, beside plain INSERTs of the same rows by the bare driver.

Client, server and database share the machine. Every commit waits for the disk: read the ratios.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from data.region import load
from tests.bench.test_store_bench import PARTS, Bare, a_second, durable, say

pytestmark = pytest.mark.bench
__all__ = ["durable"]  # a fixture

ROOT = Path(__file__).parent.parent.parent
SECONDS = 4.0
CLIENTS = (1, 4, 16)
PACED_A_SECOND = (20, 50, 100)
numbers = count(1)


@pytest.fixture
def address(durable: Engine) -> Iterator[str]:
    """A server of its own process over the durable database."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    url = durable.url.render_as_string(hide_password=False)
    options = {"ONEMAP_DATABASE_URL": url, "ONEMAP_PORT": "0", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "dashboard", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=plain | options, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip().partition(": ")[2].removesuffix("/wall")
        process.terminate()


def places() -> list[tuple[float, float]]:
    """Points inside cells."""
    cells = load(ROOT / "data/regions/cixi").layers["grid"].areas[::50]
    return [(point.x, point.y) for point in (area.geometry.representative_point() for area in cells)]


PLACES: list[tuple[float, float]] = []


def post(client: httpx.Client) -> float:
    """Report something new; gives the milliseconds until the answer."""
    number = next(numbers)
    x, y = PLACES[number % len(PLACES)]
    body = {
        "matter": "SD-01",
        "source": "grid",
        "source_id": f"bench-{number}",
        "occurred_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "point": {"x": x, "y": y, "crs": "EPSG:4490"},
        "description": "桥下有垃圾，已有三天",
        "contact": {"name": "", "phone": ""},
    }
    started = time.perf_counter()
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return (time.perf_counter() - started) * 1000


def closed_loop(address: str, clients: int) -> list[float]:
    """Every client sends its next report when it has the answer to the last."""

    def one() -> list[float]:
        end, took = time.perf_counter() + SECONDS, []
        with httpx.Client(base_url=address, timeout=30) as client:
            while time.perf_counter() < end:
                took.append(post(client))
        return took

    with ThreadPoolExecutor(clients) as pool:
        return [ms for future in [pool.submit(one) for _ in range(clients)] for ms in future.result()]


def paced(address: str, a_second: int) -> list[float]:
    """Reports at fixed instants, whether or not the earlier ones are answered; waiting counts."""
    took: list[float] = []
    start = time.perf_counter() + 0.2
    with httpx.Client(base_url=address, timeout=30) as client, ThreadPoolExecutor(24) as pool:

        def one(due: float) -> None:
            time.sleep(max(0.0, due - time.perf_counter()))
            post(client)
            took.append((time.perf_counter() - due) * 1000)

        list(pool.map(one, (start + i / a_second for i in range(int(a_second * SECONDS)))))
    return took


def percentiles(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    return f"p50 {statistics.median(ordered):6.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:6.1f} ms"


def test_reports_a_second_over_http_beside_plain_inserts(durable: Engine, address: str) -> None:
    PLACES[:] = places()
    with httpx.Client(base_url=address, timeout=30) as client:
        for _ in range(20):
            post(client)
        number = client.get("/api/v1/cases", params={"limit": 1}).json()["cases"][0]["number"]
    bare = Bare(durable, number)
    raw = a_second(lambda: bare.write(*PARTS))
    bare.connection.close()
    say(f"\n{durable.dialect.name}: plain INSERTs of a case's rows, one commit each: {raw:.0f} a second")
    for clients in CLIENTS:
        took = closed_loop(address, clients)
        rate = len(took) / SECONDS
        say(f"  {clients:3} clients over HTTP: {rate:6.0f} a second ({rate / raw:.2f} of plain), {percentiles(took)}")
    for rate in PACED_A_SECOND:
        say(f"  {rate:3} a second, paced:  {percentiles(paced(address, rate))}")
