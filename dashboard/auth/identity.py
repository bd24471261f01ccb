"""Who is asking: carried with the request, so that whatever answers it can tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from cases.organisation import ADJUDICATOR, COMMAND
from dashboard.auth.roles import ROLES, Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking.

    Attributes
    ----------
    role
        None: nobody, who may do nothing.
    scope
        ``township:330282107``, ``department:zhzf``, ``unit:zhzf-001``, ``source:grid``; empty: all that the role has.
    account
        As the audit names it: an account, ``kiosk:<name>``, ``key:<name>``, or nothing.
    display
        What people call them.
    must_change
        Whether only the way to an own password is open.
    token_hash
        Of the session, kiosk token or key.
    ends_at
        When the session ends whatever happens; None for tokens.
    address
        Where the request came from.
    """

    role: Role | None = None
    scope: str = ""
    account: str = ""
    display: str = ""
    must_change: bool = False
    token_hash: str = field(default="", repr=False)
    ends_at: datetime | None = None
    address: str = ""

    @property
    def kind(self) -> str:
        """Give what the scope is a code of."""
        return self.scope.partition(":")[0]

    @property
    def code(self) -> str:
        """Give the code of the scope."""
        return self.scope.partition(":")[2]

    @property
    def actor(self) -> str | None:
        """Give the code under which they record events; None where nobody has signed in, and the request says it."""
        if self.role is Role.COMMANDER:
            return COMMAND
        if self.role is Role.ADJUDICATOR:
            return ADJUDICATOR
        return self.code or None

    @property
    def home(self) -> str:
        """Give the page where they begin."""
        return ROLES[self.role].home.format(code=self.code) if self.role else "/login"

    @property
    def sees_all(self) -> bool:
        """Whether every case is theirs."""
        return self.role in (Role.COMMANDER, Role.OPEN)


NOBODY = Identity()
OPEN = Identity(Role.OPEN)
_current: ContextVar[Identity] = ContextVar("identity", default=NOBODY)
_asked: ContextVar[str] = ContextVar("refused", default="")


def who() -> Identity:
    """Give who asks in this context. Outside of requests that is nobody: whom no gate has seen may do nothing."""
    return _current.get()


@contextmanager
def acting_as(identity: Identity, refused: str = "") -> Iterator[None]:
    """Let what happens inside be asked by somebody; `refused` says why the page that they want is not theirs."""
    token, other = _current.set(identity), _asked.set(refused)
    try:
        yield
    finally:
        _current.reset(token)
        _asked.reset(other)


def asked_of() -> str:
    """Say why the page that is being asked for is not theirs; empty when it is."""
    return _asked.get()
