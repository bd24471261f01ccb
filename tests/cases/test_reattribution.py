"""Lines move and open cases follow: what the desk writes, and what corrections of the point do before and after."""

from datetime import date
from typing import Any

import pytest

from cases.case import Status
from cases.desk import Outcome, Reattribution
from cases.events import Event, EventKind
from cases.history import fold
from cases.ports import Place
from tests.cases import fakes
from tests.cases.factories import EAST, LATER, LITTER, MINUTE, SMOKE, WEST, Walk, a_desk, china

DAY = date(2026, 3, 5)
WHY = Reattribution(DAY, "县政府通告第8号", "县编办")


def moved(walk: Walk, township: str = EAST, *, minutes: float = 60, **changes: Any) -> Outcome:
    """Move a case by new lines so many minutes later."""
    walk.at += minutes * MINUTE
    state = walk.state
    village = f"{township}001"
    fields = {"lon": state.lon, "lat": state.lat, "cell": f"{village}001", "village": village, "township": township}
    places = {state.number: Place(**(fields | changes))}
    told = walk.desk.reattribute(WHY, places, walk.at)
    walk.state = fold(walk.desk.store.history(state.number), china(), state.number)
    return told[state.number]


def last(walk: Walk) -> Event:
    """The last event that was stored."""
    return walk.desk.store.history(walk.state.number)[-1]


def test_an_open_case_follows_the_lines_by_an_event_of_the_rules() -> None:
    walk = Walk().do("accepted")
    assert moved(walk, flags=("boundary",)) is Outcome.MOVED
    event = last(walk)
    assert (event.kind, event.actor, event.occurred_at) == (EventKind.REATTRIBUTED, "rules", walk.at)
    assert (event.data["boundaries"], event.data["reason"], event.data["approved_by"]) == (
        "2026-03-05", "县政府通告第8号", "县编办",
    )  # fmt: skip
    state = walk.state
    assert (state.township, state.village, state.cell) == (EAST, f"{EAST}001", f"{EAST}001001")
    assert (state.boundaries, state.flags, state.status) == (DAY, ("boundary",), Status.ACCEPTED)
    (stay,) = state.stays
    assert (stay.township, stay.cell, stay.boundaries) == (WEST, f"{WEST}001001", None)
    assert (stay.since, stay.until) == (state.received_at, walk.at)


def test_the_units_of_the_new_township_act_and_what_serves_both_says_so() -> None:
    walk = Walk()
    before = {leg.department: (leg.unit, leg.sentence) for leg in walk.state.legs}
    moved(walk)
    after = {leg.department: (leg.unit, leg.sentence) for leg in walk.state.legs}
    assert (before["zhzf"][0], after["zhzf"][0]) == ("zhzf-002", "zhzf-007")
    assert "派驻该镇街的观海卫镇综合行政执法中队" in after["zhzf"][1]
    assert before["sthj"][0] == after["sthj"][0] == "sthj-001"
    assert "派驻该镇街的宗汉生态环境所" in before["sthj"][1]
    assert "服务该镇街的宗汉生态环境所" in after["sthj"][1]
    assert after["scjg"][0] is None
    assert "由部门本级承办" in after["scjg"][1]


def test_a_transfer_stays_in_its_words_while_its_unit_does() -> None:
    walk = Walk().do("transferred")
    sentence = walk.state.lead.sentence
    moved(walk)
    assert (walk.state.lead.department, walk.state.lead.sentence) == ("zjj", sentence)


def test_clocks_and_spans_run_on() -> None:
    walk = Walk().do("accepted")
    before = walk.state.clocks, walk.state.spans
    moved(walk)
    assert (walk.state.clocks, walk.state.spans) == before


@pytest.mark.parametrize(
    ("walk", "outcome"),
    [
        (lambda: Walk().do("closed", reason="作废"), Outcome.CLOSED),
        (Walk, Outcome.THERE),
        (lambda: Walk().do("relocated", point={"x": 121.3, "y": 30.19, "crs": "EPSG:4490"}), Outcome.CHANGED),
    ],
)
def test_nothing_is_written_about_a_case_that_is_closed_or_stands_there_or_has_another_point(walk, outcome) -> None:
    case = walk()
    township = WEST if outcome is Outcome.THERE else EAST
    known = len(case.desk.store.history(case.state.number))
    assert moved(case, township, lon=121.2, lat=30.19) is outcome
    assert len(case.desk.store.history(case.state.number)) == known


def test_moving_twice_writes_once() -> None:
    walk = Walk()
    assert [moved(walk), moved(walk)] == [Outcome.MOVED, Outcome.THERE]
    assert len(walk.state.stays) == 1


def test_several_cases_go_together_and_one_that_others_change_meanwhile_goes_with_them() -> None:
    desk = a_desk()
    walks = [Walk(LITTER, desk, str(count)) for count in range(3)]
    desk.store.before_append = lambda: walks[1].do("accepted")
    at = walks[0].at + 60 * MINUTE
    places = {walk.state.number: Place(121.2, 30.19, f"{EAST}001001", f"{EAST}001", EAST, {}, ()) for walk in walks} | {
        "CX20260304-99999": Place()
    }
    told = desk.reattribute(WHY, places, at)
    assert told == {walk.state.number: Outcome.MOVED for walk in walks}
    assert [desk.store.kinds(walk.state.number).count(EventKind.REATTRIBUTED) for walk in walks] == [1, 1, 1]
    assert desk.store.states[walks[1].state.number].status is Status.ACCEPTED


def test_a_case_whose_last_event_a_fast_clock_told_moves_after_it() -> None:
    walk = Walk().do("accepted")
    walk.at -= 5 * MINUTE
    assert moved(walk, minutes=0) is Outcome.MOVED
    assert last(walk).occurred_at == walk.state.lead.accepted_at
    assert last(walk).recorded_at == walk.at


def test_nobody_can_record_it_and_nobody_can_send_where_it_stood() -> None:
    walk = Walk()
    with pytest.raises(Exception, match="nobody can record it"):
        walk.do("reattributed", boundaries="2026-03-05")
    walk.do("relocated", stays=[{"township": "1"}])
    assert "stays" not in last(walk).data


class LinesOf(fakes.FlatGazetteer):
    """The flat county, in which everything is one township, the western one, until DAY."""

    def place(self, x: object, y: object, crs: str | None, source: str, occurred_at: Any) -> Place:
        found = super().place(x, y, crs, source, occurred_at)
        if found.township is None or china().local_day(occurred_at) >= DAY:
            return found
        return Place(x, y, f"{WEST}001001", f"{WEST}001", WEST, {}, (), raw=found.raw)  # type: ignore[arg-type]


def in_the_east() -> Walk:
    """A case in the east of the one township that there is until DAY."""
    desk = a_desk()
    object.__setattr__(desk, "gazetteer", LinesOf())
    return Walk(LITTER, desk, x=121.4, y=30.17)


POINT = {"x": 121.2, "y": 30.19, "crs": "EPSG:4490"}


def test_a_point_that_is_corrected_afterwards_lies_where_the_lines_now_say_and_lay_where_they_said() -> None:
    walk = in_the_east()
    assert walk.state.township == WEST
    moved(walk)
    walk.do("relocated", point=POINT)
    assert (walk.state.township, walk.state.lon, walk.state.boundaries) == (WEST, 121.2, DAY)
    assert [(stay.township, stay.cell) for stay in walk.state.stays] == [(WEST, f"{WEST}001001")]
    walk.do("relocated", point={"x": 121.4, "y": 30.18, "crs": "EPSG:4490"})
    assert (walk.state.township, [stay.township for stay in walk.state.stays]) == (EAST, [WEST])


def test_a_point_that_is_corrected_for_a_time_before_is_placed_anew_by_the_lines_that_came_later() -> None:
    walk = in_the_east()
    first = walk.at
    moved(walk)
    at = walk.at
    assert walk.state.township == EAST
    walk.at = first
    walk.do("relocated", minutes=10, late=True, point=POINT)
    state = walk.state
    assert (state.lon, state.township, state.boundaries) == (121.2, WEST, DAY)
    assert [(stay.township, stay.until) for stay in state.stays] == [(WEST, at)]
    kinds = walk.desk.store.kinds(state.number)
    assert kinds.count(EventKind.REATTRIBUTED) == 2
    again = walk.desk.store.history(state.number)[-1]
    assert (again.occurred_at, again.data["reason"]) == (at, WHY.reason)
    assert state == walk.desk.store.states[state.number]


def test_a_case_may_follow_lines_more_than_once_and_remembers_each_stay() -> None:
    walk = Walk(SMOKE)
    first = walk.state.received_at
    moved(walk, EAST)
    until = walk.at
    moved(walk, WEST)
    assert [(stay.township, stay.boundaries, stay.since, stay.until) for stay in walk.state.stays] == [
        (WEST, None, first, until),
        (EAST, DAY, until, walk.at),
    ]
    assert walk.at < walk.at + LATER
