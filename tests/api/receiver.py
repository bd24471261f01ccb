"""A receiver of webhooks on this machine: answers as it is told to, and keeps what it was sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from standardwebhooks import Webhook

LOOPBACK = "127.0.0.0/8"
SECRET = "whsec_" + "bm90IGEgc2VjcmV0LCBvbmx5IGZvciB0ZXN0cyE="


@dataclass
class Receiver:
    """What came, and what is answered.

    Attributes
    ----------
    answers
        Status of the next answers; when none is left, 204.
    got
        (status answered, headers, body) of every request.
    held
        While it is not set, requests get no answer.
    """

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.held.set()

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """The messages that were answered with success, their signature verified, each with its id."""
        signer = Webhook(SECRET)
        return [
            signer.verify(body, headers) | {"id": headers["webhook-id"]}
            for status, headers, body in self.got
            if status < 300
        ]

    def ids(self) -> list[str]:
        """The ids of all requests, in the order in which they came."""
        return [headers["webhook-id"] for _, headers, _ in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of this machine."""
    receiver, lock = Receiver(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.held.wait(30)
            with lock:
                status = receiver.answers.pop(0) if receiver.answers else 204
                receiver.got.append((status, {k.lower(): v for k, v in self.headers.items()}, body))
            try:
                self.send_response(status)
                self.send_header("Location", f"{receiver.url}elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                pass  # whoever sent it did not wait

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.held.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def payload(body: bytes) -> dict[str, Any]:
    """The message that a body holds."""
    found: dict[str, Any] = orjson.loads(body)
    return found
