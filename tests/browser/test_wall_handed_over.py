"""A wall whose process is told to end goes on with another one, and nobody in front of it sees that."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.browser.cockpit import Server
from tests.browser.conftest import Watched, serious
from tests.browser.test_wall_live import PLACE, READY

pytestmark = pytest.mark.browser


class Front:
    """One address before several servers: passes every new connection on to the one that is named now."""

    def __init__(self, port: int) -> None:
        self.to = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._join, args=(client, self.to), daemon=True).start()

    def _join(self, client: socket.socket, port: int) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
            back.start()
            self._pass(client, server)
            back.join()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                sink.sendall(part)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def front(own_server: Server) -> Iterator[Front]:
    one = Front(own_server.port)
    yield one
    one.close()


def test_a_wall_is_handed_over_and_never_says_that_the_line_is_lost(
    own_server: Server, front: Front, wall: Watched
) -> None:
    other = Server(own_server.folder, {**own_server.settings, "ONEMAP_DRAIN_SECONDS": "5"})
    try:
        other.start()
        wall.open(f"{front.url}/wall")
        wall.until(READY)
        wall.page.evaluate("window.neverReloaded = true; window.statesSeen = ['live']")
        wall.page.evaluate("void onemap.on('state', (data) => window.statesSeen.push(data.state))")
        front.to = other.port
        assert own_server.process is not None
        os.kill(own_server.process.pid, signal.SIGTERM)
        assert own_server.process.wait(30) == 0
        own_server.process = None
        case = other.report("handed-over", *PLACE)
        gid = wall.page.evaluate(f"onemap.map.cells.byCode.get('{case['cell']['code']}').gid")
        wall.until(f"onemap.map.levelOf({gid})", lambda level: level == 1, seconds=10)
        assert wall.page.evaluate("onemap.stream.state") == "live"
        assert set(wall.page.evaluate("window.statesSeen")) == {"live"}
        assert wall.page.evaluate("window.neverReloaded") is True
        assert serious(wall.complaints) == []
    finally:
        other.kill()
