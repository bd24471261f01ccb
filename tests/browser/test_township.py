"""A township's leader on a phone: the next due case is urged with one tap, undone, or supervised, once and visibly."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious, watched

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
TOWN = "330282107"
CARD = ".card[data-number='{}']"
MAP_READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes'"
BOX = "JSON.parse(localStorage.getItem('onemap-outbox') || '[]')"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = Server(tmp_path_factory.mktemp("township"))
    own.start()
    yield own
    own.kill()


def reported(county: Server, source_id: str) -> str:
    return str(county.report(source_id, *PLACE)["number"])


def urged(county: Server, number: str) -> list[str]:
    """Who urged, as the hub has it."""
    events = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["events"]
    return [event["actor"] for event in events if event["kind"] == "urged"]


def button(number: str, kind: str) -> str:
    return f"{CARD.format(number)} [data-kind={kind}]"


def test_the_leader_urges_the_next_due_case_with_one_tap_and_sees_it_at_once(county: Server, phone: Watched) -> None:
    number = reported(county, "t-1")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.wait_for_selector(button(number, "urged"))
    assert re.search(r"\d\d:\d\d", phone.page.inner_text(f"{CARD.format(number)} .countdown"))
    phone.page.tap(button(number, "urged"))
    assert phone.page.is_disabled(button(number, "urged")), "what was tapped shows before anything was sent"
    assert "秒后发出" in phone.page.inner_text(".slip")
    assert urged(county, number) == []
    phone.page.wait_for_selector(f"{CARD.format(number)} [data-mark=urged]", timeout=20_000)
    assert urged(county, number) == [TOWN]
    assert phone.page.evaluate(BOX) == []
    assert serious(phone.complaints) == []
    assert phone.foreign(county) == []


def test_many_taps_urge_once(county: Server, phone: Watched) -> None:
    number = reported(county, "t-2")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.wait_for_selector(button(number, "urged"))
    phone.page.evaluate(f'for (let i = 0; i < 5; i++) document.querySelector("{button(number, "urged")}").click()')
    phone.page.wait_for_selector(f"{CARD.format(number)} [data-mark=urged]", timeout=20_000)
    phone.until(BOX, lambda box: box == [])
    assert urged(county, number) == [TOWN]


def test_what_was_tapped_by_mistake_is_undone_and_never_sent(county: Server, phone: Watched) -> None:
    number = reported(county, "t-3")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.tap(button(number, "urged"))
    phone.page.tap(".slip .tap-strong")
    phone.until(BOX, lambda box: box == [])
    phone.page.wait_for_selector(f"{button(number, 'urged')}:not([disabled])")
    assert urged(county, number) == []


def test_a_note_may_go_with_it(county: Server, phone: Watched) -> None:
    number = reported(county, "t-4")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.tap(button(number, "urged"))
    phone.page.tap(".slip .tap >> nth=0")
    phone.page.fill(".sheet [name=text]", "请优先处理，学校门口")
    phone.page.tap(".sheet .tap-main")
    phone.page.wait_for_selector(f"{CARD.format(number)} [data-mark=urged]", timeout=20_000)
    events = httpx.get(f"{county.url}/api/v1/cases/{number}").json()["events"]
    assert [event["data"] for event in events if event["kind"] == "urged"] == [{"text": "请优先处理，学校门口"}]


def test_supervision_asks_for_its_words_and_keeps_what_was_written(county: Server, phone: Watched) -> None:
    number = reported(county, "t-5")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.tap(button(number, "supervised"))
    phone.page.fill(".sheet [name=text]", "")
    phone.page.tap(".sheet .tap-main")
    assert "请先填写" in phone.page.inner_text(".sheet-note")
    phone.page.fill(".sheet [name=text]", "已超时，请说明")
    phone.page.tap(".sheet-foot .tap >> nth=0")
    phone.page.tap(button(number, "supervised"))
    assert phone.page.input_value(".sheet [name=text]") == "已超时，请说明", "closing by mistake loses nothing"
    phone.page.tap(".sheet .tap-main")
    phone.page.wait_for_selector(f"{CARD.format(number)} [data-mark=owes]", timeout=20_000)


def test_a_leader_without_a_network_is_told_and_the_hub_hears_of_it_later(county: Server, phone: Watched) -> None:
    number = reported(county, "t-6")
    phone.open(f"{county.url}/township/{TOWN}")
    phone.page.wait_for_selector(button(number, "urged"))
    phone.page.context.set_offline(True)
    phone.page.tap(button(number, "urged"))
    phone.page.wait_for_selector(".slip[data-state=waiting]", timeout=20_000)
    assert "没有网络" in phone.page.inner_text(".slip")
    assert urged(county, number) == []
    phone.page.context.set_offline(False)
    phone.page.wait_for_selector(f"{CARD.format(number)} [data-mark=urged]", timeout=30_000)
    assert urged(county, number) == [TOWN]


def test_the_map_shows_the_own_township_alone(county: Server, desk: Watched) -> None:
    reported(county, "t-7")
    desk.open(f"{county.url}/township/{TOWN}")
    desk.until(MAP_READY)
    codes = desk.page.evaluate("onemap.map.cells.areas.map(area => area.township)")
    assert len(codes) > 20
    assert set(codes) == {TOWN}
    assert desk.page.evaluate("onemap.map.townships.areas.map(area => area.code)") == [TOWN]
    assert desk.page.evaluate("onemap.map.around.neighbour.length") > 15, "the others are ground"


def test_shares_on_time_stand_beside_last_month_with_their_n(county: Server, desk: Watched) -> None:
    number = reported(county, "t-8")
    county.event(number, "accepted", "zhzf-107", leg="lead")
    desk.open(f"{county.url}/township/{TOWN}")
    desk.page.wait_for_selector(".share")
    assert desk.page.locator(".share").count() == 4
    first = desk.page.inner_text(".share >> nth=0")
    assert "首问响应" in first
    assert "100.0%" in first
    assert "上月 —（n=0）" in first
    assert "收缩" in first, "a share over few limits says that it is shrunk"


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("观海", "观海卫镇"), ("guanhaiwei", "观海卫镇"), ("30282107", "观海卫镇"), ("庵东正", "庵东镇")],
)
def test_an_unknown_township_offers_those_that_were_meant(
    county: Server, desk: Watched, asked: str, offered: str
) -> None:
    desk.page.goto(f"{county.url}/township/{asked}")
    desk.page.wait_for_selector(".missing")
    assert asked in desk.page.inner_text(".missing h1")
    assert offered in desk.page.inner_text(".missing .ways")


def test_what_nobody_knows_offers_all_townships(county: Server, desk: Watched) -> None:
    desk.page.goto(f"{county.url}/township/" + "x" * 60)
    desk.page.wait_for_selector(".missing")
    assert desk.page.locator(".missing .way").count() > 18


def test_a_township_without_a_case_says_so(empty_server: Server, phone: Watched) -> None:
    phone.open(f"{empty_server.url}/township/{TOWN}")
    phone.until("document.querySelector('.township-cases-part').innerText", lambda text: "没有在办案件" in text)
    assert "没有未裁定的职责争议" in phone.page.inner_text(".panel-quarrels")
    phone.until("document.querySelectorAll('.share-figure').length", lambda n: n == 4)
    assert set(phone.page.evaluate("[...document.querySelectorAll('.share-figure')].map(e => e.innerText)")) == {"—"}
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_phone_can_install_it_and_shows_a_page_without_a_network(county: Server, browser: Chrome) -> None:
    number = reported(county, "t-9")
    for own in watched(browser, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True):
        own.open(f"{county.url}/township/{TOWN}")
        own.until(
            "document.querySelector('link[rel=manifest]').href", lambda href: f"start=%2Ftownship%2F{TOWN}" in href
        )
        own.until("navigator.serviceWorker.ready.then(found => Boolean(found.active))")
        own.until("navigator.serviceWorker.controller !== null")
        own.page.context.set_offline(True)
        own.page.tap(button(number, "urged"))
        own.page.goto(f"{county.url}/mine", wait_until="load")
        assert "没有网络" in own.page.inner_text("h1")
        assert "1 步待发出" in own.page.inner_text(".waiting")
        own.page.context.set_offline(False)
        own.page.wait_for_selector(".mine", timeout=20_000)
        own.until("onemap.outbox.items().length", lambda n: n == 0, seconds=20)
        assert urged(county, number) == [TOWN]
        kept = own.page.evaluate(
            "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(one => one.keys()))))"
            ".then(all => all.flat().map(request => new URL(request.url).pathname))"
        )
        assert sorted(kept) == ["/assets/js/w_offline_page.js", "/offline"], "no data is ever kept"
