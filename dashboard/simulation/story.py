"""The story of one case, from the report to the end, told beforehand: what is sent, and when it happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from dashboard.simulation.manners import Manners
from dashboard.simulation.profiles import Profile
from dashboard.simulation.rhythm import OFFICE_DAY, after_office_time
from dashboard.simulation.world import Matter, World

LEAD = "lead"
COMMAND_ROOM, GRID_WORKER, ADJUDICATOR = "command", "grid", "adjudicator"
REPORT = "report"


@dataclass(frozen=True, slots=True)
class Step:
    """One request: a report or an event.

    Attributes
    ----------
    at
        When it happens, aware.
    case
        Key of the case, the report's source_id.
    kind
        ``report`` or the kind of an event.
    department
        Department whose leg it concerns; ``lead`` for the lead of the moment, blank for the case as a whole.
    body
        The report's body, or the event's data. In ``into`` the key of another case stands for its number.
    """

    at: datetime
    case: str
    kind: str
    department: str = ""
    actor: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """All steps of a case (and of a duplicate that is merged into it), in the order of time."""

    key: str
    steps: tuple[Step, ...]

    @property
    def ends_at(self) -> datetime:
        """When the last step happens."""
        return self.steps[-1].at


@dataclass
class Telling:
    """A story while it is being told; every method adds steps and gives the instant at which they are over."""

    world: World
    manners: Manners
    matter: Matter
    profile: Profile
    township: str
    key: str
    draw: np.random.Generator
    steps: list[Step] = field(default_factory=list)

    def add(self, at: datetime, kind: str, department: str = "", actor: str = "", /, **data: Any) -> datetime:
        """Add one event and give its instant."""
        self.steps.append(Step(at, self.key, kind, department, actor or department, data))
        return at

    def happens(self, chance: float) -> bool:
        """Draw whether something that happens with this chance does."""
        return bool(self.draw.random() < chance)

    def minutes(self, low: float, high: float) -> timedelta:
        """Draw a span between two limits in minutes."""
        return timedelta(minutes=self.draw.uniform(low, high))

    def office(self, at: datetime, amount: timedelta) -> datetime:
        """Give the instant after an amount of office time, in the region's hours."""
        return after_office_time(at.astimezone(self.world.zone), amount)

    def accept(self, asked: datetime, lead: str) -> datetime:
        """Let the lead answer; a late one is urged first."""
        takes = self.manners.respond(lead, self.township, self.draw)
        if takes > timedelta(minutes=45) and self.happens(0.6):
            self.add(asked + timedelta(minutes=33), "urged", LEAD, COMMAND_ROOM, note="首问响应超时，请立即受理")
        return self.add(asked + takes, "accepted", LEAD, lead)

    def pass_on(self, asked: datetime, lead: str, to: str) -> datetime:
        """Let the lead return the case and the command room name another department; give when that one is asked."""
        returned = self.add(
            asked + self.minutes(6, 26), "returned", LEAD, lead, reason="经现场核实，不属本部门职责范围"
        )
        return self.add(
            returned + self.minutes(8, 70),
            "transferred",
            LEAD,
            COMMAND_ROOM,
            department=to,
            reason="按清单改派，由该部门首问",
        )

    def on_site(self, accepted: datetime, lead: str) -> datetime:
        """Let the coordinating departments arrive and everybody record a finding; give when the last one did."""
        last = accepted
        for department in self.matter.coordinating:
            takes = self.manners.arrive(department, self.township, self.draw)
            if takes > timedelta(minutes=80) and self.happens(0.5):
                called = accepted + timedelta(minutes=63)
                self.add(called, "urged", department, COMMAND_ROOM, note="协同到场超时，请尽快到场")
            arrived = self.add(accepted + takes, "arrived", department)
            last = max(last, self.found(arrived, department))
        if self.matter.coordinating:
            arrived = self.add(accepted + self.minutes(12, 50), "arrived", LEAD, lead)
            last = max(last, self.found(arrived, LEAD, lead))
        return last

    def found(self, arrived: datetime, department: str, actor: str = "") -> datetime:
        """Let a department on site record what it found."""
        finding = ("检查无异常", "存在问题，当场责令改正", "存在问题，已取证立案", "需限期整改")[
            int(self.draw.integers(4))
        ]
        return self.add(arrived + self.minutes(8, 40), "found", department, actor or department, finding=finding)

    def finish(self, start: datetime, lead: str) -> datetime:
        """Let the lead issue the result, some after an extension, a suspension or a supervision."""
        takes = self.manners.finish(self.profile.days, lead, self.township, self.draw)
        done = self.office(start, takes)
        if takes > 4.5 * OFFICE_DAY and self.happens(0.35):
            self.add(
                self.office(start, 3.6 * OFFICE_DAY),
                "extended",
                "",
                lead,
                amount=3,
                reason="案情复杂，需检测结果",
                approved_by=COMMAND_ROOM,
            )
        elif takes > 2 * OFFICE_DAY and self.happens(0.06):
            halt = self.add(
                self.office(start, 1.2 * OFFICE_DAY),
                "suspended",
                "",
                lead,
                reason="当事人暂时无法联系，挂账",
                approved_by=COMMAND_ROOM,
            )
            done = self.add(halt + timedelta(days=self.draw.uniform(2, 6)), "resumed", "", lead)
            done = self.office(done, takes - 1.2 * OFFICE_DAY)
        elif takes > 5.6 * OFFICE_DAY:
            self.add(self.office(start, 5.3 * OFFICE_DAY), "supervised", LEAD, COMMAND_ROOM, note="办结超期，挂牌督办")
        if self.happens(0.08):
            halfway = start + (done - start) * self.draw.uniform(0.2, 0.8)
            self.add(halfway, "commented", "", GRID_WORKER, text="现场有进展，请继续跟进")
        return self.add(done, "finished", LEAD, lead, result="已按职责处理完毕，结果统一答复反映人")

    def conclude(self, finished: datetime, lead: str) -> datetime:
        """Let the grid worker verify and the case be closed; a few results do not hold and are reopened once."""
        if self.happens(0.05):
            again = self.add(
                self.office(finished, self.minutes(20, 100)),
                "reopened",
                "",
                GRID_WORKER,
                reason="现场复核，问题仍未消除",
            )
            finished = self.add(
                self.office(again, self.draw.uniform(0.3, 1.6) * OFFICE_DAY),
                "finished",
                LEAD,
                lead,
                result="已返工处理",
            )
        verified = self.add(self.office(finished, self.manners.verify(self.draw)), "verified", "", GRID_WORKER)
        return self.add(verified + self.minutes(2, 30), "closed", "", COMMAND_ROOM)

    def quarrel(self, accepted: datetime, finished: datetime, lead: str) -> None:
        """Let the lead dispute its duty and the adjudicator settle it; the work goes on meanwhile."""
        took = finished - accepted
        self.add(
            accepted + took * self.draw.uniform(0.05, 0.3),
            "disputed",
            LEAD,
            lead,
            clause="属地管理清单",
            reason="认为应由镇街先行处置",
        )
        self.add(
            accepted + took * self.draw.uniform(0.4, 0.9), "settled", LEAD, ADJUDICATOR, decision="维持首问部门牵头"
        )


def tell(telling: Telling, report: Step, others: tuple[str, ...]) -> Story:
    """Tell a case from its report on; `others` are departments that it may be passed on to."""
    telling.steps.append(report)
    lead, asked = telling.matter.lead, report.at
    if telling.happens(0.012):
        telling.add(asked + telling.minutes(5, 40), "closed", "", COMMAND_ROOM, reason="转外：不在本市管辖范围")
        return told(telling)
    if not telling.matter.coordinating and others and telling.happens(0.05):
        to = others[int(telling.draw.integers(len(others)))]
        asked = telling.pass_on(asked, lead, to)
        lead = to
    accepted = telling.accept(asked, lead)
    start = telling.on_site(accepted, lead)
    finished = telling.finish(start, lead)
    if telling.happens(0.02):
        telling.quarrel(accepted, finished, lead)
    telling.conclude(finished, lead)
    return told(telling)


def with_duplicate(story: Story, second: Step, merged: datetime) -> Story:
    """Add a second report of the same thing, which the command room merges into the first."""
    into = {"into": story.key}
    steps = (*story.steps, second, Step(merged, second.case, "merged", "", COMMAND_ROOM, into))
    return Story(story.key, tuple(sorted(steps, key=lambda step: step.at)))


def told(telling: Telling) -> Story:
    """Put the steps into the order of time; equal instants keep the order of telling."""
    return Story(telling.key, tuple(sorted(telling.steps, key=lambda step: step.at)))
