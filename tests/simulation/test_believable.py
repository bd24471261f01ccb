"""Played against the real desk, the county obeys every rule of the life cycle and looks like one that works."""

from collections import Counter
from datetime import timedelta

import pytest

from cases.clock import Level
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
