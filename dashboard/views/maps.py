"""The host of a map: dash-leaflet brings an empty Leaflet map, assets/js/map.js draws on it."""

import json
from typing import Any

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component

NEAREST_ZOOM = 17


def county_map(
    component_id: str,
    label: str,
    bounds: tuple[float, float, float, float],
    *,
    mode: str,
    still: bool = False,
    area: str | None = None,
    padding: tuple[float, float, float, float] = (1, 1, 1, 1),
) -> Component:
    """Give a map of the region that the scripts fill.

    Parameters
    ----------
    component_id
        Own id for each map: two pages with a map without one would share it.
    bounds
        West, south, east, north of what is shown first, in degrees.
    mode
        wall, cockpit, township or case.
    still
        Whether nobody can move it.
    area
        Code of the area that it shows; None for the whole region.
    padding
        Top, right, bottom, left: how much of the map other things cover, in widths of 16 px at 1920 px.
    """
    west, south, east, north = bounds
    options: dict[str, Any] = {"mode": mode, "area": area, "padding": padding}
    moving = dict.fromkeys(
        ("dragging", "touchZoom", "scrollWheelZoom", "doubleClickZoom", "boxZoom", "keyboard", "tapHold"), not still
    )
    hosted = dl.Map(
        id=component_id,
        center=[(south + north) / 2, (west + east) / 2],
        zoom=10,
        minZoom=8,
        maxZoom=NEAREST_ZOOM,
        zoomSnap=0 if still else 0.25,
        zoomDelta=1,
        preferCanvas=True,
        attributionControl=False,
        trackViewport=False,
        zoomControl=not still,
        style={"width": "100%", "height": "100%"},
        **moving,
    )
    return html.Div(
        hosted,
        className=f"map map-{mode}",
        role="img" if still else "region",
        **{"aria-label": label, "data-map": json.dumps(options), "data-map-of": mode},
    )
