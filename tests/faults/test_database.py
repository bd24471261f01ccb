"""The database goes away and comes back under traffic, a disk is full: what was answered is kept, nothing is half."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from cases.calendar import Calendar
from data import tables
from data.engine import migrate, open_engine, reading
from tests.environment import postgres
from tests.faults.conftest import a_report, post
from tests.faults.process import Process
from tests.faults.truth import broken


@pytest.fixture
def stoppable() -> Iterator[dict[str, object]]:
    """A durable PostgreSQL of this test's own, with the database of the product, to be stopped and started."""
    with postgres.running(durable=True) as server:
        name = server.create()
        url = f"{server.url(name)}"
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        started = [server]

        def stop(how: signal.Signals) -> None:
            started[0].process.send_signal(how)
            started[0].process.wait(60)

        def start() -> None:
            # On its own port again: the servers know no other.
            process = postgres.start_at(postgres.find_binaries(), server.folder, server.port, durable=True)
            started[0] = postgres.Server(server.folder, server.port, process, server.names)

        yield {"url": url, "stop": stop, "start": start}
        postgres.stop(started[0].process)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "at once"])
def test_a_database_that_is_stopped_and_started_under_traffic_loses_nothing(
    start: Callable[..., Process], stoppable: dict, calendar: Calendar, how: signal.Signals
) -> None:
    server = start("server", settings={"ONEMAP_DATABASE_URL": stoppable["url"]})
    taken: dict[str, str] = {}
    statuses: list[int] = []
    stop = threading.Event()

    def traffic() -> None:
        """Report until the answer is yes, then the next one; nothing but yes and 503 is an answer."""
        n = 0
        with httpx.Client(timeout=30) as client:
            while not stop.is_set():
                answer = client.post(f"{server.url}/api/v1/cases", json=a_report(f"t{n}") | {"occurred_at": occurred})
                statuses.append(answer.status_code)
                if answer.status_code in {200, 201}:
                    taken[f"t{n}"] = answer.json()["number"]
                    n += 1
                else:
                    time.sleep(0.02)

    occurred = a_report("any")["occurred_at"]
    threads = [threading.Thread(target=traffic)]
    threads[0].start()
    try:
        until(lambda: len(taken) > 5)
        stoppable["stop"](how)
        until(lambda: 503 in statuses)
        assert server.readiness() == 503
        assert httpx.get(f"{server.url}/healthz", timeout=10).status_code == 200
        before = len(taken)
        stoppable["start"]()
        until(lambda: len(taken) > before + 5)
        until(lambda: server.readiness() == 200)
    finally:
        stop.set()
        threads[0].join()
    assert set(statuses) <= {200, 201, 503}
    engine = open_engine(stoppable["url"])
    assert broken(engine, calendar) == []
    with reading(engine) as connection:
        kept = dict(connection.execute(select(tables.cases.c.source_id, tables.cases.c.number)).all())
    engine.dispose()
    assert taken.items() <= kept.items()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_leaves_the_database_sound(
    start: Callable[..., Process], sound: Callable, sqlite_url: str
) -> None:
    """No file may grow beyond 2 MB, as on a disk that is full: the log of SQLite meets it."""
    limit = 2 * 2**20
    server = start("server", extra={"file_limit": limit})
    taken, refused = {}, None
    for n in range(400):
        answer = post(server.url, a_report(f"f{n}", description="满" * 3000))
        if answer.status_code != 201:
            refused = answer
            break
        taken[f"f{n}"] = answer.json()["number"]
    assert refused is not None, "the disk was never full"
    assert (refused.status_code, refused.json()["error"]) == (503, "database_away")
    assert httpx.get(f"{server.url}/api/v1/cases/{taken['f0']}", timeout=30).status_code == 200, "reading goes on"
    server.kill()
    sound()
    # There is room again.
    roomy = start("roomy")
    for n in range(len(taken) + 1):
        assert post(roomy.url, a_report(f"f{n}", description="满" * 3000)).status_code in {200, 201, 409}
    assert post(roomy.url, a_report("more")).status_code == 201
    sound()
    assert Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size > 0
