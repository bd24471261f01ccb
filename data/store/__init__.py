"""The memory of cases: events are appended, projections follow in the same transaction.

Revisions are handed out in commit order, so that a reader that follows them misses none.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Executable, Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from cases.case import CaseState
from cases.errors import NoSuchCase, SourceConflict, Stale
from cases.events import Event, EventKind
from cases.inspection import Visit
from cases.ports import Change, Identity, NewCase
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
_FIND = select(tables.cases.c.source_id, tables.cases.c.number, tables.cases.c.body_hash).where(
    tables.cases.c.source == bindparam("source"),
    tables.cases.c.source_id.in_(bindparam("source_ids", expanding=True)),
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
    """Draw the next values of a counter that need not exist yet, and give the last of them; 1 is the first."""
    return (
        insert_or_update.values(name=bindparam("counter"), value=bindparam("drawn"))
        .on_conflict_do_update(
            index_elements=["name"], set_={"value": tables.counters.c.value + insert_or_update.excluded.value}
        )
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

    def numbered(self, identities: Collection[Identity]) -> Mapping[Identity, tuple[str, str]]:
        """Give (case number, body hash) of earlier reports by their (source, source_id); new ones are left out."""
        with reading(self.engine) as connection:
            return _numbered(connection, identities)

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

    def add_all(self, prefix: str, cases: Sequence[NewCase]) -> Sequence[CaseState]:
        """Write new cases with their first events in one transaction; give their states with number and revision.

        Raises
        ------
        SourceConflict
            When another writer stored one of the same (source, source_id) in the meantime; it names that case.
        BadReport
            When a text cannot be stored.
        """
        for case in cases:
            check_texts(case.events)
        try:
            with writing(self.engine) as connection:
                return _write_new(connection, cases, _draw(connection, prefix, cases))
        except IntegrityError as error:
            with reading(self.engine) as connection:
                earlier = _numbered(connection, [(case.state.source, case.state.source_id) for case in cases])
            for (source, source_id), (number, _) in earlier.items():
                raise SourceConflict(
                    f"Source {source!r} has already sent {source_id!r}; it is case {number}.", number
                ) from error
            raise

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
        _rewrite_parts(connection, [change.state for change in changes])
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
    revised = _revised(connection, [change.events for change in changes])
    states, keys = [], []
    for change, events in zip(changes, revised.events, strict=True):
        state = replace(change.state, revision=events[-1].revision)
        write_visits(connection, state, change.events)
        states.append(state)
        if change.key is not None:
            key, body_hash = change.key
            row = {"number": change.number, "key": key, "body_hash": body_hash, "revision": state.revision}
            keys.append(row)
    with together(connection):
        _insert_events(connection, [change.number for change in changes], revised)
        _execute(connection, _CHANGE, [case_row(state) | {"changed": state.number} for state in states])
        _insert(connection, tables.event_keys, keys)
    return states


def rewrite(connection: Connection, state: CaseState) -> None:
    """Write the projections of a case anew, without an event; raises Stale when it has changed since it was read."""
    _lock(connection, Change(state.number, state.revision, (), state))
    with together(connection):
        _rewrite_parts(connection, [state])
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


def _numbered(connection: Connection, identities: Collection[Identity]) -> dict[Identity, tuple[str, str]]:
    found: dict[Identity, tuple[str, str]] = {}
    by_source: dict[str, list[str]] = {}
    for source, source_id in identities:
        by_source.setdefault(source, []).append(source_id)
    for source, source_ids in by_source.items():
        for start in range(0, len(source_ids), AT_ONCE):
            asked = {"source": source, "source_ids": source_ids[start : start + AT_ONCE]}
            for row in connection.execute(_FIND, asked):
                found[source, row.source_id] = row.number, row.body_hash
    return found


def _draw(connection: Connection, prefix: str, cases: Sequence[NewCase]) -> list[str]:
    """Draw the numbers of new cases; those of a day follow the order of the cases.

    SQLite's write lock, and PostgreSQL's row locks on the counters of the days, are held from here to the commit.
    """
    drawn: dict[str, Iterator[int]] = {}
    days = Counter(f"{prefix}{case.day:%Y%m%d}" for case in cases)
    # In the order of the days, so that two who write the same days never wait for each other crosswise.
    for counter, cases_of_day in sorted(days.items()):
        asked = {"counter": counter, "drawn": cases_of_day}
        last = connection.execute(_COUNT[connection.dialect.name], asked).scalar_one()
        drawn[counter] = count(last - cases_of_day + 1)
    counters = [f"{prefix}{case.day:%Y%m%d}" for case in cases]
    return [f"{counter}-{next(drawn[counter]):05d}" for counter in counters]


def _write_new(connection: Connection, cases: Sequence[NewCase], numbers: Sequence[str]) -> list[CaseState]:
    # The case comes before the rows that refer to it, so its revision must be known first.
    revised = _revised(connection, [case.events for case in cases])
    states = [
        replace(case.state, number=number, revision=events[-1].revision)
        for case, number, events in zip(cases, numbers, revised.events, strict=True)
    ]
    rows = [case_row(state) | {"body_hash": case.body_hash} for case, state in zip(cases, states, strict=True)]
    with together(connection):
        _insert(connection, tables.cases, rows)
        _insert_parts(connection, states)
        _insert_events(connection, numbers, revised)
    for state, case in zip(states, cases, strict=True):
        write_visits(connection, state, case.events)
    return states


class _Revised(NamedTuple):
    """Events of several cases with their revisions, and the hash that stands before the first of them."""

    events: Sequence[Sequence[Event]]
    before: bytes


def _revised(connection: Connection, events: Sequence[Sequence[Event]]) -> _Revised:
    """Reserve the revisions of new events, case by case; from here to the commit every other writer waits."""
    new = sum(len(some) for some in events)
    revisions = count(next_revision(connection, new) - new + 1)
    revised = [[replace(event, revision=next(revisions)) for event in some] for some in events]
    return _Revised(revised, last_hash(connection))


def _insert_events(connection: Connection, numbers: Sequence[str], revised: _Revised) -> None:
    """Write the events of cases, each chained to the hash of the one before."""
    before, rows, chained = revised.before, list[dict[str, Any]](), list[dict[str, Any]]()
    for number, events in zip(numbers, revised.events, strict=True):
        rows += event_rows(number, events)
        chained += (linked := links(before, number, events))
        before = linked[-1]["hash"] if linked else before
    _insert(connection, tables.events, rows)
    _insert(connection, tables.chain, chained)
    kinds = [event for events in revised.events for event in events if event.kind is EventKind.SETTLED]
    if any(event.data.get("ruling") for event in kinds):
        connection.execute(_RULED)


def _rewrite_parts(connection: Connection, states: Sequence[CaseState]) -> None:
    for clear in _CLEAR:
        _execute(connection, clear, [{"cleared": state.number} for state in states])
    _insert_parts(connection, states)


def _insert_parts(connection: Connection, states: Sequence[CaseState]) -> None:
    """Write the parts of cases that have none."""
    parts: dict[Table, list[dict[str, Any]]] = {}
    for state in states:
        for table, rows in part_rows(state):
            parts.setdefault(table, []).extend(rows)
    for table, rows in parts.items():
        _insert(connection, table, rows)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    _execute(connection, _INSERT[table], rows)


def _execute(connection: Connection, statement: Executable, rows: list[dict[str, Any]]) -> None:
    # The drivers are quicker with one row when it is not wrapped in a list.
    if rows:
        connection.execute(statement, rows if len(rows) > 1 else rows[0])
