"""Running an application under uvicorn."""

import logging
import re
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from dashboard.server.renewal import Renewal
from dashboard.settings import PREFIX, SettingsError

STREAMS_END_S = 2  # how long requests may take to end once the server stops; streams are told before


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
    """Says when it is ready, and tells open streams that it stops before it waits for them.

    Parameters
    ----------
    on_ready
        Called with host and port once requests are answered.
    """

    def __init__(
        self, config: uvicorn.Config, app: FastAPI | Renewal, on_ready: Callable[[str, int], None] | None = None
    ) -> None:
        super().__init__(config)
        for name in ("uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).addFilter(DISCREET)
        self._app, self._on_ready = app, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started and self._on_ready is not None and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._on_ready(host, port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop."""
        self._app.state.services.live.close()
        await super().shutdown(sockets)


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
