"""The record of who did what: sign-ins and failures, unmaskings, changes of accounts. Rows are only appended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, Engine, insert, select, update

from data import tables
from data.engine import reading, writing

MOST = 1000
"""Most rows of one page."""
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class By:
    """Who does something, and from where.

    Attributes
    ----------
    account
        Name of an account, ``kiosk:<name>``, ``key:<name>``, ``command line``, or what was typed by whoever failed.
    address
        Network address; empty for the command line.
    """

    account: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded.

    Attributes
    ----------
    target
        What it was done to: an account, a case, a token; empty for nothing but oneself.
    """

    what: str
    by: By
    target: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Noted:
    """A row of the record."""

    id: int
    at: datetime
    what: str
    account: str
    address: str
    target: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entries:
    """Some of the rows, the newest first; `next` is the id before which the following page begins."""

    rows: tuple[Noted, ...]
    next: int | None


def note(engine: Engine, entry: Entry, at: datetime) -> None:
    """Record something for good."""
    with writing(engine) as connection:
        write(connection, entry, at)


def write(connection: Connection, entry: Entry, at: datetime) -> None:
    """Record something in the transaction of what is recorded."""
    connection.execute(
        insert(tables.audit).values(
            at=at,
            what=entry.what,
            account=entry.by.account,
            address=entry.by.address,
            target=entry.target,
            detail=dict(entry.detail),
        )
    )


def moved(connection: Connection) -> None:
    """Say that somebody gains or loses a right. Done first, it makes such changes wait for each other."""
    counters = tables.counters
    connection.execute(
        update(counters).where(counters.c.name == tables.ACCESS).values(value=counters.c.value + 1),
    )


def day_span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Give the instants at which a day of a zone begins and ends."""
    # Days that no calendar of ours reaches are nobody's; beyond some of them no instant can be written.
    day = min(max(day, FIRST_DAY), LAST_DAY)
    return datetime.combine(day, time.min, zone), datetime.combine(day + timedelta(days=1), time.min, zone)


def entries(
    engine: Engine,
    account: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> Entries:
    """Give rows of the record, the newest first.

    Parameters
    ----------
    account
        Only of this one; empty: of everybody.
    start, end
        Aware: from, and before when.
    before
        `next` of the page before.
    """
    table, limit = tables.audit, min(max(limit, 1), MOST)
    wanted = [
        table.c.account == account if account else None,
        table.c.at >= start if start else None,
        table.c.at < end if end else None,
        table.c.id < before if before else None,
    ]
    query = select(table).where(*(one for one in wanted if one is not None)).order_by(table.c.id.desc())
    with reading(engine) as connection:
        rows = connection.execute(query.limit(limit + 1)).all()
    found = tuple(Noted(row.id, row.at, row.what, row.account, row.address, row.target, row.detail) for row in rows)
    return Entries(found[:limit], found[limit - 1].id if len(found) > limit else None)
