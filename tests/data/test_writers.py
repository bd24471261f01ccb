"""Many writers at once: revisions have no gap, become visible in their own order, and nobody is lost."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text

from cases.errors import SourceConflict, Stale
from cases.events import EventKind
from data import store as store_module
from data import tables, views
from data.engine import migrate, open_engine, reading, writing
from data.store import SqlCaseStore
from tests.data.samples import a_state, add, an_event, comment, put
from tests.environment.postgres import Server

ROOT = Path(__file__).parent.parent.parent


def revisions(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.execute(select(tables.events.c.revision).order_by(tables.events.c.revision)).scalars())


class Follower(threading.Thread):
    """Tails the events and the changed cases by revision, as a web process does, until told to stop."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.enough = threading.Event()
        self.events: list[int] = []
        self.cases: dict[str, int] = {}

    def look(self) -> None:
        self.events += [row.revision for row in views.events_since(self.engine, max(self.events, default=0))]
        changed = views.cases_changed_since(self.engine, max(self.cases.values(), default=0))
        self.cases |= {row.number: row.revision for row in changed}

    def run(self) -> None:
        while not self.enough.is_set():
            self.look()
        self.look()

    def finish(self) -> None:
        self.enough.set()
        self.join()


@pytest.fixture
def follower(engine: Engine) -> Iterator[Follower]:
    thread = Follower(engine)
    thread.start()
    yield thread
    if thread.is_alive():
        thread.finish()


def test_a_follower_misses_no_event_of_many_writers(engine: Engine, follower: Follower) -> None:
    store = SqlCaseStore(engine)

    def write(name: int) -> list[int]:
        states = []
        for count in range(12):
            state = add(store, f"{name}-{count}")
            states += [state.revision, comment(store, state).revision]
        return states

    with ThreadPoolExecutor(6) as pool:
        written = [revision for found in pool.map(write, range(6)) for revision in found]
    follower.finish()
    assert sorted(written) == list(range(1, 145))
    assert follower.events == list(range(1, 145))
    assert len(follower.cases) == 72
    assert set(follower.cases.values()) == set(range(1, 145)) - set(written[::2])


def test_a_transaction_that_commits_late_is_not_skipped(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow writer takes its revision and sleeps before its commit; a quick one comes after it and must wait."""
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)
    slow, quick = add(store, "slow"), add(store, "quick")
    follower = Follower(engine)
    follower.look()
    has_revision, may_commit = threading.Event(), threading.Event()
    real = store_module.next_revision

    def held_up(connection: Connection, events: int) -> int:
        revision = real(connection, events)
        if threading.current_thread().name.startswith("slow"):
            has_revision.set()
            assert may_commit.wait(20)
        return revision

    monkeypatch.setattr(store_module, "next_revision", held_up)
    with ThreadPoolExecutor(1, "slow") as slow_pool, ThreadPoolExecutor(1, "quick") as quick_pool:
        slow_result = slow_pool.submit(comment, store, slow)
        assert has_revision.wait(20)
        quick_result = quick_pool.submit(comment, store, quick)
        time.sleep(0.3)
        # The quick one has not overtaken: nobody can see revision 4 while 3 is not there.
        follower.look()
        assert follower.events == [1, 2]
        assert not quick_result.done()
        may_commit.set()
        assert (slow_result.result(20).revision, quick_result.result(20).revision) == (3, 4)
    follower.look()
    assert follower.events == [1, 2, 3, 4]
    assert follower.cases == {slow.number: 3, quick.number: 4}
    engine.dispose()


def test_a_sequence_would_have_skipped_it(postgresql_url: str) -> None:
    """The trap that the counter avoids, shown on PostgreSQL itself: the test above does test something."""
    engine = open_engine(postgresql_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE log (id serial PRIMARY KEY)"))
    with engine.connect() as slow, slow.begin():
        slow.execute(text("INSERT INTO log DEFAULT VALUES"))
        with writing(engine) as quick:
            quick.execute(text("INSERT INTO log DEFAULT VALUES"))
        with reading(engine) as connection:
            assert connection.execute(text("SELECT max(id) FROM log")).scalar_one() == 2
            assert connection.execute(text("SELECT count(*) FROM log")).scalar_one() == 1
    engine.dispose()


def test_a_transaction_that_fails_after_it_took_a_revision_gives_it_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqlCaseStore(engine)
    state = add(store)

    def break_down(*_: object) -> None:
        raise ConnectionError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "_insert_events", break_down)
        with pytest.raises(ConnectionError):
            comment(store, state)
        with pytest.raises(ConnectionError):
            add(store, "2")
    assert views.case_page(engine, state.number).state == state
    assert comment(store, state).revision == 2
    assert add(store, "2").number == "CX20260304-00002"
    assert revisions(engine) == [1, 2, 3]


def test_of_two_who_accept_the_same_case_at_once_one_is_stale(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    state = add(store)
    together = threading.Barrier(4)

    def accept(who: int) -> int | None:
        together.wait(20)
        try:
            return store.append(state.number, state.revision, [an_event(EventKind.ACCEPTED, who=who)], state).revision
        except Stale:
            return None

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(accept, range(4)))
    assert sorted(results, key=str) == [2, None, None, None]
    assert revisions(engine) == [1, 2]


def test_of_many_who_send_the_same_report_at_once_one_makes_the_case(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    together = threading.Barrier(4)

    def send(_: int) -> tuple[str, bool]:
        together.wait(20)
        try:
            return put(store, an_event().occurred_at.date(), "hash", [an_event()], a_state("same")).number, True
        except SourceConflict as conflict:
            return conflict.number, False

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(send, range(4)))
    assert {number for number, _ in results} == {"CX20260304-00001"}
    assert sorted(made for _, made in results) == [False, False, False, True]
    assert views.latest_revision(engine) == 1


def test_several_processes_write_to_one_database(database_url: str, engine: Engine) -> None:
    command = [sys.executable, "-m", "tests.data.writers", database_url]
    writers = [
        subprocess.Popen([*command, f"writer{n}", "15"], cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True)
        for n in range(3)
    ]
    follower = Follower(engine)
    follower.start()
    ends = [writer.communicate(timeout=120) for writer in writers]
    follower.finish()
    assert [(writer.returncode, error) for writer, (_, error) in zip(writers, ends, strict=True)] == [(0, "")] * 3
    numbers = {line.split()[0] for output, _ in ends for line in output.splitlines()}
    assert numbers == {f"CX20260304-{count:05d}" for count in range(1, 46)}
    assert follower.events == revisions(engine) == list(range(1, 91))
    assert set(follower.cases) == numbers


def test_a_reader_sees_one_moment_however_long_it_reads(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    add(store, "1")
    count = text("SELECT count(*) FROM cases")
    with reading(engine) as connection:
        assert connection.execute(count).scalar_one() == 1
        add(store, "2")
        assert connection.execute(count).scalar_one() == 1
    assert views.latest_revision(engine) == 2


def test_several_may_start_on_a_new_database_at_once(postgresql_server: Server, tmp_path: Path) -> None:
    name = postgresql_server.create()
    for url in (f"sqlite:///{tmp_path}/new/onemap.db", postgresql_server.url(name)):
        together = threading.Barrier(4)

        def start(url: str = url, together: threading.Barrier = together) -> int:
            engine = open_engine(url)
            together.wait(20)
            migrate(engine)
            revision = views.latest_revision(engine)
            engine.dispose()
            return revision

        with ThreadPoolExecutor(4) as pool:
            assert [future.result() for future in [pool.submit(start) for _ in range(4)]] == [0] * 4
    postgresql_server.drop(name)


def test_a_write_waits_for_the_disk(engine: Engine) -> None:
    """SQLite syncs at every commit, and nobody tells PostgreSQL to skip it."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            full = 2
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == full
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        else:
            source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
            # "command line" is this test server; neither the session nor the database says anything of its own.
            assert connection.exec_driver_sql(source).scalar_one() == "command line"
            assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "UTC"


def test_a_write_transaction_takes_the_lock_at_once(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: said.append(statement))
    with writing(engine) as connection:
        connection.execute(insert(tables.counters).values(name="x", value=1))
    with reading(engine) as connection:
        connection.execute(select(tables.counters))
    assert [line for line in said if line.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]
    engine.dispose()
