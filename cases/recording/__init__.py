"""What the desk adds to an event before it is recorded: the facts that only the rules know, and the events that follow.

Whoever sends an event says what happened; which unit acts at the new place, how far a check-in was from the case and
what two returns lead to is not for them to say. An event that comes late is completed with what was so then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cases.case import CaseState
from cases.errors import BadEvent, NotAllowed, UnknownDepartment
from cases.events import Event, EventKind
from cases.intake import EventRequest
from cases.lifecycle import TRANSITIONS, Actor, LegRule, allowed, check_status
from cases.recording import inspecting, parties, places, reattributing
from cases.recording.places import around
from cases.recording.reattributing import Outcome, Reattribution, outcome_of, reattributed
from cases.recording.rules import RULES, Rules, Scene, scene

__all__ = [
    "FOLLOWING",
    "PRECEDING",
    "RULES",
    "Outcome",
    "Reattribution",
    "Rules",
    "around",
    "complete",
    "outcome_of",
    "reattributed",
]


def complete(
    rules: Rules, history: Sequence[Event], state: CaseState, kind: EventKind, request: EventRequest, now: datetime
) -> list[Event]:
    """Build the event that was asked for, complete with what the rules know, and those that go with it.

    Raises
    ------
    BadEvent, BadSubject, BeforeOccurrence, NotAllowed, UnknownDepartment
    """
    if TRANSITIONS[kind].owners == {Actor.RULES}:
        raise BadEvent(f"The event {kind} follows from others by the rules; nobody can record it.")
    data = {name: value for name, value in request.data.items() if name not in KNOWN_BY_RULES.get(kind, ())}
    times = request.occurred_at.astimezone(UTC), now.astimezone(UTC)
    asked = Event(kind, *times, request.actor, request.leg, data)
    where = scene(history, state, asked, rules.calendar)
    if not where.is_late:
        check_status(state, kind)
    asked = replace(asked, leg=_leg(where.then, kind, request))
    try:
        completing = _COMPLETING.get(kind)
        event = replace(asked, data=data | completing(rules, where, asked)) if completing else asked
        return [
            *(one for preceding in PRECEDING.get(kind, ()) for one in preceding(rules, where, event)),
            event,
            *(one for following in FOLLOWING.get(kind, ()) for one in following(rules, where, event)),
        ]
    except NotAllowed as refusal:
        refusal.allowed = refusal.allowed or allowed(state)
        raise


def _leg(then: CaseState, kind: EventKind, request: EventRequest) -> int | None:
    """Give the number of the leg that is meant: whoever speaks of the lead means the one of that moment."""
    if request.leg is not None:
        if then.leg(request.leg) is None:
            known = ", ".join(f"{leg.number} {leg.department} ({leg.role})" for leg in then.legs)
            raise UnknownDepartment(f"The case {then.number} has no leg {request.leg}; it has: {known}.")
        return request.leg
    if request.department is not None:
        return parties.leg_of(then, request.department)
    return then.lead.number if TRANSITIONS[kind].leg in (LegRule.LEAD, LegRule.EITHER) else None


Completing = Callable[[Rules, Scene, Event], dict[str, Any]]
Accompanying = Callable[[Rules, Scene, Event], list[Event]]

_COMPLETING: Mapping[EventKind, Completing] = {
    EventKind.ARRIVED: places.checked_in,
    EventKind.TRANSFERRED: parties.transferred,
    EventKind.RELOCATED: places.relocated,
    EventKind.DISPUTED: parties.disputed,
    EventKind.SETTLED: parties.settled,
    EventKind.IDENTIFIED: inspecting.identified,
}
PRECEDING: Mapping[EventKind, tuple[Accompanying, ...]] = {EventKind.ARRIVED: (inspecting.comes,)}
FOLLOWING: Mapping[EventKind, tuple[Accompanying, ...]] = {
    EventKind.ACCEPTED: (inspecting.plans, parties.calls),
    EventKind.IDENTIFIED: (inspecting.plans_at_last,),
    EventKind.RETURNED: (parties.opens_dispute,),
    EventKind.SETTLED: (parties.hands_over,),
    EventKind.RELOCATED: (reattributing.places_anew,),
}
"""What the rules record at the same instant, before an event and after it. docs/lifecycle.md quotes the first lines."""

KNOWN_BY_RULES: Mapping[EventKind, frozenset[str]] = {
    EventKind.ARRIVED: frozenset({"lon", "lat", "distance_m"}),
    EventKind.TRANSFERRED: frozenset({"unit", "clause", "sentence"}),
    EventKind.RELOCATED: frozenset({"place", "units", "stays"}),
    EventKind.DISPUTED: frozenset({"budget"}),
    EventKind.SETTLED: frozenset({"unit", "clause", "sentence"}),
    EventKind.COMMENTED: frozenset({"merged_from", "erased"}),
    EventKind.MERGED: frozenset({"received_later"}),
}
"""Fields of an event's data that nobody can send: they are completed here, or left out."""
