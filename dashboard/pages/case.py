"""/case/<number>: everything that the hub knows of one case, contacts masked."""

import asyncio
from typing import Any
from urllib.parse import unquote

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from cases.case import CaseState
from cases.errors import NoSuchCase
from cases.events import EventKind
from dashboard import ids
from dashboard.auth import ROUTES, Forbidden, Identity, Role, who
from dashboard.auth.scope import check_case, may_record
from dashboard.pages import common, disputes, inspections, results
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome, clockbars, maps
from dashboard.views.case import Drawer
from dashboard.views.duplicates import panel as duplicates_panel
from dashboard.views.why import explanation
from data import views

TEMPLATE = "/case/<number>"
TITLE = "page.case"
# Parts of the page that have a reader of their own.
CONTACT = "/api/v1/cases/{number}/contact"
PANELS = {"visit": inspections, "disputes": disputes, "results": results}


def layout(shown: common.Shown = common.NOTHING, /, number: str = "", **_: Any) -> Component:
    """Give the skeleton; what is in it comes by callback, and so does the note when there is no such case."""
    lang, number = language(), unquote(number)
    label = say("map.label", lang, name=number)
    empty = chrome.missing(
        say("case.unknown", lang, number=number[:40]),
        say("case.unknown.way", lang, example=shown.number_example),
        (),
        lang,
    )
    own_map = maps.county_map(ids.CASE_MAP, label, shown.bounds, mode="case")
    nowhere = html.P(say("case.no_place", lang), className="no-place")
    place = html.Div([own_map, nowhere, html.Div(shown.note(lang), className="legend-note")], className="case-map")
    return html.Div(
        className="page case",
        children=[
            dcc.Store(id=ids.CASE_NUMBER, data=number),
            dcc.Store(id=ids.CASE_DATA),
            chrome.header(lang, TITLE, number),
            body(lang, place),
            html.Main(empty, id=ids.CASE_UNKNOWN, hidden=True),
            html.Div(hidden=True, **{"data-onemap": "case"}),
        ],
    )


def body(lang: str, place: Component) -> Component:
    """Lay out the parts of a case: head, clocks and legs, place and timeline."""
    timeline = html.Ol(className="events", **{"data-case": "events"})
    return html.Main(
        id=ids.CASE_BODY,
        className="case-body",
        hidden=False,
        children=[
            part("header", "case-head"),
            html.Div(
                [
                    chrome.panel(say("case.clocks", lang), part("clocks", "clocks"), name="clocks"),
                    chrome.panel(say("case.legs", lang), part("legs", "legs"), name="legs"),
                    chrome.panel(say("case.acts", lang), part("acts", "case-acts"), name="acts"),
                    chrome.panel(say("inspections.panel", lang), part("visit", "case-visit"), name="visit"),
                    chrome.panel(say("page.disputes", lang), part("disputes", "case-disputes"), name="disputes"),
                    chrome.panel(say("case.result", lang), part("results", "case-results"), name="results"),
                ],
                className="case-main",
            ),
            html.Div(
                [
                    chrome.panel(say("case.place", lang), place, name="place"),
                    duplicates_panel(),
                    chrome.panel(
                        say("case.timeline", lang),
                        timeline,
                        name="events",
                    ),
                ],
                className="case-side",
            ),
        ],
    )


def part(name: str, class_name: str) -> Component:
    """Give a place that assets/js/case.js fills."""
    return html.Div(className=class_name, **{"data-case": name})


def drawn(services: Services, book: Any, number: str, lang: str) -> dict[str, Any] | None:
    """Draw the case; None when there is no such case."""
    try:
        page = views.case_page(services.engine, number)
        check_case(who(), page.state)
    except (NoSuchCase, Forbidden):
        return None
    services.access.seeing.opened(who(), page.state)
    drawer = Drawer(book, lang, services.region.zone, services.now())
    received = services.region.local_day(page.state.received_at)
    why = explanation(page.state, services.library.current(), received, book, lang)
    panels = {name: read.of_case(services, book, page, lang) for name, read in PANELS.items()}
    axes = clockbars.axes(page.state.clocks, services.region.calendar, drawer.now, lang)
    shown = drawer.draw(page.state, page.events) | {"axes": axes, "why": why} | panels
    return own_acts(page.state, shown, book, lang)


def own_acts(state: CaseState, found: dict[str, Any], book: Any, lang: str) -> dict[str, Any]:
    """Leave the forms that whoever has signed in may send, each with them as the one who does it."""
    identity = who()
    contact = say("fact.contact", lang) if identity.role in ROUTES[("POST", CONTACT)].roles else ""
    if identity.role is Role.OPEN:
        return found | {"contact": contact}

    def theirs(acts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        actor = identity.actor or ""
        own = [[actor, book.actor(actor, lang) or identity.display]]
        return [
            act | {"actors": own}
            for act in acts
            if not may_record(identity, state, EventKind(act["kind"]), act["leg"]) and fits(identity, act)
        ]

    legs = [leg | {"acts": theirs(leg["acts"])} for leg in found["legs"]]
    return found | {"acts": theirs(found["acts"]), "legs": legs, "contact": contact}


def fits(identity: Identity, act: dict[str, Any]) -> bool:
    """Say whether a form offers them among those who may send it: nobody urges the own leg."""
    offered = {code for code, _ in act["actors"]}
    return identity.role is Role.COMMANDER or not offered or identity.actor in offered


def register(app: Dash, services: Services) -> None:
    """Wire the case to revision and time."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.CASE_DATA, "data"),
        Output(ids.CASE_BODY, "hidden"),
        Output(ids.CASE_UNKNOWN, "hidden"),
        Input(ids.REV, "data"),
        Input(ids.NOW, "data"),
        State(ids.CASE_NUMBER, "data"),
    )
    async def show(_rev: int | None, _now: int | None, number: str) -> tuple[dict[str, Any] | None, bool, bool]:
        found = await asyncio.to_thread(drawn, services, book, number, language())
        return found, found is None, found is not None

    app.clientside_callback(ClientsideFunction("case", "draw"), Input(ids.CASE_DATA, "data"))
