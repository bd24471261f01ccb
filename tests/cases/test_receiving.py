"""Many reports together are answered as each would be alone, and so are many events."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases.case import CaseState
from cases.desk import Desk, EventRequest, Received, Report
from cases.errors import CaseError, NotAllowed, SourceConflict, UnknownMatter
from cases.events import EventKind
from tests.cases.factories import LATER, LITTER, SMOKE, START, a_desk, a_report
from tests.cases.fakes import MemoryStore

REPORTS = st.builds(
    a_report,
    st.sampled_from([SMOKE, LITTER, "no such matter"]),
    st.sampled_from(["1", "2", "3", "4"]),
    st.sampled_from([START, START + timedelta(days=400)]),
    source=st.sampled_from(["grid", "hotline", "pigeon"]),
    x=st.sampled_from([121.2, "somewhere"]),
    description=st.sampled_from(["油烟很大", "油烟", "坏\x00"]),
)
REQUESTS = st.tuples(
    st.sampled_from(["CX20260304-00001", "CX20260304-00002", "CX20260304-00003", "CX20260304-00009"]),
    st.builds(
        EventRequest,
        st.sampled_from(["accepted", "commented", "closed", "merged", "nonsense"]),
        st.integers(0, 5).map(lambda n: START + timedelta(minutes=n)),
        st.just("zhzf"),
        data=st.sampled_from(
            [{"text": "看过了"}, {"reason": "重复"}, {"into": "CX20260304-00002", "reason": "同"}, {}]
        ),
    ),
)


def told(answer: Any) -> Any:
    """What can be compared of an answer: an error by its class and sentence."""
    return (type(answer), str(answer)) if isinstance(answer, CaseError) else answer


def alone(desk: Desk, report: Report) -> Any:
    try:
        return desk.receive(report, START)
    except CaseError as refusal:
        return refusal


def recorded_alone(desk: Desk, number: str, request: EventRequest) -> Any:
    try:
        return desk.record(number, request, START + LATER)
    except CaseError as refusal:
        return refusal


def three_cases() -> tuple[Desk, MemoryStore]:
    store = MemoryStore()
    desk = a_desk(store)
    for n in (1, 2, 3):
        desk.receive(a_report(source_id=str(n)), START)
    return desk, store


@given(st.lists(REPORTS, max_size=12))
def test_reports_that_come_together_are_answered_as_one_by_one(reports: list[Report]) -> None:
    together, one_by_one = a_desk(), a_desk()
    answers = together.receive_all(reports, START)
    assert [told(answer) for answer in answers] == [told(alone(one_by_one, report)) for report in reports]
    assert together.store.states == one_by_one.store.states  # type: ignore[attr-defined]


def test_they_are_written_together_and_a_refused_one_costs_no_other() -> None:
    store = MemoryStore()
    written: list[int] = []
    add_all = store.add_all
    store.add_all = lambda prefix, cases: written.append(len(cases)) or add_all(prefix, cases)  # type: ignore[method-assign, func-returns-value]
    reports = [a_report(source_id="1"), a_report("no such matter", "2"), a_report(source_id="3")]
    one, refused, three = a_desk(store).receive_all(reports, START)
    assert isinstance(one, Received)
    assert isinstance(refused, UnknownMatter)
    assert isinstance(three, Received)
    assert written == [2]


def test_what_another_process_sends_in_between_is_found_and_the_others_are_still_written() -> None:
    store = MemoryStore()
    desk = a_desk(store)
    store.before_append = lambda: desk.receive_all(
        [a_report(source_id="1"), a_report(source_id="2", description="别的")], START
    )
    first, second, third = desk.receive_all([a_report(source_id=str(n)) for n in (1, 2, 3)], START)
    assert isinstance(first, Received)
    assert first.repeated
    assert isinstance(second, SourceConflict)
    assert isinstance(third, Received)
    assert not third.repeated
    assert len(store.states) == 3


@given(st.lists(REQUESTS, max_size=8))
def test_events_that_come_together_leave_what_they_leave_one_by_one_where_each_is_of_another_case(
    requests: list[tuple[str, EventRequest]],
) -> None:
    different = list({number: (number, request) for number, request in requests if request.kind != "merged"}.values())
    (together, memory), (one_by_one, other) = three_cases(), three_cases()
    answers = together.record_all(different, START + LATER)
    expected = [recorded_alone(one_by_one, number, request) for number, request in different]
    kinds = {number: memory.kinds(number) for number in memory.events}
    assert [type(answer) for answer in answers] == [type(answer) for answer in expected]
    assert kinds == {number: other.kinds(number) for number in other.events}


@given(st.lists(REQUESTS, max_size=8))
def test_whatever_comes_together_is_answered_and_what_is_refused_leaves_no_event(
    requests: list[tuple[str, EventRequest]],
) -> None:
    desk, memory = three_cases()
    before = sum(len(events) for events in memory.events.values())
    answers = desk.record_all(requests, START + LATER)
    assert len(answers) == len(requests)
    done = sum(isinstance(answer, CaseState) for answer in answers)
    after = sum(len(events) for events in memory.events.values())
    assert (after > before) == (done > 0)


def test_a_case_that_others_change_meanwhile_costs_no_other_its_event() -> None:
    desk, store = three_cases()
    numbers = sorted(store.events)
    close = EventRequest(EventKind.CLOSED, START + timedelta(minutes=5), "zhzf", data={"reason": "已在来源办结"})
    store.before_append = lambda: desk.record(
        numbers[1], EventRequest("commented", START, "zhzf", data={"text": "看过了"}), START + LATER
    )
    answers = desk.record_all([(number, close) for number in numbers], START + LATER)
    assert [isinstance(answer, CaseState) and not answer.is_pending for answer in answers] == [True] * 3
    assert store.kinds(numbers[1]) == [EventKind.RECEIVED, EventKind.COMMENTED, EventKind.CLOSED]
    (again,) = desk.record_all([(numbers[0], close)], START + LATER)
    assert isinstance(again, NotAllowed)
