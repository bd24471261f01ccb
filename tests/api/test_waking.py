"""PostgreSQL wakes the streams of every process at each commit; what it does not tell, the next look finds."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from dashboard.server import create_app
from dashboard.settings import Settings
from data import store as store_module
from data.engine import open_engine, writing
from data.store import SqlCaseStore
from data.waking import Waking
from tests import loops
from tests.api.conftest import served
from tests.api.test_stream import Stream, following, post
from tests.data.samples import add, comment
from tests.environment.postgres import Server

ROOT = Path(__file__).parent.parent.parent
NEVER_MS = 30_000
"""A poll so rare that only a notification explains what comes within a second."""


@pytest.fixture(scope="module")
def two_processes(small_pack: Path, postgresql_server: Server, postgresql_template: str) -> Iterator[list[str]]:
    """Addresses of two servers, each a process of its own, that look for foreign commits twice a minute."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    name = postgresql_server.create(postgresql_template)
    options = {
        "ONEMAP_DATABASE_URL": postgresql_server.url(name),
        "ONEMAP_REGION": str(small_pack),
        "ONEMAP_INDEX_FOLDER": os.environ["ONEMAP_INDEX_FOLDER"],
        "ONEMAP_PORT": "0",
        "ONEMAP_POLL_MS": str(NEVER_MS),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "dashboard", "serve"]
    servers = [
        subprocess.Popen(command, cwd=ROOT, env=plain | options, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        lines = [server.stdout.readline() for server in servers if server.stdout]
        addresses = [line.strip().partition(": ")[2].removesuffix("/wall") for line in lines]
        # What a process does for the first time takes it a second on a busy machine.
        for address in addresses:
            post(address, f"first at {address}")
        yield addresses
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)
            if server.stdout:
                server.stdout.close()
        postgresql_server.drop(name)


def listening(engine: Engine) -> int:
    """How many connections listen on this database."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'onemap waking' AND state = 'idle'"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def wait_for(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_a_report_to_one_process_shows_on_a_stream_of_another_at_once(two_processes: list[str]) -> None:
    one, other = two_processes
    with following(other) as stream:
        stream.until("full")
        took = []
        for count in range(3):
            number = post(one, str(count), cell=count)
            answered = time.monotonic()
            assert told(stream, 1)[0][0] == number
            took.append(time.monotonic() - answered)
        assert min(took) < 1, "the poll would have taken up to 30 s"
        assert max(took) < 10, "even on a machine that has other things to do"


def told(stream: Stream, wanted: int) -> list[tuple[str, int]]:
    """The cases that came, in the order told, each with the revision of its message."""
    found: list[tuple[str, int]] = []
    while len(found) < wanted:
        delta = stream.until("delta")
        found += [(case["n"], delta["rev"]) for case in delta.get("cases", []) if case["k"] == "came"]
    return found


def test_many_who_report_to_both_processes_are_told_once_on_each(two_processes: list[str]) -> None:
    writers, each = 6, 8
    with following(two_processes[0]) as first, following(two_processes[1]) as second:
        before = [stream.until("full")["rev"] for stream in (first, second)]
        with ThreadPoolExecutor(writers + 2) as pool:
            readers = [pool.submit(told, stream, writers * each) for stream in (first, second)]

            def write(name: int) -> list[str]:
                return [post(two_processes[(name + n) % 2], f"{name}-{n}", cell=n) for n in range(each)]

            numbers = sorted(number for found in pool.map(write, range(writers)) for number in found)
            for reader in readers:
                seen = reader.result(30)
                assert sorted(number for number, _ in seen) == numbers
                revisions = [revision for _, revision in seen]
                assert revisions == sorted(revisions)
                assert revisions[-1] == before[0] + writers * each


def test_what_is_committed_late_is_neither_skipped_nor_overtaken(
    small_pack: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One writer has its revision and has not committed; another one commits after it; a stream of a third looks on."""
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)
    slow, quick = add(store, "slow"), add(store, "quick")
    has_revision, may_commit = threading.Event(), threading.Event()
    real = store_module.next_revision

    def held_up(connection: Connection, events: int) -> int:
        revision = real(connection, events)
        if threading.current_thread().name.startswith("slow"):
            has_revision.set()
            assert may_commit.wait(20)
        return revision

    app = create_app(Settings(region=str(small_pack), database_url=postgresql_url, poll_ms=NEVER_MS))
    with served(app) as url, following(url) as stream:
        assert stream.until("full")["rev"] == 2
        monkeypatch.setattr(store_module, "next_revision", held_up)
        with ThreadPoolExecutor(1, "slow") as slow_pool, ThreadPoolExecutor(1, "quick") as quick_pool:
            late = slow_pool.submit(comment, store, slow)
            assert has_revision.wait(20)
            soon = quick_pool.submit(comment, store, quick)
            # A commit that takes no revision wakes nobody; even a process that looks now sees neither of the two.
            app.state.services.live.nudge()
            time.sleep(0.2)
            assert app.state.services.board.revision == 2
            may_commit.set()
            assert (late.result(20).revision, soon.result(20).revision) == (3, 4)
        seen: list[str] = []
        while len(seen) < 2:
            seen += [case["n"] for case in stream.until("delta").get("cases", [])]
        assert seen == [slow.number, quick.number]
    engine.dispose()


class Woken:
    """Counts how often it was woken, and lets a test wait for it."""

    def __init__(self) -> None:
        self.times = 0
        self._again = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._again.set()

    async def again(self, do: Callable[[], Any] | None = None) -> None:
        """Wait until it is woken after doing something."""
        self._again.clear()
        if do is not None:
            await asyncio.to_thread(do)
        await asyncio.wait_for(self._again.wait(), 20)


def terminate(engine: Engine) -> None:
    """Break the connection that listens, as a restart of the database does."""
    with writing(engine) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'onemap waking'"
            )
        )


def test_a_commit_wakes_and_a_rollback_does_not(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)

    async def scene() -> None:
        woken = Woken()
        task = asyncio.create_task(Waking(engine, woken).run())
        await woken.again()
        assert woken.times == 1, "whoever begins to listen looks once"
        await woken.again(lambda: add(store, "1"))
        with engine.connect() as connection, connection.begin() as transaction:
            store_module.next_revision(connection, 1)
            transaction.rollback()
        await woken.again(lambda: add(store, "2"))
        assert woken.times == 3
        task.cancel()
        await asyncio.wait([task])

    loops.run(scene())
    engine.dispose()


def test_a_connection_that_breaks_comes_back_and_looks_once(
    postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)

    async def scene() -> None:
        woken = Woken()
        waking = Waking(engine, woken)
        task = asyncio.create_task(waking.run())
        await woken.again()
        await woken.again(lambda: terminate(engine))
        assert woken.times == 2, "something may have been committed while nobody listened"
        await asyncio.wait_for(waking.listening.wait(), 20)
        await woken.again(lambda: add(store, "1"))
        task.cancel()
        await asyncio.wait([task])

    loops.run(scene())
    assert [record.message for record in caplog.records if "does not wake" in record.message]
    engine.dispose()


def test_a_database_that_is_not_there_yet_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nowhere")

    async def scene() -> None:
        task = asyncio.create_task(Waking(engine, Woken()).run())
        done, _ = await asyncio.wait([task], timeout=1)
        assert not done
        task.cancel()
        await asyncio.wait([task])

    loops.run(scene())
    assert len([record for record in caplog.records if "does not wake" in record.message]) == 1, "told once"
    engine.dispose()


def test_a_silent_connection_is_tried_now_and_then(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)

    async def scene() -> None:
        woken = Woken()
        task = asyncio.create_task(Waking(engine, woken, probe_s=0.05).run())
        await woken.again()
        for count in range(20):
            # Some of these come while the connection is being tried.
            await woken.again(lambda count=count: add(store, str(count)))
            await asyncio.sleep(0.013)
        task.cancel()
        await asyncio.wait([task])

    loops.run(scene())
    engine.dispose()


def test_sqlite_wakes_nobody_and_is_looked_at(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    loops.run(asyncio.wait_for(Waking(engine, Woken()).run(), 1))
    engine.dispose()


def test_each_server_listens_once_and_leaves(small_pack: Path, postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    app = create_app(Settings(region=str(small_pack), database_url=postgresql_url))
    with served(app):
        wait_for(lambda: listening(engine) == 1, "nobody listens")
    wait_for(lambda: listening(engine) == 0, "a stopped server listens on")
    engine.dispose()
