"""The desk: the only way to change a case. It knows no clock: whoever calls says what time it is."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.case import CaseState
from cases.duplicates import chain, check_merge, dismissed, is_later
from cases.errors import (
    CaseError,
    KeyConflict,
    NotAllowed,
    Stale,
    UnknownDepartment,
)
from cases.events import Event, EventKind
from cases.history import fold
from cases.inspection import WINDOW
from cases.intake import ERASED_BODY, EventRequest, Report, check_key, check_request, check_time, request_hash
from cases.lifecycle import allowed, check_data, check_numbers
from cases.ports import Change, Place
from cases.receiving import Received, Reception
from cases.recording import RULES, Outcome, Reattribution, Rules, complete, outcome_of, reattributed

__all__ = ["Desk", "EventRequest", "Outcome", "Reattribution", "Received", "Report"]

OF_TWO = frozenset({EventKind.MERGED, EventKind.COMMENTED})
"""Events that may concern another case, too."""
ATTEMPTS = 8
"""How often an event is tried again when somebody else changed the case in between."""


@dataclass(frozen=True, slots=True)
class Desk(Reception):
    """Receives reports, as a `Reception`, and records events.

    Attributes
    ----------
    inspection_window
        How long a visit of a subject is recent, so that the next case joins it.
    """

    inspection_window: timedelta = WINDOW

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
            check_time(request.occurred_at, now, self.future_skew)
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

    def record_all(self, requests: Sequence[tuple[str, EventRequest]], now: datetime) -> list[CaseState | CaseError]:
        """Add events to many cases, as `record` does to each; in one transaction, if nobody else changes one of them.

        Returns
        -------
        list
            An answer to each (case number, request), in their order: the new state, or why nothing was recorded.
        """
        histories = self.store.histories({number for number, _ in requests})
        answers: dict[int, CaseState | CaseError] = {}
        changes: dict[str, tuple[int, Change]] = {}
        rules = self._rules_of_now()
        for place, (number, request) in enumerate(requests):
            # Whoever asks twice of a case, or of two cases at once, is answered one after the other.
            if number in changes or number not in histories or request.kind in OF_TWO:
                continue
            try:
                changes[number] = place, self._change(rules, number, histories[number], request, now)
            except CaseError as refusal:
                answers[place] = refusal
        if changes:
            with suppress(Stale):
                states = self.store.append_all([change for _, change in changes.values()])
                answers |= {place: state for (place, _), state in zip(changes.values(), states, strict=True)}
        for place, (number, request) in enumerate(requests):
            if place not in answers:
                try:
                    answers[place] = self.record(number, request, now)
                except CaseError as refusal:
                    answers[place] = refusal
        return [answers[place] for place in range(len(requests))]

    def _change(
        self, rules: Rules, number: str, history: Sequence[Event], request: EventRequest, now: datetime
    ) -> Change:
        kind = check_request(request)
        check_time(request.occurred_at, now, self.future_skew)
        state = fold(history, self.calendar, number)
        events = complete(rules, history, state, kind, request, now)
        return Change(number, state.revision, events, self._folded(history, events, state))

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
        rules = self._rules_of_now()
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

    def _rules_of_now(self) -> Rules:
        """Give the rules with the lists of this moment, which are asked for once for all cases."""
        lists = self.lists()
        return replace(self._rules(), lists=lambda: lists)

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
