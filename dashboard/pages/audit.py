"""/audit: who did what, by person and day."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.pages import common
from dashboard.pages.users import choices
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import access as drawn
from dashboard.views import chrome
from data import accounts

PATH = "/audit"
TITLE = "page.audit"
PAGE, MOST = 100, 1000
View = Mapping[str, Any]


def layout(shown: common.Shown = common.NOTHING, /, account: str = "", day: str = "", **_: Any) -> Component:
    """Give the skeleton; its script draws the filters, as the address has them, and the rows."""
    lang = language()
    return html.Div(
        className="page audit",
        children=[
            dcc.Store(id=ids.AUDIT_VIEW, data={"account": account, "day": day, "limit": PAGE}),
            dcc.Store(id=ids.AUDIT_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(
                className="audit-body",
                children=[
                    html.H1(say("audit.title", lang)),
                    html.Div(className="audit-filters", **{"data-audit": "filters"}),
                    html.Div(className="audit-rows", **{"data-audit": "rows"}),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "audit"}),
        ],
    )


def day_of(written: str) -> date | None:
    """Read the day of an address; None where it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def read(services: Services, shown: common.Shown, view: View, lang: str) -> dict[str, Any]:
    """Read what a view shows."""
    day = day_of(str(view.get("day") or ""))
    start, end = accounts.day_span(day, services.region.zone) if day else (None, None)
    wanted = view.get("limit")
    limit = min(wanted, MOST) if isinstance(wanted, int) and wanted > 0 else PAGE
    found = accounts.entries(services.engine, str(view.get("account") or ""), start, end, limit=limit)
    pen = drawn.Pen(choices(shown, lang)["codes"], services.region.zone, lang)
    return {
        "rows": [pen.noted(one) for one in found.rows],
        "more": found.next is not None and limit < MOST,
        "known": [one.name for one in accounts.everybody(services.engine)],
        "empty": say("audit.none", lang),
    }


def register(app: Dash, services: Services) -> None:
    """Wire the rows to the view."""
    shown = common.shown_of(services)

    @app.callback(Output(ids.AUDIT_DATA, "data"), Input(ids.AUDIT_VIEW, "data"))
    async def show(view: View | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, shown, view or {}, language())

    app.clientside_callback(ClientsideFunction("audit", "draw"), Input(ids.AUDIT_DATA, "data"))
