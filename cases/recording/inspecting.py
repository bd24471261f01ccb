"""Events about the subject of a case: who it is, and the visit that its work on site belongs to."""

from dataclasses import replace
from typing import Any

from cases.case import CaseState, Status
from cases.events import Event, EventKind
from cases.inspection import Inspection, checks_of, opened, read_subject
from cases.lifecycle import can_record, resolve_leg
from cases.recording.rules import Rules, Scene, by_rules


def identified(_: Rules, __: Scene, event: Event) -> dict[str, Any]:
    """Read whom a case is about."""
    return {"subject": read_subject(event.data.get("subject")).as_data()}


def comes(rules: Rules, scene: Scene, event: Event) -> list[Event]:
    """Plan the visit that a department comes for, where it is another one than the case had.

    Raises
    ------
    NotAllowed
        It would be a second visit within the window, and reason or approver is missing.
    """
    then = scene.then
    if scene.now.subject is None:
        return []
    leg = resolve_leg(then, event.kind, event.leg)
    if leg is None or not can_record(then, event.kind, leg.number):
        return []
    coming = _inspection(rules, scene, replace(then, subject=scene.now.subject, visit=scene.now.visit))
    plan = coming.arrive(leg, event.occurred_at, event.data.get("reason"), event.data.get("approved_by"))
    return [] if plan is None else [by_rules(EventKind.PLANNED, event, **plan.as_data())]


def plans(rules: Rules, scene: Scene, event: Event) -> list[Event]:
    """Plan the visit of the subject, if the case has one, when the lead accepts."""
    return _plans(rules, scene, event, scene.now)


def plans_at_last(rules: Rules, scene: Scene, event: Event) -> list[Event]:
    """Plan the visit of a subject that is known only now that the lead is at work."""
    state = scene.now
    if state.status not in (Status.ACCEPTED, Status.ON_SITE):
        return []
    return _plans(rules, scene, event, replace(state, subject=event.data["subject"]["code"]))


def _plans(rules: Rules, scene: Scene, event: Event, state: CaseState) -> list[Event]:
    if state.subject is None:
        return []
    plan = _inspection(rules, scene, state).plan(event.occurred_at)
    if plan.visit == state.visit and plan.checks == state.checks:
        return []
    return [by_rules(EventKind.PLANNED, event, **plan.as_data())]


def _inspection(rules: Rules, scene: Scene, state: CaseState) -> Inspection:
    assert state.subject is not None  # noqa: S101 - callers ask for cases with a subject alone
    checks = checks_of(state, rules.version(state))
    return Inspection(state, rules.visits(state.subject), checks, opened(scene.history), rules.window)
