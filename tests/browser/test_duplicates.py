"""Judging two cases side by side: a person merges them, or tells them apart, at a desk and on a phone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
MAP_READY = "document.querySelector('[data-map-of=compare]')?.countyMap?.pairShown !== undefined"
METRE = 1 / 110_852  # of latitude, in degrees
places = iter((121.10 + 0.02 * step, 30.17) for step in range(20))
"""For every test its own neighbourhood, so that none finds another one's cases."""


class Pair:
    """Two reports of one matter, so many metres apart, the first an hour before the second."""

    def __init__(self, server: Server, name: str, metres: float = 40, **second: Any) -> None:
        self.server = server
        lon, lat = next(places)
        contact = {"name": "张三丰", "phone": "13812340000"}
        photos = ["https://photos.example/1.jpg"]
        first = server.report(
            f"{name}-1", lon, lat, description="楼下饭店油烟直排", contact=contact, photos=photos, occurred_at=ago(60)
        )
        plain = {"description": "小区门口油烟呛人", "source": "patrol", "occurred_at": ago(1)}
        self.first = first["number"]
        self.second = server.report(f"{name}-2", lon, lat + metres * METRE, **(plain | second))["number"]

    @property
    def url(self) -> str:
        return f"{self.server.url}/duplicates?case={self.second}&beside={self.first}"

    def case(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.server.url}/api/v1/cases/{number}", timeout=10).json()
        return found


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def words(page: Watched, selector: str) -> str:
    return page.page.inner_text(selector)


def test_two_cases_stand_side_by_side_with_the_distance_on_one_map(server: Server, wall: Watched) -> None:
    pair = Pair(server, "beside")
    wall.open(pair.url)
    wall.until(MAP_READY)
    assert words(wall, ".beside-metres") == "40 米"
    one, other = words(wall, ".beside-one"), words(wall, ".beside-other")
    assert pair.first in one
    assert "楼下饭店油烟直排" in one
    assert "张* 138****0000" in one
    assert "先收到" in one
    assert pair.second in other
    assert "部门巡查" in other
    assert "综合执法局" in other
    assert wall.page.get_attribute(".beside-photos a", "href") == "https://photos.example/1.jpg"
    assert wall.page.locator(".beside-map .beside-pin").all_inner_texts() == ["甲", "乙", "40 米"]
    view = wall.page.locator(".beside-map").bounding_box()
    assert view
    for k in range(3):
        pin = wall.page.locator(".beside-map .beside-pin").nth(k).bounding_box()
        assert pin
        assert view["x"] < pin["x"] < view["x"] + view["width"]
        assert view["y"] < pin["y"] < view["y"] + view["height"]
    apart = wall.page.evaluate(
        "(() => { const m = document.querySelector('[data-map-of=compare]').countyMap.map; const d = [];"
        " m.eachLayer(l => l.getRadius && l.options.pane === 'marks' && d.push(l.getLatLng()));"
        " return m.latLngToContainerPoint(d[0]).distanceTo(m.latLngToContainerPoint(d[1])); })()"
    )
    assert apart > 100, "forty metres are not shown as one point"
    assert "张三丰" not in wall.page.content()
    assert "13812340000" not in wall.page.content()
    assert serious(wall.complaints) == []
    assert wall.foreign(server) == []


def test_a_person_merges_by_clicking_and_the_older_case_stays(server: Server, wall: Watched) -> None:
    pair = Pair(server, "merge")
    wall.open(f"{server.url}/case/{pair.second}")
    wall.until("document.querySelectorAll('.panel-duplicates .dup-row').length", lambda n: n == 1)
    wall.page.click(".panel-duplicates .dup-row")
    wall.until(MAP_READY)
    assert wall.page.input_value("input[name=stays]:checked") == pair.first
    wall.page.fill(".form-merge textarea", "同一家餐馆")
    wall.page.click(".form-merge .form-send")
    wall.until("document.querySelector('.beside-merged')?.innerText", lambda text: text and pair.first in text)
    gone, stays = pair.case(pair.second), pair.case(pair.first)
    assert (gone["status"], gone["merged_into"]) == ("merged", pair.first)
    assert gone["events"][-1]["data"] == {"into": pair.first, "reason": "同一家餐馆"}
    assert gone["events"][-1]["actor"] == "command"
    assert stays["merged_here"] == [pair.second]
    assert wall.page.locator(".form-merge").count() == 0
    wall.page.click(".beside-merged a")
    wall.until("document.querySelector('.panel-duplicates .beside-reports')?.innerText", bool)
    panel = words(wall, ".panel-duplicates")
    assert "上报 2 件" in panel
    assert "网格员" in panel
    assert "部门巡查" in panel
    assert serious(wall.complaints) == []


def test_the_later_case_may_stay_after_a_warning(server: Server, wall: Watched) -> None:
    pair = Pair(server, "later")
    wall.open(pair.url)
    wall.until(MAP_READY)
    assert not wall.page.is_visible(".beside-later")
    wall.page.check(f"input[name=stays][value='{pair.second}']")
    assert wall.page.is_visible(".beside-later")
    wall.page.click(".form-merge .form-send")
    wall.until("Boolean(document.querySelector('.beside-merged'))")
    assert pair.case(pair.first)["merged_into"] == pair.second


def test_who_tells_two_apart_is_not_asked_again(server: Server, wall: Watched) -> None:
    pair = Pair(server, "apart")
    wall.open(pair.url)
    wall.until(MAP_READY)
    wall.page.fill(".form-apart textarea", "两家餐馆")
    wall.page.click(".form-apart .form-send")
    wall.until("document.querySelector('.beside-told')?.innerText", lambda text: text and "不是同一件" in text)
    assert wall.page.locator(".form-apart").count() == 0
    assert wall.page.locator(".form-merge").count() == 1, "whoever changes their mind can still merge"
    for number in (pair.first, pair.second):
        found = httpx.get(f"{server.url}/api/v1/cases/{number}/duplicates", timeout=10).json()
        assert found["duplicates"] == []
    told = pair.case(pair.second)["events"][-1]
    assert (told["kind"], told["data"]["not_duplicate_of"]) == ("commented", pair.first)
    assert "两家餐馆" in told["data"]["text"]


def test_a_refusal_is_a_sentence_and_keeps_what_was_written(server: Server, wall: Watched) -> None:
    pair = Pair(server, "refused", matter="SD-01")
    wall.open(pair.url)
    wall.until(MAP_READY)
    assert "事项不同" in words(wall, ".beside-head")
    wall.page.fill(".form-merge textarea", "  ")
    wall.page.click(".form-merge .form-send")
    wall.until("document.querySelector('.form-merge .form-note').innerText", lambda text: "data.reason" in text)
    assert words(wall, ".form-merge .form-note").startswith("没有记录")
    assert pair.case(pair.second)["status"] == "received"
    wall.page.fill(".form-merge textarea", "油烟管道滴下的垃圾")
    wall.page.click(".form-merge .form-send")
    wall.until("Boolean(document.querySelector('.beside-merged'))")


def test_what_is_being_written_stays_while_others_go_on(server: Server, wall: Watched) -> None:
    pair = Pair(server, "writing")
    wall.open(pair.url)
    wall.until(MAP_READY)
    wall.page.fill(".form-merge textarea", "还没写完")
    server.event(pair.first, "urged", "command")
    server.event(pair.first, "accepted", "zhzf")
    wall.until("document.querySelector('.beside-one .chip-status').innerText", lambda text: text == "已受理")
    assert wall.page.input_value(".form-merge textarea") == "还没写完"


def test_the_work_list_leads_to_the_pair(server: Server, desk: Watched) -> None:
    pair = Pair(server, "work", metres=5)
    desk.open(f"{server.url}/duplicates")
    link = f".pair[href='/duplicates?case={pair.second}&beside={pair.first}']"
    desk.until(f'Boolean(document.querySelector("{link}"))')
    assert "5 米" in words(desk, link)
    desk.page.click(link)
    desk.until(MAP_READY)
    desk.page.click(".beside-head > .way")
    desk.until("document.querySelectorAll('.pair').length", bool)
    assert serious(desk.complaints) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/duplicates?case=CX19000101-00001&beside=CX19000101-00002", "没有编号为“CX19000101-00001”的案件"),
        ("/duplicates?case=CX19000101-00001&beside=CX19000101-00001", "请选两件不同的案件"),
        ("/duplicates?case=CX19000101-00001", "还需要第二件案件的编号"),
        ("/duplicates?case=%3Cb%3E&beside=x", "没有编号为“<b>”的案件"),
    ],
)
def test_what_cannot_be_compared_says_so(server: Server, desk: Watched, path: str, said: str) -> None:
    desk.open(server.url + path)
    desk.until("document.querySelector('.beside-told')?.innerText", lambda text: text and said in text)
    assert serious(desk.complaints) == []


def test_a_case_can_be_compared_with_any_other_by_its_number(server: Server, desk: Watched) -> None:
    pair = Pair(server, "by-number", metres=4000)
    desk.open(f"{server.url}/case/{pair.first}")
    desk.until("Boolean(document.querySelector('.dup-other input'))")
    desk.page.fill(".dup-other input", pair.second)
    desk.page.press(".dup-other input", "Enter")
    desk.until(MAP_READY)
    assert words(desk, ".beside-metres") in ("3,999 米", "4,000 米", "4,001 米")


def test_a_phone_judges_too_and_never_scrolls_sideways(server: Server, phone: Watched) -> None:
    pair = Pair(server, "phone")
    phone.open(f"{server.url}/duplicates")
    phone.until("document.querySelectorAll('.pair').length", bool)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.open(pair.url)
    phone.until(MAP_READY)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.page.tap(".form-merge .form-send")
    phone.until("Boolean(document.querySelector('.beside-merged'))")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone.complaints) == []


def test_in_english_every_word_is_english(server: Server, desk: Watched) -> None:
    pair = Pair(server, "english")
    desk.open(f"{pair.url}&lang=en")
    desk.until(MAP_READY)
    assert words(desk, ".beside-metres") == "40 m"
    assert "received first" in words(desk, ".beside-one")
    assert "They are not the same" in words(desk, ".form-apart")
