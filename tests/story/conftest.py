"""The hub of the stories, once on each kind of database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api.conftest import Watch, called
from tests.story.hub import Hub


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    """Cixi on an empty database, early on a Tuesday."""
    watch = Watch()
    watch.now = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    with called(create_app(Settings(region="cixi", database_url=database_url, poll_ms=50), now=watch)) as client:
        yield Hub(client, watch)
