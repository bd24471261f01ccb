"""What every answer carries for safety, and how large a request may be."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from math import inf

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.errors import answer

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy(script_hashes: Iterable[str]) -> str:
    """Write the content security policy: nothing from any other origin, no eval, inline scripts only by their hash.

    Styles may be inline: Leaflet and AG Grid place things by style attributes.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def hashes_of(page: str) -> list[str]:
    """Give policy entries for the inline scripts of a page that we did not write ourselves."""
    return [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in INLINE_SCRIPT.findall(page)]


class SafeHeaders:
    """Adds the policy and its sisters to every answer; some paths have a policy of their own.

    Parameters
    ----------
    by_path
        Path to its own policy.
    public_url
        Address that browsers know; one with https is told to stay so (RFC 6797).
    """

    def __init__(self, app: ASGIApp, content_policy: str, by_path: Mapping[str, str], public_url: str = "") -> None:
        self._app = app
        self._by_path = by_path
        self._is_https = public_url.startswith("https://")
        self._headers = {
            "Content-Security-Policy": content_policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            # Officers say where they arrived; nothing else of a device is ever asked for.
            "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if scope["path"] in self._by_path:
                    headers["Content-Security-Policy"] = self._by_path[scope["path"]]
                if self._is_https or scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, send_safely)


class BodyLimit:
    """Reads a body before the application does and refuses one that is too large, whether or not it says its length.

    Parameters
    ----------
    files
        Path to the largest body in bytes, where files are sent: those bodies are handed on as they come, and the route
        writes them to a disk and counts.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, files: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit_bytes
        self._files = files or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
            # Whatever it unpacks to, nobody would have measured it.
            detail = "The body is compressed. Send it as it is, without Content-Encoding."
            await answer(415, "encoded_body", detail, headers={"Connection": "close"})(scope, receive, send)
            return
        declared = headers.get(b"content-length", b"0")
        most = self._files.get(scope["path"], self._limit) if scope["method"] == "POST" else self._limit
        if declared.isdigit() and int(declared) > most:
            body = None
        elif most is not self._limit:
            await self._app(scope, receive, send)
            return
        else:
            body = await read_body(receive, self._limit)
        if body is None:
            await too_large(most)(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)


async def read_body(receive: Receive, limit: float = inf) -> bytes | None:
    """Read a body whole; None when it is longer than the limit in bytes."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def too_large(most: int) -> Response:
    """Refuse a body; its rest stays unread, so the connection cannot be used again."""
    detail = f"The body is larger than {most} bytes. Send photos and files as URLs."
    return answer(413, "body_too_large", detail, headers={"Connection": "close"})


def replay(body: bytes, receive: Receive) -> Receive:
    """Make a receive channel that gives a body that was read before, and then whatever comes."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
