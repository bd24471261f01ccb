"""A machine that walks cases through the closed loop at random, by legal and illegal steps, and watches what must hold.

What must hold: no event is lost, a refused step leaves nothing, no clock is negative, a leg's clock runs only while
that leg has something to do, and every prefix of a history is one. `WALKS=3000 pytest ...` walks more than a test run.
"""

import os
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cases.case import CaseState, LegRole, LegStatus, Status
from cases.clock import Clock, ClockKind, Level, level
from cases.desk import EventRequest
from cases.errors import CaseError
from cases.events import Event, EventKind
from cases.history import fold, in_order, level_of
from cases.lifecycle import TRANSITIONS, LegRule, allowed, can_record
from cases.recording import RULES
from tests.cases.factories import LITTER, MINUTE, NEEDED, SMOKE, START, STRANGE, a_desk, a_report, china

WALKS = int(os.environ.get("WALKS", "150"))
STEPS = 25
AT_WORK = (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE)
BUSY = {
    ClockKind.RESPOND: {LegStatus.ASKED},
    ClockKind.ARRIVE: {LegStatus.CALLED},
}
"""While its clock of a kind runs, a leg is in one of these statuses: it has something to do, and nobody else does."""
CAUSES = {
    EventKind.CALLED: {EventKind.ACCEPTED},
    EventKind.DISPUTED: {EventKind.RETURNED},
    EventKind.TRANSFERRED: {EventKind.SETTLED},
    EventKind.PLANNED: {EventKind.ACCEPTED, EventKind.IDENTIFIED, EventKind.ARRIVED},
    EventKind.COMMENTED: {EventKind.MERGED},
}
"""What the rules do by themselves, and what somebody must have done at the same instant."""
SUBJECTS = ({"site": "示范工地", "name": "示范工地"}, {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"})


class ClosedLoop(RuleBasedStateMachine):
    """One desk, a few cases, and people who do what they may and what they may not."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = a_desk()
        self.store: Any = self.desk.store
        self.now = START
        self.numbers: list[str] = []
        self.seen: dict[str, list[Event]] = {}

    @initialize(matter=st.sampled_from([SMOKE, LITTER, STRANGE]), subject=st.sampled_from([None, *SUBJECTS]))
    def begin(self, matter: str, subject: dict[str, str] | None) -> None:
        """Every walk has a case from the start."""
        self.receive(matter, subject, 0)

    @precondition(lambda self: len(self.numbers) < 4)
    @rule(
        matter=st.sampled_from([SMOKE, LITTER, STRANGE]),
        subject=st.sampled_from([None, *SUBJECTS]),
        minutes=st.integers(0, 500),
    )
    def receive(self, matter: str, subject: dict[str, str] | None, minutes: int) -> None:
        """Somebody reports something."""
        self.now += minutes * MINUTE
        report = a_report(matter, str(len(self.numbers)), self.now, subject=subject)
        state = self.desk.receive(report, self.now).state
        self.numbers.append(state.number)
        self.seen[state.number] = list(self.store.history(state.number))

    @rule(data=st.data(), minutes=st.integers(1, 3000))
    def do_what_is_allowed(self, data: st.DataObject, minutes: int) -> None:
        """Somebody does what the case says is possible: with complete data it is never refused."""
        number = data.draw(st.sampled_from(self.numbers))
        state = self.store.states[number]
        self.now += minutes * MINUTE
        kind = EventKind(data.draw(st.sampled_from(allowed(state))))
        legs = [leg.number for leg in state.legs if can_record(state, kind, leg.number)]
        leg = data.draw(st.sampled_from(legs)) if TRANSITIONS[kind].leg is not LegRule.NONE else None
        more = self._data(state, kind, data)
        if more is not None:
            self._record(number, kind, leg, more)

    @rule(
        data=st.data(),
        kind=st.sampled_from(EventKind),
        leg=st.sampled_from([None, 1, 2, 3, 9]),
        actor=st.sampled_from(["tester", "zhzf", "zhzf-002", "sthj"]),
        shift=st.integers(-4000, 60),
        complete=st.booleans(),
    )
    def try_anything(
        self, data: st.DataObject, kind: EventKind, leg: int | None, actor: str, shift: int, *, complete: bool
    ) -> None:
        """Somebody tries something, perhaps long ago, perhaps nonsense: it is taken whole, or leaves nothing."""
        number = data.draw(st.sampled_from(self.numbers))
        more = NEEDED.get(kind, {}) if complete else {}
        if kind is EventKind.MERGED:
            more = {**more, "into": data.draw(st.sampled_from([*self.numbers, "CX20260304-99999"]))}
        before = {one: list(self.store.history(one)) for one in self.numbers}
        states = dict(self.store.states)
        at = max(self.now + shift * MINUTE, START - timedelta(days=2))
        try:
            self.desk.record(number, EventRequest(kind.value, at, actor, leg, data=more), max(at, self.now))
        except CaseError:
            assert {one: list(self.store.history(one)) for one in self.numbers} == before, "nothing half-written"
            assert self.store.states == states
        else:
            self.now = max(self.now, at)
            self._note()

    def _data(self, state: CaseState, kind: EventKind, data: st.DataObject) -> dict[str, Any] | None:
        """Give data with which an allowed event is complete, or None where this walk has no use for the event."""
        more = dict(NEEDED.get(kind, {}))
        others = [one for one in self.numbers if self.store.states[one].merged_into is None and one != state.number]
        if kind is EventKind.MERGED:
            return more | {"into": data.draw(st.sampled_from(others))} if others else None
        if kind is EventKind.CLOSED:
            return more | {"reason": "来源系统办结"}
        if kind is EventKind.TRANSFERRED:
            return more | {"department": "zjj" if state.lead.department != "zjj" else "scjg"}
        if kind is EventKind.SETTLED:
            return more | {"department": data.draw(st.sampled_from(["zhzf", "sthj", "scjg", "zjj"]))}
        if kind is EventKind.ARRIVED:
            return more | {"reason": "复查", "approved_by": "commander"}
        return more

    def _record(self, number: str, kind: EventKind, leg: int | None, more: dict[str, Any]) -> None:
        self.desk.record(number, EventRequest(kind.value, self.now, "tester", leg, data=more), self.now)
        self._note()

    def _note(self) -> None:
        """Compare the memory with what was there before: events are only added, at the end."""
        for number in self.numbers:
            known, stored = self.seen[number], list(self.store.history(number))
            assert stored[: len(known)] == known, "no event is lost or changed"
            self.seen[number] = stored

    @invariant()
    def a_replay_gives_the_same_state(self) -> None:
        """And every prefix of it is a state of its own that says nothing of what comes."""
        for number in self.numbers:
            assert fold(self.seen[number], china(), number) == self.store.states[number]

    @invariant()
    def revisions_count_every_event_once(self) -> None:
        """In the order in which they were committed, without gaps."""
        revisions = sorted(event.revision for events in self.seen.values() for event in events)
        assert revisions == list(range(1, len(revisions) + 1))

    @invariant()
    def no_clock_is_negative_and_none_is_blamed_on_a_leg_that_has_nothing_to_do(self) -> None:
        """One clock a kind and owner at a time; a leg's clock runs only while the leg itself is waited for."""
        for state in map(self.store.states.get, self.numbers):
            for clock in state.clocks:
                _holds_together(clock)
            running = [clock for clock in state.clocks if clock.stopped_at is None]
            assert len({(clock.kind, clock.leg) for clock in running}) == len(running)
            for clock in running:
                assert state.is_pending
                if clock.leg is not None:
                    assert state.leg(clock.leg).status in BUSY[clock.kind], (clock.kind, state.leg(clock.leg).status)
                    assert clock.kind is not ClockKind.RESPOND or state.leg(clock.leg) == state.lead
            for dispute in state.disputes:
                _holds_together(dispute.clock)
                assert (dispute.clock.stopped_at is None) == (dispute.settled_at is None)

    @invariant()
    def somebody_is_in_charge_of_every_pending_case(self) -> None:
        """Exactly one leg leads; a dispute takes the case from nobody."""
        for state in map(self.store.states.get, self.numbers):
            leads = [leg for leg in state.legs if leg.role is LegRole.LEAD and leg.is_active]
            assert len(leads) <= 1
            assert [leg.number for leg in state.legs] == list(range(1, len(state.legs) + 1))
            if state.open_dispute(state.lead.number) and state.status in AT_WORK:
                assert state.lead.is_active, "who leads stays in charge until the dispute is settled"
            assert sum(dispute.settled_at is None for dispute in state.disputes) == sum(
                leg.disputed for leg in state.legs
            )

    @invariant()
    def what_the_rules_did_has_its_cause(self) -> None:
        """Nothing happens by itself but at the instant at which somebody did what it follows from."""
        for number in self.numbers:
            for event in self.seen[number]:
                if event.actor == RULES:
                    everywhere = [one for events in self.seen.values() for one in events]
                    causes = {one.kind for one in everywhere if one.occurred_at <= event.occurred_at}
                    assert causes & CAUSES[event.kind]

    @invariant()
    def merges_never_close_a_ring(self) -> None:
        """Whoever follows them comes to a case that stays."""
        into = {number: self.store.states[number].merged_into for number in self.numbers}
        for number in self.numbers:
            passed, at = {number}, number
            while (at := into[at]) is not None:
                assert at not in passed
                passed.add(at)

    @invariant()
    def the_level_of_any_past_instant_is_that_of_the_worst_clock(self) -> None:
        """Asked for now and for the instant of every event."""
        for number in self.numbers:
            state = self.store.states[number]
            for at in {self.now, *(event.occurred_at for event in self.seen[number][-3:])}:
                pending = any(s.opened_at <= at and (s.closed_at is None or at < s.closed_at) for s in state.spans)
                worst = max((level(clock, at) for clock in state.clocks), default=Level.NONE)
                assert level_of(state, at) == ((worst or Level.GREEN) if pending else Level.NONE)

    def teardown(self) -> None:
        """At the end, replay every prefix of every history: each is legal, and the last one is the state."""
        for number in self.numbers:
            events = in_order(self.seen[number])
            for length in range(1, len(events) + 1):
                state = fold(events[:length], china(), number)
                assert state.spans[0].opened_at == events[0].occurred_at
            assert state == self.store.states[number]


def _holds_together(clock: Clock) -> None:
    assert clock.stopped_at is None or clock.stopped_at >= clock.started_at
    assert all(clock.started_at <= pause.start for pause in clock.pauses)
    assert all(pause.end is None or pause.start <= pause.end for pause in clock.pauses)
    assert clock.due is not None or clock.is_paused
    assert clock.due is None or clock.started_at < clock.due.amber_at <= clock.due.due_at


ClosedLoop.TestCase.settings = settings(
    max_examples=WALKS,
    stateful_step_count=STEPS,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
TestClosedLoop = ClosedLoop.TestCase
