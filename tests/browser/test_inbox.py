"""The inbox in a browser: on an office screen and on a phone, in both languages, live."""

from pathlib import Path

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
UNIT = "unit:zhzf-107"
NOTICES = "document.querySelectorAll('.notice').length"
NO_SIDEWAYS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def case(server: Server) -> dict:
    """A case whose lead's unit was urged and put under supervision."""
    reported = server.report("inbox-1", *PLACE, description="楼下饭店油烟直排")
    server.event(reported["number"], "urged", "330282107", leg=1)
    server.event(reported["number"], "supervised", "330282107", leg=1, data={"text": "请于今日内反馈进展"})
    return reported


def text_of(page: Watched, selector: str) -> str:
    return page.page.inner_text(selector)


def test_an_inbox_shows_what_is_unread_newest_first_and_marks_it_as_read(
    server: Server, desk: Watched, case: dict
) -> None:
    desk.open(f"{server.url}/inbox?of={UNIT}")
    desk.until(NOTICES, lambda n: n >= 2, seconds=20)
    first = desk.page.locator(".notice").first
    assert "督办" in first.inner_text()
    assert "请于今日内反馈进展" in first.inner_text()
    assert "观海卫镇" in first.inner_text()
    assert case["number"] in first.inner_text()
    unread = int(text_of(desk, ".inbox-count").split()[-1])
    first.locator(".notice-mark").click()
    desk.until("document.querySelector('.inbox-count').textContent", lambda text: text.endswith(str(unread - 1)))
    assert "已读" in desk.page.locator(".notice").first.inner_text()
    desk.page.click("label:has-text('只看未读')")
    desk.until("location.search", lambda search: "unread=1" in search)
    desk.until("document.querySelectorAll('.notice[data-read=yes]').length", lambda n: n == 0)
    assert serious(desk.complaints) == []
    assert desk.foreign(server) == []


def test_a_notice_leads_to_its_case(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/inbox?of={UNIT}")
    desk.until(NOTICES, lambda n: n >= 2, seconds=20)
    desk.page.locator(".notice-case").first.click()
    desk.until("location.pathname", lambda path: path == f"/case/{case['number']}")
    desk.until("document.querySelectorAll('.event').length", lambda n: n >= 3)


def test_another_inbox_is_found_by_name_and_remembered(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/inbox")
    desk.until("new URLSearchParams(location.search).get('of')", lambda of: of == "command")
    desk.page.click("#inbox-of")
    desk.page.fill("input[placeholder='查找']", "观海卫镇综合行政执法")
    desk.page.click("label:has-text('派驻机构 · 观海卫镇综合行政执法中队')")
    desk.until("new URLSearchParams(location.search).get('of')", lambda of: of == UNIT)
    desk.until(NOTICES, lambda n: n >= 2)
    desk.open(f"{server.url}/inbox")
    desk.until("new URLSearchParams(location.search).get('of')", lambda of: of == UNIT)


def test_what_is_told_while_the_page_is_open_appears_by_itself(server: Server, desk: Watched, case: dict) -> None:
    desk.open(f"{server.url}/inbox?of={UNIT}")
    before = desk.until(NOTICES, lambda n: n >= 2, seconds=20)
    server.event(case["number"], "urged", "330282107", leg=1)
    desk.until(NOTICES, lambda n: n == before + 1, seconds=20)


def test_an_inbox_that_is_not_there_says_so(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/inbox?of=unit:nobody")
    desk.until("document.querySelector('.notices .empty')?.textContent", lambda text: text and "没有这个收件方" in text)
    desk.page.goto(f"{server.url}/inbox?of=department:scjg&lang=en")
    desk.until("document.querySelector('.notices .empty')?.textContent", lambda text: text == "No messages")
    assert serious(desk.complaints) == []


def test_the_inbox_works_on_a_phone(server: Server, phone: Watched, case: dict, tmp_path: Path) -> None:
    phone.open(f"{server.url}/inbox?of={UNIT}")
    phone.until(NOTICES, lambda n: n >= 2, seconds=20)
    assert phone.page.evaluate(NO_SIDEWAYS)
    button = phone.page.locator(".notice-mark").first
    assert button.bounding_box()["height"] >= 40
    unread = int(text_of(phone, ".inbox-count").split()[-1])
    button.tap()
    phone.until(
        "document.querySelector('.inbox-count').textContent",
        lambda text: text == "" or int(text.split()[-1]) < unread,
    )
    assert serious(phone.complaints) == []


def test_the_inbox_uses_the_large_screen(server: Server, wall: Watched, case: dict) -> None:
    wall.open(f"{server.url}/inbox?of={UNIT}")
    wall.until(NOTICES, lambda n: n >= 2, seconds=20)
    assert wall.page.evaluate(NO_SIDEWAYS)
