"""/: the cockpit. The whole view stands in the query string: area, platform, domain, matter, level, layers."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.matters import Domain, Platform
from dashboard import board, ids, theme
from dashboard.auth import Identity, who
from dashboard.auth.scope import party
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome, maps, tables
from data import views
from data.views import CaseRow

PATH = "/"
TITLE = "page.cockpit"
MOST_ROWS = 1000
LAYERS = ("cells", "townships", "points")
LEVELS = {name: int(level) for level, name in theme.LEVELS.items()}
View = Mapping[str, str]


def layout(
    shown: common.Shown = common.NOTHING,
    /,
    platform: str = "",
    domain: str = "",
    matter: str = "",
    level: str = "",
    layers: str = "cells",
    **_: Any,
) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    controls = [
        choice(ids.COCKPIT_PLATFORM, "platform", platform_options(lang), platform, lang),
        choice(ids.COCKPIT_DOMAIN, "domain", domain_options(shown, lang), domain, lang),
        choice(ids.COCKPIT_MATTER, "matter", matter_options(shown, lang), matter, lang),
        ticks(ids.COCKPIT_LEVEL, "level", level_options(lang), level, lang),
        ticks(ids.COCKPIT_LAYERS, "layers", layer_options(shown.finest, lang), layers, lang),
    ]
    own_map = maps.county_map(ids.COCKPIT_MAP, shown.map_label(lang), shown.bounds, mode="cockpit")
    stores = [dcc.Store(id=name) for name in (ids.COCKPIT_VIEW, ids.COCKPIT_PAINT, ids.COCKPIT_POINTS)]
    return html.Div(
        className="page cockpit",
        children=[
            *stores,
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Div(controls, className="controls", role="group", **{"aria-label": say("cockpit.filters", lang)}),
            html.Main(
                className="cockpit-body",
                children=[
                    html.Div([own_map, shown.legend(lang)], className="cockpit-map"),
                    side(lang),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "cockpit", "data-path": PATH}),
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
            html.A("", href="/", hidden=True, className="way", **{"data-township-link": "", "data-go": ""}),
            html.H2([say("cockpit.list", lang), count], className="panel-title"),
            tables.table(ids.COCKPIT_CASES, tables.case_columns(lang), lang, empty="table.empty"),
        ],
    )


def choice(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which one value, or none, is chosen."""
    return html.Div(
        className="control",
        children=[
            html.Label(say(f"cockpit.{key}", lang), htmlFor=component_id),
            dcc.Dropdown(
                id=component_id,
                options=[{"value": code, "label": name} for code, name in options],
                value=value if value in dict(options) else None,
                placeholder=say(f"cockpit.all_{key}s", lang),
                clearable=True,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def ticks(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which several values may be chosen."""
    return html.Div(
        className="control",
        children=[
            html.Span(say(f"cockpit.{key}", lang), className="control-name"),
            dcc.Checklist(
                id=component_id,
                options=[{"value": name, "label": words} for name, words in options],
                value=[name for name in value.split(",") if name in dict(options)],
                className=f"ticks ticks-{key}",
                inline=True,
            ),
        ],
    )


def platform_options(lang: str) -> list[tuple[str, str]]:
    """Give the four platforms."""
    return [(str(platform), say(f"platform.{platform}", lang)) for platform in Platform]


def level_options(lang: str) -> list[tuple[str, str]]:
    """Give the three levels."""
    return [(name, say(f"level.{level}", lang)) for name, level in LEVELS.items()]


def layer_options(finest: str, lang: str) -> list[tuple[str, str]]:
    """Give what the map can show: the finest layer that the region has under the name of what it is."""
    named = {"cells": finest, "townships": "township", "points": "points"}
    shown = [name for name in LAYERS if name != "townships" or finest != "township"]
    return [(name, say(f"cockpit.layer.{named[name]}", lang)) for name in shown]


def domain_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give the domains that some matter of the region has."""
    used = {domain for *_, domain in shown.matters}
    return [(str(domain), say(f"domain.{domain}", lang)) for domain in Domain if str(domain) in used]


def matter_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """All matters, in the order of the lists."""
    return [(code, name_en if lang == LANGUAGES[1] else name) for code, name, name_en, _ in shown.matters]


def wanted(view: View) -> board.Filter:
    """Read the filter that a view asks for, without its area."""
    one = {name: (view[name],) if view.get(name) else () for name in ("platform", "domain", "matter")}
    levels = tuple(LEVELS[name] for name in (view.get("level") or "").split(",") if name in LEVELS)
    return board.Filter(**one, level=levels)


def within(row: CaseRow, area: str) -> bool:
    """Whether a case stands in an area of any layer; everything stands in none."""
    return not area or area in (row.township, row.village, row.cell)


def cases_in(services: Services, view: View) -> list[tuple[CaseRow, int]]:
    """Read the pending cases of a view with their levels, the most urgent first."""
    found = services.board.soonest(services.now(), len(services.board) + 1, wanted(view))
    own, area = mine(services, who()), view.get("area") or ""
    return [(row, int(level)) for row, level in found if within(row, area) and (own is None or row.number in own)]


def mine(services: Services, identity: Identity) -> frozenset[str] | None:
    """Give the numbers of the pending cases that may be listed for somebody; None: of all."""
    whose = party(identity)
    return None if whose is None else views.pending_of(services.engine, whose)


def painted(services: Services, view: View) -> dict[str, list[int]] | None:
    """Count areas under a viewer's own filter, in the words of the stream; None without one: the stream paints."""
    only, now = wanted(view), services.now()
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

    @app.callback(Output(ids.COCKPIT_CASES, "rowData"), Output(ids.COCKPIT_COUNT, "children"), *awake)
    async def cases(view: View | None, _rev: int | None, _now: int | None) -> tuple[list[dict[str, Any]], str]:
        found = await asyncio.to_thread(cases_in, services, view or {})
        within = bool((view or {}).get("area"))
        rows = tables.case_rows([row for row, _ in found[:MOST_ROWS]], book, language(), within=within)
        return rows, count_words(len(found), language())

    @app.callback(Output(ids.COCKPIT_PAINT, "data"), *awake)
    async def paint(view: View | None, _rev: int | None, _now: int | None) -> dict[str, list[int]] | None:
        return await asyncio.to_thread(painted, services, view or {})

    @app.callback(Output(ids.COCKPIT_POINTS, "data"), *awake)
    async def case_points(view: View | None, _rev: int | None, _now: int | None) -> list[Any]:
        if "points" not in ((view or {}).get("layers") or ""):
            return []
        return points(await asyncio.to_thread(cases_in, services, {**(view or {}), "area": ""}))

    controls = (ids.COCKPIT_PLATFORM, ids.COCKPIT_DOMAIN, ids.COCKPIT_MATTER, ids.COCKPIT_LEVEL, ids.COCKPIT_LAYERS)
    app.clientside_callback(ClientsideFunction("cockpit", "choose"), *(Input(name, "value") for name in controls))
    app.clientside_callback(ClientsideFunction("cockpit", "paint"), Input(ids.COCKPIT_PAINT, "data"))
    app.clientside_callback(ClientsideFunction("cockpit", "points"), Input(ids.COCKPIT_POINTS, "data"))
