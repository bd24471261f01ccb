"""What may happen to a case in which status: one table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cases.case import OPEN, Status
from cases.events import EventKind


class Actor(StrEnum):
    """Who may own an event: the roles of the trade, and the rules themselves."""

    REPORTER = "reporter"
    OFFICER = "officer"
    LEADER = "leader"
    COMMANDER = "commander"
    ADJUDICATOR = "adjudicator"
    RULES = "rules"


class LegRule(StrEnum):
    """Which leg an event concerns."""

    NONE = "none"
    LEAD = "lead"
    COORDINATING = "coordinating"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    Attributes
    ----------
    next
        Status in which the event is allowed, to the status that follows.
    owners
        Who may own it.
    leg
        Which leg it concerns; a missing one is taken to be the lead, except for a coordinating leg.
    required
        Fields that its data must hold.
    optional
        Texts that its data may hold.
    opens
        True for the one kind that a case begins with.
    """

    next: Mapping[Status, Status]
    owners: frozenset[Actor]
    leg: LegRule = LegRule.NONE
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    opens: bool = field(default=False, kw_only=True)


def _stay(*statuses: Status) -> dict[Status, Status]:
    return {status: status for status in statuses}


def _all_to(status: Status, *statuses: Status) -> dict[Status, Status]:
    return dict.fromkeys(statuses, status)


_IN_WORK = (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE)
_ANY_OPEN = tuple(status for status in Status if status in OPEN)
_OFFICER = frozenset({Actor.OFFICER, Actor.COMMANDER})
_COMMANDER = frozenset({Actor.COMMANDER})
_RULES = frozenset({Actor.RULES})
_WATCHERS = frozenset({Actor.LEADER, Actor.COMMANDER})
_CHECKERS = frozenset({Actor.REPORTER, Actor.COMMANDER})

TRANSITIONS: dict[EventKind, Transition] = {
    EventKind.RECEIVED: Transition({}, frozenset({Actor.REPORTER}), opens=True),
    EventKind.ACCEPTED: Transition(_all_to(Status.ACCEPTED, Status.RECEIVED), _OFFICER, LegRule.LEAD),
    EventKind.CALLED: Transition(
        _stay(Status.ACCEPTED, Status.ON_SITE), frozenset({Actor.RULES, Actor.COMMANDER}), LegRule.COORDINATING
    ),
    # While a new lead is being asked, a department that was called may still arrive and record what it finds: otherwise
    # its clock would run on because of another leg.
    EventKind.ARRIVED: Transition(
        {Status.RECEIVED: Status.RECEIVED} | _all_to(Status.ON_SITE, Status.ACCEPTED, Status.ON_SITE),
        _OFFICER,
        LegRule.EITHER,
        optional=("reason", "approved_by"),
    ),
    EventKind.FOUND: Transition(_stay(*_IN_WORK), _OFFICER, LegRule.EITHER, ("finding",), ("basis",)),
    EventKind.FINISHED: Transition(
        _all_to(Status.FINISHED, Status.ACCEPTED, Status.ON_SITE), _OFFICER, LegRule.LEAD, optional=("result",)
    ),
    EventKind.VERIFIED: Transition(_all_to(Status.VERIFIED, Status.FINISHED), _CHECKERS),
    EventKind.REOPENED: Transition(
        _all_to(Status.ACCEPTED, Status.FINISHED, Status.VERIFIED, Status.CLOSED), _CHECKERS
    ),
    EventKind.CLOSED: Transition(_all_to(Status.CLOSED, *_ANY_OPEN), _CHECKERS, optional=("reason",)),
    EventKind.RETURNED: Transition(
        _all_to(Status.RECEIVED, Status.RECEIVED, Status.ACCEPTED), _OFFICER, LegRule.LEAD, ("reason",)
    ),
    EventKind.TRANSFERRED: Transition(
        _all_to(Status.RECEIVED, *_IN_WORK), _COMMANDER | {Actor.RULES}, LegRule.NONE, ("department", "reason")
    ),
    EventKind.EXTENDED: Transition(_stay(*_IN_WORK), _COMMANDER, LegRule.NONE, ("amount", "reason", "approved_by")),
    EventKind.SUSPENDED: Transition(_stay(*_IN_WORK), _COMMANDER, LegRule.NONE, ("reason", "approved_by")),
    EventKind.RESUMED: Transition(_stay(*_IN_WORK), _COMMANDER),
    EventKind.MERGED: Transition(_all_to(Status.MERGED, *_ANY_OPEN), _COMMANDER, LegRule.NONE, ("into",), ("reason",)),
    EventKind.RELOCATED: Transition(_stay(*_ANY_OPEN), _CHECKERS, LegRule.NONE, ("place",)),
    # The lines were moved, not the case: closed cases keep what they were.
    EventKind.REATTRIBUTED: Transition(
        _stay(*_ANY_OPEN), _RULES, LegRule.NONE, ("boundaries", "place", "reason", "approved_by")
    ),
    EventKind.COMMENTED: Transition(_stay(*Status), _WATCHERS | _OFFICER | _CHECKERS, LegRule.NONE, ("text",)),
    # Two ways: the township may urge a department, and a department the township or another department.
    EventKind.URGED: Transition(_stay(*_ANY_OPEN), _WATCHERS | _OFFICER, LegRule.EITHER, optional=("text",)),
    EventKind.SUPERVISED: Transition(_stay(*_ANY_OPEN), _WATCHERS | _OFFICER, LegRule.EITHER, ("text",)),
    EventKind.REPLIED: Transition(_stay(*Status), _WATCHERS | _OFFICER, LegRule.EITHER, ("text",)),
    EventKind.DISPUTED: Transition(
        _stay(*_ANY_OPEN), _OFFICER | {Actor.RULES}, LegRule.EITHER, ("clause",), ("view", "wanted")
    ),
    # Whose a case was is settled for the next one, too: neither its end nor a merge ends a dispute.
    EventKind.STATED: Transition(_stay(*Status), _WATCHERS | _OFFICER, LegRule.EITHER, ("text",)),
    EventKind.SETTLED: Transition(
        _stay(*Status), frozenset({Actor.ADJUDICATOR}), LegRule.EITHER, ("department", "decision")
    ),
    EventKind.IDENTIFIED: Transition(_stay(*_ANY_OPEN), _OFFICER | _CHECKERS, LegRule.NONE, ("subject",)),
    EventKind.PLANNED: Transition(_stay(*_IN_WORK), _RULES, LegRule.NONE, ("visit", "subject")),
    # A case that was merged is answered with the result of the one that stays.
    EventKind.ANSWERED: Transition(
        _stay(Status.FINISHED, Status.VERIFIED, Status.CLOSED, Status.MERGED),
        _CHECKERS | {Actor.RULES},
        LegRule.NONE,
        ("channel",),
    ),
}
"""Event kind to its row; complete by test."""
