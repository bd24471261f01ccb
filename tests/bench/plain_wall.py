"""The plain way to the same wall, as tutorials have it: ``python -m tests.bench.plain_wall URL PORT``.

The whole GeoJSON goes through a callback that a `dcc.Interval` of one second wakes; levels come from the board
of the server at URL.
"""

import sys
from typing import Any

import dash_leaflet as dl
import httpx
from dash import Dash, Input, Output, dcc, html

COLOURS = ("#1a242c", "#3d5a67", "#f5b83d", "#b8332a")


def make(url: str) -> Dash:
    """An application of one page."""
    region = httpx.get(f"{url}/api/v1/region").json()
    cells = httpx.get(f"{url}{region['layers'][region['finest']]['url']}", timeout=60).json()
    app = Dash("plain")
    app.layout = html.Div(
        [
            dl.Map(dl.GeoJSON(id="cells", data=cells), center=[30.2, 121.3], zoom=11, style={"height": "100vh"}),
            html.B(id="pending"),
            dcc.Interval(id="tick", interval=1000),
        ]
    )

    @app.callback(Output("cells", "data"), Output("pending", "children"), Input("tick", "n_intervals"))
    def tick(_: int | None) -> tuple[Any, str]:
        board = httpx.get(f"{url}/api/v1/board").json()
        levels = board["layers"][region["finest"]]
        for feature in cells["features"]:
            counts = levels.get(feature["properties"]["code"], {"level": 0})
            feature["properties"]["colour"] = COLOURS[counts["level"]]
        return cells, str(board["figures"]["pending"])

    return app


if __name__ == "__main__":
    make(sys.argv[1]).run(host="127.0.0.1", port=int(sys.argv[2]))
