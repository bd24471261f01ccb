"""/mine: the legs of a unit, a department or a township itself, the next due first, each step one tap."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.organisation import TOWNSHIP
from dashboard import ids, theme
from dashboard.auth import who
from dashboard.pages import common, inbox
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome
from dashboard.views import officer as drawn
from dashboard.views.names import Book
from data import views

PATH = "/mine"
TITLE = "page.officer"
PAGE = 40
MOST = 400
FAMILIES = ("unit:", "department:", "township:")
FIGURES = ("overdue", "amber", "pending")
View = Mapping[str, Any]


def layout(shown: common.Shown = common.NOTHING, /, of: str = "", **_: Any) -> Component:
    """Give the skeleton, with the body whose work it is as the address has it."""
    lang = language()
    choices = [choice for choice in inbox.options(shown, lang) if choice[0].startswith(FAMILIES)]
    whose = html.Div(
        className="control control-of",
        children=[
            html.Label(say("mine.whose", lang), htmlFor=ids.MINE_OF),
            dcc.Dropdown(
                id=ids.MINE_OF,
                options=[{"value": code, "label": name} for code, name in choices],
                value=of if of in dict(choices) else None,
                placeholder=say("mine.choose", lang),
                clearable=False,
                maxHeight=420,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )
    head = html.Div([html.H1(say("mine.title", lang)), figures(lang), whose], className="mine-head")
    return html.Div(
        className="page mine",
        children=[
            dcc.Store(id=ids.MINE_VIEW),
            dcc.Store(id=ids.MINE_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main([head, html.Div(className="legs-mine", **{"data-mine": "list"})], className="mine-body"),
            html.Div(hidden=True, **{"data-onemap": "mine"}),
            html.Div(hidden=True, **{"data-onemap": "app"}),
            html.Div(className="outbox", **{"data-onemap": "outbox", "aria-live": "polite"}),
        ],
    )


def figures(lang: str) -> Component:
    """Draw the three figures of the body, written by assets/js/mine.js."""
    levels = {"overdue": 3, "amber": 2}
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [chrome.sign(levels[name], lang) if name in levels else None, say(f"figure.{name}", lang)],
                        className="kpi-name",
                    ),
                    html.Div(say("figure.none", lang), className="kpi-figure", **{"data-mine": name}),
                ],
                className=f"kpi kpi-{name}",
            )
            for name in FIGURES
        ],
        className="kpis",
    )


def own(of: str) -> str:
    """Give the body whose legs may be seen: one's own, or for whoever sees all the one that is asked for."""
    identity = who()
    return of if identity.sees_all else identity.scope


def whose_legs(of: str) -> dict[str, str] | None:
    """Read whose legs are meant: arguments of `data.views.legs_of`, or None."""
    family, _, code = of.partition(":")
    if not code or f"{family}:" not in FAMILIES:
        return None
    return {"department": TOWNSHIP, "township": code} if family == "township" else {family: code}


def read(services: Services, book: Book, view: View, lang: str) -> dict[str, Any]:
    """Read the legs of a body with the steps that the rules allow."""
    of, limit = own(str(view.get("of") or "")), view.get("limit")
    meant = whose_legs(of)
    name = name_of(book, of, lang) if meant else ""
    if not meant or not name:
        words = say("mine.unknown", lang, of=of[:60]) if of else say("mine.nobody", lang)
        return {"of": "", "rows": [], "empty": words, "more": False, **dict.fromkeys(FIGURES)}
    limit = min(limit, MOST) if isinstance(limit, int) and limit > 0 else PAGE
    found = views.legs_of(services.engine, services.now(), limit, **meant)
    states = views.case_states(services.engine, {row.number for row in found.rows})
    return {
        "of": of,
        "name": name,
        "rows": drawn.leg_items(found.rows, states, book, lang),
        "empty": say("mine.empty", lang, name=name),
        "more": found.pending > len(found.rows) and limit < MOST,
        **{figure: getattr(found, figure) for figure in FIGURES},
    }


def name_of(book: Book, of: str, lang: str) -> str:
    """Give the name of a body, nothing for one that nobody knows."""
    family, _, code = of.partition(":")
    name = {"unit": book.unit, "township": lambda one: book.area(one, lang)}.get(
        family, lambda one: book.department(one, lang)
    )(code)
    return "" if name == code and lang != LANGUAGES[1] else name


def register(app: Dash, services: Services) -> None:
    """Wire the legs to their view, to the revision and to time."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.MINE_DATA, "data"), Input(ids.MINE_VIEW, "data"), Input(ids.REV, "data"), Input(ids.NOW, "data")
    )
    async def show(view: View | None, _rev: int | None, _now: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    app.clientside_callback(ClientsideFunction("mine", "choose"), Input(ids.MINE_OF, "value"))
    app.clientside_callback(ClientsideFunction("mine", "draw"), Input(ids.MINE_DATA, "data"))
