"""The lists: searched at a desk and on a phone, an item read aloud, printed on A4, and cited by a case."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.cockpit import ROOT, Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
GUANHAIWEI = "330282107"
COUNT = "Number(document.querySelector('#lists-count').textContent.match(/\\d+/)?.[0])"
ROWS = "[...document.querySelectorAll('.lists .ag-center-cols-container [role=row]')].map(row => row.innerText)"
ITEM = "document.querySelectorAll('.item-clause').length"
A4_MM = (210, 297)


def text_of(page: Watched, selector: str) -> str:
    return page.page.inner_text(selector)


def test_the_lists_say_how_much_they_hold_which_version_and_that_they_are_a_model(
    server: Server, desk: Watched
) -> None:
    desk.open(f"{server.url}/lists")
    desk.until(COUNT, lambda n: n and n > 100)
    cards = desk.page.locator(".list-card").all_inner_texts()
    assert [re.sub(r"\s+", " ", card).split(" ")[0] for card in cards] == [
        "全部",
        "一件事",
        "属地管理清单",
        "镇街权力清单",
    ]
    assert "示范清单" in text_of(desk, ".list-version")
    assert "现行" in text_of(desk, ".list-version")
    desk.page.click(".list-card[data-kind=one_thing]")
    desk.until(COUNT, lambda n: n == 12)
    assert "kind=one_thing" in desk.page.url
    assert desk.page.get_attribute(".list-card[data-kind=one_thing]", "aria-pressed") == "true"
    desk.page.go_back()
    desk.until(COUNT, lambda n: n > 100)
    assert serious(desk.complaints) == []
    assert desk.foreign(server) == []


def test_a_word_finds_its_items_and_the_address_keeps_the_search(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/lists")
    desk.until(COUNT, lambda n: n and n > 100)
    desk.page.fill("#lists-q", "油烟")
    desk.until(ROWS, lambda rows: rows and len(rows) < 12 and "餐饮油烟扰民" in rows[0])
    assert "q=%E6%B2%B9%E7%83%9F" in desk.page.url
    desk.page.fill("#lists-q", "没有这样的事项")
    desk.until("document.querySelector('.lists-body').innerText", lambda text: "没有符合条件的事项" in text)
    desk.page.go_back()
    desk.until(COUNT, lambda n: n and n > 100)
    assert desk.page.input_value("#lists-q") == ""


def test_a_link_shows_who_acts_in_a_township(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/lists?q=油烟&township={GUANHAIWEI}&department=scjg")
    desk.until(ROWS, lambda rows: rows and "观海卫镇市场监管所" in rows[0])
    assert desk.page.input_value("#lists-q") == "油烟"
    assert "观海卫镇" in text_of(desk, ".control-township")
    desk.page.click(".matter-cell >> nth=0")
    desk.until(ITEM)
    assert "/lists/YJS-01" in desk.page.url


def test_an_item_can_be_read_aloud_and_lists_the_cases_that_use_it(server: Server, desk: Watched) -> None:
    reported = server.report("lists-1", *PLACE)
    desk.open(f"{server.url}/lists/YJS-01")
    desk.until(ITEM)
    body = text_of(desk, ".item-body")
    assert "一件事清单第1项" in body
    assert "法定依据" in body
    assert "GB/T 47678.5 06027" in body
    assert desk.page.locator(".check").count() == 3
    assert desk.page.locator(".acts").count() == 20
    desk.page.click(f".acts[data-township='{GUANHAIWEI}'] summary")
    assert "首问受理并牵头" in text_of(desk, f".acts[data-township='{GUANHAIWEI}'] .acts-sentence >> nth=0")
    desk.until(f"document.querySelector('a.use-case, .use-case a[href=\"/case/{reported['number']}\"]') !== null")
    before = desk.page.evaluate(
        "Number(document.querySelector('.item-part-uses .panel-count').innerText.match(/\\d+/)[0])"
    )
    server.report("lists-2", *PLACE)
    desk.until(
        "Number(document.querySelector('.item-part-uses .panel-count').innerText.match(/\\d+/)[0])",
        lambda n: n == before + 1,
        seconds=5,
    )
    # What a reader has opened stays open while cases come in.
    assert desk.page.locator(f".acts[data-township='{GUANHAIWEI}'][open]").count() == 1
    assert serious(desk.complaints) == []


def test_duties_of_department_and_township_stand_side_by_side(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/lists/SD-01")
    desk.until(ITEM)
    left, right = (desk.page.locator(".duty").nth(n).bounding_box() for n in range(2))
    assert left
    assert right
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert desk.page.locator(".duty li").count() >= 4


def test_a_guide_prints_with_its_flow_chart_on_one_or_two_pages_of_a4(
    server: Server, desk: Watched, tmp_path: Path
) -> None:
    desk.open(f"{server.url}/lists/QL-001")
    desk.until(ITEM)
    desk.until("document.querySelectorAll('.flow .flow-ask').length", lambda n: n >= 1)
    pdf = desk.page.pdf(prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b[^s]", pdf)
    assert 1 <= len(pages) <= 2
    boxes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert [tuple(round(side / 72 * 25.4) for side in box) for box in boxes] == [A4_MM]
    # What the paper shows: A4 less the margins, at 96 dots per inch.
    desk.page.set_viewport_size({"width": 673, "height": 986})
    desk.page.emulate_media(media="print")
    chart = desk.page.locator(".flow").bounding_box()
    assert chart
    assert chart["height"] <= 986
    assert chart["x"] + chart["width"] <= 673
    ground, ink = desk.page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.flow text')).fill]"
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    for hidden in (".head", ".way-print", ".item-uses"):
        assert not desk.page.is_visible(hidden), hidden
    assert desk.page.is_visible(".guide")
    assert "示范清单" in text_of(desk, ".list-version")


@pytest.mark.parametrize("path", ["/lists", "/lists/QL-001", "/lists/YJS-01", "/lists/SD-01"])
def test_a_phone_reads_the_lists_without_scrolling_sideways(server: Server, phone: Watched, path: str) -> None:
    phone.open(server.url + path)
    phone.until(f"{ITEM} || {COUNT}")
    phone.page.wait_for_timeout(500)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone.complaints) == []


@pytest.mark.parametrize("path", ["/lists/YJS-99", "/lists/%3Cb%3E"])
def test_an_item_that_no_list_holds_says_so_and_leads_to_the_lists(server: Server, desk: Watched, path: str) -> None:
    desk.page.goto(server.url + path)
    desk.page.wait_for_selector(".missing:visible")
    assert "清单中没有编号为" in text_of(desk, ".missing:visible h1")
    desk.page.click(".missing:visible .way-home:has-text('清单')")
    desk.until(COUNT, lambda n: n and n > 100)


def test_a_case_says_by_which_item_of_which_version_it_went_where_it_went(server: Server, desk: Watched) -> None:
    # 陆中湾街道, where the environment is in the hands of the new area's own body.
    reported = server.report("lists-why", 121.13, 30.33)
    assert reported["township"]["name"] == "陆中湾街道"
    desk.open(f"{server.url}/case/{reported['number']}")
    desk.until("document.querySelectorAll('.why dt').length", lambda n: n >= 4)
    why = text_of(desk, ".why")
    for words in ("餐饮油烟扰民", "一件事清单第1项", "示范清单", "生态环境", "依专门规定"):
        assert words in why
    assert "首问受理并牵头" in text_of(desk, ".leg[data-role=lead]")
    desk.page.click(".why .way")
    desk.until(ITEM)
    assert re.search(r"/lists/YJS-01\?on=\d{4}-\d\d-\d\d$", desk.page.url)
    assert serious(desk.complaints) == []


def test_english_readers_are_led_by_english_words(server: Server, desk: Watched) -> None:
    desk.open(f"{server.url}/lists/QL-001?lang=en")
    desk.until(ITEM)
    body = text_of(desk, ".item-body")
    for words in ("The clause", "Legal basis", "Flow chart", "Who acts in each township", "Model list"):
        assert words in body


def test_a_day_of_the_future_shows_the_version_that_will_hold_then(
    own_server: Server, desk: Watched, tmp_path: Path
) -> None:
    columns = "code,name,field,platform,domain,department,kind,basis,clause,applicant,steps,time_limit,result"
    place = "QL-001,乡村违法建设查处,town_management,enforcement,integrated_enforcement,zhzf,行政强制"
    words = "《中华人民共和国城乡规划法》第六十五条,新版第1项,单位和个人,登记@指挥室@当日,10日,决定书"
    new = tmp_path / "new.csv"
    new.write_text(f"{columns}\n{place},{words}\n", encoding="utf8")
    wish = "--list power --from 2031-01-01 --version 2031 --source 新文件 --by 编办 --publish --database-url"
    address = f"sqlite:///{own_server.folder / 'onemap.db'}"
    command = [sys.executable, "-m", "dashboard", "lists", "import", str(new), *wish.split(), address]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    desk.page.wait_for_timeout(1100)  # how long a server may give the answer of before
    desk.open(f"{own_server.url}/lists?on=2031-06-01&kind=power")
    desk.until(COUNT, lambda n: n == 1)
    desk.until("document.querySelector('.control-on').innerText", lambda text: "2031" in text)
    assert "on=2031-06-01" in desk.page.url
    assert "尚未施行" in text_of(desk, ".list-version")
    desk.page.click(".matter-cell >> nth=0")
    desk.until(ITEM)
    assert "新版第1项" in text_of(desk, ".item-clause")
    desk.open(f"{own_server.url}/lists/QL-002?on=2031-06-01")
    desk.until(ITEM)
    assert "2031-06-01 执行的版本没有该事项" in text_of(desk, ".item-notice")
    desk.open(f"{own_server.url}/lists/QL-001")
    desk.until(ITEM)
    assert "新版第1项" not in text_of(desk, ".item-clause")
