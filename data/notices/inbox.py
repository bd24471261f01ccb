"""Inboxes: what was told to whom, and who has read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select, update

from cases.errors import NoSuchNotice
from data import tables
from data.engine import reading, writing
from data.notices.rows import Kept, kept
from data.views import BadQuery

MOST_ROWS = 500
LARGEST_ID = 2**53


@dataclass(frozen=True, slots=True)
class Inbox:
    """Some notices of one recipient, newest first.

    Attributes
    ----------
    unread
        How many are unread in all.
    next
        Cursor of the following page; None at the end.
    """

    unread: int
    notices: tuple[Kept, ...]
    next: str | None


def inbox(engine: Engine, recipient: str, *, unread: bool = False, cursor: str | None = None, limit: int = 50) -> Inbox:
    """Give a page of an inbox; raises BadQuery for a cursor that nobody was given, or a strange limit.

    Parameters
    ----------
    unread
        Only what has not been read yet.
    """
    notices = tables.notices.c
    if not 1 <= limit <= MOST_ROWS:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {MOST_ROWS} and follow `next`.")
    chosen = [notices.recipient == recipient]
    counted = select(func.count()).select_from(tables.notices).where(*chosen, notices.read_at.is_(None))
    if unread:
        chosen.append(notices.read_at.is_(None))
    if cursor is not None:
        chosen.append(notices.id < _position(cursor))
    page = kept(*chosen).order_by(notices.id.desc()).limit(limit + 1)
    with reading(engine) as connection:
        open_ones: int = connection.execute(counted).scalar_one()
        rows = [Kept(*row) for row in connection.execute(page)]
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return Inbox(open_ones, tuple(rows[:limit]), following)


def recipient_of(engine: Engine, identity: int) -> str:
    """Say whose a notice is; raises NoSuchNotice."""
    notices = tables.notices.c
    with reading(engine) as connection:
        query = select(notices.recipient).where(notices.id == min(identity, LARGEST_ID))
        found: str | None = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise _unknown(identity)
    return found


def read_notice(engine: Engine, identity: int, actor: str, now: datetime) -> Kept:
    """Note who has read a notice, and when (aware); whoever read it first stays. Raises NoSuchNotice."""
    notices = tables.notices.c
    if identity > LARGEST_ID:
        raise _unknown(identity)
    mark = update(tables.notices).where(notices.id == identity, notices.read_at.is_(None))
    with writing(engine) as connection:
        connection.execute(mark.values(read_at=now, read_by=actor))
        found = [Kept(*row) for row in connection.execute(kept(notices.id == identity))]
    if not found:
        raise _unknown(identity)
    return found[0]


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) <= LARGEST_ID):
        raise BadQuery(f"{cursor!r:.80} is no cursor of an inbox. Pass on `next` as it came.")
    return int(cursor)


def _unknown(identity: int) -> NoSuchNotice:
    return NoSuchNotice(f"There is no notice {identity}; `GET /api/v1/inbox` gives the ids of those that there are.")
