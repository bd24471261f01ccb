"""最多查一次 in a browser: who was visited, who twice and why, what an officer takes along, also on a phone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cases.inspection import check_character
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
WEST = (121.2665, 30.1703)
ROWS = "[...document.querySelectorAll('.subject-row b')].map(row => row.textContent)"
FIGURE = "document.querySelector('.kpi-figure[data-figure={}]')?.innerText"
APPROVED = {"reason": "整改期满复查", "approved_by": "command"}


def credit_code(count: int) -> str:
    body = f"91330282MA2AJ{count:04d}"
    return body + check_character(body)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these tests alone: they count subjects."""
    own = Server(tmp_path_factory.mktemp("inspections"))
    own.start()
    yield own
    own.kill()


def told(county: Server, name: str, count: int, days: float, matter: str = "YJS-01") -> str:
    """A case on an enterprise that was accepted some days ago."""
    at = datetime.now(UTC) - timedelta(days=days)
    subject = {"credit_code": credit_code(count), "name": name}
    source_id = f"{name}-{matter}-{days}"
    case = county.report(source_id, *WEST, matter=matter, occurred_at=at.isoformat(), subject=subject)
    county.event(case["number"], "accepted", "zhzf", occurred_at=(at + timedelta(minutes=5)).isoformat())
    return str(case["number"])


def came(county: Server, number: str, days: float, leg: int | str = "lead", **data: Any) -> None:
    at = datetime.now(UTC) - timedelta(days=days) + timedelta(minutes=30)
    county.event(number, "arrived", "zhzf", leg=leg, occurred_at=at.isoformat(), data=data)


def twice(county: Server, name: str, count: int) -> tuple[str, str]:
    """An enterprise that was visited, closed, and visited again with a reason."""
    first = told(county, name, count, 9)
    came(county, first, 9)
    at = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    county.event(first, "closed", "grid", occurred_at=at, data={"reason": "整改完成"})
    second = told(county, name, count, 5)
    came(county, second, 5, **APPROVED)
    return first, second


def test_figures_open_the_subjects_behind_them(county: Server, desk: Watched) -> None:
    desk.open(f"{county.url}/inspections")
    desk.until(
        "document.querySelector('.inspections-main')?.innerText", lambda text: "还没有登记检查对象" in (text or "")
    )
    assert desk.page.evaluate(FIGURE.format("more")).startswith("—"), "0 of 0 is no rate"
    twice(county, "两次餐饮店", 1)
    single = told(county, "一次食品厂", 2, 4)
    came(county, single, 4)
    desk.until(ROWS, lambda rows: set(rows) == {"两次餐饮店", "一次食品厂"}, seconds=15)
    quarters = {(datetime.now(UTC) - timedelta(days=days)).month for days in (0, 9)}
    if len({(month + 2) // 3 for month in quarters}) > 1:
        pytest.skip("the days of this test lie in two quarters")
    desk.until(FIGURE.format("more"), lambda text: text.split() == ["50%", "1", "/", "2"])
    assert desk.page.inner_text("tr[data-department=zhzf]").split() == [
        "综合执法局",
        "1",
        "/",
        "2",
        "50%",
        "1",
        "/",
        "1",
    ]
    desk.page.click("tr[data-department=zhzf] .behind >> nth=0")
    desk.until(ROWS, lambda rows: rows == ["两次餐饮店"])
    assert "visited=more" in desk.page.url
    assert "department=zhzf" in desk.page.url
    assert "综合执法局" in desk.page.inner_text(".inspections-list-head .chip")
    desk.page.go_back()
    desk.until(ROWS, lambda rows: len(rows) == 2)
    desk.page.select_option("[name=quarter]", index=3)
    desk.until(FIGURE.format("visited"), lambda text: text == "0")
    assert "quarter=20" in desk.page.url
    assert serious(desk.complaints) == []
    assert desk.foreign(county) == []


def test_a_subject_shows_its_visits_who_approved_the_second_and_one_list_to_take_along(
    county: Server, desk: Watched
) -> None:
    first, second = twice(county, "复查饭店", 3)
    third = told(county, "复查饭店", 3, 3, matter="YJS-04")
    desk.open(f"{county.url}/inspections")
    desk.page.wait_for_selector("[name=q]")
    desk.page.fill("[name=q]", credit_code(3).lower())
    desk.until(ROWS, lambda rows: rows == ["复查饭店"])
    desk.page.click(".subject-row")
    desk.until("document.querySelectorAll('.visit').length", lambda n: n == 2)
    newest, oldest = desk.page.locator(".visit").all()
    shown = newest.inner_text()
    for words in (
        "第 2 次上门",
        "进行中",
        "再次上门",
        "整改期满复查",
        "批准：综合信息指挥室",
        second,
        third,
        "综合执法局",
    ):
        assert words in shown
    assert first in oldest.inner_text()
    assert "再次上门" not in oldest.inner_text()
    items = newest.locator(".todo").all_inner_texts()
    assert len(items) == len(set(items)), "each item once"
    needed = httpx.get(f"{county.url}/api/v1/cases/{third}").json()["checks"]["xfjy"]
    assert any(needed[0] in item for item in items)

    # Another case joins while somebody reads an earlier visit: it stays open.
    oldest.locator("summary").click()
    fourth = told(county, "复查饭店", 3, 2)
    desk.until("document.querySelector('.visit').innerText", lambda text: fourth in text, seconds=10)
    assert desk.page.evaluate("document.querySelectorAll('.visit')[1].querySelector('details').open")
    desk.page.emulate_media(media="print")
    assert not desk.page.is_visible(".inspections-side")
    assert not desk.page.locator(".visit").nth(1).is_visible()
    assert desk.page.is_visible(".printed-foot")
    desk.page.emulate_media(media="screen")
    desk.page.click(".inspections-back")
    desk.until(ROWS, lambda rows: "复查饭店" in rows)
    assert serious(desk.complaints) == []


def test_the_page_of_a_case_says_which_visit_it_belongs_to(county: Server, desk: Watched) -> None:
    first, second = twice(county, "面板饭店", 4)
    third = told(county, "面板饭店", 4, 3)
    desk.open(f"{county.url}/case/{third}")
    panel = desk.until("document.querySelector('.case-visit')?.innerText", lambda text: "面板饭店" in (text or ""))
    for words in ("第 2 次上门", "并入已有的上门，共 2 件", "整改期满复查", second):
        assert words in panel
    desk.page.click(".case-visit summary")
    assert desk.page.locator(".case-visit .todo").first.is_visible()
    desk.page.click(".case-visit > .way")
    desk.until("document.querySelectorAll('.inspections .visit').length", lambda n: n == 2)
    plain = county.report("plain", *WEST)["number"]
    desk.open(f"{county.url}/case/{plain}")
    desk.until("document.querySelector('.case-visit')?.innerText", lambda text: text == "未登记检查对象")
    assert serious(desk.complaints) == []
    assert first != third


@pytest.mark.parametrize("way", ["", "?subject=" + credit_code(5), "?subject=nobody", "?quarter=nonsense"])
def test_a_phone_reads_it_without_scrolling_sideways(county: Server, phone: Watched, way: str) -> None:
    if "subject=9" in way:
        twice(county, "很长名称的慈溪市观海卫镇示范食品加工有限责任公司", 5)
    phone.open(f"{county.url}/inspections{way}")
    phone.page.wait_for_selector(".kpi-figure")
    phone.page.wait_for_timeout(800)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    if "nobody" in way:
        assert "没有检查对象 nobody" in phone.page.inner_text(".inspections-main")
    assert serious(phone.complaints) == []


def test_the_page_speaks_english(county: Server, desk: Watched) -> None:
    twice(county, "english", 6)
    desk.open(f"{county.url}/inspections?lang=en&subject={credit_code(6)}")
    text = desk.until("document.querySelector('.inspections-main')?.innerText", lambda text: "Visit 2" in (text or ""))
    assert "Second visit" in text
    assert "Approved by" in text
