"""The unified result: what it says, for which round, and what a hash on paper proves."""

from dataclasses import replace

import pytest

from cases.case import LegRole, Status
from cases.clock import Budget, BudgetUnit, ClockKind, Outcome, outcome
from cases.errors import NoSuchResult, NotAllowed
from cases.result import UnifiedResult, answers, editions, unified
from tests.cases.factories import LITTER, MINUTE, START, Walk, a_desk, a_report, china, walk_to

CHINA = china()


def smoke_on_site() -> Walk:
    """Accepted after 10 minutes; enforcement on site after 20, environment after 30, market regulation after 40."""
    walk = Walk().do("accepted")
    for leg in (1, 2, 3):
        walk.do("arrived", leg)
    return walk


def smoke_finished(**result: str) -> Walk:
    """Findings after 50, 60 and 70 minutes, the result after 80."""
    walk = smoke_on_site()
    walk.do("found", 1, finding="未设专用烟道")
    walk.do("found", 2, finding="浓度 3.1 mg/m³", basis="GB 18483-2001 表2")
    walk.do("found", 3, finding="许可证有效")
    return walk.do("finished", **({"result": "责令改正"} | result))


def result_of(walk: Walk, round: int | None = None) -> UnifiedResult:
    return unified(walk.events, CHINA, walk.state.number, round)


def test_one_document_holds_every_departments_finding_with_its_basis_and_its_clause() -> None:
    result = result_of(smoke_finished())
    assert result.document == f"{result.number}-1"
    assert result.conclusion == "责令改正"
    assert [(one.department, one.unit, one.role) for one in result.findings] == [
        ("zhzf", "zhzf-002", LegRole.LEAD),
        ("sthj", "sthj-001", LegRole.COORDINATING),
        ("scjg", "scjg-001", LegRole.COORDINATING),
    ]
    assert [(one.finding, one.basis) for one in result.findings] == [
        ("未设专用烟道", None),
        ("浓度 3.1 mg/m³", "GB 18483-2001 表2"),
        ("许可证有效", None),
    ]
    assert {one.clause for one in result.findings} == {"一件事清单第1项"}
    assert all(one.sentence for one in result.findings)
    assert result.issuer.department == "zhzf"
    assert result.list_version == "2026-07"


def test_it_says_when_the_case_was_received_accepted_seen_and_finished() -> None:
    result = result_of(smoke_finished())
    times = result.received_at, result.accepted_at, result.on_site_at, result.issued_at
    assert [(at - START) // MINUTE for at in times if at] == [0, 10, 20, 80]


def test_it_holds_the_clocks_of_the_promise_and_not_that_of_the_verification_after_it() -> None:
    result = result_of(smoke_finished())
    assert [(clock.kind, clock.leg, (clock.started_at - START) // MINUTE) for clock in result.clocks] == [
        (ClockKind.RESPOND, 1, 0),
        (ClockKind.ARRIVE, 2, 10),
        (ClockKind.ARRIVE, 3, 10),
        (ClockKind.FINISH, None, 70),
    ]
    assert [outcome(clock) for clock in result.clocks] == [Outcome.MET] * 4
    assert result.promise == {
        ClockKind.RESPOND: Budget(30, BudgetUnit.MINUTES),
        ClockKind.ARRIVE: Budget(60, BudgetUnit.MINUTES),
        ClockKind.FINISH: Budget(5, BudgetUnit.WORKING_DAYS),
    }


def test_a_check_in_from_afar_is_flagged_on_the_document() -> None:
    walk = Walk().do("accepted")
    # A hundredth of a degree of latitude is more than a kilometre.
    walk.do("arrived", 1, point={"x": 121.2, "y": 30.19, "crs": "EPSG:4490"})
    walk.do("arrived", 2, point={"x": 121.2, "y": 30.2, "crs": "EPSG:4490"}).do("arrived", 3)
    for leg in (1, 2, 3):
        walk.do("found", leg)
    result = result_of(walk.do("finished"))
    assert [one.is_far for one in result.findings] == [False, True, False]
    assert [one.arrived_m is None for one in result.findings] == [False, False, True]


def test_a_department_alone_may_finish_without_a_finding_and_without_a_conclusion() -> None:
    result = result_of(Walk(LITTER).do("accepted").do("finished"))
    assert (result.conclusion, result.on_site_at) == ("", None)
    assert [(one.finding, one.basis, one.arrived_at) for one in result.findings] == [(None, None, None)]


def test_a_reopened_case_has_a_document_for_each_round_and_the_last_one_is_given_when_nobody_asks() -> None:
    walk = smoke_finished()
    first = result_of(walk)
    walk.do("reopened", reason="油烟仍然直排").do("found", 1, finding="已加装净化器").do("finished", result="复测达标")
    assert [result_of(walk, n).conclusion for n in (1, 2)] == ["责令改正", "复测达标"]
    assert result_of(walk) == result_of(walk, 2)
    assert result_of(walk).document == f"{walk.state.number}-2"
    assert result_of(walk, 1) == first, "what came later changes nothing in the first one"
    assert [one.finding for one in result_of(walk, 2).findings][:2] == ["已加装净化器", "浓度 3.1 mg/m³"]
    assert [(c.kind, c.round) for c in result_of(walk, 2).clocks][-2:] == [(ClockKind.FINISH, 1), (ClockKind.FINISH, 2)]


def test_while_a_reopened_case_is_in_work_the_last_document_is_the_one_before() -> None:
    walk = smoke_finished()
    first = result_of(walk)
    assert result_of(walk.do("reopened", reason="仍然直排")) == first


def test_a_finding_that_is_told_late_counts_when_it_was_made_before_the_result() -> None:
    walk = Walk(LITTER).do("accepted").do("finished", minutes=60, result="已清运")
    before = result_of(walk)
    walk.do("found", minutes=-30, late=True, finding="现场有两处垃圾")
    after = result_of(walk)
    assert (before.findings[0].finding, after.findings[0].finding) == (None, "现场有两处垃圾")
    assert after.sha256 != before.sha256
    assert after.document == before.document


def test_what_happens_after_the_result_says_nothing_in_it() -> None:
    walk = smoke_finished()
    before = result_of(walk)
    walk.do("commented").do("urged").do("answered").do("verified").do("closed")
    walk.do("reopened", reason="复发").do("found", 1, finding="又直排").do("disputed", 2)
    assert result_of(walk, 1) == before
    assert result_of(walk, 1).sha256 == before.sha256


def test_a_hash_is_that_of_the_facts_and_a_due_time_that_firms_up_does_not_change_it() -> None:
    walk = smoke_finished()
    result = result_of(walk)
    unpublished = china(2025, 2025)  # as it was before the holidays of 2026 were published
    other = unified(walk.events, unpublished, walk.state.number)
    assert [clock.due.provisional for clock in other.clocks if clock.due] != [
        clock.due.provisional for clock in result.clocks if clock.due
    ]
    assert other.sha256 == result.sha256
    assert len(result.sha256) == 64
    assert {replace(result, conclusion="责令改正。").sha256, replace(result, round=2).sha256}.isdisjoint(
        {result.sha256}
    )


def test_the_order_in_which_events_are_read_does_not_matter() -> None:
    walk = smoke_finished()
    assert unified(walk.events[::-1], CHINA, walk.state.number) == result_of(walk)


def test_a_copy_that_was_printed_before_a_late_event_is_known_as_genuine() -> None:
    walk = Walk(LITTER).do("accepted").do("finished", minutes=60, result="已清运")
    printed = result_of(walk).sha256
    walk.do("commented", minutes=-20, late=True)
    walk.do("found", minutes=-10, late=True, finding="现场有两处垃圾")
    texts = editions(walk.events, CHINA, walk.state.number, 1)
    assert [one.sha256 for one in texts] == [printed, result_of(walk).sha256]


def test_nothing_of_a_contact_stands_in_it() -> None:
    desk = a_desk()
    contact = {"name": "张三丰", "phone": "13812340000"}
    desk.receive(a_report(LITTER, "1", contact=contact, description="王五家门口"), START)
    walk = Walk(LITTER, desk, at=START + MINUTE, source_id="2")
    number = desk.store.numbered([("grid", "1")])["grid", "1"][0]
    walk.state = desk.receive(a_report(LITTER, "1", contact=contact, description="王五家门口"), START).state
    assert walk.state.number == number
    said = repr(result_of(walk.do("accepted").do("finished")))
    for personal in ("张三丰", "13812340000", "王五"):
        assert personal not in said


def test_it_names_the_cases_that_were_merged_into_it_before_and_none_that_came_later() -> None:
    walk = smoke_on_site()
    for leg in (1, 2, 3):
        walk.do("found", leg)
    early = Walk(desk=walk.desk, source_id="2", at=walk.at).do("merged", into=walk.state.number)
    walk.do("finished", minutes=20)
    before = result_of(walk)
    late = Walk(desk=walk.desk, source_id="3", at=walk.at).do("merged", into=walk.state.number)
    assert early.state.number != late.state.number
    assert before.merged == (early.state.number,)
    assert result_of(walk) == before


def test_it_says_which_enterprise_it_is_about() -> None:
    restaurant = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"}
    walk = Walk(LITTER).do("accepted").do("identified", subject=restaurant).do("finished")
    assert result_of(walk).subject == {"code": "91330282MA2AJ0001Y", "kind": "enterprise", "name": "示范餐饮店一"}
    assert result_of(smoke_finished()).subject is None


def test_a_department_that_handed_over_after_its_finding_is_still_heard() -> None:
    walk = Walk(LITTER).do("accepted").do("found", finding="属于施工弃土")
    walk.do("transferred", department="zjj", reason="属住建职责").do("accepted").do("finished", result="已清运")
    result = result_of(walk)
    assert [(one.department, one.finding) for one in result.findings] == [("zjj", None), ("zhzf", "属于施工弃土")]
    assert result.issuer.department == "zjj"
    assert (result.accepted_at - START) // MINUTE == 40 if result.accepted_at else False


def test_more_time_stands_beside_what_was_promised() -> None:
    walk = Walk(LITTER).do("accepted").do("extended", amount=3).do("finished")
    finish = next(clock for clock in result_of(walk).clocks if clock.kind is ClockKind.FINISH)
    assert (finish.budget.amount, result_of(walk).promise[ClockKind.FINISH].amount) == (4, 1)


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE])
def test_a_case_in_work_says_what_its_result_waits_for(status: Status) -> None:
    walk = walk_to(status)
    with pytest.raises(NotAllowed, match=f"{status}.*zhzf.*sthj") as refused:
        result_of(walk)
    assert "commented" in refused.value.allowed


def test_a_case_that_ended_without_a_result_says_how() -> None:
    with pytest.raises(NoSuchResult, match="closed without a result"):
        result_of(Walk(LITTER).do("closed", reason="来源撤销"))
    merged = walk_to(Status.MERGED)
    with pytest.raises(NoSuchResult, match=f"merged into {merged.state.merged_into}"):
        result_of(merged)


@pytest.mark.parametrize("round", [0, -1, 2, 10**30])
def test_a_round_that_there_was_not_is_named_with_those_that_there_were(round: int) -> None:
    with pytest.raises(NoSuchResult, match=f"round {round}; there are: 1"):
        result_of(smoke_finished(), round)


def test_an_answer_belongs_to_the_round_that_was_the_last_one_then() -> None:
    walk = smoke_finished().do("answered", channel="phone").do("reopened", reason="仍然直排").do("finished")
    assert {n: event.data["channel"] for n, event in answers(walk.events).items()} == {1: "phone"}
    walk.do("answered", channel="webhook").do("answered", channel="phone")
    assert {n: event.data["channel"] for n, event in answers(walk.events).items()} == {1: "phone", 2: "phone"}
    merged = walk_to(Status.MERGED).do("answered", channel="webhook")
    assert list(answers(merged.events)) == [0]
