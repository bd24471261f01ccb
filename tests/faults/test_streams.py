"""A client that does not read its stream: the server's memory stays bounded, and nobody else waits."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import a_report, post
from tests.faults.process import Process
from tests.faults.test_duties import until
from tests.faults.test_two_processes import busy, following


def resident_mb(pid: int) -> float:
    """Memory of a process, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def deaf(port: int) -> socket.socket:
    """Ask for the stream and read nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return client


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_clients_that_do_not_read_cost_nobody_anything(start: Callable[..., Process]) -> None:
    server = start("server", extra={"unread_ms": 3000})
    post(server.url, a_report("warm"))
    with following(server.url) as wait:
        before = resident_mb(server.process.pid)
        clients = [deaf(server.port) for _ in range(40)]
        slowest = 0.0
        for n in range(40):
            began = time.monotonic()
            number = post(server.url, a_report(f"d{n}", description="垃圾" * 200)).json()["number"]
            while number not in [case["n"] for case in wait("delta").get("cases", [])]:
                pass
            slowest = max(slowest, time.monotonic() - began)
        grown = resident_mb(server.process.pid) - before
        # The kernel gives them up, and with them what was kept for them.
        until(lambda: httpx.get(f"{server.url}/healthz", timeout=10).json()["streams"] == 1)
    assert grown < 60, f"{grown:.0f} MB for 40 clients"
    assert slowest < 1 or busy(), f"{slowest:.2f} s"
    for client in clients:
        client.close()
    # One that has just come and does not read does not hold up the end either.
    clients = [deaf(server.port)]
    server.terminate()
    assert server.ended(30) == 0
    for client in clients:
        client.close()
