"""Cases go in whole and come back whole, and nobody overwrites anybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from cases.case import LegRole
from cases.errors import BadReport, NoSuchCase, SourceConflict, Stale
from cases.events import Event, EventKind
from cases.ports import CaseStore, NewCase
from data import tables, views
from data.chain import GENESIS
from data.engine import reading, writing
from data.store import SqlCaseStore
from data.verifying.chained import check_chain
from tests.data.samples import DAY, NOON, a_leg, a_state, add, an_event, comment, put


@pytest.fixture
def store(engine: Engine) -> SqlCaseStore:
    return SqlCaseStore(engine)


def test_it_is_the_memory_that_the_trade_asks_for(store: SqlCaseStore) -> None:
    memory: CaseStore = store
    assert memory.numbered([("grid", "1")]) == {}


def test_the_events_of_a_case_come_back_equal_and_in_order(store: SqlCaseStore) -> None:
    data = {
        "text": "油烟",
        "n": 3,
        "x": 121.2663412,
        "ok": True,
        "none": None,
        "deep": {"list": [1, [2.5, {"a": "b"}]]},
    }
    first = an_event(**data)
    state = put(store, DAY, "hash", [first], a_state())
    later = Event(EventKind.ARRIVED, NOON + timedelta(hours=1), NOON + timedelta(hours=2), "zhzf", 2, {})
    state = store.append(state.number, state.revision, [later, an_event(EventKind.COMMENTED)], state)
    history = store.history(state.number)
    assert [event.revision for event in history] == [1, 2, 3]
    assert (history[0].kind, history[0].data, history[0].occurred_at) == (first.kind, data, first.occurred_at)
    assert (history[1].kind, history[1].leg, history[1].recorded_at) == (later.kind, 2, later.recorded_at)
    assert state.revision == 3


def test_numbers_count_up_within_a_day_and_begin_anew_on_the_next(store: SqlCaseStore) -> None:
    numbers = [
        put(store, day, "h", [an_event()], a_state(str(i))).number for i, day in enumerate([DAY, DAY, date(2026, 3, 5)])
    ]
    assert numbers == ["CX20260304-00001", "CX20260304-00002", "CX20260305-00001"]


def test_a_refused_case_takes_neither_number_nor_revision(store: SqlCaseStore) -> None:
    add(store, "1")
    with pytest.raises(SourceConflict):
        add(store, "1")
    state = add(store, "2")
    assert (state.number, state.revision) == ("CX20260304-00002", 2)


def test_a_source_id_is_found_again_with_its_hash(store: SqlCaseStore) -> None:
    state = add(store, "A-17")
    known = store.numbered([("grid", "A-17"), ("hotline", "A-17"), ("grid", "A-18")])
    assert known == {("grid", "A-17"): (state.number, "hash of A-17")}


def test_the_same_source_id_twice_names_the_first_case(store: SqlCaseStore) -> None:
    first = add(store, "A-17")
    with pytest.raises(SourceConflict, match=first.number) as refused:
        add(store, "A-17")
    assert refused.value.number == first.number


def test_a_leg_keeps_the_arrangements_by_which_it_acts(store: SqlCaseStore) -> None:
    by = replace(a_leg(), arrangements=("AR-02", "AR-03"))
    plain = a_leg(2, LegRole.COORDINATING, "sthj")
    state = add(store, legs=(by, plain))
    assert views.case_page(store.engine, state.number).state.legs == (by, plain)


def test_a_writer_that_has_not_seen_the_last_event_is_stale(store: SqlCaseStore) -> None:
    state = add(store)
    comment(store, state, "first")
    with pytest.raises(Stale, match=r"from revision 1 to 2"):
        comment(store, state, "second")
    assert [event.data.get("text") for event in store.history(state.number)] == [None, "first"]


def test_an_unknown_case_is_named(store: SqlCaseStore) -> None:
    with pytest.raises(NoSuchCase, match="CX20260304-00009"):
        store.history("CX20260304-00009")
    with pytest.raises(NoSuchCase, match="CX20260304-00009"):
        store.append("CX20260304-00009", 1, [an_event()], a_state())


@pytest.mark.parametrize("microsecond", [0, 1, 499_999, 500_000, 999_999])
@pytest.mark.parametrize("year", [1902, 1969, 2026, 2243])
def test_an_instant_is_exact_to_the_microsecond(store: SqlCaseStore, year: int, microsecond: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, microsecond, tzinfo=UTC)
    state = put(store, DAY, "hash", [an_event(at=at)], a_state(at=at))
    assert store.history(state.number)[0].occurred_at == at
    with reading(store.engine) as connection:
        assert connection.execute(select(tables.clocks.c.due_at)).scalar_one() == at + timedelta(minutes=30)


def test_an_instant_of_another_zone_comes_back_in_utc(store: SqlCaseStore) -> None:
    at = datetime(2026, 3, 4, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    state = put(store, DAY, "hash", [an_event(at=at)], a_state(at=at))
    occurred_at = store.history(state.number)[0].occurred_at
    assert (occurred_at, occurred_at.tzinfo) == (at, UTC)


def test_a_naive_instant_is_refused_and_leaves_no_trace(store: SqlCaseStore) -> None:
    with pytest.raises(StatementError, match="2026-03-04T12:00:00 is naive"):
        put(store, DAY, "hash", [an_event()], a_state(at=datetime(2026, 3, 4, 12, 0)))
    assert add(store).number == "CX20260304-00001"


def test_five_thousand_chinese_characters_come_back_whole(store: SqlCaseStore) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(4_990)) + "𠮷𡈽😀\t\n\"'\\"
    state = put(store, DAY, "hash", [an_event(description=text)], a_state())
    assert store.history(state.number)[0].data["description"] == text


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_a_text_that_a_database_cannot_keep_is_refused_on_both(store: SqlCaseStore, text: str) -> None:
    with pytest.raises(BadReport):
        put(store, DAY, "hash", [an_event(deep=[{"description": text}])], a_state())


def test_no_event_can_be_changed_or_deleted(store: SqlCaseStore) -> None:
    add(store)
    for statement in (update(tables.events).values(actor="somebody else"), delete(tables.events)):
        with pytest.raises(DBAPIError, match="events are append-only"), writing(store.engine) as connection:
            connection.execute(statement)
    assert store.history("CX20260304-00001")[0].actor == "grid"


def test_no_event_can_be_replaced_or_truncated(store: SqlCaseStore) -> None:
    add(store)
    if store.engine.dialect.name == "sqlite":
        statement = "INSERT OR REPLACE INTO events SELECT revision, number, kind, 0, 0, 'x', leg, data FROM events"
    else:
        statement = "TRUNCATE events"
    with pytest.raises(DBAPIError, match="events are append-only"), writing(store.engine) as connection:
        connection.exec_driver_sql(statement)
    assert store.history("CX20260304-00001")[0].actor == "grid"


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "lost"},
        {"lat": None},
        {"due_at": None},
        {"merged_into": "CX20260304-00001"},
        {"pending": False},
        {"merged_into": "CX19990101-00001", "status": "merged", "pending": False},
    ],
    ids=str,
)
def test_the_database_itself_refuses_a_row_that_breaks_a_rule(store: SqlCaseStore, broken: dict[str, object]) -> None:
    add(store)
    with pytest.raises(IntegrityError), writing(store.engine) as connection:
        connection.execute(update(tables.cases).values(**broken))


def test_cases_that_are_written_together_are_numbered_by_day_in_their_order_and_chained(store: SqlCaseStore) -> None:
    days = [DAY, date(2026, 3, 5), DAY, date(2026, 3, 5)]
    new = [
        NewCase(day, f"h{n}", [an_event(), an_event(EventKind.COMMENTED)], a_state(str(n)))
        for n, day in enumerate(days)
    ]
    states = store.add_all("CX", new)
    assert [state.number for state in states] == [
        "CX20260304-00001", "CX20260305-00001", "CX20260304-00002", "CX20260305-00002",
    ]  # fmt: skip
    assert [state.revision for state in states] == [2, 4, 6, 8]
    assert [views.case_page(store.engine, state.number).state for state in states] == list(states)
    alone = add(store, "alone")
    assert (alone.number, alone.revision) == ("CX20260304-00003", 9)
    with reading(store.engine) as connection:
        assert check_chain(connection, 0, 9, GENESIS)[1] == []


def test_when_one_of_many_was_stored_before_none_is_written(store: SqlCaseStore) -> None:
    there = add(store, "2")
    new = [NewCase(DAY, "h", [an_event()], a_state(str(n))) for n in (1, 2, 3)]
    with pytest.raises(SourceConflict, match=there.number):
        store.add_all("CX", new)
    assert store.numbered([("grid", str(n)) for n in (1, 2, 3)]).keys() == {("grid", "2")}
    assert add(store, "1").number == "CX20260304-00002"
