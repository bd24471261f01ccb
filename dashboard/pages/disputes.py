"""/disputes: whose duty is in question, until when, with which clauses; and what was decided for the next such case."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.pages import common
from dashboard.pages.lists import department_options, township_options
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome
from dashboard.views import disputes as drawn
from dashboard.views.disputes import Pen
from dashboard.views.names import Book
from data import views
from data.views import BadQuery, CasePage, DisputeFilter, DisputeState, Period

PATH = "/disputes"
TITLE = "page.disputes"
MOST_OPEN, MOST_SETTLED = 300, 50
FILTERS = {"township": "township", "department": "department", "number": "case"}
View = Mapping[str, str]


def layout(shown: common.Shown = common.NOTHING, /, township: str = "", department: str = "", **_: Any) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    controls = [
        choice(ids.DISPUTES_TOWNSHIP, "township", township_options(shown, lang), township, lang),
        choice(ids.DISPUTES_DEPARTMENT, "department", department_options(shown, lang), department, lang),
        # Which periods there are depends on today; the script shows what the address asks for.
        choice(ids.DISPUTES_PERIOD, "period", [], "", lang),
    ]
    return html.Div(
        className="page disputes",
        children=[
            dcc.Store(id=ids.DISPUTES_VIEW),
            dcc.Store(id=ids.DISPUTES_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Div(className="disputes-head", **{"data-disputes": "figures"}),
            html.Div(controls, className="controls", role="search"),
            html.Main([main(lang), aside(lang)], className="disputes-body"),
            html.Div(hidden=True, **{"data-onemap": "disputes", "data-path": PATH}),
        ],
    )


def main(lang: str) -> Component:
    """Lay out the open disputes above the settled ones."""
    return html.Div(
        className="disputes-main",
        children=[
            chrome.panel(say("disputes.open", lang), part("open"), name="open"),
            chrome.panel(say("disputes.settled", lang), part("settled"), name="settled"),
        ],
    )


def aside(lang: str) -> Component:
    """Lay out what waits for the next lists, and the counts."""
    return html.Div(
        className="disputes-side",
        children=[
            chrome.panel(say("disputes.waiting", lang), part("waiting"), name="waiting"),
            chrome.panel(say("disputes.by_township", lang), part("townships"), name="townships"),
            chrome.panel(say("disputes.by_department", lang), part("departments"), name="departments"),
        ],
    )


def part(name: str) -> Component:
    """Give a place that assets/js/disputes.js fills."""
    return html.Div(className=f"disputes-{name}", **{"data-disputes": name})


def choice(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter of which one value, or none, is chosen."""
    return html.Div(
        className=f"control control-{key}",
        children=[
            html.Label(say(f"disputes.{key}", lang), htmlFor=component_id),
            dcc.Dropdown(
                id=component_id,
                options=[{"value": code, "label": name} for code, name in options],
                value=value if value in dict(options) else None,
                placeholder=say(f"disputes.all_{key}s", lang),
                clearable=True,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def period_in(services: Services, written: str) -> Period:
    """Read the period that an address names; this year when it names none that there is."""
    try:
        return views.period_of(written, services.region.zone)
    except BadQuery:
        return views.period_of(f"{services.region.local_day(services.now()):%Y}", services.region.zone)


def meant(view: View) -> DisputeFilter:
    """Say which disputes a view means, whatever became of them."""
    return DisputeFilter(
        **{field: (view[name],) for field, name in FILTERS.items() if view.get(name)}  # type: ignore[arg-type]
    )


def read(services: Services, book: Book, view: View, lang: str) -> dict[str, Any]:
    """Read and draw what a view shows, and the periods to choose from."""
    now, engine = services.now(), services.engine
    pen, period = Pen(book, lang, services.region.zone, now), period_in(services, view.get("period") or "")
    here = replace(meant(view), party=party(who()))
    pending = views.list_disputes(engine, replace(here, state=DisputeState.OPEN), limit=MOST_OPEN)
    # Of one case everything is shown, whenever it was settled.
    ended = replace(here, state=DisputeState.SETTLED, period=None if here.number else period)
    settled = views.list_disputes(engine, ended, limit=MOST_SETTLED)
    counts = views.dispute_counts(engine, now, period, replace(here, number=(), party=None))
    today = services.region.local_day(now)
    soonest = sorted(pending.rows, key=lambda row: (row.due_at or now, row.number, row.ordinal))
    return {
        "figures": drawn.figures(counts.all, period.name, pen),
        "open": [pen.row(row) for row in soonest],
        "settled": [pen.row(row) for row in settled.rows],
        "more": {"open": pending.next is not None, "settled": settled.next is not None},
        "waiting": drawn.waiting(services.library.current().waiting(today), pen),
        "townships": drawn.bars(counts.by_township, pen.township, pen),
        "departments": drawn.bars(counts.by_department, pen.department, pen),
        "bodies": pen.bodies(services.region.organisation.departments),
        "case": view.get("case") or "",
        "period": period.name if view.get("period") else None,
        "periods": drawn.periods(today, lang),
    }


def of_case(services: Services, book: Book, page: CasePage, lang: str) -> dict[str, Any]:
    """Read and draw the disputes of one case, for its own page."""
    pen = Pen(book, lang, services.region.zone, services.now())
    found = views.list_disputes(services.engine, DisputeFilter(number=(page.state.number,))).rows
    # One that was opened since the page was read comes with the page's next reading, and its leg with it.
    rows = [row for row in found if row.ordinal <= len(page.state.disputes)]
    return drawn.of_case(page.state, rows, pen.bodies(services.region.organisation.departments), pen)


def register(app: Dash, services: Services) -> None:
    """Wire the page to revision, time and view."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.DISPUTES_DATA, "data"),
        Input(ids.DISPUTES_VIEW, "data"),
        Input(ids.REV, "data"),
        Input(ids.NOW, "data"),
    )
    async def show(view: View | None, _rev: int | None, _now: int | None) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    controls = (ids.DISPUTES_TOWNSHIP, ids.DISPUTES_DEPARTMENT, ids.DISPUTES_PERIOD)
    app.clientside_callback(ClientsideFunction("disputes", "choose"), *(Input(name, "value") for name in controls))
    app.clientside_callback(ClientsideFunction("disputes", "draw"), Input(ids.DISPUTES_DATA, "data"))
