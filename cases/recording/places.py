"""Events with a point: who checks in where, and where a case really is."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from cases.case import FAR_M, CaseState, Leg
from cases.errors import BadEvent
from cases.events import Event
from cases.intake import areas_as_data, place_as_data
from cases.ports import Place
from cases.recording.rules import Rules, Scene
from cases.routing import LINES_MOVED, POINT_MOVED, moved_with, route


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
    state = scene.then
    place, *_ = _read(rules, state, event)
    acting = _acting_at(rules, place, state, rules.day(event.occurred_at), POINT_MOVED)
    units = {str(one.leg.number): {"unit": one.unit, "sentence": one.sentence} for one in acting}
    data = {"place": place_as_data(place), "units": units}
    if not state.stays:
        return data
    # Where it stood by earlier lines was as wrong as the point.
    stays = [areas_as_data(placed_by(rules, state, event, stay.boundaries)) for stay in state.stays]
    return data | {"stays": stays}


def placed_by(rules: Rules, state: CaseState, event: Event, boundaries: date | None) -> Place:
    """Find the place of an event's point by the boundaries of a day, None for that on which the case occurred."""
    at = state.occurred_at if boundaries is None else rules.calendar.start_of_day(boundaries)
    return _placed(rules, state, event, at)[0]


def units_by_lines(rules: Rules, place: Place, state: CaseState, day: date) -> dict[str, dict[str, str | None]]:
    """Give unit and sentence, by number of the leg, where new lines make another unit act or another department lead.

    A unit that stays may have stood in the township and serve it now, and the sentence says so. What tells of a
    transfer or a decision stays as it is while its unit does: no line undoes that.
    """
    return {
        str(one.leg.number): {"unit": one.unit, "sentence": one.sentence}
        for one in _acting_at(rules, place, state, day, LINES_MOVED)
        if one.unit != one.leg.unit or one.asks or (one.by_lists and one.sentence != one.leg.sentence)
    }


def around(place: Place) -> tuple[str, ...]:
    """Give the codes of the areas other than the township that cover a place."""
    return tuple(code for code in (place.village, place.cell, *place.areas.values()) if code)


def _read(rules: Rules, state: CaseState, event: Event) -> tuple[Place, float, float]:
    """Read the point of an event by the lines that hold for the case: the place, longitude and latitude in degrees."""
    lines = state.boundaries
    return _placed(rules, state, event, rules.calendar.start_of_day(lines) if lines else state.occurred_at)


def _placed(rules: Rules, state: CaseState, event: Event, at: datetime) -> tuple[Place, float, float]:
    point = event.data.get("point")
    if not isinstance(point, Mapping) or not isinstance(point.get("crs"), str):
        # The CRS of the source would be a guess here: whoever moves a case points at our map, not at the source's.
        raise BadEvent(f"The event {event.kind} needs data.point with x, y and crs, such as EPSG:4490.")
    place = rules.gazetteer.place(point.get("x"), point.get("y"), point["crs"], state.source, at)
    if place.lon is None or place.lat is None:
        raise BadEvent(f"The point {point!r:.200} cannot be read; give x (longitude), y (latitude) and their crs.")
    return place, place.lon, place.lat


class _Acting(NamedTuple):
    """Who acts for a leg at a new place, whether another department should lead, and whether lists made it a leg."""

    leg: Leg
    unit: str | None
    sentence: str
    asks: bool
    by_lists: bool


def _acting_at(rules: Rules, place: Place, state: CaseState, day: date, why: tuple[str, str]) -> Iterator[_Acting]:
    """Give who acts at a new place for the departments that are still at work."""
    received, version = rules.day(state.received_at), rules.version(state)
    ways = [
        route(state.matter, place.township, when, version, rules.organisation, areas=around(place))
        for when in (received, day)
    ]
    named = {(leg.role, leg.department): leg for leg in ways[1].legs}
    held = version.matters.get(state.matter)
    rightful = None if ways[0].triage else ways[0].legs[0].department
    for leg in state.legs:
        if leg.ended_at is None:
            here = named.get((leg.role, leg.department))
            # Who leads by transfer leads by somebody's decision, which no list corrects.
            other = rightful if leg.number == 1 and rightful != leg.department else None
            unit, sentence = (
                (here.unit, here.sentence)
                if here and not other
                else moved_with(leg, place.township, day, rules.organisation, other, why)
            )
            by_lists = leg.clause.startswith(held.clause if held else "")
            yield _Acting(leg, unit, sentence, other is not None, by_lists)
