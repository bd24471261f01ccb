"""The desk over real databases: the same cases as over a memory, and one winner when several act at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from cases.case import Status
from cases.desk import Desk, EventRequest
from cases.errors import NotAllowed, SourceConflict, Stale
from cases.history import fold
from data import views
from data.store import SqlCaseStore
from tests.cases.factories import LATER, LITTER, START, Walk, a_desk, a_report, china


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Do all of these in the same instant and give what each returned or raised."""
    ready = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        ready.wait(20)
        try:
            return action()
        except (NotAllowed, SourceConflict, Stale) as refusal:
            return refusal

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def request(kind: str, **data: object) -> EventRequest:
    return EventRequest(kind, START, "tester", data=data)


def the_whole_way(desk: Desk) -> Walk:
    """A case with everything in it: transfer, suspension, supervision, dispute, subject, late events, reopening."""
    walk = Walk(desk=desk).do("returned").do("transferred").do("accepted").do("commented", minutes=-5, late=True)
    walk.do("identified").do("urged").do("supervised").do("replied")
    walk.findings().do("suspended").do("resumed", minutes=900).do("extended")
    walk.do("disputed", view="不属住建职责").do("stated").do(
        "settled", department="zjj", ruling={"change": "改由住建局牵头"}
    )
    walk.do("finished").do("answered").do("reopened").do("relocated").do("finished")
    return walk.do("answered").do("verified").do("closed")


def test_a_case_goes_the_whole_way_as_it_does_in_memory(desk: Desk, engine: Engine) -> None:
    walk, twin = the_whole_way(desk), the_whole_way(a_desk())
    page = views.case_page(engine, walk.state.number)
    assert page.state == walk.state == twin.state
    assert list(page.events) == twin.events
    assert fold(page.events, china(), page.state.number) == page.state


def test_of_those_who_send_one_report_at_once_all_get_the_same_case(desk: Desk, engine: Engine) -> None:
    answers = at_once(*[lambda: desk.receive(a_report(), START)] * 5)
    assert {answer.state.number for answer in answers} == {"CX20260304-00001"}  # type: ignore[attr-defined]
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True, True]  # type: ignore[attr-defined]
    assert views.latest_revision(engine) == 1


def test_of_those_who_accept_one_leg_at_once_one_does(desk: Desk) -> None:
    number = Walk(desk=desk).state.number
    answers = at_once(*[lambda: desk.record(number, request("accepted"), START + LATER)] * 4)
    assert sum(isinstance(answer, NotAllowed) for answer in answers) == 3
    history = desk.store.history(number)
    assert [event.kind for event in history] == ["received", "accepted", "called", "called"]
    assert [event.revision for event in history] == [1, 2, 3, 4]


def test_comments_of_many_at_once_are_all_kept(desk: Desk) -> None:
    number = Walk(LITTER, desk).state.number
    at_once(*[lambda text=text: desk.record(number, request("commented", text=text), START + LATER) for text in "abcd"])
    history = desk.store.history(number)
    assert {event.data["text"] for event in history[1:]} == set("abcd")


def test_two_cases_that_are_merged_into_each_other_at_once_do_not_both_go(desk: Desk, engine: Engine) -> None:
    first, second = Walk(desk=desk, source_id="1").state.number, Walk(desk=desk, source_id="2").state.number
    at_once(
        lambda: desk.record(first, request("merged", into=second), START + LATER),
        lambda: desk.record(second, request("merged", into=first), START + LATER),
    )
    states = [views.case_page(engine, number).state for number in (first, second)]
    assert [state.status for state in states].count(Status.MERGED) <= 1


def test_of_those_who_send_one_event_under_one_key_at_once_one_is_recorded(desk: Desk, engine: Engine) -> None:
    number = Walk(LITTER, desk).state.number
    urge = request("urged")
    answers = at_once(*[lambda: desk.record_once(number, urge, START + LATER, "tap-1")] * 5)
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True, True]  # type: ignore[attr-defined]
    assert [event.kind for event in desk.store.history(number)] == ["received", "urged"]
    assert views.case_page(engine, number).state.lead.urged == 1
