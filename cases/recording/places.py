"""Events with a point: who checks in where, and where a case really is."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.case import FAR_M, CaseState
from cases.errors import BadEvent
from cases.events import Event
from cases.intake import place_as_data
from cases.ports import Place
from cases.recording.rules import Rules, Scene
from cases.routing import moved_with, route


def checked_in(rules: Rules, scene: Scene, event: Event) -> dict[str, Any]:
    """Measure how far a check-in is from the case as it stood then; one from another county is a mistake or worse."""
    if event.data.get("point") is None:
        return {}
    state = scene.then
    place, lon, lat = _read(rules, state, event)
    metres = None
    if state.lon is not None and state.lat is not None:
        metres = round(rules.gazetteer.metres(state.lon, state.lat, lon, lat), 1)
    if "outside" in place.flags and (metres is None or metres > FAR_M):
        where = f"{metres / 1000:.1f} km from the case" if metres is not None else "and the case has no place"
        raise BadEvent(
            f"The check-in at {lon:.5f}, {lat:.5f} lies outside the region, {where}; correct the position or its crs,"
            " or check in without data.point."
        )
    return {"lon": lon, "lat": lat, "distance_m": metres}


def relocated(rules: Rules, scene: Scene, event: Event) -> dict[str, Any]:
    """Find the place of the new point, and the units that act there for the departments that were at work then."""
    place, *_ = _read(rules, scene.then, event)
    units = _units_at(rules, place, scene.then, rules.day(event.occurred_at))
    return {"place": place_as_data(place), "units": units}


def around(place: Place) -> tuple[str, ...]:
    """Give the codes of the areas other than the township that cover a place."""
    return tuple(code for code in (place.village, place.cell, *place.areas.values()) if code)


def _read(rules: Rules, state: CaseState, event: Event) -> tuple[Place, float, float]:
    """Read the point of an event: the place, its longitude and its latitude in degrees."""
    point = event.data.get("point")
    if not isinstance(point, Mapping) or not isinstance(point.get("crs"), str):
        # The CRS of the source would be a guess here: whoever moves a case points at our map, not at the source's.
        raise BadEvent(f"The event {event.kind} needs data.point with x, y and crs, such as EPSG:4490.")
    place = rules.gazetteer.place(point.get("x"), point.get("y"), point["crs"], state.source, state.occurred_at)
    if place.lon is None or place.lat is None:
        raise BadEvent(f"The point {point!r:.200} cannot be read; give x (longitude), y (latitude) and their crs.")
    return place, place.lon, place.lat


def _units_at(rules: Rules, place: Place, state: CaseState, day: date) -> dict[str, dict[str, str | None]]:
    """Give unit and sentence at a new place by number of the leg, for the departments still at work."""
    received, version = rules.day(state.received_at), rules.version(state)
    ways = [
        route(state.matter, place.township, when, version, rules.organisation, areas=around(place))
        for when in (received, day)
    ]
    named = {(leg.role, leg.department): leg for leg in ways[1].legs}
    rightful = None if ways[0].triage else ways[0].legs[0].department
    units = {}
    for leg in state.legs:
        if leg.ended_at is None:
            here = named.get((leg.role, leg.department))
            # Who leads by transfer leads by somebody's decision, which no list corrects.
            other = rightful if leg.number == 1 and rightful != leg.department else None
            unit, sentence = (
                (here.unit, here.sentence)
                if here and not other
                else moved_with(leg, place.township, day, rules.organisation, other)
            )
            units[str(leg.number)] = {"unit": unit, "sentence": sentence}
    return units
