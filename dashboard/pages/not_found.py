"""Any other address: says so and offers the ways on."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.pages import common
from dashboard.text import language, say
from dashboard.views import chrome

TITLE = "page.not_found"


def layout(shown: common.Shown = common.NOTHING, /, **_: Any) -> Component:
    """Give the note."""
    lang = language()
    return html.Div(
        className="page",
        children=[
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(chrome.missing(say(TITLE, lang), say("not_found.way", lang), shown.township_links(lang), lang)),
        ],
    )
