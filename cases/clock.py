"""Clocks: one limit of one leg or case. Its due time comes from start, budget and pauses, never from a hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class ClockKind(StrEnum):
    """The four limits of the closed loop."""

    RESPOND = "respond"
    ARRIVE = "arrive"
    FINISH = "finish"
    VERIFY = "verify"


class BudgetUnit(StrEnum):
    """How a budget is counted."""

    MINUTES = "minutes"
    OFFICE_MINUTES = "office_minutes"
    WORKING_DAYS = "working_days"


class Level(IntEnum):
    """How a running clock, a case or an area stands; the worst one wins."""

    NONE = 0
    GREEN = 1
    AMBER = 2
    RED = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of time in a unit: 30 minutes, 5 working days."""

    amount: int
    unit: BudgetUnit


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a region allows: one budget for each kind of clock, and other ones for single matters.

    Attributes
    ----------
    default
        Complete: one budget for every kind.
    by_matter
        Matter code to the budgets that differ.
    """

    default: Mapping[ClockKind, Budget]
    by_matter: Mapping[str, Mapping[ClockKind, Budget]] = field(default_factory=dict)

    def of(self, matter: str) -> dict[ClockKind, Budget]:
        """Give the four budgets of a matter."""
        return {**self.default, **self.by_matter.get(matter, {})}


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which the clock stands still (suspension); `end` is None while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock turns amber and red (aware UTC); provisional where a year's calendar is not yet published."""

    amber_at: datetime
    due_at: datetime
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit: its owner, its start, its budget, its pauses and its end.

    Attributes
    ----------
    leg
        Number of the leg that owns it; None for a clock of the case as a whole.
    round
        1, 2, ... for the same kind and leg, when a case is reopened.
    due
        Computed by the fold; None while the clock is paused.
    """

    kind: ClockKind
    leg: int | None
    round: int
    started_at: datetime
    budget: Budget
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    due: Due | None = None
