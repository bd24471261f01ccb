"""The live stream over real connections."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api import pack
from tests.api.conftest import Watch, report


class Stream:
    """Reads server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.last_id = ""
        self._lines = response.iter_lines()

    def next(self) -> tuple[str, dict[str, Any]]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line and "event" in fields:
                break
            name, _, value = line.partition(": ")
            fields[name] = value
        self.last_id = fields.get("id", self.last_id)
        return fields["event"], json.loads(fields["data"])

    def until(self, event: str) -> dict[str, Any]:
        while True:
            found, data = self.next()
            if found == event:
                return data


@contextmanager
def following(url: str, last_id: str = "") -> Iterator[Stream]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with httpx.stream("GET", f"{url}/api/v1/stream", headers=headers, timeout=5) as response:
        yield Stream(response)


def recent() -> str:
    """A minute ago."""
    return (datetime.now(UTC) - timedelta(minutes=1)).isoformat()


def post(url: str, source_id: str, cell: int = 0) -> str:
    x, y = pack.centre(cell)
    sent = report(source_id, occurred_at=recent(), point={"x": x, "y": y})
    answer = httpx.post(f"{url}/api/v1/cases", json=sent)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def test_a_report_reaches_an_open_stream_within_a_second(server: httpx.Client) -> None:
    url = str(server.base_url).rstrip("/")
    with following(url) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-accel-buffering"] == "no"
        assert stream.response.headers["cache-control"] == "no-cache"
        assert "content-encoding" not in stream.response.headers
        hello = stream.until("hello")
        assert hello["region"] == "small"
        assert hello["build"] == server.get("/healthz").json()["build"]
        assert stream.until("full")["cells"] == []
        started = time.monotonic()
        number = post(url, "1", cell=5)
        delta = stream.until("delta")
        assert time.monotonic() - started < 1
        assert delta["cells"] == [6, 1, 1, 0, 0], "cells are numbered from 1 by code"
        assert delta["townships"] == [2, 1, 1, 0, 0]
        assert [(c["n"], c["k"], c["e"], c["g"]) for c in delta["cases"]] == [(number, "came", "received", 6)]
        assert delta["figures"]["received_today"] >= 0
        assert stream.last_id.startswith("1.")


def test_two_servers_on_one_database_tell_the_same(
    serve: Callable[[FastAPI], str], small_pack: Any, database_url: str
) -> None:
    settings = Settings(region=str(small_pack), database_url=database_url)
    one, other = serve(create_app(settings)), serve(create_app(settings))
    with following(other) as stream:
        stream.until("full")
        started = time.monotonic()
        number = post(one, "1", cell=2)
        delta = stream.until("delta")
        assert time.monotonic() - started < 1
        assert (delta["cases"][0]["n"], delta["cells"]) == (number, [3, 1, 1, 0, 0])


def test_a_client_that_comes_back_resumes_where_it_left(server: httpx.Client) -> None:
    url = str(server.base_url).rstrip("/")
    with following(url) as stream:
        stream.until("full")
        post(url, "1")
        stream.until("delta")
        left_at = stream.last_id
        post(url, "2", cell=1)
        stream.until("delta")
    with following(url, left_at) as stream:
        assert stream.next()[0] == "hello"
        event, data = stream.next()
        assert (event, data["cells"]) == ("delta", [2, 1, 1, 0, 0])
    with following(url, "12345.678") as stream:
        assert [stream.next()[0] for _ in range(3)] == ["hello", "reset", "full"]


def test_time_alone_turns_a_cell_amber_and_red(
    serve: Callable[[FastAPI], str], settings: Settings, watch: Watch
) -> None:
    url = serve(create_app(settings, now=watch))
    httpx.post(f"{url}/api/v1/cases", json=report())  # 11:55; amber from 12:19 on, red after 12:25
    with following(url) as stream:
        assert stream.until("full")["cells"] == [1, 1, 1, 0, 0]
        watch.pass_by(minutes=19)
        assert stream.until("delta")["cells"] == [1, 2, 1, 1, 0]
        watch.pass_by(minutes=6)
        watch.pass_by(seconds=1)
        assert stream.until("delta")["cells"] == [1, 3, 1, 0, 1]


def test_a_stopping_server_ends_its_streams(serve: Callable[[FastAPI], str], settings: Settings) -> None:
    app = create_app(settings)
    url = serve(app)
    with following(url) as stream:
        stream.until("full")
        ended: list[float] = []

        def read_on() -> None:
            with pytest.raises(KeyError):
                stream.until("never")
            ended.append(time.monotonic())

        reader = Thread(target=read_on)
        reader.start()
        started = time.monotonic()
        app.state.services.live._loop.call_soon_threadsafe(app.state.services.live.close)
        reader.join(3)
        assert ended
        assert ended[0] - started < 1


def test_many_streams_get_every_delta(server: httpx.Client) -> None:
    url = str(server.base_url).rstrip("/")
    with following(url) as first, following(url) as second, following(url) as third:
        streams = (first, second, third)
        for stream in streams:
            stream.until("full")
        for i in range(5):
            post(url, str(i), cell=i)
        for stream in streams:
            seen: list[str] = []
            while len(seen) < 5:
                seen += [case["n"][-5:] for case in stream.until("delta")["cases"]]
            assert seen == ["00001", "00002", "00003", "00004", "00005"]
        assert server.get("/healthz").json()["streams"] == 3
