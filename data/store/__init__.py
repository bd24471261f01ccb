"""The memory of cases: events are appended, projections follow in the same transaction.

Revisions are handed out in commit order, so that a reader that follows them misses none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from cases.case import CaseState
from cases.errors import NoSuchCase, SourceConflict, Stale
from cases.events import Event, EventKind
from cases.inspection import Visit
from cases.ports import Change
from data import tables
from data.chain import last_hash, links
from data.engine import reading, reading_alike, together, writing
from data.store.rows import HOUR, LONGEST_CLASS, PARTS, board_columns, case_row, event_rows, length_class, part_rows
from data.tables.texts import check_texts
from data.visits import read_visits, write_visits

__all__ = [
    "HOUR",
    "LONGEST_CLASS",
    "SqlCaseStore",
    "append_within",
    "board_columns",
    "case_row",
    "length_class",
    "next_revision",
    "read_events",
    "rewrite",
]

AT_ONCE = 500  # cases that are asked for at once; SQLite allows some thousand parameters

# Statements are built once: SQLAlchemy spends more time on building one than SQLite on running it.
_FIND = select(tables.cases.c.number, tables.cases.c.body_hash).where(
    tables.cases.c.source == bindparam("source"), tables.cases.c.source_id == bindparam("source_id")
)
_LOCK = select(tables.cases.c.revision).where(tables.cases.c.number == bindparam("number")).with_for_update()
_KEYED = select(tables.event_keys.c.body_hash).where(
    tables.event_keys.c.number == bindparam("number"), tables.event_keys.c.key == bindparam("key")
)
_CHANGE = update(tables.cases).where(tables.cases.c.number == bindparam("changed"))
_HISTORY = select(tables.events).where(tables.events.c.number == bindparam("number")).order_by(tables.events.c.revision)
_HISTORIES = (
    select(tables.events)
    .where(tables.events.c.number.in_(bindparam("numbers", expanding=True)))
    .order_by(tables.events.c.number, tables.events.c.revision)
)
_INSERT = {table: insert(table) for table in (tables.cases, *PARTS, tables.events, tables.chain, tables.event_keys)}
_CLEAR = [delete(table).where(table.c.number == bindparam("cleared")) for table in PARTS]
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

    def keyed(self, number: str, key: str) -> str | None:
        """Give the fingerprint of the request that was recorded on a case under a key, or None."""
        with reading(self.engine) as connection:
            return connection.execute(_KEYED, {"number": number, "key": key}).scalar_one_or_none()

    def history(self, number: str) -> Sequence[Event]:
        """Give all events of a case in the order of their revision; raises NoSuchCase."""
        with reading_alike(self.engine) as connection:
            events = read_events(connection, number)
        if not events:
            raise NoSuchCase(f"There is no case {number!r}. Case numbers look like CX20261001-00001.")
        return events

    def histories(self, numbers: Collection[str]) -> Mapping[str, Sequence[Event]]:
        """Give the events of several cases, each as `history` does; a number that nobody was given is left out."""
        found: dict[str, list[Event]] = {}
        with reading(self.engine) as connection:
            asked = sorted(numbers)
            for start in range(0, len(asked), AT_ONCE):
                for row in connection.execute(_HISTORIES, {"numbers": asked[start : start + AT_ONCE]}):
                    found.setdefault(row.number, []).append(_event(row))
        return found

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
            return append_within(connection, changes)

    def visits(self, subject: str) -> Sequence[Visit]:
        """Give the visits of a subject by their ordinal; none for a subject that nobody has named."""
        with reading(self.engine) as connection:
            return read_visits(connection, subject)


def append_within(connection: Connection, changes: Sequence[Change]) -> list[CaseState]:
    """Append to several different cases in a transaction that is open; raises NoSuchCase and Stale."""
    # In the order of their numbers, so that two who change the same cases never wait for each other crosswise.
    for change in sorted(changes, key=lambda one: one.number):
        _lock(connection, change)
    with together(connection):
        for change in changes:
            _rewrite_parts(connection, change.number, change.state)
    # Last: from here to the commit every other writer waits.
    return _append(connection, changes)


def _lock(connection: Connection, change: Change) -> None:
    """Keep others from changing a case until the end of the transaction; refuse when they already have."""
    revision = connection.execute(_LOCK, {"number": change.number}).scalar_one_or_none()
    if revision is None:
        raise NoSuchCase(f"There is no case {change.number!r}. Case numbers look like CX20261001-00001.")
    if revision != change.seen:
        raise Stale(f"Case {change.number} has gone from revision {change.seen} to {revision}. Read it again.")


def _append(connection: Connection, changes: Sequence[Change]) -> list[CaseState]:
    """Write the events of cases whose parts have been written, and the cases themselves."""
    last = next_revision(connection, sum(len(change.events) for change in changes))
    first = last - sum(len(change.events) for change in changes) + 1
    before, states = last_hash(connection), []
    for change in changes:
        first += len(change.events)
        state = replace(change.state, revision=first - 1)
        write_visits(connection, state, change.events)
        with together(connection):
            before = _insert_events(connection, change.number, change.events, state.revision, before)
            connection.execute(_CHANGE, case_row(state) | {"changed": change.number})
            if change.key is not None:
                key, body_hash = change.key
                row = {"number": change.number, "key": key, "body_hash": body_hash, "revision": state.revision}
                connection.execute(_INSERT[tables.event_keys], row)
        states.append(state)
    return states


def rewrite(connection: Connection, state: CaseState) -> None:
    """Write the projections of a case anew, without an event; raises Stale when it has changed since it was read."""
    _lock(connection, Change(state.number, state.revision, (), state))
    with together(connection):
        _rewrite_parts(connection, state.number, state)
        connection.execute(_CHANGE, case_row(state) | {"changed": state.number})


def next_revision(connection: Connection, events: int) -> int:
    """Reserve as many revisions as there are events and give the last one.

    The counter's row stays locked until the transaction ends, so the next writer gets its revisions only after this
    one's are committed: readers that follow the revisions never meet a gap that is filled later, as with a sequence.
    """
    last: int = connection.execute(_TAKE_REVISIONS, {"events": events}).scalar_one()
    return last


def read_events(connection: Connection, number: str) -> tuple[Event, ...]:
    """Give the events of a case in the order of their revision."""
    return tuple(_event(row) for row in connection.execute(_HISTORY, {"number": number}))


def _event(row: Row[Any]) -> Event:
    return Event(EventKind(row.kind), row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)


def _numbered(connection: Connection, source: str, source_id: str) -> tuple[str, str] | None:
    row = connection.execute(_FIND, {"source": source, "source_id": source_id}).one_or_none()
    return (row.number, row.body_hash) if row else None


def _write_new(connection: Connection, state: CaseState, body_hash: str, events: Sequence[Event]) -> CaseState:
    # The case comes before the rows that refer to it, so its revision must be known first.
    last = next_revision(connection, len(events))
    before = last_hash(connection)
    state = replace(state, revision=last)
    with together(connection):
        connection.execute(_INSERT[tables.cases], case_row(state) | {"body_hash": body_hash})
        _insert_parts(connection, state)
        _insert_events(connection, state.number, events, last, before)
    write_visits(connection, state, events)
    return state


def _insert_events(connection: Connection, number: str, events: Sequence[Event], last: int, before: bytes) -> bytes:
    """Write events whose revisions end with `last`, chained to the hash before; give the hash of the last."""
    revised = [replace(event, revision=at) for at, event in enumerate(events, last - len(events) + 1)]
    linked = links(before, number, revised)
    _insert(connection, tables.events, event_rows(number, events, last))
    _insert(connection, tables.chain, linked)
    if any(event.kind is EventKind.SETTLED and event.data.get("ruling") for event in events):
        connection.execute(_RULED)
    return linked[-1]["hash"] if linked else before


def _rewrite_parts(connection: Connection, number: str, state: CaseState) -> None:
    for clear in _CLEAR:
        connection.execute(clear, {"cleared": number})
    _insert_parts(connection, state)


def _insert_parts(connection: Connection, state: CaseState) -> None:
    """Write the parts of a case that has none."""
    for table, rows in part_rows(state):
        _insert(connection, table, rows)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    # The drivers are quicker with one row when it is not wrapped in a list.
    if rows:
        connection.execute(_INSERT[table], rows if len(rows) > 1 else rows[0])
