"""Why somebody does not come in, each with a sentence that says the way on."""

from datetime import timedelta
from math import ceil


class AuthError(Exception):
    """Somebody may not do this, or not yet.

    Attributes
    ----------
    reason
        A name for programs that says why; pages choose their words by it.
    """

    reason = "refused"


class SignedOut(AuthError):
    """Nobody is signed in, or not any more.

    `reason` is ``signed_out``, ``ended`` (the session has), ``kiosk_revoked``, ``key_revoked`` or ``local_only``.
    """

    def __init__(self, said: str, reason: str = "signed_out") -> None:
        super().__init__(said)
        self.reason = reason


class WrongPassword(AuthError):
    """Name and password do not belong together; which of them is wrong is not told."""

    reason = "wrong_password"


class Locked(AuthError):
    """Too many failures; the same is said of names that nobody has."""

    reason = "locked"

    def __init__(self, wait: timedelta) -> None:
        self.retry_after = ceil(wait.total_seconds())
        super().__init__(
            f"There were too many failures to sign in; the next attempt is possible in {self.retry_after} s."
        )


class TooMany(AuthError):
    """More requests than one key, session or address may send."""

    reason = "too_many"

    def __init__(self, said: str, wait_s: int, setting: str) -> None:
        self.retry_after = wait_s
        super().__init__(f"{said} Nothing was done; repeat it after {wait_s} s. {setting} sets the limit.")


class FirstPassword(AuthError):
    """The first password only opens the way to an own one."""

    reason = "first_password"


class Forbidden(AuthError):
    """The role, or whose it is, does not allow it."""

    reason = "forbidden"


class CrossSite(AuthError):
    """Another site's page sent it, or the browser does not say which one did."""

    reason = "cross_site"
