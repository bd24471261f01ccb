"""What is written into the audit, and by whom."""

from enum import StrEnum

from dashboard.auth.identity import Identity
from data.accounts import By, Entry


class What(StrEnum):
    """Every kind of row."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED = "locked"
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    PROVIDER_SIGNED_IN = "provider_signed_in"
    PROVIDER_REFUSED = "provider_refused"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a name
    KIOSK_ADDED = "kiosk_added"
    KIOSK_OPENED = "kiosk_opened"
    KIOSK_REVOKED = "kiosk_revoked"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    UNMASKED = "unmasked"
    OPENED = "opened"
    TAKEN = "taken"
    RECORDED = "recorded"
    ERASED = "erased"


NOBODY_SIGNED_IN = "open"
"""Account of rows from a machine on which nobody has to sign in."""


def by(who: Identity) -> By:
    """Say who does something."""
    return By(who.account or NOBODY_SIGNED_IN, who.address)


def entry(who: Identity, what: What, target: str = "", **detail: object) -> Entry:
    """Make a row of what somebody does."""
    return Entry(what, by(who), target, {name: value for name, value in detail.items() if value not in (None, "")})
