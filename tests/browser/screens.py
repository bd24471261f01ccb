"""Takes the pictures of docs/screens from a running cockpit: ``python -m tests.browser.screens http://127.0.0.1:8050``."""

import sys
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.cockpit import chromium
from tests.browser.conftest import ARGUMENTS

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screens"
SETTLED_MS = 6000


def a_case(url: str) -> str:
    """Number of a pending case of several departments that is under way, else of any case."""
    pending = httpx.get(f"{url}/api/v1/cases", params={"status": "on_site", "limit": 50}).json()
    cases = pending.get("cases") or httpx.get(f"{url}/api/v1/cases", params={"limit": 1}).json()["cases"]
    found = next((case for case in cases if case["matter"].startswith("YJS") and case.get("due_at")), cases[0])
    return str(found["number"])


def take(url: str, folder: Path) -> None:
    """Take every picture."""
    case, township = a_case(url), "/township/330282107"
    shots = [
        ("wall-1920", "/wall?show=level", 1920, 1080, 1),
        ("wall-1920-light", "/wall?show=level&theme=light", 1920, 1080, 1),
        ("wall-1920-on-time", "/wall?show=on_time&theme=dark", 1920, 1080, 1),
        ("wall-3840.jpg", "/wall?show=level", 1920, 1080, 2),
        ("wall-7680.jpg", "/wall?show=level", 3840, 1080, 2),
        ("wall-1600", "/wall?show=level", 1600, 1200, 1),
        ("wall-1024-light", "/wall?show=density&theme=light", 1024, 768, 1),
        ("cockpit-1366-light", "/?layers=cells,points&theme=light", 1366, 768, 1),
        ("township-390-light", f"{township}?theme=light", 390, 844, 2),
        ("cockpit-1366", "/?layers=cells,points", 1366, 768, 1),
        ("township-1366", township, 1366, 768, 1),
        ("township-390", township, 390, 844, 2),
        ("mine-390", "/mine?of=unit:zhzf-107", 390, 844, 2),
        ("cases-1366", "/cases?state=all", 1366, 768, 1),
        ("case-1366", f"/case/{case}", 1366, 900, 1),
        ("case-390", f"/case/{case}", 390, 844, 2),
        ("history-1366", "/history", 1366, 768, 1),
        ("history-hot-1920", "/history?panel=hot", 1920, 1080, 1),
        ("history-390", "/history", 390, 844, 2),
        ("lists-1366", "/lists", 1366, 768, 1),
        ("list-item-1366", "/lists/QL-002", 1366, 900, 1),
        ("list-item-390", "/lists/QL-002", 390, 844, 2),
        ("disputes-1366", "/disputes", 1366, 768, 1),
        ("duplicates-1366", "/duplicates", 1366, 768, 1),
        ("inspections-1366", "/inspections", 1366, 768, 1),
        ("assessment-1366", "/assessment", 1366, 768, 1),
        ("assessment-390", "/assessment", 390, 844, 2),
        ("inbox-390", "/inbox?recipient=command", 390, 844, 2),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for name, path, width, height, scale in shots:
            # A page in a context of its own: the theme of one is not remembered by the next.
            page = browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=scale, color_scheme="dark"
            )
            page.goto(url + path)
            page.wait_for_timeout(SETTLED_MS)
            # The largest ones would weigh megabytes as PNG.
            page.screenshot(path=folder / name if name.endswith(".jpg") else folder / f"{name}.png")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/"), FOLDER)
