"""The door: who is asking, by session, kiosk token or key; remembered as long as no right has changed anywhere.

A process asks the database at most once a second whether rights have changed; what it remembers is forgotten when they
have. So a revoked token, a disabled account and a signed-out session are shut out everywhere within about a second, and
a request costs no question to the database.
"""

import ipaddress
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dashboard.auth.errors import SignedOut
from dashboard.auth.identity import NOBODY, OPEN, Identity
from dashboard.auth.passwords import token_hash
from dashboard.auth.roles import Role
from dashboard.settings import Settings
from data import accounts
from data.accounts import Account, Session, Token

log = logging.getLogger(__name__)
SESSION, KIOSK = "onemap_session", "onemap_kiosk"
"""Names of the cookies."""
LOOK_S = 1.0
SEEN = timedelta(minutes=1)
"""How exactly it is kept when somebody was there last."""
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says about who asks.

    Attributes
    ----------
    key
        Of the header ``Authorization: Bearer …``.
    address
        Network address of the client.
    automatic
        Whether the page asked by itself, which keeps nobody signed in.
    """

    cookies: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    address: str = ""
    automatic: bool = False


@dataclass
class _Kept:
    """What is remembered of a token: who it is, or why it is nobody, and until when."""

    moves: int
    identity: Identity | None
    refused: str = ""
    seen_at: datetime | None = None


class Door:
    """Tells who asks; threads share it.

    Parameters
    ----------
    now
        The current instant, aware UTC.
    tick
        Seconds that only go forward; tests give their own.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        now: Callable[[], datetime],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._settings, self._now, self._tick = engine, settings, now, tick
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._standing = accounts.Standing(0, has_accounts=False)
        self._looked: float | None = None

    # --- rights at large ---

    def moved(self) -> None:
        """Say that rights have just changed: the next request looks."""
        self._looked = None

    def look(self) -> accounts.Standing:
        """Give how rights stand, as of a second ago at most.

        When the database does not answer, what was known holds: streams and walls live through its restart.
        """
        if self._looked is None or self._tick() - self._looked >= LOOK_S:
            try:
                self._standing = accounts.standing(self._engine)
            except SQLAlchemyError:
                if self._looked is None:
                    raise
                log.warning("The door cannot read the database; what it remembers holds")
            self._looked = self._tick()
        return self._standing

    @property
    def is_fresh(self) -> bool:
        """Whether nothing would be asked of the database just now."""
        return self._looked is not None and self._tick() - self._looked < LOOK_S

    @property
    def is_open(self) -> bool:
        """Whether nobody has to sign in: there is no account yet, or the setting says so."""
        access = self._settings.access
        return access == "open" or (access == "auto" and not self._standing.has_accounts)

    # --- who ---

    def knows(self, asked: Asked) -> bool:
        """Say whether `identify` would neither read nor write anything just now, and so may be called on the loop."""
        if not self.is_fresh:
            return False
        tokens = [asked.key] if asked.key else [] if self.is_open else given(asked)
        kept = self._kept.get(token_hash(tokens[0])) if tokens else None
        if not tokens or kept is None or kept.identity is None or kept.seen_at is None:
            return not tokens
        now, ends_at = self._now(), kept.identity.ends_at
        is_current = kept.moves == self._standing.moves and (ends_at is None or kept.seen_at + self._idle > now)
        return is_current and (ends_at is None or ends_at > now) and (asked.automatic or now - kept.seen_at < SEEN)

    def holder(self, asked: Asked) -> str:
        """Give the hash of a token that this process remembers as somebody's; empty for others. Asks nobody."""
        for token in [asked.key] if asked.key else given(asked):
            hashed = token_hash(token)
            kept = self._kept.get(hashed)
            if kept is not None and kept.identity is not None:
                return hashed
        return ""

    def identify(self, asked: Asked) -> Identity:
        """Say who asks.

        Raises
        ------
        SignedOut
            There is somebody no more, or nobody who may reach this server.
        """
        standing = self.look()
        if asked.key:
            return self._by(asked.key, asked, standing.moves)
        if self.is_open:
            if self._settings.open_to_network or is_loopback(asked.address):
                return OPEN
            raise SignedOut(
                "This server has no accounts yet and answers to its own machine alone. Make the first account:"
                " python -m dashboard user add.",
                "local_only",
            )
        reasons = []
        for token in given(asked):
            try:
                return self._by(token, asked, standing.moves)
            except SignedOut as refused:
                reasons.append(refused)
        if reasons:
            raise reasons[0]
        return NOBODY

    def still(self, identity: Identity) -> str:
        """Say why somebody is not to be told any more; empty while they are."""
        self.look()
        if identity.role is Role.OPEN:
            return "" if self.is_open else "signed_out"
        try:
            self._remembered(identity.token_hash, self._standing.moves)
        except SignedOut as refused:
            return refused.reason
        return "ended" if self.is_over(identity) else ""

    def is_over(self, identity: Identity) -> bool:
        """Say whether a session has come to its end; asks nobody."""
        return identity.ends_at is not None and identity.ends_at <= self._now()

    def _by(self, token: str, asked: Asked, moves: int) -> Identity:
        hashed = token_hash(token)
        kept = self._remembered(hashed, moves)
        identity = kept.identity
        if identity is None:
            raise _signed_out(kept.refused)
        if identity.ends_at is not None and not self._is_there(kept, hashed, identity):
            accounts.close(self._engine, hashed)
            self.moved()
            raise _signed_out("ended")
        if not asked.automatic:
            self._see(kept, hashed, identity)
        return replace(identity, address=asked.address)

    def _remembered(self, hashed: str, moves: int) -> _Kept:
        kept = self._kept.get(hashed)
        if kept is None or kept.moves != moves:
            kept = self._read(hashed, moves)
            with self._lock:
                self._kept[hashed] = kept
                self._kept.move_to_end(hashed)
                while len(self._kept) > REMEMBERED:
                    self._kept.popitem(last=False)
        if kept.identity is None:
            raise _signed_out(kept.refused)
        return kept

    def _read(self, hashed: str, moves: int) -> _Kept:
        session = accounts.session(self._engine, hashed)
        if session is not None:
            if not session.account.is_active:
                return _Kept(moves, None, "disabled")
            return _Kept(moves, of_session(session), seen_at=session.seen_at)
        token = accounts.token(self._engine, hashed)
        if token is None:
            return _Kept(moves, None, "ended")
        if not token.is_active:
            return _Kept(moves, None, f"{token.kind}_revoked")
        return _Kept(moves, of_token(token, hashed), seen_at=token.seen_at)

    def _is_there(self, kept: _Kept, hashed: str, identity: Identity) -> bool:
        """Say whether a session has neither come to its end nor been left alone for too long."""
        now = self._now()
        if identity.ends_at is not None and identity.ends_at <= now:
            return False
        if kept.seen_at is not None and kept.seen_at + self._idle > now:
            return True
        # Another process may have seen them since.
        found = accounts.session(self._engine, hashed)
        kept.seen_at = None if found is None else found.seen_at
        return found is not None and found.seen_at + self._idle > now

    def _see(self, kept: _Kept, hashed: str, identity: Identity) -> None:
        now = self._now()
        if kept.seen_at is not None and now - kept.seen_at < SEEN:
            return
        kept.seen_at = now
        try:
            if identity.ends_at is not None:
                accounts.touch(self._engine, hashed, now)
            else:
                accounts.touch_token(self._engine, hashed, now)
        except SQLAlchemyError:
            log.warning("The door cannot note who is there; the database does not answer")


def given(asked: Asked) -> list[str]:
    """Give the tokens in the cookies: that of a person before that of a wall."""
    return [token for name in (SESSION, KIOSK) if (token := asked.cookies.get(name))]


def of_session(session: Session) -> Identity:
    """Give who a session is."""
    account = session.account
    return of_account(account, session.token_hash, session.ends_at)


def of_account(account: Account, hashed: str, ends_at: datetime) -> Identity:
    """Give who an account is, in a session."""
    return Identity(
        Role(account.role),
        account.scope,
        account.name,
        account.display,
        account.must_change,
        hashed,
        ends_at,
    )


def of_token(token: Token, hashed: str) -> Identity:
    """Give who a wall or a key is."""
    role = Role.KIOSK if token.kind == "kiosk" else Role.REPORTER
    scope = f"source:{token.source}" if token.source else ""
    return Identity(role, scope, f"{token.kind}:{token.name}", token.name, token_hash=hashed)


def is_loopback(address: str) -> bool:
    """Say whether a client is on this very machine."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


SAID = {
    "ended": "Your session has ended; sign in again.",
    "disabled": "This account is disabled; an administrator can enable it again.",
    "kiosk_revoked": "This wall's token was revoked; an administrator makes a new one.",
    "key_revoked": "This key was revoked; an administrator makes a new one.",
}


def _signed_out(reason: str) -> SignedOut:
    return SignedOut(SAID.get(reason, SAID["ended"]), reason)
