"""The wall on every screen: nothing cut, nothing on top of another, nothing too small to be read at six metres."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from data.region import Region
from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious, watched

pytestmark = pytest.mark.browser
SIZES = [(1920, 1080), (3840, 2160), (7680, 2160), (1600, 1200), (1024, 768), (1366, 768)]
PROBE = (Path(__file__).parent / "wall_boxes.js").read_text(encoding="utf8")
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes' && onemap.stream.loaded && !!onemap.stage.view"
# What Dash brings last.
WHOLE = "document.querySelectorAll('.trend svg').length === 2 && document.querySelectorAll('.due-row').length > 0"
SMALLEST = 0.014  # of the height
# A map of many millions of pixels is drawn by the processor alone here.
PATIENCE_S = 60


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, cixi: Region) -> Any:
    """A server whose county has cases in every township, each of several departments."""
    own = Server(tmp_path_factory.mktemp("county"))
    own.start()
    cells = cixi.layers["grid"].areas
    by_township: dict[str, Any] = {}
    for cell in cells:
        by_township.setdefault(cell.code[:9], cell)
    for n, cell in enumerate(by_township.values()):
        point = cell.geometry.representative_point()
        for k in range(1 + n % 3):
            own.report(f"{cell.code}-{k}", point.x, point.y, f"YJS-0{1 + (n + k) % 9}")
    yield own
    own.kill()


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def screen(request: pytest.FixtureRequest, browser: Chrome) -> Any:
    """A page on a screen of each size."""
    width, height = request.param
    for own in watched(browser, viewport={"width": width, "height": height}):
        own.page.set_default_timeout(PATIENCE_S * 1000)
        yield own


def opened(screen: Watched, server: Server, query: str) -> None:
    """The wall with everything on it, and the probe."""
    screen.open(f"{server.url}/wall?{query}")
    screen.until(READY, seconds=PATIENCE_S)
    screen.until(WHOLE, seconds=PATIENCE_S)
    screen.page.evaluate(PROBE)


def overlapping(boxes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of boxes that share more than a pixel."""

    def shared(a: list[float], b: list[float]) -> bool:
        return min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1

    return [(a["code"], b["code"]) for a, b in combinations(boxes, 2) if shared(a["box"], b["box"])]


@pytest.mark.parametrize("query", ["show=level", "show=on_time&theme=light"])
def test_every_text_is_whole_large_enough_and_alone_in_its_place(county: Server, screen: Watched, query: str) -> None:
    opened(screen, county, query)
    page = screen.page
    height = page.viewport_size["height"]  # type: ignore[index]
    # Names come to rest in the frame after the last change.
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    texts = page.evaluate("wallTexts()")
    assert len(texts) > 100
    assert {(text["words"], text["px"]) for text in texts if text["px"] < SMALLEST * height - 0.01} == set()
    assert [(text["words"], text["cut"]) for text in texts if text["cut"]] == []
    assert page.evaluate("wallOverlaps()") == []
    labels = page.evaluate("wallLabels()")
    assert overlapping(labels) == []
    assert len({label["code"] for label in labels if label["code"].isdigit()}) == 20
    assert page.locator(".rank-row").count() == 20
    assert page.evaluate("wallRows('.rank-row')") == 20
    assert page.evaluate("wallRows('.due-row')") == page.locator(".due-row").count() == 10
    scrolls = "[document.documentElement.scrollHeight > innerHeight, document.documentElement.scrollWidth > innerWidth]"
    assert page.evaluate(scrolls) == [False, False]
    assert serious(screen.complaints) == []


def test_no_pointer_is_seen_and_figures_stand_in_columns(county: Server, wall: Watched) -> None:
    opened(wall, county, "show=level")
    assert wall.page.evaluate("wallPointers()") == ["none"]
    assert (
        wall.page.evaluate("getComputedStyle(document.querySelector('.rank-pending')).fontVariantNumeric")
        == "tabular-nums"
    )
