"""Failed attempts to sign in, counted by name and by address, whether or not there is such a name.

An attempt counts as failed until it has succeeded: a hundred of them sent at the same instant are a hundred.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from data import tables
from data.engine import writing

FORGOTTEN = timedelta(hours=24)
"""After so long without another failure, nobody remembers the earlier ones."""
Waits = Callable[[str, int], timedelta]
"""Subject and number of failures to how long after the last one the next attempt has to wait."""


def begin(engine: Engine, subjects: Sequence[str], waits: Waits, now: datetime) -> timedelta:
    """Count an attempt of these subjects, or say how long they have to wait; zero when it may go on."""
    table, counters = tables.attempts, tables.counters.c
    with writing(engine) as connection:
        # Attempts stand in line: two at once must not both find the last place free.
        connection.execute(select(counters.value).where(counters.name == tables.ACCESS).with_for_update())
        connection.execute(delete(table).where(table.c.last_at < now - FORGOTTEN))
        rows = connection.execute(select(table).where(table.c.subject.in_(subjects))).all()
        known = {row.subject: row.failures for row in rows}
        left = [row.last_at + waits(row.subject, row.failures) - now for row in rows]
        longest: timedelta = max([timedelta(0), *left])
        if longest > timedelta(0):
            return longest
        for subject in subjects:
            values = {"failures": known.get(subject, 0) + 1, "last_at": now}
            if subject in known:
                connection.execute(update(table).where(table.c.subject == subject).values(values))
            else:
                connection.execute(insert(table).values(subject=subject, **values))
    return longest


def clear(engine: Engine, account: str, address: str) -> None:
    """Forget the failures of an account: the right password was given.

    Of the address only this attempt is forgotten: who has one account of their own may not wipe out guesses at others.
    """
    table = tables.attempts
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.c.subject == account))
        connection.execute(
            update(table).where(table.c.subject == address, table.c.failures > 0).values(failures=table.c.failures - 1)
        )
