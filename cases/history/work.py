"""What work on a case does to it: asking, coming on site, finding, finishing, handing over, pausing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status, Stay
from cases.clock import ClockKind, Pause, due
from cases.events import Event, EventKind
from cases.history.folding import Case, areas_from, leg_from, of_kind, owned_by, place_from, resumed, runs_to_finish

EXTENDED_AFTER_DUE = "extended_after_due"
"""Note on a case whose finish clock was given more time when it had run out already."""

MERGED_INTO_LATER = "merged_into_later"
"""Note on a case that was merged into one that was received after it: the clocks of the earlier one end with it."""


def _accepted(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.ACCEPTED, accepted_at=event.occurred_at, ended_at=None)
    case.stop(event.occurred_at, owned_by(leg))
    case.start_finish_when_ready(event.occurred_at)


def _called(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.CALLED, asked_at=event.occurred_at)
    case.start(ClockKind.ARRIVE, leg.number, event.occurred_at)


def _arrived(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    reached = {"arrived_at": event.occurred_at, "arrived_m": event.data.get("distance_m"), "visit": case.state.visit}
    case.put(leg, status=LegStatus.ARRIVED, **reached)
    case.stop(event.occurred_at, owned_by(leg))


def _found(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    said = {"finding": event.data["finding"], "basis": event.data.get("basis") or None}
    case.put(leg, status=LegStatus.FOUND, found_at=event.occurred_at, **said)
    case.stop(event.occurred_at, owned_by(leg))  # a finding from afar: the department need not come any more
    case.start_finish_when_ready(event.occurred_at)


def _finished(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    for leg in (case.state.lead, *case.state.coordinating):
        case.put(leg, status=LegStatus.DONE, ended_at=event.occurred_at)
    case.stop(event.occurred_at, of_kind(ClockKind.FINISH))
    case.start(ClockKind.VERIFY, None, event.occurred_at)
    # The reporter was answered with an earlier result, if with any.
    case.state = replace(case.state, answered_at=None)


def _verified(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    case.stop(event.occurred_at, of_kind(ClockKind.VERIFY))


def _reopened(case: Case, event: Event, _: Leg, before: CaseState) -> None:
    at, lead = event.occurred_at, case.state.lead
    case.stop(at, of_kind(ClockKind.VERIFY))
    if before.status is Status.CLOSED:
        case.state = replace(case.state, spans=(*case.state.spans, Span(at)))
    for leg in case.state.legs:
        # Parts that were cut off by closing early go on; parts that were done stay done, except the lead's.
        if leg.is_active and (leg.status is not LegStatus.DONE or leg == lead):
            case.put(leg, ended_at=None, status=LegStatus.ACCEPTED if leg.status is LegStatus.DONE else leg.status)
            if leg.status is LegStatus.CALLED:
                case.start(ClockKind.ARRIVE, leg.number, at)
    if lead.status is LegStatus.ASKED:
        case.put(lead, asked_at=at)
        case.start(ClockKind.RESPOND, lead.number, at)
    case.start_finish_when_ready(at)


def _closed(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    case.end(event.occurred_at)


def _returned(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.RETURNED, ended_at=event.occurred_at)
    case.stop(event.occurred_at, owned_by(leg))


def _transferred(case: Case, event: Event, _: Leg, before: CaseState) -> None:
    at, department = event.occurred_at, event.data["department"]
    for leg in before.legs:
        # A coordinating department that is put in charge has one part from now on, not two.
        if leg == before.lead or (leg.is_active and leg.department == department):
            if leg.is_active:
                case.put(leg, status=LegStatus.TRANSFERRED, ended_at=at)
            case.stop(at, owned_by(leg))
    named = {"unit": None, "clause": "", "sentence": ""} | dict(event.data)
    leg = leg_from(named | {"role": LegRole.LEAD}, len(before.legs) + 1, at)
    case.state = replace(case.state, legs=(*case.state.legs, leg))
    case.start(ClockKind.RESPOND, leg.number, at)


def _extended(case: Case, event: Event, _: Leg, before: CaseState) -> None:
    amount = event.data["amount"]
    for clock in before.clocks:
        ends = due(clock, case.calendar) if runs_to_finish(clock) else None
        if ends and ends.due_at < event.occurred_at and EXTENDED_AFTER_DUE not in case.state.notes:
            case.state = replace(case.state, notes=(*case.state.notes, EXTENDED_AFTER_DUE))
    case.change(
        runs_to_finish,
        lambda clock: replace(clock, budget=replace(clock.budget, amount=clock.budget.amount + amount)),
    )


def _suspended(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    pause = Pause(event.occurred_at)
    case.change(runs_to_finish, lambda clock: replace(clock, pauses=(*clock.pauses, pause)))


def _resume(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    at = event.occurred_at
    case.change(runs_to_finish, lambda clock: replace(clock, pauses=resumed(clock.pauses, at)))


def _merged(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    notes = (MERGED_INTO_LATER,) if event.data.get("received_later") else ()
    case.state = replace(case.state, merged_into=event.data["into"], notes=(*case.state.notes, *notes))
    case.end(event.occurred_at)


def _relocated(case: Case, event: Event, _: Leg, before: CaseState) -> None:
    case.state = replace(case.state, **place_from(event.data["place"]))
    # The point was wrong all the time: so were the areas by earlier lines.
    corrected = event.data.get("stays", ())
    if len(corrected) == len(before.stays):
        stays = tuple(replace(stay, **areas_from(data)) for stay, data in zip(before.stays, corrected, strict=True))
        case.state = replace(case.state, stays=stays)
    _hand_to_units(case, event)


def _reattributed(case: Case, event: Event, _: Leg, before: CaseState) -> None:
    place, at = event.data["place"], event.occurred_at
    since = before.stays[-1].until if before.stays else before.received_at
    stays = before.stays
    if not stays or since < at:  # else it was placed anew by lines to which it was moved at this very instant
        areas = before.cell, before.village, before.township, before.areas
        stays = (*stays, Stay(*areas, before.boundaries, since, at))
    day = date.fromisoformat(event.data["boundaries"])
    moved = areas_from(place) | {"flags": tuple(place["flags"]), "boundaries": day, "stays": stays}
    case.state = replace(case.state, **moved)
    _hand_to_units(case, event)


def _hand_to_units(case: Case, event: Event) -> None:
    for number, acting in event.data.get("units", {}).items():
        leg = case.state.leg(int(number))
        if leg:
            case.put(leg, unit=acting["unit"], sentence=acting["sentence"])


EFFECTS: dict[EventKind, Callable[[Case, Event, Leg, CaseState], None]] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.CALLED: _called,
    EventKind.ARRIVED: _arrived,
    EventKind.FOUND: _found,
    EventKind.FINISHED: _finished,
    EventKind.VERIFIED: _verified,
    EventKind.REOPENED: _reopened,
    EventKind.CLOSED: _closed,
    EventKind.RETURNED: _returned,
    EventKind.TRANSFERRED: _transferred,
    EventKind.EXTENDED: _extended,
    EventKind.SUSPENDED: _suspended,
    EventKind.RESUMED: _resume,
    EventKind.MERGED: _merged,
    EventKind.RELOCATED: _relocated,
    EventKind.REATTRIBUTED: _reattributed,
}
