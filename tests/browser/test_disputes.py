"""Disputes in a browser: read, argued and settled while other cases come in, on a wall, at a desk and on a phone."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
EAST, WEST = (121.4057, 30.1702), (121.2665, 30.1703)
GUANHAIWEI = "330282107"
CLAUSE = "一件事清单第1项：净化设施由生态环境分局核查"
OPEN = "[...document.querySelectorAll('.disputes-open .dispute')].map(row => row.dataset.key)"
SETTLED = "[...document.querySelectorAll('.disputes-settled .dispute')].map(row => row.dataset.key)"
WAITING = "[...document.querySelectorAll('.wait')].map(row => row.innerText)"
FIGURE = "document.querySelector('.kpi-figure[data-figure={}]').firstChild.textContent"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these tests alone: they count what is open."""
    own = Server(tmp_path_factory.mktemp("disputes"))
    own.start()
    yield own
    own.kill()


def disputed(
    county: Server, source_id: str, place: tuple[float, float] = EAST, matter: str = "SD-01", **data: Any
) -> str:
    """A case whose lead says that it is not its own."""
    case = county.report(source_id, *place, matter=matter)
    county.event(case["number"], "disputed", case["lead"]["department"], data={"clause": CLAUSE} | data)
    return str(case["number"])


def row(number: str) -> str:
    return f'.disputes-main .dispute[data-key="{number}-1"]'


def test_a_dispute_is_read_argued_and_settled_and_the_next_case_follows_the_ruling(
    county: Server, desk: Watched
) -> None:
    number = disputed(county, "d-1", matter="YJS-01", view="本局只负责占道", wanted="sthj")
    desk.open(f"{county.url}/disputes")
    desk.until(OPEN, lambda keys: keys == [f"{number}-1"])
    assert "天" in desk.page.inner_text(f"{row(number)} .countdown")
    before = desk.page.inner_text(f"{row(number)} .countdown")
    assert re.fullmatch(r"\d+天 \d\d:\d\d", before)
    desk.page.click(f"{row(number)} summary")
    shown = desk.page.inner_text(row(number))
    for words in (CLAUSE, "本局只负责占道", "主张由生态环境分局办理", "裁定时限", "观海卫镇"):
        assert words in shown

    # A view of the township; what is being written meanwhile stays when it comes in.
    desk.page.fill(f"{row(number)} .form-settle [name=decision]", "净化设施属环评事项")
    desk.page.select_option(f"{row(number)} .form-state [name=by]", GUANHAIWEI)
    desk.page.fill(f"{row(number)} .form-state [name=text]", "群众等不起，请首问部门先到场")
    desk.page.click(f"{row(number)} .form-state .form-send")
    desk.until(f"document.querySelector('{row(number)} .dispute-views').innerText", lambda text: "群众等不起" in text)
    assert desk.page.input_value(f"{row(number)} .form-settle [name=decision]") == "净化设施属环评事项"
    assert desk.page.input_value(f"{row(number)} .form-state [name=text]") == ""

    desk.page.select_option(f"{row(number)} .form-settle [name=department]", "sthj")
    desk.page.check(f"{row(number)} [name=rule]")
    desk.page.fill(f"{row(number)} [name=change]", "第1项改由生态环境分局首问受理并牵头")
    desk.page.click(f"{row(number)} .form-settle .form-send")
    desk.until(SETTLED, lambda keys: keys == [f"{number}-1"])
    assert desk.page.evaluate(OPEN) == []
    (waiting,) = desk.until(WAITING, lambda rows: len(rows) == 1)
    for words in (
        "餐饮油烟扰民",
        "观海卫镇",
        "综合执法局 → 生态环境分局",
        "第1项改由生态环境分局首问受理并牵头",
        number,
    ):
        assert words in waiting
    assert desk.page.evaluate(FIGURE.format("in_time")) == "100%"

    there, elsewhere = county.report("d-2", *EAST), county.report("d-3", *WEST)
    assert there["lead"]["department"] == "sthj"
    assert elsewhere["lead"]["department"] == "zhzf"
    desk.open(f"{county.url}/case/{there['number']}")
    desk.until("document.querySelectorAll('.why dt').length", lambda n: n >= 4)
    why = desk.page.inner_text(".why")
    assert f"依 {number} 号案件争议裁定" in why
    assert "第1项改由生态环境分局首问受理并牵头" in why
    assert f"按照{number}号案件职责争议" in desk.page.inner_text(".leg blockquote >> nth=0")
    assert serious(desk.complaints) == []
    assert desk.foreign(county) == []


def test_what_is_missing_is_said_in_a_sentence_and_nothing_is_recorded(county: Server, desk: Watched) -> None:
    number = disputed(county, "d-bad")
    desk.open(f"{county.url}/disputes?case={number}")
    desk.until(f"document.querySelector('{row(number)}')?.open")
    send, note = f"{row(number)} .form-settle .form-send", f"{row(number)} .form-settle .form-note"
    desk.page.click(send)
    desk.page.wait_for_selector(f"{note}[data-state=refused]")
    assert "data.department" in desk.page.inner_text(note)
    desk.page.select_option(f"{row(number)} .form-settle [name=department]", "sthj")
    desk.page.fill(f"{row(number)} .form-settle [name=decision]", "由其负责")
    desk.page.check(f"{row(number)} [name=rule]")
    desk.page.click(send)
    desk.until(f"document.querySelector('{note}').textContent", lambda text: "what the next version" in text)
    assert desk.page.inner_text(note).startswith("内容不完整或有误：")
    state = httpx.get(f"{county.url}/api/v1/cases/{number}").json()
    assert [event["kind"] for event in state["events"]] == ["received", "disputed"]
    # The browser itself notes every refused request in its console.
    assert [text for text in serious(desk.complaints) if "422" not in text] == []


def test_filters_stand_in_the_address_and_a_township_can_be_clicked(county: Server, desk: Watched) -> None:
    west, east = disputed(county, "d-west", WEST), disputed(county, "d-east")
    desk.open(f"{county.url}/disputes?department=zhzf&period=2026")
    desk.until(OPEN, lambda keys: {f"{west}-1", f"{east}-1"} <= set(keys))
    desk.page.click(".disputes-townships .count-name:has-text('观海卫镇')")
    desk.until(OPEN, lambda keys: f"{east}-1" in keys and f"{west}-1" not in keys)
    assert f"township={GUANHAIWEI}" in desk.page.url
    assert "观海卫镇" in desk.page.inner_text(".control-township")
    desk.page.go_back()
    desk.until(OPEN, lambda keys: f"{west}-1" in keys)
    desk.open(f"{county.url}/disputes?period=2025")
    desk.until(FIGURE.format("opened"), lambda text: text == "0")
    assert "2025 年" in desk.page.inner_text(".control-period")
    desk.open(f"{county.url}/disputes?case={west}")
    desk.until(OPEN, lambda keys: keys == [f"{west}-1"])
    assert desk.page.evaluate(f"document.querySelector('{row(west)}').open")
    desk.page.click(".only .way")
    desk.until(OPEN, lambda keys: f"{east}-1" in keys)


def test_a_new_dispute_appears_by_itself_and_leaves_what_is_being_written_alone(county: Server, desk: Watched) -> None:
    first = disputed(county, "d-live-1")
    desk.open(f"{county.url}/disputes")
    desk.until(OPEN, lambda keys: f"{first}-1" in keys)
    desk.page.click(f"{row(first)} summary")
    desk.page.click(f"{row(first)} .form-state [name=text]")
    desk.page.keyboard.type("写到一")
    second = disputed(county, "d-live-2", WEST)
    desk.until(OPEN, lambda keys: f"{second}-1" in keys, seconds=5)
    desk.page.keyboard.type("半")
    assert desk.page.input_value(f"{row(first)} .form-state [name=text]") == "写到一半"
    assert desk.page.evaluate(f"document.querySelector('{row(first)}').open")


def test_a_department_disputes_its_part_on_the_page_of_the_case(county: Server, desk: Watched) -> None:
    number = county.report("d-raise", *WEST)["number"]
    desk.open(f"{county.url}/case/{number}")
    desk.page.click(".dispute-raise > summary")
    desk.page.click(".form-raise .form-send")
    desk.page.wait_for_selector(".form-raise .form-note[data-state=refused]")
    assert "data.clause" in desk.page.inner_text(".form-raise .form-note")
    desk.page.fill(".form-raise [name=clause]", CLAUSE)
    desk.page.select_option(".form-raise [name=wanted]", "sthj")
    desk.page.click(".form-raise .form-send")
    desk.until("document.querySelectorAll('.case-disputes .dispute').length", lambda n: n == 1)
    desk.page.click(".case-disputes .dispute summary")
    assert CLAUSE in desk.page.inner_text(".case-disputes .dispute")
    # That part is in dispute now; the coordinating ones are not.
    legs = desk.page.locator(".form-raise [name=leg] option").all_inner_texts()
    assert [leg.split("：")[0] for leg in legs] == ["协同", "协同"]
    desk.page.click(".dispute-more .way")
    desk.until(OPEN, lambda keys: keys == [f"{number}-1"])


@pytest.mark.parametrize("path", ["/disputes", "/", "/lists"])
def test_a_phone_reaches_every_page_and_reads_without_scrolling_sideways(
    county: Server, phone: Watched, path: str
) -> None:
    disputed(county, f"d-phone-{path}")
    phone.open(county.url + path)
    phone.page.wait_for_selector(".head-nav")
    phone.page.wait_for_timeout(1500)
    if path == "/disputes":
        phone.page.tap(".disputes-open .dispute summary >> nth=0")
        phone.page.wait_for_selector(".form-settle:visible")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    links = phone.page.locator(".nav-link:visible")
    assert {"/disputes", "/inspections", "/assessment", "/inbox"} <= {
        link.get_attribute("href") for link in links.all()
    }
    # All stand in one line, the shown page in sight, and the last one can be brought there.
    assert len({round(link.bounding_box()["y"]) for link in links.all()}) == 1
    here = phone.page.locator(".nav-here").bounding_box()
    assert 0 <= here["x"] <= 390 - here["width"]
    last = links.last
    last.scroll_into_view_if_needed()
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= 390
    assert phone.page.locator(".head").bounding_box()["height"] < 120
    assert serious(phone.complaints) == []


def test_the_page_speaks_english(county: Server, desk: Watched) -> None:
    disputed(county, "d-en")
    desk.open(f"{county.url}/disputes?lang=en")
    desk.until("document.querySelectorAll('.disputes-open .dispute').length", lambda n: n > 0)
    text = desk.page.inner_text(".page.disputes")
    for words in ("Open disputes", "Settled", "By township", "Guanhaiwei Town"):
        assert words in text


def test_an_empty_county_says_so(empty_server: Server, desk: Watched) -> None:
    desk.open(f"{empty_server.url}/disputes")
    desk.until("document.querySelector('.disputes-open')?.innerText || ''", lambda text: "没有待裁定的争议" in text)
    assert desk.page.evaluate(FIGURE.format("in_time")) == "—"
    assert serious(desk.complaints) == []
