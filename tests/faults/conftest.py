"""Servers on the small region, started and killed by the tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from cases.calendar import Calendar
from data import region
from data.engine import open_engine
from tests.api import pack
from tests.api.conftest import report
from tests.faults.process import Process
from tests.faults.truth import broken

PACK_TIME = '\n[pack]\nat = "00:00"\n'
RULES = """
[[escalations]]
code = "late"
clock = "respond"
level = "red"
to = ["owner", "township"]
"""


@pytest.fixture(scope="session")
def plain_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small region with a rule of escalation."""
    folder = pack.write(tmp_path_factory.mktemp("packs") / "faults")
    path = folder / "region.toml"
    path.write_text(path.read_text("utf8").replace("[calendar]", f"{RULES}\n[calendar]"), "utf8")
    return folder


@pytest.fixture(scope="session")
def calendar(plain_pack: Path, indexes: Path) -> Calendar:
    return region.load(plain_pack, indexes).calendar


@pytest.fixture
def start(plain_pack: Path, database_url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start processes on one database; none outlives the test."""
    with ExitStack() as stack:

        def start(name: str, *, ready: bool = True, settings: dict[str, str] | None = None, **more: Any) -> Process:
            own = {
                "ONEMAP_REGION": str(plain_pack),
                "ONEMAP_DATABASE_URL": database_url,
                "ONEMAP_PACK_FOLDER": str(tmp_path / "packs"),
                "ONEMAP_LEASE_SECONDS": "1",
                "ONEMAP_NOTIFY_SECONDS": "0.1",
                "ONEMAP_POLL_MS": "50",
            }
            process = Process(tmp_path, own | (settings or {}), name, **more)
            stack.callback(process.kill)
            process.start()
            return process.ready() if ready else process

        yield start


@pytest.fixture
def sound(database_url: str, calendar: Calendar) -> Callable[[], Engine]:
    """Check what must hold of the database, and give an engine to look further."""
    engines = []

    def check() -> Engine:
        engine = open_engine(database_url)
        engines.append(engine)
        assert broken(engine, calendar) == []
        return engine

    yield check
    for engine in engines:
        engine.dispose()


def a_report(source_id: str, **more: Any) -> dict[str, Any]:
    """A report of just now."""
    return report(source_id, occurred_at=datetime.now(UTC).replace(microsecond=0).isoformat(), **more)


def post(url: str, body: dict[str, Any], **more: Any) -> httpx.Response:
    return httpx.post(f"{url}/api/v1/cases", json=body, timeout=30, **more)
