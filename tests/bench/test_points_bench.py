"""A hundred thousand points on the cockpit: frames while it is panned and zoomed, beside Leaflet's own markers."""

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.cockpit import Server, chromium
from tests.browser.conftest import ARGUMENTS, Watched

pytestmark = pytest.mark.bench
POINTS = 100_000
READY = "document.querySelector('[data-map]')?.dataset.ready === 'yes'"
PROBE = Path(__file__).with_name("points_probe.js")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on an empty database."""
    own = Server(tmp_path)
    own.start()
    yield own
    own.kill()


def words(name: str, drawn: float, frames: list[float]) -> str:
    """In one line."""
    late = sum(frame > 100 for frame in frames)
    return (
        f"{name}: first drawn in {drawn:.0f} ms; frames: median {statistics.median(frames):.0f} ms, "
        f"longest {frames[0]:.0f}, {frames[1]:.0f}, {frames[2]:.0f} ms; {late} of {len(frames)} over 100 ms"
    )


def test_a_hundred_thousand_points_beside_markers(server: Server) -> None:
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        desk = Watched(chrome.new_page(viewport={"width": 1366, "height": 768}))
        desk.open(f"{server.url}/?layers=cells")
        desk.until(READY, seconds=60)
        desk.page.evaluate(PROBE.read_text(encoding="utf8"))
        none = desk.page.evaluate("probe.move(true)")
        lines = [words("no points", 0, none)]
        for way in ("ours", "plain"):
            drawn = desk.page.evaluate(f"probe.{way}(window.rows = window.rows || probe.rows({POINTS}))")
            lines.append(words(way, drawn, desk.page.evaluate("probe.move(true)")))
        chrome.close()
    sys.stdout.write(f"\n{POINTS:,} points on the cockpit, 8 pans and 4 zooms\n" + "\n".join(lines) + "\n")
