"""Instead of a page that is not theirs: says so, and offers those that are."""

from dash import html
from dash.development.base_component import Component

from dashboard.auth import Role, who
from dashboard.pages import common
from dashboard.text import language, say
from dashboard.views import chrome

TITLE = "page.not_found"


def layout(shown: common.Shown, refused: str) -> Component:
    """Give the note for a reason: role, township or case."""
    lang, identity = language(), who()
    way = say(f"denied.{refused}.way", lang)
    role = say(f"access.role.{identity.role or Role.OPEN}", lang)
    return html.Div(
        className="page denied",
        children=[
            chrome.header(lang, TITLE, shown.name(lang)),
            html.Main(chrome.missing(say(f"denied.{refused}", lang), way.replace("{role}", role), (), lang)),
        ],
    )
