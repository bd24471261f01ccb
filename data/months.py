"""Partitions of the events by the month of their recording, on PostgreSQL: made ahead, and mended when one was missing.

An event whose month nobody has made is kept in partition `events_other`, as safe as any other: the product never waits
for a partition. It moves into its month when that is made. SQLite keeps its events in one table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from sqlalchemy import Engine, column, func, select, table
from sqlalchemy.exc import OperationalError

from data.engine import reading, writing

AHEAD = 3
"""How many months after the present one stand ready."""
PATIENCE_MS = 2000
"""How long the making of a month waits for transactions that are under way; everybody else waits behind it."""

_OTHER = table("events_other", column("recorded_at"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done: first days of the months that were made, and how many events moved into them."""

    made: tuple[date, ...] = ()
    moved: int = 0


class MonthsBusy(Exception):
    """Somebody holds the tables for longer than the others should wait; what was not made is made another time."""


def keep_months(engine: Engine, now: datetime, ahead: int = AHEAD) -> Kept:
    """Make the partitions of this month and the next ones, and of months whose events had none; safe to repeat.

    Parameters
    ----------
    now
        The current instant (aware). Months begin at 00:00 UTC on their first day.

    Raises
    ------
    MonthsBusy
        A transaction that holds the cases did not end within `PATIENCE_MS`. Nothing is lost: try again later.
    """
    if engine.dialect.name != "postgresql":
        return Kept()
    wanted = _missing(engine, [*islice(_months(now), ahead + 1), *_strayed(engine)])
    made, moved = [], 0
    for month in wanted:
        # Each by itself: others wait for one month at most, and what is made stays made.
        try:
            with writing(engine) as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
                found = connection.execute(select(func.keep_events_of_month(month))).scalar_one()
        except OperationalError as error:
            raise MonthsBusy(
                f"The partition of {month:%Y-%m} could not be made within {PATIENCE_MS} ms ({error.orig}). "
                "Events of that month are kept in events_other until it is; it is tried again."
            ) from error
        if found is not None:
            made.append(month)
            moved += found
    return Kept(tuple(made), moved)


def months_kept(engine: Engine) -> tuple[str, ...]:
    """Name the partitions of the events, `events_other` last; none on SQLite."""
    if engine.dialect.name != "postgresql":
        return ()
    names = (
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'events'::regclass"
        " ORDER BY inhrelid::regclass::text"
    )
    with reading(engine) as connection:
        return tuple(connection.exec_driver_sql(names).scalars())


def strays(engine: Engine) -> int:
    """Count the events that have no month of their own yet; 0 on SQLite."""
    if engine.dialect.name != "postgresql":
        return 0
    with reading(engine) as connection:
        count: int = connection.execute(select(func.count()).select_from(_OTHER)).scalar_one()
        return count


def _strayed(engine: Engine) -> tuple[date, ...]:
    """Give the months of the events in `events_other`."""
    month = func.date_trunc("month", func.timezone("UTC", _OTHER.c.recorded_at))
    with reading(engine) as connection:
        return tuple(found.date() for found in connection.execute(select(month).distinct()).scalars())


def _missing(engine: Engine, months: list[date]) -> list[date]:
    known = set(months_kept(engine))
    return [month for month in sorted(set(months)) if f"events_{month:%Y_%m}" not in known]


def _months(now: datetime) -> Iterator[date]:
    """Count months from that of an instant on, in UTC as the partitions do."""
    month = now.astimezone(UTC).date().replace(day=1)
    while True:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)
