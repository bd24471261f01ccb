"""Draws the icons of the installed application from assets/icon.svg: ``python -m tests.browser.icons``."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.cockpit import chromium
from tests.browser.conftest import ARGUMENTS

ASSETS = Path(__file__).parent.parent.parent / "assets"
GROUND = "#0c1116"
# A system may cut a maskable icon to a circle of four fifths of its width: the drawing stands within.
ICONS = {"icon-192": (192, 1.0), "icon-512": (512, 1.0), "maskable-512": (512, 0.72), "apple-180": (180, 0.86)}


def draw() -> None:
    """Write every icon."""
    svg = (ASSETS / "icon.svg").read_text(encoding="utf8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for name, (size, part) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            whole = part == 1
            page.set_content(
                f"<style>html{{background:{'transparent' if whole else GROUND}}} body{{margin:0;display:grid;"
                f"height:100vh;place-items:center}} svg{{width:{part * 100}%;height:{part * 100}%}}</style>{svg}"
            )
            page.screenshot(path=ASSETS / "icons" / f"{name}.png", omit_background=whole)
            page.close()
        browser.close()


if __name__ == "__main__":
    draw()
