"""Compression of answers, with validators: scripts once per content, the rest as it comes, event streams never."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.negotiation import FOREVER, REVALIDATE, encoding_for, matches

COMPRESSIBLE = ("text/", "application/json", "application/javascript", "application/geo+json", "image/svg+xml")
SMALLEST_BYTES = 600  # below, the headers weigh more than what is saved
KEPT_BYTES = 64 * 2**20
STATIC = ("/assets/", "/_dash-component-suites/", "/api/static/")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, as it is remembered."""

    start: Message
    body: bytes


class Kept:
    """Compressed bodies by (content hash, encoding); the longest unused go first."""

    def __init__(self, limit_bytes: int = KEPT_BYTES) -> None:
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._limit = limit_bytes
        self._size = 0

    def get(self, key: tuple[str, str]) -> bytes | None:
        """Give a body and mark it as used."""
        if key in self._bodies:
            self._bodies.move_to_end(key)
        return self._bodies.get(key)

    def put(self, key: tuple[str, str], body: bytes) -> None:
        """Keep a body, forgetting others for it."""
        if key in self._bodies or len(body) > self._limit:
            return
        self._bodies[key] = body
        self._size += len(body)
        while self._size > self._limit:
            _, gone = self._bodies.popitem(last=False)
            self._size -= len(gone)


def compress(body: bytes, encoding: str, *, once: bool) -> bytes:
    """Compress a body: thoroughly when it is kept, fast when it is made anew for each request."""
    if encoding == "br":
        return brotli.compress(body, quality=9 if once else 4)
    return gzip.compress(body, compresslevel=6 if once else 4, mtime=0)


def lifetime(scope: Scope) -> str:
    """Cache-Control of our own static files: those whose URL names their version may be kept for good."""
    versioned = ".v" in scope["path"] if "suites" in scope["path"] else b"m=" in scope["query_string"]
    return FOREVER if versioned else REVALIDATE


class Compression:
    """The middleware. Answers that say how they are encoded pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept = Kept()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        passing = False
        parts: list[bytes] = []

        async def send_later(message: Message) -> None:
            nonlocal start, passing
            if message["type"] == "http.response.start":
                start, passing = message, not suitable(message)
                if passing:
                    await send(message)
            elif passing or message["type"] != "http.response.body":
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body") and start is not None:
                    for prepared in await self._prepared(scope, Answer(start, b"".join(parts))):
                        await send(prepared)

        await self._app(without_validators(scope), receive, send_later)

    async def _prepared(self, scope: Scope, found: Answer) -> list[Message]:
        request, headers = Headers(scope=scope), MutableHeaders(scope=found.start)
        is_static = scope["path"].startswith(STATIC)
        encoding = encoding_for(request.get("accept-encoding", "")) if len(found.body) >= SMALLEST_BYTES else "identity"
        headers.add_vary_header("Accept-Encoding")
        if is_static:
            headers["Cache-Control"] = lifetime(scope)
        else:
            headers.setdefault(
                "Cache-Control", REVALIDATE if headers["content-type"].startswith("text/") else "no-store"
            )
        if is_static:
            digest = hashlib.blake2b(found.body, digest_size=12).hexdigest()
            headers["ETag"] = f'"{digest}-{encoding}"'
            if matches(request.get("if-none-match", ""), headers["ETag"]):
                del headers["content-length"]
                return [found.start | {"status": 304}, {"type": "http.response.body", "body": b""}]
        else:
            digest = ""
        body = await self._encoded(found.body, encoding, digest)
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        headers["Content-Length"] = str(len(body))
        return [found.start, {"type": "http.response.body", "body": body}]

    async def _encoded(self, body: bytes, encoding: str, digest: str) -> bytes:
        if encoding == "identity":
            return body
        kept = self._kept.get((digest, encoding)) if digest else None
        if kept is None:
            kept = await asyncio.to_thread(compress, body, encoding, once=bool(digest))
            if digest:
                self._kept.put((digest, encoding), kept)
        return kept


def suitable(start: Message) -> bool:
    """Say whether a response is ours to compress: whole, textual, not encoded yet, no stream of events."""
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    return (
        start["status"] == 200
        and kind.startswith(COMPRESSIBLE)
        and not kind.startswith("text/event-stream")
        and "content-encoding" not in headers
    )


def without_validators(scope: Scope) -> Scope:
    """Drop conditions on static files: we answer those by our own validators, which know the encoding."""
    if not scope["path"].startswith(STATIC):
        return scope
    dropped = (b"if-none-match", b"if-modified-since", b"range")
    return scope | {"headers": [(name, value) for name, value in scope["headers"] if name not in dropped]}
