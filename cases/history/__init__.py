"""The state of a case is the fold of its events, ordered by (occurred_at, revision).

Nothing here looks at the order in which events became known: a late event takes its place, and everything that follows
from it (legs, clocks, spans) is computed again. Budgets and routes come from the `received` event, which keeps them as
they were; the calendar is today's, so that a due time firms up when a notice is published.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cases.calendar import Calendar
from cases.case import CaseState, Leg, LegRole, LegStatus, Span, Status
from cases.clock import Level, due, level
from cases.errors import BadEvent, BeforeOccurrence
from cases.events import Event, EventKind
from cases.history import loop, work
from cases.history.folding import Case, budgets_from, opened
from cases.history.work import EXTENDED_AFTER_DUE, MERGED_INTO_LATER
from cases.lifecycle import check_event, next_status, resolve_leg

__all__ = [
    "EXTENDED_AFTER_DUE",
    "MERGED_INTO_LATER",
    "CaseState",
    "Leg",
    "LegRole",
    "LegStatus",
    "Span",
    "Status",
    "fold",
    "in_order",
    "level_of",
]

EFFECTS = {**work.EFFECTS, **loop.EFFECTS}
"""Kind of event to what it does beyond the status; the others only move the status, or tell something."""


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
    case = Case(opened(opening, number), budgets_from(opening.data["budgets"]), calendar)
    for event in others:
        _take(case, event)
    clocks = tuple(replace(clock, due=due(clock, calendar)) for clock in case.state.clocks)
    disputes = tuple(replace(d, clock=replace(d.clock, due=due(d.clock, calendar))) for d in case.state.disputes)
    revision = max(opening.revision, *(event.revision for event in others), 0)
    return replace(case.state, clocks=clocks, disputes=disputes, revision=revision)


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


def _take(case: Case, event: Event) -> None:
    """Apply one event; raises what `lifecycle.check_event` raises and leaves the state alone then."""
    check_event(case.state, event)
    leg = resolve_leg(case.state, event.kind, event.leg)
    status = next_status(event.kind, case.state)
    before = case.state
    case.state = replace(before, status=status)
    effect = EFFECTS.get(event.kind)
    if effect:
        effect(case, event, leg or before.lead, before)
