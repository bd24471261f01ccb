"""What stands around the pages: header, figures, legend, notes about things that are not there."""

from collections.abc import Iterable, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.auth import PAGES as RIGHTS
from dashboard.auth import who
from dashboard.text import say

WALL = "/wall"
PAGES = (
    ("page.cockpit", "/"),
    ("page.wall", WALL),
    ("page.history", "/history"),
    ("page.cases", "/cases"),
    ("page.officer", "/mine"),
    ("page.lists", "/lists"),
    ("page.disputes", "/disputes"),
    ("page.duplicates", "/duplicates"),
    ("page.inspections", "/inspections"),
    ("page.assessment", "/assessment"),
    ("page.inbox", "/inbox"),
    ("page.boundaries", "/boundaries"),
    ("page.users", "/users"),
    ("page.audit", "/audit"),
)
FIGURES = ("overdue", "amber", "pending", "received_today", "closed_today")


def pages() -> list[tuple[str, str]]:
    """Give the pages that whoever asks may open: key and path."""
    identity = who()
    found = [(key, path) for key, path in PAGES if identity.role in RIGHTS[key.removeprefix("page.")].roles]
    # Of the townships' pages only the own one has a place in the line.
    own = identity.kind == "township" and identity.role in RIGHTS["township"].roles
    return [("page.township", f"/township/{identity.code}"), *found] if own else found


def header(language: str, here: str, title: str | None = None) -> Component:
    """Draw the head of every page but the wall: product, ways to the other pages, connection, language.

    Parameters
    ----------
    here
        Key of the page that is being shown, such as ``page.cockpit``.
    title
        What the page is about, when its own name does not say it.
    """
    links = [
        # The wall is a document of its own: a plain link loads it.
        (html.A if path == WALL else dcc.Link)(
            say(key, language), href=path, className="nav-link" + (" nav-here" if key == here else "")
        )
        for key, path in pages()
    ]
    return html.Header(
        className="head",
        children=[
            dcc.Link(html.B(say("product", language)), href="/", className="head-product"),
            html.Span(title, className="head-title") if title else None,
            # On a phone it is a line of its own that scrolls; the script brings the page that is shown into sight.
            html.Nav(links, className="head-nav", **{"aria-label": say("nav.label", language), "data-onemap": "pages"}),
            html.Span(className="connection", role="status", **{"data-onemap": "connection"}),
            html.Button(
                "◐",
                type="button",
                className="theme-switch",
                title=say("nav.theme", language),
                **{"data-onemap": "theme", "aria-label": say("nav.theme", language)},
            ),
            # Who has signed in, and the way out; a script fills it.
            html.Div(className="head-person", **{"data-onemap": "person"}),
            html.Button(say("nav.language", language), type="button", className="lang", **{"data-onemap": "language"}),
        ],
    )


def sign(level: int, language: str) -> Component:
    """Draw the sign of a level, told by shape as well as by colour."""
    return html.I(className=f"sign sign-{level}", role="img", **{"aria-label": say(f"level.{level}", language)})


def papers() -> Component:
    """Give the place of the button that offers the page as a map sheet; assets/js/07-papers.js fills it."""
    return html.Div(className="papers", **{"data-onemap": "papers"})


def kpi(figure: str, language: str, *, usual: bool = False) -> Component:
    """Draw one figure that the stream writes: its name and an empty place, and one for that of an ordinary day."""
    level = {"overdue": 3, "amber": 2}.get(figure)
    name = [sign(level, language) if level else None, say(f"figure.{figure}", language)]
    return html.Div(
        className=f"kpi kpi-{figure}",
        children=[
            html.Div(name, className="kpi-name"),
            html.Div(say("figure.none", language), className="kpi-figure", **{"data-figure": figure}),
            html.Div(className="kpi-usual", **{"data-usual": figure}) if usual else None,
        ],
    )


def kpi_on_time(language: str) -> Component:
    """Draw the share of today's clocks that were met, with its n, written by an ordinary callback."""
    none = say("figure.none", language)
    return html.Div(
        className="kpi kpi-on_time",
        children=[
            html.Div(say("figure.on_time", language), className="kpi-name"),
            html.Div(
                className="kpi-figure",
                **{"data-onemap": "on-time"},
                children=[
                    html.Span(none, **{"data-on-time": "share"}),
                    html.Small("", **{"data-on-time": "n"}),
                ],
            ),
        ],
    )


def kpis(
    language: str,
    names: Sequence[str] = FIGURES,
    *,
    township: str | None = None,
    on_time: bool = False,
    usual: bool = False,
) -> Component:
    """Draw a row of figures, of the county or of one township; `usual`: beside those of an ordinary day."""
    own = {"data-township": township} if township else {}
    return html.Div(
        [*(kpi(name, language, usual=usual) for name in names), kpi_on_time(language) if on_time else None],
        className="kpis",
        **{"data-onemap": "figures", **own},
    )


def panel(title: str, *children: Any, name: str) -> Component:
    """Draw a titled part of a page."""
    return html.Section([html.H2(title, className="panel-title"), *children], className=f"panel panel-{name}")


def legend(language: str, *, finest: str, attribution: str, approval: str) -> Component:
    """Explain colours, shapes and figures of the map, and say whose lines these are."""
    rows = [
        html.Span([html.I(className="swatch swatch-pending"), say("legend.pending", language)]),
        html.Span([html.I(className="swatch swatch-amber"), sign(2, language), say("legend.amber", language)]),
        html.Span([html.I(className="swatch swatch-red"), sign(3, language), say("legend.overdue", language)]),
    ]
    words = [say(f"legend.{finest}", language), say("legend.figures", language)]
    notes = [attribution, say("map.approval", language, number=approval) if approval else ""]
    return html.Div(
        className="legend",
        children=[
            html.Div(rows, className="legend-rows"),
            html.Div(" · ".join(word for word in words if word), className="legend-words"),
            html.Div(" · ".join(note for note in notes if note), className="legend-note"),
        ],
    )


def missing(title: str, way: str, links: Iterable[tuple[str, str]], language: str) -> Component:
    """Draw what is not there: it says so, says what to do, and offers the ways on."""
    ways = [dcc.Link(name, href=href, className="way") for name, href in links]
    home = [
        (html.A if path == WALL else dcc.Link)(say(key, language), href=path, className="way way-home")
        for key, path in pages()
    ]
    return html.Div(
        className="missing",
        children=[html.H1(title), html.P(way), html.Div([*home, *ways], className="ways")],
    )
