"""What commands work on: the database, and the region as it is published there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url

from dashboard.settings import Settings
from data import publishing, tables
from data.engine import migrate, open_engine
from data.region import Region, load


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """Open the database and bring it up to date."""
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def looked_at(settings: Settings) -> Iterator[Engine | None]:
    """Open the database for reading; None where there is none yet, or none that could hold boundaries.

    Nothing is made and nothing is brought up to date: whoever only looks leaves everything as it is.
    """
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield None
        return
    engine = open_engine(url)
    try:
        yield engine if inspect(engine).has_table(tables.boundary_publications.name) else None
    finally:
        engine.dispose()


def region_of(settings: Settings) -> Region:
    """Load the region with the boundaries that are published, for commands that write no cases."""
    with looked_at(settings) as engine:
        folder, indexes = settings.region_folder(), settings.indexes()
        return load(folder, indexes) if engine is None else publishing.load(folder, engine, indexes)
