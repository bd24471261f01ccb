"""What a history says about a case: its legs, clocks and spans, by the rules and on random walks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.case import CaseState, LegRole, LegStatus, Span, Status
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Level, Pause
from cases.errors import BadEvent, BeforeOccurrence, CaseError, NotAllowed
from cases.events import Event, EventKind
from cases.history import fold, in_order, level_of
from cases.lifecycle import TRANSITIONS, LegRule, allowed, can_record
from cases.recording import RULES
from tests.cases.factories import LITTER, MINUTE, SHANGHAI, SMOKE, START, STRANGE, Walk, case_at, china, walk_to


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def after(minutes: float) -> datetime:
    return START + minutes * MINUTE


def clocks(state: CaseState, kind: ClockKind, leg: int | None = None) -> list[Clock]:
    return [clock for clock in state.clocks if clock.kind is kind and clock.leg == leg]


def clock(state: CaseState, kind: ClockKind, leg: int | None = None) -> Clock:
    (only,) = clocks(state, kind, leg)
    return only


# -- One case, from door to end ---------------------------------------------------------------------------------------


def test_receiving_asks_the_lead_at_once_and_lets_the_others_wait() -> None:
    state = case_at(Status.RECEIVED)
    assert [(leg.role, leg.status, leg.asked_at) for leg in state.legs] == [
        (LegRole.LEAD, LegStatus.ASKED, START),
        (LegRole.COORDINATING, LegStatus.WAITING, None),
        (LegRole.COORDINATING, LegStatus.WAITING, None),
    ]
    assert [(one.kind, one.leg, one.due) for one in state.clocks] == [
        (ClockKind.RESPOND, 1, Due(after(24), after(30))),
    ]
    assert state.spans == (Span(START),)


def test_acceptance_stops_the_response_and_calls_every_coordinating_department() -> None:
    state = Walk().do("accepted").state
    assert clock(state, ClockKind.RESPOND, 1).stopped_at == after(10)
    for leg in (2, 3):
        assert clock(state, ClockKind.ARRIVE, leg).due == Due(after(10 + 48), after(70))
    assert clocks(state, ClockKind.FINISH) == []
    assert [leg.status for leg in state.legs] == [LegStatus.ACCEPTED, LegStatus.CALLED, LegStatus.CALLED]


def test_a_case_of_one_department_must_be_finished_from_its_acceptance_on() -> None:
    finish = clock(Walk(LITTER).do("accepted").state, ClockKind.FINISH)
    assert (finish.started_at, finish.leg, finish.budget) == (after(10), None, Budget(1, BudgetUnit.WORKING_DAYS))
    assert finish.due is not None
    assert finish.due.due_at == at("2026-03-05T17:30")


def test_a_matter_that_nobody_owns_goes_the_same_way_with_the_command_room() -> None:
    state = case_at(Status.CLOSED, STRANGE)
    assert [(leg.department, leg.status) for leg in state.legs] == [("command", LegStatus.DONE)]


def test_an_arrival_stops_the_clock_of_that_department_alone() -> None:
    state = Walk().do("accepted").do("arrived", leg=3, minutes=20).state
    assert state.status is Status.ON_SITE
    assert clock(state, ClockKind.ARRIVE, 3).stopped_at == after(30)
    assert clock(state, ClockKind.ARRIVE, 2).stopped_at is None
    assert state.legs[2].arrived_at == after(30)


def test_the_finish_clock_starts_with_the_last_required_finding() -> None:
    walk = Walk().do("accepted")
    for leg in (2, 3, 1):
        assert clocks(walk.state, ClockKind.FINISH) == []
        walk.do("arrived", leg=leg).do("found", leg=leg, finding=f"第{leg}份")
    assert clock(walk.state, ClockKind.FINISH).started_at == after(70)
    assert [leg.finding for leg in walk.state.legs] == ["第1份", "第2份", "第3份"]


def test_a_finding_from_afar_also_ends_the_wait_for_that_department() -> None:
    state = Walk().do("accepted").do("found", leg=2).state
    assert clock(state, ClockKind.ARRIVE, 2).stopped_at == after(20)
    assert state.legs[1].arrived_at is None


def test_the_result_stops_the_finish_clock_and_starts_verification() -> None:
    state = case_at(Status.FINISHED, LITTER)
    assert clock(state, ClockKind.FINISH).stopped_at == after(20)
    assert clock(state, ClockKind.VERIFY).due == Due(after(20 + 96), after(20 + 120))
    assert state.lead.status is LegStatus.DONE
    verified = case_at(Status.VERIFIED, LITTER)
    assert clock(verified, ClockKind.VERIFY).stopped_at == after(30)


def test_closing_ends_the_span_and_every_clock() -> None:
    state = case_at(Status.CLOSED)
    assert all(one.stopped_at for one in state.clocks)
    assert state.spans == (Span(START, state.spans[0].closed_at),)
    early = Walk().do("accepted").do("closed", reason="来源系统办结").state
    assert all(one.stopped_at for one in early.clocks)
    assert early.spans == (Span(START, after(20)),)
    assert {leg.ended_at for leg in early.legs} == {after(20)}


# -- Back and aside ---------------------------------------------------------------------------------------------------


def test_a_return_stops_the_response_and_the_first_asked_stays_in_charge() -> None:
    walk = Walk().do("returned")
    assert walk.state.status is Status.RECEIVED
    assert walk.state.lead.department == "zhzf"
    assert walk.state.lead.status is LegStatus.RETURNED
    assert clock(walk.state, ClockKind.RESPOND, 1).stopped_at == after(10)
    # It may still take the case after all; nobody else has it.
    assert walk.do("accepted").state.lead.status is LegStatus.ACCEPTED


def test_a_new_lead_gets_its_own_thirty_minutes_and_the_old_one_no_more_time() -> None:
    state = Walk().do("transferred", minutes=25).state
    assert state.status is Status.RECEIVED
    assert [(leg.department, leg.status) for leg in state.legs if leg.role is LegRole.LEAD] == [
        ("zhzf", LegStatus.TRANSFERRED),
        ("zjj", LegStatus.ASKED),
    ]
    assert state.lead.number == 4
    old, new = clock(state, ClockKind.RESPOND, 1), clock(state, ClockKind.RESPOND, 4)
    assert old.stopped_at == new.started_at == after(25)
    assert new.due == Due(after(25 + 24), after(55))


def test_the_clock_of_the_case_runs_on_when_the_lead_changes() -> None:
    walk = Walk(LITTER).do("accepted").do("transferred").do("accepted")
    finish = clock(walk.state, ClockKind.FINISH)
    assert (finish.started_at, finish.stopped_at) == (after(10), None)


def test_a_called_department_may_arrive_while_a_new_lead_is_asked() -> None:
    walk = Walk().do("accepted").do("transferred").do("arrived", leg=2)
    assert walk.state.status is Status.RECEIVED
    assert clock(walk.state, ClockKind.ARRIVE, 2).stopped_at == after(30)
    assert walk.do("accepted").state.lead.department == "zjj"


def test_a_coordinating_department_that_is_put_in_charge_has_one_part_and_not_two() -> None:
    state = Walk().do("accepted").do("transferred", department="sthj").state
    assert [leg.department for leg in state.coordinating] == ["scjg"]
    assert clock(state, ClockKind.ARRIVE, 2).stopped_at == after(20)
    assert state.lead.department == "sthj"


def test_a_new_lead_adds_its_own_finding() -> None:
    walk = Walk().do("accepted").do("found", leg=2).do("found", leg=3).do("transferred").do("accepted")
    assert clocks(walk.state, ClockKind.FINISH) == []
    assert clock(walk.do("found").state, ClockKind.FINISH).started_at == walk.at


def test_an_extension_adds_days_and_a_suspension_moves_the_end_by_the_office_time_it_lasts() -> None:
    walk = Walk(LITTER).do("accepted")  # due at closing time of the next day
    walk.do("extended", amount=2)
    finish = clock(walk.state, ClockKind.FINISH)
    assert finish.budget == Budget(3, BudgetUnit.WORKING_DAYS)
    assert finish.due is not None
    assert finish.due.due_at == at("2026-03-09T17:30")
    paused = clock(walk.do("suspended", minutes=160).state, ClockKind.FINISH)  # at noon
    assert paused.due is None
    assert level_of(walk.state, at("2026-05-01T12:00")) is Level.GREEN
    finish = clock(walk.do("resumed", minutes=24 * 60).state, ClockKind.FINISH)  # noon of the next day
    assert finish.pauses == (Pause(at("2026-03-04T12:00"), at("2026-03-05T12:00")),)
    assert finish.due is not None
    assert finish.due.due_at == at("2026-03-10T17:30")
    assert walk.state.notes == ()


def test_an_extension_that_comes_too_late_is_noted() -> None:
    walk = Walk(LITTER).do("accepted").do("extended", minutes=3 * 24 * 60, amount=10).do("extended", amount=1)
    assert walk.state.notes == ("extended_after_due",)


def test_a_pause_ends_where_its_clock_does() -> None:
    state = Walk(LITTER).do("accepted").do("suspended").do("finished").state
    finish = clock(state, ClockKind.FINISH)
    assert finish.pauses == (Pause(after(20), after(30)),)
    assert finish.stopped_at == after(30)
    assert finish.due is not None


def test_reopening_starts_a_second_round_at_once_and_keeps_the_findings() -> None:
    walk = walk_to(Status.FINISHED)
    first = clock(walk.state, ClockKind.FINISH)
    state = walk.do("reopened").state
    assert state.status is Status.ACCEPTED
    assert clock(state, ClockKind.VERIFY).stopped_at == walk.at
    assert [(one.round, one.started_at) for one in clocks(state, ClockKind.FINISH)] == [
        (1, first.started_at),
        (2, walk.at),
    ]
    assert len(state.spans) == 1
    assert [leg.status for leg in state.legs] == [LegStatus.ACCEPTED, LegStatus.DONE, LegStatus.DONE]
    assert walk.do("finished").do("verified").do("closed").state.status is Status.CLOSED


def test_reopening_what_was_closed_opens_a_second_span() -> None:
    walk = walk_to(Status.CLOSED, LITTER)
    closed = walk.at
    state = walk.do("reopened").state
    assert state.spans == (Span(START, closed), Span(walk.at))
    assert state.lead.ended_at is None


def test_departments_that_were_cut_off_by_closing_are_called_again() -> None:
    walk = Walk().do("accepted").do("arrived", leg=2).do("closed", reason="作废").do("reopened")
    rounds = clocks(walk.state, ClockKind.ARRIVE, 3)
    assert [(one.round, one.stopped_at is None) for one in rounds] == [(1, False), (2, True)]
    assert len(clocks(walk.state, ClockKind.ARRIVE, 2)) == 1
    assert clocks(walk.state, ClockKind.FINISH) == []
    assert all(leg.ended_at is None for leg in walk.state.legs)


def test_a_moved_case_gets_the_units_of_its_new_township() -> None:
    state = Walk().do("accepted").do("relocated").state
    assert (state.township, state.lon) == ("330282107", 121.4)
    assert [leg.unit for leg in state.legs] == ["zhzf-007", "sthj-001", None]
    assert "观海卫镇综合行政执法中队" in state.lead.sentence
    assert state.report["point"]["x"] == 121.2  # what the reporter sent stays


def test_comments_urging_and_supervision_change_no_status_and_no_clock() -> None:
    walk = Walk().do("accepted")
    before = walk.state
    walk.do("commented")
    assert replace(walk.state, revision=before.revision) == before
    walk.do("urged").do("urged").do("supervised").do("replied")
    assert (walk.state.status, walk.state.clocks, walk.state.spans) == (before.status, before.clocks, before.spans)
    assert (walk.state.lead.urged, walk.state.lead.owes_reply) == (2, False)


def test_an_answer_with_an_earlier_result_is_no_answer_to_a_later_one() -> None:
    walk = Walk(LITTER).do("accepted").do("finished").do("reopened").do("finished")
    assert walk.do("answered", round=1).state.answered_at is None
    assert walk.do("answered", round=2).state.answered_at == walk.at
    assert walk.do("reopened").do("finished").state.answered_at is None


# -- Levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-1, Level.NONE), (0, Level.GREEN), (24, Level.AMBER), (31, Level.RED), (45, Level.GREEN), (10_000, Level.RED)],
)
def test_a_case_stands_as_its_worst_running_clock_at_any_moment(minutes, expected) -> None:
    state = Walk(LITTER).do("accepted", minutes=40).state
    assert level_of(state, after(minutes)) is expected


def test_a_pending_case_without_a_running_clock_is_green_and_a_closed_one_has_no_level() -> None:
    assert level_of(Walk().do("returned").state, after(600)) is Level.GREEN
    walk = walk_to(Status.CLOSED, LITTER)
    assert level_of(walk.state, walk.at) is Level.NONE
    assert level_of(walk.state, walk.at - MINUTE) is Level.GREEN


# -- Order ------------------------------------------------------------------------------------------------------------


def test_a_late_event_takes_its_place_and_the_clocks_are_computed_again() -> None:
    walk = Walk().do("accepted").do("arrived", leg=2, minutes=200)
    assert clock(walk.state, ClockKind.ARRIVE, 3).due == Due(after(58), after(70))
    walk.do("arrived", leg=3, minutes=-160, late=True)  # 50 minutes after the report
    assert clock(walk.state, ClockKind.ARRIVE, 3).stopped_at == after(50)
    assert [event.kind.value for event in in_order(walk.events)][-2:] == ["arrived", "arrived"]
    assert [event.leg for event in in_order(walk.events)][-2:] == [3, 2]


def test_an_event_before_the_case_itself_is_refused() -> None:
    with pytest.raises(BeforeOccurrence, match=r"accepted is said to have happened at .* before the case was received"):
        Walk().do("accepted", minutes=-1)


def test_a_history_that_nothing_opens_or_that_is_opened_twice_is_refused() -> None:
    walk = Walk().do("accepted")
    with pytest.raises(BadEvent, match="begins with a received event"):
        fold(walk.events[1:], china())
    with pytest.raises(NotAllowed, match="cannot be received"):
        fold([*walk.events, replace(walk.events[0], occurred_at=walk.at, revision=99)], china())


def test_a_due_time_firms_up_when_the_notice_of_the_year_is_published() -> None:
    walk = Walk(at=at("2026-12-25T10:00"), matter=LITTER).do("accepted").do("extended", amount=4)
    assert clock(walk.state, ClockKind.FINISH).due == Due(
        at("2026-12-31T17:30"), at("2027-01-01T17:30"), provisional=True
    )
    published = china(2026, 2026, statutory=((1, 1),))
    published.covered |= {2027}
    firm = fold(walk.events, published, walk.state.number)
    assert clock(firm, ClockKind.FINISH).due == Due(at("2026-12-31T17:30"), at("2027-01-01T17:30"))


# -- Random walks -----------------------------------------------------------------------------------------------------


ASIDE = {
    *("merged", "closed", "commented", "urged", "supervised", "replied", "disputed", "stated", "settled"),
    *("relocated", "transferred", "identified", "answered"),
}
"""Kinds that are nearly always possible: taken now and then only, or every walk would be short and chatty."""


DEPARTMENTS = ("zhzf", "sthj", "scjg", "zjj")


def random_walk(data: st.DataObject) -> Walk:
    """Take up to fifteen steps that the case allows, at intervals of a minute to five days."""
    walk = Walk(data.draw(st.sampled_from([SMOKE, SMOKE, LITTER, STRANGE])))
    others = 0
    for _ in range(data.draw(st.integers(0, 15))):
        possible = allowed(walk.state)
        onward = [kind for kind in possible if kind not in ASIDE] if data.draw(st.integers(0, 3)) else []
        kind = EventKind(data.draw(st.sampled_from(onward or possible)))
        legs = [leg.number for leg in walk.state.legs if can_record(walk.state, kind, leg.number)]
        leg = data.draw(st.sampled_from(legs)) if TRANSITIONS[kind].leg is not LegRule.NONE else None
        extra: dict[str, object] = {}
        if kind is EventKind.MERGED:
            others += 1
            extra["into"] = Walk(LITTER, walk.desk, source_id=f"other {others}").state.number
        elif kind is EventKind.CLOSED:
            extra["reason"] = "来源系统办结"
        elif kind is EventKind.TRANSFERRED:
            names = [name for name in DEPARTMENTS if name != walk.state.lead.department]
            extra["department"] = data.draw(st.sampled_from(names))
        elif kind is EventKind.ARRIVED:
            # Whoever comes to a subject once more says why, and who allowed it.
            extra |= {"reason": "复查", "approved_by": "commander"}
        elif kind is EventKind.SETTLED:
            extra["department"] = data.draw(st.sampled_from(DEPARTMENTS))
        walk.do(kind.value, leg, data.draw(st.integers(1, 7200)), **extra)
    return walk


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_every_prefix_of_a_legal_history_is_legal_and_a_replay_gives_the_same_state(data) -> None:
    walk = random_walk(data)
    events = in_order(walk.events)
    for length in range(1, len(events) + 1):
        fold(events[:length], china(), walk.state.number)
    assert fold(walk.events, china(), walk.state.number) == walk.state


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_clocks_spans_and_legs_hold_together_on_every_legal_history(data) -> None:
    walk = random_walk(data)
    state = walk.state
    for one in state.clocks:
        assert one.stopped_at is None or one.stopped_at >= one.started_at
        assert all(pause.end is None or one.started_at <= pause.start <= pause.end for pause in one.pauses)
        assert one.due is not None or one.is_paused
        assert one.due is None or one.started_at < one.due.amber_at <= one.due.due_at
    for kind in ClockKind:
        owners = [one.leg for one in state.clocks if one.kind is kind and one.stopped_at is None]
        assert len(owners) == len(set(owners)), "one running clock for each kind and owner"
    assert state.is_pending == (state.spans[-1].closed_at is None)
    assert state.is_pending or all(one.stopped_at for one in state.clocks)
    assert all(not leg.is_active for leg in state.legs if leg.role is LegRole.LEAD and leg != state.lead)
    assert [leg.number for leg in state.legs] == list(range(1, len(state.legs) + 1))


ENDS_EVERYTHING = {EventKind.CLOSED, EventKind.MERGED, EventKind.TRANSFERRED, EventKind.FINISHED}
BEGINS = {
    *(EventKind.RECEIVED, EventKind.CALLED, EventKind.TRANSFERRED, EventKind.REOPENED),
    *(EventKind.DISPUTED, EventKind.SETTLED),  # whoever is asked again, or put in the place of another
}


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_no_leg_is_blamed_for_the_time_of_another(data) -> None:
    """A leg's clock starts when that leg is asked and stops by its own deed, or when the case takes the task away."""
    walk = random_walk(data)
    for one in walk.state.clocks:
        if one.leg is None:
            continue
        own = [event for event in walk.events if event.leg == one.leg]
        starts = [event.occurred_at for event in walk.events if event.kind in BEGINS]
        assert one.started_at in starts
        assert one.budget.amount == (30 if one.kind is ClockKind.RESPOND else 60)
        if one.stopped_at is not None:
            taken = [event for event in walk.events if event.kind in ENDS_EVERYTHING]
            lead = [event for event in walk.events if event.leg is None and TRANSITIONS[event.kind].leg is LegRule.LEAD]
            assert one.stopped_at in [event.occurred_at for event in (*own, *taken, *lead)]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_order_in_which_events_become_known_does_not_matter(data) -> None:
    walk = random_walk(data)
    moments = {event.occurred_at for event in walk.events}
    distinct = [event for event in walk.events if event.actor != RULES]
    assert len(moments) == len(distinct), "what follows by the rules happens with its cause, all else at its own minute"
    order = data.draw(st.permutations(sorted(moments)))
    together = [[event for event in walk.events if event.occurred_at == moment] for moment in order]
    shuffled = [event for events in together for event in events]
    numbered = [replace(event, revision=count) for count, event in enumerate(shuffled, start=1)]
    again = fold(numbered, china(), walk.state.number)
    assert replace(again, revision=0) == replace(walk.state, revision=0)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_late_event_is_taken_only_if_everything_after_it_stays_legal(data) -> None:
    walk = random_walk(data)
    kind = data.draw(
        st.sampled_from([kind for kind in EventKind if kind not in (EventKind.RECEIVED, EventKind.MERGED)])
    )
    span = (walk.at - START) / MINUTE
    late = START + data.draw(st.integers(0, int(span))) * MINUTE
    before, stored = walk.state, len(walk.events)
    try:
        walk.do(
            kind.value, None, (late - walk.at) / MINUTE, late=True, **({"reason": "作废"} if kind == "closed" else {})
        )
    except CaseError:
        assert len(walk.events) == stored, "nothing is written"
        assert fold(walk.events, china(), before.number) == before
    else:
        assert fold(walk.events, china(), before.number) == walk.state


def test_an_empty_history_is_no_case() -> None:
    with pytest.raises(BadEvent):
        fold([], china())


def test_among_equals_in_time_the_one_not_yet_stored_comes_last() -> None:
    walk = Walk().do("accepted")
    new = Event(EventKind.COMMENTED, walk.at, walk.at + timedelta(days=1), "tester", data={"text": "补充"})
    assert in_order([new, *walk.events])[-1] is new
