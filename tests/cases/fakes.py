"""A memory and a map that fit on one page, for tests of the trade."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import hypot, isfinite

from cases.case import CaseState
from cases.errors import NoSuchCase, SourceConflict, Stale
from cases.events import Event, EventKind
from cases.inspection import Visit
from cases.ports import Change, Identity, NewCase, Place

EAST_OF = 121.25
"""The flat county has two townships, west and east of this meridian."""
BOUNDS = (120.9, 29.9, 121.8, 30.6)
"""West, south, east and north end of the flat county, in degrees."""


class MemoryStore:
    """Keeps cases in dictionaries, by the rules of `cases.ports.CaseStore`.

    `before_append` runs once before the next append or add, as another process would that is a little faster.
    """

    def __init__(self) -> None:
        self.events: dict[str, list[Event]] = {}
        self.states: dict[str, CaseState] = {}
        self.sources: dict[tuple[str, str], tuple[str, str]] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.revision = 0
        self.before_append: Callable[[], object] | None = None

    def numbered(self, identities: Collection[Identity]) -> Mapping[Identity, tuple[str, str]]:
        return {identity: self.sources[identity] for identity in identities if identity in self.sources}

    def keyed(self, number: str, key: str) -> str | None:
        return self.keys.get((number, key))

    def history(self, number: str) -> Sequence[Event]:
        if number not in self.events:
            raise NoSuchCase(f"There is no case {number}.")
        return tuple(self.events[number])

    def histories(self, numbers: Collection[str]) -> Mapping[str, Sequence[Event]]:
        return {number: tuple(self.events[number]) for number in numbers if number in self.events}

    def add_all(self, prefix: str, cases: Sequence[NewCase]) -> list[CaseState]:
        self._let_others_in()
        for case in cases:
            key = (case.state.source, case.state.source_id)
            if key in self.sources:
                raise SourceConflict("stored in the meantime", self.sources[key][0])
        return [self._add(prefix, case) for case in cases]

    def _add(self, prefix: str, case: NewCase) -> CaseState:
        number = f"{prefix}{case.day:%Y%m%d}-{len(self.events) + 1:05}"
        self.sources[case.state.source, case.state.source_id] = (number, case.body_hash)
        self.events[number] = []
        return self._write(number, case.events, case.state)

    def append(self, number: str, seen: int, events: Sequence[Event], state: CaseState) -> CaseState:
        return self.append_all([Change(number, seen, events, state)])[0]

    def append_all(self, changes: Sequence[Change]) -> list[CaseState]:
        self._let_others_in()
        for change in changes:
            self._check(change)
        for change in changes:
            if change.key:
                self.keys[change.number, change.key[0]] = change.key[1]
        return [self._write(change.number, change.events, change.state) for change in changes]

    def _check(self, change: Change) -> None:
        if self.history(change.number)[-1].revision != change.seen:
            raise Stale(f"{change.number} changed.")
        for event in change.events:
            if event.kind is EventKind.PLANNED and event.data["opens"]:
                taken = {one.ordinal for one in self.visits(event.data["subject"]["code"])}
                if event.data["ordinal"] in taken:
                    raise Stale(f"{event.data['subject']['code']} has visit {event.data['ordinal']} already.")

    def visits(self, subject: str) -> Sequence[Visit]:
        """By recounting the events of all cases: slow, and plain to see."""
        plans = sorted(
            (event for events in self.events.values() for event in events if _opens(event, subject)),
            key=lambda event: event.data["ordinal"],
        )
        return [self._visit(plan) for plan in plans]

    def _visit(self, plan: Event) -> Visit:
        name, came, subject = plan.data["visit"], dict[str, datetime](), plan.data["subject"]["code"]
        members = [state for state in self.states.values() if state.visit == name]
        working = tuple(one.number for one in members if one.status in ("received", "accepted", "on_site"))
        for number, state in self.states.items():
            if state.subject == subject:
                for visit, department, at in arrivals(self.events[number], subject, state):
                    if visit == name:
                        came[department] = max(at, came.get(department, at))
        last = max(came.values(), default=None)
        return Visit(name, subject, plan.data["ordinal"], plan.occurred_at, last, bool(working), working, came)

    def _let_others_in(self) -> None:
        other, self.before_append = self.before_append, None
        if other:
            other()

    def _write(self, number: str, events: Sequence[Event], state: CaseState) -> CaseState:
        for event in events:
            self.revision += 1
            self.events[number].append(replace(event, revision=self.revision))
        self.states[number] = replace(state, number=number, revision=self.revision)
        return self.states[number]

    def kinds(self, number: str) -> list[EventKind]:
        """The kinds of the events of a case, as they were recorded."""
        return [event.kind for event in self.events[number]]


def _opens(event: Event, subject: str) -> bool:
    return event.kind is EventKind.PLANNED and event.data["opens"] and event.data["subject"]["code"] == subject


def arrivals(events: Sequence[Event], subject: str, state: CaseState) -> list[tuple[str, str, datetime]]:
    """Give (visit, department, when) of a case's arrivals: in the visit planned last before, else in the first one."""
    known = sorted(events, key=lambda event: (event.occurred_at, event.revision))
    plans = [
        one.data["visit"] for one in known if one.kind is EventKind.PLANNED and one.data["subject"]["code"] == subject
    ]
    found, current = [], plans[0] if plans else state.number
    for event in known:
        if event.kind is EventKind.PLANNED and event.data["subject"]["code"] == subject:
            current = event.data["visit"]
        leg = state.leg(event.leg) if event.leg else state.lead
        if event.kind is EventKind.ARRIVED and leg is not None:
            found.append((current, leg.department, event.occurred_at))
    return found


class FlatGazetteer:
    """Two townships, side by side, with one village and one cell each; no number is unlocated, all else is outside."""

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: datetime) -> Place:
        raw = {"x": x, "y": y, "crs": crs}
        if not all(isinstance(value, float) and isfinite(value) for value in (x, y)):
            return Place(flags=("unlocated",), raw=raw)
        west, south, east, north = BOUNDS
        if not (west <= x <= east and south <= y <= north):
            return Place(x, y, flags=("outside",), raw=raw)
        township = "330282002" if x < EAST_OF else "330282107"
        village = f"{township}001"
        return Place(x, y, f"{village}001", village, township, {}, (), raw=raw)

    def metres(self, lon: float, lat: float, other_lon: float, other_lat: float) -> float:
        """On a flat earth: 96,486 m a degree of longitude (at 30° north), 110,852 m a degree of latitude."""
        return hypot((other_lon - lon) * 96_486, (other_lat - lat) * 110_852)
