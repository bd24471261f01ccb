"""What stands around every page: the page container, the two shared facts, and what the scripts must know."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard import ids, text
from dashboard.pages import (
    assessment,
    case,
    cases,
    cockpit,
    common,
    disputes,
    duplicates,
    inbox,
    inspections,
    item,
    lists,
    not_found,
    officer,
    township,
    wall,
)
from dashboard.services import Services
from dashboard.settings import ASSETS

PAGES = (
    cockpit,
    wall,
    township,
    officer,
    cases,
    case,
    lists,
    item,
    disputes,
    duplicates,
    inspections,
    inbox,
    assessment,
)
# Dash looks for a page of this name when no other answers.
NOT_FOUND = "not_found_404"
STREAM_URL = "/api/v1/stream"
REGION_URL = "/api/v1/region"
WORKER = "js/w_stream.js"
WORKER_FILES = (WORKER, "js/feed.js")
INDEX = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#0c1116">
<meta name="color-scheme" content="dark">
<title>{title}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/assets/icons/apple-180.png">
<link rel="manifest" href="/manifest.webmanifest">
<meta name="mobile-web-app-capable" content="yes">
<meta name="apple-mobile-web-app-status-bar-style" content="black-translucent">
{css}
</head>
<body>
<noscript>{no_script}</noscript>
{app_entry}
<footer>
{config}
{scripts}
{renderer}
</footer>
</body>
</html>
"""


def install(app: Dash, services: Services) -> None:
    """Give the application its layout, its pages and its index.

    Parameters
    ----------
    app
        Made with ``use_pages=True, pages_folder=""`` by `dashboard.server`.
    """
    default = next(name for name in text.LANGUAGES if name.startswith(services.settings.language))
    shown = common.shown_of(services)
    worker = f"/assets/{WORKER}?m={digest(WORKER_FILES)}"
    app.layout = partial(layout, app, services, default, worker)
    app.interpolate_index = partial(index, app, default)
    for page in PAGES:
        address = {"path": page.PATH} if hasattr(page, "PATH") else {"path_template": page.TEMPLATE}
        dash.register_page(
            page.__name__, title=titled(shown, page.TITLE, default), layout=partial(page.layout, shown), **address
        )
        page.register(app, services)
    dash.register_page(
        NOT_FOUND, title=titled(shown, not_found.TITLE, default), layout=partial(not_found.layout, shown), path="/404"
    )


def titled(shown: common.Shown, key: str, default: str) -> Callable[..., str]:
    """Give the window title of a page, in the language of whoever asks."""

    def title(**_: Any) -> str:
        language = text.language() or default
        return f"{text.say(key, language)} · {shown.name(language)} {text.say('product', language)}"

    return title


def layout(app: Dash, services: Services, default: str, worker: str) -> Component:
    """Lay out what stands around the pages, in the language that the request's cookie names."""
    language = text.chosen(cookies_of(app), default)
    config = {
        "build": services.build,
        "language": language,
        "zone": str(services.region.zone),
        "stream": STREAM_URL,
        "region": REGION_URL,
        "worker": worker,
        "words": text.for_scripts(language),
    }
    return html.Div(
        className="shell",
        children=[
            # First in the document: the scripts wait for it.
            html.Div(id=ids.SHELL_CONFIG, hidden=True, **{"data-onemap": "config", "data-config": json.dumps(config)}),
            dcc.Store(id=ids.REV),
            dcc.Store(id=ids.NOW),
            html.Div(className="stale", role="alert", **{"data-onemap": "connection"}),
            dash.page_container,
        ],
    )


def index(app: Dash, default: str, **parts: str) -> str:
    """Write the document that everything is loaded into."""
    language = text.chosen(cookies_of(app), default)
    # Dash's own favicon and metas are left out: ours are above.
    return INDEX.format(
        lang=language,
        no_script=text.say("shell.no_script", language),
        title=parts["title"],
        css=parts["css"],
        app_entry=parts["app_entry"],
        config=parts["config"],
        scripts=parts["scripts"],
        renderer=parts["renderer"],
    )


def cookies_of(app: Dash) -> dict[str, str]:
    """Read the cookies of the request being answered, with ?lang= before them; none outside of requests."""
    if not app.backend.has_request_context():
        return {}
    request = app.backend.request_adapter()
    asked = request.args.get("lang")
    return {**request.cookies, **({text.COOKIE: asked} if asked else {})}


def digest(names: tuple[str, ...]) -> str:
    """Hash files that Dash does not version, so that a changed worker gets another address."""
    return sha256(b"".join((ASSETS / name).read_bytes() for name in names)).hexdigest()[:12]
