"""Cases that stand elsewhere because the lines were moved: what is written about them, by the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from cases.case import CaseState
from cases.events import Event, EventKind
from cases.intake import areas_as_data
from cases.ports import BY_LINES, Place
from cases.recording.places import placed_by, units_by_lines
from cases.recording.rules import RULES, Rules, Scene, by_rules


@dataclass(frozen=True, slots=True)
class Reattribution:
    """A change of lines that open cases follow.

    Attributes
    ----------
    boundaries
        First day of the boundaries by which the cases stand from now on.
    reason, approved_by
        Why, and who said so; kept in the event of every case.
    """

    boundaries: date
    reason: str
    approved_by: str


class Outcome(StrEnum):
    """What became of a case that was to be moved."""

    MOVED = "moved"
    THERE = "there"
    CLOSED = "closed"
    CHANGED = "changed"


def outcome_of(state: CaseState, place: Place) -> Outcome:
    """Say whether a case can be moved to a place that was found for its point.

    A closed case never moves; one whose point has been corrected since must be placed anew; one that stands there
    already needs no event.
    """
    if not state.is_pending:
        return Outcome.CLOSED
    if (state.lon, state.lat) != (place.lon, place.lat):
        return Outcome.CHANGED
    here = state.cell, state.village, state.township, dict(state.areas)
    return Outcome.THERE if here == (place.cell, place.village, place.township, dict(place.areas)) else Outcome.MOVED


def reattributed(
    rules: Rules, history: Sequence[Event], state: CaseState, place: Place, change: Reattribution, now: datetime
) -> Event:
    """Build the event by which a case moves, with the units that act there from now on.

    It never comes late: what is known to have happened, with whatever clock, happened where the case stood before.
    """
    at = max(now.astimezone(UTC), *(event.occurred_at for event in history))
    why = {"boundaries": change.boundaries.isoformat(), "reason": change.reason, "approved_by": change.approved_by}
    data = why | {"place": _place(state, place), "units": units_by_lines(rules, place, state, rules.day(at))}
    return Event(EventKind.REATTRIBUTED, at, now.astimezone(UTC), RULES, data=data)


def places_anew(rules: Rules, scene: Scene, event: Event) -> list[Event]:
    """Place the case anew by the boundaries to which it was moved later, where its point is corrected late."""
    found = []
    for later in scene.history:
        if later.kind is EventKind.REATTRIBUTED and later.occurred_at > event.occurred_at:
            day = date.fromisoformat(later.data["boundaries"])
            place = placed_by(rules, scene.then, event, day)
            why: Mapping[str, Any] = {name: later.data[name] for name in ("boundaries", "reason", "approved_by")}
            units = units_by_lines(rules, place, scene.now, rules.day(later.occurred_at))
            moved = by_rules(EventKind.REATTRIBUTED, event, **why, place=_place(scene.then, place), units=units)
            found.append(_at(moved, later.occurred_at))
    return found


def _at(event: Event, instant: datetime) -> Event:
    return Event(event.kind, instant, event.recorded_at, event.actor, event.leg, event.data)


def _place(state: CaseState, place: Place) -> dict[str, Any]:
    """Write the areas, without the point: it stays what it is, also when it is corrected for a time before."""
    read = [flag for flag in state.flags if flag not in BY_LINES]
    flags = [*read, *(flag for flag in place.flags if flag in BY_LINES)]
    return areas_as_data(place) | {"flags": flags, "nearest": place.nearest, "nearest_m": place.nearest_m}
