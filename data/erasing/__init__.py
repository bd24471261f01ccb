"""Erase personal data by law. The chain stays whole, and what was erased, by whom and why is told for good.

The values and their salts go; the commitments stay, from which nobody can find the values by trying. An event of the
case, which stands in the chain, and a row of the audit tell of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, text, update

from cases.calendar import Calendar
from cases.errors import BadEvent, NoSuchCase
from cases.events import Event, EventKind
from cases.history import fold
from cases.intake import ERASED_BODY
from cases.ports import Change
from cases.recording import RULES
from data import tables
from data.accounts import By, Entry
from data.accounts.audit import write
from data.chain.form import CONTACT, ERASED, WORDS, commitment, commitments, mark, parted, salt_of
from data.engine import writing
from data.store import append_within, read_events

ERASURE = "erased"
"""Of a row of the audit; and the name in an event's data under which it says which parts of which revisions went."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: revision to paths; nothing when all of it had gone before."""

    number: str
    parts: dict[int, list[str]]
    revision: int


def erase(
    engine: Engine, calendar: Calendar, number: str, reason: str, by: By, now: datetime, *, whole: bool = False
) -> Erased:
    """Erase the contact of a case, or every personal part of its events; doing it again changes nothing.

    Parameters
    ----------
    reason
        The law or the request; kept in the event, so it names nobody.
    by
        Who erases, for the audit.
    whole
        Erase description, photos, attributes and every free text of the case, too.

    Raises
    ------
    NoSuchCase, BadEvent
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise BadEvent(f"reason has {len(reason)} characters; say why in 1 to {LONGEST_REASON}.")
    with writing(engine) as connection:
        if connection.dialect.name == "sqlite":
            # Overwrite what is deleted, which otherwise stays in free pages of the file.
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        seen = connection.execute(
            select(tables.cases.c.revision).where(tables.cases.c.number == number).with_for_update()
        ).scalar_one_or_none()
        if seen is None:
            raise NoSuchCase(f"There is no case {number!r}. Case numbers look like CX20261001-00001.")
        parts = {row.revision: paths for row in _events(connection, number) if (paths := _left(row, whole=whole))}
        if not parts:
            return Erased(number, {}, seen)
        event = _told(parts, reason, now, read_events(connection, number))
        revision = _reserved(connection)
        for row in _events(connection, number):
            if row.revision in parts:
                _erase(connection, row, parts[row.revision], revision)
        _forget(connection, number, whole=whole)
        history = [*read_events(connection, number), event]
        append_within(connection, [Change(number, seen, [event], fold(history, calendar, number))])
        detail = {"reason": reason, "parts": {str(at): paths for at, paths in parts.items()}, "revision": revision}
        write(connection, Entry(ERASURE, by, number, detail), now)
    return Erased(number, parts, revision)


def scrub(engine: Engine) -> None:
    """Take the old versions of the rows off the disk, as far as the database can; nobody waits for it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM events, chain, cases, notices"))
        else:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _events(connection: Connection, number: str) -> Sequence[Row[Any]]:
    """Give the events of a case with what the chain keeps of them."""
    events, chain = tables.events, tables.chain
    joined = events.join(chain, chain.c.revision == events.c.revision)
    query = select(events, chain.c.salt, chain.c.erased).select_from(joined).where(events.c.number == number)
    return connection.execute(query.order_by(events.c.revision)).all()


def _left(row: Row[Any], *, whole: bool) -> list[str]:
    """Give the paths of what is still to be erased of an event."""
    if ERASURE in row.data:
        return []  # what tells of an erasure stays
    gone = row.erased["commitments"] if row.erased else ()
    personal = parted(row.kind, row.data)[1]
    asked = personal.items() if whole else [(path, value) for path, value in personal.items() if path == CONTACT]
    return [path for path, value in asked if path not in gone and value != mark(path)]


def _told(parts: dict[int, list[str]], reason: str, now: datetime, history: Sequence[Event]) -> Event:
    """Build the event that tells what was erased; it never comes late."""
    at = max(now, *(event.occurred_at for event in history))
    names = ", ".join(dict.fromkeys(path for paths in parts.values() for path in paths))
    data = {"text": f"依法删除个人信息（{names}）：{reason}", ERASURE: {str(at): paths for at, paths in parts.items()}}
    return Event(EventKind.COMMENTED, at, now, RULES, data=data)


def _reserved(connection: Connection) -> int:
    """Give the revision that the next event gets; every other writer waits from here on."""
    counters = tables.counters
    taken = update(counters).where(counters.c.name == tables.REVISION).values(value=counters.c.value)
    last: int = connection.execute(taken.returning(counters.c.value)).scalar_one()
    return last + 1


def _erase(connection: Connection, row: Row[Any], paths: Sequence[str], by: int) -> None:
    """Put marks in the place of the values, and commitments in the place of the salt, through the door."""
    personal = parted(row.kind, row.data)[1]
    if row.erased:
        kept = row.erased
        salts = {path: bytes.fromhex(salt) for path, salt in kept["salts"].items()}
        committed = {path: commitment(salt, personal[path]) for path, salt in salts.items()}
    else:
        kept = {"by": [], "commitments": {}}
        salts = {path: salt_of(row.salt, path) for path in personal}
        committed = commitments(row.salt, personal)
    erased = {
        "by": [*kept["by"], by],
        "commitments": kept["commitments"] | {path: committed[path] for path in paths},
        "salts": {path: salt.hex() for path, salt in salts.items() if path not in paths},
    }
    door, at = tables.erasing, row.revision
    connection.execute(insert(door).values(revision=at))
    events, chain = tables.events, tables.chain
    connection.execute(update(events).where(events.c.revision == at).values(data=_marked(row.data, paths)))
    connection.execute(update(chain).where(chain.c.revision == at).values(salt=None, erased=erased))
    connection.execute(delete(door).where(door.c.revision == at))


def _marked(data: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    marked = dict(data)
    for path in paths:
        place, _, name = path.partition(".")
        if name:
            marked[place] = marked[place] | {name: mark(path)}
        else:
            marked[place] = mark(path)
    return marked


def _forget(connection: Connection, number: str, *, whole: bool) -> None:
    """Take away what could be found out by trying, and what was quoted elsewhere."""
    cases, keys, notices = tables.cases, tables.event_keys, tables.notices
    # The fingerprint of a report is not salted: whoever knows the rest could try all telephone numbers.
    connection.execute(update(cases).where(cases.c.number == number).values(body_hash=ERASED_BODY))
    if not whole:
        return
    connection.execute(update(keys).where(keys.c.number == number).values(body_hash=ERASED_BODY))
    for notice in connection.execute(select(notices.c.id, notices.c.data).where(notices.c.number == number)).all():
        quoted = {name: ERASED for name in WORDS if notice.data.get(name)}
        if quoted:
            connection.execute(update(notices).where(notices.c.id == notice.id).values(data=notice.data | quoted))
