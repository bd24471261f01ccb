"""OGC API Features under sign-in: areas for whoever reads lists, of the cases one's own, and GDAL with a key."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from dashboard.api.parse import ReportIn
from dashboard.server import create_app
from tests.access.conftest import OTHER, OWN, TEST, Door
from tests.access.test_every_role import make
from tests.api import pack
from tests.api.conftest import report, serve  # noqa: F401 - fixture

MINE, ELSEWHERE, BY_PHONE = (0, "grid"), (7, "grid"), (1, "hotline")
"""Cell and source of the three cases: own township and source, the other township, the other source."""
SEEN = {
    "leader": {MINE, BY_PHONE},
    "reporter": {MINE, ELSEWHERE},
    "commander": {MINE, ELSEWHERE, BY_PHONE},
    "administrator": set(),
}


@pytest.fixture
def numbers(door: Door) -> dict[tuple[int, str], str]:
    """Three cases: where and by whom they were reported, to their numbers."""
    return {
        (cell, source): make(door, f"{cell}-{source}", cell, "SD-01", source)
        for cell, source in (MINE, ELSEWHERE, BY_PHONE)
    }


@pytest.mark.parametrize("name", SEEN)
def test_everybody_sees_the_areas_and_of_the_cases_their_own(door: Door, numbers, name: str) -> None:
    somebody = door.be(name)
    townships = somebody.get("/ogc/collections/township/items").json()["features"]
    assert [one["id"] for one in townships] == [OWN, OTHER]
    wanted = {numbers[one] for one in SEEN[name]}
    found = somebody.get("/ogc/collections/cases/items").json()
    assert {one["id"] for one in found["features"]} == wanted
    assert found["numberMatched"] == len(wanted), "the number of all says nothing of what is not shown"
    for number in numbers.values():
        status = somebody.get(f"/ogc/collections/cases/items/{number}").status_code
        assert status == (200 if number in wanted else 404)


def test_who_has_not_signed_in_gets_nothing(door: Door, numbers) -> None:
    for path in ("/ogc", "/ogc/collections", "/ogc/collections/township/items", "/ogc/collections/cases/items"):
        assert door.anybody().get(path).status_code == 401
        assert door.kiosk().get(path).status_code == 403


READ = """
import json, sys, geopandas, pyogrio
address, key = sys.argv[1:]
if key:
    # Not GDAL_HTTP_HEADERS: the driver of GDAL 3.12 puts its own Accept in their place.
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": key})
try:
    names = [name for name, _ in pyogrio.list_layers(address)]
    cells = geopandas.read_file(address, layer="grid")["code"].tolist()
    cases = geopandas.read_file(address, layer="cases")
    print(json.dumps({"layers": names, "cells": cells, "sources": sorted(cases["source"])}))
except pyogrio.errors.DataSourceError as error:
    print(json.dumps({"refused": str(error)}))
"""


def read(address: str, key: str) -> dict:
    # In a process of its own: GDAL waits for its answers with Python's lock in hand, and the server lives in this one.
    command = [sys.executable, "-c", READ, address, key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_gdal_reads_with_a_key_what_the_key_may_see(access_settings, serve: Callable) -> None:  # noqa: F811
    app = create_app(access_settings)
    services = app.state.services
    now = services.now()
    for n, source in enumerate(("grid", "grid", "hotline")):
        lon, lat = pack.centre(n)
        place = {"x": lon, "y": lat, "crs": "EPSG:4490"}
        said = report(f"{n}", source=source, occurred_at=now.isoformat(), point=place)
        services.desk.receive(ReportIn(**said).report(), now)
    _, key = services.access.managing.add_key("qgis", "grid", TEST)
    address = f"OAPIF:{serve(app)}/ogc"
    assert "401" in read(address, "")["refused"]
    found = read(address, key)
    assert "refused" not in found, found
    assert {"township", "village", "grid", "cases"} <= set(found["layers"])
    assert len(found["cells"]) == 8
    assert found["sources"] == ["grid", "grid"]
