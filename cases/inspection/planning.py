"""The rule: a case joins the visit of its subject that is open or recent; a second one needs a reason and an approver.

Everything is measured in instants, forwards and backwards alike, so that an event that is recorded late is judged as it
would have been in time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cases.case import CaseState, Leg
from cases.errors import NotAllowed
from cases.events import Event, EventKind
from cases.inspection.visits import Visit, open_visit

WINDOW = timedelta(days=90)
"""How long a visit is recent when the region pack does not say."""

SAME_COMING = timedelta(hours=12)
"""Arrivals of one department within this time are one coming: it need not drive home between two cases of one visit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The visit that a case belongs to, as the rules record it.

    Attributes
    ----------
    opens
        Whether the visit begins with this plan; otherwise it was there.
    joined
        Whether another case opened it.
    checks
        Department to what it checks for this case.
    reason, approved_by
        Why the subject is visited again within the window, and who approved it; None for a visit that needs neither.
    """

    visit: str
    subject: str
    ordinal: int
    opens: bool
    joined: bool
    checks: Mapping[str, tuple[str, ...]]
    reason: str | None = None
    approved_by: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Write it as the data of a `planned` event."""
        data = {
            "visit": self.visit,
            "subject": {"code": self.subject},
            "ordinal": self.ordinal,
            "opens": self.opens,
            "joined": self.joined,
            "checks": {department: list(items) for department, items in self.checks.items()},
        }
        return data | ({"reason": self.reason, "approved_by": self.approved_by} if self.reason else {})


@dataclass(frozen=True, slots=True)
class Inspection:
    """The visits of a case's subject, and the rule about them.

    Attributes
    ----------
    case
        A case with a subject.
    visits
        All visits of the subject.
    checks
        What the departments check for the case; see `cases.inspection.checks.checks_of`.
    opened
        How many visits the case has opened before, of this or of another subject.
    window
        How long a visit is recent.
    """

    case: CaseState
    visits: Sequence[Visit]
    checks: Mapping[str, tuple[str, ...]]
    opened: int = 0
    window: timedelta = WINDOW

    def plan(self, at: datetime) -> Plan:
        """Plan the work on site of the case: join the visit that is open or recent, else open one."""
        current = self._current(at)
        return self._open() if current is None else self._join(current)

    def arrive(self, leg: Leg, at: datetime, reason: object = None, approved_by: object = None) -> Plan | None:
        """Say what a department that comes on site makes of the plan; None when it comes as planned.

        Raises
        ------
        NotAllowed
            It would be a second visit inside the window, and the reason or the approver is missing.
        """
        current = self._current(at)
        if current is None:
            return self._open()
        before = self._last_near(at)
        if self._continues(current, leg, at) or (before is None and current.last_on_site is None):
            return None if current.visit == self.case.visit else self._join(current)
        if before is None:
            return self._open()
        given = [text.strip() if isinstance(text, str) else "" for text in (reason, approved_by)]
        if not all(given):
            raise NotAllowed(
                f"{self.case.subject} was visited at {before.isoformat()}, less than {self.window.days} days from"
                f" {at.isoformat()} (its last visit is {current.visit}): a second visit needs data.reason and"
                " data.approved_by. A finding can be recorded without going there."
            )
        return self._open(*given)

    def _current(self, at: datetime) -> Visit | None:
        """Give the visit that is open, else the nearest in time that is recent."""
        going_on = open_visit(self.visits)
        if going_on is not None:
            return going_on
        near = [(min(abs(at - moment) for moment in _moments(one)), -one.ordinal, one) for one in self.visits]
        recent = [entry for entry in near if entry[0] <= self.window]
        return min(recent, key=lambda entry: entry[:2])[2] if recent else None

    def _continues(self, visit: Visit, leg: Leg, at: datetime) -> bool:
        """Say whether coming now belongs to a visit that is being made: not the first to come, nor once more."""
        if visit.last_on_site is None or self._came_in(visit, leg):
            return False
        others = set(visit.in_work) - {self.case.number}
        being_made = others or any(self._came_in(visit, one) for one in self.case.legs)
        came = visit.came.get(leg.department) if being_made else visit.last_on_site
        return came is None or abs(at - came) <= SAME_COMING

    def _came_in(self, visit: Visit, leg: Leg) -> bool:
        # Who came before anybody knew the subject came in the visit that the case was given then.
        return leg.arrived_at is not None and (leg.visit or self.case.visit) == visit.visit

    def _last_near(self, at: datetime) -> datetime | None:
        """Give when somebody was on site, the nearest in time, if that is within the window."""
        moments = [one.last_on_site for one in self.visits if one.last_on_site is not None]
        nearest = min(moments, key=lambda moment: abs(at - moment), default=None)
        return nearest if nearest is not None and abs(at - nearest) <= self.window else None

    def _join(self, visit: Visit) -> Plan:
        return Plan(
            visit=visit.visit,
            subject=visit.subject,
            ordinal=visit.ordinal,
            opens=False,
            joined=not opened_by(visit.visit, self.case.number),
            checks=self.checks,
        )

    def _open(self, reason: str | None = None, approved_by: str | None = None) -> Plan:
        assert self.case.subject is not None  # noqa: S101 - callers ask for cases with a subject alone
        return Plan(
            visit=f"V{self.case.number}" + (f"-{self.opened + 1}" if self.opened else ""),
            subject=self.case.subject,
            ordinal=max((one.ordinal for one in self.visits), default=0) + 1,
            opens=True,
            joined=False,
            checks=self.checks,
            reason=reason,
            approved_by=approved_by,
        )


def opened(history: Iterable[Event]) -> int:
    """Count the visits that a case has opened."""
    return sum(event.kind is EventKind.PLANNED and bool(event.data.get("opens")) for event in history)


def opened_by(visit: str, number: str) -> bool:
    """Say whether a case opened a visit, by the name of the visit."""
    return visit == f"V{number}" or visit.startswith(f"V{number}-")


def _moments(visit: Visit) -> list[datetime]:
    return [moment for moment in (visit.planned_at, visit.last_on_site) if moment is not None]
