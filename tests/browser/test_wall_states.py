"""The wall when there is little to show, too much of a name, or nobody who answers: each looks meant."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.cockpit import ROOT, Server
from tests.browser.conftest import Watched, serious
from tests.browser.test_wall_sizes import PROBE, overlapping

pytestmark = pytest.mark.browser
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes' && onemap.stream.loaded && !!onemap.stage.view"
TOLD = "document.querySelectorAll('.wall .empty').length === 3 && document.querySelectorAll('.trend svg').length === 2"
LONG = (
    "某某高新技术产业开发区与滨海新区及临港经济示范区联合管理委员会"
    + "筹备工作领导小组办公室派出机构综合协调服务中心所属的那个镇"
)
PLACE = (121.4057, 30.1702)


def texts(wall: Watched) -> list[dict[str, Any]]:
    """Every text that can be seen, once names have come to rest."""
    wall.page.evaluate(PROBE)
    wall.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[dict[str, Any]] = wall.page.evaluate("wallTexts()")
    return found


@pytest.mark.parametrize("query", ["", "?show=on_time", "?lang=en"])
def test_a_database_that_was_just_made_shows_a_county_in_order(empty_server: Server, wall: Watched, query: str) -> None:
    wall.open(f"{empty_server.url}/wall{query}")
    wall.until(READY)
    wall.until(TOLD)
    seen = texts(wall)
    assert [text["words"] for text in seen if text["cut"]] == []
    assert wall.page.evaluate("wallOverlaps()") == []
    words = {text["words"] for text in seen}
    if query == "":
        assert {"没有正在计时的案件", "各部门没有在办时限", "近一天没有事件", "在办 0 件：0 件超时，0 件临期"} <= words
        assert "同类日不足 3 天，暂无平日可比" in words
        assert wall.page.inner_text("[data-figure=overdue]") == "0"
        assert wall.page.inner_text("[data-on-time=share]") == "—"
    if query == "?show=on_time":
        assert "还没有可统计的案件，n = 0" in words
    assert wall.page.evaluate("document.querySelectorAll('.rank-row').length") == 20
    assert serious(wall.complaints) == []


@pytest.fixture
def long_named(tmp_path: Path) -> Iterator[Server]:
    """A server of a county in which one township has a name of 60 characters."""
    pack = tmp_path / "cixi"
    shutil.copytree(ROOT / "data" / "regions" / "cixi", pack)
    path = pack / "townships.geojson"
    collection = json.loads(path.read_text(encoding="utf8"))
    for feature in collection["features"]:
        if feature["properties"]["name"] == "观海卫镇":
            feature["properties"]["name"] = LONG
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf8")
    own = Server(tmp_path, {"ONEMAP_REGION": str(pack)})
    own.start()
    yield own
    own.kill()


def test_a_name_of_sixty_characters_is_shortened_and_pushes_nobody_away(long_named: Server, wall: Watched) -> None:
    assert len(LONG) == 60
    long_named.report("long", *PLACE)
    wall.open(f"{long_named.url}/wall?show=level")
    wall.until(READY)
    wall.until("document.querySelectorAll('.due-row').length")
    seen = texts(wall)
    assert [text["words"] for text in seen if text["cut"]] == []
    assert wall.page.evaluate("wallOverlaps()") == []
    labels = wall.page.evaluate("wallLabels()")
    assert overlapping(labels) == []
    assert len({label["code"] for label in labels if label["code"].isdigit()}) == 20


def test_a_name_of_sixty_characters_fits_a_phone_on_every_page(long_named: Server, phone: Watched) -> None:
    number = long_named.report("long", *PLACE)["number"]
    shown = {
        "/wall?show=level": ".due-row",
        "/": ".cockpit-side .ag-center-cols-container [role=row]",
        "/township/330282107": ".card",
        "/cases": ".cases-table .ag-center-cols-container [role=row]",
        f"/case/{number}": ".clock-svg",
        "/history": ".town-row",
        "/township/999": ".missing",
    }
    for path, ready in shown.items():
        phone.open(f"{long_named.url}{path}")
        phone.page.wait_for_selector(ready)
        width = phone.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} px wide"
    assert serious(phone.complaints) == []


def test_figures_that_are_not_renewed_are_told_to_be_old_although_the_line_lives(
    own_server: Server, wall: Watched
) -> None:
    wall.open(f"{own_server.url}/wall")
    wall.until(READY)
    # The server's heartbeat says how old its picture is; here the newest word is made a minute and a half old.
    wall.page.evaluate("onemap.stream.at = onemap.clock.now() - 90000")
    wall.until("document.querySelector('.stale').dataset.state", lambda state: state == "lost", seconds=3)
    assert "数据未更新" in wall.page.inner_text(".stale")
    assert "01:3" in wall.page.inner_text(".stale")


CUT = {"minute": 0, "level": 3, "kind": "breach", "where": "观海卫镇 · 某村", "why": "餐饮油烟扰民：刚刚超时"}
# The programme is a function of the clock; the clock is the test's: second 5 of a minute, then second 35.
AT = """(second) => {
    onemap.clock.now = () => 1764000000000 + 1000 * second;
    onemap.emit('second', onemap.clock.now());
}"""


def test_what_needs_eyes_is_flown_to_told_in_one_sentence_and_left_again(own_server: Server, wall: Watched) -> None:
    case = own_server.report("cut", *PLACE)
    wall.open(f"{own_server.url}/wall")
    wall.until(READY)
    home = wall.page.evaluate("onemap.map.map.getZoom()")
    cut = CUT | {
        "area": case["village"]["code"],
        "township": case["township"]["code"],
        "minute": 1764000000000 // 60000,
    }
    wall.page.evaluate("cut => dash_clientside.wall.cut(cut)", cut)
    wall.page.evaluate(AT, 5)
    wall.until("onemap.map.map.getZoom()", lambda zoom: zoom > home + 1)
    assert wall.page.inner_text(".stage-head").split("\n\n") == [cut["where"], cut["why"]]
    wall.page.evaluate(AT, 35)
    wall.until("onemap.map.map.getZoom()", lambda zoom: abs(zoom - home) < 0.01)
    assert wall.page.inner_text(".stage-title") == "在办时限"
    assert serious(wall.complaints) == []


@pytest.mark.parametrize(
    ("second", "view", "may_fly"),
    [(0, "level", False), (3, "level", True), (32, "level", True), (33, "level", False), (40, "pending", False),
     (59, "pending", False), (60, "level", False), (100, "overdue", False), (160, "on_time", False),
     (220, "response", False), (280, "density", False), (340, "pending", False)],
)  # fmt: skip
def test_the_programme_is_a_function_of_the_clock(
    empty_server: Server, wall: Watched, second: int, view: str, may_fly: bool
) -> None:
    wall.open(f"{empty_server.url}/wall")
    wall.until("!!window.onemap?.programme")
    # Minute 0 of 1970 is the first of the round of five.
    assert wall.page.evaluate(f"onemap.programme({second * 1000})") == {"view": view, "cut": may_fly}
