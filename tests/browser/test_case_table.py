"""An analyst filters, goes Back, shares and keeps a view, takes it away as a file, and scrolls ten thousand rows."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
TOWN = "330282107"
COUNT = "document.querySelector('[data-cases=count]').textContent"
ROWS = "document.querySelectorAll('.cases-table .ag-center-cols-container [role=row] .matter-name').length"
NUMBERS = "[...document.querySelectorAll('.cases-table .matter-cell')].map(a => a.href.split('/').pop())"
MANY = 10_000


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three cases of two matters, one of them over."""
    own = Server(tmp_path_factory.mktemp("table"))
    own.start()
    for n, matter in enumerate(("YJS-01", "YJS-01", "SD-01")):
        number = own.report(f"table-{n}", *PLACE, matter=matter)["number"]
    own.event(number, "closed", "command", data={"reason": "误报"})
    yield own
    own.kill()


def multiplied(database: Path, number: int) -> None:
    """Write the first case over and over, a minute apart: rows as a table reads them."""
    with sqlite3.connect(database) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(cases)")]
        own = {
            "number": "printf('CX20261001-%05d', n)",
            "source_id": "'copy-' || n",
            "occurred_at": "occurred_at - n * 60000000",
        }
        chosen = ", ".join(own.get(name, name) for name in columns)
        connection.execute(
            f"WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {number})"
            f" INSERT INTO cases ({', '.join(columns)}) SELECT {chosen} FROM many, (SELECT * FROM cases LIMIT 1)"
        )


def test_an_analyst_filters_goes_back_and_shares(county: Server, desk: Watched) -> None:
    desk.open(f"{county.url}/cases")
    desk.until(COUNT, lambda words: words == "2 件")
    desk.page.click("[data-cases=state] label:has-text('全部')")
    desk.until(COUNT, lambda words: words == "3 件")
    assert "state=all" in desk.page.url
    desk.page.click("#cases-matter")
    desk.page.keyboard.type("餐饮油烟")
    desk.page.click("[role=option]:has-text('餐饮油烟')")
    desk.until(COUNT, lambda words: words == "2 件")
    link = desk.page.url
    assert "matter=YJS-01" in link
    desk.page.go_back()
    desk.until(COUNT, lambda words: words == "3 件")
    assert "matter" not in desk.page.url
    desk.page.go_forward()
    desk.until(COUNT, lambda words: words == "2 件")
    # A colleague opens the link and sees the same, with the controls as they were.
    desk.open(link)
    desk.until(COUNT, lambda words: words == "2 件")
    assert "餐饮油烟" in desk.page.inner_text("#cases-matter")
    desk.page.click(".chip-filter[data-key=matter]")
    desk.until(COUNT, lambda words: words == "3 件")
    assert serious(desk.complaints) == []
    assert desk.foreign(county) == []


def test_what_is_shown_is_taken_away_as_a_file(county: Server, desk: Watched) -> None:
    desk.open(f"{county.url}/cases?matter=YJS-01")
    desk.until(COUNT, lambda words: words == "2 件")
    with desk.page.expect_download() as waiting:
        desk.page.click("[data-tool=csv]")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    about, _, *rows = csv.reader(io.StringIO(text))
    assert "事项：餐饮油烟扰民" in about[0]
    assert sorted(row[0] for row in rows) == sorted(desk.page.evaluate(NUMBERS))
    with desk.page.expect_download() as waiting:
        desk.page.click("[data-tool=xlsx]")
    assert waiting.value.suggested_filename.endswith(".xlsx")


def test_a_view_is_kept_opened_renamed_and_forgotten(county: Server, desk: Watched) -> None:
    desk.open(f"{county.url}/cases?matter=YJS-01&state=all")
    desk.until(COUNT, lambda words: words == "2 件")
    desk.page.click("[data-tool=saved]")
    desk.page.fill(".form-view [name=name]", "长" * 60)
    desk.page.click(".form-view .form-send")
    desk.page.wait_for_selector(".saved-view .saved-name")
    # The same name again is refused, and what was written stays.
    desk.page.fill(".form-view [name=name]", "长" * 60)
    desk.page.click(".form-view .form-send")
    desk.page.wait_for_selector(".form-view .form-note[data-state=refused]")
    assert desk.page.input_value(".form-view [name=name]") == "长" * 60
    desk.open(f"{county.url}/cases")
    desk.until(COUNT, lambda words: words == "2 件")
    desk.page.click("[data-tool=saved]")
    desk.page.click(".saved-view .saved-name")
    desk.until("location.search", lambda search: "matter=YJS-01" in search and "state=all" in search)
    desk.until(COUNT, lambda words: words == "2 件")
    desk.page.click(".saved-ways .way:has-text('改名')")
    desk.page.fill(".saved-rename .input", "油烟")
    desk.page.click(".saved-rename .way")
    desk.page.wait_for_selector(".saved-name:text-is('油烟')")
    desk.page.click(".saved-view [data-act=delete]")
    desk.page.click(".saved-view [data-act=delete]")
    desk.page.wait_for_selector(".saved-views .empty")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("matter=SD-01", "没有符合条件的案件"),
        ("area=999", "没有编码为“999”的区域"),
        ("from=2027-03-01&to=2027-02-01", "起止日期颠倒"),
        ("from=2030-01-01", "尚未到来"),
        ("department=" + "x" * 60, "不是已知的部门"),
    ],
)
def test_a_view_that_shows_nothing_says_why_and_what_to_take_away(
    county: Server, desk: Watched, query: str, words: str
) -> None:
    desk.open(f"{county.url}/cases?{query}")
    desk.page.wait_for_selector(".nothing:visible")
    assert words in desk.page.inner_text(".cases-body")
    # Unknown words stay in the address until the reader takes them out.
    assert query.split("=")[1][:20] in desk.page.url
    for _ in range(desk.page.locator(".nothing .chip-filter").count()):
        desk.page.click(".nothing .chip-filter >> nth=0")
        desk.page.wait_for_timeout(300)
        if not desk.page.is_visible(".nothing"):
            break
    desk.until(ROWS)


def test_the_cockpit_filters_by_department_source_and_period_and_hands_its_view_to_the_table(
    county: Server, desk: Watched
) -> None:
    desk.open(f"{county.url}/?department=zhzf&source=grid&area={TOWN}")
    desk.until("document.getElementById('cockpit-count').textContent", lambda words: words.startswith("2 件"))
    desk.page.select_option(".period-usual", "before")
    desk.until("document.getElementById('cockpit-count').textContent", lambda words: words.startswith("0 件"))
    assert "from=" in desk.page.url
    desk.page.go_back()
    desk.until("document.getElementById('cockpit-count').textContent", lambda words: words.startswith("2 件"))
    desk.page.click("[data-table-link]")
    desk.until(COUNT, lambda words: words == "2 件")
    assert desk.page.locator(".chip-filter").count() == 3
    desk.open(f"{county.url}/?from=2026-11-25&to=2026-11-20")
    desk.until("document.getElementById('cockpit-notes').textContent", lambda words: "起止日期颠倒" in words)


def test_ten_thousand_rows_scroll(own_server: Server, desk: Watched) -> None:
    own_server.report("many", *PLACE)
    own_server.kill()
    multiplied(own_server.folder / "onemap.db", MANY)
    own_server.start()
    desk.open(f"{own_server.url}/cases?state=all")
    desk.until(COUNT, lambda words: words == f"{MANY + 1:,} 件", seconds=20)
    desk.until(ROWS)
    seen = set(desk.page.evaluate(NUMBERS))
    for part in (0.25, 0.5, 0.75, 1):
        desk.page.evaluate(
            "(part => { const v = document.querySelector('.cases-table .ag-body-viewport');"
            f" v.scrollTop = v.scrollHeight * part; }})({part})"
        )
        desk.until(NUMBERS, lambda numbers, before=frozenset(seen): numbers and not before & set(numbers), seconds=15)
        seen |= set(desk.page.evaluate(NUMBERS))
    assert "CX20261001-10000" in seen, "the last row is the oldest case"
    assert desk.page.evaluate("document.querySelectorAll('.cases-table [role=row]').length") < 150
    assert serious(desk.complaints) == []
