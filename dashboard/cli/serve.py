"""`serve`: the API, the live stream and the pages."""

import os
import socket
import sys
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from dashboard.server import create_app
from dashboard.settings import PREFIX, Settings, SettingsError, unknown_variables
from data.region import RegionError

STREAMS_END_S = 2  # open streams would keep a stopping server alive for ever


class Server(uvicorn.Server):
    """Says when it is ready, and tells open streams that it stops before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, console: Console) -> None:
        super().__init__(config)
        self._app, self._console = app, console

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            region = self._app.state.services.region
            shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
            shown = f"[{shown}]" if ":" in shown else shown
            self._console.print(f"OneMap {region.names['zh']}: http://{shown}:{port}/wall", soft_wrap=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then stop."""
        self._app.state.services.live.close()
        await super().shutdown(sockets)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [ONEMAP_HOST]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.  [ONEMAP_PORT]")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Serve the cockpit, the API and the live stream. Every setting is an environment variable; options go before them."""
    console = Console(highlight=False)
    options = {"host": host, "port": port, "region": region, "database_url": database_url}
    try:
        for name, meant in unknown_variables(os.environ).items():
            console.print(f"{name} is no setting and is ignored{f'; did you mean {meant}?' if meant else '.'}")
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        listening = listen(settings.host, settings.port)
        app = create_app(settings)
    except ValidationError as error:
        stop(console, "; ".join(f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()))
    except (SettingsError, RegionError) as error:
        stop(console, str(error))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        stop(console, f"The database {settings.database_url!r} cannot be used: {reason}")
    config = uvicorn.Config(app, log_level=settings.log_level, timeout_graceful_shutdown=STREAMS_END_S, lifespan="on")
    Server(config, app, console).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done; raises SettingsError that says who may have it and the way out."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Bound alone does not reserve it on Linux when another process listens with the same option.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"Cannot listen on {host}:{port} ({error.strerror}). If another program has the port, choose a free one: "
            f"`make run PORT={port + 1 if 0 < port < 65535 else 8051}` or {PREFIX}PORT."
        ) from error
    return listening


def stop(console: Console, reason: str) -> None:
    """Say why and leave."""
    console.print(reason, soft_wrap=True)
    sys.exit(1)
