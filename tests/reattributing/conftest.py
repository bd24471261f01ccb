"""A desk over each kind of database, and the change of 2024-11-20."""

import pytest
from sqlalchemy import Engine

from cases.desk import Desk
from data.reattributing import Change, Comparison, change_of
from data.region import Region
from tests.reattributing import county


@pytest.fixture
def desk(cixi: Region, engine: Engine) -> Desk:
    return county.desk(cixi, engine)


@pytest.fixture(scope="session")
def change(cixi: Region) -> Change:
    return change_of(cixi, "first", "2024-11-20")


@pytest.fixture(scope="session")
def comparison(cixi: Region, change: Change) -> Comparison:
    return Comparison(cixi, change)
