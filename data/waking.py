"""Wake this process when any process has committed: PostgreSQL says so by itself, SQLite cannot.

A trigger on the counter of revisions notifies the channel at every commit that appends events, whoever writes. What is
told is only that there is something: what it is, is read from the database by revision. So a notification that is lost
(the connection broke, a pooler does not pass it on) costs the time until the next look, and nothing else.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Engine

CHANNEL = "onemap"
PROBE_S = 30.0
"""After so much silence the connection is tried: a database that went away without a word says nothing, too."""
BACK_OFF_S = (0.1, 0.5, 1.0, 2.0, 5.0)
CONNECT_S = 10

log = logging.getLogger(__name__)


class Waking:
    """Listens to the database on a connection of its own, and comes back when it was away.

    Parameters
    ----------
    wake
        Called on the event loop after every commit of anybody, and once after every connection: something may have
        been committed while nobody listened. Must be quick and must not raise.
    """

    def __init__(self, engine: Engine, wake: Callable[[], object], probe_s: float = PROBE_S) -> None:
        self.listening = asyncio.Event()
        """Set while a connection listens; never set on SQLite."""
        self._engine, self._wake, self._probe_s = engine, wake, probe_s

    async def run(self) -> None:
        """Listen until cancelled; returns at once for a database that cannot notify."""
        if self._engine.dialect.name != "postgresql":
            return
        failures = 0
        while True:
            try:
                async with await self._connect() as connection:
                    failures = 0
                    await self._follow(connection)
            except (psycopg.Error, OSError) as error:
                # Commits of other processes are found by looking meanwhile.
                if failures == 0:
                    log.warning("The database does not wake this process (%s); it will be tried again", error)
                pause = BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)]
                failures += 1
            finally:
                self.listening.clear()
            await asyncio.sleep(pause)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        dialect = self._engine.dialect
        positional, named = dialect.create_connect_args(self._engine.url)
        named = {
            "connect_timeout": CONNECT_S,
            # A cable that was pulled is noticed within half a minute.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            **named,
            "application_name": "onemap waking",
        }
        return await psycopg.AsyncConnection.connect(*positional, autocommit=True, **named)

    async def _follow(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self.listening.set()
        self._wake()
        while True:
            async for _ in connection.notifies(timeout=self._probe_s):
                self._wake()
            await connection.execute("SELECT 1")
