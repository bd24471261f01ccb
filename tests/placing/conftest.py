"""The toy county, loaded once."""

import pytest

from data.region import load
from tests.region.packs import write_pack


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    return load(write_pack(tmp_path_factory.mktemp("packs") / "toy"))
