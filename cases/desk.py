"""The desk: the only way to change a case. It knows no clock: whoever calls says what time it is."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState, LegStatus
from cases.clock import Budgets
from cases.errors import BadEvent, FutureTime, NotAllowed, SourceConflict, Stale, UnknownDepartment, UnknownSource
from cases.events import Event, EventKind
from cases.history import fold
from cases.intake import EventRequest, Report, body_hash, check_report, check_request, place_as_data
from cases.lifecycle import allowed, check_data, check_status
from cases.lists import Lists
from cases.matters import Matter
from cases.organisation import Organisation
from cases.ports import CaseStore, Gazetteer, Place
from cases.routing import RouteLeg, asked_to_lead, moved_with, route

__all__ = ["Desk", "EventRequest", "Received", "Report"]

ATTEMPTS = 8
"""How often an event is tried again when somebody else changed the case in between."""

RULES = "rules"
"""The actor of events that follow from others without anybody's doing."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a report: the case, and whether it had been reported before."""

    state: CaseState
    repeated: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Receives reports and records events.

    Attributes
    ----------
    store, gazetteer
        The memory and the map.
    lists
        Gives the lists as they are published now; asked anew for every report, so that a new version needs no restart.
    sources
        Codes of the sources that may report.
    prefix
        What case numbers begin with.
    future_skew
        How far a time may lie ahead of ours.
    """

    store: CaseStore
    gazetteer: Gazetteer
    organisation: Organisation
    lists: Callable[[], Lists]
    sources: Collection[str]
    calendar: Calendar
    budgets: Budgets
    prefix: str
    future_skew: timedelta = timedelta(minutes=2)

    def receive(self, report: Report, now: datetime) -> Received:
        """Make a case of a report, or find the case that the same report made before.

        Parameters
        ----------
        now
            The current instant (aware).

        Raises
        ------
        BadReport, FutureTime, UnknownSource, UnknownMatter
            The report cannot become a case. Bad coordinates are no reason: such a case is kept and flagged.
        SourceConflict
            The same (source, source_id) came before with another content.
        Exception
            What the gazetteer raises for an unknown CRS.
        """
        check_report(report)
        if report.source not in self.sources:
            known = ", ".join(sorted(self.sources))
            raise UnknownSource(f"There is no source {report.source[:64]!r}; the region knows: {known}.")
        fingerprint = body_hash(report)
        earlier = self._earlier(report, fingerprint)
        if earlier:
            return Received(earlier, repeated=True)
        for instant in (report.occurred_at, report.received_at):
            self._check_time(instant, now)
        lists, received_at = self.lists(), report.received_at or report.occurred_at
        matter = lists.matter(report.matter, self.calendar.local_day(received_at))
        place = self.gazetteer.place(report.x, report.y, report.crs, report.source, report.occurred_at)
        events = (self._opening(report, matter, place, lists, now),)
        day = self.calendar.local_day(events[0].occurred_at)
        try:
            state = self.store.add(self.prefix, day, fingerprint, events, fold(events, self.calendar))
        except SourceConflict:
            # Another process stored the same report since we looked; whose content it was decides.
            earlier = self._earlier(report, fingerprint)
            if earlier is None:
                raise
            return Received(earlier, repeated=True)
        return Received(state, repeated=False)

    def record(self, number: str, request: EventRequest, now: datetime) -> CaseState:
        """Add an event to a case, with the events that follow from it, and give the new state.

        Acceptance calls every coordinating department that waits. An event that happened before others that are known
        already takes its place among them, if what follows stays allowed.

        Raises
        ------
        NoSuchCase
            There is no case with this number, or none to merge into.
        BadEvent, FutureTime, BeforeOccurrence, UnknownDepartment
            The event is wrong in itself.
        NotAllowed
            The case does not allow it; `allowed` says what it does allow.
        Stale
            Others kept changing the case; try again.
        """
        kind = check_request(request)
        self._check_time(request.occurred_at, now)
        for _ in range(ATTEMPTS):
            history = self.store.history(number)
            state = fold(history, self.calendar, number)
            events = self._events(state, kind, request, now)
            changed = self._folded(history, events, state)
            try:
                if kind is EventKind.MERGED:
                    self._tell_target(state, events[0])
                return self.store.append(number, state.revision, events, changed)
            except Stale:
                continue
        raise Stale(f"The case {number} was changed by others {ATTEMPTS} times in a row; try again.")

    def _check_time(self, instant: datetime | None, now: datetime) -> None:
        if instant is not None and instant > now + self.future_skew:
            raise FutureTime(
                f"{instant.isoformat()} lies more than {self.future_skew.total_seconds():.0f} s after"
                f" {now.isoformat()}; correct the time or the clock of the device."
            )

    def _earlier(self, report: Report, fingerprint: str) -> CaseState | None:
        known = self.store.numbered(report.source, report.source_id)
        if known is None:
            return None
        number, earlier = known
        if earlier != fingerprint:
            raise SourceConflict(
                f"{report.source} {report.source_id} was reported before with another content, as {number};"
                " send the change as an event, or a new report under a new source_id.",
                number,
            )
        return fold(self.store.history(number), self.calendar, number)

    def _opening(self, report: Report, matter: Matter, place: Place, lists: Lists, now: datetime) -> Event:
        received_at = (report.received_at or report.occurred_at).astimezone(UTC)
        day = self.calendar.local_day(received_at)
        way = route(matter, place.township, day, lists.on(day), self.organisation, areas=_around(place))
        where = place_as_data(place)
        data = {
            "source": report.source,
            "source_id": report.source_id,
            "matter": matter.code,
            "platform": matter.platform.value,
            "domain": matter.domain.value,
            "occurred_at": report.occurred_at.astimezone(UTC).isoformat(),
            "place": where,
            "report": {
                "description": report.description,
                "contact": dict(report.contact),
                "photos": list(report.photos),
                "attributes": dict(report.attributes),
                "point": where["raw"],
            },
            "legs": [_leg_as_data(leg) for leg in way.legs],
            "list_version": way.list_version,
            "budgets": {
                kind.value: {"amount": budget.amount, "unit": budget.unit.value}
                for kind, budget in self.budgets.of(matter.code).items()
            },
        }
        return Event(EventKind.RECEIVED, received_at, now.astimezone(UTC), report.source, leg=1, data=data)

    def _events(self, state: CaseState, kind: EventKind, request: EventRequest, now: datetime) -> list[Event]:
        """Build the event that was asked for, complete with what the rules know, and those that follow from it."""
        occurred_at, recorded_at = request.occurred_at.astimezone(UTC), now.astimezone(UTC)
        data = dict(request.data)
        if kind is EventKind.TRANSFERRED:
            check_data(kind, data)
            data |= self._asked(state, data, occurred_at)
        elif kind is EventKind.RELOCATED:
            check_status(state, kind)
            data |= self._relocated(state, data, occurred_at)
        leg = request.leg
        if leg is None and request.department is not None:
            leg = _leg_of(state, request.department)
        events = [Event(kind, occurred_at, recorded_at, request.actor, leg, data)]
        if kind is EventKind.ACCEPTED:
            waiting = [leg for leg in state.coordinating if leg.status is LegStatus.WAITING]
            events += [Event(EventKind.CALLED, occurred_at, recorded_at, RULES, leg.number) for leg in waiting]
        return events

    def _folded(self, history: Sequence[Event], events: Sequence[Event], state: CaseState) -> CaseState:
        try:
            return fold([*history, *events], self.calendar, state.number)
        except NotAllowed as refusal:
            kinds = allowed(state)
            if events[0].occurred_at >= max(event.occurred_at for event in history):
                raise
            raise NotAllowed(
                f"At {events[0].occurred_at.isoformat()}, before what is known already, {events[0].kind} would leave a"
                f" history that contradicts itself: {refusal}",
                kinds,
            ) from refusal

    def _asked(self, state: CaseState, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        day = self.calendar.local_day(at)
        leg = asked_to_lead(data["department"], state.township, day, self.organisation, data["reason"])
        return {"unit": leg.unit, "clause": leg.clause, "sentence": leg.sentence}

    def _relocated(self, state: CaseState, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Find the place of the new point, and the units that act there for the departments still at work."""
        point = data.get("point")
        if not isinstance(point, Mapping) or not isinstance(point.get("crs"), str):
            # The CRS of the source would be a guess here: whoever moves a case points at our map, not at the source's.
            raise BadEvent("The event relocated needs data.point with x, y and crs, such as EPSG:4490.")
        place = self.gazetteer.place(point.get("x"), point.get("y"), point["crs"], state.source, state.occurred_at)
        if place.lon is None:
            raise BadEvent(f"The point {point!r:.200} cannot be read; give x (longitude), y (latitude) and their crs.")
        return {"place": place_as_data(place), "units": self._units_at(place, state, self.calendar.local_day(at))}

    def _units_at(self, place: Place, state: CaseState, day: date) -> dict[str, dict[str, str | None]]:
        """Give unit and sentence at a new place by number of the leg, for the departments still at work."""
        lists, received = self.lists(), self.calendar.local_day(state.received_at)
        # The lists that routed the case go on explaining it, wherever and whenever it moves.
        version = lists.version(state.list_version) if state.list_version in lists else lists.on(received)
        ways = [
            route(state.matter, place.township, when, version, self.organisation, areas=_around(place))
            for when in (received, day)
        ]
        named = {(leg.role, leg.department): leg for leg in ways[1].legs}
        rightful = None if ways[0].triage else ways[0].legs[0].department
        units = {}
        for leg in state.legs:
            if leg.ended_at is None:
                here = named.get((leg.role, leg.department))
                # Who leads by transfer leads by somebody's decision, which no list corrects.
                other = rightful if leg.number == 1 and rightful != leg.department else None
                unit, sentence = (
                    (here.unit, here.sentence)
                    if here and not other
                    else moved_with(leg, place.township, day, self.organisation, other)
                )
                units[str(leg.number)] = {"unit": unit, "sentence": sentence}
        return units

    def _tell_target(self, state: CaseState, merged: Event) -> None:
        """Note on the case that stays that another one was merged into it.

        The note also keeps two cases from being merged into each other at the same time: each merge changes its target
        first, so that the other merge, which has read that target before, is stale.
        """
        number = merged.data["into"]
        history = self.store.history(number)
        target = fold(history, self.calendar, number)
        if target.merged_into is not None:
            raise NotAllowed(
                f"{number} was itself merged into {target.merged_into}; merge {state.number} into that one.",
                allowed(state),
            )
        note = Event(
            EventKind.COMMENTED,
            max(merged.occurred_at, target.received_at),
            merged.recorded_at,
            RULES,
            data={"text": f"并入：{state.number}", "merged_from": state.number},
        )
        self.store.append(number, target.revision, [note], fold([*history, note], self.calendar, number))


def _around(place: Place) -> tuple[str, ...]:
    """Give the codes of the areas other than the township that cover a place."""
    return tuple(code for code in (place.village, place.cell, *place.areas.values()) if code)


def _leg_as_data(leg: RouteLeg) -> dict[str, Any]:
    data = {
        "role": leg.role.value,
        "department": leg.department,
        "unit": leg.unit,
        "clause": leg.clause,
        "sentence": leg.sentence,
    }
    return data | {"arrangements": list(leg.arrangements)} if leg.arrangements else data


def _leg_of(state: CaseState, department: str) -> int:
    """Give the number of the leg in which a department has a part now, else of the last one in which it had."""
    legs = sorted(
        (leg for leg in state.legs if leg.department == department), key=lambda leg: (leg.is_active, leg.number)
    )
    if not legs:
        known = ", ".join(f"{leg.department} (leg {leg.number})" for leg in state.legs)
        raise UnknownDepartment(f"{department[:64]} has no part in {state.number}; these have: {known}.")
    return legs[-1].number
