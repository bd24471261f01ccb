"""What stands around every page: the page container, the two shared facts, and what the scripts must know."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from types import ModuleType
from typing import Any

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard import ids, text, theme
from dashboard.auth import PAGES as RIGHTS
from dashboard.auth import ROUTES, Identity, Role, asked_of, who
from dashboard.auth.paths import Pages
from dashboard.auth.roles import kinds_of
from dashboard.pages import (
    assessment,
    audit,
    boundaries,
    case,
    cases,
    cockpit,
    common,
    denied,
    disputes,
    duplicates,
    history,
    inbox,
    inspections,
    item,
    lists,
    not_found,
    officer,
    township,
    users,
    wall,
    wall_document,
)
from dashboard.services import Services
from dashboard.settings import ASSETS

PAGES = (
    cockpit,
    wall,
    history,
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
    boundaries,
    users,
    audit,
)
ELSEWHERE = {f"{ids.CASE_DUPLICATES}.data": frozenset({"case"})}
"""Callbacks of one page that stand on others, too."""
# Dash looks for a page of this name when no other answers.
NOT_FOUND = "not_found_404"
WORKER = "js/w_stream.js"
WORKER_FILES = (WORKER, "js/feed.js")
INDEX = """<!DOCTYPE html>
<html lang="{lang}"{theme}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#0c1116">
<meta name="color-scheme" content="dark light">
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


def install(app: Dash, services: Services) -> Pages:
    """Give the application its layout, its pages and its index; gives the addresses of the pages and their callbacks.

    Parameters
    ----------
    app
        Made with ``use_pages=True, pages_folder=""`` by `dashboard.server`.
    """
    default = next(name for name in text.LANGUAGES if name.startswith(services.settings.language))
    shown = common.shown_of(services)
    worker = f"/assets/{WORKER}?m={digest(WORKER_FILES)}"
    app.layout = partial(layout, app, services, default, worker)
    app.interpolate_index = partial(index, app, default, wall_document.Written(services, shown, worker))
    known = Pages({name_of(page): getattr(page, "PATH", None) or page.TEMPLATE for page in PAGES})
    for page in PAGES:
        address = {"path": page.PATH} if hasattr(page, "PATH") else {"path_template": page.TEMPLATE}
        shows = partial(admitted, name_of(page), page.layout, shown)
        dash.register_page(page.__name__, title=titled(shown, page.TITLE, default), layout=shows, **address)
        before = set(app.callback_map)
        page.register(app, services)
        known.callbacks |= {
            output: ELSEWHERE.get(output, frozenset()) | {name_of(page)} for output in set(app.callback_map) - before
        }
    known.takes |= {
        output: (len(one["inputs"]), len(one["state"]))
        for output, one in app.callback_map.items()
        if output in known.callbacks
    }
    dash.register_page(
        NOT_FOUND, title=titled(shown, not_found.TITLE, default), layout=partial(not_found.layout, shown), path="/404"
    )
    return known


def name_of(page: ModuleType) -> str:
    """Give the name of a page in the table of roles."""
    return page.__name__.rpartition(".")[2]


def admitted(name: str, layout: Callable[..., Component], shown: common.Shown, /, **query: Any) -> Component:
    """Lay a page out for whoever may open it; for others, what they may do instead."""
    reason = refused(name)
    return denied.layout(shown, reason) if reason else layout(shown, **query)


def refused(name: str) -> str:
    """Say why whoever asks may not open a page: role, township or case; empty when they may."""
    identity = who()
    # Dash asks every layout once when it starts, when nobody asks.
    return asked_of() or ("role" if identity.role and identity.role not in RIGHTS[name].roles else "")


def is_wall(app: Dash) -> bool:
    """Say whether the request being answered wants the wall."""
    return app.backend.has_request_context() and app.backend.request_adapter().path.rstrip("/") == wall.PATH


def titled(shown: common.Shown, key: str, default: str) -> Callable[..., str]:
    """Give the window title of a page, in the language of whoever asks."""

    def title(**_: Any) -> str:
        language = text.language() or default
        return f"{text.say(key, language)} · {shown.name(language)} {text.say('product', language)}"

    return title


def layout(app: Dash, services: Services, default: str, worker: str) -> Component:
    """Lay out what stands around the pages, in the language that the request's cookie names."""
    language = text.chosen(cookies_of(app), default)
    config = wall_document.config_of(services, language, worker)
    config |= {"words": text.for_scripts(language), "person": person(who(), language)}
    return html.Div(
        className="shell",
        children=[
            # First in the document: the scripts wait for it.
            html.Div(id=ids.SHELL_CONFIG, hidden=True, **{"data-onemap": "config", "data-config": json.dumps(config)}),
            open_line(who(), language),
            dcc.Store(id=ids.REV),
            dcc.Store(id=ids.NOW),
            html.Div(className="stale", role="alert", **{"data-onemap": "connection"}),
            dash.page_container,
        ],
    )


def person(identity: Identity, language: str) -> dict[str, Any]:
    """Say who has signed in, for the scripts."""
    role = identity.role or Role.OPEN
    return {
        "role": str(role),
        "role_words": text.say(f"access.role.{role}", language),
        "account": identity.account,
        "display": identity.display,
        "scope": identity.scope,
        "actor": identity.actor or "",
        # What the forms of the pages send: those that would be refused are not shown.
        "kinds": list(kinds_of(role)),
        "calls": [path for (method, path), row in ROUTES.items() if method == "POST" and role in row.roles],
    }


def open_line(identity: Identity, language: str) -> Component | None:
    """Say on every page that nobody has to sign in, as long as it is so."""
    if identity.role is not Role.OPEN:
        return None
    return html.Div(text.say("access.open", language), className="open-line", role="note")


def index(app: Dash, default: str, wall_written: wall_document.Written, **parts: str) -> str:
    """Write the document that everything is loaded into; the wall's own for the wall."""
    cookies = cookies_of(app)
    language, light = text.chosen(cookies, default), theme.chosen(cookies)
    if is_wall(app) and not refused(name_of(wall)):
        return wall_written.document(language, light or theme.THEMES[0], person(who(), language), parts)
    # Dash's own favicon and metas are left out: ours are above.
    return INDEX.format(
        lang=language,
        theme=f' data-theme="{light}"' if light else "",
        no_script=text.say("shell.no_script", language),
        title=parts["title"],
        css=parts["css"],
        app_entry=parts["app_entry"],
        config=parts["config"],
        scripts=parts["scripts"],
        renderer=parts["renderer"],
    )


def cookies_of(app: Dash) -> dict[str, str]:
    """Read the cookies of the request being answered, ?lang= and ?theme= before them; none outside of requests."""
    if not app.backend.has_request_context():
        return {}
    request = app.backend.request_adapter()
    asked = {text.COOKIE: request.args.get("lang"), theme.COOKIE: request.args.get("theme")}
    return {**request.cookies, **{name: wish for name, wish in asked.items() if wish}}


def digest(names: tuple[str, ...]) -> str:
    """Hash files that Dash does not version, so that a changed worker gets another address."""
    return sha256(b"".join((ASSETS / name).read_bytes() for name in names)).hexdigest()[:12]
