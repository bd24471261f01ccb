"""What a stream is asked with: any Last-Event-ID, any Accept; it begins, and begins anew where it cannot go on."""

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api.conftest import served

LONG = "x" * 7000
ODD = ["", "0", "-1", "1", "9" * 23, "a-b", "1-1", "%00", "../..", "{}", "9" * 300, LONG, "1;2", "é"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, small_pack: Any) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("streams")
    settings = Settings(region=str(small_pack), database_url=f"sqlite:///{folder / 'onemap.db'}", poll_ms=50)
    with served(create_app(settings)) as address:
        yield address


def first(base: str, headers: dict[str, str], query: str = "") -> tuple[int, str]:
    """Status and first event of a stream."""
    raw = [(name.encode(), value.encode("latin1")) for name, value in headers.items()]
    with httpx.stream("GET", f"{base}/api/v1/stream{query}", headers=raw, timeout=20) as response:
        if response.status_code != 200:
            return response.status_code, ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                return 200, line[7:]
    return 200, ""


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_a_stream_begins_whatever_it_is_asked_to_go_on_from(base: str, value: str) -> None:
    assert first(base, {"Last-Event-ID": value}) == (200, "hello")


@pytest.mark.parametrize("accept", ["", "*/*", "text/event-stream", "application/json", "q=;;;", "a" * 5000])
def test_a_stream_begins_whatever_is_accepted(base: str, accept: str) -> None:
    assert first(base, {"Accept": accept, "Accept-Encoding": "gzip, br, nonsense;q=9"})[0] == 200


@pytest.mark.parametrize("query", ["?last=1", "?lang=../..", "?a=" + "b" * 5000, "?%ff", "?&&&==="])
def test_a_stream_begins_whatever_its_address_says_besides(base: str, query: str) -> None:
    assert first(base, {}, query)[0] in (200, 422)


def test_headers_without_end_are_refused_and_the_server_goes_on(base: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        assert httpx.get(f"{base}/healthz", headers={"X-Long": "x" * 200_000}).status_code in (200, 400, 431)
    assert httpx.get(f"{base}/healthz").status_code == 200
