"""/wall: for nobody's hands. The stream paints it; three ordinary callbacks bring what the stream does not carry."""

import asyncio
from datetime import datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.board import Filter
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome, maps, tables
from data import views

PATH = "/wall"
TITLE = "page.wall"
DUE_ROWS = 14
DEPARTMENT_ROWS = 8
EVENT_ROWS = 20
NOT_OVERDUE = Filter(level=(1, 2))
# What header, ranking, lists and legend cover of the map: top, right, bottom, left.
COVERED = (8.6, 28.4, 4.6, 26)


def layout(shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give the skeleton: every list is empty until the scripts and the callbacks fill it."""
    lang = language()
    lists = [dcc.Store(id=name) for name in (ids.WALL_DUE, ids.WALL_DEPARTMENTS, ids.WALL_EVENTS, ids.WALL_ON_TIME)]
    own = {"data-page": "wall"}
    return html.Main(
        className="wall",
        **own,
        children=[
            *lists,
            maps.county_map(
                ids.WALL_MAP, shown.map_label(lang), shown.bounds, mode="wall", still=True, padding=COVERED
            ),
            head(shown, lang),
            part("ranking", lang, column_heads(lang), "rank"),
            html.Div(
                className="wall-right",
                children=[
                    part("due", lang, None, "due-list"),
                    part("departments", lang, column_heads(lang), "dept-list"),
                    part("ticker", lang, None, "ticker"),
                ],
            ),
            shown.legend(lang),
        ],
    )


def part(name: str, lang: str, heads: Component | None, class_name: str) -> Component:
    """Give a titled list that a script fills."""
    return chrome.panel(say(f"wall.{name}", lang), heads, html.Div(className=class_name, **mount(name)), name=name)


def mount(trade: str) -> dict[str, str]:
    """Mark an element as a script's own."""
    return {"data-onemap": trade}


def head(shown: common.Shown, lang: str) -> Component:
    """Title, figures, clock and how old the data is."""
    return html.Header(
        className="wall-head",
        children=[
            html.Div(
                [html.H1(say("product", lang)), html.Span(shown.name(lang), className="wall-region")],
                className="wall-title",
            ),
            chrome.kpis(lang, on_time=True),
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
    """Give the region's day until now: what falls due in the evening is not missed in the morning."""
    now = services.now()
    return now.astimezone(services.region.zone).replace(hour=0, minute=0, second=0, microsecond=0), now


def on_time_words(figures: views.PeriodFigures, lang: str) -> dict[str, str]:
    """Say which share of today's finish limits was met, with its n; 0 of 0 is no share."""
    n = figures.finish_due
    share = f"{100 * figures.finished_on_time / n:.1f}%" if n else say("figure.none", lang)
    return {"share": share, "n": say("figure.n", lang, n=n)}


def register(app: Dash, services: Services) -> None:
    """Wire the lists to the stream's revision and time."""
    book = common.book_of(services)
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
        rows = await asyncio.to_thread(views.latest_events, services.engine, EVENT_ROWS)
        return tables.event_items(rows, book, language())

    for name, store in {"due": ids.WALL_DUE, "departments": ids.WALL_DEPARTMENTS, "events": ids.WALL_EVENTS}.items():
        app.clientside_callback(ClientsideFunction("wall", name), Input(store, "data"))
    app.clientside_callback(ClientsideFunction("figures", "onTime"), Input(ids.WALL_ON_TIME, "data"))
