"""/inspections: whom the departments visited, who more than once, and each subject with its visits and check lists."""

import asyncio
from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.errors import NoSuchSubject
from dashboard import ids
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import LANGUAGES, language, say
from dashboard.views import chrome
from dashboard.views import inspections as drawn
from dashboard.views.inspections import Pen
from dashboard.views.names import Book
from data import views
from data.views import BadQuery, CasePage, Measure, Quarter, SubjectFilter, SubjectPage
from data.views.inspections import Count

PATH = "/inspections"
TITLE = "page.inspections"
MOST = 200
BEFORE = 4
CHOICES = 12
"""How many quarters there are to choose from."""
REST, QUICK_S = 20, 0.1
View = Mapping[str, str]


def layout(shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give the skeleton; the script fills it by what the address asks for."""
    lang = language()
    return html.Div(
        className="page inspections",
        children=[
            dcc.Store(id=ids.INSPECTIONS_VIEW),
            dcc.Store(id=ids.INSPECTIONS_DATA),
            dcc.Store(id=ids.INSPECTIONS_TOWNSHIPS, data=townships(shown, lang)),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(
                className="inspections-body",
                children=[
                    html.Div(
                        className="inspections-head",
                        children=[
                            html.H1(say("inspections.title", lang)),
                            html.P(className="hint", **{"data-inspections": "rule"}),
                            html.Div(**{"data-inspections": "figures"}),
                        ],
                    ),
                    html.Div(className="inspections-controls", role="search", **{"data-inspections": "controls"}),
                    html.Div(className="inspections-main", **{"data-inspections": "main", "aria-live": "polite"}),
                    html.Div(
                        className="inspections-side",
                        children=[
                            chrome.panel(say("inspections.departments", lang), part("departments"), name="departments"),
                            chrome.panel(say("inspections.previous", lang), part("previous"), name="previous"),
                        ],
                    ),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "inspections", "data-path": PATH}),
        ],
    )


def part(name: str) -> Component:
    """Give a place that assets/js/inspections.js fills."""
    return html.Div(**{"data-inspections": name})


class Tally:
    """Counts quarters for every reader of the page, and not oftener than the count is worth.

    A small county is counted at every revision. Where counting takes long it is repeated only after `REST` times as
    long (the page asks again every minute): however many read it and however many cases come in, it takes a small part
    of one processor.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[Quarter, tuple[float, Measure]] = {}
        self._turn = Lock()

    def of(self, quarter: Quarter) -> Measure:
        """Give the measure of a quarter."""
        with self._turn:
            until, found = self._known.pop(quarter, (0.0, None))
            if found is None or monotonic() >= until:
                begun = monotonic()
                found = views.measure(self._services.engine, quarter, BEFORE)
                took = monotonic() - begun
                until = monotonic() + (REST * took if took > QUICK_S else 0.0)
            self._known = dict([*self._known.items()][1 - CHOICES :]) | {quarter: (until, found)}
            return found


def townships(shown: common.Shown, lang: str) -> list[tuple[str, str]]:
    """Give the townships to choose from."""
    return [(code, name_en if lang == LANGUAGES[1] else name) for code, name, name_en in shown.townships]


def read(services: Services, tally: Tally, book: Book, view: View, lang: str) -> dict[str, Any]:
    """Read and draw what a view shows."""
    zone, now = services.region.zone, services.now()
    pen, quarter = Pen(book, lang, zone, now), quarter_in(services, view.get("quarter") or "")
    counted = tally.of(quarter)
    present = views.quarter_at(now, zone)
    days = services.region.inspection_window.days
    name = pen.quarter(quarter)
    code = view.get("subject") or ""
    data = {
        "rule": pen.word("rule", days=days),
        "quarter": quarter.name,
        "quarters": [(one.name, pen.quarter(one)) for one in _to_choose(present, quarter)],
        "figures": drawn.figures(counted.all, name, pen),
        "departments": drawn.departments(counted.departments, pen),
        "previous": drawn.previous(counted.before, pen),
        "chip": chip(view, name, pen),
        "asked": code,
    }
    if code:
        page = found(services, code)
        return data | {"subject": page and drawn.whole(page, days, pen)}
    filters = SubjectFilter(view.get("q") or "", _only(view.get("township")), behind(counted, view))
    page_of = views.list_subjects(services.engine, filters, limit=MOST)
    return data | {"rows": [drawn.listed(row, pen) for row in page_of.rows], "more": page_of.next is not None}


def quarter_in(services: Services, written: str) -> Quarter:
    """Read the quarter that an address names; the present one when it names none that there is."""
    try:
        return views.quarter_of(written, services.region.zone)
    except BadQuery:
        return views.quarter_at(services.now(), services.region.zone)


def behind(counted: Measure, view: View) -> frozenset[str] | None:
    """Give the subjects behind the figure that an address names; None when it names none."""
    how, department = view.get("visited"), view.get("department")
    if how not in ("once", "more"):
        return None
    count = counted.departments.get(department, Count()) if department else counted.all
    return count.more if how == "more" else count.visited


def chip(view: View, quarter: str, pen: Pen) -> str | None:
    """Say which figure the list is behind."""
    how, department = view.get("visited"), view.get("department")
    if how not in ("once", "more"):
        return None
    who = pen.book.department(department, pen.language) if department else pen.word("chip.anybody")
    return pen.word(f"chip.{how}", who=who, quarter=quarter)


def found(services: Services, code: str) -> SubjectPage | None:
    """Read a subject whole; None when nobody has named it."""
    day = services.region.local_day(services.now())
    order = {matter.code: place for place, matter in enumerate(services.library.current().on(day).matters)}
    try:
        return views.subject_page(services.engine, code, order)
    except NoSuchSubject:
        return None


def of_case(services: Services, book: Book, page: CasePage, lang: str) -> dict[str, Any] | None:
    """Read and draw the subject of one case, for its own page."""
    state = page.state
    if state.subject is None:
        return None
    pen = Pen(book, lang, services.region.zone, services.now())
    return drawn.of_case(state, found(services, state.subject), services.region.inspection_window.days, pen)


def register(app: Dash, services: Services) -> None:
    """Wire the page to revision and view."""
    book, tally = common.book_of(services), Tally(services)

    @app.callback(
        Output(ids.INSPECTIONS_DATA, "data"),
        Input(ids.INSPECTIONS_VIEW, "data"),
        Input(ids.REV, "data"),
        Input(ids.NOW, "data"),
    )
    async def show(view: View | None, _rev: int | None, _now: int | None) -> dict[str, Any] | None:
        # Without a view nobody has said yet what the address asks for.
        return None if view is None else await asyncio.to_thread(read, services, tally, book, view, language())

    app.clientside_callback(
        ClientsideFunction("inspections", "draw"),
        Input(ids.INSPECTIONS_DATA, "data"),
        Input(ids.INSPECTIONS_TOWNSHIPS, "data"),
    )


def _only(code: str | None) -> tuple[str, ...]:
    return (code,) if code else ()


def _to_choose(present: Quarter, asked: Quarter) -> list[Quarter]:
    """List the last quarters, and the one that is asked for, the latest first."""
    last = [present.after(-count) for count in range(CHOICES)]
    chosen = {one.name: one for one in (*last, asked)}
    return sorted(chosen.values(), key=lambda one: one.start, reverse=True)
