"""The unified result in a browser: on a wall, on a phone, printed on A4, and its panel on the page of a case."""

import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
PANEL = "document.querySelector('[data-case=results]').innerText"
A4_MM = (210, 297)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these tests alone: they count who was answered."""
    own = Server(tmp_path_factory.mktemp("results"))
    own.start()
    yield own
    own.kill()


def smoke(county: Server, source_id: str) -> str:
    """A smoke case up to its result, the last department 1.1 km away from the case."""
    number = str(county.report(source_id, *PLACE)["number"])
    county.event(number, "accepted", "zhzf")
    for leg, north in ((1, 0.0), (2, 0.0), (3, 0.01)):
        point = {"x": PLACE[0], "y": PLACE[1] + north, "crs": "EPSG:4490"}
        county.event(number, "arrived", "tester", leg=leg, data={"point": point})
        county.event(number, "found", "tester", leg=leg, data={"finding": f"屺山斢街第{leg}家，未设专用烟道" * 4})
    county.event(number, "finished", "zhzf", data={"result": "责令七日内加装净化设施并复测"})
    return number


@pytest.fixture(scope="module")
def number(county: Server) -> str:
    return smoke(county, "result-1")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_document_fits_a_wall_and_a_phone(
    county: Server, number: str, wall: Watched, phone: Watched, lang: str
) -> None:
    for screen, width in ((wall, 1920), (phone, 390)):
        screen.page.goto(f"{county.url}/api/v1/cases/{number}/result.html?lang={lang}")
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= width
        assert screen.page.locator(".findings tbody tr").count() == 3
        assert screen.page.locator(".far").count() == 1, "who checked in from afar is marked"
        assert screen.page.is_visible(".mark"), "the lists are a model, and the document says so"
        assert screen.page.locator("h2").count() == 4
        assert serious(screen.complaints) == []
        assert screen.foreign(county) == []
    # On a phone every row is a card, whose cells say what they are.
    cell = phone.page.locator(".findings td").nth(1)
    head = cell.evaluate("element => getComputedStyle(element, '::before').content")
    assert ("意见" if lang == "zh" else "Finding") in head
    assert phone.page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "none"


def test_it_prints_on_a4_without_the_links_and_with_every_word(county: Server, number: str, desk: Watched) -> None:
    desk.page.goto(f"{county.url}/api/v1/cases/{number}/result.html")
    pdf = desk.page.pdf(prefer_css_page_size=True)
    boxes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert [tuple(round(side / 72 * 25.4) for side in box) for box in boxes] == [A4_MM]
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b[^s]", pdf)) <= 3
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    said = "".join(read.split())
    for words in ("关于餐饮油烟扰民的处理结果", "责令七日内加装净化设施并复测", "屺山斢街第3家", "示范清单", "校验码"):
        assert words in said
    desk.page.emulate_media(media="print")
    assert not desk.page.is_visible(".ways")


def test_the_links_of_the_document_lead_to_paper_check_and_the_other_language(
    county: Server, number: str, desk: Watched
) -> None:
    desk.page.goto(f"{county.url}/api/v1/cases/{number}/result.html")
    hrefs = desk.page.eval_on_selector_all(".ways a", "links => links.map(link => link.href)")
    assert [httpx.get(href).status_code for href in hrefs] == [200, 200, 200]
    desk.page.click(".ways a >> nth=1")
    desk.page.wait_for_selector(".verdict[data-verdict=genuine]")
    desk.page.fill("#sha", "0" * 16)
    desk.page.click("button")
    desk.page.wait_for_selector(".verdict[data-verdict=other]")
    assert serious(desk.complaints) == []


def test_the_case_page_shows_its_results_and_an_answer_by_phone_is_one_click(county: Server, wall: Watched) -> None:
    number = smoke(county, "result-2")
    second = str(county.report("result-3", *PLACE)["number"])
    county.event(second, "merged", "command", data={"into": number, "reason": "同一餐饮店"})
    wall.open(f"{county.url}/case/{number}")
    wall.until(PANEL, lambda text: "第 1 次" in text and text.count("尚未答复") == 2)
    assert "慈溪市综合行政执法局" in wall.page.evaluate(PANEL)
    wall.page.click(f".result-reporter:has-text('{second}') button")
    wall.until(PANEL, lambda text: text.count("尚未答复") == 1 and "已答复（电话）" in text)
    county.event(number, "answered", "command", data={"channel": "phone"})
    wall.until(PANEL, lambda text: "尚未答复" not in text)
    county.event(number, "reopened", "grid", data={"reason": "仍然直排"})
    county.event(number, "finished", "zhzf", data={"result": "复测达标"})
    wall.until(PANEL, lambda text: "第 2 次" in text and text.count("尚未答复") == 2 and "已由下一次出件替代" in text)
    waiting = httpx.get(f"{county.url}/api/v1/answers?unanswered=true").json()["answers"]
    assert {(one["number"], one["document"]) for one in waiting} >= {(number, f"{number}-2"), (second, f"{number}-2")}
    assert serious(wall.complaints) == []
    wall.open(f"{county.url}/case/{second}")
    wall.until(PANEL, lambda text: f"已并入 {number}，由该案出件答复" in text)


def test_the_panel_fits_a_phone_and_says_when_nothing_was_issued(county: Server, phone: Watched) -> None:
    reported = county.report("result-4", *PLACE, matter="SD-01")
    phone.open(f"{county.url}/case/{reported['number']}")
    phone.until(PANEL, lambda text: "尚未出件" in text)
    county.event(reported["number"], "accepted", "zhzf")
    county.event(reported["number"], "finished", "zhzf")
    phone.until(PANEL, lambda text: "第 1 次" in text)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone.complaints) == []
