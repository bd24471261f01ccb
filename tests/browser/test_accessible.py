"""Who sees little, hears a screen or wears gloves can work: axe-core finds nothing serious, targets are large."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, watched

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf8")
PLACE = (121.4057, 30.1702)
TOWN = "330282107"
TAP_PX, GAP_PX = 48, 8
PAGES = {
    "/": ".cockpit-side .ag-center-cols-container [role=row]",
    "/cases": ".cases-table .ag-center-cols-container [role=row]",
    "/cases?matter=nope&from=2027-02-01": ".nothing:visible",
    f"/township/{TOWN}": ".card",
    "/township/999": ".missing",
    f"/mine?of=unit:zhzf-{TOWN[-3:]}": ".card",
    "/mine?of=unit:nobody": ".legs-mine .empty",
    "/case/{number}": ".clock-svg",
    "/case/CX19000101-00001": ".missing:visible",
    "/inbox": ".notices",
    "/disputes": ".page",
    "/duplicates": ".page",
    "/inspections": ".page",
    "/lists": ".page",
    "/assessment": ".page",
    "/offline": ".again",
}
SIZES = {"phone": (390, 844), "desk": (1366, 768)}
# What axe says of other makers' widgets that we can only place: AG Grid's viewport, Dash's dropdown.
NOT_OURS = ("ag-", "dash-dropdown", "leaflet-")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server with a case of several departments and a dispute, and the number of that case."""
    own = Server(tmp_path_factory.mktemp("access"))
    own.start()
    number = str(own.report("access-1", *PLACE, description="楼下饭店油烟直排")["number"])
    own.event(number, "accepted", "zhzf-107", leg="lead")
    own.event(number, "disputed", "sthj-107", leg=2, data={"clause": "不属于本部门职责"})
    own.report("access-2", *PLACE)
    yield own, number
    own.kill()


@pytest.fixture(params=SIZES)
def screen(request: pytest.FixtureRequest, browser: Chrome) -> Iterator[Watched]:
    """A page on a phone, and one at a desk."""
    width, height = SIZES[request.param]
    is_phone = request.param == "phone"
    yield from watched(
        browser, viewport={"width": width, "height": height}, has_touch=is_phone, is_mobile=is_phone, locale="zh-CN"
    )


def findings(page: Watched) -> list[str]:
    """What axe finds that is serious or critical, with the element."""
    page.page.evaluate(AXE)
    found: list[dict[str, Any]] = page.page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], iframes: false}).then(result => result.violations)"
    )
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
        if not any(name in str(node["target"]) + node["html"] for name in NOT_OURS)
    ]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(county: tuple[Server, str], screen: Watched, path: str) -> None:
    server, number = county
    screen.page.goto(server.url + path.format(number=number))
    screen.page.wait_for_selector(PAGES[path])
    assert findings(screen) == []


TAPS = """[...document.querySelectorAll('.tap, .slip .tap, .card-case, .quarrel')]
  .filter(e => e.offsetParent && getComputedStyle(e).visibility !== 'hidden')
  .map(e => { const b = e.getBoundingClientRect(); return {what: e.innerText.slice(0, 20), left: b.left,
    top: b.top + scrollY, right: b.right, bottom: b.bottom + scrollY,
    fixed: Boolean(e.closest('.outbox, .sheet, .township-parts'))}; })"""


def small(taps: list[dict[str, Any]]) -> list[str]:
    """Targets that a glove misses."""
    return [
        f"{tap['what']!r} {tap['right'] - tap['left']:.1f}×{tap['bottom'] - tap['top']:.1f}"
        for tap in taps
        if tap["right"] - tap["left"] < TAP_PX - 0.5 or tap["bottom"] - tap["top"] < TAP_PX - 0.5
    ]


def close(taps: list[dict[str, Any]]) -> list[str]:
    """Pairs of targets that a glove hits together: nearer than the gap in both directions."""
    found = []
    for at, one in enumerate(taps):
        for other in taps[at + 1 :]:
            if one["fixed"] != other["fixed"]:
                continue
            x = max(one["left"], other["left"]) - min(one["right"], other["right"])
            y = max(one["top"], other["top"]) - min(one["bottom"], other["bottom"])
            # A card's case and its own steps belong to one grid; they are told apart by the same gap.
            if x < GAP_PX - 0.6 and y < GAP_PX - 0.6:
                found.append(f"{one['what']!r} and {other['what']!r}: {x:.1f}, {y:.1f}")
    return found


@pytest.mark.parametrize("path", [f"/township/{TOWN}", f"/mine?of=unit:zhzf-{TOWN[-3:]}"])
def test_every_step_is_large_enough_for_gloves_and_apart_from_the_next(
    county: tuple[Server, str], phone: Watched, path: str
) -> None:
    server, _ = county
    phone.open(server.url + path)
    phone.page.wait_for_selector(".card .tap")
    taps = phone.page.evaluate(TAPS)
    assert len(taps) > 4
    assert small(taps) == []
    assert close(taps) == []
    if "township" in path:
        phone.page.tap("[data-kind=supervised]")
        phone.page.wait_for_selector(".sheet-card")
        inside = phone.page.evaluate(
            TAPS.replace(".tap, .slip .tap, .card-case, .quarrel", ".sheet .tap, .sheet .input")
        )
        assert small(inside) == []
        assert close(inside) == []
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
