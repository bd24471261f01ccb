"""/: the cockpit. The whole view stands in the query string: area, platform, domain, matter, level, layers."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import board, ids
from dashboard.auth import Identity, who
from dashboard.auth.scope import party
from dashboard.pages import common, filters
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome, maps, tables
from dashboard.views.names import Book
from data import views
from data.views import CaseRow

PATH = "/"
TITLE = "page.cockpit"
MOST_ROWS = 1000
LAYERS = ("cells", "townships", "points")
SAME_NAMED = (*filters.CHOICES, "occurred_from", "occurred_to")
CONTROLS = filters.control_ids("cockpit")
View = Mapping[str, str]


def layout(shown: common.Shown = common.NOTHING, /, level: str = "", layers: str = "cells", **asked: Any) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    controls = [
        *filters.controls(shown, "cockpit", {**asked, "level": level}, lang),
        filters.ticks(ids.COCKPIT_LAYERS, "layers", layer_options(shown.finest, lang), layers, lang),
    ]
    own_map = maps.county_map(ids.COCKPIT_MAP, shown.map_label(lang), shown.bounds, mode="cockpit")
    stores = [dcc.Store(id=name) for name in (ids.COCKPIT_VIEW, ids.COCKPIT_PAINT, ids.COCKPIT_POINTS)]
    return html.Div(
        className="page cockpit",
        children=[
            *stores,
            chrome.header(lang, TITLE, shown.name(lang)),
            filters.fold(),
            html.Div(controls, className="controls", role="group", **{"aria-label": say("cockpit.filters", lang)}),
            html.Main(
                className="cockpit-body",
                children=[
                    html.Div([own_map, shown.legend(lang)], className="cockpit-map"),
                    side(lang),
                ],
            ),
            html.Div(
                hidden=True,
                **{"data-onemap": "cockpit", "data-path": PATH, "data-unknown": filters.unknown(shown, asked, lang)},
            ),
        ],
    )


def side(lang: str) -> Component:
    """Beside the map: the county's figures, where the viewer is, and the pending cases there."""
    count = html.Span("", id=ids.COCKPIT_COUNT, className="panel-count")
    return html.Div(
        className="cockpit-side",
        children=[
            chrome.kpis(lang),
            html.Nav(className="crumbs", **{"data-onemap": "crumbs", "aria-label": say("cockpit.area", lang)}),
            html.Div(
                [
                    html.A("", href="/", hidden=True, className="way", **{"data-township-link": "", "data-go": ""}),
                    html.A(
                        say("cockpit.as_table", lang),
                        href="/cases",
                        className="way",
                        **{"data-table-link": "", "data-go": ""},
                    ),
                ],
                className="crumb-ways",
            ),
            chrome.papers(),
            html.P("", id=ids.COCKPIT_NOTES, className="filter-notes", role="status"),
            html.H2([say("cockpit.list", lang), count], className="panel-title"),
            tables.table(ids.COCKPIT_CASES, tables.case_columns(lang), lang, empty="table.empty"),
        ],
    )


def layer_options(finest: str, lang: str) -> list[tuple[str, str]]:
    """Give what the map can show: the finest layer that the region has under the name of what it is."""
    named = {"cells": finest, "townships": "township", "points": "points"}
    shown = [name for name in LAYERS if name != "townships" or finest != "township"]
    return [(name, say(f"cockpit.layer.{named[name]}", lang)) for name in shown]


def wanted(services: Services, book: Book, view: View) -> board.Filter:
    """Read the filter that a view asks for, without its area: in that, the map only looks closer."""
    found = filters.chosen(services, book, {**view, "area": ""}, services.now(), LANGUAGES[0]).filters
    same = {name: getattr(found, name) for name in SAME_NAMED}
    return board.Filter(**same, level=tuple(int(level) for level in found.level))


def within(row: CaseRow, area: str) -> bool:
    """Whether a case stands in an area of any layer; everything stands in none."""
    return not area or area in (row.township, row.village, row.cell)


def cases_in(services: Services, book: Book, view: View) -> list[tuple[CaseRow, int]]:
    """Read the pending cases of a view with their levels, the most urgent first."""
    found = services.board.soonest(services.now(), len(services.board) + 1, wanted(services, book, view))
    own, area = mine(services, who()), view.get("area") or ""
    return [(row, int(level)) for row, level in found if within(row, area) and (own is None or row.number in own)]


def mine(services: Services, identity: Identity) -> frozenset[str] | None:
    """Give the numbers of the pending cases that may be listed for somebody; None: of all."""
    whose = party(identity)
    return None if whose is None else views.pending_of(services.engine, whose)


def painted(services: Services, book: Book, view: View) -> dict[str, list[int]] | None:
    """Count areas under a viewer's own filter, in the words of the stream; None without one: the stream paints."""
    only, now = wanted(services, book, view), services.now()
    if not only:
        return None
    counts = {by: services.board.counts(now, by, only) for by in ("cells", "townships")}
    return {by: board.flat(n, [gid for gid in n.pending.nonzero()[0] if gid]) for by, n in counts.items()}


def count_words(n: int, lang: str) -> str:
    """How many cases there are, and how many of them are listed."""
    if n > MOST_ROWS:
        return say("cockpit.list.capped", lang, n=f"{n:,}", shown=f"{MOST_ROWS:,}")
    return say("cockpit.list.count", lang, n=f"{n:,}")


def points(cases: list[tuple[CaseRow, int]]) -> list[Any]:
    """Flatten the cases with a place to number, lon, lat, level, the most urgent last: it is drawn on top."""
    placed = [(row, level) for row, level in reversed(cases) if row.lon is not None]
    return [value for row, level in placed for value in (row.number, row.lon, row.lat, level)]


def register(app: Dash, services: Services) -> None:
    """Wire the list, the count and the viewer's own paint to view, revision and time."""
    book = common.book_of(services)
    awake = (Input(ids.COCKPIT_VIEW, "data"), Input(ids.REV, "data"), Input(ids.NOW, "data"))

    @app.callback(
        Output(ids.COCKPIT_CASES, "rowData"),
        Output(ids.COCKPIT_COUNT, "children"),
        Output(ids.COCKPIT_NOTES, "children"),
        *awake,
    )
    async def cases(view: View | None, _rev: int | None, _now: int | None) -> tuple[list[dict[str, Any]], str, str]:
        found = await asyncio.to_thread(cases_in, services, book, view or {})
        within = bool((view or {}).get("area"))
        rows = tables.case_rows([row for row, _ in found[:MOST_ROWS]], book, language(), within=within)
        notes = filters.chosen(services, book, view or {}, services.now(), language()).notes
        return rows, count_words(len(found), language()), " ".join(notes)

    @app.callback(Output(ids.COCKPIT_PAINT, "data"), *awake)
    async def paint(view: View | None, _rev: int | None, _now: int | None) -> dict[str, list[int]] | None:
        return await asyncio.to_thread(painted, services, book, view or {})

    @app.callback(Output(ids.COCKPIT_POINTS, "data"), *awake)
    async def case_points(view: View | None, _rev: int | None, _now: int | None) -> list[Any]:
        if "points" not in ((view or {}).get("layers") or ""):
            return []
        return points(await asyncio.to_thread(cases_in, services, book, {**(view or {}), "area": ""}))

    controls = [Input(name, "value") for name in (*CONTROLS.values(), ids.COCKPIT_LAYERS)]
    app.clientside_callback(ClientsideFunction("cockpit", "choose"), *controls)
    app.clientside_callback(ClientsideFunction("cockpit", "paint"), Input(ids.COCKPIT_PAINT, "data"))
    app.clientside_callback(ClientsideFunction("cockpit", "points"), Input(ids.COCKPIT_POINTS, "data"))
