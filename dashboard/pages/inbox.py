"""/inbox: what was told to a township, a department, a unit, the command centre or the adjudicator."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.organisation import ADJUDICATOR, COMMAND, UNLISTED
from dashboard import ids, theme
from dashboard.auth import who
from dashboard.auth.scope import inbox_of
from dashboard.notifying import directory_of
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome
from dashboard.views import notices as drawn
from dashboard.views.names import Book
from data import notices

PATH = "/inbox"
TITLE = "page.inbox"
PAGE = 50
MOST = 500
View = Mapping[str, Any]


def layout(shown: common.Shown = common.NOTHING, /, of: str = "", unread: str = "", **_: Any) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    return html.Div(
        className="page inbox",
        children=[
            dcc.Store(id=ids.INBOX_VIEW),
            dcc.Store(id=ids.INBOX_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(
                className="inbox-body",
                children=[
                    html.Div(
                        [
                            html.H1(say("inbox.title", lang)),
                            html.Span("", className="inbox-count", **{"data-inbox": "count", "aria-live": "polite"}),
                        ],
                        className="inbox-head",
                    ),
                    html.Div([whose(shown, of, lang), only_unread(unread, lang)], className="inbox-controls"),
                    html.Ol(className="notices", **{"data-inbox": "list"}),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "inbox"}),
        ],
    )


def whose(shown: common.Shown, of: str, lang: str) -> Component:
    """Choose an inbox; what is typed finds names and what kind of body it is."""
    choices = options(shown, lang)
    return html.Div(
        className="control control-of",
        children=[
            html.Label(say("inbox.whose", lang), htmlFor=ids.INBOX_OF),
            dcc.Dropdown(
                id=ids.INBOX_OF,
                options=[{"value": code, "label": name} for code, name in choices],
                value=of if of in dict(choices) else None,
                placeholder=say("inbox.choose", lang),
                clearable=False,
                maxHeight=420,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def only_unread(unread: str, lang: str) -> Component:
    """Choose whether what has been read is left out."""
    ticks = dcc.Checklist(
        id=ids.INBOX_UNREAD,
        options=[{"value": "yes", "label": say("inbox.only_unread", lang)}],
        value=["yes"] if unread else [],
        className="ticks",
    )
    return html.Div(ticks, **{"data-onemap": "named", "data-name": say("inbox.only_unread", lang)})


def options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """List all inboxes, those of which there is one first."""
    english, identity = lang == LANGUAGES[1], who()
    found = [(code, say(f"inbox.of.{code}", lang)) for code in (COMMAND, ADJUDICATOR)]
    bodies = {body.code for body in UNLISTED}
    families = {
        "township": shown.townships,
        "department": tuple(row for row in shown.departments if row[0] not in bodies),
        "unit": shown.units,
        "source": shown.sources,
    }
    for family, rows in families.items():
        kind = say(f"inbox.family.{family}", lang)
        found += [(f"{family}:{code}", f"{kind} · {name_en if english else name}") for code, name, name_en in rows]
    return (
        found if identity.sees_all or identity.role is None else [one for one in found if one[0] == inbox_of(identity)]
    )


def read(services: Services, book: Book, view: View, lang: str) -> dict[str, Any]:
    """Read what a view shows."""
    # A notice follows its event by at most one round of the notifier; the page looks again then.
    wait = services.settings.notify_seconds * 1000 + 500
    of, limit = str(view.get("of") or inbox_of(who()) or COMMAND), view.get("limit")
    if not who().sees_all:
        # Whatever the address says: nobody else's.
        of = inbox_of(who())
    if not directory_of(services.region).knows(of):
        return {"of": of, "empty": say("inbox.unknown", lang), "rows": [], "more": False, "count": "", "wait": wait}
    unread = bool(view.get("unread"))
    limit = min(limit, MOST) if isinstance(limit, int) and limit > 0 else PAGE
    found = notices.inbox(services.engine, of, unread=unread, limit=limit)
    return {
        "of": of,
        "empty": say("inbox.empty_unread" if unread else "inbox.empty", lang),
        "rows": drawn.rows(found.notices, book, services.region.zone, lang),
        "more": found.next is not None and limit < MOST,
        "count": say("inbox.count", lang, n=found.unread) if found.unread else "",
        "wait": wait,
    }


def register(app: Dash, services: Services) -> None:
    """Wire the inbox to its view, to the revision and to time."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.INBOX_DATA, "data"),
        Input(ids.INBOX_VIEW, "data"),
        Input(ids.REV, "data"),
        Input(ids.NOW, "data"),
    )
    async def show(view: View | None, _rev: int | None, _now: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    app.clientside_callback(
        ClientsideFunction("inbox", "choose"), Input(ids.INBOX_OF, "value"), Input(ids.INBOX_UNREAD, "value")
    )
    app.clientside_callback(ClientsideFunction("inbox", "draw"), Input(ids.INBOX_DATA, "data"))
