"""The table of transitions is complete, and its checks say in a sentence what is wrong and what is possible."""

import pytest

from cases.case import OPEN, Status
from cases.clock import ClockKind
from cases.errors import BadEvent, NotAllowed, UnknownDepartment
from cases.events import EventKind
from cases.history import EFFECTS
from cases.lifecycle import (
    CONDITIONS,
    NEW_CONDITIONS,
    TRANSITIONS,
    Actor,
    LegRule,
    allowed,
    can_record,
    check_data,
    check_status,
    next_status,
)
from tests.cases.factories import LITTER, NEEDED, SMOKE, Walk, case_at, walk_to

FINAL = {Status.MERGED}
BY_RULES = {kind for kind, row in TRANSITIONS.items() if row.owners == {Actor.RULES}}
WITHOUT_EFFECT = {EventKind.RECEIVED, EventKind.COMMENTED}


def test_every_kind_of_event_has_a_row_with_an_owner() -> None:
    assert set(TRANSITIONS) == set(EventKind)
    assert all(row.owners for row in TRANSITIONS.values())


def test_one_kind_opens_a_case_and_every_other_is_allowed_somewhere() -> None:
    assert [kind for kind, row in TRANSITIONS.items() if row.opens] == [EventKind.RECEIVED]
    assert all(row.next for row in TRANSITIONS.values() if not row.opens)


def test_every_kind_has_its_effect_or_changes_nothing_but_the_record() -> None:
    assert set(EFFECTS) | WITHOUT_EFFECT == set(EventKind)
    assert set(CONDITIONS) | set(NEW_CONDITIONS) <= set(EventKind)


def test_every_status_is_reached_and_has_an_exit_or_is_final() -> None:
    moves = {(now, then) for row in TRANSITIONS.values() for now, then in row.next.items() if now is not then}
    reached, grown = {Status.RECEIVED}, True
    while grown:
        more = {then for now, then in moves if now in reached} - reached
        reached, grown = reached | more, bool(more)
    assert reached == set(Status)
    assert {now for now, _ in moves} == set(Status) - FINAL


def test_every_open_status_can_be_closed_merged_moved_and_talked_about() -> None:
    for kind in ("closed", "merged", "relocated", "commented", "urged", "supervised", "disputed", "settled"):
        assert set(TRANSITIONS[EventKind(kind)].next) >= OPEN, kind
    assert set(TRANSITIONS[EventKind.COMMENTED].next) == set(Status)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("matter", [SMOKE, LITTER])
def test_what_is_said_to_be_allowed_is_allowed_and_nothing_else_is(status, matter) -> None:
    """Try every kind on every leg: the desk accepts exactly what `allowed` names."""
    possible = allowed(case_at(status, matter))
    for kind in set(EventKind) - BY_RULES:
        accepted = False
        legs = [leg.number for leg in case_at(status, matter).legs]
        for leg in [None, *legs] if TRANSITIONS[kind].leg is not LegRule.NONE else [None]:
            walk = walk_to(status, matter)
            data = {}
            if kind is EventKind.MERGED:
                data["into"] = Walk(matter, walk.desk, source_id="9").state.number
            elif kind is EventKind.CLOSED:
                data["reason"] = "作废"
            try:
                walk.do(kind.value, leg, **data)
            except (NotAllowed, UnknownDepartment):
                continue
            accepted = True
            if kind is not EventKind.CALLED:  # a call is for one leg and not the default one
                assert can_record(case_at(status, matter), kind, leg), (kind, leg)
        assert accepted == (kind.value in possible), kind


def test_a_refusal_names_status_kind_and_ways_on() -> None:
    with pytest.raises(
        NotAllowed, match="A case that is received cannot be finished; allowed now: accepted,"
    ) as refusal:
        check_status(case_at(Status.RECEIVED), EventKind.FINISHED)
    assert refusal.value.allowed == allowed(case_at(Status.RECEIVED))


def test_a_merged_case_takes_nothing_but_comments_and_the_answer() -> None:
    assert allowed(case_at(Status.MERGED)) == ("commented", "answered")
    assert allowed(case_at(Status.CLOSED)) == ("reopened", "commented", "answered")


def test_what_only_the_rules_do_nobody_else_can() -> None:
    assert {EventKind.PLANNED, EventKind.REATTRIBUTED} == BY_RULES
    for kind in BY_RULES:
        with pytest.raises(BadEvent, match="nobody can record it"):
            Walk().do(kind.value)


@pytest.mark.parametrize("kind", [kind for kind, row in TRANSITIONS.items() if row.required])
def test_every_required_field_is_missed_by_name(kind) -> None:
    shapes = {"place": {}, "subject": {}, "amount": 1}
    data = {name: shapes.get(name, "text") for name in TRANSITIONS[kind].required}
    check_data(kind, data)
    for name in data:
        for bad in (None, "", "  ", [], 1.5):
            with pytest.raises(BadEvent, match=rf"data\.{name}"):
                check_data(kind, data | {name: bad})


@pytest.mark.parametrize("amount", [0, -1, True, 1001, 10**30])
def test_an_extension_adds_a_sensible_whole_number(amount) -> None:
    with pytest.raises(BadEvent, match="from 1 to 1000"):
        check_data(EventKind.EXTENDED, NEEDED["extended"] | {"amount": amount})


def test_only_the_lead_accepts_and_only_coordinating_departments_are_called() -> None:
    with pytest.raises(NotAllowed, match=r"Leg 2 \(sthj\) is not in charge; leg 1 \(zhzf\) is"):
        Walk().do("accepted", leg=2)
    with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) leads"):
        Walk().do("accepted").do("called", leg=1)
    with pytest.raises(UnknownDepartment, match="has no leg 7; it has: 1 zhzf"):
        Walk().do("accepted").do("arrived", leg=7)


def test_a_department_arrives_only_when_called_and_finds_only_once() -> None:
    with pytest.raises(NotAllowed, match=r"Leg 2 \(sthj\) is waiting; it can arrive only when it is called"):
        Walk().do("arrived", leg=2)
    walk = Walk().do("accepted").do("arrived", leg=2).do("found", leg=2)
    for kind in ("arrived", "found"):
        with pytest.raises(NotAllowed, match=r"Leg 2 \(sthj\) is found"):
            walk.do(kind, leg=2)


def test_the_result_waits_for_every_finding_and_says_which_are_missing() -> None:
    walk = Walk().do("accepted").do("arrived", leg=2).do("found", leg=2)
    with pytest.raises(NotAllowed, match=r"missing: leg 1 \(zhzf\), leg 3 \(scjg\)") as refusal:
        walk.do("finished")
    assert refusal.value.allowed == allowed(walk.state)
    assert "finished" not in refusal.value.allowed


def test_an_open_case_closes_early_only_with_a_reason() -> None:
    with pytest.raises(NotAllowed, match=r"data\.reason"):
        Walk().do("closed")
    assert Walk().do("closed", reason="转外").state.status is Status.CLOSED
    assert walk_to(Status.VERIFIED).do("closed").state.status is Status.CLOSED


def test_a_transfer_to_the_department_that_leads_is_refused() -> None:
    with pytest.raises(NotAllowed, match="zhzf leads already"):
        Walk().do("transferred", department="zhzf")


def test_suspending_twice_and_resuming_what_runs_are_refused() -> None:
    with pytest.raises(NotAllowed, match="does not run"):
        Walk(LITTER).do("suspended")
    with pytest.raises(NotAllowed, match="does not run"):
        Walk(LITTER).do("extended")
    walk = Walk(LITTER).do("accepted")
    with pytest.raises(NotAllowed, match="not suspended"):
        walk.do("resumed")
    with pytest.raises(NotAllowed, match="suspended already"):
        walk.do("suspended").do("suspended")


def test_a_dispute_is_settled_once_and_changes_no_clock() -> None:
    walk = Walk()
    with pytest.raises(NotAllowed, match="not disputed"):
        walk.do("settled")
    before = walk.state.clocks
    walk.do("disputed")
    assert walk.state.lead.disputed
    assert walk.state.clocks == before
    with pytest.raises(NotAllowed, match="disputed already"):
        walk.do("disputed")
    assert not walk.do("settled").state.lead.disputed


def test_reopening_goes_back_to_work_or_to_asking_when_nobody_had_accepted() -> None:
    assert next_status(EventKind.REOPENED, case_at(Status.FINISHED)) is Status.ACCEPTED
    early = Walk().do("closed", reason="作废").do("reopened").state
    assert early.status is Status.RECEIVED
    assert early.running(ClockKind.RESPOND, 1) is not None
