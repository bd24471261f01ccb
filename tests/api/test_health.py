"""What the operator and a repeating client are told when something is wrong."""

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from dashboard.server.truth import Truth
from data import views
from data.store import SqlCaseStore
from tests.api.conftest import Caller, Watch, called, report


def away(*_: object, **__: object) -> None:
    raise OperationalError("SELECT 1", {}, ConnectionError("connection refused by 10.0.0.7"))


def test_a_ready_server_says_how_far_it_is(client: Caller) -> None:
    client.post("/api/v1/cases", json=report())
    assert client.get("/healthz").json()["status"] == "ok"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["revision"]) == (200, "ready", 1)


def test_a_database_that_is_away_is_told_and_the_client_may_repeat(
    client: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(SqlCaseStore, "numbered", away)
        broken.setattr(views, "latest_revision", away)
        refused = client.post("/api/v1/cases", json=report())
        assert (refused.status_code, refused.json()["error"]) == (503, "database_away")
        assert refused.headers["retry-after"] == "2"
        assert "10.0.0.7" not in refused.text
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    assert client.post("/api/v1/cases", json=report()).status_code == 201


def test_a_board_that_cannot_follow_is_told(client: Caller, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Truth, "changes", away)
    watch.pass_by(seconds=60)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["error"]) == (503, "board_stale")
    assert "60 s" in answer.json()["detail"]


def test_an_error_of_our_own_is_logged_and_not_shown(
    client: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(SqlCaseStore, "numbered", stumble)
    answer = client.post("/api/v1/cases", json=report())
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "POST /api/v1/cases" in caplog.text
    assert "secret inside" in caplog.text


def test_an_application_can_be_stopped_and_started_again(app: FastAPI) -> None:
    with called(app) as first:
        number = first.post("/api/v1/cases", json=report()).json()["number"]
    with called(app) as second:
        assert second.get(f"/api/v1/cases/{number}").status_code == 200
        assert second.board(revision=1)["figures"]["pending"] == 1
        assert second.post("/api/v1/cases", json=report("2")).status_code == 201
