"""Tokens of walls (kiosk) and keys of reporting sources: made once, shown once, revoked for good."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from data import tables
from data.accounts.audit import Entry, moved, write
from data.accounts.errors import NoSuchToken
from data.engine import reading, writing

KINDS = ("kiosk", "key")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept, without what its holder knows."""

    id: int
    kind: str
    name: str
    source: str | None
    created_at: datetime
    created_by: str
    seen_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None


def add_token(
    engine: Engine, kind: str, name: str, source: str | None, token_hash: str, entry: Entry, now: datetime
) -> Token:
    """Keep a new token."""
    values: dict[str, Any] = {"kind": kind, "name": name, "source": source, "token_hash": token_hash}
    made: dict[str, Any] = {"created_at": now, "created_by": entry.by.account}
    table = tables.access_tokens
    with writing(engine) as connection:
        added = connection.execute(insert(table).values(values | made).returning(table.c.id)).scalar_one()
        write(connection, entry, now)
        return _token(connection.execute(select(table).where(table.c.id == added)).one())


def tokens(engine: Engine, kind: str) -> tuple[Token, ...]:
    """Give all tokens of a kind, the newest first, revoked ones included."""
    table = tables.access_tokens
    with reading(engine) as connection:
        rows = connection.execute(select(table).where(table.c.kind == kind).order_by(table.c.id.desc()))
        return tuple(_token(row) for row in rows)


def token(engine: Engine, token_hash: str) -> Token | None:
    """Give the token that hashes to this, revoked or not; None when there never was one."""
    table = tables.access_tokens
    with reading(engine) as connection:
        row = connection.execute(select(table).where(table.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _token(row)


def touch_token(engine: Engine, token_hash: str, now: datetime) -> None:
    """Note that a token is in use."""
    table = tables.access_tokens
    with writing(engine) as connection:
        connection.execute(update(table).where(table.c.token_hash == token_hash).values(seen_at=now))


def revoke(engine: Engine, kind: str, number: int, entry: Entry, now: datetime) -> Token:
    """Take a token back for good; raises NoSuchToken for one that there is not, or not any more."""
    table = tables.access_tokens
    mine = (table.c.id == number, table.c.kind == kind)
    with writing(engine) as connection:
        moved(connection)
        changed = connection.execute(
            update(table).where(*mine, table.c.revoked_at.is_(None)).values(revoked_at=now)
        ).rowcount
        if not changed:
            raise NoSuchToken(f"There is no {kind} {number} in use; `{kind} list` names those that there are.")
        write(connection, entry, now)
        return _token(connection.execute(select(table).where(*mine)).one())


def _token(row: Row[Any]) -> Token:
    return Token(**{field: getattr(row, field) for field in Token.__dataclass_fields__})
