"""The story of one case, from the report to the end, told beforehand: what is sent, and when it happens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from dashboard.simulation.manners import Manners
from dashboard.simulation.profiles import Profile
from dashboard.simulation.rhythm import after_office_time
from dashboard.simulation.subjects import Subject
from dashboard.simulation.words import one_of
from dashboard.simulation.world import Matter, Spot, World

LEAD = "lead"
COMMAND_ROOM, GRID_WORKER, ADJUDICATOR, TOWNSHIP = "command", "grid", "adjudicator", "township"
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
        Department whose leg it concerns; ``lead`` for the lead of the moment, blank for the case as a whole. Of a
        report: who is expected to lead.
    body
        The report's body, or the event's data. In ``into`` and ``not_duplicate_of`` the key of another case stands for
        its number.
    """

    at: datetime
    case: str
    kind: str
    department: str = ""
    actor: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """All steps of a case, and of the cases that are told with it, in the order of time."""

    key: str
    steps: tuple[Step, ...]

    @property
    def ends_at(self) -> datetime:
        """When the last step happens."""
        return self.steps[-1].at


@dataclass
class Telling:
    """A case while its story is being told.

    Attributes
    ----------
    subject
        The enterprise or site that it is about, or None.
    named
        Whether the report names the subject; otherwise an officer on site identifies it.
    source
        Code of the source that reports it.
    stands
        Whether its result is known to hold.
    """

    world: World
    manners: Manners
    matter: Matter
    profile: Profile
    where: Spot
    key: str
    draw: np.random.Generator
    subject: Subject | None = None
    named: bool = False
    source: str = ""
    stands: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def township(self) -> str:
        """Code of the township in which it lies."""
        return self.where.township

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

    def say(self, texts: Sequence[str]) -> str:
        """Draw one of several texts."""
        return one_of(texts, self.draw)

    def office(self, at: datetime, amount: timedelta) -> datetime:
        """Give the instant after an amount of office time, in the region's hours."""
        return after_office_time(at.astimezone(self.world.zone), amount)


def told(key: str, steps: Iterable[Step]) -> Story:
    """Put steps into the order of time; equal instants keep the order of telling."""
    return Story(key, tuple(sorted(steps, key=lambda step: step.at)))
