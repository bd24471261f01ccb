"""/history: any moment of the past on the same map, by slider and by play; the scripts ask the API themselves."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.pages import common
from dashboard.pages.filters import choice, domain_options, matter_options, platform_options
from dashboard.services import Services
from dashboard.text import language, say
from dashboard.views import chrome, maps

PATH = "/history"
TITLE = "page.history"
CONTROLS = (ids.HISTORY_PLATFORM, ids.HISTORY_DOMAIN, ids.HISTORY_MATTER)


def layout(
    shown: common.Shown = common.NOTHING,
    /,
    platform: str = "",
    domain: str = "",
    matter: str = "",
    **_: Any,
) -> Component:
    """Give the skeleton, with the filters as the address has them; the scripts fill everything else."""
    lang = language()
    controls = [
        choice(ids.HISTORY_PLATFORM, "platform", platform_options(shown, lang), platform, lang),
        choice(ids.HISTORY_DOMAIN, "domain", domain_options(shown, lang), domain, lang),
        choice(ids.HISTORY_MATTER, "matter", matter_options(shown, lang), matter, lang),
        html.Div(className="history-how", **{"data-history": "how"}),
    ]
    own_map = maps.county_map(ids.HISTORY_MAP, shown.map_label(lang), shown.bounds, mode="history")
    return html.Div(
        className="page history",
        children=[
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Div(controls, className="controls", role="group", **{"aria-label": say("cockpit.filters", lang)}),
            html.Main(
                className="history-body",
                children=[
                    html.Div([own_map, shown.legend(lang), part("notice")], className="history-map"),
                    part("time"),
                    html.Div([chrome.papers(), part("tabs"), part("panel")], className="history-side"),
                ],
            ),
            html.Div(hidden=True, **{"data-onemap": "history", "data-path": PATH}),
        ],
    )


def part(name: str) -> Component:
    """Give a place that assets/js/history.js fills."""
    return html.Div(className=f"history-{name}", **{"data-history": name})


def register(app: Dash, _: Services) -> None:
    """Wire the filters to the script, which keeps the view in the address."""
    app.clientside_callback(ClientsideFunction("history", "choose"), *(Input(name, "value") for name in CONTROLS))
