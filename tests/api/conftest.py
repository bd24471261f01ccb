"""Applications over a small region: one to call directly, and real servers on free ports."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

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


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Calls the application in this process, its live stream running; an error inside is an answer, as for anyone."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def both_clients(small_pack: Path, database_url: str, watch: Watch) -> Iterator[TestClient]:
    """The same, once on each kind of database."""
    app = create_app(Settings(region=str(small_pack), database_url=database_url, poll_ms=50), now=watch)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


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
