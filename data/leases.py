"""Leases: which of several processes does the work that is done once for all of them.

A lease is a row with a name, a holder and an end. Its holder renews it long before the end; when the holder dies, the
end comes and another process takes it over. Instants come from the database's clock alone, so a process whose own clock
is wrong neither takes what somebody holds nor keeps what it has lost. When the database's clock itself is set back, an
end lies further ahead than any lease is long: such a lease is free.

A lease spares work and keeps two processes from doing it side by side. It is no proof: a process that was stopped for
longer than its lease finds out afterwards. What must not happen twice has a key in the database besides.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from data import tables
from data.engine import reading, writing

# Not the start of the transaction: whoever waited for the lock must not measure by the time before.
_NOW = {
    "postgresql": text("SELECT clock_timestamp()"),
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"),
}
_ROW = select(tables.leases.c.holder, tables.leases.c.until)


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it stands.

    Attributes
    ----------
    until
        Aware, by the database's clock.
    """

    name: str
    holder: str
    until: datetime


def database_now(connection: Connection) -> datetime:
    """Ask the database's clock, aware UTC; SQLite's is that of the machine, to the millisecond."""
    found = connection.execute(_NOW[connection.dialect.name]).scalar_one()
    if isinstance(found, datetime):
        return found.astimezone(UTC)
    return datetime.fromisoformat(found).replace(tzinfo=UTC)


def take(engine: Engine, name: str, holder: str, length: timedelta) -> bool:
    """Take a lease that is free, or renew one's own; False when another process holds it.

    Parameters
    ----------
    holder
        Names one process and no other one, ever.
    length
        From now; the same for all who want it.
    """
    with reading(engine) as connection:
        # A glance that waits for nobody: the usual answer of all processes but one.
        if _is_held_by_another(connection, name, holder, length):
            return False
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Also holds off others where there is no row yet to lock.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"lease {name}"})
        if _is_held_by_another(connection, name, holder, length):
            return False
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = {"holder": holder, "until": database_now(connection) + length}
        put = dialect.insert(tables.leases).values(name=name, **row)
        connection.execute(put.on_conflict_do_update(index_elements=["name"], set_=row))
    return True


def release(engine: Engine, holder: str) -> None:
    """Give back whatever a process holds, so that others need not wait for the end."""
    with writing(engine) as connection:
        connection.execute(delete(tables.leases).where(tables.leases.c.holder == holder))


def standing(engine: Engine) -> tuple[Lease, ...]:
    """Give the leases that somebody holds, by name; those that have ended are left out."""
    with reading(engine) as connection:
        now = database_now(connection)
        rows = connection.execute(select(tables.leases).order_by(tables.leases.c.name)).all()
    return tuple(Lease(row.name, row.holder, row.until) for row in rows if row.until > now)


def _is_held_by_another(connection: Connection, name: str, holder: str, length: timedelta) -> bool:
    row = connection.execute(_ROW.where(tables.leases.c.name == name)).one_or_none()
    if row is None or row.holder == holder:
        return False
    now = database_now(connection)
    return bool(now < row.until <= now + length)
