"""Who sees little, hears a screen or wears gloves can work: axe-core finds nothing serious, targets are large."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard import shell
from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, watched
from tests.browser.screens import signed_in

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf8")
PLACE = (121.4057, 30.1702)
TOWN = "330282107"
TAP_PX, GAP_PX = 48, 8
ROW = ".ag-center-cols-container [role=row]"
MAP = "[data-map][data-ready=yes]"
# Path to what stands on the page once it is ready.
PAGES = {
    "/": f".cockpit-side {ROW}",
    "/wall?show=level&theme=dark": MAP,
    "/wall?show=level&theme=light": MAP,
    "/cases": f".cases-table {ROW}",
    "/cases?matter=nope&from=2027-02-01": ".nothing:visible",
    f"/township/{TOWN}": ".card",
    "/township/999": ".missing",
    f"/mine?of=unit:zhzf-{TOWN[-3:]}": ".card",
    "/mine?of=unit:nobody": ".legs-mine .empty",
    "/case/{number}": ".clock-svg",
    "/case/CX19000101-00001": ".missing:visible",
    "/history": ".map-history[data-moment]",
    "/history?panel=hot": ".map-history[data-moment]",
    "/history?panel=expected": ".map-history[data-moment]",
    "/inbox": ".notices",
    "/disputes": ".page",
    "/duplicates": ".page",
    "/inspections": ".page",
    "/lists": f".page {ROW}",
    "/lists/YJS-01": ".page h1",
    "/assessment": f".page {ROW}",
    "/boundaries": ".form.form-send",
    "/users": ".users-more",
    "/audit": ".page",
    "/offline": ".again",
    "/nowhere": ".missing",
}
# Path, whose session ("": nobody's), what stands there: once there are accounts.
CLOSED = [
    ("/login?why=ended", "", "[data-form=sign-in]"),
    ("/login?why=kiosk_revoked", "", "main"),
    ("/users", "town", ".missing"),
    ("/users", "office", ".users-row"),
    ("/audit", "office", ".audit-table"),
    ("/case/CX19000101-00001", "command", ".missing:visible"),
]
SIZES = {"phone": (390, 844), "desk": (1366, 768)}
# Dash's own, which we can only place: its dropdown keeps a hidden field to catch the focus, and passes it on.
NOT_OURS = ("dash-dropdown-focus-target",)


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


@pytest.fixture(scope="module")
def shut(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server on which one has to sign in, and a session of each account."""
    own = Server(tmp_path_factory.mktemp("shut"))
    own.start()
    tokens = signed_in(own.folder)
    end = time.monotonic() + 20
    # The door looks again within a second or two whether there are accounts.
    while "sign-in" not in httpx.get(f"{own.url}/login").text and time.monotonic() < end:
        time.sleep(0.1)
    yield own, tokens
    own.kill()


@pytest.fixture(params=SIZES)
def screen(request: pytest.FixtureRequest, browser: Chrome) -> Iterator[Watched]:
    """A page on a phone, and one at a desk."""
    width, height = SIZES[request.param]
    is_phone = request.param == "phone"
    size, fingers = {"width": width, "height": height}, {"has_touch": is_phone, "is_mobile": is_phone}
    yield from watched(browser, viewport=size, **fingers, color_scheme="dark", locale="zh-CN")


def findings(page: Watched) -> list[str]:
    """What axe finds that is serious or critical, with the element."""
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


def found_in_both_themes(page: Watched) -> dict[str, list[str]]:
    """What axe finds on a page that follows the system's theme, first dark, then light."""
    page.page.evaluate(AXE)
    found = {"dark": findings(page)}
    page.page.emulate_media(color_scheme="light")
    # A wall is dark, whatever the system says: its light theme has an address of its own.
    if not page.page.query_selector(".wall, .door-wall"):
        page.until("getComputedStyle(document.documentElement).colorScheme", lambda scheme: "light" in scheme)
    return {**found, "light": findings(page)}


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(county: tuple[Server, str], screen: Watched, path: str) -> None:
    server, number = county
    screen.page.goto(server.url + path.format(number=number), wait_until="domcontentloaded")
    screen.page.wait_for_selector(PAGES[path])
    assert found_in_both_themes(screen) == {"dark": [], "light": []}


@pytest.mark.parametrize(("path", "account", "ready"), CLOSED)
def test_axe_finds_nothing_serious_where_one_signs_in(
    shut: tuple[Server, dict[str, str]], screen: Watched, path: str, account: str, ready: str
) -> None:
    server, tokens = shut
    if account:
        screen.page.context.add_cookies([{"name": "onemap_session", "value": tokens[account], "url": server.url}])
    screen.page.goto(server.url + path, wait_until="domcontentloaded")
    screen.page.wait_for_selector(ready)
    assert found_in_both_themes(screen) == {"dark": [], "light": []}


def test_every_page_is_looked_at() -> None:
    looked = {re.sub(r"[?].*", "", path) for path in [*PAGES, *(path for path, _, _ in CLOSED)]}
    for page in shell.PAGES:
        address = getattr(page, "PATH", None) or re.sub(r"<\w+>", "[^/]+", page.TEMPLATE)
        assert any(re.fullmatch(address, path) for path in looked), f"axe looks at no {address}"


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
