"""Running an application under uvicorn."""

import asyncio
import logging
import re
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from dashboard.server.renewal import Renewal
from dashboard.server.tracing import STREAM
from dashboard.settings import PREFIX, SettingsError

FINISH_S = 10
"""How long requests that have begun may take once the server has stopped to listen, in seconds."""
STREAMS_END_S = 2.0
"""After which a stream whose client does not read is cut off then; the others have been told before."""
UNREAD_MS = 30_000
"""How long a client may leave unread what was sent to it before its connection is given up."""


SECRETS = re.compile(r"(?<=[?&])(kiosk|code|state|key|token|secret|password)=[^&\s]*", re.IGNORECASE)
"""Values in addresses that let somebody in: a wall's token on its first visit, what an identity provider sends back."""


class Discreet(logging.Filter):
    """Takes secrets out of the addresses that are logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is left out."""
        if isinstance(record.args, tuple):
            record.args = tuple(SECRETS.sub(r"\1=…", one) if isinstance(one, str) else one for one in record.args)
        return True


DISCREET = Discreet()


class Server(uvicorn.Server):
    """Says when it is ready, and leaves in order.

    Told to end by SIGTERM, it says on ``/readyz`` that it is not ready, sends its streams to another process, gives its
    duties back and goes on answering for a while, so that whoever stands before it can send requests elsewhere. Then it
    stops to listen, finishes what has begun and ends with exit code 0. A second SIGTERM skips the wait, SIGINT as well.

    Parameters
    ----------
    drain_s
        How long it goes on answering, in seconds.
    on_ready
        Called with host and port once requests are answered.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: FastAPI | Renewal,
        on_ready: Callable[[str, int], None] | None = None,
        *,
        drain_s: float = 0.0,
    ) -> None:
        super().__init__(config)
        for name in ("uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).addFilter(DISCREET)
        self._app, self._on_ready, self._drain_s = app, on_ready, drain_s
        self._told, self._leaves_at = 0, 0.0
        self._handing: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started and self._on_ready is not None and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._on_ready(host, port)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hear a signal."""
        if sig == signal.SIGTERM:
            # Not handed on: uvicorn would raise it once more at the end, and a clean end would look like a crash.
            self._told += 1
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Look whether it is time to leave."""
        if self._told and not self._leaves_at:
            self._leaves_at = time.monotonic() + self._drain_s
            self._say_goodbye()
        if self._told > 1 or (self._told and time.monotonic() >= self._leaves_at):
            self.should_exit = True
        return await super().on_tick(counter)

    def _say_goodbye(self) -> None:
        services = self._app.state.services
        services.live.close()
        if self._handing is None:
            self._handing = asyncio.create_task(services.duties.hand_over(), name="duties")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop."""
        self._say_goodbye()
        cutting = asyncio.create_task(self._cut_streams())
        await super().shutdown(sockets)
        for task in (cutting, self._handing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _cut_streams(self) -> None:
        """Cut off streams whose clients do not read: they would hold up the end, and write nothing."""
        await asyncio.sleep(STREAMS_END_S)
        for connection in list(self.server_state.connections):
            scope = getattr(connection, "scope", None) or {}
            if scope.get("path") == STREAM:
                connection.transport.abort()


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done.

    Raises
    ------
    SettingsError
        Somebody else has it, or there is no such address; the message says the way out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Every connection has it from here. The kernel alone knows that a client keeps its window shut.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    try:
        listening.bind((host, port))
        # Two sockets may be bound to one port with this option; only one of them may listen.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        free = port + 1 if 0 < port < 65535 else 8051
        raise SettingsError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. If another program has the port, choose"
            f" another one: make run PORT={free}, or {PREFIX}PORT={free}, or --port {free}."
        ) from error
    return listening
