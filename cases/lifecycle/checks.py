"""The checks that read the table. Each raises a sentence; `can_record` and `allowed` wrap them: one rule behind all.

What is stored was accepted by the rules of its day: an event that comes late changes only where it may stand, not what
it says. So what an event must hold, and what only a new one may not do, is asked of new events alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cases.case import CaseState, Leg, LegRole, LegStatus, Status
from cases.clock import Clock, ClockKind
from cases.errors import BadEvent, CaseError, NotAllowed, UnknownDepartment
from cases.events import Event, EventKind
from cases.lifecycle.table import TRANSITIONS, Actor, LegRule
from cases.organisation import TOWNSHIP

MOST_EXTENSION = 1_000
"""Largest amount that one extension may add, in the unit of the clock: more is a slip of the hand."""

_RULES = frozenset({Actor.RULES})
_SHAPES: dict[str, type] = {"amount": int, "place": Mapping, "subject": Mapping}
"""Required fields that are no text."""


def next_status(kind: EventKind, state: CaseState) -> Status:
    """Give the status that follows an event, which must be allowed.

    A case that was closed before its lead accepted goes back to being asked, not to being accepted: nobody has it yet.
    """
    if kind is EventKind.REOPENED and state.lead.status in (LegStatus.ASKED, LegStatus.RETURNED):
        return Status.RECEIVED
    return TRANSITIONS[kind].next[state.status]


def check_status(state: CaseState, kind: EventKind) -> None:
    """Refuse a kind that the table does not hold for the status of the case."""
    if state.status not in TRANSITIONS[kind].next:
        kinds = allowed(state)
        ways = ", ".join(kinds) or "none"
        raise NotAllowed(f"A case that is {state.status} cannot be {kind}; allowed now: {ways}.", kinds)


def check_data(kind: EventKind, data: Mapping[str, Any]) -> None:
    """Refuse data in which a field is missing, empty or no text, or an amount is not a whole number of its unit."""
    for name in TRANSITIONS[kind].optional:
        if data.get(name) is not None and not isinstance(data[name], str):
            raise BadEvent(f"data.{name} of the event {kind} is {data[name]!r:.100}; give a text, or leave it out.")
    for name in TRANSITIONS[kind].required:
        value = data.get(name)
        wanted = _SHAPES.get(name, str)
        if not isinstance(value, wanted) or (isinstance(value, str) and not value.strip()):
            fields = ", ".join(TRANSITIONS[kind].required)
            raise BadEvent(f"The event {kind} needs data.{name}, and has {value!r:.100}; it needs {fields}.")
    if kind is EventKind.EXTENDED:
        amount = data["amount"]
        if isinstance(amount, bool) or not 1 <= amount <= MOST_EXTENSION:
            raise BadEvent(
                f"data.amount is {amount!r}; give a whole number from 1 to {MOST_EXTENSION}, in the unit of the clock."
            )


def resolve_leg(state: CaseState, kind: EventKind, number: int | None) -> Leg | None:
    """Give the leg that an event concerns, or None for the case as a whole.

    Raises
    ------
    UnknownDepartment
        There is no leg with this number.
    NotAllowed
        The leg is not of the kind that the event concerns.
    """
    rule = TRANSITIONS[kind].leg
    if rule is LegRule.NONE:
        return None
    if number is None and rule is not LegRule.COORDINATING:
        return state.lead
    leg = state.leg(number) if number is not None else None
    if leg is None:
        known = ", ".join(f"{leg.number} {leg.department} ({leg.role})" for leg in state.legs)
        raise UnknownDepartment(f"The case {state.number} has no leg {number}; it has: {known}.")
    if rule is LegRule.LEAD and leg != state.lead:
        lead = state.lead
        raise _refused(
            state, f"Leg {number} ({leg.department}) is not in charge; leg {lead.number} ({lead.department}) is."
        )
    if rule is LegRule.COORDINATING and leg.role is not LegRole.COORDINATING:
        raise _refused(state, f"Leg {number} ({leg.department}) leads; only a coordinating department can be {kind}.")
    return leg


def check_leg(state: CaseState, kind: EventKind, leg: Leg | None) -> None:
    """Refuse an event that the leg's own standing, or the clock that it concerns, does not allow."""
    condition = CONDITIONS.get(kind)
    complaint = condition(state, leg or state.lead) if condition else None
    if complaint:
        raise _refused(state, complaint)


def check_event(state: CaseState, event: Event) -> None:
    """Refuse an event that the table, its data, its leg or its clock does not allow.

    Raises
    ------
    NotAllowed, BadEvent, UnknownDepartment
    """
    check_status(state, event.kind)
    if not event.revision:
        check_data(event.kind, event.data)
    try:
        leg = resolve_leg(state, event.kind, event.leg)
        check_leg(state, event.kind, leg)
        _check_target(state, event)
        if not event.revision:
            _check_new(state, event, leg or state.lead)
    except NotAllowed as refusal:
        refusal.allowed = allowed(state)
        raise


def check_numbers(known: CaseState, changed: CaseState) -> None:
    """Refuse a late event after which a number means another leg: events that are stored name their leg by it.

    Raises
    ------
    NotAllowed
    """
    for before, after in zip(known.legs, changed.legs, strict=False):
        if (before.role, before.department) != (after.role, after.department):
            raise _refused(
                known,
                f"Leg {before.number} is {before.department}, to which the case is known to have gone; it cannot have"
                f" gone to {after.department} before.",
            )


def _check_target(state: CaseState, event: Event) -> None:
    if event.kind is EventKind.TRANSFERRED and event.data["department"] == state.lead.department:
        raise _refused(state, f"{state.lead.department} leads already; name another department.")
    if event.kind is EventKind.MERGED and event.data["into"] == state.number:
        raise _refused(state, f"{state.number} cannot be merged into itself; name the case that stays.")


def _check_new(state: CaseState, event: Event, leg: Leg) -> None:
    kind, condition = event.kind, NEW_CONDITIONS.get(event.kind)
    complaint = condition(state, leg) if condition else None
    if kind is EventKind.CLOSED and state.status is not Status.VERIFIED and not event.data.get("reason"):
        complaint = (
            f"A case that is {state.status} closes only with data.reason (transferred out, closed at source, void)."
        )
    if kind in (EventKind.URGED, EventKind.SUPERVISED) and event.actor in names_of(state, leg):
        complaint = f"{event.actor} cannot be {kind} by itself; leg {leg.number} is its own."
    if complaint:
        raise _refused(state, complaint)


def names_of(state: CaseState, leg: Leg) -> tuple[str | None, ...]:
    """Give the codes under which whoever has a leg may act; a leg of the township itself is its leader's own."""
    return leg.department, leg.unit, state.township if leg.department == TOWNSHIP else leg.unit


def can_record(state: CaseState, kind: EventKind, leg: int | None = None) -> bool:
    """Say whether an event of this kind is possible now on a leg (by default: on any), whatever its data."""
    if state.status not in TRANSITIONS[kind].next:
        return False
    numbers = [leg] if leg is not None or TRANSITIONS[kind].leg is LegRule.NONE else [one.number for one in state.legs]
    return any(_passes(state, kind, number) for number in numbers)


def allowed(state: CaseState) -> tuple[str, ...]:
    """Give the kinds of event that somebody can record now, in the order of `EventKind`."""
    return tuple(kind.value for kind in EventKind if TRANSITIONS[kind].owners != _RULES and can_record(state, kind))


def missing_findings(state: CaseState) -> tuple[Leg, ...]:
    """Give the legs whose finding joint enforcement still waits for; none for a case of one department."""
    legs = state.coordinating
    return tuple(leg for leg in (state.lead, *legs) if leg.found_at is None) if legs else ()


def _passes(state: CaseState, kind: EventKind, number: int | None) -> bool:
    try:
        leg = resolve_leg(state, kind, number)
        check_leg(state, kind, leg)
    except CaseError:
        return False
    condition = NEW_CONDITIONS.get(kind)
    return condition is None or condition(state, leg or state.lead) is None


def _refused(state: CaseState, complaint: str) -> NotAllowed:
    # Without the allowed kinds: finding them runs these checks again. `check_event` adds them.
    return NotAllowed(f"{complaint} The case is {state.status}.")


def _finish_clock(state: CaseState) -> Clock | None:
    return state.running(ClockKind.FINISH)


def _of(leg: Leg) -> str:
    return f"Leg {leg.number} ({leg.department}) is {leg.status}"


def _accept(_: CaseState, leg: Leg) -> str | None:
    """Require that the lead was asked, or that it wanted to hand the case back and nobody else has it yet."""
    # A lead that wanted to return the case stays in charge until another is named, so it may accept after all.
    return None if leg.status in (LegStatus.ASKED, LegStatus.RETURNED) else f"{_of(leg)} and cannot accept."


def _call(_: CaseState, leg: Leg) -> str | None:
    """Require that the department waits to be called."""
    return None if leg.status is LegStatus.WAITING else f"{_of(leg)} and is not waiting to be called."


def _arrive(_: CaseState, leg: Leg) -> str | None:
    """Require that the lead has accepted; a coordinating department has been called."""
    ready = LegStatus.ACCEPTED if leg.role is LegRole.LEAD else LegStatus.CALLED
    return None if leg.status is ready else f"{_of(leg)}; it can arrive only when it is {ready}."


def _find(_: CaseState, leg: Leg) -> str | None:
    """Require that the leg could come on site, or has; a finding is recorded once."""
    ready = LegStatus.ACCEPTED if leg.role is LegRole.LEAD else LegStatus.CALLED
    if leg.status in (ready, LegStatus.ARRIVED):
        return None
    return f"{_of(leg)}; it can record a finding only when it is {ready} or arrived, and once."


def _finish(state: CaseState, _: Leg) -> str | None:
    """Require that no finding is missing, where several departments are at work."""
    missing = missing_findings(state)
    if not missing:
        return None
    names = ", ".join(f"leg {leg.number} ({leg.department})" for leg in missing)
    return f"The unified result needs every finding first; missing: {names}."


def _return(_: CaseState, leg: Leg) -> str | None:
    """Require that the lead was asked or has accepted, and has neither come nor found anything."""
    ready = (LegStatus.ASKED, LegStatus.ACCEPTED)
    return None if leg.status in ready else f"{_of(leg)} and cannot return the case."


def _runs(state: CaseState, _: Leg) -> str | None:
    """Require that the finish clock runs."""
    return None if _finish_clock(state) else "The finish clock does not run; there is nothing to extend or suspend."


def _suspend(state: CaseState, _: Leg) -> str | None:
    """Require that the finish clock runs and is not suspended."""
    clock = _finish_clock(state)
    if clock is None:
        return "The finish clock does not run; there is nothing to suspend."
    return "The finish clock is suspended already." if clock.is_paused else None


def _resume(state: CaseState, _: Leg) -> str | None:
    """Require that the finish clock is suspended."""
    clock = _finish_clock(state)
    return None if clock and clock.is_paused else "The finish clock is not suspended; there is nothing to resume."


def _reply(_: CaseState, leg: Leg) -> str | None:
    """Require that the leg was put under supervision and has not replied since."""
    return None if leg.owes_reply else f"{_of(leg)} and not under supervision, or has replied already."


def _dispute(_: CaseState, leg: Leg) -> str | None:
    """Require that the leg is not disputed already."""
    return f"{_of(leg)} and disputed already; the adjudicator settles it." if leg.disputed else None


def _settle(_: CaseState, leg: Leg) -> str | None:
    """Require that the leg is disputed."""
    return None if leg.disputed else f"{_of(leg)} and not disputed; there is nothing to state or settle."


CONDITIONS: dict[EventKind, Callable[[CaseState, Leg], str | None]] = {
    EventKind.ACCEPTED: _accept,
    EventKind.CALLED: _call,
    EventKind.ARRIVED: _arrive,
    EventKind.FOUND: _find,
    EventKind.FINISHED: _finish,
    EventKind.RETURNED: _return,
    EventKind.EXTENDED: _runs,
    EventKind.SUSPENDED: _suspend,
    EventKind.RESUMED: _resume,
    EventKind.REPLIED: _reply,
    EventKind.DISPUTED: _dispute,
    EventKind.STATED: _settle,
    EventKind.SETTLED: _settle,
}
"""What a leg or clock must be like for an event, as a complaint or None."""


def _hand_on(state: CaseState, _: Leg) -> str | None:
    """Require that the lead is not disputed: it stays in charge until the adjudicator settles it."""
    lead = state.lead
    if state.open_dispute(lead.number) is None:
        return None
    return f"Leg {lead.number} ({lead.department}) is disputed; it stays in charge until the adjudicator settles it."


def _concern(state: CaseState, leg: Leg) -> str | None:
    """Require that the leg has a part in the case; one that handed it on has not."""
    # A lead that wants to hand the case back still has it.
    return None if leg.is_active or leg == state.lead else f"{_of(leg)} and has no part in the case any more."


NEW_CONDITIONS: dict[EventKind, Callable[[CaseState, Leg], str | None]] = {
    EventKind.RETURNED: _hand_on,
    EventKind.TRANSFERRED: _hand_on,
    EventKind.URGED: _concern,
    EventKind.SUPERVISED: _concern,
    EventKind.DISPUTED: _concern,
}
"""The same for new events alone: histories may hold others, from before there was the rule."""
