"""What makes the pages an application on a phone: manifest, service worker, and the page without a network."""

import re
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Query
from starlette.responses import HTMLResponse, Response

from dashboard import text
from dashboard.api.given import Given, Json
from dashboard.settings import ASSETS
from dashboard.text import COOKIE, LANGUAGES, say

router = APIRouter(include_in_schema=False)
HOME = "/mine"
MANIFEST_URL, WORKER_URL, OFFLINE_URL = "/manifest.webmanifest", "/sw.js", "/offline"
WORKER, OFFLINE_SCRIPT = "js/w_offline.js", "js/w_offline_page.js"
GROUND = "#0c1116"  # of assets/icon.svg
Language = Annotated[str | None, Cookie(alias=COOKIE)]


@router.get(MANIFEST_URL)
def manifest(
    services: Given,
    start: Annotated[str, Query(max_length=300, description="The page with which the application opens.")] = HOME,
    onemap_lang: Language = None,
) -> Response:
    """Describe the application, which opens with the page from which it was installed."""
    language = language_of(onemap_lang, services.settings.language)
    region = services.region.names.get("en" if language == LANGUAGES[1] else "zh") or services.region.name
    first = start if is_own(start) else HOME
    return Json(
        {
            "id": first,
            "name": f"{region} {say('product', language)}",
            "short_name": say("product", language),
            "lang": language,
            "start_url": first,
            "scope": "/",
            "display": "standalone",
            "background_color": GROUND,
            "theme_color": GROUND,
            "icons": [icon("icon-192", 192), icon("icon-512", 512), icon("maskable-512", 512, "maskable")],
        },
        media_type="application/manifest+json",
    )


@router.get(WORKER_URL)
def worker() -> Response:
    """Give the service worker at the root, so that it stands behind every page; it names the offline page's version."""
    script = (ASSETS / WORKER).read_text(encoding="utf8").replace("{version}", version())
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get(OFFLINE_URL)
def offline(services: Given, onemap_lang: Language = None) -> Response:
    """Give the page that a phone shows when the hub cannot be reached. It holds no data and never becomes old."""
    language = language_of(onemap_lang, services.settings.language)
    page = (ASSETS / "offline.html").read_text(encoding="utf8")
    words = {
        "lang": language,
        "product": say("product", language),
        "title": say("app.offline.title", language),
        "way": say("app.offline.way", language),
        "waiting": say("outbox.count", language, n="<b data-n></b>"),
        "again": say("outbox.again", language),
        "script": f"/assets/{OFFLINE_SCRIPT}?m={version()}",
    }
    return HTMLResponse(re.sub(r"\{(\w+)\}", lambda found: words[found[1]], page))


def icon(name: str, size: int, purpose: str = "any") -> dict[str, Any]:
    """Write one icon of the manifest."""
    return {"src": f"/assets/icons/{name}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def is_own(address: str) -> bool:
    """Whether an address is a page of this site: a path, with a query at most."""
    if not re.match(r"/(?!/)", address):
        return False  # `//[` would not even be split
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and re.fullmatch(r"/(?!/)[\w\-./%]*", parts.path) is not None


def language_of(cookie: str | None, default: str) -> str:
    """Give the language of whoever asks."""
    return text.chosen({COOKIE: cookie or ""}, next(name for name in LANGUAGES if name.startswith(default)))


def version() -> str:
    """Fingerprint what works without a network, so that a changed page replaces the kept one."""
    files = (ASSETS / "offline.html", ASSETS / WORKER, ASSETS / OFFLINE_SCRIPT)
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
