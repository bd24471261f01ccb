"""Clocks: one limit of one leg or case. Its due time comes from start, budget and pauses, never from a hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol

from cases.calendar import ONE_DAY, Calendar, Lapse, Moment

AMBER_PART = 5
"""Amber begins when one part in five of the budget is left."""


class ClockKind(StrEnum):
    """The four limits of the closed loop, and the one that an adjudicator has for a dispute."""

    RESPOND = "respond"
    ARRIVE = "arrive"
    FINISH = "finish"
    VERIFY = "verify"
    ADJUDICATE = "adjudicate"


CASE_CLOCKS = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.FINISH, ClockKind.VERIFY)
"""The limits of a case: they decide its level. A dispute pauses none of them, and its own limit is none of them."""


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


ADJUDICATION = Budget(5, BudgetUnit.WORKING_DAYS)
"""The adjudicator's limit where nobody says another one."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a region allows: one budget for each kind of clock, and other ones for single matters.

    A region that says nothing of the adjudicator's limit gives five working days.

    Attributes
    ----------
    default
        One budget for every limit of a case, and perhaps one for the adjudicator.
    by_matter
        Matter code to the budgets that differ.
    """

    default: Mapping[ClockKind, Budget]
    by_matter: Mapping[str, Mapping[ClockKind, Budget]] = field(default_factory=dict)

    def of(self, matter: str) -> dict[ClockKind, Budget]:
        """Give the budgets of a matter."""
        return {ClockKind.ADJUDICATE: ADJUDICATION, **self.default, **self.by_matter.get(matter, {})}


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

    @property
    def is_paused(self) -> bool:
        """Whether it stands still until further notice."""
        return any(pause.end is None for pause in self.pauses)


class Outcome(StrEnum):
    """How a stopped clock ended."""

    MET = "met"
    MISSED = "missed"


def due(clock: Clock, calendar: Calendar) -> Due | None:
    """Say when a clock turns amber and when its budget is used up.

    The budget is used up at the earliest instant at which the clock has run for the whole of it. A clock runs from its
    start, except while it is paused, and what is measured while it runs depends on the unit:

    - minutes: time as it passes;
    - office minutes: office time;
    - working days: office time too. The unpaused term says how much: it ends at closing time of the last working day,
      the day of the start not counted, and the office time between start and that end is the budget. So a pause of two
      whole working days moves the end by two working days, a pause of an hour of office time by an hour, and a pause
      at night or on a holiday not at all.

    Overlapping pauses count once. Amber begins at the earliest instant at which a fifth of the budget or less is left;
    for working days the budget of which a fifth is taken is the office time of the counted days alone, without the
    rest of the day of the start.

    Returns
    -------
    Due or None
        None while the clock is paused, unless it had run out before: a pause never saves what is overdue already.
    """
    start = clock.started_at
    if clock.budget.unit is BudgetUnit.WORKING_DAYS:
        last = calendar.add_working_days(start, clock.budget.amount)
        first_day = calendar.start_of_day(calendar.local_day(start) + ONE_DAY)
        whole = calendar.office_time(start, last.at).time
        counted = calendar.office_time(first_day, last.at).time
        guessed = last.provisional
    else:
        whole = counted = timedelta(minutes=clock.budget.amount)
        guessed = False
    running = tuple(_running(start, clock.pauses))
    measure: _Measure = _Plain() if clock.budget.unit is BudgetUnit.MINUTES else calendar
    red = _after(whole, running, measure)
    amber = _after(whole - counted / AMBER_PART, running, measure)
    if red is None or amber is None:
        return None
    return Due(amber.at, red.at, guessed or red.provisional)


def level(clock: Clock, at: datetime) -> Level:
    """Say how a clock stands at an instant, past or future: green, amber from `amber_at` on, red after `due_at`.

    The instant `due_at` itself is still on time. A paused clock is green; a clock that has not started yet or has
    stopped has no level.
    """
    if at < clock.started_at or (clock.stopped_at is not None and at >= clock.stopped_at):
        return Level.NONE
    if clock.due is None or at < clock.due.amber_at:
        return Level.GREEN
    return Level.RED if at > clock.due.due_at else Level.AMBER


def outcome(clock: Clock) -> Outcome | None:
    """Say whether a stopped clock was met (stopped at its due time or before) or missed; None while it runs."""
    if clock.stopped_at is None or clock.due is None:
        return None
    return Outcome.MET if clock.stopped_at <= clock.due.due_at else Outcome.MISSED


class _Measure(Protocol):
    def office_time(self, start: datetime, end: datetime) -> Lapse: ...

    def add_office_time(self, start: datetime, amount: timedelta) -> Moment: ...


class _Plain:
    """Round the clock: an office that never closes."""

    def office_time(self, start: datetime, end: datetime) -> Lapse:
        return Lapse(end - start, provisional=False)

    def add_office_time(self, start: datetime, amount: timedelta) -> Moment:
        return Moment(start + amount, provisional=False)


def _running(start: datetime, pauses: Iterable[Pause]) -> Iterator[tuple[datetime, datetime | None]]:
    """Give the stretches in which a clock runs; the last one has no end unless a pause is open."""
    begin = start
    for pause in sorted(pauses, key=lambda one: one.start):
        if pause.start > begin:
            yield begin, pause.start
        if pause.end is None:
            return
        begin = max(begin, pause.end)
    yield begin, None


def _after(amount: timedelta, running: Iterable[tuple[datetime, datetime | None]], measure: _Measure) -> Moment | None:
    """Give the earliest instant at which the clock has run for `amount`, or None if it is paused before."""
    left, provisional = amount, False
    for begin, end in running:
        if end is None:
            moment = measure.add_office_time(begin, left)
            return Moment(moment.at, provisional or moment.provisional)
        lapse = measure.office_time(begin, end)
        provisional |= lapse.provisional
        if lapse.time >= left:
            return Moment(measure.add_office_time(begin, left).at, provisional)
        left -= lapse.time
    return None
