"""Who may do what, and how one comes in: the one table of roles, sessions, passwords, the identity provider."""

from dashboard.auth.errors import (
    AuthError,
    CrossSite,
    FirstPassword,
    Forbidden,
    Locked,
    SignedOut,
    TooMany,
    WrongPassword,
)
from dashboard.auth.identity import NOBODY, OPEN, Identity, acting_as, asked_of, who
from dashboard.auth.roles import PAGES, ROLES, ROUTES, Reach, Role, Row

__all__ = [
    "NOBODY",
    "OPEN",
    "PAGES",
    "ROLES",
    "ROUTES",
    "AuthError",
    "CrossSite",
    "FirstPassword",
    "Forbidden",
    "Identity",
    "Locked",
    "Reach",
    "Role",
    "Row",
    "SignedOut",
    "TooMany",
    "WrongPassword",
    "acting_as",
    "asked_of",
    "who",
]
