"""What completes an event: the knowledge of the rules, and the case as it is known and as it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState
from cases.clock import Budgets
from cases.events import Event, EventKind
from cases.history import fold, in_order
from cases.inspection import WINDOW, Visit
from cases.lists import Lists, ListVersion
from cases.organisation import Organisation
from cases.ports import Gazetteer

RULES = "rules"
"""The actor of events that follow from others without anybody's doing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the map, the organisation, the lists and the memory of visits know."""

    gazetteer: Gazetteer
    organisation: Organisation
    lists: Callable[[], Lists]
    calendar: Calendar
    budgets: Budgets
    visits: Callable[[str], Sequence[Visit]]
    window: timedelta = WINDOW

    def day(self, at: datetime) -> date:
        """Give the region's day of an instant."""
        return self.calendar.local_day(at)

    def version(self, state: CaseState) -> ListVersion:
        """Give the lists that routed the case: they go on explaining it, wherever and whenever it moves."""
        lists = self.lists()
        if state.list_version in lists:
            return lists.version(state.list_version)
        return lists.on(self.day(state.received_at))


@dataclass(frozen=True, slots=True)
class Scene:
    """A case to which something is said to have happened.

    Attributes
    ----------
    history
        All events that are known.
    now
        The state that follows from them.
    then
        The state at the instant of the event: another one than `now` when the event comes late.
    """

    history: Sequence[Event]
    now: CaseState
    then: CaseState = field(repr=False)

    @property
    def is_late(self) -> bool:
        """Whether something is known that happened after the event."""
        return self.then is not self.now


def scene(history: Sequence[Event], now: CaseState, asked: Event, calendar: Calendar) -> Scene:
    """Set the scene of an event; raises BeforeOccurrence for one that is earlier than the receipt of the case."""
    if asked.occurred_at >= max(event.occurred_at for event in history):
        return Scene(history, now, now)
    known = [event for event in in_order([*history, asked]) if event.occurred_at <= asked.occurred_at]
    return Scene(history, now, fold((event for event in known if event is not asked), calendar, now.number))


def by_rules(kind: EventKind, cause: Event, leg: int | None = None, **data: Any) -> Event:
    """Give an event that follows from another one, at its instant."""
    return Event(kind, cause.occurred_at, cause.recorded_at, RULES, leg, data)
