"""Merging through the desk on both databases: merge and note together or not at all, one winner, no ring."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from cases.case import Status
from cases.desk import Desk, EventRequest
from cases.duplicates import chain
from cases.errors import BadEvent, CaseError, NoSuchCase, NotAllowed, Stale
from cases.events import EventKind
from cases.history import MERGED_INTO_LATER, fold
from cases.ports import Change
from data import store as store_module
from data import views
from data.store import SqlCaseStore
from tests.cases.factories import LATER, LITTER, START, Walk, a_desk, a_report, china
from tests.data.samples import an_event


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def received(desk: Desk, count: int, **report: object) -> list[str]:
    """Numbers of so many cases, received a minute after each other."""
    minute = timedelta(minutes=1)
    reports = [a_report(source_id=str(step), at=START + step * minute, **report) for step in range(count)]  # type: ignore[arg-type]
    return [desk.receive(report, report.occurred_at).state.number for report in reports]


def merge(desk: Desk, number: str, into: str, **data: object) -> object:
    request = EventRequest("merged", START + timedelta(hours=1), "command", data={"into": into, **data})
    return desk.record(number, request, START + LATER)


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Do all of these in the same instant and give what each returned or raised."""
    ready = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> object:
        ready.wait(20)
        try:
            return action()
        except CaseError as refusal:
            return refusal

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def notes(desk: Desk, number: str) -> list[str]:
    """Which cases are noted on one as merged into it."""
    found = [event.data.get("merged_from") for event in desk.store.history(number)]
    return [number for number in found if number]


def sound(desk: Desk, engine: Engine, numbers: list[str]) -> dict[str, str | None]:
    """Every stored case is the fold of its events, every merge is noted where it leads; gives where each one went."""
    states = {number: views.case_page(engine, number).state for number in numbers}
    for number, state in states.items():
        assert fold(desk.store.history(number), china(), number) == state
        assert (state.status is Status.MERGED) == (state.merged_into is not None)
        if state.merged_into is not None:
            assert number in notes(desk, state.merged_into)
        assert {one for one in numbers if states[one].merged_into == number} == set(notes(desk, number))
    return {number: state.merged_into for number, state in states.items()}


def test_a_merge_and_its_note_are_written_together(desk: Desk, engine: Engine) -> None:
    one, other = received(desk, 2)
    before = views.latest_revision(engine)
    merge(desk, other, one, reason="同一家餐馆")
    assert sound(desk, engine, [one, other]) == {one: None, other: one}
    told = views.events_since(engine, before)
    assert [(row.number, row.kind, row.actor) for row in told] == [
        (other, "merged", "command"),
        (one, "commented", "rules"),
    ]


def test_wherever_the_writing_breaks_off_neither_of_both_has_changed(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = received(desk, 2)
    before = [views.case_page(engine, number) for number in (one, other)]
    written, real = [], store_module._execute

    def break_down(connection: object, statement: object, rows: list[object]) -> None:
        written.append(rows)
        if len(written) == breaks_at:
            raise ConnectionError("power cut")
        real(connection, statement, rows)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "_execute", break_down)
        breaks_at, whole = 0, False
        while not whole:
            written.clear()
            breaks_at += 1
            try:
                merge(desk, other, one)
                whole = True
            except ConnectionError:
                assert [views.case_page(engine, number) for number in (one, other)] == before
    assert breaks_at > len(store_module.PARTS), "it was broken off at every one of many statements"
    assert sound(desk, engine, [one, other]) == {one: None, other: one}


@pytest.mark.parametrize("stale", [0, 1])
def test_several_changes_are_refused_together_when_one_is_stale(desk: Desk, engine: Engine, stale: int) -> None:
    numbers = received(desk, 2)
    states = [views.case_page(engine, number).state for number in numbers]
    comment = [an_event(EventKind.COMMENTED, START, text="看过了")]
    changes = [Change(state.number, state.revision - (k == stale), comment, state) for k, state in enumerate(states)]
    with pytest.raises(Stale, match=numbers[stale]):
        desk.store.append_all(changes)
    assert [len(desk.store.history(number)) for number in numbers] == [1, 1]


@pytest.mark.parametrize("attempt", range(6))
def test_of_two_merges_into_each_other_at_the_same_time_exactly_one_wins(
    desk: Desk, engine: Engine, attempt: int
) -> None:
    one, other = received(desk, 2)
    answers = at_once(lambda: merge(desk, one, other), lambda: merge(desk, other, one))
    refused = [answer for answer in answers if isinstance(answer, NotAllowed)]
    assert len(refused) == 1, answers
    gone = sound(desk, engine, [one, other])
    (stays,) = [number for number, into in gone.items() if into is None]
    assert f"{stays} stays" in str(refused[0])


def test_merges_around_a_ring_at_the_same_time_leave_one_case(desk: Desk, engine: Engine) -> None:
    numbers = received(desk, 4)
    following = [*numbers[1:], numbers[0]]
    at_once(*(lambda one=one, into=into: merge(desk, one, into) for one, into in zip(numbers, following, strict=True)))
    gone = sound(desk, engine, numbers)
    ends = {chain(number, gone.get)[-1] for number in numbers}
    assert ends == {number for number, into in gone.items() if into is None}
    assert ends


def test_many_merges_at_random_never_lose_a_case(desk: Desk, engine: Engine) -> None:
    chance = random.Random(9)
    numbers = received(desk, 8)
    wanted = [tuple(chance.choices(numbers, k=2)) for _ in range(40)]

    def some(part: int) -> list[object]:
        answers = []
        for one, into in wanted[part::4]:
            try:
                answers.append(merge(desk, one, into))
            except NotAllowed as refusal:
                answers.append(refusal)
        return answers

    at_once(*(lambda part=part: some(part) for part in range(4)))
    gone = sound(desk, engine, numbers)
    ends = {chain(number, gone.get)[-1] for number in numbers}
    counts = views.report_counts(engine, sorted(ends))
    assert sum(counts.values()) == len(numbers)
    assert ends == {number for number, into in gone.items() if into is None}


def test_a_case_is_merged_neither_into_itself_nor_into_a_merged_one_nor_back(desk: Desk, engine: Engine) -> None:
    one, two, three = received(desk, 3)
    merge(desk, two, one)
    for number, into, words in (
        (one, one, "cannot be merged into itself"),
        (three, two, f"merged into {one}; merge {three} into that one"),
        (one, two, f"ring; {one} stays"),
        (two, three, "A case that is merged cannot be merged"),
    ):
        with pytest.raises(NotAllowed, match=words) as refusal:
            merge(desk, number, into)
        assert "commented" in refusal.value.allowed
    merge(desk, one, three)
    with pytest.raises(NotAllowed, match=f"{two} was itself merged into {three}; merge"):
        merge(desk, received_again(desk), two)
    with pytest.raises(NotAllowed, match=f"ring; {three} stays"):
        merge(desk, three, two)
    assert sound(desk, engine, [one, two, three]) == {one: three, two: one, three: None}


def received_again(desk: Desk) -> str:
    return desk.receive(a_report(source_id="again"), START).state.number


def test_a_merge_across_matters_needs_a_reason(desk: Desk) -> None:
    one = received(desk, 1)[0]
    litter = desk.receive(a_report(LITTER, source_id="litter"), START).state.number
    for reason in ({}, {"reason": ""}, {"reason": " "}, {"reason": None}):
        with pytest.raises(NotAllowed, match=r"needs data\.reason"):
            merge(desk, litter, one, **reason)
    assert len(desk.store.history(litter)) == 1
    merge(desk, litter, one, reason="油烟管道滴下的垃圾")


def test_a_merge_into_a_case_that_came_later_is_noted_whatever_the_sender_says(desk: Desk, engine: Engine) -> None:
    one, two, three = received(desk, 3)
    merge(desk, one, two, received_later=False)
    merge(desk, three, two, received_later=True)
    states = [views.case_page(engine, number).state for number in (one, two, three)]
    assert [MERGED_INTO_LATER in state.notes for state in states] == [True, False, False]
    assert fold(desk.store.history(one), china(), one) == states[0]


def test_that_two_are_not_the_same_can_be_said_of_a_real_other_case_only(desk: Desk) -> None:
    one, other = received(desk, 2)

    def say(named: object) -> object:
        data = {"text": "不是同一件", "not_duplicate_of": named}
        return desk.record(one, EventRequest("commented", START, "command", data=data), START + LATER)

    for named, error in ((one, BadEvent), (7, BadEvent), ("", BadEvent), ("CX19000101-00001", NoSuchCase)):
        with pytest.raises(error):
            say(named)
    assert len(desk.store.history(one)) == 1
    say(other)
    assert len(desk.store.history(other)) == 1, "it is told once, and looked for from both sides"


def test_a_closed_case_takes_others_in_but_does_not_go(desk: Desk, engine: Engine) -> None:
    closed = Walk(desk=desk).do("accepted").findings().do("finished").do("verified").do("closed").state.number
    other = desk.receive(a_report(source_id="other"), START).state.number
    with pytest.raises(NotAllowed, match="A case that is closed cannot be merged"):
        merge_later(desk, closed, other)
    merge_later(desk, other, closed)
    assert sound(desk, engine, [closed, other]) == {closed: None, other: closed}


def merge_later(desk: Desk, number: str, into: str) -> object:
    request = EventRequest("merged", START + timedelta(days=1), "command", data={"into": into})
    return desk.record(number, request, START + LATER)
