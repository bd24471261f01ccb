"""Accounts, tokens and the audit as words, ready for assets/js/users.js and audit.js."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dashboard.text import WORDS, say

MADE_BY = {"command line": "users.by.command_line", "open": "users.by.open"}


class Account(Protocol):
    """What is drawn of an account."""

    name: str
    display: str
    role: str
    scope: str
    must_change: bool
    subject: str | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None


class Token(Protocol):
    """What is drawn of a token or key."""

    id: int
    kind: str
    name: str
    source: str | None
    created_at: datetime
    created_by: str
    seen_at: datetime | None
    revoked_at: datetime | None


class Noted(Protocol):
    """What is drawn of a row of the audit."""

    id: int
    at: datetime
    what: str
    account: str
    address: str
    target: str
    detail: Mapping[str, object]


class Pen:
    """Writes in one language and zone.

    Parameters
    ----------
    codes
        Kind of scope to pairs of code and name.
    """

    def __init__(self, codes: Mapping[str, Sequence[Sequence[str]]], zone: ZoneInfo, language: str) -> None:
        self._names = {f"{kind}:{code}": name for kind, rows in codes.items() for code, name in rows}
        self._zone, self._language = zone, language

    def account(self, one: Account) -> dict[str, Any]:
        """Write an account."""
        state = "disabled" if one.disabled_at else "first" if one.must_change else "active"
        at = self._time(one.disabled_at)
        return {
            "key": one.name,
            "name": one.name,
            "display": one.display if one.display != one.name else "",
            "role": one.role,
            "role_words": self._say(f"access.role.{one.role}"),
            "scope": one.scope,
            "scope_words": self._names.get(one.scope, one.scope) or self._say("users.scope.none"),
            "state": state,
            "state_words": self._say(f"users.state.{state}", **({"at": at} if one.disabled_at else {})),
            "provider": self._say("users.state.provider") if one.subject else "",
            "made": self._made(one.created_by, one.created_at),
        }

    def token(self, one: Token) -> dict[str, Any]:
        """Write a kiosk token or a key."""
        seen = self._say("users.seen", at=self._time(one.seen_at)) if one.seen_at else self._say("users.never")
        return {
            "key": one.id,
            "id": one.id,
            "kind": one.kind,
            "name": one.name,
            "source": self._names.get(f"source:{one.source}", one.source or ""),
            "made": self._made(one.created_by, one.created_at),
            "state": "revoked" if one.revoked_at else "active",
            "state_words": self._say("users.state.revoked", at=self._time(one.revoked_at)) if one.revoked_at else seen,
        }

    def noted(self, one: Noted) -> dict[str, Any]:
        """Write a row of the audit."""
        key = f"audit.what.{one.what}"
        return {
            "key": one.id,
            "at": self._time(one.at, seconds=True),
            "what": one.what,
            "words": self._say(key) if key in WORDS else one.what,
            "account": self._by(one.account),
            "address": one.address,
            "target": one.target if one.target != one.account else "",
            "detail": " · ".join(self._told(name, value) for name, value in one.detail.items() if value != ""),
        }

    def _told(self, name: str, value: object) -> str:
        if name == "kind" and f"event.{value}" in WORDS:
            return self._say(f"event.{value}")
        if name == "role" and f"access.role.{value}" in WORDS:
            return self._say(f"access.role.{value}")
        if name == "scope":
            return self._names.get(str(value), str(value))
        return f"#{value}" if name == "revision" else str(value)

    def _say(self, key: str, **values: Any) -> str:
        return say(key, self._language, **values)

    def _by(self, account: str) -> str:
        return self._say(MADE_BY[account]) if account in MADE_BY else account

    def _made(self, by: str, at: datetime) -> str:
        return self._say("users.made", by=self._by(by), at=self._time(at))

    def _time(self, at: datetime | None, *, seconds: bool = False) -> str:
        if at is None:
            return ""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
