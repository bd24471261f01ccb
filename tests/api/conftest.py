"""Applications over a small region: one to call directly, and real servers on free ports."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from dashboard.server import create_app
from dashboard.server.serving import Server
from dashboard.settings import Settings
from tests.api import pack

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # Tuesday, 12:00 in the region


class Watch:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="session")
def small_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack.write(tmp_path_factory.mktemp("packs") / "small")


@pytest.fixture
def settings(small_pack: Path, sqlite_url: str) -> Settings:
    """An application on a fresh SQLite file."""
    return Settings(region=str(small_pack), database_url=sqlite_url, poll_ms=50)


@pytest.fixture
def app(settings: Settings, watch: Watch) -> FastAPI:
    return create_app(settings, now=watch)


class Caller:
    """Calls an application in this process as a client over HTTP would; an error inside is an answer, as for anyone."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        self._portal = portal

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        if "json_any" in options:
            # Python's own writer, for what httpx refuses to send: NaN, half a character.
            options["content"] = json.dumps(options.pop("json_any")).encode()
            options["headers"] = {"Content-Type": "application/json"}
        return self._portal.call(partial(self._client.request, method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def board(self, revision: int) -> dict[str, Any]:
        """Give the board of the present once it has followed up to a revision."""
        deadline = time.monotonic() + 5
        while (board := self.get("/api/v1/board").json())["rev"] < revision:
            assert time.monotonic() < deadline, f"the board stays at revision {board['rev']}"
            time.sleep(0.01)
        return board

    def wire(self, path: str, accept: str) -> tuple[bytes, httpx.Response]:
        """Give the bytes as they travel, still encoded."""

        async def read() -> tuple[bytes, httpx.Response]:
            async with self._client.stream("GET", path, headers={"Accept-Encoding": accept}) as response:
                return b"".join([part async for part in response.aiter_raw()]), response

        return self._portal.call(read)


@contextmanager
def called(app: Starlette) -> Iterator[Caller]:
    """Run an application with its lifespan, without a socket."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield Caller(app, portal)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Caller]:
    """Calls the application, its live stream running."""
    with called(app) as caller:
        yield caller


@pytest.fixture
def both_clients(small_pack: Path, database_url: str, watch: Watch) -> Iterator[Caller]:
    """The same, once on each kind of database."""
    app = create_app(Settings(region=str(small_pack), database_url=database_url, poll_ms=50), now=watch)
    with called(app) as caller:
        yield caller


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Run a real server in a thread; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, lifespan="on")
    server = Server(config, app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)
        assert not thread.is_alive(), "the server stops although streams are open"


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Start servers that end with the test."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))


@pytest.fixture
def server(serve: Callable[[FastAPI], str], settings: Settings) -> Iterator[httpx.Client]:
    """A client of a real server on the machine's clock."""
    with httpx.Client(base_url=serve(create_app(settings)), timeout=10) as client:
        yield client


def report(source_id: str = "1", **different: Any) -> dict[str, Any]:
    """A report from the middle of the first cell."""
    lon, lat = pack.centre(0)
    plain: dict[str, Any] = {
        "matter": "SD-01",
        "source": "grid",
        "source_id": source_id,
        "occurred_at": "2026-11-24T11:55:00+08:00",
        "point": {"x": lon, "y": lat, "crs": "EPSG:4490"},
        "description": "桥下有垃圾",
    }
    return {**plain, **different}
