"""What the partitions of the events cost: the same store on one table and on 60 months, in turns, on one server.

Beside it: from a commit of another process to its delta, with PostgreSQL's notification and by looking alone.
"""

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine

from data import views
from data.engine import migrate, open_engine
from data.months import keep_months
from data.store import SqlCaseStore
from data.waking import Waking
from tests.bench.test_store_bench import a_second
from tests.data import growth
from tests.data.samples import add, comment
from tests.environment import postgres

pytestmark = pytest.mark.bench
MONTHS = 60
ROUNDS = 3
LOOKS = 40


@pytest.fixture(scope="module")
def both() -> Iterator[dict[str, Engine]]:
    """Two databases of one durable server with the same year of cases: events in one table, events in 60 months."""
    with postgres.running(durable=True) as server:
        engines = {name: open_engine(server.url(server.create())) for name in ("one table", f"{MONTHS} months")}
        for name, engine in engines.items():
            migrate(engine)
            growth.grow(engine)
            if name == "one table":
                migrate(engine, "0009")
            else:
                keep_months(engine, growth.NOW - timedelta(days=31 * (MONTHS - 4)), ahead=MONTHS)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        yield engines
        for engine in engines.values():
            engine.dispose()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def a_batch(store: SqlCaseStore, numbers: Iterator[int]) -> float:
    """Cases a second as an import writes them: report and closing, one after the other."""

    def one() -> None:
        comment(store, add(store, f"bulk{next(numbers)}", growth.NOW))

    return a_second(one)


def test_what_months_cost(both: dict[str, Engine]) -> None:
    numbers, number = count(1), growth.a_life(5000)[0].number
    measures: dict[str, Callable[[Engine], float]] = {
        "single report": lambda e: a_second(lambda: add(SqlCaseStore(e), f"s{next(numbers)}", growth.NOW)),
        "import, report and closing": lambda e: a_batch(SqlCaseStore(e), numbers),
        "history of a case": lambda e: a_second(lambda: SqlCaseStore(e).history(number)),
        "changes, none new": lambda e: a_second(lambda: views.cases_changed_since(e, 10**9)),
        "latest 50 events": lambda e: a_second(lambda: views.latest_events(e)),
    }
    found: dict[tuple[str, str], float] = {}
    for _ in range(ROUNDS):
        for what, measure in measures.items():
            for name, engine in both.items():
                found[what, name] = max(found.get((what, name), 0.0), measure(engine))
    say("\nA second, best of three rounds in turns:")
    one, many = both
    for what in measures:
        a, b = found[what, one], found[what, many]
        say(f"  {what:28} {one} {a:7.0f} ({1000 / a:6.2f} ms)   {many} {b:7.0f} ({1000 / b:6.2f} ms)   {b / a:5.2f}")


def test_from_commit_to_the_other_process(both: dict[str, Engine]) -> None:
    engine = both[f"{MONTHS} months"]
    store, names = SqlCaseStore(engine), count(1)

    async def measure(*, told: bool) -> list[float]:
        woken = asyncio.Event()
        task = asyncio.create_task(Waking(engine, woken.set).run()) if told else None
        if task:
            await asyncio.wait_for(woken.wait(), 10)
        took = []
        seen = await asyncio.to_thread(views.latest_revision, engine)
        for n in range(LOOKS):
            woken.clear()
            committed: list[float] = []

            def commit(committed: list[float] = committed) -> None:
                time.sleep(0.013 * (n % 16))  # noqa: B023 - runs before the next turn
                add(store, f"w{told}{next(names)}", growth.NOW)
                committed.append(time.perf_counter())

            writing = asyncio.create_task(asyncio.to_thread(commit))
            while True:
                rows: Any = await asyncio.to_thread(views.cases_changed_since, engine, seen)
                if rows:
                    break
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), 0.2)
                woken.clear()
            arrived = time.perf_counter()
            await writing
            took.append(max(0.0, arrived - committed[0]) * 1000)
            seen = rows[-1].revision
        if task:
            task.cancel()
            await asyncio.wait([task])
        return took

    say("\nFrom a commit to its rows in another process:")
    for name, told in (("told by PostgreSQL", True), ("looking every 200 ms", False)):
        took = sorted(asyncio.run(measure(told=told)))
        say(f"  {name:22} p50 {statistics.median(took):6.1f} ms, p95 {took[int(len(took) * 0.95)]:6.1f} ms")
