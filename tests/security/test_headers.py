"""What every answer carries, as it is served: own scripts alone, no frame, no sniffing, nothing private kept."""

import re
from typing import Any

import pytest
from fastapi import FastAPI

from dashboard.auth import PAGES, ROUTES
from dashboard.auth.roles import PUBLIC
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.access.conftest import Door, forget_cookies
from tests.access.test_every_role import PAGES_OF, own_of
from tests.api.conftest import Caller, called, report
from tests.api.test_every_route_answers import digest_of
from tests.security.conftest import CHANGING, READING, asked

FETCH_DIRECTIVES = {"default-src", "script-src", "connect-src", "worker-src", "base-uri", "form-action", "object-src"}
STRANGERS = ("/no/such/page", "/api/nothing", "/assets/none.js", "/geo/0/none", "/case/../../etc/passwd")


def directives(answer: Any) -> dict[str, list[str]]:
    """The policy of an answer, by directive."""
    parts = [one.split() for one in answer.headers["content-security-policy"].split(";")]
    return {name: values for name, *values in parts}


def assert_safe(answer: Any, about: str) -> None:
    found = directives(answer)
    assert found.keys() >= FETCH_DIRECTIVES, about
    assert all(one == "'self'" or one.startswith("'sha256-") for one in found["script-src"]), f"{about}: {found}"
    assert found["default-src"] == found["base-uri"] == found["form-action"] == ["'self'"], about
    assert found["object-src"] == ["'none'"], about
    assert found["frame-ancestors"] == ["'self'"], about
    assert not any("unsafe-eval" in one or "*" in one or "http" in one for values in found.values() for one in values)
    assert answer.headers["x-content-type-options"] == "nosniff", about
    assert answer.headers["x-frame-options"] == "SAMEORIGIN", about
    assert answer.headers["referrer-policy"] == "same-origin", about
    assert answer.headers["cross-origin-opener-policy"] == "same-origin", about
    assert answer.headers["cross-origin-resource-policy"] == "same-origin", about
    assert "camera=()" in answer.headers["permissions-policy"], about
    assert "server" not in answer.headers, f"{about}: names its server"
    assert "access-control-allow-origin" not in answer.headers, f"{about}: lends itself to other sites"


def assert_scripts_are_allowed(answer: Any, about: str) -> None:
    """No script in a page but those of files and of the policy's hashes; none in an attribute."""
    page = re.sub(r"<!--.*?-->", "", answer.text, flags=re.DOTALL)
    allowed = directives(answer)["script-src"]
    for attributes, script in re.findall(r"<script\b([^>]*)>(.*?)</script>", page, re.DOTALL):
        if "application/json" in attributes:
            continue
        source = re.search(r'src="([^"]*)"', attributes)
        assert source or digest_of(script) in allowed, f"{about}: {script[:80]}"
        assert source is None or (source[1].startswith("/") and not source[1].startswith("//")), about
    tags = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\son\w+\s*=", tags), f"{about}: a handler in an attribute"
    assert "javascript:" not in tags, about


def test_every_answer_to_everybody_carries_the_policy_and_its_sisters(door: Door, world: dict[str, str]) -> None:
    seen = set()
    for name in ("commander", "administrator", "nobody"):
        somebody = door.be(name)
        for method, path in [*READING, *CHANGING, *(("GET", one) for one in STRANGERS)]:
            if (method, path) in ROUTES:
                somebody = door.be(name)  # signing out would end the others
                answer = asked(door, somebody, method, path, world["own"])
            else:
                answer = somebody.get(path)
            assert_safe(answer, f"{name} {method} {path}: {answer.status_code}")
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert_scripts_are_allowed(answer, path)
            seen.add(answer.status_code)
    assert seen >= {200, 201, 303, 401, 403, 404, 422}


def test_every_page_runs_scripts_of_our_own_alone(door: Door, world: dict[str, str]) -> None:
    tried = set()
    for page, template in PAGES_OF:
        path = template.format(own=own_of(world, "commander"))
        for name in ("commander", "administrator", "kiosk"):
            answer = door.be(name).get(path, headers={"Accept": "text/html"})
            assert_safe(answer, path)
            assert_scripts_are_allowed(answer, path)
        tried.add(page)
    assert tried == set(PAGES)


@pytest.mark.parametrize("path", ["/login", "/login?why=ended&next=/wall", "/offline", "/result/x", "/api/docs"])
def test_documents_run_scripts_of_our_own_alone(open_client: Caller, path: str) -> None:
    answer = open_client.get(path)
    assert_safe(answer, path)
    assert_scripts_are_allowed(answer, path)


def test_refusals_from_before_the_gate_carry_them_too(open_client: Caller) -> None:
    large = open_client.request("POST", "/api/v1/cases", content=b"x" * 2_000_000)
    packed = open_client.post("/api/v1/cases", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (large.status_code, packed.status_code) == (413, 415)
    for answer in (large, packed):
        assert_safe(answer, str(answer.status_code))


def test_an_error_of_our_own_carries_them_too_and_tells_nothing(
    open_client: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret of our insides")

    monkeypatch.setattr("dashboard.api.cases.views.case_page", broken)
    answer = open_client.get("/api/v1/cases/SM20261124-00001")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert_safe(answer, "500")


def test_what_is_private_is_kept_by_nobody_on_the_way(door: Door, world: dict[str, str]) -> None:
    for method, path in READING:
        answer = asked(door, door.be("commander"), method, path, world["own"])
        kept = answer.headers.get("cache-control", "")
        if ROUTES[method, path].roles is not PUBLIC:
            assert "public" not in kept, f"{path}: {kept}"
            assert "private" in kept or "no-store" in kept, f"{path}: {kept!r}"
    secret = door.be("administrator").post("/api/v1/tokens", {"kind": "kiosk", "name": "hall"})
    assert secret.headers["cache-control"] == "no-store"


def test_over_https_browsers_are_told_to_stay_there(small_pack: Any, sqlite_url: str, watch: Any) -> None:
    settings = Settings(region=str(small_pack), database_url=sqlite_url, public_url="https://map.example")
    with called(create_app(settings, now=watch)) as caller:
        assert caller.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def test_over_http_nothing_is_said_of_https(open_client: Caller) -> None:
    assert "strict-transport-security" not in open_client.get("/healthz").headers


def test_files_are_offered_under_their_own_type_and_name(open_client: Caller) -> None:
    number = open_client.post("/api/v1/cases", json=report("<svg onload=alert(1)>")).json()["number"]
    page = open_client.get(f"/api/v1/cases/{number}")
    assert page.headers["content-type"] == "application/json"
    table = open_client.get("/api/v1/case-table.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].startswith("attachment")


def test_the_web_socket_of_dash_is_shut(access_app: FastAPI, door: Door) -> None:
    forget_cookies(door.caller)
    answer = door.be("administrator").get("/_dash-ws-callback", headers={"Upgrade": "websocket"})
    assert answer.status_code in (403, 404, 426)
