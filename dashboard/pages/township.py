"""/township/<code>: what is due there and who is late, with one tap to urge or supervise. Made for a phone first."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import unquote

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from sqlalchemy import Engine

from cases.clock import ClockKind
from dashboard import ids
from dashboard.auth import who
from dashboard.auth.scope import is_own_township
from dashboard.board import Filter
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome, maps, tables
from dashboard.views import township as drawn
from data import views
from data.views import DisputeFilter, DisputeState

TEMPLATE = "/township/<code>"
TITLE = "page.township"
PAGE = 40
MOST = 400
NEAREST = 4
OWN_FIGURES = ("overdue", "amber", "pending")
KEPT = timedelta(minutes=10)
MANY = 10_000
"""Limits of a county's month; so many are counted in 45 ms."""
Kind = Mapping[ClockKind, views.Kept]


class Counted(NamedTuple):
    """What was counted, and when."""

    as_of: datetime
    found: Mapping[str | None, Kind]


def layout(shown: common.Shown = common.NOTHING, /, code: str = "", **_: Any) -> Component:
    """Give the skeleton for a township, or what to do when there is none of this code."""
    lang, code = language(), unquote(code)
    names = {own: name_en if lang == LANGUAGES[1] else name for own, name, name_en in shown.townships}
    # Without a code (when Dash checks the layouts) the skeleton stands, so that every id is known.
    known = code in names or not code
    body = standing(shown, code, names.get(code, code), lang) if known else unknown(shown, code, lang)
    return html.Div(className="page township", children=[chrome.header(lang, TITLE, shown.name(lang)), *body])


def standing(shown: common.Shown, code: str, name: str, lang: str) -> list[Component]:
    """Lay out figures, cases, shares, map, units and disputes of one township."""
    label = say("map.label", lang, name=name)
    own_map = maps.county_map(ids.TOWNSHIP_MAP, label, shown.bounds, mode="township", area=code, padding=(1, 1, 1, 1))
    units = tables.table(ids.TOWNSHIP_UNITS, tables.unit_columns(lang), lang, empty="table.no_units")
    more = dcc.Link(say("township.all", lang), href=f"/cases?area={code}", className="way")
    return [
        dcc.Store(id=ids.TOWNSHIP_CODE, data=code),
        dcc.Store(id=ids.TOWNSHIP_LIMIT, data=PAGE),
        dcc.Store(id=ids.TOWNSHIP_DATA),
        dcc.Store(id=ids.TOWNSHIP_SHARES),
        html.Main(
            className="township-body",
            children=[
                html.Div([html.H1(name), chrome.kpis(lang, OWN_FIGURES, township=code)], className="township-head"),
                parts(lang),
                anchored(
                    "cases",
                    chrome.panel(say("township.cases", lang), place("cases", "cards"), html.P(more), name="cases"),
                ),
                html.Div(
                    [
                        anchored(
                            "shares",
                            chrome.panel(say("township.shares", lang), place("shares", "shares"), name="shares"),
                        ),
                        anchored("map", html.Div([own_map, shown.legend(lang)], className="township-map")),
                        chrome.papers(),
                        anchored(
                            "disputes",
                            chrome.panel(say("page.disputes", lang), place("disputes", "quarrels"), name="quarrels"),
                        ),
                        anchored("units", chrome.panel(say("township.units", lang), units, name="units")),
                    ],
                    className="township-side",
                ),
            ],
        ),
        html.Div(hidden=True, **{"data-onemap": "township", "data-code": code}),
        html.Div(hidden=True, **{"data-onemap": "app"}),
        html.Div(className="outbox", **{"data-onemap": "outbox", "aria-live": "polite"}),
    ]


def parts(lang: str) -> Component:
    """Give the ways to the parts of the page, which on a phone stand below each other."""
    names = ("cases", "shares", "map", "disputes", "units")
    links = [html.A(say(f"township.part.{name}", lang), href=f"#part-{name}", className="tap") for name in names]
    return html.Nav(links, className="township-parts", **{"aria-label": say("township.parts", lang)})


def anchored(name: str, part: Component) -> Component:
    """Give a part of the page an address of its own."""
    return html.Div(part, id=f"part-{name}", className=f"township-{name}-part")


def place(name: str, class_name: str) -> Component:
    """Give a place that assets/js/township.js fills."""
    return html.Div(className=class_name, **{"data-township-part": name})


def unknown(shown: common.Shown, code: str, lang: str) -> list[Component]:
    """No township of this code: say so, offer those that were probably meant, then all."""
    example = shown.townships[0][0]
    links = shown.township_links(lang)
    near = nearest(shown, code)
    meant = [link for link in links if link[1].rpartition("/")[2] in near]
    way = say("township.unknown.near" if meant else "township.unknown.way", lang, example=example)
    said = say("township.unknown", lang, code=code[:40])
    return [html.Main(chrome.missing(said, way, meant or links, lang))]


def nearest(shown: common.Shown, code: str) -> list[str]:
    """Find the codes of the townships whose code or name in either language looks like what was asked for."""
    names = {word.lower(): own for own, name, name_en in shown.townships for word in (own, name, name_en)}
    asked = code.strip().lower()
    within = [own for word, own in names.items() if len(asked) > 1 and asked in word]
    return list(dict.fromkeys([*within, *(names[word] for word in get_close_matches(asked, names, NEAREST, 0.6))]))


def unit_rows(services: Services, book: tables.Book, code: str, lang: str) -> list[dict[str, Any]]:
    """Read the units that stand in a township, with the running clocks of their departments there."""
    if not is_own_township(who(), code):
        return []
    units = services.region.organisation.units_in(code, services.geometry.day)
    load = services.board.counts(services.now(), "due_department", Filter(township=(code,)))
    return tables.unit_rows(units, load.by_key(), book, lang)


def read(services: Services, book: tables.Book, code: str, limit: int, lang: str) -> dict[str, Any]:
    """Read the pending cases that are due first, and the open disputes."""
    only = Filter(township=(code,))
    rows = [row for row, _ in services.board.soonest(services.now(), limit + 1, only)]
    states = views.case_states(services.engine, [row.number for row in rows[:limit]])
    places = {row.number: book.place(row.township, row.village, row.cell, lang, within=True) for row in rows}
    order = [states[row.number] for row in rows if row.number in states and states[row.number].is_pending]
    quarrels = views.list_disputes(services.engine, DisputeFilter(state=DisputeState.OPEN, township=(code,)), limit=20)
    return {
        "code": code,
        "cases": drawn.case_items(order, places, code, book, lang),
        "more": len(rows) > limit and limit < MOST,
        "disputes": drawn.dispute_items(quarrels.rows, book, lang),
    }


class Shares:
    """How the townships keep their limits, counted for all of them at once and given as they were a moment ago.

    Counting costs as many rows as the county's month has limits. Where they are many, what was counted is given again
    for some minutes: of many, one more moves a share by nothing that is shown.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[datetime, Counted] = {}

    def of(self, start: datetime, end: datetime, now: datetime) -> Mapping[str | None, Kind]:
        """Give what `data.views.kept_limits` says of a month that ends at or before `now`, by township."""
        known = self._known.get(start)
        if known and timedelta(0) <= now - known.as_of < KEPT:
            return known.found
        found = views.kept_limits(self._engine, start, end, now)
        self._known = {month: one for month, one in self._known.items() if now - one.as_of < KEPT}
        if sum(kept.ended for kept in views.all_kept(found.values()).values()) > MANY:
            self._known[start] = Counted(now, found)
        return found


def shares(services: Services, known: Shares, code: str, lang: str) -> list[dict[str, Any]]:
    """Read how the township kept its limits this month and the month before, beside the county."""
    now = services.now()
    month = now.astimezone(services.region.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = drawn.month_before(month)
    both = known.of(month, now, now), known.of(before, month, now)
    own = both[0].get(code, views.NONE_KEPT), both[1].get(code, views.NONE_KEPT)
    return drawn.share_items(own, views.all_kept(part for one in both for part in one.values()), lang)


def register(app: Dash, services: Services) -> None:
    """Wire cases, units and shares to revision and time."""
    book = common.book_of(services)
    known = Shares(services.engine)
    awake = (Input(ids.REV, "data"), Input(ids.NOW, "data"), State(ids.TOWNSHIP_CODE, "data"))

    @app.callback(Output(ids.TOWNSHIP_DATA, "data"), Input(ids.TOWNSHIP_LIMIT, "data"), *awake)
    async def cases(limit: int | None, _rev: int | None, _now: int | None, code: str) -> dict[str, Any]:
        if not is_own_township(who(), code):
            return {"code": code, "cases": [], "more": False, "disputes": []}
        most = min(limit, MOST) if isinstance(limit, int) and limit > 0 else PAGE
        return await asyncio.to_thread(read, services, book, code, most, language())

    @app.callback(Output(ids.TOWNSHIP_UNITS, "rowData"), *awake)
    async def units(_rev: int | None, _now: int | None, code: str) -> list[dict[str, Any]]:
        if not is_own_township(who(), code):
            return []
        return await asyncio.to_thread(unit_rows, services, book, code, language())

    @app.callback(Output(ids.TOWNSHIP_SHARES, "data"), Input(ids.NOW, "data"), State(ids.TOWNSHIP_CODE, "data"))
    async def kept(_now: int | None, code: str) -> list[dict[str, Any]]:
        if not is_own_township(who(), code):
            return []
        return await asyncio.to_thread(shares, services, known, code, language())

    app.clientside_callback(ClientsideFunction("township", "draw"), Input(ids.TOWNSHIP_DATA, "data"))
    app.clientside_callback(ClientsideFunction("township", "shares"), Input(ids.TOWNSHIP_SHARES, "data"))
