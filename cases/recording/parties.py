"""Events about who acts: calls, transfers, returns, disputes and what the adjudicator decides."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cases.case import CaseState, Leg, LegRole, LegStatus, Status
from cases.clock import ClockKind
from cases.errors import BadEvent, UnknownDepartment
from cases.events import Event, EventKind
from cases.history import in_order
from cases.intake import LONGEST_DESCRIPTION, check_text
from cases.lifecycle import check_data, resolve_leg
from cases.organisation import ADJUDICATOR
from cases.recording.rules import Rules, Scene, by_rules
from cases.routing import RouteLeg, asked_by_decision, asked_to_lead

IN_WORK = (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE)
TWICE = 2
"""So many returns open a dispute."""


def transferred(rules: Rules, scene: Scene, event: Event) -> dict[str, Any]:
    """Name the unit of the new lead, and the words for it."""
    check_data(event.kind, event.data)
    department, reason = _handling(event.data["department"]), event.data["reason"]
    where = scene.then.township, rules.day(event.occurred_at), rules.organisation
    return _words(asked_to_lead(department, *where, reason))


def disputed(rules: Rules, scene: Scene, event: Event) -> dict[str, Any]:
    """Keep the adjudicator's limit as it is on the day of the dispute."""
    check_data(event.kind, event.data)
    wanted = event.data.get("wanted")
    if wanted is not None:
        rules.organisation.department(_handling(wanted))
    return _limit(rules, scene.then)


def settled(rules: Rules, scene: Scene, event: Event) -> dict[str, Any]:
    """Name who acts from then on, and how the next such case is routed when the decision is to hold for it, too."""
    check_data(event.kind, event.data)
    state, department, ruling = scene.then, _handling(event.data["department"]), event.data.get("ruling")
    leg = resolve_leg(state, event.kind, event.leg) or state.lead
    where = state.township, rules.day(event.occurred_at), rules.organisation
    named = asked_by_decision(leg.role, department, *where, event.data["decision"])
    return _words(named) | {"ruling": None if ruling is None else _ruling(state, leg, department, ruling)}


def calls(_: Rules, scene: Scene, event: Event) -> list[Event]:
    """Call every coordinating department that waits when the lead accepts, unless it is known to be called later."""
    waiting = [leg for leg in scene.then.coordinating if leg.status is LegStatus.WAITING]
    later = {event.leg for event in scene.history if event.kind is EventKind.CALLED}
    return [by_rules(EventKind.CALLED, event, leg.number) for leg in waiting if leg.number not in later]


def opens_dispute(rules: Rules, scene: Scene, event: Event) -> list[Event]:
    """Open a dispute when a case is handed back for the second time since the last dispute about a lead.

    A return that comes late may be the first of two: then the dispute begins with the second one, unless somebody else
    has been put in charge since, or the work is done.
    """
    leads = {leg.number for leg in scene.now.legs if leg.role is LegRole.LEAD}
    returned: list[Event] = []
    followed = False
    for one in in_order([*scene.history, event]):
        if one.kind is EventKind.DISPUTED and (one.leg is None or one.leg in leads):
            returned = []
        elif one.kind is EventKind.RETURNED:
            returned.append(one)
        followed |= one.kind is EventKind.TRANSFERRED and len(returned) >= TWICE
    if len(returned) < TWICE or followed or (scene.is_late and scene.now.status not in IN_WORK):
        return []
    second, lead = returned[TWICE - 1], scene.now.lead
    reasons = "；".join(str(one.data.get("reason", "")) for one in returned[:TWICE])
    said = {"clause": lead.clause or lead.sentence, "view": f"两次退回：{reasons}", **_limit(rules, scene.then)}
    return [by_rules(EventKind.DISPUTED, replace(event, occurred_at=second.occurred_at), lead.number, **said)]


def hands_over(_: Rules, scene: Scene, event: Event) -> list[Event]:
    """Hand a case that is at work over when the adjudicator decides that another department leads it."""
    state, department = scene.then, event.data["department"]
    leg = resolve_leg(state, event.kind, event.leg) or state.lead
    if state.status not in IN_WORK or leg.number != state.lead.number or department == leg.department:
        return []
    named = {name: event.data[name] for name in ("unit", "clause", "sentence")}
    reason = f"争议裁定：{event.data['decision']}"
    return [by_rules(EventKind.TRANSFERRED, event, department=department, reason=reason, **named)]


def leg_of(state: CaseState, department: str) -> int:
    """Give the number of the leg in which a department has a part, else of the last one in which it had.

    Raises
    ------
    UnknownDepartment
    """
    legs = sorted(
        (leg for leg in state.legs if leg.department == department), key=lambda leg: (leg.is_active, leg.number)
    )
    if not legs:
        known = ", ".join(f"{leg.department} (leg {leg.number})" for leg in state.legs)
        raise UnknownDepartment(f"{department[:64]} has no part in {state.number}; these have: {known}.")
    return legs[-1].number


def _handling(department: str) -> str:
    if department == ADJUDICATOR:
        raise UnknownDepartment(f"{department} settles disputes and handles no case; name another department.")
    return department


def _words(leg: RouteLeg) -> dict[str, Any]:
    return {"unit": leg.unit, "clause": leg.clause, "sentence": leg.sentence}


def _limit(rules: Rules, state: CaseState) -> dict[str, Any]:
    budget = rules.budgets.of(state.matter)[ClockKind.ADJUDICATE]
    return {"budget": {"amount": budget.amount, "unit": budget.unit.value}}


def _ruling(state: CaseState, leg: Leg, department: str, given: object) -> dict[str, Any]:
    """Complete what the adjudicator says about the next such case."""
    if not isinstance(given, Mapping) or not str(given.get("change") or "").strip():
        raise BadEvent(
            f"data.ruling is {given!r:.100}; give an object with change (what the next version of the lists should say)"
            " and, unless it holds everywhere, township: true."
        )
    check_text("data.ruling.change", given["change"], LONGEST_DESCRIPTION, BadEvent, required=True)
    here = given.get("township", False)
    if here is not None and not isinstance(here, bool):
        raise BadEvent(f"data.ruling.township is {here!r:.100}; give true for the township of the case, else nothing.")
    if here and state.township is None:
        raise BadEvent(f"{state.number} stands in no township; a ruling on it holds everywhere, or none is made.")
    # The next such case comes to whom the lists name, not to whom this one was passed on in the meantime.
    routed = state.legs[0] if leg.role is LegRole.LEAD else leg
    return {
        "matter": state.matter,
        "township": state.township if here else None,
        "role": leg.role.value,
        "from_department": routed.department,
        "to_department": department,
        "change": given["change"],
    }
