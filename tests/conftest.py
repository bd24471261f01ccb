"""Fixtures for everybody: an empty, migrated database of each kind, and the Cixi region."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from data import region
from data.engine import migrate, open_engine
from tests.environment import postgres

ROOT = Path(__file__).parent.parent

# No test fails because the machine was busy for a fifth of a second.
settings.register_profile("onemap", deadline=None)
settings.load_profile("onemap")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server]:
    """A PostgreSQL with PostGIS that belongs to this test run alone (with xdist: to this worker)."""
    try:
        with postgres.running() as server:
            yield server
    except postgres.Unavailable as error:
        pytest.exit(str(error), returncode=3)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: postgres.Server) -> str:
    """Name of a migrated database from which fresh ones are copied: far quicker than migrating each."""
    name = postgresql_server.create()
    engine = open_engine(postgresql_server.url(name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file from which fresh ones are copied."""
    path = tmp_path_factory.mktemp("template") / "onemap.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    # What still stands in the write-ahead log would not be copied with the file.
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of a fresh, migrated, empty SQLite file."""
    path = tmp_path / "onemap.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: postgres.Server, postgresql_template: str) -> Iterator[str]:
    """Address of a fresh, migrated, empty PostgreSQL database."""
    name = postgresql_server.create(postgresql_template)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh, migrated, empty database: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated, empty database of each kind."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder of indexes for the whole run, so that Cixi's are built once and not by every server."""
    base = tmp_path_factory.getbasetemp()
    # With xdist, every worker has a folder of its own within that of the run.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "indexes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONEMAP_INDEX_FOLDER", str(folder))
        yield folder


@pytest.fixture(scope="session")
def cixi(indexes: Path) -> region.Region:
    """The Cixi region pack, loaded once."""
    return region.load(ROOT / "data" / "regions" / "cixi", indexes)
