"""The stage of the wall: the map that our own script hosts, what it says of itself, and the director's sentence."""

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.text import say
from dashboard.views.attention import Attention, sentence
from dashboard.views.names import Book

CLEAR = ".wall-ground"


def own_map(label: str, bounds: tuple[float, float, float, float]) -> Component:
    """Give the host of a map that fills the wall and shows the region within `CLEAR`; wall_map.js makes it."""
    options = {"mode": "wall", "clear": CLEAR, "bounds": bounds}
    inner = html.Div(className="own-map")
    marks = {"data-map": json.dumps(options), "data-map-of": "wall", "data-onemap": "own-map"}
    return html.Div(inner, className="map map-wall", role="img", **{"aria-label": label, **marks})


def ground(notes: Sequence[str], approval: str, language: str) -> Component:
    """Give the part of the wall that no list covers: what the map shows, room for the map, its legend."""
    said = [*notes, say("map.approval", language, number=approval) if approval else ""]
    return html.Section(
        className="wall-stage",
        children=[
            html.Div(className="stage-head", **{"data-onemap": "stage-head", "aria-live": "polite"}),
            html.Div(className=CLEAR[1:]),
            html.Div(
                className="stage-foot",
                children=[
                    html.Div(className="stage-legend", **{"data-onemap": "stage-legend"}),
                    html.Div(" · ".join(note for note in said if note), className="stage-note"),
                ],
            ),
        ],
    )


def cut_out(found: Attention, minute: int | None, book: Book, language: str) -> dict[str, Any]:
    """Write the director's choice for the script: where to, in which minute, and the sentence that says why."""
    level = 1 if found.kind == "cluster" else 3
    said = sentence(found, book, language)
    return {
        "area": found.area,
        "township": found.township,
        "minute": minute,
        "level": level,
        "kind": found.kind,
        **said,
    }
