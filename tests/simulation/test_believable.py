"""Played against the real desk, the county obeys every rule of the life cycle and looks like one that works."""

from collections import Counter
from datetime import timedelta

import pytest

from cases.case import FAR_M, CaseState, Leg
from cases.clock import Level
from cases.events import Event, EventKind
from dashboard.simulation.plan import Plan
from dashboard.simulation.player import Player
from tests.simulation.county import NOON, StillClock
from tests.simulation.office import Office, cixi_world

SEED, RATE, DAYS = 1, 10, 2


@pytest.fixture(scope="module")
def office() -> Office:
    office = Office()
    player = Player(Plan(cixi_world(SEED), SEED, RATE), office, StillClock(NOON), DAYS)
    player.catch_up(player.backlog())
    return office


def test_the_desk_refuses_nothing(office):
    assert office.refused == []


def test_several_hundred_cases_are_pending(office):
    assert 300 < sum(office.levels(NOON).values()) < 900


@pytest.mark.parametrize("hours", [0, 12, 24, 40])
def test_most_pending_cases_are_in_order_and_some_amber_or_red_at_any_instant(office, hours):
    levels = office.levels(NOON - timedelta(hours=hours))
    pending = sum(levels.values())
    assert 0.7 < (levels[Level.GREEN] + levels[Level.NONE]) / pending < 0.93
    assert 0.03 < levels[Level.AMBER] / pending < 0.18
    assert 0.04 < levels[Level.RED] / pending < 0.14


def test_cases_stand_in_every_status_that_takes_time(office):
    pending = Counter(state.status.value for state in office.drawer.states.values() if state.is_pending)
    assert set(pending) >= {"received", "accepted", "on_site", "finished"}


def test_departments_are_late_to_different_degrees(office):
    total: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for state in office.drawer.states.values():
        for clock in state.clocks:
            if clock.stopped_at and clock.due and clock.leg:
                department = state.leg(clock.leg).department
                total[department] += 1
                late[department] += clock.stopped_at > clock.due.due_at
    shares = sorted(late[department] / count for department, count in total.items() if count >= 30)
    assert len(shares) >= 6
    assert shares[-1] > 2 * shares[0]


def states(office: Office) -> list[CaseState]:
    return list(office.drawer.states.values())


def legs(office: Office) -> list[Leg]:
    return [leg for state in states(office) for leg in state.legs]


def events(office: Office, kind: EventKind) -> list[Event]:
    return [event for history in office.drawer.events.values() for event in history if event.kind is kind]


def share(part: int, whole: int) -> float:
    assert whole > 20
    return part / whole


def test_most_check_ins_are_near_the_case_a_few_far_and_a_few_without_a_position(office):
    arrived = [leg for leg in legs(office) if leg.arrived_at]
    measured = [leg.arrived_m for leg in arrived if leg.arrived_m is not None]
    assert 0.03 < share(len(arrived) - len(measured), len(arrived)) < 0.12
    assert 0.02 < share(sum(leg.is_far for leg in arrived), len(arrived)) < 0.08
    assert all(metres < 62 or FAR_M < metres < 810 for metres in measured)


def test_cases_of_one_subject_share_a_visit_and_a_few_are_visited_twice(office):
    plans = [event.data for event in events(office, EventKind.PLANNED)]
    joined = sum(data["joined"] for data in plans)
    second = sum("reason" in data for data in plans)
    assert 0.2 < share(joined, len(plans)) < 0.6
    assert 0 < share(second, len(plans)) < 0.1


def test_no_department_comes_to_a_subject_twice_in_the_window_without_a_reason(office):
    assert all(data["approved_by"] for event in events(office, EventKind.PLANNED) if "reason" in (data := event.data))
    visits = {state.visit for state in states(office) if state.visit}
    subjects = {state.subject for state in states(office) if state.visit}
    with_reason = sum("reason" in event.data for event in events(office, EventKind.PLANNED))
    assert len(visits) == len(subjects) + with_reason


def test_subjects_are_named_by_reporters_or_identified_on_site(office):
    identified = {event.data["subject"]["code"] for event in events(office, EventKind.IDENTIFIED)}
    reported = {s.subject for s in states(office)} - identified - {None}
    assert len(identified) > 20
    assert len(reported) > 20


def test_whoever_is_put_under_supervision_mostly_replies(office):
    supervised = [leg for leg in legs(office) if leg.supervised_at]
    assert 0.6 < share(sum(not leg.owes_reply for leg in supervised), len(supervised)) < 1


def test_a_part_of_the_disputes_follows_from_two_returns_and_some_wait_for_their_decision(office):
    disputes = [dispute for state in states(office) for dispute in state.disputes]
    assert 0.005 < share(len(disputes), len(office.drawer.states)) < 0.05
    assert {"rules"} < {dispute.opened_by for dispute in disputes}
    assert any(dispute.settled_at is None for dispute in disputes)
    assert any(dispute.ruling for dispute in disputes)
    assert all(dispute.views for dispute in disputes if dispute.settled_at)


def test_some_decisions_come_too_late(office):
    settled = [dispute for state in states(office) for dispute in state.disputes if dispute.settled_at]
    late = sum(dispute.settled_at > dispute.clock.due.due_at for dispute in settled)
    assert 0 < late < len(settled) / 2


def test_most_reporters_of_a_finished_case_have_been_answered(office):
    over = [state for state in states(office) if state.status in ("verified", "closed") and state.lead.ended_at]
    assert 0.85 < share(sum(state.answered_at is not None for state in over), len(over)) < 1


def test_merged_cases_are_of_the_same_matter_as_the_one_that_stays(office):
    merged = [state for state in states(office) if state.merged_into]
    assert 0.01 < share(len(merged), len(office.drawer.states)) < 0.05
    assert all(state.matter == office.drawer.states[state.merged_into].matter for state in merged)


def test_every_finding_names_a_law_that_the_list_names_or_none(office):
    found = [event.data for event in events(office, EventKind.FOUND)]
    assert 0.6 < share(sum("basis" in data for data in found), len(found)) < 1
