"""Rows of a case: what of its state and of its events stands in which column."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table

from cases.case import CaseState, Dispute, Leg, Span, Stay
from cases.clock import Clock
from cases.events import Event
from data import tables

HOUR = timedelta(hours=1)
LONGEST_CLASS = 17  # of spans from 2¹⁶ hours, 7.5 years, on
PARTS = (tables.legs, tables.clocks, tables.spans, tables.disputes, tables.stays)
"""What a case has several of: rewritten whenever it changes."""


def case_row(state: CaseState) -> dict[str, Any]:
    """Everything of a state that stands in table `cases`, except the body hash, which never changes."""
    return {
        "number": state.number,
        "source": state.source,
        "source_id": state.source_id,
        "matter": state.matter,
        "platform": state.platform,
        "domain": state.domain,
        "status": state.status,
        "merged_into": state.merged_into,
        "occurred_at": state.occurred_at,
        "received_at": state.received_at,
        "lon": state.lon,
        "lat": state.lat,
        "cell": state.cell,
        "village": state.village,
        "township": state.township,
        "areas": dict(state.areas),
        "flags": list(state.flags),
        "report": dict(state.report),
        "list_version": state.list_version,
        "notes": list(state.notes),
        "subject": state.subject,
        "visit": state.visit,
        "checks": {department: list(items) for department, items in state.checks.items()},
        "answered_at": state.answered_at,
        "boundaries": state.boundaries,
        "revision": state.revision,
    } | board_columns(state)


def board_columns(state: CaseState) -> dict[str, Any]:
    """Compute what a board must know at a glance: who leads, whether it is pending, what is due next and from whom.

    `amber_at` and `due_at` are the earliest over the running clocks, each for itself: the worst clock decides.
    """
    lead = state.lead
    running = [(clock.due, clock) for clock in state.clocks if clock.stopped_at is None and clock.due is not None]
    due, clock = min(running, key=lambda pair: pair[0].due_at, default=(None, None))
    return {
        "lead": lead.department if lead else None,
        "lead_unit": lead.unit if lead else None,
        "pending": bool(state.spans) and state.spans[-1].closed_at is None,
        "amber_at": min((due.amber_at for due, _ in running), default=None),
        "due_at": due.due_at if due else None,
        "due_kind": clock.kind if clock else None,
        "due_department": owner_of(state, clock) if clock else None,
        "provisional": any(due.provisional for due, _ in running),
    }


def owner_of(state: CaseState, clock: Clock) -> str | None:
    """Name the department that a clock runs for: its leg's, or the lead's for a clock of the case as a whole."""
    leg = state.lead if clock.leg is None else next((leg for leg in state.legs if leg.number == clock.leg), None)
    return leg.department if leg else None


def length_class(span: Span) -> int | None:
    """Give the class of a span's length, which is shorter than 2ⁿ hours in class n; None while it is open.

    With it, the spans that hold an instant are found in a few short stretches of an index, however long the history is:
    one of class n that holds the instant was opened less than 2ⁿ hours before. The last class holds all longer ones.
    """
    if span.closed_at is None:
        return None
    return min(((span.closed_at - span.opened_at) // HOUR).bit_length(), LONGEST_CLASS)


def _leg_row(number: str, leg: Leg) -> dict[str, Any]:
    return {
        "number": number,
        "leg": leg.number,
        "role": leg.role,
        "department": leg.department,
        "unit": leg.unit,
        "clause": leg.clause,
        "sentence": leg.sentence,
        "status": leg.status,
        "asked_at": leg.asked_at,
        "accepted_at": leg.accepted_at,
        "arrived_at": leg.arrived_at,
        "found_at": leg.found_at,
        "ended_at": leg.ended_at,
        "finding": leg.finding,
        "disputed": leg.disputed,
        "arrangements": list(leg.arrangements),
        "basis": leg.basis,
        "arrived_m": leg.arrived_m,
        "visit": leg.visit,
        "urged": leg.urged,
        "supervised_at": leg.supervised_at,
        "replied_at": leg.replied_at,
    }


def _clock_row(state: CaseState, ordinal: int, clock: Clock) -> dict[str, Any]:
    return {
        "number": state.number,
        "ordinal": ordinal,
        "kind": clock.kind,
        "leg": clock.leg,
        "department": owner_of(state, clock),
        "round": clock.round,
        "started_at": clock.started_at,
        "budget": clock.budget.amount,
        "unit": clock.budget.unit,
        "pauses": [[_written(pause.start), _written(pause.end)] for pause in clock.pauses],
        "stopped_at": clock.stopped_at,
        "amber_at": clock.due.amber_at if clock.due else None,
        "due_at": clock.due.due_at if clock.due else None,
        "provisional": clock.due.provisional if clock.due else False,
    }


def _span_row(number: str, ordinal: int, span: Span) -> dict[str, Any]:
    return {
        "number": number,
        "ordinal": ordinal,
        "opened_at": span.opened_at,
        "closed_at": span.closed_at,
        "length": length_class(span),
    }


def _dispute_row(number: str, ordinal: int, dispute: Dispute) -> dict[str, Any]:
    due = dispute.clock.due
    return {
        "number": number,
        "ordinal": ordinal,
        "leg": dispute.leg,
        "opened_at": dispute.opened_at,
        "opened_by": dispute.opened_by,
        "clause": dispute.clause,
        "wanted": dispute.wanted,
        "views": [{"by": view.by, "at": _written(view.at), "text": view.text} for view in dispute.views],
        "budget": dispute.clock.budget.amount,
        "unit": dispute.clock.budget.unit,
        "amber_at": due.amber_at if due else None,
        "due_at": due.due_at if due else None,
        "provisional": due.provisional if due else False,
        "settled_at": dispute.settled_at,
        "decided": dispute.decided,
        "decision": dispute.decision,
        "ruling": None if dispute.ruling is None else dict(dispute.ruling),
    }


def _stay_row(number: str, ordinal: int, stay: Stay) -> dict[str, Any]:
    return {
        "number": number,
        "ordinal": ordinal,
        "cell": stay.cell,
        "village": stay.village,
        "township": stay.township,
        "areas": dict(stay.areas),
        "boundaries": stay.boundaries,
        "since": stay.since,
        "until": stay.until,
    }


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def event_rows(number: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Give the rows of events that have their revisions."""
    return [
        {
            "revision": event.revision,
            "number": number,
            "kind": event.kind,
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "actor": event.actor,
            "leg": event.leg,
            "data": dict(event.data),
        }
        for event in events
    ]


def part_rows(state: CaseState) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Give the rows of `PARTS`, table by table."""
    number = state.number
    return [
        (tables.legs, [_leg_row(number, leg) for leg in state.legs]),
        (tables.clocks, [_clock_row(state, ordinal, clock) for ordinal, clock in enumerate(state.clocks)]),
        (tables.spans, [_span_row(number, ordinal, span) for ordinal, span in enumerate(state.spans)]),
        (tables.disputes, [_dispute_row(number, ordinal, one) for ordinal, one in enumerate(state.disputes)]),
        (tables.stays, [_stay_row(number, ordinal, stay) for ordinal, stay in enumerate(state.stays)]),
    ]
