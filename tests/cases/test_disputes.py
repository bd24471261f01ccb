"""Disputes about whose a case is: who stays in charge, by when it is settled, and what follows from the decision."""

from datetime import UTC, date, datetime

import pytest

from cases.case import CaseState, Dispute, LegRole, LegStatus, Status, View
from cases.clock import CASE_CLOCKS, Budget, BudgetUnit, Clock, ClockKind, Level, level
from cases.errors import BadEvent, NotAllowed, UnknownDepartment
from cases.history import fold, level_of
from tests.cases.factories import LITTER, MINUTE, SHANGHAI, SMOKE, START, WEST, Walk, china, walk_to

CLAUSE = "属地管理清单第1项"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def dispute(state: CaseState) -> Dispute:
    (only,) = state.disputes
    return only


def clocks(state: CaseState, kind: ClockKind, leg: int | None = None) -> list[Clock]:
    return [one for one in state.clocks if one.kind is kind and one.leg == leg]


def kinds(walk: Walk) -> list[str]:
    return [event.kind.value for event in walk.events]


# -- Opening ----------------------------------------------------------------------------------------------------------


def test_who_disputes_a_case_cites_the_clause() -> None:
    for missing in (None, "", "  ", 7):
        with pytest.raises(BadEvent, match=r"data\.clause"):
            Walk().do("disputed", clause=missing)
    one = dispute(Walk().do("disputed", actor="zhzf", view="应由住建局处理", wanted="zjj").state)
    assert (one.leg, one.opened_by, one.clause, one.wanted) == (1, "zhzf", CLAUSE, "zjj")
    assert one.views == (View("zhzf", START + 10 * MINUTE, "应由住建局处理"),)
    assert one.settled_at is None


@pytest.mark.parametrize(
    ("wanted", "error"), [("zjx", UnknownDepartment), ("adjudicator", UnknownDepartment), (7, BadEvent)]
)
def test_who_should_act_instead_is_somebody_who_can(wanted, error) -> None:
    with pytest.raises(error):
        Walk().do("disputed", wanted=wanted)


def test_each_side_states_its_view_while_the_dispute_is_open() -> None:
    walk = Walk().do("disputed", view="不属我局").do("stated", actor="zjj", text="属综合执法").do("stated", actor=WEST)
    assert [(view.by, view.at) for view in dispute(walk.state).views] == [
        ("tester", START + 10 * MINUTE),
        ("zjj", START + 20 * MINUTE),
        (WEST, START + 30 * MINUTE),
    ]
    with pytest.raises(NotAllowed, match="not disputed; there is nothing to state or settle"):
        walk.do("settled").do("stated")


def test_the_adjudicator_has_five_working_days_of_its_own() -> None:
    state = Walk().do("disputed").state
    limit = dispute(state).clock
    assert (limit.kind, limit.budget) == (ClockKind.ADJUDICATE, Budget(5, BudgetUnit.WORKING_DAYS))
    # Wednesday 4 March: the day of the start does not count, so Wednesday of the next week at closing time.
    assert limit.due is not None
    assert limit.due.due_at == at("2026-03-11T17:30")
    assert level(limit, at("2026-03-12T09:00")) is Level.RED
    assert all(clock.kind in CASE_CLOCKS for clock in state.clocks), "it is none of the limits of the case"


def test_the_limit_stays_as_it_was_when_the_dispute_began() -> None:
    walk = Walk().do("disputed", budget={"amount": 99, "unit": "working_days"})
    assert walk.events[-1].data["budget"] == {"amount": 5, "unit": "working_days"}, "nobody gives it to himself"


def test_a_dispute_pauses_nothing_and_takes_the_case_from_nobody() -> None:
    walk = Walk().do("disputed")
    assert level_of(walk.state, START + 31 * MINUTE) is Level.RED, "who was asked first still has 30 minutes"
    walk.do("accepted").do("arrived", leg=2).do("found", leg=2).do("found", leg=3).do("found").do("finished")
    assert (walk.state.status, walk.state.lead.disputed) == (Status.FINISHED, True)
    assert not any(clock.pauses for clock in walk.state.clocks)


@pytest.mark.parametrize("kind", ["returned", "transferred"])
def test_a_disputed_lead_hands_the_case_neither_back_nor_on(kind) -> None:
    walk = Walk().do("disputed")
    with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) is disputed; it stays in charge until") as refusal:
        walk.do(kind)
    assert kind not in refusal.value.allowed
    assert "settled" in refusal.value.allowed
    assert walk.do("settled").do(kind).state.status is Status.RECEIVED


def test_who_has_handed_the_case_back_and_then_disputes_it_is_asked_again() -> None:
    state = Walk().do("returned").do("disputed").state
    assert (state.lead.department, state.lead.status, state.lead.asked_at) == (
        "zhzf",
        LegStatus.ASKED,
        START + 20 * MINUTE,
    )
    first, second = clocks(state, ClockKind.RESPOND, 1)
    assert (first.stopped_at, second.started_at, second.round) == (START + 10 * MINUTE, START + 20 * MINUTE, 2)
    assert second.stopped_at is None


# -- Two returns ------------------------------------------------------------------------------------------------------


def test_the_second_return_opens_a_dispute_by_the_rules_and_the_lead_stays_in_charge() -> None:
    walk = Walk().do("returned", reason="无执法权").do("accepted").do("returned", reason="仍无执法权")
    one, state = dispute(walk.state), walk.state
    assert (one.opened_by, one.opened_at, one.clause) == ("rules", walk.at, "一件事清单第1项")
    assert one.views == (View("rules", walk.at, "两次退回：无执法权；仍无执法权"),)
    assert (state.lead.department, state.lead.status, state.lead.disputed) == ("zhzf", LegStatus.ASKED, True)
    assert clocks(state, ClockKind.RESPOND, 1)[-1].started_at == walk.at
    assert walk.do("accepted").state.lead.status is LegStatus.ACCEPTED


def test_returns_of_two_departments_count_as_two_of_the_case() -> None:
    walk = Walk().do("returned").do("transferred", department="zjj").do("returned")
    assert dispute(walk.state).leg == 4
    assert walk.state.lead.department == "zjj"
    assert walk.state.lead.status is LegStatus.ASKED


def test_after_a_dispute_the_count_begins_anew() -> None:
    walk = Walk().do("returned").do("accepted").do("returned").do("settled").do("returned")
    assert len(walk.state.disputes) == 1
    assert walk.state.lead.status is LegStatus.RETURNED
    assert len(walk.do("accepted").do("returned").state.disputes) == 2


def test_a_dispute_about_a_coordinating_department_is_another_matter() -> None:
    walk = Walk().do("accepted").do("returned").do("disputed", leg=2).do("accepted").do("returned")
    assert [one.leg for one in walk.state.disputes] == [2, 1]


def test_a_return_that_is_told_late_may_make_the_known_one_the_second() -> None:
    walk = Walk().do("accepted", minutes=30).do("returned")
    walk.do("returned", leg=1, minutes=-20, late=True, reason="先前已退")
    one = dispute(walk.state)
    assert (one.opened_at, one.views[0].text) == (walk.at, "两次退回：先前已退；不属本部门职责")
    assert walk.state.lead.status is LegStatus.ASKED
    passed_on = Walk().do("accepted", minutes=30).do("returned").do("transferred")
    passed_on.do("returned", leg=1, minutes=-30, late=True)
    assert passed_on.state.disputes == (), "somebody else has the case already"


# -- Settling ---------------------------------------------------------------------------------------------------------


def test_a_decision_names_who_acts_and_why() -> None:
    walk = Walk().do("disputed")
    for missing in ("department", "decision"):
        with pytest.raises(BadEvent, match=rf"data\.{missing}"):
            walk.do("settled", **{missing: ""})
    for department in ("zjx", "adjudicator"):
        with pytest.raises(UnknownDepartment):
            walk.do("settled", department=department)
    assert dispute(walk.state).settled_at is None


def test_who_is_upheld_goes_on_as_before() -> None:
    walk = Walk().do("accepted").do("disputed")
    before = walk.state
    state = walk.do("settled", minutes=24 * 60, decision="清单已明确").state
    one = dispute(state)
    assert (one.settled_at, one.decided, one.decision, one.ruling) == (walk.at, "zhzf", "清单已明确", None)
    assert one.clock.stopped_at == walk.at
    assert not state.lead.disputed
    assert (state.clocks, state.status) == (before.clocks, before.status)
    assert kinds(walk)[-1] == "settled"


def test_another_lead_gets_the_case_by_the_rules_with_its_own_thirty_minutes() -> None:
    walk = Walk().do("accepted").do("disputed").do("settled", minutes=24 * 60, department="zjj", decision="属住建")
    state = walk.state
    assert kinds(walk)[-2:] == ["settled", "transferred"]
    assert walk.events[-1].actor == "rules"
    assert (state.lead.department, state.lead.asked_at, state.status) == ("zjj", walk.at, Status.RECEIVED)
    assert (state.lead.clause, state.lead.sentence) == (
        "争议裁定：属住建",
        "按争议裁定，本件由住建局牵头办理，住建局在该镇街没有派驻机构，由部门本级承办。",
    )
    (asked,) = clocks(state, ClockKind.RESPOND, 4)
    assert asked.due is not None
    assert asked.due.due_at == walk.at + 30 * MINUTE
    (first,) = clocks(state, ClockKind.RESPOND, 1)
    assert first.stopped_at == START + 10 * MINUTE, "the time of the dispute is nobody's delay"


def test_a_coordinating_department_is_replaced_on_site_with_a_clock_of_its_own() -> None:
    walk = (
        Walk()
        .do("accepted")
        .do("disputed", leg=2)
        .do("settled", leg=2, minutes=100, department="zjj", decision="改由住建")
    )
    state, new = walk.state, walk.state.legs[-1]
    assert (state.legs[1].status, state.legs[1].ended_at) == (LegStatus.TRANSFERRED, walk.at)
    assert (new.role, new.department, new.status, new.asked_at) == (
        LegRole.COORDINATING,
        "zjj",
        LegStatus.CALLED,
        walk.at,
    )
    assert new.sentence.startswith("按争议裁定，本件由住建局协同办理")
    (old,), (own,) = clocks(state, ClockKind.ARRIVE, 2), clocks(state, ClockKind.ARRIVE, 4)
    assert old.stopped_at == own.started_at == walk.at
    assert own.due is not None
    assert own.due.due_at == walk.at + 60 * MINUTE
    assert state.lead.number == 1
    assert "transferred" not in kinds(walk)


def test_one_who_waits_is_replaced_by_one_who_waits() -> None:
    walk = Walk().do("disputed", leg=2).do("settled", leg=2, department="zjj")
    assert [leg.status for leg in walk.state.coordinating] == [LegStatus.WAITING, LegStatus.WAITING]
    assert {leg.department for leg in walk.do("accepted").state.coordinating if leg.status is LegStatus.CALLED} == {
        "scjg",
        "zjj",
    }


def test_a_department_that_has_a_part_already_gets_no_second_one() -> None:
    for department in ("zhzf", "scjg"):
        walk = Walk().do("accepted").do("disputed", leg=2).do("settled", leg=2, department=department)
        assert [leg.department for leg in walk.state.coordinating] == ["scjg"]
        assert len(walk.state.legs) == 3


def test_the_finish_clock_starts_when_the_one_who_was_waited_for_is_let_go() -> None:
    walk = Walk().do("accepted").do("found", leg=1).do("found", leg=3).do("disputed", leg=2)
    assert clocks(walk.state, ClockKind.FINISH) == []
    walk.do("settled", leg=2, department="zhzf")
    assert clocks(walk.state, ClockKind.FINISH)[0].started_at == walk.at


@pytest.mark.parametrize("status", [Status.FINISHED, Status.VERIFIED, Status.CLOSED, Status.MERGED])
def test_after_the_work_a_decision_is_only_recorded(status) -> None:
    walk = Walk(LITTER).do("accepted").do("disputed")
    if status is Status.MERGED:
        walk.do("merged", into=Walk(LITTER, walk.desk, source_id="2").state.number)
    else:
        for kind, reached in (("finished", Status.FINISHED), ("verified", Status.VERIFIED), ("closed", Status.CLOSED)):
            walk.do(kind)
            if reached is status:
                break
    before = walk.state
    walk.do("settled", department="zjj", ruling={"change": "垃圾由住建局负责"})
    assert (walk.state.status, walk.state.lead.department, walk.state.clocks) == (status, "zhzf", before.clocks)
    one = dispute(walk.state)
    assert (one.decided, one.ruling and one.ruling["to_department"]) == ("zjj", "zjj")


# -- Rulings ----------------------------------------------------------------------------------------------------------


def test_a_ruling_says_for_which_cases_it_holds_and_what_the_list_should_say() -> None:
    walk = (
        Walk(LITTER).do("disputed").do("settled", department="zjj", ruling={"change": "增列住建局", "township": True})
    )
    assert dispute(walk.state).ruling == {
        "matter": LITTER,
        "township": WEST,
        "role": "lead",
        "from_department": "zhzf",
        "to_department": "zjj",
        "change": "增列住建局",
    }


@pytest.mark.parametrize("ruling", ["yes", {}, {"change": " "}, {"change": 7}, {"change": "改", "township": "yes"}])
def test_a_ruling_that_says_nothing_is_refused(ruling) -> None:
    walk = Walk(LITTER).do("disputed")
    with pytest.raises(BadEvent, match=r"data\.ruling"):
        walk.do("settled", department="zjj", ruling=ruling)
    assert dispute(walk.state).settled_at is None


def test_a_ruling_for_a_township_needs_a_case_that_stands_in_one() -> None:
    walk = Walk(LITTER, x="?", y="?").do("disputed")
    with pytest.raises(BadEvent, match="stands in no township"):
        walk.do("settled", department="zjj", ruling={"change": "改", "township": True})


def test_a_ruling_names_the_township_where_the_case_stood_then() -> None:
    walk = Walk(LITTER).do("disputed").do("relocated", minutes=60)
    walk.do("settled", minutes=-30, late=True, department="zjj", ruling={"change": "改", "township": True})
    one = dispute(walk.state).ruling
    assert one is not None
    assert (one["township"], walk.state.township) == (WEST, "330282107")


# -- Late events ------------------------------------------------------------------------------------------------------


def test_a_late_event_that_overtakes_a_settlement_is_taken_only_if_the_settlement_still_stands() -> None:
    walk = Walk().do("disputed").do("settled", minutes=60, department="zjj")
    stored, state = kinds(walk), walk.state
    for kind, data in (("settled", {}), ("returned", {}), ("transferred", {"department": "scjg"}), ("disputed", {})):
        with pytest.raises(NotAllowed, match="before what is known already"):
            walk.do(kind, leg=1 if kind != "transferred" else None, minutes=-30, late=True, **data)
    assert (kinds(walk), walk.state) == (stored, state), "nothing half-written"
    # What does not contradict it takes its place: a view, and the acceptance of the one who was in charge.
    walk.do("stated", leg=1, minutes=-30, late=True, text="补录意见")
    walk.do("accepted", leg=1, minutes=-40, late=True)
    assert dispute(walk.state).views[-1].text == "补录意见"
    assert walk.state.lead.department == "zjj"
    assert clocks(walk.state, ClockKind.RESPOND, 1)[0].stopped_at == START + 30 * MINUTE
    assert fold(walk.events, china(), walk.state.number) == walk.state


def test_a_settlement_that_is_told_late_takes_the_case_over_only_if_nobody_acted_since() -> None:
    walk = Walk().do("disputed").do("accepted", minutes=60)
    with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) is not in charge"):
        walk.do("settled", leg=1, minutes=-30, late=True, department="zjj")
    upheld = walk.do("settled", leg=1, minutes=-30, late=True)
    assert dispute(upheld.state).settled_at == START + 40 * MINUTE
    assert upheld.state.status is Status.ACCEPTED


def test_disputes_of_before_there_were_clauses_and_limits_can_still_be_read() -> None:
    walk = Walk().do("disputed").do("settled")
    bare = [
        event
        if event.kind not in ("disputed", "settled")
        else type(event)(event.kind, event.occurred_at, event.recorded_at, event.actor, None, {}, event.revision)
        for event in walk.events
    ]
    one = dispute(fold(bare, china(), walk.state.number))
    assert (one.clause, one.decided, one.clock.budget.amount) == ("", "zhzf", 5)


def test_a_case_may_be_disputed_again() -> None:
    walk = walk_to(Status.ON_SITE, SMOKE).do("disputed").do("settled").do("disputed").do("settled", department="zjj")
    assert [one.decided for one in walk.state.disputes] == ["zhzf", "zjj"]
    assert walk.state.received_at.astimezone(SHANGHAI).date() == date(2026, 3, 4)
