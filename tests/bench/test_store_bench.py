"""Durable writes a second: a case through the store, beside plain INSERTs of the same rows through the bare driver.

Every commit waits for the disk, on both databases. The disk of a virtual machine promises little: read the ratios.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Engine

from cases.case import CaseState
from data import tables, views
from data.engine import migrate, open_engine
from data.store import SqlCaseStore
from tests.data.samples import add, comment
from tests.environment import postgres

pytestmark = pytest.mark.bench

SECONDS = 1.5
ROUNDS = 3
WRITERS = 8
PARTS = ("cases", "legs", "clocks", "spans", "events")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def durable(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a migrated database whose commits wait for the disk."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('bench')}/onemap.db")
        migrate(engine)
        yield engine
        engine.dispose()
        return
    with postgres.running(durable=True) as server:
        engine = open_engine(server.url(server.create()), pool_size=WRITERS)
        migrate(engine)
        yield engine
        engine.dispose()


class Bare:
    """The driver alone, which writes the rows of a stored case again under new numbers."""

    def __init__(self, engine: Engine, number: str) -> None:
        self.url = engine.url
        self.connection = self.connect()
        self.mark = "?" if engine.dialect.name == "sqlite" else "%s"
        self.numbers = count(1)
        self.rows = {name: self.row(name, number) for name in PARTS}

    def connect(self) -> Any:
        """Open a connection of the same durability as the store's."""
        if self.url.get_backend_name() == "sqlite":
            connection = sqlite3.connect(str(self.url.database), isolation_level=None)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            return connection
        query = self.url.query
        return psycopg.connect(
            f"host={query['host']} port={query['port']} user={self.url.username} dbname={self.url.database}",
            autocommit=True,
        )

    def row(self, name: str, number: str) -> dict[str, Any]:
        """The first row of a case in one table, as the driver gives and takes it."""
        columns = tables.metadata.tables[name].columns.keys()
        # Names of tables and columns are the project's own.
        query = f"SELECT {', '.join(columns)} FROM {name} WHERE number = {self.mark}"
        values = self.connection.execute(query, (number,)).fetchone()
        return dict(zip(columns, (Jsonb(v) if isinstance(v, dict | list) else v for v in values), strict=True))

    def write(self, *names: str) -> None:
        """Write one row into each of these tables and commit."""
        at = next(self.numbers)
        self.connection.execute("BEGIN")
        for name in names:
            row = self.rows[name] | {"number": f"BARE-{at}"}
            row |= {key: value for key, value in (("source_id", f"BARE-{at}"),) if key in row}
            row |= {"revision": 10_000_000 + at} if "revision" in row else {}
            marks = ", ".join([self.mark] * len(row))
            self.connection.execute(f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        self.connection.execute("COMMIT")


def say(line: str) -> None:
    """Print a line of the report."""
    sys.stdout.write(f"{line}\n")


def a_second(do: Callable[[], object]) -> float:
    """How often a second something can be done."""
    start, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < SECONDS:
        do()
        done += 1
    return done / passed


def together(do: Callable[[], object]) -> float:
    """How often a second several threads do it at once."""
    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(future.result() for future in [pool.submit(a_second, do) for _ in range(WRITERS)])


def best(measures: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The best of some rounds of each, taken in turns, so that a noisy moment hits all alike."""
    found: dict[str, float] = dict.fromkeys(measures, 0.0)
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            found[name] = max(found[name], measure())
    return found


def test_durable_writes_a_second(durable: Engine) -> None:
    store = SqlCaseStore(durable)
    names = count(1)
    first = add(store, "first")
    bare = Bare(durable, first.number)
    states: list[CaseState] = [add(store, "commented")]

    def another() -> None:
        states[0] = comment(store, states[0])

    found = best(
        {
            "one INSERT into cases, bare driver": lambda: a_second(lambda: bare.write("cases")),
            "the same five rows, bare driver": lambda: a_second(lambda: bare.write(*PARTS)),
            "store.add": lambda: a_second(lambda: add(store, f"s{next(names)}")),
            "store.append": lambda: a_second(another),
            f"store.add, {WRITERS} threads": lambda: together(lambda: add(store, f"s{next(names)}")),
        }
    )
    bare.connection.close()
    one, five = list(found.values())[:2]
    say(f"\nDurable writes a second, {durable.dialect.name}:")
    for name, rate in found.items():
        say(f"  {name:38} {rate:8.0f}   {rate / one:5.2f} of one INSERT   {rate / five:5.2f} of five")
    assert views.latest_revision(durable) > 0


def test_reading_the_board(durable: Engine) -> None:
    store = SqlCaseStore(durable)
    for number in range(2000):
        add(store, f"board {number}")
    at = time.perf_counter()
    rows = views.open_cases(durable)
    whole = time.perf_counter() - at
    newest = max(row.revision for row in rows)
    idle = a_second(lambda: views.cases_changed_since(durable, newest))
    say(f"\nReading the board, {durable.dialect.name}:")
    say(f"  {len(rows)} open cases in {whole * 1000:.0f} ms, {whole / len(rows) * 1e6:.1f} µs each")
    say(f"  asking for changes when there are none: {1e6 / idle:.0f} µs")
    assert rows
