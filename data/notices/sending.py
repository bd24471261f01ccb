"""What goes out through the webhook: claimed by one process at a time, tried again, given up with its failure kept.

A claim is a conditional update that moves the time of the next attempt to the end of a lease. When the process dies
within it, another one finds the notice due again: a message may then arrive twice, with the same id, but is never lost.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, update

from data import tables
from data.engine import reading, writing
from data.notices.rows import Kept, kept

LONGEST_FAILURE = 300


def claim(engine: Engine, now: datetime, until: datetime, limit: int = 8) -> tuple[Kept, ...]:
    """Take the notices that are due to be sent, the longest due first; nobody else gets them before `until` (aware).

    Their `attempts` count this one.
    """
    notices = tables.notices
    due = kept(notices.c.next_at <= now).order_by(notices.c.next_at, notices.c.id).limit(limit)
    with reading(engine) as connection:
        rows = [Kept(*row) for row in connection.execute(due)]
    claimed = []
    if rows:
        with writing(engine) as connection:
            for row in sorted(rows, key=lambda row: row.id):
                mine = update(notices).where(notices.c.id == row.id, notices.c.next_at == row.next_at)
                attempt: dict[str, Any] = {"next_at": until, "attempts": row.attempts + 1}
                if connection.execute(mine.values(attempt)).rowcount:
                    claimed.append(replace(row, **attempt))
    return tuple(claimed)


def sent(engine: Engine, one: Kept, at: datetime) -> None:
    """Note that a notice has arrived."""
    _end_attempt(engine, one, sent_at=at, next_at=None, failure=None)


def failed(engine: Engine, one: Kept, failure: str, next_at: datetime | None) -> None:
    """Note why an attempt failed, and when the next one is due; None gives up."""
    _end_attempt(engine, one, next_at=next_at, failure=failure[:LONGEST_FAILURE])


def _end_attempt(engine: Engine, one: Kept, **values: Any) -> None:
    notices = tables.notices.c
    # Not when the lease ran out and somebody else is at it: then that one's end counts.
    mine = update(tables.notices).where(
        notices.id == one.id, notices.attempts == one.attempts, notices.sent_at.is_(None)
    )
    with writing(engine) as connection:
        connection.execute(mine.values(**values))
