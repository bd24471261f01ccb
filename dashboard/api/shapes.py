"""What goes out through the door: cases, rows and events as JSON.

Until people sign in, nobody is entitled to personal data, so contacts are masked for everyone.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cases.case import CaseState, Dispute, Leg, Stay
from cases.clock import Clock, level, outcome
from cases.events import Event
from cases.lifecycle import allowed
from dashboard.services import Services
from data.views import CasePage, CaseRow

MASK = "＊"
LAYERS = {"cell": "grid", "village": "village", "township": "township"}


def masked(contact: Mapping[str, Any]) -> dict[str, Any]:
    """Give a contact by which the owner recognises it and nobody else: first character of a name, end of a number."""
    found = {}
    for name, value in contact.items():
        text = str(value or "")
        if not text:
            found[name] = ""
        elif name == "name":
            found[name] = text[0] + MASK * 2
        else:
            found[name] = MASK * 4 + text[-2:] if len(text) > 6 else MASK * 4
    return found


def area(services: Services, field: str, code: str | None, day: date) -> dict[str, str] | None:
    """Give code and name of an area, by the boundaries of the day by which the case stands."""
    layer = services.region.layers.get(LAYERS[field])
    if code is None or layer is None:
        return None
    found = layer.by_code(code, day) or layer.by_code(code)
    return {"code": code, "name": found.name if found else code}


def case(state: CaseState, services: Services) -> dict[str, Any]:
    """Write a case as the reporter needs it at once, and as every answer about one case begins."""
    lead = state.lead
    now, lines = services.now(), state.boundaries or services.region.local_day(state.occurred_at)
    running = [clock for clock in state.clocks if clock.stopped_at is None and clock.due is not None]
    due = {}
    for clock in sorted(running, key=lambda c: c.due.due_at, reverse=True):
        due[clock.kind] = clock.due.due_at  # of several of one kind, the first one to fall due
    return {
        "number": state.number,
        "status": state.status,
        "source": state.source,
        "source_id": state.source_id,
        "matter": state.matter,
        "platform": state.platform,
        "domain": state.domain,
        "occurred_at": state.occurred_at,
        "received_at": state.received_at,
        "lon": state.lon,
        "lat": state.lat,
        **{name: area(services, name, getattr(state, name), lines) for name in LAYERS},
        "areas": dict(state.areas),
        "boundaries": state.boundaries,
        "stays": [stay_out(stay, services, state.occurred_at) for stay in state.stays],
        "flags": state.flags,
        "notes": state.notes,
        "lead": None if lead is None else leg_out(lead, services),
        "legs": [leg_out(leg, services) for leg in state.legs],
        "level": max((level(clock, now) for clock in running), default=0),
        "due": due,
        "provisional": any(clock.due.provisional for clock in running),
        "merged_into": state.merged_into,
        "subject": state.subject,
        "visit": state.visit,
        "checks": {department: list(items) for department, items in state.checks.items()},
        "disputes": [dispute_out(dispute, now) for dispute in state.disputes],
        "answered_at": state.answered_at,
        "revision": state.revision,
        "allowed": allowed(state),
        "url": f"/case/{state.number}",
    }


def stay_out(stay: Stay, services: Services, occurred_at: datetime) -> dict[str, Any]:
    """Write where a case stood by earlier boundaries."""
    lines = stay.boundaries or services.region.local_day(occurred_at)
    codes = {name: area(services, name, getattr(stay, name), lines) for name in LAYERS}
    times = {"since": stay.since, "until": stay.until, "boundaries": stay.boundaries}
    return codes | {"areas": dict(stay.areas)} | times


def leg_out(leg: Leg, services: Services) -> dict[str, Any]:
    """Write one department's part."""
    department = services.region.organisation.departments.get(leg.department)
    return {
        "leg": leg.number,
        "role": leg.role,
        "department": leg.department,
        "name": department.spoken if department else leg.department,
        "unit": leg.unit,
        "status": leg.status,
        "clause": leg.clause,
        "sentence": leg.sentence,
        "arrangements": list(leg.arrangements),
        "asked_at": leg.asked_at,
        "accepted_at": leg.accepted_at,
        "arrived_at": leg.arrived_at,
        "found_at": leg.found_at,
        "ended_at": leg.ended_at,
        "arrived_m": leg.arrived_m,
        "is_far": leg.is_far,
        "finding": leg.finding,
        "basis": leg.basis,
        "disputed": leg.disputed,
        "visit": leg.visit,
        "urged": leg.urged,
        "supervised_at": leg.supervised_at,
        "replied_at": leg.replied_at,
        "owes_reply": leg.owes_reply,
    }


def dispute_out(dispute: Dispute, now: datetime) -> dict[str, Any]:
    """Write one disagreement of a case, from the clause cited to the decision."""
    limit = dispute.clock.due
    return {
        "leg": dispute.leg,
        "opened_at": dispute.opened_at,
        "opened_by": dispute.opened_by,
        "clause": dispute.clause,
        "wanted": dispute.wanted,
        "views": [{"by": view.by, "at": view.at, "text": view.text} for view in dispute.views],
        "amber_at": limit.amber_at if limit else None,
        "due_at": limit.due_at if limit else None,
        "provisional": limit.provisional if limit else False,
        "level": level(dispute.clock, now),
        "settled_at": dispute.settled_at,
        "decided": dispute.decided,
        "decision": dispute.decision,
        "ruling": dispute.ruling,
    }


def clock_out(clock: Clock, now: datetime) -> dict[str, Any]:
    """Write one limit, with how it stands or how it ended."""
    return {
        "kind": clock.kind,
        "leg": clock.leg,
        "round": clock.round,
        "started_at": clock.started_at,
        "budget": {"amount": clock.budget.amount, "unit": clock.budget.unit},
        "pauses": [{"start": pause.start, "end": pause.end} for pause in clock.pauses],
        "amber_at": clock.due.amber_at if clock.due else None,
        "due_at": clock.due.due_at if clock.due else None,
        "provisional": clock.due.provisional if clock.due else False,
        "stopped_at": clock.stopped_at,
        "level": level(clock, now),
        "outcome": outcome(clock),
    }


def event_out(event: Event) -> dict[str, Any]:
    """Write one event; the opening one without what the case itself says, and without the contact."""
    data = dict(event.data)
    if isinstance(data.get("report"), Mapping):
        report = dict(data["report"])
        data["report"] = report | {"contact": masked(report.get("contact") or {})}
    return {
        "revision": event.revision,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "late": event.late,
        "actor": event.actor,
        "leg": event.leg,
        "data": data,
    }


def page(found: CasePage, services: Services) -> dict[str, Any]:
    """Write everything about one case."""
    state, now = found.state, services.now()
    report = dict(state.report)
    return case(state, services) | {
        "report": report | {"contact": masked(report.get("contact") or {})},
        "clocks": [clock_out(clock, now) for clock in state.clocks],
        "spans": [{"opened_at": span.opened_at, "closed_at": span.closed_at} for span in state.spans],
        "events": [event_out(event) for event in found.events],
        "merged_here": found.merged_here,
    }


def row(found: CaseRow, now: datetime) -> dict[str, Any]:
    """Write a case in a list; no personal data."""
    return {
        "number": found.number,
        "source": found.source,
        "source_id": found.source_id,
        "matter": found.matter,
        "platform": found.platform,
        "domain": found.domain,
        "status": found.status,
        "pending": found.pending,
        "level": found.level(now),
        "occurred_at": found.occurred_at,
        "received_at": found.received_at,
        "lon": found.lon,
        "lat": found.lat,
        "cell": found.cell,
        "village": found.village,
        "township": found.township,
        "areas": dict(found.areas),
        "flags": found.flags,
        "lead": found.lead,
        "lead_unit": found.lead_unit,
        "due_at": found.due_at,
        "due_kind": found.due_kind,
        "due_department": found.due_department,
        "provisional": found.provisional,
        "merged_into": found.merged_into,
        "revision": found.revision,
    }
