"""The wall for weeks on end: a day of updates leaves nothing behind, and it starts afresh at night only."""

import random
from typing import Any

import httpx
import orjson
import pytest
from playwright.sync_api import CDPSession, Route

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
CELLS, TOWNSHIPS = 2500, 20
BATCH, WARM_UP, BATCHES = 1000, 2, 12  # 10,000 updates after the warm-up
START_MS = 1_764_000_000_000
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes' && !!onemap.stage.view"
MATTERS = ["YJS-01", "YJS-02", "YJS-03"]
EVENTS = ["received", "accepted", "arrived", "finished"]


def said(event: str, data: dict[str, Any], identity: str = "") -> bytes:
    """One server-sent event."""
    head = f"id: {identity}\n" if identity else ""
    return f"{head}event: {event}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


class Day:
    """A day of a county as its stream tells it, in connections that end: each brings a batch of changes."""

    def __init__(self, build: str, townships: list[str]) -> None:
        self.build, self.townships = build, townships
        self.chance = random.Random(6)
        self.sent = 0
        self.is_going = False  # before the page is whole, only its first picture is told

    def answer(self, route: Route) -> None:
        """Give the next batch, or a line that says nothing once the day is over."""
        now = START_MS + self.sent * 8640
        told = [said("hello", {"build": self.build, "rev": self.sent, "now": now})]
        if self.sent == 0:
            told.append(said("full", self.change() | {"cells": [], "townships": self.counts(range(1, TOWNSHIPS + 1))}))
        if self.is_going and self.sent < BATCH * BATCHES:
            told += [said("delta", self.change(), str(self.sent)) for _ in range(BATCH)]
        route.fulfill(body=b"".join(told), content_type="text/event-stream")

    def counts(self, gids: Any) -> list[int]:
        """[gid, level, pending, amber, overdue, …] of these areas."""
        found: list[int] = []
        for gid in gids:
            pending = self.chance.randrange(9)
            overdue = self.chance.choice([0, 0, 0, 0, 1]) if pending else 0
            amber = self.chance.choice([0, 0, 0, 1]) if pending > overdue else 0
            found += [gid, 3 if overdue else 2 if amber else 1 if pending else 0, pending, amber, overdue]
        return found

    def change(self) -> dict[str, Any]:
        """Ten cells, a township, some figures and one event."""
        self.sent += 1
        chance, at = self.chance, START_MS + self.sent * 8640
        case = {
            "n": f"CX20261124-{self.sent:05}",
            "k": chance.choice(["came", "left", "event"]), "e": chance.choice(EVENTS),
            "g": 1 + chance.randrange(CELLS), "t": chance.choice(self.townships), "m": chance.choice(MATTERS),
            "l": 1, "at": at, "x": 121.25 + chance.random() / 10, "y": 30.15 + chance.random() / 10,
        }  # fmt: skip
        return {
            "rev": self.sent,
            "at": at,
            "cells": self.counts(chance.sample(range(1, CELLS + 1), 10)),
            "townships": self.counts([1 + chance.randrange(TOWNSHIPS)]),
            "figures": {"pending": 800 + chance.randrange(50), "overdue": 80, "amber": 40, "received_today": self.sent},
            "cases": [case],
        }


def used(devtools: CDPSession) -> tuple[float, int]:
    """Heap in MB and number of DOM nodes after garbage was collected."""
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    found = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"] / 2**20, int(found["Nodes"])


def test_ten_thousand_updates_leave_nothing_behind(server: Server, wall: Watched) -> None:
    region = httpx.get(f"{server.url}/api/v1/region").json()
    townships = httpx.get(f"{server.url}{region['layers']['township']['url']}").json()["features"]
    day = Day(region["build"], [feature["properties"]["code"] for feature in townships])
    # Without a SharedWorker the page holds the line itself: the same feed, in sight of the measurement.
    wall.page.add_init_script("delete window.SharedWorker")
    wall.page.route("**/api/v1/stream", day.answer)
    devtools = wall.page.context.new_cdp_session(wall.page)
    devtools.send("Performance.enable")
    wall.open(f"{server.url}/wall?show=level")
    wall.until(READY, seconds=30)
    wall.until("document.querySelectorAll('.trend svg').length", lambda n: n == 2, seconds=30)
    day.is_going = True
    wall.until("onemap.stream.rev", lambda rev: rev >= BATCH * WARM_UP, seconds=90)
    wall.until("document.querySelectorAll('.pulse').length", lambda n: n == 0)
    before, nodes_before = used(devtools)
    wall.until("onemap.stream.rev", lambda rev: rev >= BATCH * BATCHES, seconds=180)
    wall.until("document.querySelectorAll('.pulse').length", lambda n: n == 0)
    after, nodes_after = used(devtools)
    assert after < 1.1 * before
    assert nodes_after < 1.1 * nodes_before
    assert wall.page.inner_text("[data-figure=received_today]").replace(",", "") == str(BATCH * BATCHES + 1)
    assert wall.page.locator(".tick-row").count() <= 30
    assert serious(wall.complaints) == []


@pytest.mark.parametrize(
    ("hour", "age_hours", "line", "reloads"),
    [(3, 13, "live", True), (3, 11, "live", False), (3, 13, "lost", False), (4, 13, "live", False)],
)
def test_the_page_is_loaded_anew_at_night_when_it_is_old_and_the_line_is_live(
    server: Server, wall: Watched, hour: int, age_hours: int, line: str, reloads: bool
) -> None:
    wall.open(f"{server.url}/wall")
    wall.until(READY, seconds=30)
    asked = f"onemap.isTimeToReload({hour}, {age_hours} * 3600000, '{line}')"
    assert wall.page.evaluate(asked) is reloads


def test_the_screen_is_kept_awake_where_the_browser_can(server: Server, wall: Watched) -> None:
    wall.page.add_init_script("""
        window.asked = [];
        const request = async (kind) => { asked.push(kind); return { kind }; };
        Object.defineProperty(navigator, "wakeLock", { value: { request } });
    """)
    wall.open(f"{server.url}/wall")
    wall.until("asked.length", lambda n: n > 0)
    assert wall.page.evaluate("asked[0]") == "screen"
