"""Notices are kept once whoever makes them, sent by one process at a time, and read in inboxes; on both databases."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from cases.case import CaseState
from cases.clock import Level
from cases.desk import Desk, EventRequest
from cases.errors import NoSuchNotice
from cases.events import Event, EventKind
from cases.history import fold
from cases.supervision import Notice, NoticeKind, Watched, watched
from data import notices, tables, views
from data.engine import reading
from data.store import SqlCaseStore
from data.views import BadQuery
from tests.cases.factories import LITTER, NEEDED, SMOKE, START, a_desk, a_report
from tests.data.lives import CALENDAR, county
from tests.data.samples import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOW = START + HOUR


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return a_desk(SqlCaseStore(engine))


def report(desk: Desk, source_id: str = "1", matter: str = SMOKE, **changes: Any) -> CaseState:
    return desk.receive(a_report(matter, source_id, **changes), START).state


def record(desk: Desk, state: CaseState, kind: str, minutes: int, leg: int | None = None, **data: Any) -> CaseState:
    """Record an event that happened so many minutes after the report, at once."""
    at = START + minutes * MINUTE
    actor = data.pop("actor", "tester")
    return desk.record(state.number, EventRequest(kind, at, actor, leg, data=NEEDED.get(kind, {}) | data), at)


def a_notice(key: str, number: str, recipient: str = "command", **changes: Any) -> Notice:
    return replace(Notice(key, recipient, NoticeKind.OVERDUE, number, 1, Level.RED, START, {"term": key}), **changes)


def keys(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(tables.notices.c.key).order_by(tables.notices.c.key)).scalars())


# --- events ---


def test_what_happened_before_the_beginning_is_not_told(engine: Engine, desk: Desk) -> None:
    state = record(desk, record(desk, report(desk), "accepted", 5), "urged", 6, 1)
    notices.begin(engine)
    notices.begin(engine)
    assert notices.news(engine).is_empty
    record(desk, state, "urged", 7, 2)
    found = notices.news(engine)
    assert [(one.event.kind, one.event.leg) for one in found.told] == [("urged", 2)]


def test_news_bring_the_events_that_somebody_is_told_of_with_what_their_notices_need(
    engine: Engine, desk: Desk
) -> None:
    notices.begin(engine)
    state = record(desk, report(desk), "accepted", 5)
    record(desk, state, "supervised", 6, 2, actor="zjj")
    record(desk, state, "replied", 7, 2)
    found = notices.news(engine)
    assert [one.event.kind for one in found.told] == ["supervised", "replied"]
    assert found.upto == views.latest_revision(engine)
    assert {one.state.number for one in found.told} == {state.number}
    assert [event.kind for event in found.told[1].history] == views_kinds(engine, state.number)


def views_kinds(engine: Engine, number: str) -> list[str]:
    return [event.kind for event in views.case_page(engine, number).events]


def test_a_result_comes_with_the_reporters_of_every_case_that_was_merged_into_it(engine: Engine, desk: Desk) -> None:
    first, second, third = (report(desk, str(n), LITTER, source="hotline", crs="GCJ-02") for n in range(3))
    record(desk, third, "merged", 3, into=second.number)
    record(desk, second, "merged", 4, into=first.number)
    notices.begin(engine)
    record(desk, record(desk, first, "accepted", 5), "finished", 6)
    (told,) = notices.news(engine).told
    assert told.merged == ((second.number, "hotline"), (third.number, "hotline"))


def test_a_long_list_of_news_comes_in_pieces_and_none_is_missed(engine: Engine, desk: Desk) -> None:
    notices.begin(engine)
    state = record(desk, report(desk), "accepted", 5)
    for minute in range(6, 11):
        record(desk, state, "urged", minute, 1)
        record(desk, state, "commented", minute)
    seen: list[int] = []
    while not (found := notices.news(engine, limit=2)).is_empty:
        seen += [one.event.revision for one in found.told]
        assert notices.tell_news(engine, found, [], NOW, None)
    urged = [event.revision for event in views.case_page(engine, state.number).events if event.kind == "urged"]
    assert seen == urged


def test_of_two_processes_that_tell_the_same_news_one_does(engine: Engine, desk: Desk) -> None:
    notices.begin(engine)
    state = record(desk, record(desk, report(desk), "accepted", 5), "urged", 6, 1)
    found, again = notices.news(engine), notices.news(engine)
    together = threading.Barrier(2)

    def tell(news: notices.News, name: str) -> bool:
        together.wait(20)
        return notices.tell_news(engine, news, [a_notice(name, state.number)], NOW, None)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(tell, (found, again), ("a", "b")))
    assert sorted(told) == [False, True]
    assert len(keys(engine)) == 1
    assert notices.news(engine).is_empty


def test_news_that_could_not_be_kept_stay_news(engine: Engine, desk: Desk) -> None:
    notices.begin(engine)
    record(desk, record(desk, report(desk), "accepted", 5), "urged", 6, 1)
    found = notices.news(engine)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        notices.tell_news(engine, found, [a_notice("x", "CX20990101-00001")], NOW, None)
    assert keys(engine) == []
    assert notices.news(engine) == found


# --- clocks ---


def same(clocks: tuple[Watched, ...]) -> list[Watched]:
    return sorted(clocks, key=lambda one: (one.number, one.clock.kind, one.clock.leg or 0, one.clock.round))


def test_the_clocks_that_are_read_are_those_of_the_cases_that_have_left_the_green(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    states = county(store, seed=7, cases=60, events=12)
    for count, state in enumerate(states):
        if state.is_pending:
            dispute(store, state, settle=count % 3 == 0)
    for at in (NOON, NOON + timedelta(days=2), NOON + timedelta(days=9)):
        expected = []
        for number in {state.number for state in states}:
            state = views.case_page(engine, number).state
            for one in watched(state):
                ended = one.clock.kind != "adjudicate" and not state.is_pending
                if one.clock.due and one.clock.due.amber_at <= at and not ended:
                    expected.append(one)
        assert same(notices.clocks_out_of_time(engine, at)) == same(tuple(expected))
    assert expected, "the last instant finds some"
    assert any(one.clock.kind == "adjudicate" for one in expected)


def dispute(store: SqlCaseStore, state: CaseState, *, settle: bool) -> None:
    """Let somebody dispute the case, let the adjudicator perhaps settle it, and let the case end in between."""
    for kind in ("disputed", "closed", "settled") if settle else ("disputed", "closed"):
        history = store.history(state.number)
        at = max(event.occurred_at for event in history) + MINUTE
        lead = store_lead(history, state.number)
        data = {"clause": "第1项", "reason": "转出", "department": lead, "decision": "维持"}
        event = Event(EventKind(kind), at, at, "zjj", None, data)
        state = store.append(
            state.number, history[-1].revision, [event], fold([*history, event], CALENDAR, state.number)
        )


def store_lead(history: Sequence[Event], number: str) -> str:
    return fold(history, CALENDAR, number).lead.department


def test_reading_the_clocks_takes_two_queries_however_many_cases_there_are(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    county(store, seed=7, cases=30, events=6)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    notices.clocks_out_of_time(engine, NOON + timedelta(days=9))
    assert len([statement for statement in asked if statement.startswith("SELECT") and "FROM" in statement]) == 2


# --- keeping ---


def test_the_same_notice_is_kept_once_however_often_and_by_whomever_it_is_told(engine: Engine, desk: Desk) -> None:
    number = report(desk).number
    many = [a_notice(f"k{n}", number) for n in range(40)]
    together = threading.Barrier(4)

    def tell(turn: int) -> int:
        together.wait(20)
        return notices.tell(engine, many[turn:] + many[:turn], NOW, None)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    assert keys(engine) == sorted(one.key for one in many)
    assert notices.tell(engine, many, NOW, None) == 0


# --- sending ---


def test_what_is_due_is_claimed_by_one_process_alone(engine: Engine, desk: Desk) -> None:
    number = report(desk).number
    notices.tell(engine, [a_notice(f"k{n}", number) for n in range(12)], NOW, NOW)
    together = threading.Barrier(3)

    def claim(_: int) -> list[int]:
        together.wait(20)
        return [one.id for one in notices.claim(engine, NOW, NOW + MINUTE, limit=12)]

    with ThreadPoolExecutor(3) as pool:
        found = [identity for ids in pool.map(claim, range(3)) for identity in ids]
    assert len(found) == len(set(found)) == 12


def test_what_nobody_sends_is_not_due(engine: Engine, desk: Desk) -> None:
    notices.tell(engine, [a_notice("k", report(desk).number)], NOW, None)
    assert notices.claim(engine, NOW + timedelta(days=9), NOW + timedelta(days=10)) == ()


def test_what_a_dead_process_had_claimed_is_due_again_when_the_lease_is_over(engine: Engine, desk: Desk) -> None:
    notices.tell(engine, [a_notice("k", report(desk).number)], NOW, NOW)
    (first,) = notices.claim(engine, NOW, NOW + MINUTE)
    assert notices.claim(engine, NOW + MINUTE - timedelta(seconds=1), NOW + HOUR) == ()
    (second,) = notices.claim(engine, NOW + MINUTE, NOW + 2 * MINUTE)
    assert (first.id, first.attempts, second.id, second.attempts) == (second.id, 1, first.id, 2)
    # The first process was only slow: its end does not undo what the second one is doing.
    notices.failed(engine, first, "too late", None)
    notices.sent(engine, second, NOW + 2 * MINUTE)
    assert state_of(engine)[:3] == (2, None, NOW + 2 * MINUTE)


def state_of(engine: Engine) -> tuple[int, datetime | None, datetime | None, str | None]:
    """Attempts, next attempt, sent and failure of the only notice."""
    columns = tables.notices.c
    with reading(engine) as connection:
        row = connection.execute(select(columns.attempts, columns.next_at, columns.sent_at, columns.failure)).one()
    return row.attempts, row.next_at, row.sent_at, row.failure


def test_a_failure_is_kept_until_it_is_sent_and_for_good_when_it_is_given_up(engine: Engine, desk: Desk) -> None:
    notices.tell(engine, [a_notice("k", report(desk).number)], NOW, NOW)
    (one,) = notices.claim(engine, NOW, NOW + MINUTE)
    notices.failed(engine, one, "HTTP 500", NOW + HOUR)
    assert state_of(engine) == (1, NOW + HOUR, None, "HTTP 500")
    assert not notices.inbox(engine, "command").notices[0].given_up
    (two,) = notices.claim(engine, NOW + HOUR, NOW + 2 * HOUR)
    notices.failed(engine, two, "x" * 5000, None)
    assert state_of(engine) == (2, None, None, "x" * 300)
    assert notices.inbox(engine, "command").notices[0].given_up
    assert notices.claim(engine, NOW + timedelta(days=99), NOW + timedelta(days=100)) == ()


# --- inboxes ---


def test_an_inbox_holds_what_was_told_to_it_newest_first_and_comes_in_pages(engine: Engine, desk: Desk) -> None:
    state = report(desk)
    for n in range(7):
        notices.tell(engine, [a_notice(f"k{n}", state.number)], NOW + n * MINUTE, None)
    notices.tell(engine, [a_notice("other", state.number, "adjudicator")], NOW, None)
    seen, cursor = [], None
    for size in (3, 3, 1):
        page = notices.inbox(engine, "command", cursor=cursor, limit=3)
        assert (page.unread, len(page.notices)) == (7, size)
        seen += [one.made_at for one in page.notices]
        cursor = page.next
    assert cursor is None
    assert seen == [NOW + n * MINUTE for n in range(6, -1, -1)]
    assert {(one.matter, one.township) for one in page.notices} == {(SMOKE, state.township)}
    assert page.notices[0].data["at"] == START.isoformat()


def test_a_notice_that_is_read_says_by_whom_and_leaves_the_unread_ones(engine: Engine, desk: Desk) -> None:
    number = report(desk).number
    notices.tell(engine, [a_notice("a", number), a_notice("b", number)], NOW, None)
    newest = notices.inbox(engine, "command").notices[0]
    read = notices.read_notice(engine, newest.id, "zhzf-002", NOW + MINUTE)
    assert (read.read_at, read.read_by) == (NOW + MINUTE, "zhzf-002")
    again = notices.read_notice(engine, newest.id, "somebody", NOW + HOUR)
    assert again == read, "whoever read it first stays"
    page = notices.inbox(engine, "command", unread=True)
    assert (page.unread, len(page.notices)) == (1, 1)
    assert len(notices.inbox(engine, "command").notices) == 2


@pytest.mark.parametrize("identity", [0, 99, 2**70])
def test_a_notice_that_is_not_there_cannot_be_read(engine: Engine, identity: int) -> None:
    with pytest.raises(NoSuchNotice, match="There is no notice"):
        notices.read_notice(engine, identity, "zhzf", NOW)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.5", "９", str(2**70)])
def test_a_cursor_that_nobody_was_given_is_refused(engine: Engine, cursor: str) -> None:
    with pytest.raises(BadQuery, match="no cursor"):
        notices.inbox(engine, "command", cursor=cursor)


def test_a_strange_limit_is_refused(engine: Engine) -> None:
    for limit in (0, 501):
        with pytest.raises(BadQuery, match="from 1 to 500"):
            notices.inbox(engine, "command", limit=limit)


def test_a_failed_transaction_leaves_no_notice(engine: Engine, desk: Desk) -> None:
    number = report(desk).number
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        notices.tell(engine, [a_notice("a", number), a_notice("b", "CX20990101-00001")], NOW, None)
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(tables.notices)).scalar_one() == 0
