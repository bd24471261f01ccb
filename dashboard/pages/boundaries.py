"""/boundaries: versions and publications of the boundaries; a file is sent, checked, looked at and published."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import drafting, ids
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import boundaries as drawn
from dashboard.views import chrome
from dashboard.views.boundaries import Quill
from dashboard.views.names import Book
from data import publishing
from data.publishing import NoSuchDraft, drafts

PATH = "/boundaries"
TITLE = "page.boundaries"
View = Mapping[str, Any]


def layout(shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give the skeleton; the script reads from the address which file is open."""
    lang = language()
    side = [
        chrome.panel(say("boundaries.versions", lang), part("layers"), name="layers"),
        chrome.panel(say("boundaries.publications", lang), part("publications"), name="publications"),
    ]
    return html.Div(
        className="page boundaries",
        children=[
            dcc.Store(id=ids.BOUNDARIES_VIEW),
            dcc.Store(id=ids.BOUNDARIES_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(
                className="boundaries-body",
                children=[
                    html.Div(part("work"), className="boundaries-main"),
                    html.Div(side, className="boundaries-side"),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "boundaries"}),
        ],
    )


def part(name: str) -> Component:
    """Give a place that assets/js/boundaries.js fills."""
    return html.Div(className=f"boundaries-{name}", **{"data-boundaries": name})


def read(services: Services, book: Book, view: View, lang: str) -> dict[str, Any]:
    """Read and draw what there is, and the file that the address names."""
    quill = Quill(book, lang, services.region.zone)
    today = services.region.local_day(services.now())
    found = drafting.overview(services)
    wanted = str(view.get("draft") or "")
    whole = None
    if wanted:
        try:
            one = drafts.draft_of(services.engine, services.region.county_code, wanted)
            whole = drawn.draft_whole(drafting.draft_out(one), today + timedelta(days=1), quill)
        except NoSuchDraft:
            whole = {"id": wanted, "gone": True}
    return {
        "layers": drawn.layers(found["layers"], today, quill),
        "publications": drawn.publications(found["publications"], quill),
        "drafts": [drawn.draft_head(one, quill) for one in found["drafts"]],
        "draft": whole,
        # What was just published is not shown yet where this process has not taken it over: the page asks again.
        "behind": publishing.counter(services.engine) != services.published,
        "hint": quill.say("boundaries.send.file", size=drawn.size_words(services.settings.boundary_limit_bytes)),
    }


def register(app: Dash, services: Services) -> None:
    """Wire the page to its view and to time."""
    book = common.book_of(services)

    @app.callback(Output(ids.BOUNDARIES_DATA, "data"), Input(ids.BOUNDARIES_VIEW, "data"), Input(ids.NOW, "data"))
    async def show(view: View | None, _now: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    app.clientside_callback(ClientsideFunction("boundaries", "draw"), Input(ids.BOUNDARIES_DATA, "data"))
