"""A case while its history is read: how it begins, and what can happen to its legs, clocks and spans."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status
from cases.clock import ADJUDICATION, Budget, BudgetUnit, Clock, ClockKind, Pause
from cases.events import Event
from cases.lifecycle import missing_findings


def budgets_from(data: Mapping[str, Mapping[str, Any]]) -> dict[ClockKind, Budget]:
    """Read the budgets that a case was received with; those older than the adjudicator's limit say none."""
    given = {ClockKind(kind): Budget(one["amount"], BudgetUnit(one["unit"])) for kind, one in data.items()}
    return {ClockKind.ADJUDICATE: ADJUDICATION, **given}


def leg_from(data: Mapping[str, Any], number: int, asked_at: datetime | None) -> Leg:
    """Read the leg of a department that is named by the lists or by a decision: asked, or waiting to be called."""
    role = LegRole(data["role"])
    status = LegStatus.ASKED if role is LegRole.LEAD else LegStatus.WAITING
    words = data["clause"], data["sentence"]
    # Cases that are older than arrangements were routed without.
    by = tuple(data.get("arrangements", ()))
    return Leg(number, role, data["department"], data["unit"], *words, status, asked_at, arrangements=by)


def place_from(data: Mapping[str, Any]) -> dict[str, Any]:
    """Read the columns of a place."""
    return areas_from(data) | {"lon": data["lon"], "lat": data["lat"], "flags": tuple(data["flags"])}


def areas_from(data: Mapping[str, Any]) -> dict[str, Any]:
    """Read the columns of the areas that cover a place."""
    return {name: data[name] for name in ("cell", "village", "township")} | {"areas": dict(data["areas"])}


def opened(event: Event, number: str) -> CaseState:
    """Build the state that the `received` event describes, its lead not yet asked."""
    data, at = event.data, event.occurred_at
    legs = tuple(
        leg_from(leg, count, at if leg["role"] == LegRole.LEAD else None)
        for count, leg in enumerate(data["legs"], start=1)
    )
    budget = budgets_from(data["budgets"])[ClockKind.RESPOND]
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
        subject=(data.get("subject") or {}).get("code"),
        legs=legs,
        clocks=(Clock(ClockKind.RESPOND, 1, 1, at, budget),),
        spans=(Span(at),),
        **place_from(data["place"]),
    )


class Case:
    """A case while its history is read: the state so far, and what each kind of event does to it."""

    def __init__(self, state: CaseState, budgets: Mapping[ClockKind, Budget], calendar: Calendar) -> None:
        self.state = state
        self.budgets = budgets
        self.calendar = calendar

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

    def revise(self, leg: Leg, **changes: Any) -> None:
        """Change the open dispute about a leg."""
        disputes = tuple(
            replace(one, **changes) if one.leg == leg.number and one.settled_at is None else one
            for one in self.state.disputes
        )
        self.state = replace(self.state, disputes=disputes)

    def stop(self, at: datetime, matches: Callable[[Clock], bool]) -> None:
        """Stop the running clocks that match; a pause ends where the clock does."""
        self.change(
            lambda clock: clock.stopped_at is None and matches(clock),
            lambda clock: replace(clock, stopped_at=at, pauses=resumed(clock.pauses, at)),
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


def resumed(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    """End the pause that is open, if one is."""
    return tuple(replace(pause, end=at) if pause.end is None else pause for pause in pauses)


def owned_by(leg: Leg) -> Callable[[Clock], bool]:
    """Give a test for the clocks of a leg."""
    return lambda clock: clock.leg == leg.number


def of_kind(kind: ClockKind) -> Callable[[Clock], bool]:
    """Give a test for the clocks of a kind."""
    return lambda clock: clock.kind is kind


def runs_to_finish(clock: Clock) -> bool:
    """Say whether a clock is the running finish clock."""
    return clock.kind is ClockKind.FINISH and clock.stopped_at is None
