"""Passwords: how long, which not, and how they are kept.

By length and by a list of what everybody tries first, not by classes of characters: NIST SP 800-63B-4, 3.1.1.2. The
hash is Argon2id with the parameters of RFC 9106 for memory-constrained machines (64 MiB), as argon2-cffi sets them.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dashboard.auth.common import COMMON

SHORTEST, LONGEST = 10, 128
AT_ONCE = 2
"""So many hashes are computed at a time: each takes 64 MiB, and whoever floods the door may not fill the memory."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look alike on paper."""


@dataclass(frozen=True)
class Passwords:
    """Hashes and checks; threads share it."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _turn: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE), repr=False)

    def hash(self, password: str) -> str:
        """Give the hash that is kept."""
        with self._turn:
            return self.hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Say whether a password is the one that was hashed; takes the same time when there is none to compare with."""
        with self._turn:
            try:
                return self.hasher.verify(kept or self.nobodys, password) and kept is not None
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

    @property
    def nobodys(self) -> str:
        """Give a hash that no password fits, with the same parameters: who guesses names cannot time them."""
        one = self.hasher
        salt, digest = "bm9ib2R5LW5vYm9keS0x", "A" * 43
        return f"$argon2id$v=19$m={one.memory_cost},t={one.time_cost},p={one.parallelism}${salt}${digest}"


def complaint(password: str, name: str = "", before: str = "") -> str:
    """Say by a word what is wrong with a new password: short, long, common, name, same; empty when nothing is."""
    plain = password.casefold()
    wrong = {
        "short": len(password) < SHORTEST,
        "long": len(password) > LONGEST,
        "common": is_common(plain),
        "name": bool(name) and len(name) > 2 and name.casefold() in plain,
        "same": bool(before) and password == before,
    }
    return next((word for word, is_so in wrong.items() if is_so), "")


def is_common(plain: str) -> bool:
    """Say whether it is a word of the list, with or without the digits and signs that people hang on to it.

    So is what repeats a few characters, or counts.
    """
    bare = plain.strip("0123456789!@#$%^&*._-")
    return plain in COMMON or bare in COMMON or (len(set(plain)) <= 4) or plain in COUNTING


COUNTING = frozenset(
    row[start:end]
    for row in (
        "01234567890123456789",
        "98765432109876543210",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
    )
    for start in range(len(row))
    for end in range(start + SHORTEST, len(row) + 1)
)


def first_password() -> str:
    """Make a password to be told once and changed at the first sign-in: 78 bits, easy to read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def new_token() -> str:
    """Make a random token of 256 bits, safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Hash a token as it is kept. Plain SHA-256: what is random needs no slow hash."""
    return hashlib.sha256(token.encode("utf8", "replace")).hexdigest()
