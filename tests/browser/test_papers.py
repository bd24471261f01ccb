"""The button that offers a page as a map sheet: a click gives a file of exactly what the page shows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
PLACE = (121.4057, 30.1702)
TOWNSHIP = "330282107"
PACK = {"day": "2026-11-23", "at": "2026-11-23T23:59:59+08:00", "pages": 22, "pending": 1, "revision": 1}
OPEN = "document.querySelector('.papers-panel') !== null"
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two cases, one of them two days old, and a pack that is kept."""
    folder = tmp_path_factory.mktemp("papers")
    own = {"ONEMAP_PACK_FOLDER": str(folder / "packs"), "ONEMAP_EXPORT_FOLDER": str(folder / "exports")}
    (folder / "packs").mkdir()
    (folder / "packs" / "cixi-2026-11-23.pdf").write_bytes(b"%PDF-1.7 a pack")
    entry = {**PACK, "file": "cixi-2026-11-23.pdf", "bytes": 15, "sha256": "0"}
    (folder / "packs" / "cixi-2026-11-23.json").write_text(json.dumps(entry), encoding="utf8")
    server = Server(folder, own)
    server.start()
    before = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    server.report("old", *PLACE, matter="SD-01", occurred_at=before)
    server.report("new", PLACE[0] + 0.01, PLACE[1])
    yield server
    server.kill()


def unfold(page: Watched) -> None:
    page.page.wait_for_selector(".papers-button").click()
    page.until(OPEN, bool)


def saved(page: Watched, selector: str, seconds: float = 60) -> Download:
    with page.page.expect_download(timeout=seconds * 1000) as waiting:
        page.page.click(selector)
    return waiting.value


def asked(page: Watched) -> dict[str, list[str]]:
    url = next(url for url in reversed(page.requests) if "/api/v1/snapshot." in url)
    return parse_qs(urlsplit(url).query)


def numbers(download: Download) -> list[str]:
    said: Any = json.loads(Path(download.path()).read_text(encoding="utf8"))
    return [one["properties"]["source"] + one["properties"]["matter"] for one in said["features"]]


def test_the_cockpit_gives_a_sheet_of_its_area_and_filters(papers: Server, desk: Watched) -> None:
    desk.open(f"{papers.url}/?area={TOWNSHIP}&matter=SD-01")
    desk.until("window.onemap.places && window.onemap.places.chain('330282107').length", lambda n: n == 1)
    unfold(desk)
    pdf = saved(desk, "[data-form=pdf]")
    assert Path(pdf.path()).read_bytes().startswith(b"%PDF")
    assert pdf.suggested_filename.startswith(f"cixi-{TOWNSHIP}-level-")
    query = asked(desk)
    assert (query["area"], query["matter"], query["lang"]) == ([TOWNSHIP], ["SD-01"], ["zh-CN"])
    assert "at" not in query
    assert numbers(saved(desk, "[data-form=geojson]")) == ["gridSD-01"]
    pack = saved(desk, ".papers-row a[href='/api/v1/packs/2026-11-23']")
    assert Path(pack.path()).read_bytes() == b"%PDF-1.7 a pack"
    assert serious(desk.complaints) == []
    assert desk.foreign(papers) == []


def test_the_time_machine_gives_its_own_moment(papers: Server, desk: Watched) -> None:
    at = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:00Z")
    desk.open(f"{papers.url}/history?at={at}&lang=en")
    desk.until("document.querySelector('[data-moment=pending]')?.textContent || ''", lambda text: text == "1")
    unfold(desk)
    assert numbers(saved(desk, "[data-form=geojson]")) == ["gridSD-01"]
    shown = datetime.fromisoformat(asked(desk)["at"][0])
    assert shown == datetime.fromisoformat(at)
    assert asked(desk)["lang"] == ["en"]


def test_a_wish_that_is_refused_says_why(papers: Server, desk: Watched) -> None:
    desk.open(f"{papers.url}/?area=330282999")
    unfold(desk)
    desk.page.click("[data-form=png]")
    desk.until("document.querySelector('.papers-note').textContent", lambda said: "no township '330282999'" in said)


def test_on_a_phone_a_township_is_drawn_and_exported_in_the_background(papers: Server, phone: Watched) -> None:
    phone.open(f"{papers.url}/township/{TOWNSHIP}")
    unfold(phone)
    assert phone.page.evaluate(FITS)
    for box in phone.page.locator(".papers-panel button").all():
        size = box.bounding_box()
        assert size
        assert size["height"] >= 44
    assert Path(saved(phone, "[data-form=png]").path()).read_bytes().startswith(b"\x89PNG")
    phone.page.click("[data-exports=xlsx]")
    phone.until("document.querySelector('.papers-export')?.dataset.state", lambda state: state == "done", seconds=120)
    book = saved(phone, ".papers-export a[href$='.xlsx']")
    assert Path(book.path()).read_bytes().startswith(b"PK")
    phone.page.click(".papers-export button")
    phone.until("document.querySelectorAll('.papers-export').length", lambda n: n == 0)
    assert serious(phone.complaints) == []
