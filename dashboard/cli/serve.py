"""`serve`: the API, the live stream and the pages."""

import os
import socket
import sys
from functools import partial
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from dashboard import logs
from dashboard.auth.door import is_loopback
from dashboard.server.renewal import Renewal
from dashboard.server.serving import FINISH_S, Server, listen
from dashboard.settings import PREFIX, Settings, SettingsError, unknown_variables
from data.engine import UnknownDatabase
from data.region import RegionError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [ONEMAP_HOST]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.  [ONEMAP_PORT]")] = None,
    region: Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")] = None,
    database_url: Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")] = None,
) -> None:
    """Serve the cockpit, the API and the live stream. Settings are environment variables; options go before them."""
    console = Console(highlight=False, soft_wrap=True)
    options = {"host": host, "port": port, "region": region, "database_url": database_url}
    try:
        for name, meant in unknown_variables(os.environ).items():
            console.print(f"{name} is no setting and is ignored{f'; did you mean {meant}?' if meant else '.'}")
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        logs.begin(settings.log_level, settings.log_format)
        listening, app = prepare(settings)
    except ValidationError as error:
        wrong = [f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        stop(console, "; ".join(wrong))
    except (SettingsError, RegionError, UnknownDatabase) as error:
        stop(console, str(error))
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        stop(console, f"The database {shown_url(settings.database_url)!r} cannot be used: {reason}")
    name = app.state.services.region.names["zh"]
    config = uvicorn.Config(
        app,
        log_config=None,
        # Ours says more and no query, in which a wall's token may stand.
        access_log=False,
        timeout_graceful_shutdown=FINISH_S,
        lifespan="on",
        server_header=False,
    )
    server = Server(config, app, partial(say_ready, console, name), drain_s=settings.drain_seconds)
    server.run(sockets=[listening])


def prepare(settings: Settings) -> tuple[socket.socket, Renewal]:
    """Take the port, then make the application; whoever connects meanwhile waits for it."""
    listening = listen(settings.host, settings.port)
    try:
        app = Renewal(settings)
        check_reach(settings, is_open=app.state.services.access.door.is_open)
    except BaseException:
        listening.close()
        raise
    return listening, app


def check_reach(settings: Settings, *, is_open: bool) -> None:
    """Refuse to listen to other machines while nobody has to sign in, unless told to; raises SettingsError."""
    if is_open and not settings.open_to_network and not is_loopback(settings.host) and settings.host != "localhost":
        raise SettingsError(
            f"{PREFIX}HOST is {settings.host!r}, and nobody has to sign in: other machines could do all. Make the"
            f" first account (python -m dashboard user add), or say {PREFIX}OPEN_TO_NETWORK=true in a closed network."
        )


def say_ready(console: Console, name: str, host: str, port: int) -> None:
    """Print the address that a browser on this machine can open."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    console.print(f"OneMap {name}: http://{shown}:{port}/wall", markup=False)


def shown_url(url: str) -> str:
    """Give the address of a database without the password in it."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.partition(":")[0] + ":…"


def stop(console: Console, reason: str) -> None:
    """Say why and leave."""
    console.print(reason, markup=False)
    sys.exit(1)
