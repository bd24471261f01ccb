"""The assessment at a desk and on a phone: figures that open their cases, ratings, consultations, refusals."""

from typing import Any

import httpx
import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
UNIT, HERE = "zhzf-107", "330282107"
ROWS = "document.querySelectorAll('.assessment .ag-center-cols-container [role=row]').length"
PANEL = "document.querySelector('.assessment-panel:not([hidden])')?.innerText || ''"
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def worked(server: Server) -> dict[str, Any]:
    """A case of litter in 观海卫镇, accepted and finished at once."""
    case = server.report("assessed-1", *PLACE, matter="SD-01")
    lead = case["legs"][0]
    server.event(case["number"], "accepted", lead["department"])
    server.event(case["number"], "finished", lead["department"], data={"result": "已清理"})
    return case | {"unit": lead["unit"]}


def panel(page: Watched, *words: str) -> str:
    return str(page.until(PANEL, lambda text: all(word in text for word in words)))


def test_a_figure_opens_the_cases_behind_it_and_the_address_keeps_it(
    server: Server, wall: Watched, worked: dict[str, Any]
) -> None:
    unit = worked["unit"]["code"] if isinstance(worked["unit"], dict) else worked["unit"]
    wall.open(f"{server.url}/assessment?township={HERE}")
    wall.until(ROWS, lambda n: n and n > 4)
    row = f".ag-center-cols-container [row-id='{unit}']"
    assert "100.0 %" in wall.page.inner_text(f"{row} [col-id=disposal]")
    assert "n=1" in wall.page.inner_text(f"{row} [col-id=disposal]")
    assert "缺" in wall.page.inner_text(f"{row} [col-id=total]")
    wall.page.click(f"{row} [col-id=disposal] button")
    panel(wall, "处置率", worked["number"])
    for part in (f"unit={unit}", "indicator=disposal", "part=numerator", f"township={HERE}"):
        assert part in wall.page.url
    wall.page.click(".assess-tab[data-part=denominator]")
    wall.until("new URLSearchParams(location.search).get('part')", lambda part: part == "denominator")
    panel(wall, "应处置数", worked["number"])
    wall.page.click(".assess-back")
    text = panel(wall, "得分构成", "30×处置率", "金牛区")
    assert "缺镇街评价" in text
    wall.page.go_back()
    panel(wall, worked["number"])
    wall.page.keyboard.press("Escape")
    wall.until("document.querySelector('.assessment-panel').hidden")
    assert "unit=" not in wall.page.url
    assert wall.page.evaluate(FITS)
    assert serious(wall.complaints) == []
    assert wall.foreign(server) == []


def test_a_township_rates_and_what_is_refused_is_said(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/assessment?unit=scjg-107")
    panel(desk, "观海卫镇市场监管所", "该期间还没有评价")
    desk.page.click(".assess-ratings .assess-more summary")
    desk.page.fill(".form-rate [name=score]", "101")
    desk.page.fill(".form-rate [name=reason]", "配合及时")
    desk.page.click(".form-rate .form-send")
    desk.until(
        "document.querySelector('.form-rate .form-note').innerText", lambda said: "101" in said and "未保存" in said
    )
    desk.page.fill(".form-rate [name=score]", "93.5")
    desk.page.click(".form-rate .form-send")
    desk.until("document.querySelectorAll('.assess-rating').length", lambda n: n == 1)
    desk.page.click(".assess-ratings .assess-more summary")
    desk.page.fill(".form-rate [name=score]", "90")
    desk.page.fill(".form-rate [name=reason]", "复核更正")
    desk.page.click(".form-rate .form-send")
    desk.until("document.querySelectorAll('.assess-rating').length", lambda n: n == 2)
    shown = desk.page.locator(".assess-rating").all_inner_texts()
    assert "90" in shown[0]
    assert "现行" in shown[0]
    assert "93.5" in shown[1]
    assert "已更正" in shown[1]
    # The table follows: the rating stands there, too.
    desk.until(
        "document.querySelector(\"[row-id='scjg-107'] [col-id=score_township]\")?.innerText || ''",
        lambda text: "90.00" in text,
    )
    assert [text for text in serious(desk.complaints) if "422" not in text] == []


def test_a_consultation_is_recorded_and_answered(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/assessment?unit={UNIT}")
    panel(desk, "没有征求意见的记录")
    desk.page.click(".assess-consultations > .assess-more > summary")
    desk.page.fill(".form-ask [name=about]", "中队负责人任职")
    desk.page.fill(".form-ask [name=document]", "慈综执函〔2026〕18号")
    desk.page.click(".form-ask .form-send")
    panel(desk, "待答复", "慈综执函〔2026〕18号")
    desk.page.click(".assess-consultation .assess-more summary")
    desk.page.select_option(".form-answer [name=opinion]", "objected")
    desk.page.fill(".form-answer [name=document]", "观镇函〔2026〕3号")
    desk.page.click(".form-answer .form-send")
    desk.until("document.querySelector('.form-answer .form-note')?.innerText || ''", lambda said: "remarks" in said)
    desk.page.fill(".form-answer [name=remarks]", "建议另行推荐")
    desk.page.click(".form-answer .form-send")
    panel(desk, "不同意", "建议另行推荐", "观镇函〔2026〕3号")
    assert desk.page.locator(".form-answer").count() == 0, "once"


def test_the_periods_are_chosen_and_a_strange_one_is_said(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/assessment?period=2026-13")
    desk.until(ROWS, lambda n: n and n > 4)
    assert "“2026-13”不是已开始的月份或年份" in desk.page.inner_text(".assessment-head")
    href = desk.page.get_attribute(".assessment-tools a", "href") or ""
    answer = httpx.get(server.url + href, timeout=30)
    assert answer.status_code == 200
    assert answer.content[:2] == b"PK"
    desk.open(f"{server.url}/assessment?domain=court")
    desk.until(ROWS, lambda n: n and n <= 7)
    assert "法院" in desk.page.inner_text(".control-domain")


def test_on_a_phone_the_rank_the_unit_and_the_total_stand_and_a_unit_fills_the_screen(
    server: Server, phone: Watched, worked: dict[str, Any]
) -> None:
    phone.open(f"{server.url}/assessment?domain=integrated_enforcement")
    phone.until(ROWS, lambda n: n and n > 4)
    phone.until(
        "[...document.querySelectorAll('.assessment .ag-header-cell')].map(cell => cell.getAttribute('col-id'))",
        lambda columns: columns == ["rank", "name", "total"],
    )
    assert phone.page.evaluate(FITS)
    phone.page.tap(".unit-cell >> nth=0")
    panel(phone, "得分构成", "应处置数")
    box = phone.page.evaluate(
        "(() => { const r = document.querySelector('.assessment-panel').getBoundingClientRect();"
        " return [r.left, r.top, r.width, r.height]; })()"
    )
    assert box == [0, 0, 390, 844]
    assert phone.page.evaluate(FITS)
    phone.page.tap(".assess-close")
    phone.until("document.querySelector('.assessment-panel').hidden")
    assert serious(phone.complaints) == []
