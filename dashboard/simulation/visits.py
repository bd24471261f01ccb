"""How officers keep to 最多查一次 when several cases of one subject are told: who comes, and who need not come again.

The server knows the rule (docs/inspections.md); this is what a department that knows it does beforehand. Whoever
belongs to the visit that is being made simply comes. A second visit is made with a reason and an approver, or nobody
goes there and the finding is taken from the visit that was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dashboard.simulation.story import COMMAND_ROOM, REPORT, Step
from dashboard.simulation.words import WITHOUT_COMING

SAME_COMING = timedelta(hours=11, minutes=50)
"""A little under the twelve hours in which arrivals of one department are one coming."""
LEAVES_WORK = frozenset({"finished", "verified", "closed", "merged"})


@dataclass
class Visit:
    """A visit of the subject: who came when, the last time."""

    planned_at: datetime
    came: dict[str, datetime] = field(default_factory=dict)

    def moments(self) -> list[datetime]:
        """Give the instants from which its nearness in time is measured."""
        return [self.planned_at, *([max(self.came.values())] if self.came else [])]


@dataclass
class Case:
    """One of the subject's cases, as far as visits are concerned."""

    known: bool = False
    in_work: bool = True
    accepted: bool = False
    visit: Visit | None = None
    came: dict[str, datetime] = field(default_factory=dict)
    stays_away: set[str] = field(default_factory=set)


@dataclass
class Diary:
    """The visits of one subject, in the order of time.

    Attributes
    ----------
    reasons
        Case key to why it is worth a second visit; who has none stays away.
    """

    reasons: Mapping[str, str]
    visits: list[Visit] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)

    def read(self, steps: Sequence[Step]) -> list[Step]:
        """Go through the steps of all cases, and give them as they can be."""
        ordered = sorted(steps, key=lambda step: step.at)
        return [changed for step in ordered if (changed := self._take(step)) is not None]

    def _take(self, step: Step) -> Step | None:
        case = self.cases.setdefault(step.case, Case())
        if step.kind == REPORT:
            case.known = "subject" in step.body
        elif step.kind in LEAVES_WORK:
            case.in_work = False
        elif step.kind == "reopened":
            case.in_work = True
        elif step.kind in ("accepted", "identified"):
            case.accepted |= step.kind == "accepted"
            case.known |= step.kind == "identified"
            self._plan(case, step.at)
        elif step.kind == "arrived":
            return self._arrive(case, step)
        elif step.kind == "found" and step.actor in case.stays_away:
            said = WITHOUT_COMING.format(finding=step.body["finding"])
            return replace(step, body={**step.body, "finding": said})
        return step

    def _plan(self, case: Case, at: datetime) -> None:
        if not (case.known and case.accepted):
            return
        case.visit = self._current(at) or self._open(at)
        for department, came in case.came.items():  # those who came before anybody knew whom they visit
            case.visit.came[department] = max(came, case.visit.came.get(department, came))

    def _arrive(self, case: Case, step: Step) -> Step | None:
        if case.visit is None:
            case.came[step.actor] = step.at
            return step
        current = self._current(step.at) or self._open(step.at)
        if any(visit.came for visit in self.visits) and not self._continues(case, current, step):
            if step.case not in self.reasons:
                case.stays_away.add(step.actor)
                return None
            step = replace(step, body={**step.body, "reason": self.reasons[step.case], "approved_by": COMMAND_ROOM})
            current = self._open(step.at)
        case.visit = current
        case.came[step.actor] = current.came[step.actor] = step.at
        return step

    def _continues(self, case: Case, current: Visit, step: Step) -> bool:
        if not current.came:
            return False
        others = any(one.in_work and one.visit is current for one in self.cases.values() if one is not case)
        being_made = others or (case.visit is current and bool(case.came))
        came = current.came.get(step.actor) if being_made else max(current.came.values())
        return came is None or abs(step.at - came) <= SAME_COMING

    def _current(self, at: datetime) -> Visit | None:
        if not self.visits:
            return None
        last = self.visits[-1]
        if any(one.in_work and one.visit is last for one in self.cases.values()):
            return last
        return min(reversed(self.visits), key=lambda one: min(abs(at - moment) for moment in one.moments()))

    def _open(self, at: datetime) -> Visit:
        self.visits.append(Visit(at))
        return self.visits[-1]
