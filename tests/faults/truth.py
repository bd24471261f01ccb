"""What must hold of a database whatever has happened: read through the fold, not through what it is compared with."""

from sqlalchemy import Engine, select

from cases.calendar import Calendar
from cases.history import fold
from data import tables
from data.engine import reading
from data.store import case_row, read_events
from data.verifying import verify
from data.views.page import read_state


def broken(engine: Engine, calendar: Calendar) -> list[str]:
    """Say what does not hold: revisions without a gap, states and clocks that are the fold of their events."""
    events, cases, found = tables.events.c, tables.cases, []
    with reading(engine) as connection:
        revisions = list(connection.execute(select(events.revision).order_by(events.revision)).scalars())
        last = connection.execute(
            select(tables.counters.c.value).where(tables.counters.c.name == tables.REVISION)
        ).scalar_one()
        if revisions != list(range(1, last + 1)):
            found.append(f"revisions: {len(revisions)} events, the counter says {last}")
        known = set(connection.execute(select(cases.c.number)).scalars())
        told = set(connection.execute(select(events.number)).scalars())
        if known != told:
            found.append(f"cases without events or the other way round: {known ^ told}")
        for number in sorted(known & told):
            folded = fold(read_events(connection, number), calendar, number)
            if read_state(connection, number) != folded:
                found.append(f"{number}: the state is not the fold of its events")
            wanted = case_row(folded)
            row = connection.execute(select(cases).where(cases.c.number == number)).one()._mapping
            found += [
                f"{number}.{name}: {row[name]!r}, not {wanted[name]!r}" for name in wanted if row[name] != wanted[name]
            ]
    # The product's own proof looks at more: the chain of hashes, legs, spans, keys.
    return found + [str(fault) for fault in verify(engine, calendar).faults]
