"""Duties: what one process does for all that serve the same database, and another one takes over when it dies.

A task asks for every duty again and again, well before the lease behind it ends (`data.leases`). Whether a duty is
one's own is answered from memory by a clock that nobody sets: a process that could not renew in time finds itself
without duties before another one can have them.
"""

import asyncio
import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dashboard.threads import in_thread
from data import leases

log = logging.getLogger(__name__)
NOTICES = "notices"
"""Making notices of events and late clocks (escalation), and sending them."""
PACK = "daily pack"
NAMES = (NOTICES, PACK)
RENEWALS = 3
"""How often within its length a lease is renewed: two failures in a row lose nothing."""


def holder_name() -> str:
    """Name this process and this application in it, as an operator recognises it; no other one ever has the name."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


class Duties:
    """The duties of one application.

    Parameters
    ----------
    length_s
        How long a duty stays with a process that gives no sign any more, in seconds.
    """

    def __init__(self, engine: Engine, length_s: float) -> None:
        self.holder = holder_name()
        self._engine, self._length_s = engine, length_s
        self._until: dict[str, float] = {}
        self._resigned = False
        self._doing = 0
        self._lock = threading.Lock()

    def has(self, name: str) -> bool:
        """Say whether a duty is this application's now."""
        return not self._resigned and time.monotonic() < self._until.get(name, 0.0)

    def renew(self) -> None:
        """Ask for every duty once; raises what the database raises. Blocking."""
        for name in NAMES:
            # Before the question: by the database's clock the lease ends later than here, never earlier.
            asked = time.monotonic()
            with self._lock:
                if self._resigned:
                    return
                if leases.take(self._engine, name, self.holder, timedelta(seconds=self._length_s)):
                    self._until[name] = asked + self._length_s
                else:
                    self._until.pop(name, None)

    async def run(self) -> None:
        """Ask again and again until cancelled."""
        failures = 0
        while True:
            try:
                await in_thread(self.renew)
                failures = 0
            except SQLAlchemyError:
                # Duties end by themselves meanwhile; whoever reaches the database does them.
                if failures == 0:
                    log.exception("The duties cannot be renewed; it will be tried again")
                failures += 1
            await asyncio.sleep(self._length_s / RENEWALS)

    @contextlib.contextmanager
    def doing(self) -> Iterator[None]:
        """Say that work of a duty is under way; called on the event loop."""
        self._doing += 1
        try:
            yield
        finally:
            self._doing -= 1

    async def hand_over(self) -> None:
        """Begin no work any more, and give the duties back when what is under way is done.

        Not sooner: a message that is on its way would be sent once more by a process whose clock calls it overdue.
        """
        self._resigned = True
        while self._doing:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(self.resign)

    def resign(self) -> None:
        """Take no duty any more and give back those that there are, so that another process has them at once."""
        self._resigned = True
        # A thread that is just taking one, although its task was cancelled, must not be the last.
        with self._lock, contextlib.suppress(SQLAlchemyError):
            # With a database that is away they end by themselves.
            leases.release(self._engine, self.holder)
