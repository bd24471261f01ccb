"""What can happen to a case. Events are facts: they are appended, never patched, never deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cases.errors import BadEvent

LATE_AFTER = timedelta(minutes=10)


class EventKind(StrEnum):
    """Every kind of event, in the order in which a case usually meets them."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    CALLED = "called"
    ARRIVED = "arrived"
    FOUND = "found"
    FINISHED = "finished"
    VERIFIED = "verified"
    REOPENED = "reopened"
    CLOSED = "closed"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    EXTENDED = "extended"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    MERGED = "merged"
    RELOCATED = "relocated"
    REATTRIBUTED = "reattributed"
    COMMENTED = "commented"
    URGED = "urged"
    SUPERVISED = "supervised"
    REPLIED = "replied"
    DISPUTED = "disputed"
    STATED = "stated"
    SETTLED = "settled"
    IDENTIFIED = "identified"
    PLANNED = "planned"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact about one case.

    Attributes
    ----------
    occurred_at, recorded_at
        Aware UTC: when it happened, and when we learnt of it.
    actor
        Who did it: a source, a department or unit code, a role. Never a person's name.
    leg
        Number of the leg that it concerns (1 = the first-asked lead), or None for the case as a whole.
    data
        The kind's own facts, JSON values only.
    revision
        Position in the commit order of the whole database; 0 until stored.
    """

    kind: EventKind
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    leg: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    revision: int = 0

    def __post_init__(self) -> None:
        for name, instant in (("occurred_at", self.occurred_at), ("recorded_at", self.recorded_at)):
            if instant.tzinfo is None:
                raise BadEvent(
                    f"{name} {instant.isoformat()} has no offset; give one, such as {instant.isoformat()}+08:00."
                )

    @property
    def late(self) -> bool:
        """Whether it was recorded after the fact (more than ten minutes later)."""
        return self.recorded_at - self.occurred_at > LATE_AFTER
