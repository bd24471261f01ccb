"""/cases: all cases as a table under the cockpit's filters; the view stands in the address and can be kept."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, dcc, html
from dash.development.base_component import Component

from cases.organisation import COMMAND
from dashboard import ids, theme
from dashboard.pages import common, filters, inbox
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome, tables

PATH = "/cases"
TITLE = "page.cases"
CONTROLS = filters.control_ids("cases")
STATES = ("open", "ended", "all")


def layout(shown: common.Shown = common.NOTHING, /, state: str = "", **asked: Any) -> Component:
    """Give the skeleton, with the controls as the address has them; rows come as the reader scrolls."""
    lang = language()
    controls = html.Div(
        [states(state, lang), *filters.controls(shown, "cases", asked, lang)],
        className="controls",
        role="group",
        **{"aria-label": say("cockpit.filters", lang)},
    )
    grid = tables.scrolling(ids.CASES_GRID, tables.all_case_columns(lang), lang)
    return html.Div(
        className="page cases",
        children=[
            chrome.header(lang, TITLE, shown.name(lang)),
            filters.fold(),
            controls,
            html.Main(
                className="cases-body",
                children=[
                    html.Div(
                        [
                            html.H1(say("cases.title", lang)),
                            html.Span("", className="cases-count", role="status", **{"data-cases": "count"}),
                            html.Div(className="cases-chips", **{"data-cases": "chips"}),
                            html.Div(className="cases-tools", **{"data-cases": "tools"}),
                        ],
                        className="cases-head",
                    ),
                    html.Div(className="filter-notes", role="status", **{"data-cases": "notes"}),
                    kept(shown, lang),
                    html.Div(
                        [grid, html.Div(hidden=True, className="nothing", **{"data-cases": "nothing"})],
                        className="cases-table",
                    ),
                ],
            ),
            html.Div(
                hidden=True,
                **{"data-onemap": "cases", "data-path": PATH, "data-unknown": filters.unknown(shown, asked, lang)},
            ),
        ],
    )


def states(state: str, lang: str) -> Component:
    """Choose between pending, ended and all cases; assets/js/cases.js fills it."""
    return html.Div(
        [
            html.Span(say("cases.state", lang), className="control-name"),
            html.Div(className="ticks", role="radiogroup", **{"data-cases": "state", "data-state": state}),
        ],
        className="control",
    )


def kept(shown: common.Shown, lang: str) -> Component:
    """Lay out the panel of kept views: whose they are, the views, and a name for this one."""
    choices = inbox.options(shown, lang)
    whose = html.Div(
        [
            html.Label(say("saved.owner", lang), htmlFor=ids.CASES_OWNER),
            dcc.Dropdown(
                id=ids.CASES_OWNER,
                options=[{"value": code, "label": name} for code, name in choices],
                value=COMMAND,
                clearable=False,
                maxHeight=320,
                labels=theme.dropdown_labels(lang),
                className="dropdown",
            ),
        ],
        className="control control-of",
    )
    return html.Section(
        [whose, html.Div(className="saved", **{"data-cases": "saved"})],
        className="saved-panel",
        hidden=True,
        **{"data-cases": "panel", "aria-label": say("saved.title", lang)},
    )


def register(app: Dash, _services: Services) -> None:
    """Wire the controls to the address; rows come by /api/v1/case-table."""
    controls = [Input(name, "value") for name in CONTROLS.values()]
    app.clientside_callback(ClientsideFunction("cases", "choose"), *controls)
    app.clientside_callback(ClientsideFunction("cases", "owner"), Input(ids.CASES_OWNER, "value"))
