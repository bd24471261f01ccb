"""What an administrator does: accounts, kiosk tokens, keys; from the command line or the page of accounts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine

from dashboard.auth.door import Door
from dashboard.auth.passwords import Passwords, first_password, new_token, token_hash
from dashboard.auth.record import What
from dashboard.auth.roles import BY_ACCOUNT, ROLES, Role
from dashboard.auth.sign_in import LONGEST_NAME, plain
from data import accounts
from data.accounts import Account, BadAccount, By, Entry, NewAccount, Token

NAME = re.compile(r"[^\W_](?:[\w.@-]*\w)?")
"""Letters of any script, digits, and ``. _ - @`` inside."""
LONGEST_DISPLAY = 80
T = TypeVar("T")


class Codes(Protocol):
    """Who is who in the region, by code; `cases.supervision.Directory` is one."""

    @property
    def units(self) -> frozenset[str]:
        """Codes of units."""
        ...

    @property
    def departments(self) -> frozenset[str]:
        """Codes of departments."""
        ...

    @property
    def townships(self) -> frozenset[str]:
        """Codes of townships."""
        ...

    @property
    def sources(self) -> frozenset[str]:
        """Codes of sources."""
        ...


@dataclass(frozen=True)
class Managing:
    """Makes and changes accounts, tokens and keys."""

    engine: Engine
    codes: Codes
    passwords: Passwords
    now: Callable[[], datetime]
    door: Door | None = None

    def add(self, name: str, display: str, role: str, scope: str, by: By) -> tuple[Account, str]:
        """Make an account; gives it with its first password, which is told this once.

        Raises
        ------
        BadAccount, NameTaken
        """
        called = checked_name(name)
        self.check_role(role, scope)
        first = first_password()
        new = NewAccount(called, checked_display(display) or called, role, scope, self.passwords.hash(first))
        entry = Entry(What.ACCOUNT_ADDED, by, called, {"role": role, "scope": scope})
        return self._done(accounts.add(self.engine, new, entry, self.now())), first

    def change(self, name: str, values: Mapping[str, Any], by: By) -> Account:
        """Change what an account is called, its role and its scope; its sessions end when its rights change.

        Raises
        ------
        BadAccount, NoSuchAccount, LastAdministrator
        """
        before = self._find(name)
        now = {field: values.get(field, getattr(before, field)) for field in ("display", "role", "scope")}
        self.check_role(now["role"], now["scope"])
        now["display"] = checked_display(now["display"]) or before.name
        changed = {field: value for field, value in now.items() if value != getattr(before, field)}
        if not changed:
            return before
        entry = Entry(What.ACCOUNT_CHANGED, by, before.name, changed)
        return self._done(accounts.change(self.engine, before.name, changed, entry, self.now()))

    def disable(self, name: str, by: By, *, enable: bool = False) -> Account:
        """Shut an account out at once, or let it in again; raises NoSuchAccount, LastAdministrator."""
        before = self._find(name)
        if before.is_active == enable:
            return before
        what = What.ACCOUNT_ENABLED if enable else What.ACCOUNT_DISABLED
        values = {"disabled_at": None if enable else self.now()}
        entry = Entry(what, by, before.name)
        return self._done(accounts.change(self.engine, before.name, values, entry, self.now()))

    def reset(self, name: str, by: By) -> tuple[Account, str]:
        """Give an account a first password again, and end its sessions; raises NoSuchAccount."""
        before, first = self._find(name), first_password()
        values = {"password": self.passwords.hash(first), "must_change": True}
        entry = Entry(What.PASSWORD_RESET, by, before.name)
        changed = self._done(accounts.change(self.engine, before.name, values, entry, self.now()))
        accounts.clear(self.engine, f"account:{before.name}", "")
        return changed, first

    def add_kiosk(self, name: str, by: By) -> tuple[Token, str]:
        """Make a token for a wall; gives it with the secret, which is told this once."""
        called, secret = checked_display(name, required=True), new_token()
        entry = Entry(What.KIOSK_ADDED, by, f"kiosk:{called}")
        return accounts.add_token(self.engine, "kiosk", called, None, token_hash(secret), entry, self.now()), secret

    def add_key(self, name: str, source: str, by: By) -> tuple[Token, str]:
        """Make a key with which a source reports; gives it with the secret, which is told this once."""
        if source not in self.codes.sources:
            raise BadAccount(f"There is no source {source[:64]!r}; the region has: {some(self.codes.sources)}.")
        called, secret = checked_display(name, required=True), new_token()
        entry = Entry(What.KEY_ADDED, by, f"key:{called}", {"source": source})
        return accounts.add_token(self.engine, "key", called, source, token_hash(secret), entry, self.now()), secret

    def revoke(self, kind: str, number: int, by: By) -> Token:
        """Take a kiosk token or a key back for good; raises NoSuchToken."""
        what = What.KIOSK_REVOKED if kind == "kiosk" else What.KEY_REVOKED
        entry = Entry(what, by, f"{kind}:{number}")
        return self._done(accounts.revoke(self.engine, kind, number, entry, self.now()))

    def check_role(self, role: str, scope: str) -> None:
        """Refuse a role that accounts do not have, and a scope that the role or the region does not know."""
        if role not in BY_ACCOUNT:
            raise BadAccount(f"There is no account with the role {role[:40]!r}; give one of {', '.join(BY_ACCOUNT)}.")
        kinds = ROLES[Role(role)].scopes
        kind, _, code = scope.partition(":")
        if not kinds:
            if scope:
                raise BadAccount(f"A {role} has no scope: leave {scope[:80]!r} out.")
            return
        known = {"township": self.codes.townships, "department": self.codes.departments, "unit": self.codes.units}
        if kind not in kinds or code not in known[kind]:
            ways = ", ".join(f"{one}:<code>" for one in kinds)
            among = known[kind] if kind in kinds else known[kinds[0]]
            raise BadAccount(f"The scope of this {role} is {scope[:80]!r}; give {ways} with a code: {some(among)}.")

    def _find(self, name: str) -> Account:
        found = accounts.find(self.engine, plain(name))
        if found is None:
            raise accounts.NoSuchAccount(f"There is no account {name[:80]!r}; `user list` names those that there are.")
        return found

    def _done(self, done: T) -> T:
        if self.door is not None:
            self.door.moved()
        return done


def some(codes: frozenset[str]) -> str:
    """Name a few codes."""
    named = sorted(codes)
    return ", ".join(named[:8]) + (", …" if len(named) > 8 else "")


def checked_name(name: str) -> str:
    """Give a name as it is kept; raises BadAccount for one that cannot be typed at every keyboard."""
    called = plain(name)
    if not NAME.fullmatch(called) or len(name.strip()) > LONGEST_NAME:
        raise BadAccount(
            f"The name is {name[:80]!r}; give up to {LONGEST_NAME} letters and digits, inside also . _ - @."
        )
    return called


def checked_display(name: str, *, required: bool = False) -> str:
    """Give what people read, without control characters; raises BadAccount for one too long."""
    said = " ".join("".join(c for c in name if c.isprintable()).split())
    if len(said) > LONGEST_DISPLAY or (required and not said):
        raise BadAccount(f"The name is {name[:100]!r}; give 1 to {LONGEST_DISPLAY} characters.")
    return said
