"""/wall: for nobody's hands. The server writes the whole page, so that it stands before any script has run.

The scripts then draw the map and follow the stream; Dash comes last and only brings, as data, what the stream does not
carry. `layout` is what Dash draws: stores. `document` is what people see.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import board, ids
from dashboard.auth import Role, who
from dashboard.lookback import Lookback
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import attention, chrome, stage, tables
from dashboard.views.names import Book
from data import views

PATH = "/wall"
TITLE = "page.wall"
DUE_ROWS = 10
DEPARTMENT_ROWS = 20
EVENT_ROWS = 30
# Events are kept in the order in which they were recorded; among so many the last to happen are found.
EVENTS_LOOKED_AT = 400
EVENTS_WITHIN = timedelta(days=1)
NOT_OVERDUE = board.Filter(level=(1, 2))
STORES = (
    ids.WALL_DUE,
    ids.WALL_DEPARTMENTS,
    ids.WALL_EVENTS,
    ids.WALL_ON_TIME,
    ids.WALL_MINUTE,
    ids.WALL_QUARTER,
    ids.WALL_CUT,
    ids.WALL_DAY,
    ids.WALL_AREAS,
)


def layout(_shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give what Dash holds of the wall: its stores. A page that was reached without its document loads it."""
    return html.Div([*(dcc.Store(id=name) for name in STORES), html.Div(**mount("wall-document"))])


def document(shown: common.Shown, lang: str) -> Component:
    """Draw the whole wall; every list is empty until the scripts fill it."""
    return html.Main(
        className="wall",
        **{"data-page": "wall"},
        children=[
            stage.own_map(shown.map_label(lang), shown.bounds),
            head(shown, lang),
            part("ranking", lang, column_heads(lang), "rank"),
            part("departments", lang, column_heads(lang), "dept-list"),
            stage.ground([shown.note(lang), *open_note(lang)], shown.approval, lang),
            html.Section(className="wall-trends", **mount("trends")),
            part("due", lang, None, "due-list"),
            part("ticker", lang, None, "ticker"),
        ],
    )


def first(services: Services, book: Book, lang: str) -> dict[str, Any]:
    """Gather what the board alone knows, for the document: names of the townships, figures, counts.

    The map is drawn once, with its levels: it need not wait for the stream, and nothing is painted twice.
    """
    now = services.now()
    picture = board.full(services.board.picture(now))
    codes = services.geometry.layers["township"].codes if "township" in services.geometry.layers else ()
    return {
        "townships": [[gid, code, book.area(code, lang)] for gid, code in enumerate(codes, 1)],
        "picture": picture,
        "places": places(services),
    }


def places(services: Services) -> dict[str, Any]:
    """Say where the geometry is, as /api/v1/region does, without the lists."""
    geometry = services.geometry
    return {
        "name": services.region.name,
        "names": dict(services.region.names),
        "finest": geometry.finest,
        "layers": {name: {"url": layer.url} for name, layer in geometry.layers.items()},
        "context": geometry.context_url,
    }


def part(name: str, lang: str, heads: Component | None, class_name: str) -> Component:
    """Give a titled list that a script fills."""
    return chrome.panel(say(f"wall.{name}", lang), heads, html.Div(className=class_name, **mount(name)), name=name)


def open_note(lang: str) -> list[str]:
    """Say that nobody has to sign in, as long as it is so."""
    return [say("wall.open", lang)] if who().role is Role.OPEN else []


def mount(trade: str) -> dict[str, str]:
    """Mark an element as a script's own."""
    return {"data-onemap": trade}


def head(shown: common.Shown, lang: str) -> Component:
    """Title, figures beside those of an ordinary day, clock and how old the data is."""
    return html.Header(
        className="wall-head",
        children=[
            html.Div(
                [html.H1(say("product", lang)), html.Span(shown.name(lang), className="wall-region")],
                className="wall-title",
            ),
            html.Div(
                [chrome.kpis(lang, on_time=True, usual=True), html.Div(className="usual-note", **mount("usual-note"))],
                className="wall-figures",
            ),
            html.Div(
                className="wall-clock",
                children=[
                    html.Div(**mount("clock")),
                    html.Span(className="connection", role="status", **mount("connection")),
                ],
            ),
        ],
    )


def column_heads(lang: str) -> Component:
    """Say what the three figures of a row are."""
    return html.Div(
        className="rank-heads",
        children=[
            html.Span([chrome.sign(3, lang), say("head.overdue", lang)], className="rank-figure rank-overdue"),
            html.Span([chrome.sign(2, lang), say("head.amber", lang)], className="rank-figure rank-amber"),
            html.Span(say("head.pending", lang), className="rank-figure rank-pending"),
        ],
    )


def so_far(services: Services) -> tuple[datetime, datetime]:
    """Give the region's day until now: midnight there, and now. What falls due later today is not late yet."""
    now = services.now()
    return now.astimezone(services.region.zone).replace(hour=0, minute=0, second=0, microsecond=0), now


def on_time_words(figures: views.PeriodFigures, lang: str) -> dict[str, str]:
    """Say which share of today's finish limits was met, with its n; 0 of 0 is no share."""
    n = figures.finish_due
    share = f"{100 * figures.finished_on_time / n:.1f}%" if n else say("figure.none", lang)
    return {"share": share, "n": say("figure.n", lang, n=n)}


def last_events(services: Services) -> list[views.EventRow]:
    """Read the last events to happen within a day; what was entered long afterwards is no news for a wall."""
    since = services.now() - EVENTS_WITHIN
    rows = [e for e in views.latest_events(services.engine, EVENTS_LOOKED_AT) if e.occurred_at > since]
    return sorted(rows, key=lambda event: (event.occurred_at, event.revision), reverse=True)[:EVENT_ROWS]


def cut(services: Services) -> attention.Attention | None:
    """Choose what the map flies to in this minute."""
    now = services.now()
    cases = services.board.lately(now, attention.CLUSTER, attention.JUST_NOW)
    return attention.choose(now, cases, services.board.counts(now, "townships").by_key())


def register(app: Dash, services: Services) -> None:
    """Wire the lists to the stream's revision and time, and what looks back to the minutes of the clock."""
    book = common.book_of(services)
    register_lists(app, services, book)
    register_programme(app, services, book)
    stores = {
        "due": ids.WALL_DUE,
        "departments": ids.WALL_DEPARTMENTS,
        "events": ids.WALL_EVENTS,
        "cut": ids.WALL_CUT,
        "day": ids.WALL_DAY,
        "areas": ids.WALL_AREAS,
    }
    for name, store in stores.items():
        app.clientside_callback(ClientsideFunction("wall", name), Input(store, "data"))
    app.clientside_callback(ClientsideFunction("figures", "onTime"), Input(ids.WALL_ON_TIME, "data"))


def register_lists(app: Dash, services: Services, book: Book) -> None:
    """Wire what follows every change: the next due, departments, the share on time; and the last events, once."""
    awake = (Input(ids.REV, "data"), Input(ids.NOW, "data"))

    @app.callback(Output(ids.WALL_DUE, "data"), *awake)
    async def due(_rev: int | None, _now: int | None) -> list[dict[str, Any]]:
        found = await asyncio.to_thread(services.board.soonest, services.now(), DUE_ROWS, NOT_OVERDUE)
        return tables.due_items([row for row, _ in found if row.due_at], book, language())

    @app.callback(Output(ids.WALL_DEPARTMENTS, "data"), *awake)
    async def departments(_rev: int | None, _now: int | None) -> list[dict[str, Any]]:
        counts = await asyncio.to_thread(services.board.counts, services.now(), "due_department")
        return tables.department_items(counts.by_key(), book, language(), DEPARTMENT_ROWS)

    @app.callback(Output(ids.WALL_ON_TIME, "data"), *awake)
    async def on_time(_rev: int | None, _now: int | None) -> dict[str, str]:
        figures = await asyncio.to_thread(views.day_figures, services.engine, *so_far(services))
        return on_time_words(figures, language())

    # Once: what comes later, the stream brings.
    @app.callback(Output(ids.WALL_EVENTS, "data"), Input(ids.WALL_EVENTS, "id"))
    async def events(_: str) -> list[dict[str, Any]]:
        rows = await asyncio.to_thread(last_events, services)
        return tables.event_items(rows, book, language())


def register_programme(app: Dash, services: Services, book: Book) -> None:
    """Wire the director's cut to the minute, and what looks back to the quarter of an hour."""
    back = Lookback(services)

    # Not at the start: wall_stage.js wakes it as soon as it knows what stands.
    @app.callback(Output(ids.WALL_CUT, "data"), Input(ids.WALL_MINUTE, "data"), prevent_initial_call=True)
    async def director(minute: int | None) -> dict[str, Any] | None:
        found = await asyncio.to_thread(cut, services) if minute else None
        return stage.cut_out(found, minute, book, language()) if found else None

    @app.callback(Output(ids.WALL_DAY, "data"), Input(ids.WALL_QUARTER, "data"))
    async def day(_: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(back.day, services.now())

    @app.callback(Output(ids.WALL_AREAS, "data"), Input(ids.WALL_QUARTER, "data"))
    async def areas(_: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(back.areas, services.now())
