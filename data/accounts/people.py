"""Accounts of people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data import tables
from data.accounts.audit import Entry, moved, write
from data.accounts.errors import LastAdministrator, NameTaken, NoSuchAccount
from data.engine import reading, writing

ADMINISTRATOR = "administrator"
ENDS_SESSIONS = frozenset({"role", "scope", "password", "disabled_at"})
"""Columns after whose change nobody goes on with what was allowed before."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is to be.

    Attributes
    ----------
    name
        In lower case.
    password
        Argon2 hash; None for one that comes from the identity provider.
    must_change
        Whether the password is a first one, which only opens the way to the next.
    """

    name: str
    display: str
    role: str
    scope: str
    password: str | None
    must_change: bool = True
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is kept."""

    id: int
    name: str
    display: str
    role: str
    scope: str
    password: str | None
    must_change: bool
    subject: str | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it may sign in."""
        return self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a process must know of rights at large.

    Attributes
    ----------
    moves
        How often rights have changed; what was read at another number is old.
    has_accounts
        Whether there is any account, disabled ones included.
    """

    moves: int
    has_accounts: bool


def standing(engine: Engine) -> Standing:
    """Say how often rights have changed, and whether there is an account at all."""
    counters = tables.counters.c
    moves = select(counters.value).where(counters.name == tables.ACCESS).scalar_subquery()
    with reading(engine) as connection:
        row = connection.execute(select(moves, exists(select(tables.accounts.c.id)))).one()
    return Standing(row[0] or 0, bool(row[1]))


def add(engine: Engine, new: NewAccount, entry: Entry, now: datetime) -> Account:
    """Make an account; raises NameTaken."""
    values: dict[str, Any] = {
        **{name: getattr(new, name) for name in ("name", "display", "role", "scope", "password", "subject")},
        "must_change": new.must_change,
        "created_at": now,
        "created_by": entry.by.account,
    }
    try:
        with writing(engine) as connection:
            moved(connection)
            connection.execute(insert(tables.accounts).values(values))
            write(connection, entry, now)
            return _one(connection, new.name)
    except IntegrityError:
        raise NameTaken(f"There is an account {new.name!r} already; take another name, or reset that one.") from None


def find(engine: Engine, name: str = "", subject: str = "") -> Account | None:
    """Give the account of a name, or of a subject of the identity provider; None when there is none."""
    wanted = tables.accounts.c.subject == subject if subject else tables.accounts.c.name == name
    with reading(engine) as connection:
        row = connection.execute(select(tables.accounts).where(wanted)).one_or_none()
    return None if row is None else account_of(row)


def everybody(engine: Engine) -> tuple[Account, ...]:
    """Give all accounts by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(tables.accounts).order_by(tables.accounts.c.name))
        return tuple(account_of(row) for row in rows)


def change(
    engine: Engine, name: str, values: Mapping[str, Any], entry: Entry, now: datetime, keep: str | None = None
) -> Account:
    """Change an account, and end its sessions where it is about what they may do.

    Parameters
    ----------
    values
        Columns to their new values.
    keep
        Token hash of the one session that goes on: that of whoever changes their own password.

    Raises
    ------
    NoSuchAccount
    LastAdministrator
        No active administrator would be left.
    """
    accounts, sessions = tables.accounts, tables.sessions
    with writing(engine) as connection:
        moved(connection)
        before = _one(connection, name)
        connection.execute(update(accounts).where(accounts.c.id == before.id).values(dict(values)))
        if before.role == ADMINISTRATOR and before.is_active:
            _keep_an_administrator(connection, name)
        if values.keys() & ENDS_SESSIONS:
            connection.execute(
                delete(sessions).where(sessions.c.account == before.id, sessions.c.token_hash != (keep or ""))
            )
        write(connection, entry, now)
        return _one(connection, name)


def account_of(row: Row[Any]) -> Account:
    """Make an account of a row."""
    values = {field: getattr(row, field) for field in Account.__dataclass_fields__}
    return Account(**values)


def _one(connection: Connection, name: str) -> Account:
    row = connection.execute(select(tables.accounts).where(tables.accounts.c.name == name)).one_or_none()
    if row is None:
        raise NoSuchAccount(f"There is no account {name[:80]!r}; `user list` names those that there are.")
    return account_of(row)


def _keep_an_administrator(connection: Connection, name: str) -> None:
    accounts = tables.accounts.c
    left = connection.execute(
        select(func.count()).where(accounts.role == ADMINISTRATOR, accounts.disabled_at.is_(None))
    ).scalar_one()
    if not left:
        raise LastAdministrator(
            f"{name} is the last administrator; make another one first, or nobody could manage accounts any more."
        )
