"""Which request a statement belongs to, and which statements take long.

PostgreSQL is told by the name of the application, which stands in ``pg_stat_activity`` and, with ``%a``, in the lines
of its log. It is set together with BEGIN, in one round trip. A comment in the statement costs more: every text is
another one, and nothing stays prepared (docs/operation.md has the figures).
"""

import logging
import re
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

log = logging.getLogger(__name__)
REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that is answered; empty outside of one."""
SANE = re.compile(r"[A-Za-z0-9._-]{1,56}")
"""What an id may look like: it goes into logs and into a name of at most 63 bytes, after ``onemap ``."""
LONGEST_STATEMENT = 300
OWN = ("data.tracing", "data.engine")

Told = Callable[[str, float], object]
"""Told the name of a slow statement and its seconds."""


def follow(engine: Engine) -> None:
    """Tell the database which request each transaction belongs to, where it can be told."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _name_transaction)


def _name_transaction(connection: Connection) -> None:
    request, driver = REQUEST.get(), connection.connection.driver_connection
    if not SANE.fullmatch(request) or not isinstance(driver, psycopg.Connection) or driver.autocommit:
        return
    try:
        with driver.pipeline():
            driver.execute(f"SET LOCAL application_name = 'onemap {request}'".encode())
    except psycopg.Error as error:
        raise as_sqlalchemy(error) from error


def as_sqlalchemy(error: psycopg.Error) -> DBAPIError:
    """Give the error that SQLAlchemy makes of one of the driver: what was sent past it must be told apart as well."""
    of_kind = {psycopg.IntegrityError: IntegrityError, psycopg.OperationalError: OperationalError}
    kind = next((made for met, made in of_kind.items() if isinstance(error, met)), DBAPIError)
    return kind(None, None, error)


def watch(engine: Engine, slow_s: float, told: Told = lambda *_: None) -> None:
    """Log statements that take long, by the function that asks: without their values, which may be personal.

    Parameters
    ----------
    slow_s
        From how many seconds on.
    """

    def before(_connection: Connection, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001
        context.onemap_began = time.perf_counter()

    def after(_connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:  # noqa: FBT001
        took = time.perf_counter() - context.onemap_began
        if took >= slow_s:
            name = asking()
            log.warning("Slow: %s took %.0f ms: %s", name, took * 1000, " ".join(statement.split())[:LONGEST_STATEMENT])
            told(name, took)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


def asking() -> str:
    """Name the function of `data` that has called: ``views.search.list_cases``."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module, function = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
        if module.startswith("data.") and module not in OWN and not function.startswith("<"):
            return f"{module.removeprefix('data.')}.{function}"
        frame = frame.f_back
    return "other"
