"""Notices that follow from events: which kind is told to whom, as one table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cases.case import CaseState, Leg
from cases.clock import Level
from cases.events import Event, EventKind
from cases.organisation import ADJUDICATOR, COMMAND
from cases.supervision import parties
from cases.supervision.notices import Notice, NoticeKind
from cases.supervision.parties import Directory

HISTORY_AFTER = timedelta(days=30)
"""What is entered later than this after it happened is history that somebody files, and no news."""

LONGEST_QUOTE = 500
QUOTED = ("text", "reason", "clause", "view", "wanted", "department", "decision", "result")
"""Facts of an event that its notice repeats; none of them is a name or a number of a person."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event with what must be known to say who hears of it.

    Attributes
    ----------
    state
        The case as it stands when the event is told.
    history
        Every event of the case.
    merged
        (number, source) of the cases that were merged into it: their reporters wait for the same result.
    """

    event: Event
    state: CaseState
    history: Sequence[Event] = ()
    merged: Sequence[tuple[str, str]] = ()


Address = tuple[str, str]
"""Number of the case that a notice is about, and its recipient."""


def _owner(told: Told, _: Directory) -> Iterable[str]:
    return [parties.owner_of(_leg(told), told.state)]


def _supervisor(told: Told, directory: Directory) -> Iterable[str]:
    leg = _leg(told).number
    orders = [
        event
        for event in told.history
        if event.kind is EventKind.SUPERVISED
        and (event.leg or told.state.lead.number) == leg
        and event.occurred_at <= told.event.occurred_at
    ]
    last = max(orders, key=lambda event: (event.occurred_at, event.revision), default=None)
    # A commander supervises as such; and what nobody has asked for is told to the command centre, too.
    return [(directory.actor(last.actor, told.state.township) if last else None) or COMMAND]


def _adjudicator_and_wanted(told: Told, _: Directory) -> Iterable[str]:
    wanted = told.event.data.get("wanted")
    return [ADJUDICATOR, *([parties.department(wanted, told.state.township)] if wanted else [])]


def _departments(told: Told, _: Directory) -> Iterable[str]:
    decided = told.event.data.get("department")
    codes = dict.fromkeys([*(leg.department for leg in told.state.legs), *([decided] if decided else [])])
    return [parties.department(code, told.state.township) for code in codes]


def _command(_: Told, __: Directory) -> Iterable[str]:
    return [COMMAND]


def _reporter(told: Told, _: Directory) -> Iterable[str]:
    return [parties.source(told.state.source)]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what the notice is, and who gets it."""

    kind: NoticeKind
    to: Callable[[Told, Directory], Iterable[str]]


TOLD: dict[EventKind, Row | None] = {
    EventKind.RECEIVED: None,
    EventKind.ACCEPTED: None,
    # Work, not a notice: it stands on the department's own page with its clock, which tells when it is not heeded. To
    # tell it here as well would make two things of one.
    EventKind.CALLED: None,
    EventKind.ARRIVED: None,
    EventKind.FOUND: None,
    EventKind.FINISHED: Row(NoticeKind.RESULT, _reporter),
    EventKind.VERIFIED: None,
    EventKind.REOPENED: None,
    EventKind.CLOSED: None,
    # From now on no clock runs that could tell anybody, until another department is named.
    EventKind.RETURNED: Row(NoticeKind.RETURNED, _command),
    EventKind.TRANSFERRED: None,
    EventKind.EXTENDED: None,
    EventKind.SUSPENDED: None,
    EventKind.RESUMED: None,
    EventKind.MERGED: None,
    EventKind.RELOCATED: None,
    # Work that changes hands stands on the new unit's page at once, with its clock.
    EventKind.REATTRIBUTED: None,
    EventKind.COMMENTED: None,
    EventKind.URGED: Row(NoticeKind.URGED, _owner),
    EventKind.SUPERVISED: Row(NoticeKind.SUPERVISED, _owner),
    EventKind.REPLIED: Row(NoticeKind.REPLIED, _supervisor),
    EventKind.DISPUTED: Row(NoticeKind.DISPUTED, _adjudicator_and_wanted),
    EventKind.STATED: None,
    EventKind.SETTLED: Row(NoticeKind.SETTLED, _departments),
    EventKind.IDENTIFIED: None,
    EventKind.PLANNED: None,
    EventKind.ANSWERED: None,
}
"""Event kind to who is told of it, None: nobody; complete by test."""

TELLING = frozenset(kind for kind, row in TOLD.items() if row)
"""The kinds of which somebody is told."""


def notices_of(told: Told, directory: Directory) -> tuple[Notice, ...]:
    """Give the notices that follow from an event; none to whoever recorded it, and none from what is history."""
    event = told.event
    row = TOLD[event.kind]
    if row is None or event.recorded_at - event.occurred_at > HISTORY_AFTER:
        return ()
    itself = directory.actor(event.actor, told.state.township)
    addresses = [(told.state.number, recipient) for recipient in row.to(told, directory)]
    if row.kind is NoticeKind.RESULT:
        addresses += [(number, parties.source(source)) for number, source in told.merged]
    else:
        addresses = [address for address in addresses if address[1] != itself]
    return tuple(_notice(told, row.kind, *address) for address in dict.fromkeys(addresses))


def _notice(told: Told, kind: NoticeKind, number: str, recipient: str) -> Notice:
    event = told.event
    key = f"event:{event.revision}:{number}:{recipient}"
    return Notice(key, recipient, kind, number, event.leg, Level.NONE, event.occurred_at, _facts(told, number))


def _facts(told: Told, number: str) -> dict[str, Any]:
    event, leg = told.event, _leg(told)
    quoted = {name: str(event.data[name])[:LONGEST_QUOTE] for name in QUOTED if event.data.get(name)}
    facts = {"event": event.revision, "by": event.actor, "department": leg.department, "unit": leg.unit, **quoted}
    return facts | ({"result_of": told.state.number} if number != told.state.number else {})


def _leg(told: Told) -> Leg:
    number = told.event.leg
    return (told.state.leg(number) if number is not None else None) or told.state.lead
