"""Exports through the API: asked for, made in a process of their own, looked at, downloaded, cancelled, forgotten."""

import io
import json
import time
from datetime import timedelta
from hashlib import sha256

import openpyxl
import pytest
from fastapi import FastAPI

from dashboard.server import create_app
from dashboard.server.exporting import Exporting
from dashboard.settings import Settings
from tests.access.conftest import Door, forget_cookies
from tests.access.test_every_role import make
from tests.api.conftest import Caller, called, small_pack, watch  # noqa: F401 - fixtures

PATH = "/api/v1/exports"


@pytest.fixture
def app(small_pack, database_url, watch, tmp_path) -> FastAPI:  # noqa: F811
    given = {"region": str(small_pack), "database_url": database_url, "export_folder": str(tmp_path / "exports")}
    return create_app(Settings(**given, poll_ms=50, access="accounts"), now=watch)


@pytest.fixture
def door(app, watch):  # noqa: F811
    with called(app) as caller:
        forget_cookies(caller)
        yield Door(caller, app.state.services, watch)


def ended(somebody, url: str) -> dict:
    deadline = time.monotonic() + 60
    while (said := somebody.get(url).json())["state"] not in ("done", "failed"):
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return said


def test_an_export_holds_ones_own_cases_and_is_nobody_elses(door: Door) -> None:
    own, _other = make(door, "own", 0), make(door, "other", 7)
    leader = door.be("leader")
    asked = leader.post(PATH, {"form": "xlsx", "lang": "en"})
    assert asked.status_code == 202, asked.text
    url = asked.headers["location"]
    said = ended(leader, url)
    assert (said["state"], said["done"], said["total"]) == ("done", 1, 1), said
    assert [one["name"] for one in said["files"]] == ["cases-0001.xlsx", "manifest.json"]
    book = leader.get(said["files"][0]["url"])
    assert sha256(book.content).hexdigest() == said["files"][0]["sha256"]
    head, row = openpyxl.load_workbook(io.BytesIO(book.content))["cases"].iter_rows(values_only=True)
    found = dict(zip(head, row, strict=True))
    assert (found["number"], found["matter_name"], found["township_name"]) == (own, "Smoke", "Township 330200001")
    manifest = json.loads(leader.get(said["files"][1]["url"]).content)
    assert (manifest["rows"], manifest["region"]) == (1, "small")
    assert [one["id"] for one in leader.get(PATH).json()["exports"]] == [said["id"]]

    commander = door.be("commander")
    assert commander.get(PATH).json() == {"exports": []}
    for method, path in (("GET", url), ("DELETE", url), ("POST", f"{url}/resume"), ("GET", said["files"][0]["url"])):
        assert commander.request(method, path).status_code == 404, path
    assert leader.get(f"{url}/files/..%2F..%2Fonemap.db").status_code == 404
    assert leader.post(f"{url}/resume").json()["error"] == "export_error"


def test_a_cancelled_export_and_its_files_are_gone(door: Door, app: FastAPI, tmp_path) -> None:
    make(door, "own", 0)
    commander = door.be("commander")
    said = ended(commander, commander.post(PATH, {"form": "parquet"}).headers["location"])
    folder = tmp_path / "exports" / str(said["id"])
    assert sorted(path.name for path in folder.iterdir()) == ["cases-0001.parquet", "manifest.json"]
    assert commander.request("DELETE", f"{PATH}/{said['id']}").status_code == 204
    assert not folder.exists()
    assert commander.get(f"{PATH}/{said['id']}").status_code == 404


def test_an_export_is_kept_for_some_days(door: Door, app: FastAPI, watch, tmp_path) -> None:  # noqa: F811
    commander = door.be("commander")
    said = ended(commander, commander.post(PATH, {"form": "parquet"}).headers["location"])
    assert said["kept_until"] > said["ended_at"]
    sweeping = Exporting(app.state.services)
    sweeping.sweep()
    assert commander.get(PATH).json()["exports"]
    watch.now += timedelta(days=3650)
    sweeping.sweep()
    assert app.state.services.settings.export_days == 7
    assert not (tmp_path / "exports" / str(said["id"])).exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [({"form": "pdf"}, "form"), ({"form": "xlsx", "colour": "red"}, "colour"), ({"form": "xlsx", "from": "x"}, "from")],
)
def test_a_wish_that_cannot_be_met_is_refused(door: Door, body, said) -> None:
    answer = door.be("commander").post(PATH, body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_an_export_that_fails_says_why_and_can_be_resumed(door: Door, tmp_path) -> None:
    make(door, "own", 0)
    commander = door.be("commander")
    (tmp_path / "exports").write_text("in the way", encoding="utf8")
    said = ended(commander, commander.post(PATH, {"form": "parquet"}).headers["location"])
    assert said["state"] == "failed"
    assert "FileExistsError" in said["message"] or "NotADirectoryError" in said["message"]
    (tmp_path / "exports").unlink()
    assert commander.post(f"{PATH}/{said['id']}/resume").status_code == 202
    assert ended(commander, f"{PATH}/{said['id']}")["state"] == "done"
