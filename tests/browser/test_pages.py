"""Every other page: for a leader at a desk and on a phone, in both languages, with and without something to show."""

import re

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
GUANHAIWEI = "330282107"
MAP_READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes'"
ROWS = "document.querySelectorAll('.ag-center-cols-container [role=row]').length"


@pytest.fixture(scope="module")
def case(server: Server) -> dict:
    """A case with a contact that nobody may read, accepted by its lead."""
    contact = {"name": "张三丰", "phone": "13812340000"}
    reported = server.report("pages-1", *PLACE, description="楼下饭店油烟直排", contact=contact)
    server.event(reported["number"], "accepted", reported["lead"]["department"])
    return reported


def text_of(page: Watched, selector: str) -> str:
    """The words inside an element."""
    return page.page.inner_text(selector)


def test_the_cockpit_lists_pending_cases_and_keeps_its_view_in_the_address(
    server: Server, desk: Watched, case: dict
) -> None:
    desk.open(f"{server.url}/?area={GUANHAIWEI}")
    desk.until(MAP_READY)
    desk.until(ROWS)
    assert "观海卫镇" in text_of(desk, ".crumb-here")
    assert case["number"] in text_of(desk, ".cockpit-side .table")
    desk.page.click(".ticks-level label:has-text('超时')")
    desk.until("location.search", lambda search: "level=red" in search and f"area={GUANHAIWEI}" in search)
    desk.until(ROWS, lambda rows: rows == 0)
    desk.page.go_back()
    desk.until("location.search", lambda search: "level" not in search)
    desk.until(ROWS)
    assert not desk.page.is_checked(".ticks-level label:has-text('超时') input")
    assert serious(desk.complaints) == []
    assert desk.foreign(server) == []


def test_a_click_on_the_map_goes_down_from_township_to_village_to_cell(
    server: Server, desk: Watched, case: dict
) -> None:
    desk.open(f"{server.url}/")
    desk.until(MAP_READY)
    steps = []
    for _ in range(3):
        box = desk.page.evaluate(
            "(() => { const m = onemap.map.map; const p = m.latLngToContainerPoint([30.1702, 121.4057]);"
            " const r = m.getContainer().getBoundingClientRect(); return [r.left + p.x, r.top + p.y]; })()"
        )
        desk.page.mouse.click(*box)
        steps.append(
            desk.until("new URLSearchParams(location.search).get('area')", lambda a, s=tuple(steps): a and a not in s)
        )
        desk.page.wait_for_timeout(1500)
    assert steps == [case["township"]["code"], case["village"]["code"], case["cell"]["code"]]
    assert desk.page.locator(".crumb").count() == 4


def test_the_layer_of_points_is_drawn_and_remembered_by_the_address(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/?layers=cells,points")
    desk.until("onemap.map?.points?.levels?.length > 0")
    assert desk.page.is_checked(".ticks-layers label:has-text('案件点位') input")


def test_a_township_sees_its_cases_by_time_left_and_its_units(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/township/{GUANHAIWEI}")
    desk.until(MAP_READY)
    desk.until(ROWS, lambda rows: rows > 1)
    desk.page.wait_for_selector(f".card[data-number='{case['number']}']")
    assert "观海卫镇" in text_of(desk, ".township-head h1")
    desk.until("document.querySelector('.township [data-figure=pending]').textContent", lambda text: text.isdigit())
    card = f".card[data-number='{case['number']}'] .countdown"
    countdown = text_of(desk, card)
    assert re.search(r"\d\d:\d\d", countdown)
    desk.until(f'document.querySelector("{card}").textContent', lambda text: text != countdown, seconds=3)
    assert "中队" in text_of(desk, ".panel-units")
    assert serious(desk.complaints) == []


def test_a_case_shows_timeline_legs_clause_and_clocks_and_masks_the_contact(
    server: Server, desk: Watched, case: dict
) -> None:
    desk.open(f"{server.url}/case/{case['number']}")
    desk.until("document.querySelectorAll('.event').length", lambda n: n >= 2)
    body = text_of(desk, ".case-body")
    assert "张*" in body
    assert "138****0000" in body
    assert "张三丰" not in desk.page.content()
    assert "13812340000" not in desk.page.content()
    assert desk.page.locator(".leg").count() == 3
    assert desk.page.locator(".leg[data-role=lead]").count() == 1
    assert "一件事清单" in text_of(desk, ".leg[data-role=lead]")
    assert desk.page.locator(".clock-row").count() >= 3
    desk.until("document.querySelector('[data-map-of=case]').countyMap?.pinned !== undefined")
    assert serious(desk.complaints) == []


def test_a_new_event_appears_on_the_open_case_page(server: Server, desk: Watched) -> None:
    reported = server.report("pages-live", *PLACE)
    desk.open(f"{server.url}/case/{reported['number']}")
    desk.until("document.querySelectorAll('.event').length", lambda n: n == 1)
    server.event(reported["number"], "urged", "command")
    desk.until("document.querySelectorAll('.event').length", lambda n: n == 2, seconds=4)
    assert "催办" in text_of(desk, ".event")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/township/999999999", "没有编码为“999999999”的镇街"),
        ("/case/CX19000101-00001", "没有编号为“CX19000101-00001”的案件"),
        ("/nowhere", "没有这个页面"),
    ],
)
def test_what_is_not_there_says_so_and_offers_a_way_on(server: Server, desk: Watched, path: str, words: str) -> None:
    desk.page.goto(server.url + path)
    desk.page.wait_for_selector(".missing:visible")
    assert words in text_of(desk, ".missing:visible h1")
    desk.page.click(".missing:visible .way-home >> nth=0")
    desk.page.wait_for_selector(".cockpit")


@pytest.mark.parametrize("path", ["/", f"/township/{GUANHAIWEI}", "/nowhere", "/case/CX19000101-00001"])
def test_a_phone_never_scrolls_sideways(server: Server, phone: Watched, path: str) -> None:
    phone.page.goto(server.url + path)
    phone.page.wait_for_selector(".head")
    phone.page.wait_for_timeout(800)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_phone_shows_a_case_and_is_told_of_changes_without_a_shared_worker(
    server: Server, phone: Watched, case: dict
) -> None:
    phone.open(f"{server.url}/case/{case['number']}")
    phone.until("onemap.stream.state", lambda state: state == "live")
    phone.until("document.querySelectorAll('.event').length", lambda n: n >= 2)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone.complaints) == []


def test_english_is_chosen_by_the_address_and_remembered(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/?lang=en")
    assert desk.page.evaluate("document.documentElement.lang") == "en"
    desk.until(ROWS)
    assert "Pending cases" in text_of(desk, ".cockpit-side")
    assert "Time left" in text_of(desk, ".ag-header")
    assert "Restaurant smoke" in text_of(desk, ".cockpit-side .table")
    desk.open(f"{server.url}/township/{GUANHAIWEI}")
    assert "Guanhaiwei" in text_of(desk, ".township-head h1")
    desk.page.click("button.lang")
    desk.page.wait_for_selector("h1:has-text('观海卫镇')")
    assert desk.page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("path", ["/wall", "/", f"/township/{GUANHAIWEI}"])
def test_an_empty_county_looks_designed(empty_server: Server, desk: Watched, path: str) -> None:
    desk.open(empty_server.url + path)
    desk.until(MAP_READY)
    desk.until("[...document.querySelectorAll('[data-figure=pending]')].every(e => e.textContent === '0')")
    words = {"/wall": "没有正在计时的案件", "/": "没有符合条件的在办案件"}.get(path, "没有在办案件")
    desk.until("document.body.innerText", lambda text: words in text)
    assert serious(desk.complaints) == []
