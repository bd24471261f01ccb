"""Takes the pictures of docs/screens: ``python -m tests.browser.screens``, on an own server with a simulated county.

``python -m tests.browser.screens http://127.0.0.1:8050`` takes them from a server that runs already and asks nobody to
sign in. ``--only wall,case`` takes those pages alone, ``--sizes 390,1366`` those widths, ``--themes light`` that theme.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Late

from dashboard.auth.passwords import new_token, token_hash
from data import accounts
from data.accounts import By, Entry, NewAccount
from data.engine import open_engine
from tests.browser.cockpit import ROOT, Server, chromium
from tests.browser.conftest import ARGUMENTS

FOLDER = ROOT / "docs" / "screens"
DAYS = 5
SIZES = {390: 844, 1366: 768, 1920: 1080, 3840: 2160}
THEMES = ("dark", "light")
TOWNSHIP = "330282107"
MAP, ROW, PAGE = "[data-map][data-ready=yes]", ".ag-center-cols-container [role=row]", ".page"
# What does not become ready is taken as it is, and told.
READY_MS, SETTLED_MS = 30_000, 2000
QUALITY = {390: 80, 1366: 80, 1920: 74, 3840: 55}
ACCOUNTS = {
    "command": ("commander", "", "值班席"),
    "office": ("administrator", "", "系统管理员"),
    "town": ("leader", f"township:{TOWNSHIP}", "观海卫镇"),
}


@dataclass(frozen=True)
class Shot:
    """A page to be taken: its address, what stands on it once it is ready, and whose page it is ("": nobody's)."""

    path: str
    ready: str
    account: str = "command"


SHOTS = {
    "cockpit": Shot("/?layers=cells,points", f".cockpit-side {ROW}"),
    "wall": Shot("/wall?show=level", f"{MAP}, .due-row"),
    "township": Shot(f"/township/{TOWNSHIP}", ".card"),
    "mine": Shot(f"/mine?of=unit:zhzf-{TOWNSHIP[-3:]}", ".card"),
    "cases": Shot("/cases", f".cases-table {ROW}"),
    "case": Shot("/case/{case}", ".clock-svg"),
    "history": Shot("/history", ".map-history[data-moment]"),
    "history-hot": Shot("/history?panel=hot", ".map-history[data-moment]"),
    "lists": Shot("/lists", PAGE),
    "item": Shot("/lists/QL-002", PAGE),
    "disputes": Shot("/disputes", PAGE),
    "duplicates": Shot("/duplicates", PAGE),
    "inspections": Shot("/inspections", PAGE),
    "inbox": Shot("/inbox?recipient=command", ".notices"),
    "assessment": Shot("/assessment", ROW),
    "boundaries": Shot("/boundaries", PAGE, "office"),
    "users": Shot("/users", PAGE, "office"),
    "audit": Shot("/audit", PAGE, "office"),
    "login": Shot("/login", "[data-form=sign-in]", ""),
    "denied": Shot("/users", ".missing", "town"),
    "not-found": Shot("/nowhere", ".missing"),
}
# Other shapes of the wall: a double wall, 4:3.
MORE = {"wall-7680-dark": ("wall", 7680, 2160, "dark"), "wall-1600-light": ("wall", 1600, 1200, "light")}


def say(line: str) -> None:
    """Tell how far it is, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def a_case(url: str, cookies: Mapping[str, str]) -> str:
    """Number of a pending case of several departments that is under way, else of any case."""
    for status in ("on_site", "called", "accepted", ""):
        asked = {"limit": 50} | ({"status": status} if status else {})
        answer = httpx.get(f"{url}/api/v1/cases", params=asked, cookies=dict(cookies), timeout=30)
        cases = answer.json().get("cases") or []
        found = next((case for case in cases if case["matter"].startswith("YJS") and case.get("due_at")), None)
        if found or (cases and not status):
            return str((found or cases[0])["number"])
    raise SystemExit(f"{url} has no case: take the pictures from a server with a simulated county.")


def signed_in(folder: Path) -> dict[str, str]:
    """Make the accounts and a session of each in the database of a server; gives the session's token by account."""
    engine = open_engine(f"sqlite:///{folder / 'onemap.db'}")
    now, tokens = datetime.now(UTC), {}
    for name, (role, scope, display) in ACCOUNTS.items():
        # Nobody signs in with a password here, so there is none that would fit.
        new = NewAccount(name, display, role, scope, "", False)
        account = accounts.add(engine, new, Entry("account_added", By("screens"), name), now)
        tokens[name] = new_token()
        accounts.open_session(
            engine, account, token_hash(tokens[name]), now + timedelta(hours=8), Entry("signed_in", By(name)), now
        )
    engine.dispose()
    return tokens


@contextmanager
def county(days: float) -> Iterator[tuple[str, dict[str, str]]]:
    """Start an own server, tell it some days of a simulated county, make accounts; gives address and tokens."""
    with tempfile.TemporaryDirectory() as folder:
        own = Server(Path(folder))
        own.start()
        try:
            say(f"telling {days:g} days of a simulated county ...")
            told = ["simulate", "--url", own.url, "--days", str(days), "--until-caught-up"]
            subprocess.run([sys.executable, "-m", "dashboard", *told], cwd=ROOT, env=dict(os.environ), check=True)
            yield own.url, signed_in(Path(folder))
        finally:
            own.kill()


def photograph(page: Page, file: Path, quality: int) -> None:
    """Write what the page shows as WebP, which Playwright's own screenshot does not know; Chromium does."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
    file.write_bytes(base64.b64decode(shot["data"]))


def settle(page: Page, ready: str) -> bool:
    """Wait for what a page must show, its fonts and its map; say whether it came."""
    try:
        page.wait_for_selector(ready, timeout=READY_MS, state="attached")
    except Late:
        return False
    page.wait_for_timeout(SETTLED_MS)
    return True


@dataclass(frozen=True)
class Camera:
    """What all pictures share: browser, address, sessions, the case that is shown, the folder."""

    browser: Browser
    url: str
    tokens: Mapping[str, str]
    case: str
    folder: Path

    def take(self, name: str, shot: Shot, width: int, height: int, theme: str) -> None:
        """Take one picture, in a context of its own: what one page remembers is not known to the next."""
        is_phone = width < 600
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if is_phone else 1,
            is_mobile=is_phone,
            has_touch=is_phone,
            color_scheme=theme,  # type: ignore[arg-type]
            locale="zh-CN",
        )
        if token := self.tokens.get(shot.account):
            context.add_cookies([{"name": "onemap_session", "value": token, "url": self.url, "httpOnly": True}])
        page = context.new_page()
        path = shot.path.format(case=self.case)
        page.goto(f"{self.url}{path}{'&' if '?' in path else '?'}theme={theme}", wait_until="domcontentloaded")
        file = self.folder / f"{name}.webp"
        late = "" if settle(page, shot.ready) else f"  not ready: no {shot.ready}"
        photograph(page, file, QUALITY.get(width, 60))
        context.close()
        say(f"{file.name}  {file.stat().st_size // 1024} kB{late}")


def take(camera: Camera, only: set[str], sizes: set[int], themes: set[str]) -> None:
    """Take every picture that is asked for; an empty set asks for all."""
    camera.folder.mkdir(parents=True, exist_ok=True)
    for page, shot in SHOTS.items():
        if only and page not in only:
            continue
        for theme in THEMES:
            for width, height in SIZES.items():
                if (not sizes or width in sizes) and (not themes or theme in themes):
                    camera.take(f"{page}-{width}-{theme}", shot, width, height, theme)
    for name, (page, width, height, theme) in MORE.items():
        if (not only or page in only) and (not sizes or width in sizes) and (not themes or theme in themes):
            camera.take(name, SHOTS[page], width, height, theme)


def main() -> None:
    """Read what is asked for, and take it."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screens", description="Takes the pictures of docs.")
    parser.add_argument("url", nargs="?", help="a server that runs already; without it an own one is started")
    parser.add_argument("--only", default="", help=f"pages, of {', '.join(SHOTS)}")
    parser.add_argument("--sizes", default="", help=f"widths, of {', '.join(map(str, SIZES))}")
    parser.add_argument("--themes", default="", help=f"of {', '.join(THEMES)}")
    parser.add_argument("--days", type=float, default=DAYS, help="how many days of the own county are told")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    only, sizes, themes = (
        {word for word in text.split(",") if word} for text in (asked.only, asked.sizes, asked.themes)
    )
    if strangers := only - set(SHOTS):
        parser.error(f"--only: no such page: {', '.join(sorted(strangers))}; there are {', '.join(SHOTS)}")
    source = nullcontext((asked.url.rstrip("/"), dict[str, str]())) if asked.url else county(asked.days)
    with source as (url, tokens), sync_playwright() as playwright:
        cookies = {"onemap_session": tokens["command"]} if tokens else {}
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        take(Camera(browser, url, tokens, a_case(url, cookies), asked.folder), only, set(map(int, sizes)), themes)
        browser.close()


if __name__ == "__main__":
    main()
