"""Sessions of people: only the hash of a token is kept, so that who reads the database cannot take one over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from data import tables
from data.accounts.audit import Entry, moved, write
from data.accounts.people import Account, account_of
from data.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Session:
    """A session and whose it is."""

    token_hash: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    account: Account


def open_session(
    engine: Engine,
    account: Account,
    token_hash: str,
    ends_at: datetime,
    entry: Entry,
    now: datetime,
    replaced: str | None = None,
) -> None:
    """Begin a session; the one that it takes the place of ends, and so do all that are past their time."""
    sessions = tables.sessions
    with writing(engine) as connection:
        if replaced:
            moved(connection)
            connection.execute(delete(sessions).where(sessions.c.token_hash == replaced))
        connection.execute(delete(sessions).where(sessions.c.ends_at < now))
        connection.execute(
            insert(sessions).values(
                token_hash=token_hash,
                account=account.id,
                created_at=now,
                seen_at=now,
                ends_at=ends_at,
                address=entry.by.address,
            )
        )
        write(connection, entry, now)


def session(engine: Engine, token_hash: str) -> Session | None:
    """Give a session with its account; None when it has ended."""
    sessions, accounts = tables.sessions, tables.accounts
    columns = (sessions.c.created_at.label("began_at"), sessions.c.seen_at, sessions.c.ends_at)
    query = select(accounts, *columns).join(sessions, sessions.c.account == accounts.c.id)
    with reading(engine) as connection:
        row = connection.execute(query.where(sessions.c.token_hash == token_hash)).one_or_none()
    return None if row is None else Session(token_hash, row.began_at, row.seen_at, row.ends_at, account_of(row))


def touch(engine: Engine, token_hash: str, now: datetime) -> None:
    """Note that somebody is still there."""
    sessions = tables.sessions
    with writing(engine) as connection:
        connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now))


def close(engine: Engine, token_hash: str) -> None:
    """End a session that is past its time; nobody did it."""
    with writing(engine) as connection:
        moved(connection)
        connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == token_hash))


def sign_out(engine: Engine, token_hash: str, entry: Entry, now: datetime) -> None:
    """End a session because its owner says so."""
    with writing(engine) as connection:
        moved(connection)
        connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == token_hash))
        write(connection, entry, now)


def close_all(engine: Engine, account: int, entry: Entry, now: datetime) -> int:
    """End every session of an account; give how many there were."""
    with writing(engine) as connection:
        moved(connection)
        ended = connection.execute(delete(tables.sessions).where(tables.sessions.c.account == account)).rowcount
        write(connection, entry, now)
        return ended
