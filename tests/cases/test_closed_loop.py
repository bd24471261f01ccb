"""Coming on site, findings, supervision two ways, answers: what each of them asks for, and what it changes."""

from datetime import timedelta

import pytest

from cases.case import CaseState, LegStatus, Status
from cases.clock import Clock, ClockKind
from cases.errors import BadEvent, NotAllowed, UnknownDepartment
from tests.cases.factories import LITTER, MINUTE, NEEDED, SMOKE, START, STRANGE, WEST, Walk, walk_to

HERE = {"x": 121.2, "y": 30.19, "crs": "EPSG:4490"}
"""Where the case stands; 0.001° of longitude are 96.486 m in the flat county."""


def beside(degrees: float) -> dict[str, object]:
    return HERE | {"x": 121.2 + degrees}


def clock(state: CaseState, kind: ClockKind, leg: int | None = None) -> Clock:
    (only,) = [one for one in state.clocks if one.kind is kind and one.leg == leg]
    return only


# -- Coming on site ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degrees", "metres", "far"), [(0.0, 0.0, False), (0.003, 289.5, False), (0.0035, 337.7, True)]
)
def test_a_check_in_keeps_its_distance_from_the_case_and_is_flagged_beyond_300_m(degrees, metres, far) -> None:
    leg = Walk().do("accepted").do("arrived", leg=2, point=beside(degrees)).state.legs[1]
    assert (leg.arrived_m, leg.is_far) == (metres, far)


def test_a_check_in_too_far_away_still_stops_the_clock_but_not_unseen() -> None:
    state = Walk().do("accepted").do("arrived", leg=2, point=beside(0.05)).state
    assert clock(state, ClockKind.ARRIVE, 2).stopped_at is not None
    assert state.legs[1].is_far


def test_without_a_position_no_distance_is_known_and_nobody_can_make_one_up() -> None:
    walk = Walk().do("accepted").do("arrived", leg=2, distance_m=3.0, lon=121.2, lat=30.19)
    assert (walk.state.legs[1].arrived_m, walk.state.legs[1].is_far) == (None, False)
    assert walk.events[-1].data == {}
    walk.do("arrived", leg=3, point=beside(0.0035), distance_m=3.0)
    assert walk.state.legs[2].arrived_m == 337.7


def test_a_case_without_a_place_has_check_ins_without_a_distance() -> None:
    walk = Walk(x="?", y="?").do("accepted").do("arrived", leg=2, point=HERE)
    assert walk.state.legs[1].arrived_m is None
    assert (walk.events[-1].data["lon"], walk.events[-1].data["distance_m"]) == (121.2, None)


def test_a_check_in_from_another_county_is_refused_and_leaves_nothing() -> None:
    walk = Walk().do("accepted")
    stored = len(walk.events)
    with pytest.raises(BadEvent, match=r"119\.00000, 30\.19000 lies outside the region, 212\.3 km from the case"):
        walk.do("arrived", leg=2, point=HERE | {"x": 119.0})
    nowhere = Walk(x="?", y="?", desk=walk.desk, source_id="2").do("accepted")
    with pytest.raises(BadEvent, match="the case has no place"):
        nowhere.do("arrived", leg=2, point=HERE | {"x": 119.0})
    assert len(walk.events) == stored
    assert walk.do("arrived", leg=2).state.legs[1].status is LegStatus.ARRIVED


def test_a_case_at_the_border_may_be_worked_on_from_the_other_side_of_it() -> None:
    state = Walk(x=121.799).do("accepted").do("arrived", leg=2, point=HERE | {"x": 121.801}).state
    assert (state.legs[1].arrived_m, state.legs[1].is_far) == (193.0, False)


@pytest.mark.parametrize("point", [{}, "here", {"x": 121.2, "y": 30.19}, HERE | {"x": "?"}])
def test_a_position_that_cannot_be_read_is_named(point) -> None:
    with pytest.raises(BadEvent, match=r"data\.point|cannot be read"):
        Walk().do("accepted").do("arrived", leg=2, point=point)


def test_a_check_in_that_is_told_late_is_measured_from_where_the_case_stood_then() -> None:
    walk = Walk().do("accepted").do("relocated", minutes=60)
    walk.do("arrived", leg=2, minutes=-20, late=True, point=HERE)
    assert walk.state.legs[1].arrived_m == 0.0
    walk.do("arrived", leg=3, minutes=20, point=HERE)
    assert walk.state.legs[2].arrived_m == pytest.approx(0.2 * 96_486, rel=0.01)


# -- Findings ---------------------------------------------------------------------------------------------------------


def test_a_finding_may_name_the_law_behind_it() -> None:
    walk = Walk().do("accepted").do("found", leg=2, basis="大气污染防治法第八十一条").do("found", leg=3)
    assert [leg.basis for leg in walk.state.legs] == [None, "大气污染防治法第八十一条", None]
    with pytest.raises(BadEvent, match=r"data\.basis of the event found is 81; give a text"):
        walk.do("found", basis=81)


def test_whoever_returned_the_case_has_nothing_to_find_there() -> None:
    walk = Walk().do("accepted").do("returned")
    with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) is returned; it can record a finding only when it is"):
        walk.do("found", leg=1)
    passed_on = Walk().do("accepted").do("transferred")
    with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) is transferred"):
        passed_on.do("found", leg=1)
    # Told late, of a time before the case was passed on, it stands.
    passed_on.do("found", leg=1, minutes=-5, late=True)
    assert passed_on.state.legs[0].status is LegStatus.TRANSFERRED
    assert passed_on.state.legs[0].finding == NEEDED["found"]["finding"]


@pytest.mark.parametrize("missing", ["reason", "approved_by"])
def test_nobody_pauses_or_extends_without_a_reason_and_an_approver(missing) -> None:
    for kind in ("suspended", "extended"):
        walk = Walk(LITTER).do("accepted")
        with pytest.raises(BadEvent, match=rf"data\.{missing}, and has None"):
            walk.do(kind, **{missing: None})
        assert clock(walk.state, ClockKind.FINISH).pauses == ()


# -- Transfers --------------------------------------------------------------------------------------------------------


def test_a_case_goes_neither_to_who_has_it_nor_to_who_only_settles() -> None:
    with pytest.raises(NotAllowed, match="zhzf leads already; name another department"):
        Walk().do("transferred", department="zhzf")
    with pytest.raises(UnknownDepartment, match="adjudicator settles disputes and handles no case"):
        Walk().do("transferred", department="adjudicator")


def test_a_transfer_that_is_told_late_may_not_make_a_number_mean_another_leg() -> None:
    walk = Walk().do("transferred", minutes=60, department="zjj").do("urged", leg=4)
    with pytest.raises(NotAllowed, match=r"Leg 4 is zjj, to which the case is known to have gone.*sthj before"):
        walk.do("transferred", minutes=-40, late=True, department="sthj")
    assert [leg.department for leg in walk.state.legs if leg.urged] == ["zjj"]


def test_what_the_lead_did_stays_its_own_when_a_transfer_is_told_late() -> None:
    """An acceptance names who accepted: the new lead may not appear to have answered."""
    walk = Walk().do("accepted", minutes=20)
    with pytest.raises(NotAllowed, match=r"before what is known already.*Leg 1 \(zhzf\) is not in charge"):
        walk.do("transferred", minutes=-10, late=True)
    assert walk.events[1].leg == 1


def test_an_acceptance_that_is_told_late_calls_those_who_waited_then_once() -> None:
    walk = Walk().do("transferred", minutes=60, department="sthj")
    assert walk.state.legs[1].status is LegStatus.TRANSFERRED
    walk.do("accepted", leg=1, minutes=-30, late=True)
    asked = START + 30 * MINUTE
    assert [(leg.asked_at, leg.status) for leg in walk.state.legs[1:3]] == [
        (asked, LegStatus.TRANSFERRED),
        (asked, LegStatus.CALLED),
    ]
    assert clock(walk.state, ClockKind.ARRIVE, 2).stopped_at == START + 60 * MINUTE
    again = Walk().do("returned").do("accepted", minutes=30)
    again.do("accepted", minutes=-35, late=True)
    assert [event.kind for event in again.events].count("called") == 2


# -- Two ways of supervision ------------------------------------------------------------------------------------------


def test_township_and_departments_urge_each_other_but_nobody_its_own_part() -> None:
    walk = Walk().do("accepted")
    walk.do("urged", leg=2, actor=WEST).do("urged", leg=1, actor="sthj").do("supervised", leg=1, actor="sthj-001")
    assert [leg.urged for leg in walk.state.legs] == [1, 1, 0]
    for kind, actor in (("urged", "sthj"), ("urged", "sthj-001"), ("supervised", "sthj")):
        with pytest.raises(NotAllowed, match=rf"{actor} cannot be {kind} by itself; leg 2 is its own"):
            walk.do(kind, leg=2, actor=actor)


def test_a_part_that_the_township_has_itself_is_urged_by_others_alone() -> None:
    walk = Walk().do("transferred", department="township")
    with pytest.raises(NotAllowed, match="leg 4 is its own"):
        walk.do("urged", actor=WEST)
    assert walk.do("urged", actor="zhzf").state.lead.urged == 1


def test_supervision_says_what_is_wanted_and_is_owed_one_reply() -> None:
    walk = Walk().do("accepted")
    with pytest.raises(BadEvent, match=r"data\.text"):
        walk.do("supervised", leg=2, text=" ")
    with pytest.raises(NotAllowed, match="not under supervision, or has replied already"):
        walk.do("replied", leg=2)
    assert walk.do("supervised", leg=2).state.legs[1].owes_reply
    assert not walk.state.legs[0].owes_reply
    assert not walk.do("replied", leg=2).state.legs[1].owes_reply
    with pytest.raises(NotAllowed, match="has replied already"):
        walk.do("replied", leg=2)
    assert walk.do("supervised", leg=2).state.legs[1].owes_reply


def test_who_handed_its_part_on_is_neither_urged_nor_asked_for_a_reply() -> None:
    walk = Walk().do("accepted").do("transferred")
    for kind in ("urged", "supervised", "disputed"):
        with pytest.raises(NotAllowed, match=r"Leg 1 \(zhzf\) is transferred and has no part in the case any more"):
            walk.do(kind, leg=1)
    # Who wants to hand it back still has it.
    assert Walk().do("returned").do("urged").state.lead.urged == 1


def test_supervision_is_no_brake_and_may_be_answered_after_the_end() -> None:
    walk = walk_to(Status.FINISHED, LITTER).do("supervised").do("verified").do("closed")
    assert walk.state.lead.owes_reply
    assert not walk.do("replied").state.lead.owes_reply


# -- Answers ----------------------------------------------------------------------------------------------------------


def test_a_reporter_is_answered_from_the_result_on_and_again_after_a_reopened_one() -> None:
    walk = Walk(LITTER).do("accepted")
    with pytest.raises(NotAllowed, match="cannot be answered"):
        walk.do("answered")
    with pytest.raises(BadEvent, match=r"data\.channel"):
        walk.do("finished").do("answered", channel="")
    assert walk.do("answered").state.answered_at == walk.at
    first = walk.at
    assert walk.do("reopened").state.answered_at == first, "with the result that was sent"
    assert walk.do("finished").state.answered_at is None
    assert walk.do("answered").do("verified").do("closed").state.answered_at is not None


def test_the_reporter_of_a_merged_case_is_answered_too() -> None:
    walk = Walk()
    walk.do("merged", into=Walk(desk=walk.desk, source_id="2").state.number)
    assert walk.do("answered", channel="api").state.answered_at == walk.at


@pytest.mark.parametrize("matter", [SMOKE, LITTER, STRANGE])
def test_none_of_all_this_changes_a_clock(matter) -> None:
    walk = Walk(matter).do("accepted").do("arrived", minutes=5, point=HERE)
    before = walk.state.clocks
    walk.do("urged").do("supervised").do("replied").do("disputed").do("stated")
    walk.do("settled", minutes=600, department=walk.state.lead.department)
    assert walk.state.clocks == before
    assert walk.at - START > timedelta(hours=10)
