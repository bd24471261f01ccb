"""/duplicates: what may be one and the same, as a list; with ?case=&beside= two cases side by side on one map."""

import asyncio
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from cases.duplicates import NOT_DUPLICATE
from cases.errors import NoSuchCase
from dashboard import ids
from dashboard.auth import PAGES as RIGHTS
from dashboard.auth import who
from dashboard.pages import common
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome, maps
from dashboard.views.duplicates import Comparer, Side, told_apart
from dashboard.views.names import Book
from data import views
from data.views import CasePage

PATH = "/duplicates"
TITLE = "page.duplicates"
MOST_PAIRS = 200


def layout(
    shown: common.Shown = common.NOTHING, /, case: str = "", beside: str = "", township: str = "", **_: Any
) -> Component:
    """Give the skeleton: of the list, or of two cases when the address names one."""
    lang = language()
    asked = {"case": case[:60], "beside": beside[:60], "township": township[:60]}
    body = [side_by_side(shown, lang)] if case else [work_list(lang)]
    return html.Div(
        className="page duplicates",
        children=[
            dcc.Store(id=ids.DUPLICATES_ASKED, data=asked),
            dcc.Store(id=ids.DUPLICATES_DATA),
            chrome.header(lang, TITLE, shown.name(lang)),
            *body,
            html.Div(hidden=True, **{"data-onemap": "duplicates"}),
        ],
    )


def work_list(lang: str) -> Component:
    """Lay out the list of what is to be judged."""
    return html.Main(
        [
            html.H1(say("duplicates.work", lang)),
            html.P(say("duplicates.work.rule", lang), className="hint"),
            part("work", "pairs"),
        ],
        className="duplicates-work",
    )


def side_by_side(shown: common.Shown, lang: str) -> Component:
    """Lay out two cases: how near they are, one column each, the map with both, and what can be done."""
    label = say("duplicates.map", lang)
    own_map = maps.county_map(ids.DUPLICATES_MAP, label, shown.bounds, mode="compare")
    nowhere = html.P(say("duplicates.no_distance", lang), className="no-place")
    note = html.Div(shown.note(lang), className="legend-note")
    return html.Main(
        [
            part("head", "beside-head"),
            part("one", "beside-side beside-one"),
            part("other", "beside-side beside-other"),
            html.Div(
                [
                    html.Div([own_map, nowhere, note], className="case-map beside-map"),
                    part("judge", "beside-judge"),
                    part("others", "beside-others"),
                ],
                className="beside-middle",
            ),
        ],
        className="beside-body",
    )


def part(name: str, class_name: str) -> Component:
    """Give a place that assets/js/duplicates.js fills."""
    return html.Div(className=class_name, **{"data-duplicates": name})


def comparer_of(services: Services, book: Book, lang: str) -> Comparer:
    """Give the words of this moment."""
    return Comparer(book, lang, services.region.zone, services.now())


def suggested(services: Services, number: str) -> views.Suggestions:
    """Read what may be the same as a case."""
    return views.suggestions(services.engine, number, services.region.duplicates, services.region.metric_crs)


def read(services: Services, book: Book, asked: dict[str, str], lang: str) -> dict[str, Any]:
    """Read the list, or two cases; a sentence when one of them cannot be shown."""
    words = comparer_of(services, book, lang)
    one, other = asked["case"].strip(), asked["beside"].strip()
    if not one:
        region, township = services.region, (asked["township"],) if asked["township"] else ()
        found = views.open_suggestions(services.engine, region.duplicates, region.metric_crs, township, MOST_PAIRS)
        return {"work": words.work(found)}
    if not other or one == other:
        return {"missing": words.word("missing.itself" if other else "missing.one", number=one)}
    pages = []
    for number in (one, other):
        try:
            pages.append(views.case_page(services.engine, number))
        except NoSuchCase:
            return {"missing": words.word("missing", number=number)}
    return compared(services, words, *pages)


def compared(services: Services, words: Comparer, one: CasePage, other: CasePage) -> dict[str, Any]:
    """Put two cases side by side."""
    number, beside = one.state.number, other.state.number
    found = suggested(services, number)
    likely = next((own.likely for own in found.found if own.case.number == beside), None)
    sides = [Side(page.state, views.reports_of(services.engine, page.state.number)) for page in (one, other)]
    comments = {page.state.number: {event.data.get(NOT_DUPLICATE) for event in page.events} for page in (one, other)}
    apart = told_apart(number, beside, comments)
    return {
        **words.comparison(*sides, likely, distance(services, one, other), told_apart=apart),
        "others": words.others(number, found.found, {beside}),
    }


def distance(services: Services, one: CasePage, other: CasePage) -> float | None:
    """Measure two cases in the region's metric CRS; None when one of them has no place."""
    places = [(page.state.lon, page.state.lat) for page in (one, other)]
    (lon, lat), (other_lon, other_lat) = places
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    return services.region.metres(lon, lat, other_lon, other_lat)


def panel(services: Services, book: Book, number: str, lang: str) -> dict[str, Any] | None:
    """Read the panel of a case; None when there is no such case."""
    try:
        if who().role not in RIGHTS["duplicates"].roles:
            return None
        state = views.case_page(services.engine, number).state
        found = suggested(services, number)
    except NoSuchCase:
        return None
    return comparer_of(services, book, lang).of_case(state, found, views.reports_of(services.engine, number))


def register(app: Dash, services: Services) -> None:
    """Wire the page, and the panel of the case page, to the revision."""
    book = common.book_of(services)

    @app.callback(Output(ids.DUPLICATES_DATA, "data"), Input(ids.REV, "data"), Input(ids.DUPLICATES_ASKED, "data"))
    async def show(_rev: int | None, asked: dict[str, str]) -> dict[str, Any]:
        return await asyncio.to_thread(read, services, book, asked, language())

    @app.callback(Output(ids.CASE_DUPLICATES, "data"), Input(ids.REV, "data"), State(ids.CASE_NUMBER, "data"))
    async def beside(_rev: int | None, number: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(panel, services, book, number, language())

    app.clientside_callback(ClientsideFunction("duplicates", "draw"), Input(ids.DUPLICATES_DATA, "data"))
    app.clientside_callback(ClientsideFunction("duplicates", "panel"), Input(ids.CASE_DUPLICATES, "data"))
