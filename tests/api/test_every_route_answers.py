"""In a fresh database, every route, page and command answers."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from typer.main import get_command
from typer.testing import CliRunner

from dashboard.cli import app as commands
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api.conftest import Caller, called, report

# Streams do not end by themselves; they are tried in test_stream.
ENDLESS = {"/api/v1/stream"}
# What a fresh database does not have.
UNKNOWN = ("{number}", "{path", "{subject}", "{publication}", "{draft}", "{day}", "{feature}", "{asked}")
# What a route cannot do without.
NEEDED = {
    "/api/v1/history/density": "?from=2026-11-24T00:00:00Z",
    "/api/v1/assessment/cases": "?unit=zhzf-001&indicator=disposal",
    "/api/v1/routes": "?matter=SD-01",
    "/api/v1/tokens": "?kind=kiosk",
}
# What only leads somewhere else.
LEADS_ON = {"/oidc/start", "/oidc/callback"}


def paths_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every (method, path) that the application knows."""
    for context in iter_route_contexts(app.routes):
        for method in sorted(getattr(context, "methods", None) or {"GET"}):
            path = getattr(context, "path", None)
            # A mount is a folder: its files are tried where pages name them.
            if path is not None and method != "HEAD" and not isinstance(context.original_route, Mount):
                yield method, path


def filled(path: str, client: Caller) -> str:
    """The path with something real in its places."""
    region = client.get("/api/v1/region").json()
    _, _, digest, name = region["layers"]["grid"]["url"].split("/")
    values = {
        "number": "SM20261124-00001",
        "code": "SD-01",
        "notice": "1",
        "digest": digest,
        "name": name,
        "package_name": "dash",
        "fingerprinted_path": "dash-renderer/build/dash_renderer.min.js",
        "path": "no/such/page",
        "asked": "1",
        "subject": "site:nowhere",
        "publication": "1",
        "draft": "none",
        "form": "svg",
        "day": "2026-11-23",
        "feature": "none",
        "file": "cases-0001.xlsx",
        "path:path": "no/such/page",
    }
    if path.startswith("/ogc/"):
        values["name"] = "grid"
    return re.sub(r"{(\w+)(?::path)?}", lambda found: values[found[1]], path) + NEEDED.get(path, "")


def test_every_route_answers_in_a_fresh_database(client: Caller, app: FastAPI) -> None:
    tried = []
    for method, path in paths_of(app):
        if path in ENDLESS or path.endswith("_dash-ws-callback"):
            continue
        body = navigation("/wall") if path == "/_dash-update-component" else {}
        answer = client.request(method, filled(path, client), json=body)
        assert answer.status_code < 500, f"{method} {path}: {answer.text[:300]}"
        if not any(name in path for name in UNKNOWN) and method == "GET" and path != "/api":
            assert answer.status_code == (303 if path in LEADS_ON else 200), f"{method} {path}: {answer.status_code}"
        tried.append(path)
    assert {"/api/v1/cases", "/api/v1/cases/{number}/events", "/api/v1/board", "/api/docs", "/healthz"} <= set(tried)


def pages() -> dict[str, dict[str, Any]]:
    return {page["module"]: page for page in dash.page_registry.values()}


def test_every_page_answers_and_draws_itself(client: Caller, app: FastAPI) -> None:
    number = client.post("/api/v1/cases", json=report()).json()["number"]
    filled_in = {"code": "330200001", "number": number}
    assert {page["path_template"] or page["path"] for page in pages().values()} >= {
        "/",
        "/wall",
        "/township/<code>",
        "/case/<number>",
        "/lists",
        "/lists/<code>",
    }
    for page in pages().values():
        template = page["path_template"] or page["path"]
        for path in {template, re.sub(r"<(\w+)>", lambda found: filled_in[found[1]], template)}:
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 200, path
            assert "react-entry-point" in answer.text
            assert "/assets/" in answer.text, "the first request to any page finds the scripts"
            drawn = client.post("/_dash-update-component", json=navigation(path))
            assert drawn.status_code == 200, f"{path}: {drawn.text[:300]}"
            assert drawn.json()["response"]["_pages_content"]["children"]


def navigation(path: str) -> dict[str, Any]:
    """What Dash's router is asked when a browser opens a page."""
    return {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [
            {"id": "_pages_content", "property": "children"},
            {"id": "_pages_store", "property": "data"},
        ],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": "?utm_source=x"},
        ],
        "changedPropIds": ["_pages_location.pathname"],
        "parsedChangedPropsIds": ["_pages_location.pathname"],
    }


def test_an_unknown_page_is_a_page_that_says_so(client: Caller) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "react-entry-point" in answer.text
    assert client.get("/no/such/script.js").json()["error"] == "not_found"


def names(command: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group of commands."""
    yield before
    for name, inner in getattr(command, "commands", {}).items():
        yield from names(inner, (*before, name))


@pytest.mark.parametrize("words", list(names(get_command(commands))), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(commands, [*words, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage" in answer.output


def test_the_api_describes_every_route_of_its_own(client: Caller, app: FastAPI) -> None:
    described = client.get("/api/openapi.json").json()["paths"]
    routes = {
        path for _, path in paths_of(app) if path.startswith(("/api/v1", "/ogc", "/healthz", "/readyz", "/metrics"))
    }
    assert set(described) == routes
    for path, methods in described.items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} has no description"


def test_the_documentation_page_loads_nothing_from_elsewhere(client: Caller) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    for url in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert url.startswith("/api/static/"), url
        assert client.get(url).status_code == 200
    assert "'sha256-" in page.headers["content-security-policy"]
    assert "unsafe-eval" not in page.headers["content-security-policy"]


def test_two_applications_live_in_one_process(client: Caller, small_pack: Path, tmp_path: Path) -> None:
    other = create_app(Settings(region="cixi", database_url=f"sqlite:///{tmp_path / 'other.db'}"))
    with called(other) as second:
        assert client.post("/api/v1/cases", json=report()).status_code == 201
        assert second.get("/api/v1/cases").json()["cases"] == []
        assert (second.get("/api/v1/region").json()["name"], client.get("/api/v1/region").json()["name"]) == (
            "cixi",
            "small",
        )
        for caller, title in ((client, "小县"), (second, "慈溪市")):
            for path in ("/", "/wall", "/township/330200001?utm=1"):
                page = caller.get(path)
                assert page.status_code == 200
                assert title in page.text
                assert caller.post("/_dash-update-component", json=navigation(path)).status_code == 200


def test_every_answer_carries_the_policy(client: Caller) -> None:
    for path in ("/wall", "/api/v1/board", "/no/such/page", "/api/nothing", "/assets/icon.svg"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"


def test_every_inline_script_of_a_page_is_allowed_by_its_hash(client: Caller) -> None:
    page = client.get("/wall")
    scripts = re.findall(r"<script(?![^>]*src=)(?![^>]*application/json)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    policy = page.headers["content-security-policy"]
    assert scripts
    for script in scripts:
        assert digest_of(script) in policy, script[:80]


def digest_of(script: str) -> str:
    """A script's hash as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
