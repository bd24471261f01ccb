"""The page of boundaries: a file is sent, checked, looked at, published; the map follows; a version is withdrawn."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api import pack
from tests.api.test_boundaries import packed
from tests.api.test_renewal import FIRST, MOVED, SECOND, layers_after
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

BEGIN = "2020-01-01"
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
TEXT = "document.querySelector('{}')?.textContent ?? ''"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    """A server of the small county."""
    (tmp_path / "server").mkdir()
    own = Server(tmp_path / "server", {"ONEMAP_REGION": str(pack.write(tmp_path / "small"))})
    own.start()
    yield own
    own.kill()


@pytest.fixture
def step(tmp_path: Path) -> Path:
    """A file in which a village goes to the other township."""
    packed(tmp_path / "界线.zip", layers_after())
    return tmp_path / "界线.zip"


def send(watched: Watched, server: Server, file: Path, query: str = "") -> None:
    """Open the page and send a file; gives its form."""
    page = watched.open(f"{server.url}/boundaries{query}")
    page.wait_for_selector(".form.form-send")
    page.set_input_files(".form.form-send input[type=file]", str(file))
    page.fill(".form.form-send input[name=actor]", "王芳")
    page.click(".form.form-send button[type=submit]")
    page.wait_for_selector(".form-meant")


def check(watched: Watched, begin: str = BEGIN) -> None:
    watched.page.fill(".form-meant input[name=begin]", begin)
    watched.page.click(".form-meant button[type=submit]")
    watched.page.wait_for_selector(".bound-found, .bound-stop", timeout=60_000)


def township_url(server: Server) -> str:
    return str(httpx.get(f"{server.url}/api/v1/region").json()["layers"]["township"]["url"])


def test_a_file_becomes_a_version_and_every_open_page_takes_it(
    small: Server, step: Path, desk: Watched, wall: Watched
) -> None:
    case = small.report("1", *pack.centre(MOVED), matter="SD-01")
    assert case["township"]["code"] == SECOND
    before = township_url(small)
    wall.open(f"{small.url}/wall")
    wall.page.evaluate("window.neverReloaded = true")
    send(desk, small, step)
    chosen = (
        "[...document.querySelectorAll('.form-meant select, .form-meant input[name^=series]')].map((one) => one.value)"
    )
    assert desk.page.evaluate(chosen) == [
        "township", "mca", "code", "name", "", "village", "nbs", "code", "name", "parent",
    ]  # fmt: skip
    check(desk)
    assert "0 个错误" in desk.page.locator(".bound-counts").nth(0).inner_text()
    flow = desk.page.locator(".bound-table tbody tr")
    assert flow.all_inner_texts() == [f"镇街\ttownship {SECOND} {SECOND}\ttownship {FIRST} {FIRST}\t1\t0"]
    assert desk.page.locator(".form-publish p").first.inner_text().startswith(f"镇街、村社自 {BEGIN} 起")
    desk.page.evaluate("window.neverReloaded = true")
    desk.page.fill(".form-publish input[name=note]", "民函〔2026〕7号")
    desk.page.fill(".form-publish input[name=actor]", "王芳")
    desk.page.click(".form-publish button[type=submit]")
    for page in (desk, wall):
        page.until("window.neverReloaded !== true && !!window.onemap?.config", seconds=40)
    assert township_url(small) != before
    desk.until(TEXT.format(".bound-publication"), lambda text: "民函〔2026〕7号" in text and "王芳" in text)
    desk.until(TEXT.format(".boundaries-layers"), lambda text: BEGIN in text)
    assert small.report("2", *pack.centre(MOVED), matter="SD-01")["township"]["code"] == FIRST
    for page in (desk, wall):
        page.page.evaluate("window.neverReloaded = true")
    desk.page.click(".bound-publication summary")
    desk.page.fill(".form-withdraw input[name=reason]", "公告撤回")
    desk.page.fill(".form-withdraw input[name=actor]", "李娜")
    desk.page.click(".form-withdraw button[type=submit]")
    desk.until(TEXT.format(".bound-withdrawn"), lambda text: "李娜" in text and "公告撤回" in text)
    for page in (desk, wall):
        page.until("window.neverReloaded !== true && !!window.onemap?.config", seconds=40)
    desk.until(TEXT.format(".boundaries-layers"), lambda text: BEGIN not in text, seconds=40)
    assert township_url(small) == before
    assert serious(desk.complaints) == []
    assert desk.foreign(small) == []


def test_a_faulty_file_shows_its_faults_and_offers_no_publication(
    small: Server, tmp_path: Path, phone: Watched
) -> None:
    layers = layers_after()
    layers["village"][0]["properties"]["parent"] = "999"
    packed(tmp_path / "faulty.zip", layers)
    send(phone, small, tmp_path / "faulty.zip", "?lang=en")
    assert phone.page.evaluate(SIDEWAYS) <= 0
    check(phone)
    findings = phone.page.locator('.bound-finding[data-level="error"]').all_inner_texts()
    assert any("unknown_parent" in text and "999" in text for text in findings)
    assert phone.page.locator(".form-publish").count() == 0
    assert phone.page.evaluate(SIDEWAYS) <= 0
    phone.page.locator(".bound-whole summary").last.click()
    report = phone.page.frame_locator(".bound-report").last
    report.locator("article svg").first.wait_for()
    # What was wrong is corrected in the form: without the column of parents areas nest where they lie.
    phone.page.locator('.form-meant select[name="parent 1"]').select_option("")
    check_again = phone.page.locator(".form-meant button[type=submit]")
    check_again.click()
    phone.page.wait_for_selector(".form-publish", timeout=60_000)
    assert serious(phone.complaints) == []
    assert phone.foreign(small) == []


def test_a_file_waits_in_the_list_and_opens_from_its_address(small: Server, step: Path, desk: Watched) -> None:
    send(desk, small, step)
    address = desk.page.url
    assert "draft=" in address
    check(desk)
    desk.page.goto(address)
    desk.page.wait_for_selector(".form-publish")
    desk.page.locator(".bound-head .way").first.click()
    desk.page.wait_for_selector(".bound-draft")
    assert "界线.zip" in desk.page.locator(".bound-draft").inner_text()
    desk.page.go_back()
    desk.page.wait_for_selector(".form-publish")
    desk.page.locator(".bound-head .way").nth(1).click()
    desk.page.wait_for_selector(".form.form-send")
    desk.until("document.querySelectorAll('.bound-draft').length", lambda n: n == 0)
    assert serious(desk.complaints) == []


def test_what_is_no_boundary_file_is_told_and_the_form_keeps_what_was_written(
    small: Server, tmp_path: Path, desk: Watched
) -> None:
    (tmp_path / "letter.docx").write_bytes(b"PK")
    page = desk.open(f"{small.url}/boundaries")
    page.wait_for_selector(".form.form-send")
    page.set_input_files(".form.form-send input[type=file]", str(tmp_path / "letter.docx"))
    page.fill(".form.form-send input[name=actor]", "王芳")
    page.click(".form.form-send button[type=submit]")
    desk.until(TEXT.format(".form-send .form-note"), lambda text: "letter.docx" in text)
    assert page.input_value(".form.form-send input[name=actor]") == "王芳"
