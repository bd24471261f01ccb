"""One re-attribution at a time for a database. The lock dies with the process that holds it, however that ends."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from data.reattributing.errors import ReattributionError

KEY = 0x0E4AA  # of the advisory lock; another one than that of migrations
SUFFIX = ".reattribute"
GRACE_S = 2.0
"""PostgreSQL takes a moment to notice that a process was killed."""
BUSY = (
    "Another re-attribution works on this database; wait until it has ended and start again: what it has done is not"
    " done twice."
)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Hold the lock of a database; raises ReattributionError when another process has it."""
    with _on_postgresql(engine) if engine.dialect.name == "postgresql" else _on_sqlite(engine):
        yield


@contextmanager
def _on_postgresql(engine: Engine) -> Iterator[None]:
    # A session of its own, without a transaction: nothing that is old must be kept for it.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        locked = text("SELECT pg_try_advisory_lock(:key)")
        _take(lambda: bool(connection.execute(locked, {"key": KEY}).scalar_one()))
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": KEY})


@contextmanager
def _on_sqlite(engine: Engine) -> Iterator[None]:
    # An empty database beside the other one: its lock is the operating system's, on every system, and gone with the
    # process. The database itself stays free for the server.
    connection = sqlite3.connect(f"{engine.url.database}{SUFFIX}", timeout=0, isolation_level=None)
    try:
        _take(lambda: _locked(connection))
        yield
    finally:
        connection.close()


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as problem:
        if "locked" not in str(problem):
            raise
        return False
    return True


def _take(attempt: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GRACE_S
    while not attempt():
        if time.monotonic() > deadline:
            raise ReattributionError(BUSY)
        time.sleep(0.1)
