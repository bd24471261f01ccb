"""Some cases: whether every table says of them what their events say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from cases.calendar import Calendar
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold
from data import tables
from data.chain.form import canonical
from data.store.rows import PARTS, case_row, part_rows
from data.verifying.faults import Fault, Wrong

Rows = list[dict[str, Any]]
SHOWN = 60
"""Characters of a value that are shown."""
POSITION = {"legs": "leg"}
CLOCKS = ("amber_at", "due_at", "due_kind", "due_department", "provisional")
"""Columns of `cases` that follow from the clocks."""
UNREADABLE = (CaseError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What comes of events that somebody has changed."""


def check_cases(connection: Connection, calendar: Calendar, after: int, upto: int) -> tuple[list[str], list[Fault]]:
    """Fold the cases whose last revision is one of these, and compare.

    Returns
    -------
    tuple
        Their numbers, and what is wrong.
    """
    cases = tables.cases.c
    found = connection.execute(select(cases.number).where(cases.revision > after, cases.revision <= upto))
    numbers = sorted(found.scalars())
    if not numbers:
        return [], []
    try:
        return numbers, list(_check(connection, calendar, numbers))
    except (TypeError, ValueError) as error:
        if upto - after == 1:
            return numbers, [Fault(Wrong.STATE, f"a row of the case cannot be read: {error!r:.200}", upto, numbers[0])]
    half = (after + upto) // 2
    first, second = check_cases(connection, calendar, after, half), check_cases(connection, calendar, half, upto)
    return first[0] + second[0], first[1] + second[1]


def _check(connection: Connection, calendar: Calendar, numbers: Sequence[str]) -> Iterator[Fault]:
    stored = {table.name: _by_number(connection, table, numbers) for table in (tables.cases, *PARTS)}
    keys, visits = (_by_number(connection, table, numbers) for table in (tables.event_keys, tables.visits))
    histories = _histories(connection, numbers)
    for number in numbers:
        history = histories.get(number, [])
        rows = {name: found.get(number, []) for name, found in stored.items()}
        revision = rows["cases"][0]["revision"]
        if not history:
            yield Fault(Wrong.STATE, "the case has no events", revision, number)
            continue
        try:
            faults = [*_compare(calendar, number, history, rows), *_keys(number, history, keys.get(number, []))]
            yield from [*faults, *_visits(number, history, visits.get(number, []))]
        except UNREADABLE as error:
            yield Fault(Wrong.STATE, f"its events cannot be folded: {error!r:.200}", revision, number)
    yield from _subjects(connection, histories)


def _keys(number: str, history: Sequence[Event], stored: Rows) -> Iterator[Fault]:
    """Say which keys stand for an event that is none of the case."""
    known = {event.revision for event in history}
    for key in stored:
        if key["revision"] not in known:
            yield Fault(Wrong.KEY, f"the key {key['key']} stands for no event of the case", key["revision"], number)


def _compare(calendar: Calendar, number: str, history: Sequence[Event], stored: Mapping[str, Rows]) -> Iterator[Fault]:
    revision = stored["cases"][0]["revision"]
    state = fold(history, calendar, number)
    # The body hash is the one column that no event tells.
    expected = case_row(state) | {"body_hash": stored["cases"][0]["body_hash"]}
    for column in _differing(expected, stored["cases"][0]):
        what = Wrong.CLOCK if column in CLOCKS else Wrong.STATE
        yield Fault(
            what,
            f"cases.{column} is {_shown(stored['cases'][0][column])}, by the events {_shown(expected[column])}",
            revision,
            number,
        )
    for table, rows in part_rows(state):
        what = Wrong.CLOCK if table is tables.clocks else Wrong.STATE
        position = POSITION.get(table.name, "ordinal")
        there = {row[position]: row for row in stored[table.name]}
        for row in rows:
            where = f"{table.name} {row[position]}"
            found = there.pop(row[position], None)
            if found is None:
                yield Fault(what, f"{where} is not there", revision, number)
                continue
            for column in _differing(row, found):
                yield Fault(
                    what,
                    f"{where}: {column} is {_shown(found[column])}, by the events {_shown(row[column])}",
                    revision,
                    number,
                )
        for left in there:
            yield Fault(what, f"{table.name} {left} is there, and no event says so", revision, number)


def _differing(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [name for name, value in expected.items() if not _same(value, found[name])]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | dict):
        return isinstance(other, list | dict) and canonical(one) == canonical(other)
    return bool(one == other)


def _shown(value: Any) -> str:
    return "…" if isinstance(value, list | dict) else f"{value!s:.{SHOWN}}"


def _visits(number: str, history: Sequence[Event], stored: Rows) -> Iterator[Fault]:
    """Compare the visits that the case opened."""
    there = {row["visit"]: row for row in stored}
    for event in history:
        if event.kind is EventKind.PLANNED and event.data.get("opens"):
            row = there.pop(event.data["visit"], None)
            if row is None:
                yield Fault(Wrong.VISIT, f"the visit {event.data['visit']} is not there", event.revision, number)
                continue
            said = {name: event.data.get(name) for name in ("ordinal", "reason", "approved_by")}
            said |= {"subject": event.data["subject"]["code"], "planned_at": event.occurred_at}
            for column in _differing(said, row):
                differs = f"{column} is {_shown(row[column])}, by the events {_shown(said[column])}"
                yield Fault(Wrong.VISIT, f"the visit {row['visit']}: {differs}", event.revision, number)
    for left in there:
        yield Fault(Wrong.VISIT, f"the visit {left} is there, and no event opens it", None, number)


def _subjects(connection: Connection, histories: Mapping[str, Sequence[Event]]) -> Iterator[Fault]:
    """Say which subjects that events name are not there."""
    named = {
        event.data["subject"]["code"]: (event.revision, number)
        for number, history in histories.items()
        for event in history
        if event.kind in (EventKind.RECEIVED, EventKind.IDENTIFIED) and _names_subject(event.data)
    }
    if named:
        codes = tables.subjects.c.code
        known = set(connection.execute(select(codes).where(codes.in_(named))).scalars())
        for code in sorted(named.keys() - known):
            yield Fault(Wrong.VISIT, f"the subject {code} is not there", *named[code])


def _names_subject(data: object) -> bool:
    subject = data.get("subject") if isinstance(data, dict) else None
    return isinstance(subject, dict) and isinstance(subject.get("code"), str)


def _by_number(connection: Connection, table: Table, numbers: Sequence[str]) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.number.in_(numbers))):
        found[row.number].append(dict(row._mapping))
    return found


def _histories(connection: Connection, numbers: Sequence[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    events = tables.events.c
    for row in connection.execute(select(tables.events).where(events.number.in_(numbers)).order_by(events.revision)):
        kind = EventKind(row.kind)
        found[row.number].append(
            Event(kind, row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)
        )
    return found
