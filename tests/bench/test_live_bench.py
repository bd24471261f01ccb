"""How soon a report is seen, what an update costs on the wire, how long a start takes. Prints, never fails on time."""

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from data.region import load
from tests.browser.cockpit import ROOT, Server, chromium
from tests.browser.conftest import ARGUMENTS, Watched

pytestmark = pytest.mark.bench

REPORTS = 40
PENDING = 500
REST_SECONDS = 20
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes' && onemap.stream.state === 'live'"
PROBE = Path(__file__).with_name("pixel_probe.js")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on an empty database, started by the test."""
    own = Server(tmp_path)
    yield own
    own.kill()


def places(number: int) -> list[tuple[float, float, str]]:
    """Points inside cells of today, one a cell, far from their lines."""
    grid = load(ROOT / "data/regions/cixi").layers["grid"].areas
    chosen = random.Random(7).sample(list(grid), number)
    inside = [area.geometry.representative_point() for area in chosen]
    return [(point.x, point.y, area.code) for point, area in zip(inside, chosen, strict=True)]


def percentiles(milliseconds: list[float]) -> str:
    """p50 and p95 in words."""
    ordered = sorted(milliseconds)
    return f"p50 {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.0f} ms"


def test_post_to_changed_pixel_beside_a_page_that_polls(server: Server) -> None:
    server.start()
    pixel, poll = [], []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        wall = Watched(chrome.new_page(viewport={"width": 1920, "height": 1080}))
        wall.open(f"{server.url}/wall?show=level")
        wall.until(READY)
        wall.page.evaluate(PROBE.read_text(encoding="utf8"))
        for i, (lon, lat, cell) in enumerate(places(REPORTS)):
            anchor = wall.page.evaluate(f"onemap.map.cells.byCode.get('{cell}').anchor")
            township = wall.page.evaluate(f"onemap.map.cells.byCode.get('{cell}').township")
            wall.page.evaluate("([a, o, t]) => probe.watch(a, o, t)", [anchor["lat"], anchor["lon"], township])
            time.sleep(random.Random(i).uniform(0.3, 1.3))
            sent = time.time() * 1000
            server.report(f"pixel-{i}", lon, lat)
            seen = wall.until("probe.seen", lambda found: found["pixel"] and found["poll"])
            pixel.append(seen["pixel"] - sent)
            poll.append(seen["poll"] - sent)
        chrome.close()
    ratio = statistics.median(poll) / statistics.median(pixel)
    print(f"\nPOST to changed pixel: {percentiles(pixel)}; polling each second: {percentiles(poll)}; {ratio:.1f} times")


def test_bytes_of_an_update_and_at_rest(server: Server) -> None:
    server.start()
    for i, (lon, lat, _) in enumerate(places(PENDING + 10)[10:]):
        server.report(f"before-{i}", lon, lat)
    board = httpx.get(f"{server.url}/api/v1/board", headers={"Accept-Encoding": "gzip"}).num_bytes_downloaded
    with httpx.stream("GET", f"{server.url}/api/v1/stream", timeout=60) as stream:
        chunks = stream.iter_raw()
        opening = len(next(chunks))
        deltas: list[int] = []
        for i, (lon, lat, _) in enumerate(places(10)):
            server.report(f"bytes-{i}", lon, lat)
            deltas.append(len(next(chunks)))
        rest, end = 0, time.monotonic() + REST_SECONDS
        for chunk in chunks:
            rest += len(chunk)
            if time.monotonic() > end:
                break
        spent = REST_SECONDS + time.monotonic() - end
    print(
        f"\nstream: opening {opening} B, one report {statistics.median(deltas):.0f} B, at rest {rest / spent:.1f} B/s"
    )
    print(f"the board asked whole: {board} B each time, {board / statistics.median(deltas):.0f} times a delta")


def test_from_start_to_first_page(server: Server) -> None:
    began = time.monotonic()
    server.start()
    ready = time.monotonic() - began
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        times = []
        context = chrome.new_context(viewport={"width": 1920, "height": 1080})
        for _ in ("cold", "warm"):
            wall = Watched(context.new_page())
            opened = time.monotonic()
            wall.open(f"{server.url}/wall?show=level")
            wall.until(READY)
            times.append(time.monotonic() - opened)
            wall.page.close()
        chrome.close()
    print(f"\nstart to ready {ready:.1f} s; /wall drawn and live {times[0]:.2f} s cold, {times[1]:.2f} s warm")
