"""What supervision, disputes, visits and answers do to a case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from cases.case import CaseState, Dispute, Leg, LegRole, LegStatus, Status, View
from cases.clock import Budget, BudgetUnit, Clock, ClockKind
from cases.events import Event, EventKind
from cases.history.folding import Case, leg_from, owned_by


def _urged(case: Case, _: Event, leg: Leg, __: CaseState) -> None:
    case.put(leg, urged=leg.urged + 1)


def _supervised(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, supervised_at=event.occurred_at)


def _replied(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, replied_at=event.occurred_at)


def _disputed(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    at, data = event.occurred_at, event.data
    case.put(leg, disputed=True)
    given = data.get("budget")
    budget = Budget(given["amount"], BudgetUnit(given["unit"])) if given else case.budgets[ClockKind.ADJUDICATE]
    views = (View(event.actor, at, data["view"]),) if data.get("view") else ()
    limit = Clock(ClockKind.ADJUDICATE, leg.number, 1, at, budget)
    dispute = Dispute(leg.number, at, event.actor, data.get("clause", ""), limit, data.get("wanted"), views)
    case.state = replace(case.state, disputes=(*case.state.disputes, dispute))
    if leg.number == case.state.lead.number:
        _stays_in_charge(case, leg, at)


def _stays_in_charge(case: Case, leg: Leg, at: datetime) -> None:
    """Ask a lead that handed the case back again: until the dispute is settled nobody else has it."""
    if leg.status is LegStatus.RETURNED:
        case.put(leg, disputed=True, status=LegStatus.ASKED, asked_at=at, ended_at=None)
        case.start(ClockKind.RESPOND, leg.number, at)


def _stated(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    dispute = case.state.open_dispute(leg.number)
    if dispute:
        case.revise(leg, views=(*dispute.views, View(event.actor, event.occurred_at, event.data["text"])))


def _settled(case: Case, event: Event, leg: Leg, _: CaseState) -> None:
    at, decided = event.occurred_at, event.data.get("department", leg.department)
    case.put(leg, disputed=False)
    dispute = case.state.open_dispute(leg.number)
    if dispute:
        limit = replace(dispute.clock, stopped_at=at)
        words = {"decided": decided, "decision": event.data.get("decision", ""), "ruling": event.data.get("ruling")}
        case.revise(leg, clock=limit, settled_at=at, **words)
    if leg.role is LegRole.COORDINATING and decided != leg.department:
        _replaced(case, event, leg)


def _replaced(case: Case, event: Event, leg: Leg) -> None:
    """Put another department on site in place of the one that had a coordinating leg. A lead is transferred instead."""
    at, decided = event.occurred_at, event.data["department"]
    if case.state.status not in (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE) or not leg.is_active:
        return
    case.put(leg, disputed=False, status=LegStatus.TRANSFERRED, ended_at=at)
    case.stop(at, owned_by(leg))
    if not any(one.department == decided and one.is_active for one in case.state.legs):
        named = {"unit": None, "clause": "", "sentence": ""} | dict(event.data)
        new = leg_from(named | {"role": LegRole.COORDINATING}, len(case.state.legs) + 1, None)
        case.state = replace(case.state, legs=(*case.state.legs, new))
        if leg.asked_at is not None:
            case.put(new, status=LegStatus.CALLED, asked_at=at)
            case.start(ClockKind.ARRIVE, new.number, at)
    case.start_finish_when_ready(at)


def _identified(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    case.state = replace(case.state, subject=event.data["subject"]["code"])


def _planned(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    checks = {department: tuple(items) for department, items in event.data.get("checks", {}).items()}
    case.state = replace(case.state, visit=event.data["visit"], checks=checks)


def _answered(case: Case, event: Event, _: Leg, __: CaseState) -> None:
    # Each result starts a clock to verify it. A case that was merged is answered with the results of another one.
    issued = sum(clock.kind is ClockKind.VERIFY for clock in case.state.clocks)
    if case.state.status is Status.MERGED or event.data.get("round", issued) == issued:
        case.state = replace(case.state, answered_at=event.occurred_at)


EFFECTS: dict[EventKind, Callable[[Case, Event, Leg, CaseState], None]] = {
    EventKind.URGED: _urged,
    EventKind.SUPERVISED: _supervised,
    EventKind.REPLIED: _replied,
    EventKind.DISPUTED: _disputed,
    EventKind.STATED: _stated,
    EventKind.SETTLED: _settled,
    EventKind.IDENTIFIED: _identified,
    EventKind.PLANNED: _planned,
    EventKind.ANSWERED: _answered,
}
