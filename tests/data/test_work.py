"""The legs of a body and the limits that were kept, held against a recount of the cases themselves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cases.case import CaseState, LegRole, LegStatus
from cases.clock import ClockKind
from cases.desk import Desk
from data import views
from data.store import SqlCaseStore
from tests.cases.factories import LITTER, START, Walk, a_desk

HOUR = timedelta(hours=1)
LATER = START + timedelta(days=40)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def some_cases(desk: Desk) -> list[Walk]:
    """Cases at many points of their way."""
    return [
        Walk(desk=desk, source_id="asked"),
        Walk(desk=desk, source_id="accepted").do("accepted"),
        Walk(desk=desk, source_id="late").do("accepted", minutes=45),
        Walk(desk=desk, source_id="found").do("accepted").findings(),
        Walk(desk=desk, source_id="finished").do("accepted").findings().do("finished"),
        Walk(desk=desk, source_id="closed").do("accepted").findings().do("finished").do("verified").do("closed"),
        Walk(LITTER, desk, source_id="single").do("accepted"),
        Walk(LITTER, desk, source_id="void").do("closed", reason="误报"),
        Walk(LITTER, desk, source_id="moved").do("transferred", department="zjj"),
    ]


def legs_by_hand(states: list[CaseState], department: str) -> list[tuple[str, int, object]]:
    """The department's legs of pending cases with their earliest own limit, by plain Python."""
    found = []
    for state in states:
        for leg in state.legs:
            if state.is_pending and leg.department == department and leg.is_active:
                leads = leg.role is LegRole.LEAD and leg == state.lead
                own = [
                    clock.due.due_at
                    for clock in state.clocks
                    if clock.stopped_at is None
                    and clock.due
                    and (clock.leg == leg.number or (clock.leg is None and clock.kind is ClockKind.FINISH and leads))
                ]
                found.append((state.number, leg.number, min(own, default=None)))
    return sorted(found, key=lambda one: (one[2] is None, one[2] or START, one[0], one[1]))


@pytest.mark.parametrize("department", ["zhzf", "sthj", "scjg", "zjj"])
def test_a_body_sees_its_legs_the_next_due_first(desk: Desk, engine: Engine, department: str) -> None:
    states = [walk.state for walk in some_cases(desk)]
    at = START + HOUR / 2
    found = views.legs_of(engine, at, 100, department=department)
    expected = legs_by_hand(states, department)
    assert [(row.number, row.leg, row.due_at) for row in found.rows] == expected
    assert found.pending == len(expected)
    assert found.overdue == sum(due is not None and due < at for *_, due in expected)
    assert [row.number for row in views.legs_of(engine, at, 1, department=department).rows] == [
        one[0] for one in expected[:1]
    ]


def test_a_unit_and_a_township_see_only_their_own(desk: Desk, engine: Engine) -> None:
    states = [walk.state for walk in some_cases(desk)]
    unit = next(leg.unit for leg in states[0].legs if leg.unit)
    found = views.legs_of(engine, START, 100, unit=unit)
    by_number = {state.number: state for state in states}
    assert found.rows
    assert {by_number[row.number].leg(row.leg).unit for row in found.rows} == {unit}  # type: ignore[union-attr]
    assert views.legs_of(engine, START, 100, unit="nobody").rows == ()
    assert views.legs_of(engine, START, 100, department="zhzf", township="999").pending == 0


KEEPING = {
    ClockKind.RESPOND: ("accepted",),
    ClockKind.ARRIVE: ("arrived", "found"),
    ClockKind.FINISH: ("finished",),
    ClockKind.VERIFY: ("verified", "reopened"),
}


def test_kept_limits_are_those_of_a_recount(desk: Desk, engine: Engine) -> None:
    walks = some_cases(desk)
    for start, end in ((START - HOUR, LATER), (START, START + HOUR / 2), (START + HOUR / 2, START + 2 * HOUR)):
        expected: dict[str | None, dict[ClockKind, list[int]]] = {}
        for walk in walks:
            for clock in walk.state.clocks:
                if clock.due is None or clock.kind not in KEEPING:
                    continue
                kinds = [event.kind for event in walk.events if event.occurred_at == clock.stopped_at]
                did = any(kind in KEEPING[clock.kind] for kind in kinds)
                stop, due = clock.stopped_at, clock.due.due_at
                kept = stop is not None and start <= stop < end and stop <= due and did
                missed = start <= due < min(end, LATER) and (stop is None or stop > due)
                if kept or missed:
                    own = expected.setdefault(walk.state.township, {kind: [0, 0] for kind in KEEPING})
                    own[clock.kind][0] += kept
                    own[clock.kind][1] += 1
        found = views.kept_limits(engine, start, end, LATER)
        assert plain(found) == expected
        whole = views.all_kept(found.values())
        for kind in KEEPING:
            parts = [one[kind] for one in expected.values()]
            assert whole[kind] == views.Kept(sum(kept for kept, _ in parts), sum(ended for _, ended in parts))
    assert views.kept_limits(engine, LATER, LATER + HOUR, LATER) == {}
    assert any(one.ended > one.kept for one in whole.values()) or whole[ClockKind.RESPOND].ended


def plain(found: Any) -> dict[str | None, dict[ClockKind, list[int]]]:
    return {town: {kind: [one.kept, one.ended] for kind, one in part.items()} for town, part in found.items()}


def test_states_of_several_cases_are_those_of_each(desk: Desk, engine: Engine) -> None:
    states = {walk.state.number: walk.state for walk in some_cases(desk)}
    assert views.case_states(engine, list(states)) == states
    assert views.case_states(engine, []) == {}
    assert views.case_states(engine, ["CX19000101-00001"]) == {}
    gone = [leg for state in states.values() for leg in state.legs if leg.status is LegStatus.TRANSFERRED]
    assert gone, "the walk with a transfer holds a leg that handed its case on"
