"""/township/<code>: what is pending there by time left, and what its units carry. Made for a phone as well."""

import asyncio
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.auth import who
from dashboard.auth.scope import is_own_township
from dashboard.board import Filter
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome, maps, tables

TEMPLATE = "/township/<code>"
TITLE = "page.township"
MOST_ROWS = 2000
OWN_FIGURES = ("overdue", "amber", "pending")


def layout(shown: common.Shown = common.NOTHING, /, code: str = "", **_: Any) -> Component:
    """Give the skeleton for a township, or what to do when there is none of this code."""
    lang = language()
    names = {own: name_en if lang == LANGUAGES[1] else name for own, name, name_en in shown.townships}
    # Without a code (when Dash checks the layouts) the skeleton stands, so that every id is known.
    known = code in names or not code
    body = standing(shown, code, names.get(code, code), lang) if known else unknown(shown, code, lang)
    return html.Div(className="page township", children=[chrome.header(lang, TITLE, shown.name(lang)), *body])


def standing(shown: common.Shown, code: str, name: str, lang: str) -> list[Component]:
    """Lay out figures, cases, units and map of one township."""
    label = say("map.label", lang, name=name)
    own_map = maps.county_map(ids.TOWNSHIP_MAP, label, shown.bounds, mode="township", area=code, padding=(1, 1, 1, 1))
    cases = tables.table(ids.TOWNSHIP_CASES, tables.case_columns(lang), lang, empty="table.empty")
    units = tables.table(ids.TOWNSHIP_UNITS, tables.unit_columns(lang), lang, empty="table.no_units")
    return [
        dcc.Store(id=ids.TOWNSHIP_CODE, data=code),
        html.Main(
            className="township-body",
            children=[
                html.Div([html.H1(name), chrome.kpis(lang, OWN_FIGURES, township=code)], className="township-head"),
                chrome.panel(say("township.cases", lang), cases, name="cases"),
                html.Div(
                    [
                        html.Div([own_map, shown.legend(lang)], className="township-map"),
                        chrome.panel(say("township.units", lang), units, name="units"),
                    ],
                    className="township-side",
                ),
            ],
        ),
    ]


def unknown(shown: common.Shown, code: str, lang: str) -> list[Component]:
    """No township of this code: say so and offer those that there are."""
    example = shown.townships[0][0]
    return [
        html.Main(
            chrome.missing(
                say("township.unknown", lang, code=code[:40]),
                say("township.unknown.way", lang, example=example),
                shown.township_links(lang),
                lang,
            )
        )
    ]


def unit_rows(services: Services, book: tables.Book, code: str, lang: str) -> list[dict[str, Any]]:
    """Read the units that stand in a township, with the running clocks of their departments there."""
    if not is_own_township(who(), code):
        return []
    units = services.region.organisation.units_in(code, services.geometry.day)
    load = services.board.counts(services.now(), "due_department", Filter(township=(code,)))
    return tables.unit_rows(units, load.by_key(), book, lang)


def register(app: Dash, services: Services) -> None:
    """Wire both tables to revision and time."""
    book = common.book_of(services)
    awake = (Input(ids.REV, "data"), Input(ids.NOW, "data"), State(ids.TOWNSHIP_CODE, "data"))

    @app.callback(Output(ids.TOWNSHIP_CASES, "rowData"), *awake)
    async def cases(_rev: int | None, _now: int | None, code: str) -> list[dict[str, Any]]:
        if not is_own_township(who(), code):
            return []
        found = await asyncio.to_thread(services.board.soonest, services.now(), MOST_ROWS, Filter(township=(code,)))
        return tables.case_rows([row for row, _ in found], book, language(), within=True)

    @app.callback(Output(ids.TOWNSHIP_UNITS, "rowData"), *awake)
    async def units(_rev: int | None, _now: int | None, code: str) -> list[dict[str, Any]]:
        return await asyncio.to_thread(unit_rows, services, book, code, language())
