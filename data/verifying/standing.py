"""What holds for the database as a whole: guards, door, counters, and that nothing lies beyond the last revision."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, func, select, text

from data import tables
from data.verifying.faults import Anchor, Fault, Wrong

GUARDS = {
    "sqlite": ("events_no_update", "events_no_delete", "chain_no_update", "chain_no_delete"),
    "postgresql": ("events_append_only", "events_no_truncate", "chain_append_only", "chain_no_truncate"),
}
_GUARDS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('events', 'chain')",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    " AND tgrelid IN (to_regclass('events'), to_regclass('chain'))",
}


def head_of(connection: Connection) -> int:
    """Give the last revision that was handed out."""
    counters = tables.counters.c
    found = connection.execute(select(counters.value).where(counters.name == tables.REVISION)).scalar_one_or_none()
    return found or 0


def hash_of(connection: Connection, revision: int) -> bytes | None:
    """Give the hash of a revision, or None."""
    chain = tables.chain.c
    found = connection.execute(select(chain.hash).where(chain.revision == revision)).scalar_one_or_none()
    return None if found is None else bytes(found)


def check_anchor(connection: Connection, anchor: Anchor) -> Iterator[Fault]:
    """Compare the chain with what was written down outside."""
    head, found = head_of(connection), hash_of(connection, anchor.revision)
    if anchor.revision > head:
        yield Fault(Wrong.ANCHOR, f"the database ends at revision {head}, before the anchor: events were lost", head)
    elif found != anchor.hash:
        said = found.hex() if found else "nothing"
        yield Fault(Wrong.ANCHOR, f"the hash is {said}, not that of the anchor", anchor.revision)


def check_whole(connection: Connection) -> Iterator[Fault]:
    """Look at what holds for the database as a whole, in one moment of it."""
    head = head_of(connection)
    there = set(connection.execute(text(_GUARDS[connection.dialect.name])).scalars())
    for guard in GUARDS[connection.dialect.name]:
        if guard not in there:
            yield Fault(Wrong.GUARD, f"the trigger {guard} is not there, or is switched off")
    for revision in connection.execute(select(tables.erasing.c.revision)).scalars():
        yield Fault(Wrong.GUARD, "the event stands in `erasing`, so that it can be changed; delete that row", revision)
    for table in (tables.events, tables.chain):
        beyond = (table.c.revision > head) | (table.c.revision < 1)
        for revision, number in connection.execute(select(table.c.revision, table.c.number).where(beyond).limit(10)):
            yield Fault(Wrong.INSERTED, f"a row of {table.name} beyond the last revision {head}", revision, number)
    cases = tables.cases.c
    beyond = (cases.revision > head) | (cases.revision < 1)
    for revision, number in connection.execute(select(cases.revision, cases.number).where(beyond).limit(10)):
        yield Fault(Wrong.STATE, f"cases.revision is {revision}, no revision that was handed out", revision, number)


def check_numbers(connection: Connection, greatest: Mapping[str, int]) -> Iterator[Fault]:
    """Compare the counters of the days with the greatest number of each: the next case must get one that is free."""
    counters = tables.counters.c
    found = {row.name: row.value for row in connection.execute(select(counters.name, counters.value))}
    for day, number in sorted(greatest.items()):
        if found.get(day, 0) < number:
            yield Fault(
                Wrong.COUNTER, f"the counter {day} is {found.get(day, 0)}, case {day}-{number:05d} was given out"
            )


def counted(connection: Connection) -> int:
    """Give how many cases there are."""
    return connection.execute(select(func.count()).select_from(tables.cases)).scalar_one()
