"""A second count of every clock, by plain Python over the events, agrees with the fold on any course of things.

`tests.data.recount.Story` knows neither the fold nor its words; so a clock that is charged to the wrong leg, begun too
early or stopped too late by both would have to be wrong twice in the same way.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.case import CaseState
from cases.clock import CASE_CLOCKS, ClockKind
from cases.history import fold, in_order
from tests.cases.factories import Walk, china
from tests.cases.test_history import random_walk
from tests.data.recount import Limit, Story


def spans(limits: list[Limit]) -> list[object]:
    """When each limit began and ended, and when it was paused."""
    return [(one.start, one.stop, [tuple(pause) for pause in one.pauses]) for one in limits]


def clocks(state: CaseState, kind: ClockKind, leg: int | None = None) -> list[object]:
    """The same of the clocks of one owner, by the fold."""
    own = [clock for clock in state.clocks if clock.kind is kind and clock.leg == leg]
    return [(one.started_at, one.stopped_at, [(pause.start, pause.end) for pause in one.pauses]) for one in own]


def agree(state: CaseState, story: Story) -> None:
    """Compare every leg and every clock of a case."""
    assert [(leg.department, leg.role.value) for leg in state.legs] == [
        (part.department, part.role) for part in story.parts
    ]
    for leg, part in zip(state.legs, story.parts, strict=True):
        kind = ClockKind.RESPOND if part.role == "lead" else ClockKind.ARRIVE
        assert clocks(state, kind, leg.number) == spans(part.limits), leg
        assert (leg.found_at, leg.ended_at) == (part.found, part.ended), leg
    assert clocks(state, ClockKind.FINISH) == spans(story.finish)
    assert {clock.leg for clock in state.clocks if clock.kind in (ClockKind.FINISH, ClockKind.VERIFY)} <= {None}
    assert all(clock.kind in CASE_CLOCKS for clock in state.clocks)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_two_counts_agree_on_every_prefix_of_every_walk(data) -> None:
    walk = random_walk(data)
    events = in_order(walk.events)
    for length in range(1, len(events) + 1):
        part = events[:length]
        agree(fold(part, china(), walk.state.number), Story(part))


def test_the_time_of_a_dispute_is_counted_to_nobody_who_did_not_have_the_case() -> None:
    walk = Walk().do("returned").do("accepted").do("returned").do("settled", minutes=3000, department="zjj")
    walk.do("accepted").do("disputed", leg=2).do("settled", leg=2, minutes=500, department="zhzf")
    agree(walk.state, Story(walk.events))
