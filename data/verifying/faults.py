"""What can be wrong with the memory of cases, each kind with its way out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST = 1000
"""Faults that are kept with their words; the others are counted."""


class Wrong(StrEnum):
    """Every kind of fault."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MISSING = "missing"
    UNLINKED = "unlinked"
    ANCHOR = "anchor"
    ERASURE = "erasure"
    ORPHAN = "orphan"
    STATE = "state"
    CLOCK = "clock"
    KEY = "key"
    VISIT = "visit"
    COUNTER = "counter"
    GUARD = "guard"


_RESTORE = (
    "Keep this database as evidence, restore the last backup that verifies, and compare the event there;"
    " find out who can write to the database past the hub."
)
_REBUILD = "Run `cases rebuild`, which folds the case anew from its events, then verify again."
WAYS_OUT: Mapping[Wrong, str] = {
    Wrong.CHANGED: _RESTORE,
    Wrong.REMOVED: _RESTORE,
    Wrong.INSERTED: _RESTORE,
    Wrong.MISSING: _RESTORE,
    Wrong.UNLINKED: _RESTORE,
    Wrong.ANCHOR: "Compare with another anchor that was written down; if that one differs, too, restore a backup that"
    " holds the anchor.",
    Wrong.ERASURE: "Run `cases erase` on the case again if the data had to go; else restore it from a backup.",
    Wrong.ORPHAN: "Restore the row of the case from a backup; its events are complete.",
    Wrong.STATE: _REBUILD,
    Wrong.CLOCK: _REBUILD,
    Wrong.KEY: "Delete the row of `event_keys`: the client that sends again will be told whether the event stands.",
    Wrong.VISIT: _REBUILD,
    Wrong.COUNTER: "Stop the servers and set the row of `counters` to the greatest number that is given out.",
    Wrong.GUARD: "Go back one version and forward again, which makes the guards anew, and find out who took them away.",
}
"""Complete by test."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and what differs."""

    what: Wrong
    detail: str
    revision: int | None = None
    number: str | None = None

    @property
    def way_out(self) -> str:
        """What to do."""
        return WAYS_OUT[self.what]


class BadAnchor(ValueError):
    """What was given is no anchor; the message says how one looks."""


class NotUpToDate(ValueError):
    """The tables are of another version than this program."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A revision and the hash of all events up to it: written down outside, it proves that none of them has changed."""

    revision: int
    hash: bytes

    def __str__(self) -> str:
        """Write it as people copy it."""
        return f"{self.revision}:{self.hash.hex()}"


def read_anchor(text: str) -> Anchor:
    """Read an anchor; raises BadAnchor."""
    found = re.fullmatch(r"\s*(\d{1,18}):([0-9a-fA-F]{64})\s*", text)
    if not found:
        raise BadAnchor(f"The anchor {text!r:.100} is none; it is a revision, a colon and 64 hexadecimal digits.")
    return Anchor(int(found[1]), bytes.fromhex(found[2]))
