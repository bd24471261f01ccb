"""The unified result: one document for all findings, issued by the lead, for each round of a case.

It says what the events up to the one that issued it say, and nothing of what came later. Its hash covers these facts
alone: a due time firms up when a year's holidays are published, and no printed copy may become false by that.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState, Leg, LegRole, Status
from cases.clock import Budget, Clock, ClockKind
from cases.errors import NoSuchResult, NotAllowed
from cases.events import Event, EventKind
from cases.history import fold, in_order
from cases.history.folding import budgets_from
from cases.lifecycle import allowed, missing_findings

FORMAT = 1
"""Which facts stand in the document; a hash is only ever compared with one of the same format."""

PROMISED = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.FINISH)
"""The limits that the county promises to whoever reports; verification is its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one department found, and by which clause it was asked.

    Attributes
    ----------
    clause, sentence
        The words of the lists that name it, and why it acts, as a sentence.
    arrived_m, is_far
        Metres between its check-in and the case, None where it gave no position; whether that is too far.
    finding, basis
        None where it recorded none: who acts alone may finish at once, and who names no basis leaves it to the lists.
    """

    leg: int
    role: LegRole
    department: str
    unit: str | None
    clause: str
    sentence: str
    arrived_at: datetime | None
    arrived_m: float | None
    is_far: bool
    found_at: datetime | None
    finding: str | None
    basis: str | None


@dataclass(frozen=True)
class UnifiedResult:
    """One round's document. Codes only: what they are called is the reader's language.

    Attributes
    ----------
    document
        Number of the document: that of the case and the round.
    round
        1 for the first result of the case, 2 for the one after it was reopened.
    revision
        Of the event that issued it; not part of what the hash covers.
    source
        Who reported it; never a person, and nothing of a contact.
    subject
        ``code``, ``kind`` and ``name`` of the enterprise or site, or None.
    accepted_at, on_site_at
        When the lead that issued it accepted, and when the first department came; None when that did not happen.
    conclusion
        The lead's own words for the whole; empty when it left it to the findings.
    departments
        Who had a part in the case, by number of the leg; some of them may have handed theirs over without a word.
    findings
        The lead's first, then those of the coordinating departments, then those of departments that handed over later.
    clocks
        The limits that ran until then, with their due times by today's calendar.
    promise
        What the county promises for this matter.
    merged
        Numbers of the cases that were merged into it before.
    """

    document: str
    number: str
    round: int
    revision: int
    matter: str
    source: str
    township: str | None
    village: str | None
    cell: str | None
    subject: Mapping[str, str] | None
    list_version: str
    occurred_at: datetime
    received_at: datetime
    accepted_at: datetime | None
    on_site_at: datetime | None
    issued_at: datetime
    lead: int
    conclusion: str
    departments: Mapping[int, str]
    findings: tuple[Finding, ...]
    clocks: tuple[Clock, ...]
    promise: Mapping[ClockKind, Budget]
    merged: tuple[str, ...]

    @property
    def issuer(self) -> Finding:
        """The lead's part."""
        return next(one for one in self.findings if one.leg == self.lead)

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the document's facts, 64 hexadecimal digits."""
        text = json.dumps(self._facts(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def _facts(self) -> dict[str, Any]:
        plain = {
            field.name: _written(getattr(self, field.name))
            for field in fields(self)
            if field.name not in ("revision", "findings", "clocks", "promise")
        }
        return plain | {
            "format": FORMAT,
            "findings": [
                {field.name: _written(getattr(one, field.name)) for field in fields(one)} for one in self.findings
            ],
            "clocks": [_clock_facts(clock) for clock in self.clocks],
            "promise": {kind.value: _budget(budget) for kind, budget in self.promise.items()},
        }


def unified(events: Iterable[Event], calendar: Calendar, number: str, round: int | None = None) -> UnifiedResult:
    """Give the document of a round.

    Parameters
    ----------
    events
        All events of the case. Those that happened after the result was issued say nothing in it; one that happened
        before and is told late does.
    round
        1, 2, …; None for the last one.

    Raises
    ------
    NotAllowed
        The case is still in work and no result was ever issued; the sentence says what it waits for.
    NoSuchResult
        There is no such round, or the case ended without a result.
    """
    known = in_order(events)
    issued = issues(known)
    if not issued:
        raise _unissued(fold(known, calendar, number))
    if round is not None and not 1 <= round <= len(issued):
        there = ", ".join(str(count) for count in range(1, len(issued) + 1))
        raise NoSuchResult(f"{number} has no result of round {round}; there are: {there}.")
    count = round or len(issued)
    return _at(known, issued[count - 1], count, calendar, number)


def issues(events: Iterable[Event]) -> tuple[Event, ...]:
    """Give the events that issued a result, in the order of the rounds."""
    return tuple(event for event in in_order(events) if event.kind is EventKind.FINISHED)


def answers(events: Iterable[Event]) -> dict[int, Event]:
    """Give the last event that says that the reporter was answered, by the round that was the last one then.

    Round 0 in a case without a result of its own: it was merged, and answered with that of another one.
    """
    found, count = {}, 0
    for event in in_order(events):
        if event.kind is EventKind.FINISHED:
            count += 1
        elif event.kind is EventKind.ANSWERED:
            found[count] = event
    return found


def editions(events: Iterable[Event], calendar: Calendar, number: str, round: int) -> tuple[UnifiedResult, ...]:
    """Give a round's document as it has read since it was issued, the oldest first; the last one is today's.

    There is more than one where something that happened before the issue was told after it, and changed what it says:
    copies that were printed before that are genuine all the same. Raises what `unified` raises.
    """
    known = in_order(events)
    today = unified(known, calendar, number, round)
    place = next(count for count, event in enumerate(known) if event.revision == today.revision)
    late = {event.revision for event in known[:place] if event.revision > today.revision}
    found: dict[str, UnifiedResult] = {}
    for seen in (today.revision, *sorted(late)):
        then = [event for event in known if event.revision <= seen]
        count = [event.revision for event in issues(then)].index(today.revision) + 1
        one = _at(then, next(e for e in then if e.revision == today.revision), count, calendar, number)
        found[one.sha256] = one
    return tuple(found.values())


def _at(known: Sequence[Event], issue: Event, count: int, calendar: Calendar, number: str) -> UnifiedResult:
    past = known[: known.index(issue) + 1]
    state = fold(past, calendar, number)
    opening, lead = past[0], state.lead
    promise = budgets_from(opening.data["budgets"])
    arrivals = [leg.arrived_at for leg in state.legs if leg.arrived_at is not None]
    return UnifiedResult(
        document=f"{number}-{count}",
        number=number,
        round=count,
        revision=issue.revision,
        matter=state.matter,
        source=state.source,
        township=state.township,
        village=state.village,
        cell=state.cell,
        subject=_subject(past),
        list_version=state.list_version,
        occurred_at=state.occurred_at,
        received_at=state.received_at,
        accepted_at=lead.accepted_at,
        on_site_at=min(arrivals, default=None),
        issued_at=issue.occurred_at,
        lead=lead.number,
        conclusion=str(issue.data.get("result") or "").strip(),
        departments={leg.number: leg.department for leg in state.legs},
        findings=tuple(_finding(leg) for leg in _speaking(state)),
        clocks=tuple(clock for clock in state.clocks if clock.kind in PROMISED),
        promise={kind: promise[kind] for kind in PROMISED if kind in promise},
        merged=tuple(dict.fromkeys(str(event.data["merged_from"]) for event in past if event.data.get("merged_from"))),
    )


def _speaking(state: CaseState) -> list[Leg]:
    lead, others = state.lead, state.coordinating
    taken = {lead.number, *(leg.number for leg in others)}
    handed_over = [leg for leg in state.legs if leg.number not in taken and leg.finding]
    return [lead, *others, *handed_over]


def _finding(leg: Leg) -> Finding:
    names = [field.name for field in fields(Finding) if field.name != "leg"]
    return Finding(leg.number, **{name: getattr(leg, name) for name in names})


def _subject(past: Sequence[Event]) -> Mapping[str, str] | None:
    # A planned visit repeats the code alone.
    naming = [event for event in past if event.kind in (EventKind.RECEIVED, EventKind.IDENTIFIED)]
    named = [event.data["subject"] for event in naming if event.data.get("subject")]
    return {name: str(named[-1].get(name) or "") for name in ("code", "kind", "name")} if named else None


def _unissued(state: CaseState) -> NotAllowed | NoSuchResult:
    number = state.number
    if state.status is Status.MERGED:
        return NoSuchResult(f"{number} was merged into {state.merged_into}; the result of that case answers it.")
    if state.status is Status.CLOSED:
        return NoSuchResult(f"{number} was closed without a result; its history says why.")
    missing = ", ".join(leg.department for leg in missing_findings(state))
    waits = f" It waits for the findings of: {missing}." if missing else ""
    return NotAllowed(
        f"{number} is {state.status}: its unified result is there when {state.lead.department}, which leads, has"
        f" finished it.{waits}",
        allowed(state),
    )


def _clock_facts(clock: Clock) -> dict[str, Any]:
    """Give what happened to a clock; its due time is computed from this and the calendar."""
    return {
        "kind": clock.kind.value,
        "leg": clock.leg,
        "round": clock.round,
        "started_at": _written(clock.started_at),
        "budget": _budget(clock.budget),
        "pauses": [[_written(pause.start), _written(pause.end)] for pause in clock.pauses],
        "stopped_at": _written(clock.stopped_at),
    }


def _budget(budget: Budget) -> dict[str, Any]:
    return {"amount": budget.amount, "unit": budget.unit.value}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
