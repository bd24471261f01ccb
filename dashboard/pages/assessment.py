"""/assessment: every stationed unit by month and by year, its rank, and what stands behind each of its figures."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.assessment import Assessed
from cases.errors import BadPeriod
from dashboard import ids, theme
from dashboard.auth import Forbidden, Role, who
from dashboard.auth.scope import check_unit
from dashboard.documents.assessment import consulted_words
from dashboard.pages import common
from dashboard.pages.lists import domain_options, township_options
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import assessment as drawn
from dashboard.views import chrome, tables
from dashboard.views.assessment import Pen
from dashboard.views.names import Book
from data.judgements import OPINIONS, Sheet, latest

PATH = "/assessment"
TITLE = "page.assessment"
FILE = "/api/v1/assessment.xlsx"
PAGE, MOST = 50, 1000
View = Mapping[str, Any]
Read = tuple[list[dict[str, Any]], str, dict[str, Any], list[dict[str, str]]]


def layout(shown: common.Shown = common.NOTHING, /, domain: str = "", township: str = "", **_: Any) -> Component:
    """Give the skeleton, with the controls as the address has them."""
    lang = language()
    controls = [
        # Which periods there are depends on today; the script shows what the address asks for.
        choice(ids.ASSESSMENT_PERIOD, "period", [], "", lang),
        choice(ids.ASSESSMENT_DOMAIN, "domain", domain_options(lang), domain, lang),
        choice(ids.ASSESSMENT_TOWNSHIP, "township", township_options(shown, lang), township, lang),
        html.Div(className="assessment-tools", **{"data-assessment": "tools"}),
    ]
    count = html.Span("", id=ids.ASSESSMENT_COUNT, className="panel-count")
    columns = drawn.columns(Pen(Book([], {}, {}, {}), lang, None, shown.assessment))  # type: ignore[arg-type]
    return html.Div(
        className="page assessment",
        children=[
            *(dcc.Store(id=name) for name in (ids.ASSESSMENT_VIEW, ids.ASSESSMENT_HEAD)),
            *(dcc.Store(id=name) for name in (ids.ASSESSMENT_OPEN, ids.ASSESSMENT_PANEL)),
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Div(controls, className="controls", role="search"),
            html.Div(className="assessment-head", **{"data-assessment": "head"}),
            html.Main(
                className="assessment-body",
                children=[
                    html.Div(
                        className="assessment-table",
                        children=[
                            html.H2([say("assessment.units", lang), count], className="panel-title"),
                            tables.table(ids.ASSESSMENT_ROWS, columns, lang, empty="assessment.empty"),
                        ],
                    ),
                    html.Aside(className="assessment-panel", hidden=True, **{"data-assessment": "panel"}),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "assessment", "data-path": PATH, "data-file": FILE}),
        ],
    )


def choice(component_id: str, key: str, options: list[tuple[str, str]], value: str, lang: str) -> Component:
    """One filter; a period is always chosen."""
    return html.Div(
        className=f"control control-{key}",
        children=[
            html.Label(say(f"assessment.{key}", lang), htmlFor=component_id),
            dcc.Dropdown(
                id=component_id,
                options=[{"value": code, "label": name} for code, name in options],
                value=value if value in dict(options) else None,
                placeholder="" if key == "period" else say(f"assessment.all_{key}s", lang),
                clearable=key != "period",
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
    )


def sheet_of(services: Services, view: View) -> tuple[Sheet, str]:
    """Give the sheet of the period that the address names; of this month, with the name refused, for another."""
    wanted, now = str(view.get("period") or ""), services.now()
    month = f"{services.region.local_day(now):%Y-%m}"
    try:
        return services.judgements.sheet(wanted or month, now), ""
    except BadPeriod:
        return services.judgements.sheet(month, now), wanted


def read(services: Services, book: Book, view: View, lang: str) -> Read:
    """Read the rows, their count, the head and the periods of a view."""
    pen = Pen(book, lang, services.region.zone, services.region.assessment)
    found, refused = sheet_of(services, view)
    lines = found.only(view.get("domain"), view.get("township"))
    consulted = {code: consulted_words(said, lang) for code, said in found.consultations.items()}
    rows = drawn.rows(lines, found.lines, consulted, pen)
    ranked = sum(line.rank is not None for line in lines)
    count = pen.word("count", n=len(lines), ranked=ranked)
    options = drawn.periods(services.region.local_day(services.now()), pen)
    if found.period.name not in {one["value"] for one in options}:
        options.append({"value": found.period.name, "label": pen.period(found.period.name)})
    return rows, count, head(services, found, refused, pen), options


def head(services: Services, found: Sheet, refused: str, pen: Pen) -> dict[str, Any]:
    """Say what is shown: period, as of when, by which weights, on which basis."""
    today = services.region.local_day(services.now())
    version = services.library.current().on(today)
    parts = " + ".join(pen.word("weight", name=pen.component(one), weight=one.weight) for one in pen.scheme.components)
    return {
        "period": found.period.name,
        "period_words": pen.period(found.period.name),
        "as_of": pen.word("as_of", at=pen.at(found.as_of), revision=found.revision),
        "running": pen.word("running") if today < found.period.end else "",
        "weights": pen.word("weights", parts=parts),
        "colours": pen.word("colours"),
        "model": say("lists.model", pen.language) if version.model else "",
        "model_title": say("lists.model.title", pen.language) if version.model else "",
        "refused": pen.word("bad_period", period=refused, instead=pen.period(found.period.name)) if refused else "",
    }


def read_panel(services: Services, book: Book, opened: View | None, lang: str) -> dict[str, Any] | None:
    """Read what was opened: a unit, or the cases behind one of its figures; None when nothing is."""
    if not opened or not opened.get("unit"):
        return None
    pen = Pen(book, lang, services.region.zone, services.region.assessment)
    found, _ = sheet_of(services, opened)
    line = next((one for one in found.lines if one.unit.code == opened["unit"]), None)
    if line is None:
        return {"unknown": pen.word("unknown", period=pen.period(found.period.name), code=str(opened["unit"])[:64])}
    unit = drawn.unit_panel(line, drawn.domain_counts(found.lines)[line.unit.domain], pen)
    base = {"period": found.period.name, "period_words": pen.period(found.period.name), **unit}
    if opened.get("indicator"):
        return base | {"figure": figure(services, found, line, opened, pen)}
    return base | judged(services, found, line, pen)


def figure(services: Services, found: Sheet, line: Assessed, opened: View, pen: Pen) -> dict[str, Any] | None:
    """Read the cases behind a figure; None for a figure that there is not."""
    one = pen.scheme.indicator(str(opened["indicator"]))
    if one is None:
        return None
    below = opened.get("part") == "denominator" and one.denominator is not None
    count = one.denominator if below and one.denominator else one.numerator
    try:
        check_unit(who(), line.unit, line.unit.code)
    except Forbidden:
        return {"indicator": one.code, "part": "", "n": line.counts[count], "rows": [], "more": False}
    wanted = min(MOST, PAGE * max(1, int(opened.get("pages") or 1)))
    page = services.judgements.cases(found.period.name, line.unit.code, count, services.now(), limit=wanted)
    return {
        "indicator": one.code,
        "part": "denominator" if below else "numerator",
        "n": line.counts[count],
        "rows": drawn.case_rows(page.parts, pen),
        "more": page.next is not None and wanted < MOST,
    }


def may_rate(rater: str) -> bool:
    """Say whether whoever asks rates as this one."""
    return who().role is Role.OPEN or rater == who().scope


def judged(services: Services, found: Sheet, line: Assessed, pen: Pen) -> dict[str, Any]:
    """Read what people judged of a unit, and who may judge."""
    code = line.unit.code
    said, asked = found.ratings.get(code, ()), found.consultations.get(code, ())
    townships = dict.fromkeys((line.unit.township, *line.unit.serves))
    return {
        "department": line.unit.department,
        "ratings": drawn.ratings(said, (one.id for one in latest(said).values()), pen),
        "raters": [
            (rater, pen.rater(rater)) for rater in services.region.assessment.raters(line.unit) if may_rate(rater)
        ],
        "consultations": drawn.consultations(asked, pen),
        "townships": [(one, pen.book.area(one, pen.language)) for one in townships],
        "opinions": [(one, pen.word(f"opinion.{one}")) for one in OPINIONS],
    }


def register(app: Dash, services: Services) -> None:
    """Wire rows and head to the view, the panel to what was opened."""
    book = common.book_of(services)

    @app.callback(
        Output(ids.ASSESSMENT_ROWS, "rowData"),
        Output(ids.ASSESSMENT_COUNT, "children"),
        Output(ids.ASSESSMENT_HEAD, "data"),
        Output(ids.ASSESSMENT_PERIOD, "options"),
        Input(ids.ASSESSMENT_VIEW, "data"),
    )
    async def show(view: View | None) -> Read:
        return await asyncio.to_thread(read, services, book, view or {}, language())

    @app.callback(Output(ids.ASSESSMENT_PANEL, "data"), Input(ids.ASSESSMENT_OPEN, "data"))
    async def open_panel(opened: View | None) -> dict[str, Any] | None:
        return await asyncio.to_thread(read_panel, services, book, opened, language())

    controls = (ids.ASSESSMENT_PERIOD, ids.ASSESSMENT_DOMAIN, ids.ASSESSMENT_TOWNSHIP)
    app.clientside_callback(ClientsideFunction("assessment", "choose"), *(Input(name, "value") for name in controls))
    app.clientside_callback(ClientsideFunction("assessment", "head"), Input(ids.ASSESSMENT_HEAD, "data"))
    app.clientside_callback(ClientsideFunction("assessment", "panel"), Input(ids.ASSESSMENT_PANEL, "data"))
