"""What a body may be: as long, as deep and as wide as something real, said in plain bytes."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api.conftest import Caller, called, report

LIMIT = 1_048_576
UPLOAD = "/api/v1/boundaries/drafts?file=a.zip&actor=x"


async def pieces(total: int, size: int = 65_536) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(total // size):
        yield b" " * size


def test_a_body_that_does_not_say_its_length_is_counted(open_client: Caller) -> None:
    headers = {"Content-Type": "application/json"}
    over = open_client.request("POST", "/api/v1/cases", content=pieces(2 * LIMIT), headers=headers)
    assert (over.status_code, over.json()["error"]) == (413, "body_too_large")
    under = open_client.request("POST", "/api/v1/cases", content=pieces(LIMIT // 2), headers=headers)
    assert under.status_code == 422 or under.json()["error"] == "no_json"


def test_a_boundary_file_that_does_not_say_its_length_is_counted(small_pack: Any, sqlite_url: str, watch: Any) -> None:

    settings = Settings(region=str(small_pack), database_url=sqlite_url, boundary_limit_bytes=200_000)
    with called(create_app(settings, now=watch)) as caller:
        over = caller.request("POST", UPLOAD, content=pieces(4 * 65_536))
        assert (over.status_code, over.json()["error"]) == (413, "body_too_large")
        assert caller.get("/api/v1/boundaries").json()["drafts"] == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip", "GZIP"])
@pytest.mark.parametrize("path", ["/api/v1/cases", UPLOAD, "/_dash-update-component"])
def test_a_compressed_body_is_refused_unread(open_client: Caller, path: str, encoding: str) -> None:
    content = gzip.compress(json.dumps(report("1")).encode())
    answer = open_client.request("POST", path, content=content, headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["error"]) == (415, "encoded_body")


def nested(depth: int, kind: str) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize("depth", [50, 200, 253, 254, 255, 300, 500, 900, 5000, 100_000])
def test_what_is_nested_too_deep_is_refused_or_kept_and_breaks_nothing(
    open_client: Caller, depth: int, kind: str
) -> None:
    opening, closing = ("[", "]") if kind == "list" else ('{"a":', "}")
    inside = opening * depth + "1" + closing * depth
    body = json.dumps(report(f"{kind}{depth}", attributes={"x": "HERE"})).replace('"HERE"', inside).encode()
    answer = open_client.request("POST", "/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 422), answer.text[:200]
    if answer.status_code == 201:
        assert open_client.get(f"/api/v1/cases/{answer.json()['number']}").status_code == 200
    assert open_client.get("/api/v1/cases").status_code == 200


@pytest.mark.parametrize("depth", [254, 900, 100_000])
@pytest.mark.parametrize("path", ["/_dash-update-component", "/api/v1/session", "/api/v1/users", "/api/v1/views"])
def test_every_route_that_reads_a_body_stands_deep_ones(open_client: Caller, path: str, depth: int) -> None:
    for body in ("[" * depth + "]" * depth, '{"output":' + "[" * depth + "]" * depth + "}"):
        answer = open_client.request("POST", path, content=body.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, answer.text[:200]


def test_a_hundred_thousand_fields_are_refused(open_client: Caller) -> None:
    wide = {f"f{n}": n for n in range(60_000)}
    for body in (wide, report("1", attributes=wide)):
        answer = open_client.post("/api/v1/cases", json=body)
        assert answer.status_code in (413, 422)
        assert len(answer.content) < 1_500_000, "the refusal is no larger than what was sent"
    for _ in range(2):
        assert open_client.get("/api/v1/cases?" + "&".join(f"a{n}=1" for n in range(5000))).status_code < 500


def test_a_number_of_a_hundred_thousand_digits_costs_nothing(open_client: Caller) -> None:
    body = json.dumps(report("1", attributes={"x": "HERE"})).replace('"HERE"', "9" * 100_000).encode()
    answer = open_client.request("POST", "/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b"{}",
        b'{"output":1}',
        b'{"output":null,"inputs":null}',
        b'{"output":"nothing.children","outputs":{},"inputs":[]}',
        b'{"output":"wall-due.data","outputs":[],"inputs":[]}',
        b'{"output":"wall-due.data","outputs":[],"inputs":1}',
        b'{"output":".._pages_content.children..._pages_store.data..","inputs":[]}',
        b'{"output":".._pages_content.children..._pages_store.data..","inputs":[1,2]}',
        b"\xff\xfe",
    ],
)
def test_a_callback_that_no_page_calls_like_this_breaks_nothing(open_client: Caller, body: bytes) -> None:
    path, headers = "/_dash-update-component", {"Content-Type": "application/json"}
    answer = open_client.request("POST", path, content=body, headers=headers)
    assert answer.status_code in (400, 403), answer.text[:200]
    assert answer.json()["error"] in ("bad_callback", "forbidden")
