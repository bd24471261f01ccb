"""The memory of cases: events are appended, projections follow in the same transaction.

Revisions are handed out in commit order, so that a reader that follows them misses none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from cases.case import CaseState, Dispute, Leg, Span
from cases.clock import Clock
from cases.errors import NoSuchCase, SourceConflict, Stale
from cases.events import Event, EventKind
from cases.inspection import Visit
from cases.ports import Change
from data import tables
from data.engine import reading, together, writing
from data.tables.texts import check_texts
from data.visits import read_visits, write_visits

HOUR = timedelta(hours=1)
LONGEST_CLASS = 17  # of spans from 2¹⁶ hours, 7.5 years, on

# Statements are built once: SQLAlchemy spends more time on building one than SQLite on running it.
_FIND = select(tables.cases.c.number, tables.cases.c.body_hash).where(
    tables.cases.c.source == bindparam("source"), tables.cases.c.source_id == bindparam("source_id")
)
_LOCK = select(tables.cases.c.revision).where(tables.cases.c.number == bindparam("number")).with_for_update()
_CHANGE = update(tables.cases).where(tables.cases.c.number == bindparam("changed"))
_HISTORY = select(tables.events).where(tables.events.c.number == bindparam("number")).order_by(tables.events.c.revision)
_PARTS = (tables.legs, tables.clocks, tables.spans, tables.disputes)
_INSERT = {table: insert(table) for table in (tables.cases, *_PARTS, tables.events)}
_CLEAR = [delete(table).where(table.c.number == bindparam("cleared")) for table in _PARTS]
_TAKE_REVISIONS = (
    update(tables.counters)
    .where(tables.counters.c.name == tables.REVISION)
    .values(value=tables.counters.c.value + bindparam("events"))
    .returning(tables.counters.c.value)
)
# A decision that routes the next such case changes what the lists answer: every process's `data.lists.Library` sees it.
_RULED = update(tables.counters).where(tables.counters.c.name == tables.LISTS).values(value=tables.counters.c.value + 1)


def _counting(insert_or_update: Any) -> Any:
    """Draw the next value of a counter that need not exist yet; 1 is the first."""
    return (
        insert_or_update.values(name=bindparam("counter"), value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": tables.counters.c.value + 1})
        .returning(tables.counters.c.value)
    )


_COUNT = {
    "postgresql": _counting(postgresql.insert(tables.counters)),
    "sqlite": _counting(sqlite.insert(tables.counters)),
}


@dataclass(frozen=True, slots=True)
class SqlCaseStore:
    """`cases.ports.CaseStore` on SQLite and PostgreSQL. Safe to share between threads; holds nothing but the engine."""

    engine: Engine

    def numbered(self, source: str, source_id: str) -> tuple[str, str] | None:
        """Give (case number, body hash) of an earlier report with this identity, or None."""
        with reading(self.engine) as connection:
            return _numbered(connection, source, source_id)

    def history(self, number: str) -> Sequence[Event]:
        """Give all events of a case in the order of their revision; raises NoSuchCase."""
        with reading(self.engine) as connection:
            events = read_events(connection, number)
        if not events:
            raise NoSuchCase(f"There is no case {number!r}. Case numbers look like CX20261001-00001.")
        return events

    def add(self, prefix: str, day: date, body_hash: str, events: Sequence[Event], state: CaseState) -> CaseState:
        """Write a new case with its first events and return its state with number and revision.

        Raises
        ------
        SourceConflict
            When another writer stored the same (source, source_id) in the meantime; it names that case.
        BadReport
            When a text cannot be stored.
        """
        check_texts(events)
        try:
            with writing(self.engine) as connection:
                # SQLite's write lock and PostgreSQL's row lock on the day's counter are held from here to the commit.
                counter = f"{prefix}{day:%Y%m%d}"
                count = connection.execute(_COUNT[connection.dialect.name], {"counter": counter}).scalar_one()
                number = f"{counter}-{count:05d}"
                return _write_new(connection, replace(state, number=number), body_hash, events)
        except IntegrityError as error:
            with reading(self.engine) as connection:
                earlier = _numbered(connection, state.source, state.source_id)
            if earlier is None:
                raise
            raise SourceConflict(
                f"Source {state.source!r} has already sent {state.source_id!r}; it is case {earlier[0]}.", earlier[0]
            ) from error

    def append(self, number: str, seen: int, events: Sequence[Event], state: CaseState) -> CaseState:
        """Append events and rewrite the projections.

        Raises
        ------
        NoSuchCase
            When there is no case with this number.
        Stale
            Unless the last revision of the case is `seen`.
        BadReport
            When a text cannot be stored.
        """
        return self.append_all([Change(number, seen, events, state)])[0]

    def append_all(self, changes: Sequence[Change]) -> Sequence[CaseState]:
        """Append to several different cases in one transaction: all of it, or nothing.

        Raises
        ------
        NoSuchCase, Stale, BadReport
            As `append` does, when one of them cannot be written.
        """
        for change in changes:
            check_texts(change.events)
        with writing(self.engine) as connection:
            # In the order of their numbers, so that two who change the same cases never wait for each other crosswise.
            for change in sorted(changes, key=lambda one: one.number):
                _lock(connection, change)
            with together(connection):
                for change in changes:
                    for clear in _CLEAR:
                        connection.execute(clear, {"cleared": change.number})
                    _insert_parts(connection, change.state)
            # Last: from here to the commit every other writer waits.
            return [_append(connection, change) for change in changes]

    def visits(self, subject: str) -> Sequence[Visit]:
        """Give the visits of a subject by their ordinal; none for a subject that nobody has named."""
        with reading(self.engine) as connection:
            return read_visits(connection, subject)


def _lock(connection: Connection, change: Change) -> None:
    """Keep others from changing a case until the end of the transaction; refuse when they already have."""
    revision = connection.execute(_LOCK, {"number": change.number}).scalar_one_or_none()
    if revision is None:
        raise NoSuchCase(f"There is no case {change.number!r}. Case numbers look like CX20261001-00001.")
    if revision != change.seen:
        raise Stale(f"Case {change.number} has gone from revision {change.seen} to {revision}. Read it again.")


def _append(connection: Connection, change: Change) -> CaseState:
    """Write the events of a case whose parts have been written, and the case itself."""
    state = replace(change.state, revision=next_revision(connection, len(change.events)))
    write_visits(connection, state, change.events)
    with together(connection):
        _insert_events(connection, change.number, change.events, state.revision)
        connection.execute(_CHANGE, case_row(state) | {"changed": change.number})
    return state


def next_revision(connection: Connection, events: int) -> int:
    """Reserve as many revisions as there are events and give the last one.

    The counter's row stays locked until the transaction ends, so the next writer gets its revisions only after this
    one's are committed: readers that follow the revisions never meet a gap that is filled later, as with a sequence.
    """
    last: int = connection.execute(_TAKE_REVISIONS, {"events": events}).scalar_one()
    return last


def read_events(connection: Connection, number: str) -> tuple[Event, ...]:
    """Give the events of a case in the order of their revision."""
    rows = connection.execute(_HISTORY, {"number": number})
    return tuple(
        Event(EventKind(row.kind), row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)
        for row in rows
    )


def case_row(state: CaseState) -> dict[str, Any]:
    """Everything of a state that stands in table `cases`, except the body hash, which never changes."""
    return {
        "number": state.number,
        "source": state.source,
        "source_id": state.source_id,
        "matter": state.matter,
        "platform": state.platform,
        "domain": state.domain,
        "status": state.status,
        "merged_into": state.merged_into,
        "occurred_at": state.occurred_at,
        "received_at": state.received_at,
        "lon": state.lon,
        "lat": state.lat,
        "cell": state.cell,
        "village": state.village,
        "township": state.township,
        "areas": dict(state.areas),
        "flags": list(state.flags),
        "report": dict(state.report),
        "list_version": state.list_version,
        "notes": list(state.notes),
        "subject": state.subject,
        "visit": state.visit,
        "checks": {department: list(items) for department, items in state.checks.items()},
        "answered_at": state.answered_at,
        "revision": state.revision,
    } | board_columns(state)


def board_columns(state: CaseState) -> dict[str, Any]:
    """Compute what a board must know at a glance: who leads, whether it is pending, what is due next and from whom.

    `amber_at` and `due_at` are the earliest over the running clocks, each for itself: the worst clock decides.
    """
    lead = state.lead
    running = [(clock.due, clock) for clock in state.clocks if clock.stopped_at is None and clock.due is not None]
    due, clock = min(running, key=lambda pair: pair[0].due_at, default=(None, None))
    return {
        "lead": lead.department if lead else None,
        "lead_unit": lead.unit if lead else None,
        "pending": bool(state.spans) and state.spans[-1].closed_at is None,
        "amber_at": min((due.amber_at for due, _ in running), default=None),
        "due_at": due.due_at if due else None,
        "due_kind": clock.kind if clock else None,
        "due_department": owner_of(state, clock) if clock else None,
        "provisional": any(due.provisional for due, _ in running),
    }


def owner_of(state: CaseState, clock: Clock) -> str | None:
    """Name the department that a clock runs for: its leg's, or the lead's for a clock of the case as a whole."""
    leg = state.lead if clock.leg is None else next((leg for leg in state.legs if leg.number == clock.leg), None)
    return leg.department if leg else None


def length_class(span: Span) -> int | None:
    """Give the class of a span's length, which is shorter than 2ⁿ hours in class n; None while it is open.

    With it, the spans that hold an instant are found in a few short stretches of an index, however long the history is:
    one of class n that holds the instant was opened less than 2ⁿ hours before. The last class holds all longer ones.
    """
    if span.closed_at is None:
        return None
    return min(((span.closed_at - span.opened_at) // HOUR).bit_length(), LONGEST_CLASS)


def _numbered(connection: Connection, source: str, source_id: str) -> tuple[str, str] | None:
    row = connection.execute(_FIND, {"source": source, "source_id": source_id}).one_or_none()
    return (row.number, row.body_hash) if row else None


def _write_new(connection: Connection, state: CaseState, body_hash: str, events: Sequence[Event]) -> CaseState:
    # The case comes before the rows that refer to it, so its revision must be known first.
    last = next_revision(connection, len(events))
    state = replace(state, revision=last)
    with together(connection):
        connection.execute(_INSERT[tables.cases], case_row(state) | {"body_hash": body_hash})
        _insert_parts(connection, state)
        _insert_events(connection, state.number, events, last)
    write_visits(connection, state, events)
    return state


def _insert_events(connection: Connection, number: str, events: Sequence[Event], last: int) -> None:
    first = last - len(events) + 1
    rows = [
        {
            "revision": revision,
            "number": number,
            "kind": event.kind,
            "occurred_at": event.occurred_at,
            "recorded_at": event.recorded_at,
            "actor": event.actor,
            "leg": event.leg,
            "data": dict(event.data),
        }
        for revision, event in enumerate(events, first)
    ]
    _insert(connection, tables.events, rows)
    if any(event.kind is EventKind.SETTLED and event.data.get("ruling") for event in events):
        connection.execute(_RULED)


def _insert_parts(connection: Connection, state: CaseState) -> None:
    """Write legs, clocks and spans of a case that has none."""
    parts = (
        (tables.legs, [_leg_row(state.number, leg) for leg in state.legs]),
        (tables.clocks, [_clock_row(state, ordinal, clock) for ordinal, clock in enumerate(state.clocks)]),
        (tables.spans, [_span_row(state.number, ordinal, span) for ordinal, span in enumerate(state.spans)]),
        (tables.disputes, [_dispute_row(state.number, count, one) for count, one in enumerate(state.disputes)]),
    )
    for table, rows in parts:
        _insert(connection, table, rows)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    # The drivers are quicker with one row when it is not wrapped in a list.
    if rows:
        connection.execute(_INSERT[table], rows if len(rows) > 1 else rows[0])


def _leg_row(number: str, leg: Leg) -> dict[str, Any]:
    return {
        "number": number,
        "leg": leg.number,
        "role": leg.role,
        "department": leg.department,
        "unit": leg.unit,
        "clause": leg.clause,
        "sentence": leg.sentence,
        "status": leg.status,
        "asked_at": leg.asked_at,
        "accepted_at": leg.accepted_at,
        "arrived_at": leg.arrived_at,
        "found_at": leg.found_at,
        "ended_at": leg.ended_at,
        "finding": leg.finding,
        "disputed": leg.disputed,
        "arrangements": list(leg.arrangements),
        "basis": leg.basis,
        "arrived_m": leg.arrived_m,
        "visit": leg.visit,
        "urged": leg.urged,
        "supervised_at": leg.supervised_at,
        "replied_at": leg.replied_at,
    }


def _clock_row(state: CaseState, ordinal: int, clock: Clock) -> dict[str, Any]:
    return {
        "number": state.number,
        "ordinal": ordinal,
        "kind": clock.kind,
        "leg": clock.leg,
        "department": owner_of(state, clock),
        "round": clock.round,
        "started_at": clock.started_at,
        "budget": clock.budget.amount,
        "unit": clock.budget.unit,
        "pauses": [[_written(pause.start), _written(pause.end)] for pause in clock.pauses],
        "stopped_at": clock.stopped_at,
        "amber_at": clock.due.amber_at if clock.due else None,
        "due_at": clock.due.due_at if clock.due else None,
        "provisional": clock.due.provisional if clock.due else False,
    }


def _span_row(number: str, ordinal: int, span: Span) -> dict[str, Any]:
    return {
        "number": number,
        "ordinal": ordinal,
        "opened_at": span.opened_at,
        "closed_at": span.closed_at,
        "length": length_class(span),
    }


def _dispute_row(number: str, ordinal: int, dispute: Dispute) -> dict[str, Any]:
    due = dispute.clock.due
    return {
        "number": number,
        "ordinal": ordinal,
        "leg": dispute.leg,
        "opened_at": dispute.opened_at,
        "opened_by": dispute.opened_by,
        "clause": dispute.clause,
        "wanted": dispute.wanted,
        "views": [{"by": view.by, "at": _written(view.at), "text": view.text} for view in dispute.views],
        "budget": dispute.clock.budget.amount,
        "unit": dispute.clock.budget.unit,
        "amber_at": due.amber_at if due else None,
        "due_at": due.due_at if due else None,
        "provisional": due.provisional if due else False,
        "settled_at": dispute.settled_at,
        "decided": dispute.decided,
        "decision": dispute.decision,
        "ruling": None if dispute.ruling is None else dict(dispute.ruling),
    }


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
