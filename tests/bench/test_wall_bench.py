"""The wall with 2,500 cells and 20,000 open cases beside the plain way, in one run. Prints, never fails on time."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import insert

from data import tables
from data.engine import migrate, open_engine, writing
from data.region import load
from data.store import case_row
from tests.browser.cockpit import ROOT, Server, chromium
from tests.browser.conftest import ARGUMENTS
from tests.data.samples import a_state
from tests.environment.ports import free_port

pytestmark = pytest.mark.bench
OPEN, BATCH, RUNS = 20_000, 2_000, 5
REST_SECONDS = 10
PROBE = Path(__file__).with_name("wall_probe.js").read_text(encoding="utf8")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose county has 20,000 open cases, one in twenty overdue."""
    own = Server(tmp_path_factory.mktemp("wall"))
    engine = open_engine(f"sqlite:///{own.folder / 'onemap.db'}")
    migrate(engine)
    chance, cells = random.Random(4), load(ROOT / "data/regions/cixi").layers["grid"].areas
    now = datetime.now(UTC)
    for begin in range(0, OPEN, BATCH):
        rows, spans = [], []
        for count in range(begin, begin + BATCH):
            cell = chance.choice(cells)
            at = now - timedelta(minutes=1 + count)
            due = now + timedelta(minutes=chance.choice([-30] + [200 + chance.randrange(5000)] * 19))
            codes = {"cell": cell.code, "village": cell.code[:12], "township": cell.code[:9]}
            state = replace(a_state(str(count), at, **codes), number=f"CX{count:010}", revision=count + 1)
            limits = {"amber_at": due - timedelta(hours=1), "due_at": due, "due_kind": "finish"}
            rows.append(case_row(state) | limits | {"body_hash": str(count), "due_department": "zhzf"})
            spans.append({"number": state.number, "ordinal": 0, "opened_at": at, "closed_at": None, "length": None})
        with writing(engine) as connection:
            connection.execute(insert(tables.cases), rows)
            connection.execute(insert(tables.spans), spans)
            connection.execute(
                tables.counters.update().where(tables.counters.c.name == tables.REVISION).values(value=begin + BATCH)
            )
    engine.dispose()
    own.start()
    yield own
    own.kill()


@contextmanager
def plain(server: Server) -> Iterator[str]:
    """The plain way, as a process of its own."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.plain_wall", server.url, str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


class Opened:
    """Pages of one address, cold and warm, with what each of them cost."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.cold, self.warm, self.longest = [], [], []
        self.weight: dict[str, int] = {}
        for _ in range(RUNS):
            context = browser.new_context(viewport={"width": 1920, "height": 1080})
            context.add_init_script(PROBE)
            for name, times in (("cold", self.cold), ("warm", self.warm)):
                page = context.new_page()
                received = watch(page)
                page.goto(url)
                seen = until_useful(page)
                times.append(seen["useful"])
                page.wait_for_timeout(1500)
                self.weight[name] = sum(received)
                self.longest.append(seen["longest"] or 0)
                page.close()
            context.close()

    def words(self) -> str:
        """In one line."""
        cold, warm = statistics.median(self.cold), statistics.median(self.warm)
        weight = ", ".join(f"{name} {size / 1000:,.0f} kB" for name, size in self.weight.items())
        return f"{cold / 1000:.2f} s cold, {warm / 1000:.2f} s warm; {weight}; longest task {max(self.longest):.0f} ms"


def watch(page: Page) -> list[int]:
    """Bytes as they come over the wire, by piece."""
    received: list[int] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    return received


def until_useful(page: Page) -> dict[str, Any]:
    """Wait for levels on the map; the page's policy forbids to poll inside."""
    for _ in range(3000):
        seen: dict[str, Any] = page.evaluate("window.seen")
        if seen and seen["useful"]:
            return seen
        page.wait_for_timeout(20)
    raise AssertionError("the map was never drawn")


def test_first_useful_paint_weight_and_rest_beside_the_plain_way(county: Server) -> None:
    with sync_playwright() as playwright, plain(county) as peer:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        ours, theirs = Opened(browser, f"{county.url}/wall?show=level"), Opened(browser, peer)
        rest = {}
        for name, url in (("ours", f"{county.url}/wall?show=level"), ("plain", peer)):
            page = browser.new_page()
            page.add_init_script(PROBE)
            page.goto(url)
            until_useful(page)
            page.wait_for_timeout(6000)
            received = watch(page)
            page.wait_for_timeout(REST_SECONDS * 1000)
            rest[name] = sum(received) / REST_SECONDS
            if name == "ours":
                spent = sorted(page.evaluate("restyle()") for _ in range(9))
            page.close()
        browser.close()
    sys.stdout.write(
        f"\n/wall, 2,500 cells and {OPEN:,} open cases: {ours.words()}"
        f"\nplain (GeoJSON through a callback each second): {theirs.words()}"
        f"\nat rest: {rest['ours']:,.0f} B/s, plain {rest['plain']:,.0f} B/s"
        f"\nrestyle of all cells with drawing: median {spent[4]:.0f} ms, worst of 9 {spent[-1]:.0f} ms\n"
    )


def test_bytes_of_ten_cells(county: Server) -> None:
    """Ten cells change their level at the same moment: told as the stream tells it."""
    with httpx.stream("GET", f"{county.url}/api/v1/stream", timeout=60) as stream:
        chunks = stream.iter_raw()
        opening = next(chunks)
        while b"event: full" not in opening or not opening.endswith(b"\n\n"):
            opening += next(chunks)
    full = orjson.loads(opening.rsplit(b"data: ", 1)[1])
    cells, townships = full["cells"], full["townships"]
    found = {}
    for name, of in (("one township", 1), ("three", 3), ("ten", 10)):
        data = {"rev": full["rev"], "at": full["at"], "cells": cells[:50], "townships": townships[: 5 * of]}
        data["figures"] = {name: full["figures"][name] for name in ("amber", "overdue")}
        told = b"id: %d.%d\nevent: delta\ndata: " % (full["rev"], full["at"]) + orjson.dumps(data) + b"\n\n"
        found[name] = len(told)
    sys.stdout.write(f"\nten cells on the stream, of townships: {found} B; the whole picture {len(opening):,} B\n")
