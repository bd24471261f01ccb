"""The time machine in a browser: any moment by hand, by play and by link, at a desk and on a phone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
PLACE = (121.4057, 30.1702)
SHOWN = "document.querySelector('.map-history')?.dataset.moment || ''"
PENDING = "document.querySelector('[data-moment=pending]')?.textContent || ''"
NOTICE = "document.querySelector('.history-notice')?.innerText || ''"
FITS = "document.documentElement.scrollWidth <= innerWidth"
LEVELS = "(() => { let n = 0; for (const [, counts] of window.onemap.map.counts.cells) n += counts[1]; return n; })()"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, datetime]]:
    """A server with three cases: three days ago, two days ago, and one of those closed yesterday."""
    server = Server(tmp_path_factory.mktemp("history"))
    server.start()
    noon = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=3)
    for n, (days, matter) in enumerate([(0, "SD-01"), (1, "SD-01"), (1, "YJS-01")]):
        occurred_at = (noon + timedelta(days=days)).isoformat()
        case = server.report(f"past-{n}", PLACE[0] + n * 0.01, PLACE[1], matter=matter, occurred_at=occurred_at)
        if n == 0:
            lead = case["legs"][0]["department"]
            for kind, hours, data in (("accepted", 1, {}), ("closed", 48, {"reason": "已自行清理"})):
                body = {
                    "kind": kind,
                    "occurred_at": (noon + timedelta(hours=hours)).isoformat(),
                    "actor": lead,
                    "data": data,
                }
                answer = httpx.post(f"{server.url}/api/v1/cases/{case['number']}/events", json=body, timeout=10)
                assert answer.status_code == 201, answer.text
    yield server, noon
    server.kill()


def at(noon: datetime, **after: float) -> str:
    return (noon + timedelta(**after)).isoformat(timespec="minutes").replace("+", "%2B")


def address(page: Watched) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(page.page.url).query).items()}


def pending(page: Watched, wanted: int) -> None:
    page.until(PENDING, lambda text: text == str(wanted))


def test_a_link_shows_its_moment_and_the_map_counts_what_the_figures_say(
    lived: tuple[Server, datetime], desk: Watched
) -> None:
    server, noon = lived
    for after, wanted in (({"hours": 2}, 1), ({"days": 1, "hours": 1}, 3), ({"days": 2, "hours": 1}, 2)):
        desk.open(f"{server.url}/history?at={at(noon, **after)}")
        pending(desk, wanted)
        desk.until(LEVELS, lambda n, wanted=wanted: n == wanted)
    assert desk.page.evaluate(FITS)
    assert serious(desk.complaints) == []
    assert desk.foreign(server) == []


def test_slider_keys_and_the_typed_moment_move_through_time_and_back_works(
    lived: tuple[Server, datetime], desk: Watched
) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, hours=2)}")
    pending(desk, 1)
    slider = desk.page.locator(".timebar")
    slider.focus()
    desk.page.keyboard.press("Shift+ArrowRight")
    pending(desk, 3)
    assert address(desk)["at"] == (noon + timedelta(days=1, hours=2)).isoformat(timespec="minutes")
    desk.page.go_back()
    pending(desk, 1)
    desk.page.fill(".time-row input", (noon - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
    desk.until(NOTICE, lambda text: "最早的案件" in text)
    desk.page.click(".history-notice .way")
    pending(desk, 1)
    box = slider.bounding_box()
    assert box
    desk.page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 40)
    desk.until(SHOWN, bool)
    assert "at" in address(desk)


def test_it_plays_with_the_space_bar_and_asks_for_frames_ahead(lived: tuple[Server, datetime], desk: Watched) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, hours=-1)}&speed=480")
    desk.until(SHOWN)
    desk.page.locator(".history-day").click()
    desk.page.keyboard.press(" ")
    desk.until("document.querySelector('.play').dataset.playing", lambda state: state == "yes")
    pending(desk, 1)
    shown = datetime.fromisoformat(desk.page.evaluate(SHOWN))
    queries = [parse_qs(urlsplit(url).query) for url in list(desk.requests) if "/history/moment" in url]
    ahead = {query["at"][0] for query in queries if datetime.fromisoformat(query["at"][0]) > shown}
    assert len(ahead) >= 2, "frames are fetched ahead"
    pending(desk, 3)
    desk.page.keyboard.press(" ")
    desk.until("document.querySelector('.play').dataset.playing", lambda state: state == "no")
    shown = desk.until(SHOWN)
    assert datetime.fromisoformat(address(desk)["at"]).astimezone(UTC) == datetime.fromisoformat(shown)
    assert serious(desk.complaints) == []


def test_what_the_wall_showed_is_told_apart_from_what_is_known_today(
    lived: tuple[Server, datetime], desk: Watched
) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, hours=2)}")
    pending(desk, 1)
    desk.page.click("[data-pill=known-then]")
    pending(desk, 0)
    assert "尚无任何记录" in desk.until(NOTICE)
    desk.page.click(".history-notice .way")
    pending(desk, 1)
    assert "known" not in address(desk)


def test_filters_narrow_the_moment_and_say_when_nothing_is_left(lived: tuple[Server, datetime], desk: Watched) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, days=1, hours=1)}&matter=YJS-01")
    pending(desk, 1)
    desk.open(f"{server.url}/history?at={at(noon, days=1, hours=1)}&matter=QL-001")
    desk.until(NOTICE, lambda text: "没有符合筛选" in text)
    desk.page.click(".history-notice .way")
    pending(desk, 3)
    assert "matter" not in address(desk)


def test_a_township_can_be_picked_and_the_whole_county_again(lived: tuple[Server, datetime], desk: Watched) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, hours=2)}")
    pending(desk, 1)
    desk.page.click(".town-row")
    assert desk.until("new URLSearchParams(location.search).get('area')") == "330282107"
    desk.page.click(".history-panel .way")
    desk.until("new URLSearchParams(location.search).get('area') === null")


def test_hot_spots_and_expectations_say_what_they_are_and_what_is_missing(
    lived: tuple[Server, datetime], desk: Watched
) -> None:
    server, noon = lived
    text = "document.querySelector('.history-panel').innerText"
    desk.open(f"{server.url}/history?at={at(noon, days=2)}&panel=hot")
    assert "慎言因果" in desk.until(text, lambda said: "慎言因果" in said, seconds=30)
    desk.page.click("[data-pill=tab-expected]")
    desk.until(text, lambda said: "历史不足一周" in said, seconds=30)
    assert address(desk)["panel"] == "expected"


@pytest.mark.parametrize(
    ("written", "said"),
    [("2031-01-01T08:00", "尚未到来"), ("yesterday", "无法识别")],
)
def test_a_moment_that_cannot_be_shows_now_and_says_so(
    lived: tuple[Server, datetime], desk: Watched, written: str, said: str
) -> None:
    server, _ = lived
    desk.open(f"{server.url}/history?at={written}")
    desk.until(NOTICE, lambda text: said in text)
    pending(desk, 2)


def test_a_day_without_a_case_says_so_and_offers_the_way_back(lived: tuple[Server, datetime], desk: Watched) -> None:
    server, noon = lived
    desk.open(f"{server.url}/history?at={at(noon, days=-20)}&span=1")
    pending(desk, 0)
    desk.until("document.querySelector('.time-quiet').hidden", lambda hidden: not hidden)
    assert desk.page.inner_text(".time-quiet") == "这段时间没有案件。"
    desk.page.get_by_role("button", name="回到现在").click()
    pending(desk, 2)
    assert serious(desk.complaints) == []


def test_an_empty_county_says_that_there_is_nothing_yet(empty_server: Server, desk: Watched) -> None:
    desk.open(f"{empty_server.url}/history")
    desk.until(NOTICE, lambda text: "还没有任何案件" in text)
    assert serious(desk.complaints) == []


def test_on_a_phone_map_time_and_figures_are_in_reach_in_both_languages(
    lived: tuple[Server, datetime], phone: Watched
) -> None:
    server, noon = lived
    phone.open(f"{server.url}/history?at={at(noon, hours=2)}&lang=en")
    pending(phone, 1)
    assert phone.page.evaluate(FITS)
    words: Any = phone.page.inner_text(".history-side")
    assert "Pending by township" in words
    for element in (".map-history", ".timebar", ".play"):
        box = phone.page.locator(element).bounding_box()
        assert box
        assert box["y"] + 40 < 844, f"{element} is seen without scrolling"
    phone.page.locator(".play").tap()
    phone.until("document.querySelector('.play').dataset.playing", lambda state: state == "yes")
    phone.page.locator(".play").tap()
    phone.until("document.querySelector('.play').dataset.playing", lambda state: state == "no")
    assert serious(phone.complaints) == []
