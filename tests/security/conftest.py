"""The door of tests.access, and an application that stands open."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from dashboard.auth import ROUTES
from dashboard.auth.origin import SAFE
from tests.access.conftest import (  # noqa: F401 - fixtures
    Door,
    access_app,
    access_settings,
    door,
    quick_hashes,
)
from tests.access.test_every_role import ENDLESS, body_of, filled, world  # noqa: F401 - a fixture
from tests.api.conftest import Caller, app, called, client, settings, small_pack, watch  # noqa: F401 - fixtures

READING = [(method, path) for method, path in ROUTES if method in SAFE and path != ENDLESS]
CHANGING = [(method, path) for method, path in ROUTES if method not in SAFE]


@pytest.fixture
def open_client(app: FastAPI) -> Iterator[Caller]:  # noqa: F811
    """Calls an application in which nobody has to sign in."""
    with called(app) as caller:
        yield caller


def asked(door: Door, somebody: Any, method: str, path: str, number: str, **more: Any) -> Any:  # noqa: F811
    """Call a route with something real in its places."""
    body = body_of(path, somebody.name) if method not in SAFE else None
    return somebody.request(method, filled(path, number, door), json=body, **more)
