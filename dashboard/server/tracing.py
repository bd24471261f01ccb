"""The outermost layer: gives each request its id, and notes how it was answered."""

import logging
import time
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.errors import unforeseen
from dashboard.auth.paths import Table
from dashboard.metrics import OTHER, since
from dashboard.services import Services
from data.tracing import REQUEST, SANE

log = logging.getLogger("dashboard.access")
HEADER = "X-Request-Id"
ACCOUNT = "onemap.account"
"""Under this name the gate leaves in the scope who asks."""
STREAM = "/api/v1/stream"
LONGEST_PATH = 200
DROPPED = 499  # as proxies write it: the client went before the answer came


class Traced:
    """The middleware.

    An id that came with the request is kept when it is a plain word, so that a proxy's log and ours can be read
    together. The query of an address is never written: a wall's first address holds its token.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services, self._table = app, services, Table()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = request_id(scope)
        # Not set back: every request has a task of its own, and what is logged of it later is still its own.
        REQUEST.set(request)
        began, status, size = time.perf_counter(), DROPPED, 0
        metrics, live = self._services.metrics, self._services.live
        sent = metrics.sent.labels("stream" if scope["path"] == STREAM else "other")

        async def send_on(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = request
                if live.is_closing:
                    # Whoever comes next on this connection would meet a closed door.
                    headers["Connection"] = "close"
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                sent.inc(len(message.get("body", b"")))
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            answered = unforeseen(Request(scope), error)
            if status != DROPPED:
                # Half an answer is out: the connection must end, so that nobody takes it for a whole one.
                raise
            await answered(scope, receive, send_on)
        finally:
            took = since(began)
            if scope["path"] != STREAM:
                route, _ = self._table.find(scope["method"], scope["path"])
                metrics.requests.labels(scope["method"], route or OTHER, str(status)).observe(took)
            note(scope, status, size, took)


def request_id(scope: Scope) -> str:
    """Give the id that a request brings, or a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            brought = value.decode("latin1")
            return brought if SANE.fullmatch(brought) else uuid4().hex
    return uuid4().hex


def note(scope: Scope, status: int, size: int, took: float) -> None:
    """Write the line of a request."""
    if log.isEnabledFor(logging.INFO):
        path, account = scope["path"][:LONGEST_PATH], scope.get(ACCOUNT, "")
        fields = {"method": scope["method"], "path": path, "status": status, "bytes": size, "account": account}
        said = "%s %s %s %d B %.1f ms %s"
        log.info(
            said, scope["method"], repr(path)[1:-1], status, size, took * 1000, account or "-",
            extra=fields | {"ms": round(took * 1000, 1)},
        )  # fmt: skip
