"""What a case is at one moment: its status, place, legs, clocks and spans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.clock import Clock, ClockKind


class Status(StrEnum):
    """Where a case stands in the closed loop."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    FINISHED = "finished"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"


OPEN = frozenset(Status) - {Status.CLOSED, Status.MERGED}
"""The statuses in which a case is pending."""


class LegRole(StrEnum):
    """What a department is in a case."""

    LEAD = "lead"
    COORDINATING = "coordinating"


class LegStatus(StrEnum):
    """Where one department's part stands."""

    WAITING = "waiting"
    ASKED = "asked"
    ACCEPTED = "accepted"
    CALLED = "called"
    ARRIVED = "arrived"
    FOUND = "found"
    DONE = "done"
    RETURNED = "returned"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class Leg:
    """One department's part in a case, with the clause that names it.

    Attributes
    ----------
    arrangements
        Codes of the arrangements by which it acts in place of departments that the list names.
    """

    number: int
    role: LegRole
    department: str
    unit: str | None
    clause: str
    sentence: str
    status: LegStatus
    asked_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    found_at: datetime | None = None
    ended_at: datetime | None = None
    finding: str | None = None
    disputed: bool = False
    arrangements: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether the department still has a part in the case: it did not hand it back or on."""
        return self.status not in (LegStatus.RETURNED, LegStatus.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a case was pending; `closed_at` is None while it is."""

    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """Everything that the events of a case say about it.

    Attributes
    ----------
    cell, village, township, areas, lon, lat, flags
        The place, as `cases.ports.Place` has it.
    report
        What the reporter sent beside the columns here: description, contact, photos, attributes, raw point.
    list_version
        The version of the lists that routed the case.
    revision
        The last revision that concerns it; 0 until stored.
    notes
        What a reader should know about the figures: ``extended_after_due``.
    """

    number: str
    status: Status
    source: str
    source_id: str
    matter: str
    platform: str
    domain: str
    occurred_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    cell: str | None
    village: str | None
    township: str | None
    areas: Mapping[str, str]
    flags: tuple[str, ...]
    report: Mapping[str, Any]
    list_version: str
    legs: tuple[Leg, ...]
    clocks: tuple[Clock, ...]
    spans: tuple[Span, ...]
    merged_into: str | None = None
    revision: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def is_pending(self) -> bool:
        """Whether somebody still has to do something."""
        return self.status in OPEN

    @property
    def lead(self) -> Leg:
        """The leg in charge: the one that was asked to lead last, even when it returned the case."""
        return next(leg for leg in reversed(self.legs) if leg.role is LegRole.LEAD)

    @property
    def coordinating(self) -> tuple[Leg, ...]:
        """The legs of the departments that coordinate and still have a part in the case."""
        return tuple(leg for leg in self.legs if leg.role is LegRole.COORDINATING and leg.is_active)

    def leg(self, number: int) -> Leg | None:
        """Give a leg by its number, or None."""
        return next((leg for leg in self.legs if leg.number == number), None)

    def running(self, kind: ClockKind, leg: int | None = None) -> Clock | None:
        """Give the clock of this kind and owner that has not stopped (it may be paused), or None."""
        return next((c for c in self.clocks if c.kind is kind and c.leg == leg and c.stopped_at is None), None)
