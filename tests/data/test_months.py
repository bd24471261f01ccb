"""Events by month on PostgreSQL: months stand ready, what has none is kept, and moves without a row lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data import views
from data.engine import open_engine, reading, writing
from data.months import Kept, MonthsBusy, keep_months, months_kept, strays
from data.store import SqlCaseStore
from tests.data.samples import NOON, add, comment


@pytest.fixture
def postgresql(postgresql_url: str) -> Any:
    engine = open_engine(postgresql_url)
    yield engine
    engine.dispose()


def events(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        rows = connection.execute(
            text(
                "SELECT revision, number, kind, occurred_at, recorded_at, actor, leg, data::text"
                " FROM events ORDER BY revision"
            )
        )
        return [tuple(row) for row in rows]


def lying(engine: Engine) -> dict[str, int]:
    """How many events lie in which partition, those without left out."""
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1"))
        return {row[0]: row[1] for row in rows}


def test_the_migration_has_made_this_month_and_the_next_ones(postgresql: Engine) -> None:
    with reading(postgresql) as connection:
        today: datetime = connection.execute(text("SELECT now()")).scalar_one()
    month, wanted = today.astimezone(UTC).date().replace(day=1), []
    for _ in range(4):
        wanted.append(f"events_{month:%Y_%m}")
        month = (month + timedelta(days=31)).replace(day=1)
    assert months_kept(postgresql) == (*wanted, "events_other")


def test_months_are_made_ahead_once(postgresql: Engine) -> None:
    now = datetime(2031, 11, 30, 23, 59, tzinfo=UTC)
    assert keep_months(postgresql, now) == Kept(
        tuple(date(y, m, 1) for y, m in ((2031, 11), (2031, 12), (2032, 1), (2032, 2)))
    )
    assert keep_months(postgresql, now) == Kept()
    assert keep_months(postgresql, now + timedelta(minutes=1)) == Kept((date(2032, 3, 1),))


def test_a_month_begins_at_midnight_utc(postgresql: Engine) -> None:
    store = SqlCaseStore(postgresql)
    keep_months(postgresql, NOON)
    # Recorded three seconds later: one just before April begins, one just after.
    add(store, "march", datetime(2026, 3, 31, 23, 59, 56, tzinfo=UTC))
    add(store, "april", datetime(2026, 3, 31, 23, 59, 57, tzinfo=UTC))
    assert lying(postgresql) == {"events_2026_03": 1, "events_2026_04": 1}


def test_what_falls_outside_is_kept_and_moves_into_its_month(postgresql: Engine) -> None:
    store = SqlCaseStore(postgresql)
    for count in range(4):
        comment(store, add(store, str(count), NOON + timedelta(days=20 * count)))
    before = events(postgresql)
    # A comment of the samples is recorded in March, whenever its case was.
    assert (strays(postgresql), lying(postgresql)) == (8, {"events_other": 8})
    kept = keep_months(postgresql, datetime(2026, 11, 1, tzinfo=UTC))
    assert kept == Kept((date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)), 8)
    assert strays(postgresql) == 0
    assert lying(postgresql) == {"events_2026_03": 6, "events_2026_04": 1, "events_2026_05": 1}
    assert events(postgresql) == before, "every event, to the letter"
    assert add(store, "next").revision == 9


@pytest.mark.parametrize("table", ["events", "events_2026_03", "events_other"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_no_partition_lets_an_event_be_changed(postgresql: Engine, table: str, statement: str) -> None:
    store = SqlCaseStore(postgresql)
    add(store, "1")
    keep_months(
        postgresql, NOON + timedelta(days=1000)
    )  # the event moves, so that what is attached again is tried, too
    add(store, "2", NOON + timedelta(days=100))
    assert set(lying(postgresql)) == {"events_2026_03", "events_other"}
    with pytest.raises(DBAPIError, match="append-only"), writing(postgresql) as connection:
        connection.execute(text(statement.format(table)))
    assert len(events(postgresql)) == 2


def test_months_are_made_while_others_write_and_read(postgresql: Engine) -> None:
    """Six writers, two readers, and somebody who makes the very month that they write to, twice at once."""
    store = SqlCaseStore(postgresql)
    enough = threading.Event()

    def write(name: int) -> list[int]:
        found = []
        for count in range(15):
            state = add(store, f"{name}-{count}", NOON + timedelta(days=31 * (count % 3)))
            found += [state.revision, comment(store, state).revision]
        return found

    def read() -> None:
        while not enough.is_set():
            revisions = [row.revision for row in views.events_since(postgresql, 0)]
            assert revisions == list(range(1, len(revisions) + 1)), "never a gap, whatever is being moved"

    def make() -> None:
        # On a busy machine others may hold the cases for too long; then it is tried again, as the product does.
        with suppress(MonthsBusy):
            keep_months(postgresql, NOON)

    with ThreadPoolExecutor(10) as pool:
        try:
            readers = [pool.submit(read) for _ in range(2)]
            writers = [pool.submit(write, name) for name in range(6)]
            for _ in range(4):
                makers = [pool.submit(make) for _ in range(2)]
                assert [maker.result(60) for maker in makers] == [None, None]
            written = sorted(revision for writer in writers for revision in writer.result(60))
        finally:
            enough.set()
        assert [reader.result(60) for reader in readers] == [None, None]
    keep_months(postgresql, NOON)
    assert written == [row[0] for row in events(postgresql)] == list(range(1, 181))
    assert strays(postgresql) == 0


def test_whoever_holds_the_cases_for_long_is_not_waited_for_for_long(postgresql: Engine) -> None:
    add(SqlCaseStore(postgresql))
    with writing(postgresql) as holding:
        holding.execute(text("SELECT * FROM cases FOR UPDATE"))
        with pytest.raises(MonthsBusy, match="2026-03"):
            keep_months(postgresql, NOON)
    assert keep_months(postgresql, NOON).moved == 1


def test_sqlite_keeps_its_events_in_one_table(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    assert (keep_months(engine, NOON), months_kept(engine), strays(engine)) == (Kept(), (), 0)
    engine.dispose()
