"""What whoever runs the product can ask it: figures for Prometheus, logs that can be followed, nothing personal."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard import logs
from dashboard.api import health
from dashboard.cli.serve import shown_url
from dashboard.server import create_app
from dashboard.settings import Settings
from data import leases, tracing
from data.engine import open_engine, reading, writing
from tests.api.conftest import NOW, Caller, Watch, called, report


def figures(client: Caller, **headers: str) -> dict[tuple[str, ...], float]:
    """Name and labels to value, of all that /metrics tells."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(f"{name}={value}" for name, value in sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_reports_are_counted_by_source_and_outcome(both_clients: Caller) -> None:
    client = both_clients
    client.post("/api/v1/cases", json=report("1"))
    client.post("/api/v1/cases", json=report("1"))
    client.post("/api/v1/cases", json=report("1", description="另一件"))
    client.post("/api/v1/cases", json=report("2", source="hotline"))
    client.post("/api/v1/cases", json=report("3", source="made-up"))
    found = {key[1:]: value for key, value in figures(client).items() if key[0] == "onemap_reports_total" and value}
    assert found == {
        ("outcome=stored", "source=grid"): 1,
        ("outcome=repeated", "source=grid"): 1,
        ("outcome=refused", "source=grid"): 1,
        ("outcome=stored", "source=hotline"): 1,
        ("outcome=refused", "source=unknown"): 1,
    }


def test_cases_and_clocks_are_told_by_level_as_time_passes(both_clients: Caller, watch: Watch) -> None:
    client = both_clients
    client.post("/api/v1/cases", json=report("1", matter="YJS-01"))
    client.board(revision=1)
    for minutes, level in ((0, "green"), (25, "amber"), (30, "red")):
        watch.now = NOW
        watch.pass_by(minutes=minutes)
        found = figures(client)
        cases = {key[1]: value for key, value in found.items() if key[0] == "onemap_open_cases"}
        assert {name for name, value in cases.items() if value} == {f"level={level}"}
        clocks = {key[1:]: value for key, value in found.items() if key[0] == "onemap_running_clocks" and value}
        assert clocks[("kind=respond", f"level={level}")] == 1


def test_requests_are_measured_by_route_and_no_made_up_address_becomes_a_label(client: Caller) -> None:
    number = client.post("/api/v1/cases", json=report()).json()["number"]
    for path in (f"/api/v1/cases/{number}", "/api/v1/cases/SM20261124-99999", "/wall", "/no/such/1", "/api/v1/nothing"):
        client.get(path)
    seen = {key[1:]: value for key, value in figures(client).items() if key[0] == "onemap_request_seconds_count"}
    routes = {label.removeprefix("route=") for key in seen for label in key if label.startswith("route=")}
    assert routes == {"/api/v1/cases", "/api/v1/cases/{number}", "other"}
    assert seen[("method=GET", "route=/api/v1/cases/{number}", "status=404")] == 1
    assert seen[("method=POST", "route=/api/v1/cases", "status=201")] == 1


def test_the_board_the_pool_the_leases_and_the_build_are_told(both_clients: Caller) -> None:
    client = both_clients
    client.post("/api/v1/cases", json=report())
    client.board(revision=1)
    found = figures(client)
    names = {key[0] for key in found}
    assert found[("onemap_database_up",)] == 1
    assert found[("onemap_revision",)] == 1
    assert found[("onemap_board_lag_revisions",)] == 0
    assert found[("onemap_stream_clients",)] == 0
    assert found[("onemap_lease_mine", "name=notices")] == 1
    assert {"onemap_info", "onemap_pool_connections", "onemap_board_age_seconds", "onemap_sent_bytes_total"} <= names
    (info,) = [key for key in found if key[0] == "onemap_info"]
    assert "region=small" in info


def test_a_database_that_is_away_takes_away_only_what_comes_from_it(
    client: Caller, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise IntegrityError("SELECT", {}, ConnectionError())

    monkeypatch.setattr(leases, "standing", away)
    found = figures(client)
    assert found[("onemap_database_up",)] == 0
    assert ("onemap_open_cases", "level=green") in found
    assert ("onemap_revision",) not in found


def test_who_may_read_them_is_whoever_has_the_key_and_the_key_opens_nothing_else(
    small_pack: Path, sqlite_url: str, watch: Watch
) -> None:
    closed = Settings(region=str(small_pack), database_url=sqlite_url, access="accounts", metrics_key="Geheim-9")
    with called(create_app(closed, now=watch)) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": "Bearer falsch"}).status_code == 401
        assert client.get("/metrics", headers={"Authorization": b"Bearer Schl\xfcssel"}).status_code == 401
        key = {"Authorization": "Bearer Geheim-9"}
        assert figures(client, **key)[("onemap_database_up",)] == 1
        assert client.get("/api/v1/board", headers=key).status_code == 401
        assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


# --- probes ---


def test_every_check_that_fails_is_named(client: Caller, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json()["checks"] == dict.fromkeys(health.CHECKS, "ok")
    monkeypatch.setattr(health, "is_up_to_date", lambda _: False)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 7 * 2**20}))
    said = client.get("/readyz")
    assert (said.status_code, said.json()["error"]) == (503, "migrations_missing")
    assert said.json()["checks"] == {
        "stopping": "ok", "database": "ok", "board": "ok", "migrations": "migrations_missing", "disk": "disk_full",
    }  # fmt: skip
    assert "The tables are older than the code" in said.json()["detail"]
    assert "7 MB left, less than 100" in said.json()["detail"]


def test_a_process_that_is_told_to_end_says_so_and_opens_no_stream(client: Caller, app: FastAPI) -> None:
    app.state.services.live.close()
    said = client.get("/readyz")
    assert (said.status_code, said.json()["error"]) == (503, "stopping")
    assert client.get("/healthz").status_code == 200
    refused = client.get("/api/v1/stream")
    assert (refused.status_code, refused.json()["error"]) == (503, "stopping")
    stored = client.post("/api/v1/cases", json=report())
    assert stored.status_code == 201, "what comes meanwhile is answered"
    assert stored.headers["connection"] == "close", "and the next one goes elsewhere"


# --- request ids ---


def test_an_id_is_given_back_and_a_strange_one_is_replaced(client: Caller) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "proxy-7.a_b"}).headers["x-request-id"] == "proxy-7.a_b"
    made = client.get("/healthz").headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    for strange in ("", "a b", "x" * 57, "'; SET ROLE postgres; --", "é"):
        given = client.get("/healthz", headers={"X-Request-Id": strange.encode("latin1")}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{32}", given), strange


def test_postgresql_knows_the_request_of_a_transaction(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    name = text("SELECT current_setting('application_name')")
    token = tracing.REQUEST.set("r-77")
    try:
        for way in (reading, writing):
            with way(engine) as connection:
                assert connection.execute(name).scalar_one() == "onemap r-77"
    finally:
        tracing.REQUEST.reset(token)
    with reading(engine) as connection:
        assert connection.execute(name).scalar_one() == "onemap", "the next one does not inherit it"
    engine.dispose()


# --- logs ---


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the server tells, as JSON, from the finest level that is ours."""
    root, sink = logging.getLogger(), io.StringIO()
    before, level, levels = list(root.handlers), root.level, {name: logging.getLogger(name).level for name in logs.OURS}
    handler = logging.StreamHandler(sink)
    handler.setFormatter(logs.Lines())
    root.addHandler(handler)
    for name in logs.OURS:
        logging.getLogger(name).setLevel("INFO")
    yield sink
    root.handlers[:] = before
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)


def lines(sink: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_every_line_of_a_request_has_its_id_down_to_the_slow_statement(
    small_pack: Path, database_url: str, watch: Watch, told: io.StringIO
) -> None:
    settings = Settings(region=str(small_pack), database_url=database_url, slow_query_ms=1)
    app = create_app(settings, now=watch)
    tracing.watch(app.state.services.engine, 0.0)
    with called(app) as client:
        client.post("/api/v1/cases", json=report(), headers={"X-Request-Id": "door-1"})
    mine = [line for line in lines(told) if line.get("request") == "door-1"]
    assert any("Slow: store.add" in line["message"] or "Slow: store." in line["message"] for line in mine)
    (access,) = [line for line in mine if line["logger"] == "dashboard.access"]
    assert (access["method"], access["path"], access["status"]) == ("POST", "/api/v1/cases", 201)
    assert access["ms"] > 0
    assert access["bytes"] > 100


def test_no_log_holds_a_contact_or_a_secret(
    small_pack: Path, database_url: str, watch: Watch, told: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(region=str(small_pack), database_url=database_url, slow_query_ms=1, metrics_key="Geheim-9")
    app = create_app(settings, now=watch)
    tracing.watch(app.state.services.engine, 0.0)
    contact = {"name": "王小明", "phone": "13812345678"}
    with called(app) as client:
        number = client.post("/api/v1/cases", json=report("1", contact=contact)).json()["number"]
        client.post(f"/api/v1/cases/{number}/contact", json={"reason": "回访"})
        client.get("/wall?kiosk=Torschluessel-1")
        client.get("/metrics", headers={"Authorization": "Bearer Geheim-9"})
        # A row that the database refuses is quoted by PostgreSQL, and by SQLAlchemy with all its values.
        engine = app.state.services.engine
        with pytest.raises(Exception) as refused, writing(engine) as connection:  # noqa: PT011
            connection.execute(
                text(
                    "INSERT INTO audit (at, what, account, address, target, detail) VALUES (NULL, :w, :a, '', '', '{}')"
                ),
                {"w": "王小明 13812345678", "a": "330282199001011234"},
            )
        logging.getLogger("dashboard").error("It is refused", exc_info=refused.value)
        desk = app.state.services.desk

        def stumble(*_: object) -> None:
            raise IntegrityError(
                "INSERT", {"phone": "13812345678"}, ValueError("DETAIL: Failing row contains (王小明)")
            )

        monkeypatch.setattr(type(desk), "record", stumble)
        client.post(
            f"/api/v1/cases/{number}/events",
            json={"kind": "commented", "occurred_at": NOW.isoformat(), "actor": "command", "data": {"text": "好"}},
        )
    said = told.getvalue()
    assert "It is refused" in said
    for secret in ("王小明", "13812345678", "330282199001011234", "Torschluessel-1", "Geheim-9"):
        assert secret not in said, secret
    assert number in said, "what a log is for stays"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /wall?kiosk=abc&x=1", "GET /wall?kiosk=…&x=1"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("postgresql://one:map@host/db", "postgresql://one:…@host/db"),
        ("call 13812345678 now", "call 1… now"),
        ("at 1790000000000 ms", "at 1790000000000 ms"),
        ("CX20261001-00001", "CX20261001-00001"),
        ("id 33028219900101123X", "id …"),
        ("121.40571381234567", "121.40571381234567"),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out_and_the_rest_is_not(said: str, kept: str) -> None:
    assert logs.blotted(said) == kept


def test_lines_for_people_are_one_line_with_time_level_and_place() -> None:
    record = logging.LogRecord("data.engine", logging.WARNING, "", 0, "It is %s", ("late",), None)
    token = tracing.REQUEST.set("r-1")
    said = logs.Human().format(record)
    tracing.REQUEST.reset(token)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING data\.engine \[r-1\]: It is late", said)


def test_an_address_of_a_database_is_told_without_its_password() -> None:
    assert "geheim" not in shown_url("postgresql+psycopg://onemap:geheim@host/db")
    assert shown_url("no url at all") == "no url at all:…"


def test_an_error_of_our_own_keeps_the_id_of_its_request_and_is_counted(
    client: Caller, monkeypatch: pytest.MonkeyPatch, told: io.StringIO
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("data.store.SqlCaseStore.numbered", stumble)
    answer = client.post("/api/v1/cases", json=report(), headers={"X-Request-Id": "door-9"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "door-9")
    (line,) = [line for line in lines(told) if line["logger"] == "dashboard.api.errors"]
    assert line["request"] == "door-9"
    assert "ZeroDivisionError" in line["error"]
    assert figures(client)[("onemap_request_seconds_count", "method=POST", "route=/api/v1/cases", "status=500")] == 1
