"""Compression and validators, over a small application of its own."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard.api.negotiation import encoding_for, matches
from dashboard.server.compression import Compression, Kept
from tests.api.conftest import Caller, called

SCRIPT = "export const township = '浒山街道';\n" * 200
VERSIONED = "/_dash-component-suites/dash/deps/react.v18_3_1m1700.min.js"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Caller]:
    (tmp_path / "map.js").write_text(SCRIPT, encoding="utf8")

    async def rows(_: Request) -> Response:
        return JSONResponse({"rows": ["浒山街道"] * 200})

    async def suite(_: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript", headers={"ETag": "unquoted"})

    async def events(_: Request) -> Response:
        async def three() -> Iterator[bytes]:
            for i in range(3):
                yield b"data: " + str(i).encode() * 500 + b"\n\n"

        return StreamingResponse(three(), media_type="text/event-stream")

    async def missing(_: Request) -> Response:
        return PlainTextResponse("nothing here " * 100, status_code=404)

    app = Starlette(
        routes=[
            Mount("/assets", StaticFiles(directory=tmp_path)),
            Route("/_dash-component-suites/{path:path}", suite),
            Route("/rows", rows),
            Route("/events", events),
            Route("/missing", missing),
        ]
    )
    app.add_middleware(Compression)
    with called(app) as caller:
        yield caller


@pytest.mark.parametrize("path", ["/assets/map.js", VERSIONED, "/rows"])
def test_text_is_compressed_as_the_client_likes_it(client: Caller, path: str) -> None:
    body, _ = client.wire(path, "identity")
    for accept, name, unpack in (("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)):
        packed, response = client.wire(path, accept)
        assert (response.headers["content-encoding"], unpack(packed)) == (name, body)
        assert len(packed) == int(response.headers["content-length"]) < len(body) / 4
        assert response.headers["vary"] == "Accept-Encoding"


def test_a_client_that_has_the_file_is_spared_it(client: Caller) -> None:
    for path in ("/assets/map.js", VERSIONED):
        first = client.get(path)
        second = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (second.status_code, second.content) == (304, b"")
        assert second.headers["etag"] == first.headers["etag"]
        weak = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert weak.status_code == 304
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_encoding_has_a_validator_of_its_own(client: Caller) -> None:
    tags = {client.wire("/assets/map.js", accept)[1].headers["etag"] for accept in ("br", "gzip", "identity")}
    assert len(tags) == 3


def test_a_changed_file_is_sent_anew(client: Caller, tmp_path: Path) -> None:
    before = client.get("/assets/map.js").headers["etag"]
    (tmp_path / "map.js").write_text(SCRIPT + "// changed", encoding="utf8")
    after = client.get("/assets/map.js", headers={"If-None-Match": before})
    assert (after.status_code, after.text) == (200, SCRIPT + "// changed")


def test_urls_that_name_their_version_are_kept_for_good_and_others_are_asked_for(client: Caller) -> None:
    assert "immutable" in client.get("/assets/map.js?m=1700.5").headers["cache-control"]
    assert "immutable" in client.get(VERSIONED).headers["cache-control"]
    assert client.get("/assets/map.js").headers["cache-control"] == "no-cache"
    assert client.get("/_dash-component-suites/dash/dcc/async-graph.js").headers["cache-control"] == "no-cache"
    assert client.get("/rows").headers["cache-control"] == "no-store"


def test_event_streams_and_refusals_pass_untouched(client: Caller) -> None:
    body, response = client.wire("/events", "br, gzip")
    assert "content-encoding" not in response.headers
    assert body.count(b"data: ") == 3
    assert "content-encoding" not in client.get("/missing").headers


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("br;q=0.5", "br"),
        ("identity", "identity"),
        ("", "identity"),
        ("br;q=x", "identity"),
    ],
)
def test_the_header_decides_the_encoding(header: str, encoding: str) -> None:
    assert encoding_for(header) == encoding


def test_validators_compare_as_the_rfc_says() -> None:
    assert matches('W/"a", "b"', '"a"')
    assert matches("*", '"a"')
    assert not matches("", '"a"')
    assert not matches('"ab"', '"a"')


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    kept = Kept(limit_bytes=10)
    kept.put(("a", "br"), b"12345")
    kept.put(("b", "br"), b"12345")
    assert kept.get(("a", "br")) == b"12345"
    kept.put(("c", "br"), b"1")
    assert kept.get(("b", "br")) is None
    assert kept.get(("a", "br")) == b"12345"
    kept.put(("d", "br"), b"x" * 11)
    assert kept.get(("d", "br")) is None
