"""The desk: the only way to change a case. It knows no clock: whoever calls says what time it is."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cases.calendar import Calendar
from cases.case import CaseState
from cases.clock import Budgets
from cases.duplicates import chain, check_merge, dismissed, is_later
from cases.errors import FutureTime, KeyConflict, NotAllowed, SourceConflict, Stale, UnknownDepartment, UnknownSource
from cases.events import Event, EventKind
from cases.history import fold
from cases.inspection import WINDOW, read_subject
from cases.intake import (
    ERASED_BODY,
    EventRequest,
    Report,
    body_hash,
    check_key,
    check_report,
    check_request,
    place_as_data,
    request_hash,
)
from cases.lifecycle import allowed, check_data, check_numbers
from cases.lists import Lists
from cases.matters import Matter
from cases.organisation import Organisation
from cases.ports import CaseStore, Change, Gazetteer, Place
from cases.recording import RULES, Outcome, Reattribution, Rules, around, complete, outcome_of, reattributed
from cases.routing import RouteLeg, route

__all__ = ["Desk", "EventRequest", "Outcome", "Reattribution", "Received", "Report"]

ATTEMPTS = 8
"""How often an event is tried again when somebody else changed the case in between."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a report or an event: the case, and whether the same had come before."""

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
    inspection_window
        How long a visit of a subject is recent, so that the next case joins it.
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
    inspection_window: timedelta = WINDOW

    def receive(self, report: Report, now: datetime) -> Received:
        """Make a case of a report, or find the case that the same report made before.

        Parameters
        ----------
        now
            The current instant (aware).

        Raises
        ------
        BadReport, BadSubject, FutureTime, UnknownSource, UnknownMatter
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
        """Add an event to a case, as `record_once` does for whoever never sends it twice."""
        return self.record_once(number, request, now).state

    def record_once(self, number: str, request: EventRequest, now: datetime, key: str | None = None) -> Received:
        """Add an event to a case, with the events that follow from it, and give the new state.

        Acceptance calls every coordinating department that waits. An event that happened before others that are known
        already takes its place among them, if what follows stays allowed.

        Parameters
        ----------
        key
            A word by which whoever asks recognises the request: sent again under the same key, it changes nothing.

        Raises
        ------
        NoSuchCase
            There is no case with this number, or none to merge into.
        BadEvent, BadSubject, FutureTime, BeforeOccurrence, UnknownDepartment
            The event is wrong in itself.
        NotAllowed
            The case does not allow it; `allowed` says what it does allow.
        KeyConflict
            The key came before on this case, with another event.
        Stale
            Others kept changing the case; try again.
        """
        kind = check_request(request)
        asked = None if key is None else (key, request_hash(request))
        for _ in range(ATTEMPTS):
            history = self.store.history(number)
            state = fold(history, self.calendar, number)
            # Looked at in every round: who sends the same at the same time changes the case, and we are stale.
            if asked and self._was_recorded(number, *asked):
                return Received(state, repeated=True)
            self._check_time(request.occurred_at, now)
            events = complete(self._rules(), history, state, kind, request, now)
            told: list[Change] = []
            if kind is EventKind.MERGED:
                events, told = self._merging(state, events)
            elif kind is EventKind.COMMENTED and (other := dismissed(number, request.data)):
                # Of a case that does not exist nobody can say that this one is another.
                self.store.history(other)
            changed = self._folded(history, events, state)
            try:
                change = Change(number, state.revision, events, changed, asked)
                return Received(self.store.append_all([change, *told])[0], repeated=False)
            except Stale:
                continue
        raise Stale(f"The case {number} was changed by others {ATTEMPTS} times in a row; try again.")

    def reattribute(self, change: Reattribution, places: Mapping[str, Place], now: datetime) -> Mapping[str, Outcome]:
        """Move open cases to where they lie by other boundaries; closed ones stay what they were.

        They are written in one transaction, or in as few as others allow who change them meanwhile.

        Parameters
        ----------
        places
            By number: where the point of the case lies by these boundaries.

        Returns
        -------
        Mapping
            What became of each case that there is.

        Raises
        ------
        Stale
            Others kept changing one of them; try again.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._reattribute(change, places, now)
            except Stale:
                if len(places) > 1:
                    break
        else:
            raise Stale(f"The case {min(places)} was changed by others {ATTEMPTS} times in a row; try again.")
        # Where many are changed all the time, some of a large number always is: each half is read and written anew.
        numbers = sorted(places)
        halves = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        told = [self.reattribute(change, {number: places[number] for number in half}, now) for half in halves]
        return {**told[0], **told[1]}

    def _reattribute(self, change: Reattribution, places: Mapping[str, Place], now: datetime) -> Mapping[str, Outcome]:
        told: dict[str, Outcome] = {}
        changes: list[Change] = []
        lists = self.lists()
        rules = replace(self._rules(), lists=lambda: lists)
        for number, history in self.store.histories(places).items():
            state = fold(history, self.calendar, number)
            told[number] = outcome_of(state, places[number])
            if told[number] is Outcome.MOVED:
                events = [reattributed(rules, history, state, places[number], change, now)]
                changes.append(Change(number, state.revision, events, self._folded(history, events, state)))
        if changes:
            self.store.append_all(changes)
        return told

    def _was_recorded(self, number: str, key: str, fingerprint: str) -> bool:
        check_key(key)
        earlier = self.store.keyed(number, key)
        if earlier not in (None, fingerprint, ERASED_BODY):
            raise KeyConflict(
                f"The key {key} was used on {number} before, for another event; give each event a key of its own."
            )
        return earlier is not None

    def _rules(self) -> Rules:
        return Rules(
            self.gazetteer,
            self.organisation,
            self.lists,
            self.calendar,
            self.budgets,
            self.store.visits,
            self.inspection_window,
        )

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
        if earlier not in (fingerprint, ERASED_BODY):
            raise SourceConflict(
                f"{report.source} {report.source_id} was reported before with another content, as {number};"
                " send the change as an event, or a new report under a new source_id.",
                number,
            )
        return fold(self.store.history(number), self.calendar, number)

    def _opening(self, report: Report, matter: Matter, place: Place, lists: Lists, now: datetime) -> Event:
        received_at = (report.received_at or report.occurred_at).astimezone(UTC)
        day = self.calendar.local_day(received_at)
        way = route(matter, place.township, day, lists.on(day), self.organisation, areas=around(place))
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
            **({} if report.subject is None else {"subject": read_subject(report.subject).as_data()}),
            "budgets": {
                kind.value: {"amount": budget.amount, "unit": budget.unit.value}
                for kind, budget in self.budgets.of(matter.code).items()
            },
        }
        return Event(EventKind.RECEIVED, received_at, now.astimezone(UTC), report.source, leg=1, data=data)

    def _folded(self, history: Sequence[Event], events: Sequence[Event], state: CaseState) -> CaseState:
        """Give the state with the new events; raises NotAllowed when one that comes late leaves a contradiction."""
        late = events[0].occurred_at < max(event.occurred_at for event in history)
        try:
            changed = fold([*history, *events], self.calendar, state.number)
            if late:
                check_numbers(state, changed)
        except (NotAllowed, UnknownDepartment) as refusal:
            if not late:
                raise
            asked = next(event for event in events if event.actor != RULES)
            raise NotAllowed(
                f"At {asked.occurred_at.isoformat()}, before what is known already, {asked.kind} would leave a"
                f" history that contradicts itself: {refusal}",
                allowed(state),
            ) from refusal
        return changed

    def _merging(self, state: CaseState, events: Sequence[Event]) -> tuple[list[Event], list[Change]]:
        """Complete a merge, and note on the case that stays that another one was merged into it.

        Merge and note are written together or not at all. So of two cases that are merged into each other at the same
        time only one goes: the other merge has read its target before, and is stale.
        """
        merged, *following = events
        check_data(merged.kind, merged.data)
        number = merged.data["into"]
        history = self.store.history(number)
        target = fold(history, self.calendar, number)
        try:
            check_merge(state, target, chain(number, self._merged_into)[-1], merged.data.get("reason"))
        except NotAllowed as refusal:
            refusal.allowed = allowed(state)
            raise
        completed = replace(merged, data={**merged.data, "received_later": True}) if is_later(state, target) else merged
        note = Event(
            EventKind.COMMENTED,
            max(merged.occurred_at, target.received_at),
            merged.recorded_at,
            RULES,
            data={"text": f"并入：{state.number}", "merged_from": state.number},
        )
        told = Change(number, target.revision, [note], fold([*history, note], self.calendar, number))
        return [completed, *following], [told]

    def _merged_into(self, number: str) -> str | None:
        return fold(self.store.history(number), self.calendar, number).merged_into


def _leg_as_data(leg: RouteLeg) -> dict[str, Any]:
    data = {
        "role": leg.role.value,
        "department": leg.department,
        "unit": leg.unit,
        "clause": leg.clause,
        "sentence": leg.sentence,
    }
    return data | {"arrangements": list(leg.arrangements)} if leg.arrangements else data
