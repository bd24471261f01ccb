"""The wall by itself: it shows what is reported, survives its server, and asks nobody else."""

import time

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
# 观塘社区 in 陆中湾街道 is where the boundary moved in 2024; a point in 观海卫镇 far from any line will do as well.
PLACE = (121.4057, 30.1702)
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes' && onemap.stream.state === 'live'"
SMALLEST_TEXT_PX = """Math.min(...[...document.querySelectorAll('.wall *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.offsetParent)
  .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
LEVEL = "onemap.map.levelOf({gid})"


def gid_of(wall: Watched, cell: str) -> int:
    """The number by which the stream speaks of a cell."""
    return int(wall.page.evaluate(f"onemap.map.cells.byCode.get('{cell}').gid"))


def test_a_report_changes_its_cell_and_its_township_within_two_seconds_without_a_reload(
    own_server: Server, wall: Watched
) -> None:
    # On a server of its own: where other tests have reported, the cell may be red, or as dark as it gets.
    wall.open(f"{own_server.url}/wall")
    wall.until(READY)
    wall.page.evaluate("window.neverReloaded = true")
    first = own_server.report("wall-first", *PLACE)
    gid, township = gid_of(wall, first["cell"]["code"]), first["township"]["code"]
    pending = f"document.querySelector(\"a.rank-row[data-township='{township}']\")?.dataset.pending"
    wall.until(LEVEL.format(gid=gid), lambda level: level == 1, seconds=2)
    wall.until(pending, lambda count: count == "1", seconds=2)
    look = wall.page.evaluate(f"onemap.map.shapes.get({gid}).options.fillOpacity")
    sent = time.monotonic()
    own_server.report("wall-second", *PLACE)
    wall.until(pending, lambda count: count == "2", seconds=2 - (time.monotonic() - sent))
    assert wall.page.evaluate(f"onemap.map.shapes.get({gid}).options.fillOpacity") > look
    assert wall.page.evaluate("window.neverReloaded") is True
    assert "观海卫镇" in wall.page.inner_text(".ticker .tick-row:first-child")
    assert serious(wall.complaints) == []
    assert wall.foreign(own_server) == []


def test_a_wall_comes_back_by_itself_when_its_server_died_and_was_started_again(
    own_server: Server, wall: Watched
) -> None:
    wall.open(f"{own_server.url}/wall")
    wall.until(READY)
    own_server.kill()
    wall.until("onemap.stream.state", lambda state: state == "lost")
    assert wall.page.locator(".stale").is_visible()
    assert "连接中断" in wall.page.inner_text(".stale")
    own_server.start()
    wall.until("onemap.stream.state", lambda state: state == "live", seconds=20)
    assert not wall.page.locator(".stale").is_visible()
    case = own_server.report("after-restart", *PLACE)
    gid = gid_of(wall, case["cell"]["code"])
    wall.until(LEVEL.format(gid=gid), lambda level: level == 1, seconds=2)
    wall.until("document.querySelector('[data-figure=pending]').textContent", lambda text: text == "1")
    assert serious(wall.complaints) == []
    assert wall.foreign(own_server) == []


def test_another_build_reloads_the_page_once(own_server: Server, wall: Watched) -> None:
    wall.open(f"{own_server.url}/wall")
    wall.until(READY)
    wall.page.evaluate("window.neverReloaded = true")
    own_server.kill()
    own_server.settings["ONEMAP_BUILD"] = "second"
    own_server.start()
    wall.until(
        "window.neverReloaded !== true && !!window.onemap?.config && !!onemap.stream.build?.startsWith('second-')",
        seconds=25,
    )
    wall.until(READY)


def test_nothing_on_the_wall_is_cut_or_scrolls(server: Server, wall: Watched) -> None:
    wall.open(f"{server.url}/wall")
    wall.until(READY)
    wall.until("document.querySelectorAll('.rank-row').length", lambda n: n == 20)
    scrolls = "[document.documentElement.scrollHeight > innerHeight, document.documentElement.scrollWidth > innerWidth]"
    assert wall.page.evaluate(scrolls) == [False, False]
    last = wall.page.locator(".rank-row").nth(19).bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 1080
    smallest = wall.page.evaluate(SMALLEST_TEXT_PX)
    # 1.4 % of the height can be read at six metres.
    assert smallest >= 0.014 * 1080
