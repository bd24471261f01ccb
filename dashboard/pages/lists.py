"""/lists: the three lists, searched by words, department, domain and township; the whole view stands in the address."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases import lists as trade
from cases.lists import Lists, ListVersion
from cases.matters import Domain, Matter
from cases.routing import route
from dashboard import ids, theme
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome, tables
from dashboard.views import lists as drawn
from dashboard.views.names import Book
from data import views

PATH = "/lists"
TITLE = "page.lists"
PERIOD = timedelta(days=90)
WAIT_S = 0.25  # a search begins when the typing pauses
View = Mapping[str, str]
Read = tuple[list[dict[str, Any]], str, dict[str, Any], list[dict[str, str]]]


def layout(
    shown: common.Shown = common.NOTHING,
    /,
    q: str = "",
    department: str = "",
    domain: str = "",
    township: str = "",
    **_: Any,
) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    controls = [
        words(q, lang),
        choice(ids.LISTS_DEPARTMENT, "department", department_options(shown, lang), department, lang),
        choice(ids.LISTS_DOMAIN, "domain", domain_options(lang), domain, lang),
        choice(ids.LISTS_TOWNSHIP, "township", township_options(shown, lang), township, lang),
        # Which versions there are is not known before the data; the script shows what the address asks for.
        choice(ids.LISTS_ON, "on", [], "", lang),
    ]
    count = html.Span("", id=ids.LISTS_COUNT, className="panel-count")
    return html.Div(
        className="page lists",
        children=[
            dcc.Store(id=ids.LISTS_VIEW),
            dcc.Store(id=ids.LISTS_HEAD),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Div(className="lists-head", **{"data-lists": "head"}),
            html.Div(controls, className="controls", role="search"),
            html.Main(
                className="lists-body",
                children=[
                    html.H2([say("lists.items", lang), count], className="panel-title"),
                    tables.table(ids.LISTS_ROWS, drawn.item_columns(lang), lang, empty="lists.empty"),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "lists", "data-path": PATH}),
        ],
    )


def words(value: str, lang: str) -> Component:
    """Draw the box for the words that are looked for."""
    return html.Div(
        className="control control-words",
        children=[
            html.Label(say("lists.search", lang), htmlFor=ids.LISTS_Q),
            dcc.Input(
                id=ids.LISTS_Q,
                type="search",
                value=value,
                debounce=WAIT_S,
                placeholder=say("lists.search.hint", lang),
                className="search",
                autoComplete="off",
            ),
        ],
    )


def choice(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which one value, or none, is chosen."""
    return html.Div(
        className=f"control control-{key}",
        children=[
            html.Label(say(f"lists.{key}", lang), htmlFor=component_id),
            dcc.Dropdown(
                id=component_id,
                options=[{"value": code, "label": name} for code, name in options],
                value=value if value in dict(options) else None,
                placeholder=say(f"lists.all_{key}s", lang),
                clearable=True,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def department_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give all departments, and the township itself."""
    return [(code, name_en if lang == LANGUAGES[1] else name) for code, name, name_en in shown.departments]


def domain_options(lang: str) -> list[tuple[str, str]]:
    """Give the ten domains and the rest."""
    return [(str(domain), say(f"domain.{domain}", lang)) for domain in Domain]


def township_options(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give the townships of today, by code."""
    return [(code, name_en if lang == LANGUAGES[1] else name) for code, name, name_en in shown.townships]


def day_of(written: str | None, today: date) -> date:
    """Read the day that an address names; today when it names none that there is."""
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return today


def address_of(code: str, view: View) -> str:
    """Give the page of an item, at the day that the reader looks at."""
    return f"/lists/{code}" + (f"?on={view['on']}" if view.get("on") else "")


def who_acts(
    services: Services, book: Book, matter: Matter, version: ListVersion, township: str, day: date, lang: str
) -> drawn.Acting:
    """Ask the lists who acts in a township on a day; in any where none is named."""
    organisation = services.region.organisation
    way = route(matter, township or None, day, version, organisation)
    if not way.guide:
        return drawn.Acting(township, way)
    unit = organisation.unit_for(way.guide, township or None, day)
    return drawn.Acting(township, way, unit.name if unit else book.department(way.guide, lang))


def found(
    services: Services, book: Book, version: ListVersion, view: View, day: date, lang: str
) -> list[tuple[Matter, drawn.Acting]]:
    """Find the items of a view, each with who acts in the township that the reader chose, or anywhere."""
    matters = trade.search(
        version.matters, view.get("q") or "", domain=view.get("domain") or None, kind=view.get("kind") or None
    )
    routed = [
        (matter, who_acts(services, book, matter, version, view.get("township") or "", day, lang)) for matter in matters
    ]
    department = view.get("department")
    return [(matter, who) for matter, who in routed if not department or drawn.concerned(who.route, department)]


def read(services: Services, book: Book, view: View, lang: str) -> Read:
    """Read the rows, their count, the head and the versions of a view."""
    now = services.now()
    today = services.region.local_day(now)
    lists, day = services.library.current(), day_of(view.get("on"), today)
    version = lists.on(day)
    items = found(services, book, version, view, day, lang)
    uses = views.uses_by_matter(services.engine, [matter.code for matter, _ in items], now - PERIOD)
    rows = [
        drawn.item_row(matter, who, book, uses.get(matter.code, 0), address_of(matter.code, view), lang)
        for matter, who in items
    ]
    count = say("lists.count", lang, n=len(rows))
    return rows, count, head(lists, version, today, view, lang), drawn.version_options(lists, lang)


def head(lists: Lists, version: ListVersion, today: date, view: View, lang: str) -> dict[str, Any]:
    """Give the version and the counts of the lists."""
    return {
        "version": drawn.version_words(version, lists, today, lang),
        "cards": drawn.cards(version, lang),
        "kind": view.get("kind") or "",
        "on": version.effective_from.isoformat() if view.get("on") else None,
        "many": len(lists.versions) > 1,
    }


def register(app: Dash, services: Services) -> None:
    """Wire rows, count, versions and head to the view."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.LISTS_ROWS, "rowData"),
        Output(ids.LISTS_COUNT, "children"),
        Output(ids.LISTS_HEAD, "data"),
        Output(ids.LISTS_ON, "options"),
        Input(ids.LISTS_VIEW, "data"),
    )
    async def show(view: View | None) -> Read:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    controls = (ids.LISTS_Q, ids.LISTS_DEPARTMENT, ids.LISTS_DOMAIN, ids.LISTS_TOWNSHIP, ids.LISTS_ON)
    app.clientside_callback(ClientsideFunction("lists", "choose"), *(Input(name, "value") for name in controls))
    app.clientside_callback(ClientsideFunction("lists", "head"), Input(ids.LISTS_HEAD, "data"))
