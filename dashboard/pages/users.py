"""/users: accounts, kiosk tokens, keys. The administrator's own page."""

import asyncio
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.auth.roles import BY_ACCOUNT, ROLES
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import access as drawn
from dashboard.views import chrome
from data import accounts

PATH = "/users"
TITLE = "page.users"
PARTS = ("accounts", "kiosks", "keys")


def layout(shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give the skeleton; what is in it comes by callback."""
    lang = language()
    parts = [
        html.Section(
            [html.H2(say(f"users.{name}", lang), className="panel-title"), html.Div(**{"data-users": name})],
            className=f"panel users-{name}",
        )
        for name in PARTS
    ]
    return html.Div(
        className="page users",
        children=[
            dcc.Store(id=ids.USERS_TURN, data=0),
            dcc.Store(id=ids.USERS_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(
                className="users-body",
                children=[
                    html.H1(say("users.title", lang)),
                    html.Div(className="users-told", **{"data-users": "told", "aria-live": "polite"}),
                    *parts,
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "users"}),
        ],
    )


def choices(shown: common.Shown, lang: str) -> dict[str, Any]:
    """Give what can be chosen of roles, scopes and sources."""
    names: dict[str, Any] = {
        "township": shown.townships,
        "department": shown.departments,
        "unit": shown.units,
        "source": shown.sources,
    }
    spoken = {
        kind: [[code, name_en if lang == LANGUAGES[1] else name] for code, name, name_en in rows]
        for kind, rows in names.items()
    }
    roles = [
        {"role": str(role), "words": say(f"access.role.{role}", lang), "scopes": list(ROLES[role].scopes)}
        for role in BY_ACCOUNT
    ]
    return {"roles": roles, "codes": spoken, "families": {k: say(f"inbox.family.{k}", lang) for k in names}}


def read(services: Services, shown: common.Shown, lang: str) -> dict[str, Any]:
    """Read all accounts and tokens."""
    engine, chosen = services.engine, choices(shown, lang)
    pen = drawn.Pen(chosen["codes"], services.region.zone, lang)
    found = accounts.everybody(engine)
    return {
        "choices": chosen,
        "accounts": [pen.account(one) for one in found],
        "kiosks": [pen.token(one) for one in accounts.tokens(engine, "kiosk")],
        "keys": [pen.token(one) for one in accounts.tokens(engine, "key")],
        "first": "" if found else say("users.first_account", lang),
    }


def register(app: Dash, services: Services) -> None:
    """Wire the page to its own turns: it is read again after each change."""
    shown = common.shown_of(services)

    @app.callback(Output(ids.USERS_DATA, "data"), Input(ids.USERS_TURN, "data"))
    async def show(_turn: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, shown, language())

    app.clientside_callback(ClientsideFunction("users", "draw"), Input(ids.USERS_DATA, "data"))
