"""What a case is at one moment: its status, place, legs, clocks and spans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from cases.clock import Clock, ClockKind

FAR_M = 300.0
"""A check-in farther than this from the case, in metres, is flagged."""


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


class SubjectKind(StrEnum):
    """What an inspection is made at."""

    ENTERPRISE = "enterprise"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Leg:
    """One department's part in a case, with the clause that names it.

    Attributes
    ----------
    arrangements
        Codes of the arrangements by which it acts in place of departments that the list names.
    basis
        The law or rule behind its finding; None when it named none.
    arrived_m
        Metres between its check-in and the case; None when it gave no position, or the case has none.
    visit
        The visit of the subject in which it came on site; None for a case without a subject.
    urged
        How often it was urged.
    supervised_at, replied_at
        When it was last put under supervision, and when it last replied to that.
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
    basis: str | None = None
    arrived_m: float | None = None
    visit: str | None = None
    urged: int = 0
    supervised_at: datetime | None = None
    replied_at: datetime | None = None

    @property
    def is_far(self) -> bool:
        """Whether it checked in too far from the case to be believed without asking."""
        return self.arrived_m is not None and self.arrived_m > FAR_M

    @property
    def owes_reply(self) -> bool:
        """Whether it was put under supervision and has not replied since."""
        return self.supervised_at is not None and (self.replied_at is None or self.replied_at < self.supervised_at)

    @property
    def is_active(self) -> bool:
        """Whether the department still has a part in the case: it did not hand it back or on."""
        return self.status not in (LegStatus.RETURNED, LegStatus.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class View:
    """What one side of a dispute says."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disagreement about whose a leg is, from the clause cited to the decision.

    Attributes
    ----------
    leg
        Number of the leg that is disputed; its department stays in charge until the dispute is settled.
    opened_by
        A department or unit, or ``rules`` when the case was returned twice.
    clause
        The words of the list on which the objection stands.
    wanted
        The department that should act instead, as the one who objects sees it; None when it names none.
    clock
        The adjudicator's own limit; it pauses nothing else.
    settled_at, decided, decision
        When it was settled, the department that acts from then on, and why; None while it is open.
    ruling
        How the next such case is routed, and what the next version of the lists should say: ``matter``, ``township``
        (None: everywhere), ``from_department``, ``to_department``, ``role``, ``change``. None: a decision for this
        case alone.
    """

    leg: int
    opened_at: datetime
    opened_by: str
    clause: str
    clock: Clock
    wanted: str | None = None
    views: tuple[View, ...] = ()
    settled_at: datetime | None = None
    decided: str | None = None
    decision: str | None = None
    ruling: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a case was pending; `closed_at` is None while it is."""

    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a case stood by boundaries that hold for it no longer.

    Attributes
    ----------
    cell, village, township, areas
        As `cases.ports.Place` has them.
    boundaries
        First day of these boundaries; None for those of the day on which it occurred.
    since, until
        From when to when it stood there, the end excluded; the first stay begins with the receipt.
    """

    cell: str | None
    village: str | None
    township: str | None
    areas: Mapping[str, str]
    boundaries: date | None
    since: datetime
    until: datetime


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
        What a reader should know about the figures: ``extended_after_due``, ``merged_into_later``.
    subject
        Code of the enterprise or site that it is about, or None.
    visit
        The visit of the subject that its work on site belongs to, shared with other cases; None before it is planned.
    checks
        What each department checks on that visit for this case: department to items.
    disputes
        In the order in which they were opened; at most one is open for a leg.
    answered_at
        When the reporter was last given the result; None until then.
    boundaries
        First day of the boundaries to which it was moved; None while it stands by those of its own day.
    stays
        Where it stood before, the first by the day on which it occurred; none unless it was moved by boundaries.
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
    subject: str | None = None
    visit: str | None = None
    checks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disputes: tuple[Dispute, ...] = ()
    answered_at: datetime | None = None
    boundaries: date | None = None
    stays: tuple[Stay, ...] = ()

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

    def open_dispute(self, leg: int | None = None) -> Dispute | None:
        """Give the dispute about a leg (by default: about any) that is not settled, or None."""
        return next((d for d in self.disputes if d.settled_at is None and leg in (None, d.leg)), None)

    def running(self, kind: ClockKind, leg: int | None = None) -> Clock | None:
        """Give the clock of this kind and owner that has not stopped (it may be paused), or None."""
        return next((c for c in self.clocks if c.kind is kind and c.leg == leg and c.stopped_at is None), None)
