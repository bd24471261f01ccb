"""Everything of the way in, in one piece."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from dashboard.auth.door import Door
from dashboard.auth.managing import Codes, Managing
from dashboard.auth.oidc import Provider, provider_of
from dashboard.auth.passwords import Passwords
from dashboard.auth.seeing import Seeing
from dashboard.auth.sign_in import Reception
from dashboard.auth.watching import Rights
from dashboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """The parts.

    Attributes
    ----------
    door
        Who asks.
    reception
        How people come in and go out.
    managing
        What an administrator changes.
    rights
        Tells streams when somebody has lost a right.
    seeing
        Records who saw what.
    provider
        The identity provider, where the settings name one.
    """

    door: Door
    reception: Reception
    managing: Managing
    rights: Rights
    seeing: Seeing
    provider: Provider | None = None


def open_access(engine: Engine, settings: Settings, codes: Codes, now: Callable[[], datetime]) -> Access:
    """Make them over one database, whose tables must be there; raises SettingsError."""
    door, passwords = Door(engine, settings, now), Passwords()
    door.look()
    return Access(
        door,
        Reception(engine, door, settings, now, passwords),
        Managing(engine, codes, passwords, now, door),
        Rights(door),
        Seeing(engine, now),
        provider_of(settings),
    )
