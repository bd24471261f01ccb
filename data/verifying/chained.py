"""Some revisions of the chain, one after the other: whether each event is the one that was hashed."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, select

from cases.events import Event, EventKind
from data import tables
from data.chain import differing, link, parted
from data.chain.form import commitment, commitments, mark
from data.verifying.faults import Fault, Wrong

ANOTHER = 4
"""Columns from which on another event stands there, rather than one that was changed."""


def check_chain(
    connection: Connection, after: int, upto: int, before: bytes | None
) -> tuple[bytes | None, list[Fault]]:
    """Compare the events of some revisions with the chain.

    Parameters
    ----------
    after, upto
        The last revision that was checked, and the last one to check.
    before
        Hash of revision `after`; None when it is not known.

    Returns
    -------
    tuple
        The hash of `upto` as the chain has it, and what is wrong.
    """
    faults: list[Fault] = []
    events, linked = (
        _read(connection, tables.events, after, upto, faults),
        _read(connection, tables.chain, after, upto, faults),
    )
    gap: int | None = None
    for revision in range(after + 1, upto + 1):
        event, row = events.get(revision), linked.get(revision)
        if event is None and row is None:
            gap, before = gap or revision, None
            continue
        if gap:
            faults.append(_gap(gap, revision - 1))
            gap = None
        if row is None and event is not None:
            faults.append(Fault(Wrong.INSERTED, "an event that the chain does not hold", revision, event.number))
        elif event is None and row is not None:
            faults.append(Fault(Wrong.REMOVED, "the event is gone, the chain holds it", revision, row.number))
        elif event is not None and row is not None:
            faults += _compare(connection, event, row, before)
        before = row.hash if row is not None else None
    if gap:
        faults.append(_gap(gap, upto))
    return before, faults


def _gap(first: int, last: int) -> Fault:
    which = f"revision {first} is" if first == last else f"revisions {first} to {last} are"
    return Fault(Wrong.MISSING, f"{which} missing, in the events and in the chain", first)


def _compare(connection: Connection, event: Row[Any], row: Row[Any], before: bytes | None) -> Iterator[Fault]:
    """Compare an event with its row of the chain."""
    where = event.revision, row.number
    if event.owner is None:
        yield Fault(Wrong.ORPHAN, "the event belongs to a case that is not there", event.revision, event.number)
    if not isinstance(event.data, dict):
        yield Fault(Wrong.CHANGED, f"data is {event.data!r:.60} and no object", *where)
        return
    try:
        sealed = yield from _sealed(connection, event, row)
        fact = Event(
            event.kind, event.occurred_at, event.recorded_at, event.actor, event.leg, event.data, event.revision
        )
        made = link(before or b"", event.number, fact, parted(event.kind, event.data)[0], sealed)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield Fault(
            Wrong.CHANGED, f"the event, its data or its row of the chain cannot be read: {error!r:.200}", *where
        )
        return
    columns = differing(made.tags, bytes(row.tags))
    if len(columns) >= ANOTHER:
        yield Fault(Wrong.CHANGED, f"another event stands here: {', '.join(columns)} differ", *where)
    elif columns:
        yield Fault(Wrong.CHANGED, f"{_named(columns)} not what was hashed", *where)
    elif row.number != event.number:
        yield Fault(Wrong.CHANGED, f"the chain has it as an event of {row.number}, it is of {event.number}", *where)
    elif len(row.tags) != len(made.tags):
        yield Fault(Wrong.CHANGED, "the tags of its columns in the chain were changed", *where)
    elif before is not None and made.hash != row.hash:
        yield Fault(
            Wrong.UNLINKED,
            f"its hash does not follow from that of {event.revision - 1}: one of them was rewritten",
            *where,
        )


def _named(columns: list[str]) -> str:
    words = [
        {"data": "data (without personal parts)", "personal": "the personal parts of data"}.get(c, c) for c in columns
    ]
    return f"{', '.join(words)} {'is' if len(words) == 1 else 'are'}"


def _sealed(connection: Connection, event: Row[Any], row: Row[Any]) -> Any:
    """Compute the commitments to the personal parts of an event; those of erased parts are kept in the chain."""
    personal = parted(event.kind, event.data)[1]
    if row.erased is None:
        return commitments(bytes(row.salt), personal) if row.salt is not None else {}
    erased: dict[str, str] = dict(row.erased["commitments"])
    for path in erased:
        if path in personal and personal[path] != mark(path):
            yield Fault(
                Wrong.ERASURE, f"{path} was erased, and something stands there again", event.revision, row.number
            )
    if not _is_told(connection, event, row, erased):
        yield Fault(Wrong.ERASURE, "no event of the case tells that this was erased", event.revision, row.number)
    salts = {path: bytes.fromhex(salt) for path, salt in row.erased["salts"].items()}
    kept = {path: commitment(salts[path], value) for path, value in personal.items() if path in salts}
    return {**kept, **erased}


def _is_told(connection: Connection, event: Row[Any], row: Row[Any], erased: dict[str, str]) -> bool:
    """Whether later events of the case say that these parts of the event were erased."""
    told: set[str] = set()
    query = select(tables.events.c.kind, tables.events.c.data).where(
        tables.events.c.number == event.number,
        tables.events.c.revision > event.revision,
        tables.events.c.revision.in_(row.erased["by"]),
    )
    for kind, data in connection.execute(query):
        if kind == EventKind.COMMENTED:
            told |= set(data.get("erased", {}).get(str(event.revision), ()))
    return set(erased) <= told


def _query(table: Table, after: int, upto: int) -> Select[Any]:
    within = table.c.revision > after, table.c.revision <= upto
    if table is tables.chain:
        return select(table).where(*within)
    owned = table.outerjoin(tables.cases, tables.cases.c.number == table.c.number)
    return select(table, tables.cases.c.number.label("owner")).select_from(owned).where(*within)


def _read(connection: Connection, table: Table, after: int, upto: int, faults: list[Fault]) -> dict[int, Row[Any]]:
    """Read rows by revision; one that cannot even be read is a fault and does not hide the others."""
    try:
        return {row.revision: row for row in connection.execute(_query(table, after, upto))}
    except (TypeError, ValueError) as error:
        if upto - after == 1:
            number = connection.execute(select(table.c.number).where(table.c.revision == upto)).scalar_one_or_none()
            faults.append(Fault(Wrong.CHANGED, f"the row of {table.name} cannot be read: {error!r:.200}", upto, number))
            return {}
    half = (after + upto) // 2
    return _read(connection, table, after, half, faults) | _read(connection, table, half, upto, faults)
