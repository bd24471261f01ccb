"""A network that drops, delays and sends twice: every report is kept once, and every answer names its case."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import Engine, select

from data import tables
from data.engine import reading
from tests.faults.conftest import a_report
from tests.faults.process import Process

SEED = 20261124


class Network:
    """Passes one request a connection on to a server: what happens to it is drawn.

    ``before``: the connection is cut before the server has the request; ``after``: when it has answered; ``twice``: the
    server gets the request twice; ``late``: everything takes its time; ``well``: nothing happens.
    """

    KINDS = ("before", "after", "twice", "late", "well")

    def __init__(self, port: int) -> None:
        self._to, self._chance = port, random.Random(SEED)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.happened: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            kind = self._chance.choice(self.KINDS)
            self.happened.append(kind)
            threading.Thread(target=self._pass, args=(client, kind), daemon=True).start()

    def _pass(self, client: socket.socket, kind: str) -> None:
        with client:
            asked = request(client)
            if kind == "before" or not asked:
                return
            if kind == "late":
                time.sleep(0.3)
            if kind == "twice":
                self._ask(asked)
            answer = self._ask(asked)
            if kind != "after":
                client.sendall(answer)

    def _ask(self, asked: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._to), timeout=30) as server:
            server.sendall(asked)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._socket.close()


def request(client: socket.socket) -> bytes:
    """Read a whole request."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = client.recv(65536)
        if not part:
            return b""
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    (length,) = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def network(port: int) -> Iterator[Network]:
    between = Network(port)
    try:
        yield between
    finally:
        between.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_every_report_and_every_event_is_kept_once(start: Callable[..., Process], sound: Callable[[], Engine]) -> None:
    server = start("server")
    with network(server.port) as between:
        headers = {"Connection": "close"}

        def send(path: str, body: dict[str, object], key: str = "") -> httpx.Response:
            """Send until there is an answer, as clients of a phone do."""
            for _ in range(60):
                try:
                    more = {"Idempotency-Key": key} if key else {}
                    url = f"http://127.0.0.1:{between.port}/api/v1/{path}"
                    return httpx.post(url, json=body, headers=headers | more, timeout=30)
                except httpx.TransportError:
                    continue
            raise AssertionError("no answer in 60 attempts")

        cases = {}
        for n in range(25):
            answer = send("cases", a_report(f"n{n}"))
            assert answer.status_code in {200, 201}, answer.text
            cases[f"n{n}"] = answer.json()
        for n, case in enumerate(cases.values()):
            body = {
                "kind": "commented",
                "occurred_at": case["received_at"],
                "actor": "command",
                "data": {"text": "在看"},
            }
            answer = send(f"cases/{case['number']}/events", body, key=f"key-{n}")
            assert answer.status_code in {200, 201}, answer.text
        assert set(between.happened) == set(Network.KINDS)
    engine = sound()
    with reading(engine) as connection:
        kept = dict(connection.execute(select(tables.cases.c.source_id, tables.cases.c.number)).all())
        kinds = list(connection.execute(select(tables.events.c.kind)).scalars())
    assert kept == {source_id: case["number"] for source_id, case in cases.items()}
    assert kinds.count("received") == kinds.count("commented") == 25
