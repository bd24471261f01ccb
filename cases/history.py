"""The state of a case is the fold of its events, ordered by (occurred_at, revision).

Nothing here looks at the order in which events became known: a late event takes its place, and everything that follows
from it (legs, clocks, spans) is computed again. Budgets and routes come from the `received` event, which keeps them as
they were; the calendar is today's, so that a due time firms up when a notice is published.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Level, Pause, due, level
from cases.errors import BadEvent, BeforeOccurrence
from cases.events import Event, EventKind
from cases.lifecycle import check_event, missing_findings, next_status, resolve_leg

__all__ = ["CaseState", "Leg", "LegRole", "LegStatus", "Span", "Status", "fold", "in_order", "level_of"]

EXTENDED_AFTER_DUE = "extended_after_due"
"""Note on a case whose finish clock was given more time when it had run out already."""


def fold(events: Iterable[Event], calendar: Calendar, number: str = "") -> CaseState:
    """Compute the state of a case from its events.

    Parameters
    ----------
    events
        All events of one case, in any order; the one not yet stored (revision 0) goes last among equals in time.
    number
        Number of the case; empty before it is stored.

    Raises
    ------
    NotAllowed
        An event that the case does not allow at its place in the history.
    BeforeOccurrence
        An event that is earlier than the receipt of the case.
    BadEvent
        An event without a field that its kind needs, or a history that nothing opens.
    """
    opening, *others = in_order(events)
    case = _Case(_opened(opening, number), _budgets(opening.data["budgets"]), calendar)
    for event in others:
        case.take(event)
    clocks = tuple(replace(clock, due=due(clock, calendar)) for clock in case.state.clocks)
    revision = max(opening.revision, *(event.revision for event in others), 0)
    return replace(case.state, clocks=clocks, revision=revision)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Put events in the order in which they happened, the one that opens the case first."""
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.revision or float("inf")))
    opening = next((event for event in ordered if event.kind is EventKind.RECEIVED), None)
    if opening is None:
        raise BadEvent("A history begins with a received event; this one has none.")
    if ordered[0].occurred_at < opening.occurred_at:
        early = ordered[0]
        raise BeforeOccurrence(
            f"The event {early.kind} is said to have happened at {early.occurred_at.isoformat()}, before the case was"
            f" received at {opening.occurred_at.isoformat()}; correct occurred_at."
        )
    ordered.remove(opening)
    return [opening, *ordered]


def level_of(state: CaseState, at: datetime) -> Level:
    """Say how a pending case stands at an instant: as its worst running clock, or green when none runs."""
    if not any(span.opened_at <= at and (span.closed_at is None or at < span.closed_at) for span in state.spans):
        return Level.NONE
    return max((level(clock, at) for clock in state.clocks), default=Level.GREEN) or Level.GREEN


def _budgets(data: Mapping[str, Mapping[str, Any]]) -> dict[ClockKind, Budget]:
    return {ClockKind(kind): Budget(one["amount"], BudgetUnit(one["unit"])) for kind, one in data.items()}


def _leg(data: Mapping[str, Any], number: int, asked_at: datetime | None) -> Leg:
    role = LegRole(data["role"])
    status = LegStatus.ASKED if role is LegRole.LEAD else LegStatus.WAITING
    words = data["clause"], data["sentence"]
    # Cases that are older than arrangements were routed without.
    by = tuple(data.get("arrangements", ()))
    return Leg(number, role, data["department"], data["unit"], *words, status, asked_at, arrangements=by)


def _place(data: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: data[name] for name in ("lon", "lat", "cell", "village", "township")}
    return columns | {"areas": dict(data["areas"]), "flags": tuple(data["flags"])}


def _opened(event: Event, number: str) -> CaseState:
    """Build the state that the `received` event describes, its lead not yet asked."""
    data, at = event.data, event.occurred_at
    legs = tuple(
        _leg(leg, count, at if leg["role"] == LegRole.LEAD else None) for count, leg in enumerate(data["legs"], start=1)
    )
    budget = _budgets(data["budgets"])[ClockKind.RESPOND]
    return CaseState(
        number=number,
        status=Status.RECEIVED,
        source=data["source"],
        source_id=data["source_id"],
        matter=data["matter"],
        platform=data["platform"],
        domain=data["domain"],
        occurred_at=datetime.fromisoformat(data["occurred_at"]),
        received_at=at,
        report=data["report"],
        list_version=data["list_version"],
        legs=legs,
        clocks=(Clock(ClockKind.RESPOND, 1, 1, at, budget),),
        spans=(Span(at),),
        **_place(data["place"]),
    )


class _Case:
    """A case while its history is read: the state so far, and what each kind of event does to it."""

    def __init__(self, state: CaseState, budgets: Mapping[ClockKind, Budget], calendar: Calendar) -> None:
        self.state = state
        self.budgets = budgets
        self.calendar = calendar

    def take(self, event: Event) -> None:
        """Apply one event; raises what `lifecycle.check_event` raises and leaves the state alone then."""
        check_event(self.state, event)
        leg = resolve_leg(self.state, event.kind, event.leg)
        status = next_status(event.kind, self.state)
        before = self.state
        self.state = replace(before, status=status)
        effect = _EFFECTS.get(event.kind)
        if effect:
            effect(self, event, leg or before.lead, before)

    # What happens to legs and clocks, in words that the effects below use.

    def put(self, leg: Leg, **changes: Any) -> None:
        """Change a leg."""
        legs = tuple(replace(one, **changes) if one.number == leg.number else one for one in self.state.legs)
        self.state = replace(self.state, legs=legs)

    def start(self, kind: ClockKind, leg: int | None, at: datetime) -> None:
        """Start a clock; its round counts those of the same kind and leg."""
        rounds = sum(clock.kind is kind and clock.leg == leg for clock in self.state.clocks)
        clock = Clock(kind, leg, rounds + 1, at, self.budgets[kind])
        self.state = replace(self.state, clocks=(*self.state.clocks, clock))

    def stop(self, at: datetime, matches: Callable[[Clock], bool]) -> None:
        """Stop the running clocks that match; a pause ends where the clock does."""
        self.change(
            lambda clock: clock.stopped_at is None and matches(clock),
            lambda clock: replace(clock, stopped_at=at, pauses=_resumed(clock.pauses, at)),
        )

    def change(self, matches: Callable[[Clock], bool], change: Callable[[Clock], Clock]) -> None:
        """Change the clocks that match."""
        clocks = tuple(change(clock) if matches(clock) else clock for clock in self.state.clocks)
        self.state = replace(self.state, clocks=clocks)

    def start_finish_when_ready(self, at: datetime) -> None:
        """Start the finish clock when a lead has the case and no finding is missing, unless it runs already."""
        in_work = self.state.status in (Status.ACCEPTED, Status.ON_SITE)
        if in_work and not missing_findings(self.state) and self.state.running(ClockKind.FINISH) is None:
            self.start(ClockKind.FINISH, None, at)

    def end(self, at: datetime) -> None:
        """Stop everything and close the span."""
        self.stop(at, lambda _: True)
        legs = tuple(replace(leg, ended_at=leg.ended_at or at) for leg in self.state.legs)
        *earlier, span = self.state.spans
        self.state = replace(self.state, legs=legs, spans=(*earlier, replace(span, closed_at=at)))


def _resumed(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    return tuple(replace(pause, end=at) if pause.end is None else pause for pause in pauses)


def _owned_by(leg: Leg) -> Callable[[Clock], bool]:
    return lambda clock: clock.leg == leg.number


def _is(kind: ClockKind) -> Callable[[Clock], bool]:
    return lambda clock: clock.kind is kind


def _runs_to_finish(clock: Clock) -> bool:
    return clock.kind is ClockKind.FINISH and clock.stopped_at is None


def _accepted(case: _Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.ACCEPTED, accepted_at=event.occurred_at, ended_at=None)
    case.stop(event.occurred_at, _owned_by(leg))
    case.start_finish_when_ready(event.occurred_at)


def _called(case: _Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.CALLED, asked_at=event.occurred_at)
    case.start(ClockKind.ARRIVE, leg.number, event.occurred_at)


def _arrived(case: _Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.ARRIVED, arrived_at=event.occurred_at)
    case.stop(event.occurred_at, _owned_by(leg))


def _found(case: _Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.FOUND, found_at=event.occurred_at, finding=event.data["finding"])
    case.stop(event.occurred_at, _owned_by(leg))  # a finding from afar: the department need not come any more
    case.start_finish_when_ready(event.occurred_at)


def _finished(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    for leg in (case.state.lead, *case.state.coordinating):
        case.put(leg, status=LegStatus.DONE, ended_at=event.occurred_at)
    case.stop(event.occurred_at, _is(ClockKind.FINISH))
    case.start(ClockKind.VERIFY, None, event.occurred_at)


def _verified(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    case.stop(event.occurred_at, _is(ClockKind.VERIFY))


def _reopened(case: _Case, event: Event, _: Leg, before: CaseState) -> None:
    at, lead = event.occurred_at, case.state.lead
    case.stop(at, _is(ClockKind.VERIFY))
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


def _closed(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    case.end(event.occurred_at)


def _returned(case: _Case, event: Event, leg: Leg, _: CaseState) -> None:
    case.put(leg, status=LegStatus.RETURNED, ended_at=event.occurred_at)
    case.stop(event.occurred_at, _owned_by(leg))


def _transferred(case: _Case, event: Event, _: Leg, before: CaseState) -> None:
    at, department = event.occurred_at, event.data["department"]
    for leg in before.legs:
        # A coordinating department that is put in charge has one part from now on, not two.
        if leg == before.lead or (leg.is_active and leg.department == department):
            if leg.is_active:
                case.put(leg, status=LegStatus.TRANSFERRED, ended_at=at)
            case.stop(at, _owned_by(leg))
    named = {"unit": None, "clause": "", "sentence": ""} | dict(event.data)
    leg = _leg(named | {"role": LegRole.LEAD}, len(before.legs) + 1, at)
    case.state = replace(case.state, legs=(*case.state.legs, leg))
    case.start(ClockKind.RESPOND, leg.number, at)


def _extended(case: _Case, event: Event, _: Leg, before: CaseState) -> None:
    amount = event.data["amount"]
    for clock in before.clocks:
        ends = due(clock, case.calendar) if _runs_to_finish(clock) else None
        if ends and ends.due_at < event.occurred_at and EXTENDED_AFTER_DUE not in case.state.notes:
            case.state = replace(case.state, notes=(*case.state.notes, EXTENDED_AFTER_DUE))
    case.change(
        _runs_to_finish,
        lambda clock: replace(clock, budget=replace(clock.budget, amount=clock.budget.amount + amount)),
    )


def _suspended(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    pause = Pause(event.occurred_at)
    case.change(_runs_to_finish, lambda clock: replace(clock, pauses=(*clock.pauses, pause)))


def _resume(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    at = event.occurred_at
    case.change(_runs_to_finish, lambda clock: replace(clock, pauses=_resumed(clock.pauses, at)))


def _merged(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    case.state = replace(case.state, merged_into=event.data["into"])
    case.end(event.occurred_at)


def _relocated(case: _Case, event: Event, _: Leg, __: CaseState) -> None:
    case.state = replace(case.state, **_place(event.data["place"]))
    for number, acting in event.data.get("units", {}).items():
        leg = case.state.leg(int(number))
        if leg:
            case.put(leg, unit=acting["unit"], sentence=acting["sentence"])


def _disputed(case: _Case, _: Event, leg: Leg, __: CaseState) -> None:
    case.put(leg, disputed=True)


def _settled(case: _Case, _: Event, leg: Leg, __: CaseState) -> None:
    case.put(leg, disputed=False)


_EFFECTS: dict[EventKind, Callable[[_Case, Event, Leg, CaseState], None]] = {
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
    EventKind.DISPUTED: _disputed,
    EventKind.SETTLED: _settled,
}
