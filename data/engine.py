"""Open a database so that it keeps what it is given, and bring its tables up to date.

Two databases are known: SQLite for one county on one machine, PostgreSQL for everything larger. Both are set up here so
that the rest of `data` need not know which one it speaks to: a read sees one moment of the database, a write is durable
when it returns.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from data import tracing

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 30.0
MIGRATION_LOCK = 0x0E4A9  # key of the advisory lock; any number that no other program on the server uses
TURN = "onemap_turn"  # execution option with the lock for which the writing threads of this process queue on SQLite
WRITES = "onemap_writes"  # execution option that tells the SQLite side to take the write lock at BEGIN


class UnknownDatabase(ValueError):
    """The URL names a database that the project does not keep its memory in."""


def open_engine(url: str | URL, *, pool_size: int = 10) -> Engine:
    """Open an engine with durable writes; connects to nothing yet.

    Parameters
    ----------
    url
        ``sqlite:///path/file.db`` (its folder is made when missing) or ``postgresql://…``, spoken by psycopg 3.
    pool_size
        Connections kept open; twice as many more are opened for a peak.

    Raises
    ------
    UnknownDatabase
        For any other database, and for SQLite in memory: its connections would not see each other's writes.
    """
    parsed = make_url(url)
    options: dict[str, Any] = {
        # What is logged of a failed statement would name people and tokens.
        "hide_parameters": True,
        "json_serializer": _to_json,
        "json_deserializer": orjson.loads,
        "pool_size": pool_size,
        "max_overflow": 2 * pool_size,
    }
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, options)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed, options)
    raise UnknownDatabase(
        f"Cannot keep cases in {parsed.get_backend_name()!r}. Use sqlite:///folder/onemap.db or postgresql://user@host/name."
    )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection on which every statement sees the same moment of the database."""
    one_moment = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    options = one_moment if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading_alike(engine: Engine) -> Iterator[Connection]:
    """Give a connection as `reading` does, for statements whose way is the same whatever is asked for.

    PostgreSQL plans each question anew unless it believes that a plan for all is as good; over the partitions of years
    planning takes ten times as long as the answer. Here it plans once for each connection.
    """
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection with a transaction that commits at the end, or leaves no trace when an error escapes."""
    turn = engine.get_execution_options().get(TURN, nullcontext())
    with turn, engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send the statements inside without waiting for each answer, where the driver can (psycopg's pipeline).

    For statements that give no rows back. On leaving, all of them have succeeded, or the first error is raised as
    SQLAlchemy would raise it.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        raise tracing.as_sqlalchemy(error) from error


def is_current(engine: Engine) -> bool:
    """Whether the tables are of the version that this program works with."""
    with reading(engine) as connection:
        return version_of(connection) == newest_version()


def version_of(connection: Connection) -> str | None:
    """Give the version of the tables; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str:
    """Give the version of the tables that this program works with."""
    return str(_script().get_current_head())


def is_known_version(revision: str) -> bool:
    """Whether this program knows a version of the tables."""
    return revision in {step.revision for step in _script().iterate_revisions("head", "base")}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a version, forward or back; several processes may call it at the same time.

    Parameters
    ----------
    revision
        A version of `data/migrations/versions`, ``head`` for the newest or ``base`` for an empty database.
    """
    script = _script()
    target = script.get_current_head() if revision == "head" else revision
    # A glance without a lock: a web process that starts on a current database waits for nobody.
    with reading(engine) as connection:
        if MigrationContext.configure(connection).get_current_revision() == target:
            return
    with writing(engine) as connection:
        migrate_within(connection, revision)


def migrate_within(connection: Connection, revision: str) -> None:
    """Bring the tables to a version within a transaction that is open for writing."""
    config, script = _config(), _script()
    target = script.get_current_head() if revision == "head" else revision
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    current = MigrationContext.configure(connection).get_current_revision()
    config.attributes["connection"] = connection
    if _lies_behind(script, current, target):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def is_up_to_date(engine: Engine) -> bool:
    """Say whether the tables have the version of this code, or one that this code does not know yet."""
    with reading(engine) as connection:
        current = version_of(connection)
    return current == newest_version() or not (current is None or is_known_version(current))


@lru_cache(maxsize=1)
def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _lies_behind(script: ScriptDirectory, current: str | None, target: str | None) -> bool:
    """Whether `target` is an ancestor of `current`, so that the way leads back."""
    if current is None or target == current:
        return False
    return target == "base" or target in {step.revision for step in script.iterate_revisions(current, "base")}


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _open_sqlite(url: URL, options: dict[str, Any]) -> Engine:
    if not url.database or url.database == ":memory:" or "mode=memory" in url.database:
        raise UnknownDatabase(
            "SQLite in memory cannot be shared between threads. Name a file: sqlite:///folder/onemap.db."
        )
    Path(url.database).resolve().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, **options)
    # SQLite lets one write at a time; those who wait for it sleep and try again, up to 0.1 s each time. Threads of one
    # process queue here instead and go on at once; only other processes are waited for by sleeping.
    engine.update_execution_options(**{TURN: threading.Lock()})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions on its own: it would start them late and without the write lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    _set_wal(cursor)
    # FULL: in WAL mode NORMAL may lose the last commits when the power fails.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Without it INSERT OR REPLACE deletes events behind the back of the trigger that forbids it.
    cursor.execute("PRAGMA recursive_triggers = ON")
    # 8 MB for each connection of each thread. More would hold the same pages thirty times; the system holds them once.
    cursor.execute("PRAGMA cache_size = -8000")
    cursor.close()


def _set_wal(cursor: sqlite3.Cursor) -> None:
    """Switch to write-ahead logging; the switch ignores the busy timeout, so two first starts at once try again."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first cannot wait for the write lock later, it fails at once with SQLITE_BUSY.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(url: URL, options: dict[str, Any]) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    # Every query is short: starting parallel workers or a compiler takes longer than the answer (26 ms beside 0.05 ms).
    # What is asked for lies in memory or on a disk without a head: the default price of a jump, four times that of
    # the next page, makes it read whole tables of a small county where an index leads to the row.
    session = "-c timezone=UTC -c max_parallel_workers_per_gather=0 -c jit=off -c random_page_cost=1.1"
    arguments = {} if "options" in url.query else {"options": session}
    # The pre-ping costs one round trip and spares the first requests after a restart of the database an error.
    named = {"application_name": "onemap", **arguments}
    engine = create_engine(url, connect_args=named, pool_pre_ping=True, **options)
    tracing.follow(engine)
    return engine
