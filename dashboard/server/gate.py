"""The one gate: every request passes it, and nothing answers that has no row in the table of roles."""

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cases.errors import NoSuchCase
from dashboard.api.errors import answer, auth_error
from dashboard.auth import NOBODY, PAGES, AuthError, FirstPassword, Forbidden, Identity, Role, SignedOut, acting_as
from dashboard.auth.cookies import KIOSK_SECONDS, set_cookie
from dashboard.auth.door import KIOSK, SESSION, Asked, given, is_loopback
from dashboard.auth.origin import SAFE, check_host, check_origin
from dashboard.auth.paths import Pages, Table
from dashboard.auth.rates import Rates
from dashboard.auth.record import What, entry
from dashboard.auth.roles import PUBLIC, Row
from dashboard.auth.scope import owns
from dashboard.server.compression import STATIC
from dashboard.server.security import read_body, replay
from dashboard.server.tracing import ACCOUNT
from dashboard.services import Services
from data import accounts, views

log = logging.getLogger(__name__)
CALLBACK = "/_dash-update-component"
ROUTER = "_pages_content.children"
"""Output of the callback by which Dash changes pages."""
BY_ITSELF = frozenset({"rev.data", "now.data"})
"""Inputs that change without anybody's doing."""
ALONE = frozenset({"/api/v1/stream"})
"""What pages ask for without anybody's doing."""
METRICS = "/metrics"
"""What the key of the setting opens, and nothing else."""
FIRST_PASSWORD = frozenset({"/api/v1/session", "/api/v1/session/password", "/api/v1/session/end"})
"""What a first password opens."""
CATCHING = frozenset({"/{path:path}", "/api", "/api/{path:path}"})
"""Routes that answer to whatever is left."""
UNCOUNTED = (*STATIC, "/healthz", "/readyz", "/metrics")
"""What costs next to nothing, or is asked by who watches the server; pages load dozens of such files at once."""
NO_PAGES = ("/api", "/geo/", "/assets/", "/_dash", "/oidc/", "/_")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request is after.

    Attributes
    ----------
    row
        Of its route; None for pages, and for what there is not.
    page
        Name of the page whose address it is, or which it changes to; empty for no page.
    places
        What stands in the places of the page's address.
    is_document
        Whether a browser wants to show the answer: it is led to the way in.
    outputs
        The callback that it calls.
    automatic
        Whether nobody did anything for it.
    is_odd
        Whether it calls a callback with other things than pages do, at which Dash would break.
    """

    row: Row | None
    page: str = ""
    places: Mapping[str, str] | None = None
    is_document: bool = False
    outputs: str = ""
    automatic: bool = False
    is_odd: bool = False


class Gate:
    """The middleware.

    Parameters
    ----------
    pages
        Addresses and callbacks of the pages.
    real
        Gives the routes that answer to something; what has no row among them is shut.
    """

    def __init__(self, app: ASGIApp, services: Services, pages: Pages, real: Callable[[], Sequence[Any]]) -> None:
        self._app, self._services, self._pages, self._real = app, services, pages, real
        self._table = Table()
        self._rates = Rates(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "websocket":
            # Nothing of ours speaks this; Dash would listen.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await read_body(receive) if scope["path"] == CALLBACK and scope["method"] == "POST" else None
        wanted = self._wanted(scope, body)
        headers = {name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]}
        if scope["path"] == METRICS and self._monitors(headers):
            wanted = replace(wanted, row=Row(PUBLIC))
        try:
            identity = await self._who(scope, wanted, headers)
            refused = await self._refused(identity, wanted)
            if isinstance(identity, Response):
                await identity(scope, receive, send)
                return
        except AuthError as error:
            await self._turn_away(scope, wanted, error)(scope, receive, send)
            return
        except SQLAlchemyError:
            log.exception("The gate cannot read the database")
            detail = "The database cannot be reached at the moment. Nothing was changed; repeat the request."
            await answer(503, "database_away", detail, headers={"Retry-After": "2"})(scope, receive, send)
            return
        if wanted.is_odd:
            await answer(400, "bad_callback", "No page of ours calls it like this.")(scope, receive, send)
            return
        again = receive if body is None else replay(body, receive)
        scope[ACCOUNT] = identity.account
        with acting_as(identity, refused):
            await self._app(scope, again, self._private(wanted, refused, send))

    # --- what is wanted ---

    def _wanted(self, scope: Scope, body: bytes | None) -> Wanted:
        method, path = scope["method"], scope["path"]
        row = self._table.row(method, path)
        if body is not None:
            return self._called(row, body)
        if row is None and method in SAFE and not path.startswith(NO_PAGES):
            page, places = self._pages.find(path)
            return Wanted(None, page, places, is_document="." not in path.rpartition("/")[2])
        if row is None and any(route.matches(scope)[0] is Match.FULL for route in self._real()):
            # A test holds that this does not happen.
            log.error("%s %s has no row in dashboard.auth.roles; it is shut", method, path)
            return Wanted(Row(frozenset({Role.OPEN})))
        shown = path.endswith((".html", ".pdf", "/docs", ".xlsx"))
        return Wanted(row, is_document=shown, automatic=path in ALONE)

    def _called(self, row: Row | None, body: bytes) -> Wanted:
        """Read which callback a page calls, and whether it is the one that changes pages."""
        try:
            asked = orjson.loads(body)
            output, changed = str(asked["output"]), set(asked.get("changedPropIds") or ())
            given = asked.get("inputs") or []
            inputs = {f"{one['id']}.{one['property']}": one.get("value") for one in given if isinstance(one, dict)}
            takes = len(given), len(asked.get("state") or [])
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return Wanted(row, outputs="?", is_odd=True)
        if ROUTER in output:
            page, places = self._pages.find(str(inputs.get("_pages_location.pathname") or "/"))
            return Wanted(row, page, places, outputs=output, is_odd=takes[0] != len(inputs) or takes[0] != 2)
        is_odd = takes != self._pages.takes.get(output, takes)
        return Wanted(row, outputs=output, automatic=bool(changed) and changed <= BY_ITSELF, is_odd=is_odd)

    def _monitors(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the key for figures of operation."""
        key = self._services.settings.metrics_key.get_secret_value()
        kind, _, given = headers.get("authorization", "").partition(" ")
        given = given.strip()
        return bool(key) and kind.lower() == "bearer" and hmac.compare_digest(given.encode(), key.encode())

    # --- who ---

    async def _who(self, scope: Scope, wanted: Wanted, headers: Mapping[str, str]) -> Any:
        """Give who asks, or an answer that must come first."""
        asked = asked_by(scope, headers, automatic=wanted.automatic)
        public = wanted.row is not None and wanted.row.roles is PUBLIC
        settings, door = self._services.settings, self._services.access.door
        is_unknown = self._count(scope["path"], asked)
        if not door.is_fresh:
            await asyncio.to_thread(door.look)
        if scope["method"] not in SAFE and not asked.key:
            by_cookie = not public and not door.is_open and bool(asked.cookies.keys() & {SESSION, KIOSK})
            check_origin(headers, settings.public_url, by_cookie=by_cookie)
        if public:
            return replace(NOBODY, address=asked.address)
        if wanted.page and wanted.is_document:
            query = dict(parse_qsl(scope["query_string"].decode("latin1")))
            if "kiosk" in query:
                return await asyncio.to_thread(self._welcome, scope, query, asked.address)
        try:
            identity = door.identify(asked) if door.knows(asked) else await asyncio.to_thread(door.identify, asked)
        except SignedOut:
            if is_unknown:
                self._rates.address(asked.address)
            raise
        if identity.role is Role.OPEN and not settings.open_to_network:
            check_host(headers, settings.host, settings.public_url)
        if identity.role is None:
            raise SignedOut("Sign in first, at /login; programs send a key: Authorization: Bearer <key>.")
        if identity.must_change and scope["path"] not in FIRST_PASSWORD:
            raise FirstPassword("Choose a password of your own first, at /login.")
        return identity

    def _count(self, path: str, asked: Asked) -> bool:
        """Count a request before it costs anything; whoever sits at a machine without accounts is not counted.

        Gives whether it holds a token that this process has not met: that counts when it turns out to be nobody's, for
        after a restart everybody behind one address comes back at once.
        """
        door = self._services.access.door
        if path.startswith(UNCOUNTED) or (door.is_open and is_loopback(asked.address)):
            return False
        holder = door.holder(asked)
        if holder:
            self._rates.holder(holder)
            return False
        is_unknown = bool(asked.key or given(asked)) and not door.is_open
        self._rates.address(asked.address, is_open=door.is_open, takes=not is_unknown)
        return is_unknown

    def _welcome(self, scope: Scope, query: dict[str, str], address: str) -> Response:
        """Let a wall in by the token in its address, and take the token out of the address."""
        services, secret = self._services, query.pop("kiosk")
        rest = f"?{urlencode(query)}" if query else ""
        # An address that begins with two slashes would lead to another host.
        own = "/" + scope["path"].lstrip("/")
        leading = RedirectResponse(own + rest, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
        if services.access.door.is_open:
            return leading
        identity = services.access.door.identify(Asked({KIOSK: secret}, address=address))
        accounts.note(services.engine, entry(identity, What.KIOSK_OPENED), services.now())
        set_cookie(leading, KIOSK, secret, KIOSK_SECONDS, secure=is_secure(scope, services.settings.public_url))
        return leading

    # --- what they may ---

    async def _refused(self, identity: Any, wanted: Wanted) -> str:
        """Say why a page is not theirs; raises Forbidden for what is no page."""
        if not isinstance(identity, Identity) or (wanted.row is not None and wanted.row.roles is PUBLIC):
            return ""
        role = identity.role
        if wanted.row is not None and role not in wanted.row.roles:
            raise Forbidden(f"{role} does not call this; docs/access.md says who does.")
        if wanted.outputs and not wanted.page:
            pages = self._pages.callbacks.get(wanted.outputs, frozenset())
            if not any(role in PAGES[page].roles for page in pages):
                raise Forbidden(f"{role} opens no page to which this callback belongs.")
        if not wanted.page:
            return ""
        if role not in PAGES[wanted.page].roles:
            return "role"
        return await self._other(identity, wanted)

    async def _other(self, identity: Identity, wanted: Wanted) -> str:
        """Say whether the page is about somebody else's township or case."""
        places = wanted.places or {}
        if wanted.page == "township" and identity.kind == "township" and places.get("code") != identity.code:
            return "township"
        if wanted.page == "case" and not identity.sees_all:
            return await asyncio.to_thread(self._other_case, identity, places.get("number", ""))
        return ""

    def _other_case(self, identity: Identity, number: str) -> str:
        try:
            return "" if owns(identity, views.case_page(self._services.engine, number).state) else "case"
        except NoSuchCase:
            return ""

    # --- how they are turned away ---

    def _turn_away(self, scope: Scope, wanted: Wanted, error: AuthError) -> Response:
        if wanted.is_document and isinstance(error, SignedOut | FirstPassword):
            query = scope["query_string"].decode("latin1")
            asked = [(name, value) for name, value in parse_qsl(query) if name != "kiosk"]
            back = scope["path"] + (f"?{urlencode(asked)}" if asked else "")
            return RedirectResponse(
                f"/login?why={error.reason}&next={quote(back, safe='')}",
                HTTPStatus.SEE_OTHER,
                {"Cache-Control": "no-store"},
            )
        return auth_error(error)

    def _private(self, wanted: Wanted, refused: str, send: Send) -> Send:
        """Let nobody on the way keep for all what was given to one; a page that is not theirs says so by its status."""
        if (wanted.row is not None and wanted.row.roles is PUBLIC) or self._services.access.door.is_open:
            return send

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = headers.get("cache-control", "")
                if refused and wanted.is_document:
                    message["status"] = 403
                headers["Cache-Control"] = own(kept)
            await send(message)

        return send_private


def asked_by(scope: Scope, headers: Mapping[str, str], *, automatic: bool) -> Asked:
    """Read what a request says about who asks."""
    kind, _, key = headers.get("authorization", "").partition(" ")
    client = scope.get("client") or ("", 0)
    cookies = cookie_parser(headers.get("cookie", ""))
    return Asked(cookies, key.strip() if kind.lower() == "bearer" else "", client[0], automatic)


def is_secure(scope: Scope, public_url: str) -> bool:
    """Say whether the browser came by https; a proxy says so, or the setting does."""
    return scope.get("scheme") == "https" or public_url.startswith("https://")


def install(app: FastAPI, services: Services, pages: Pages) -> None:
    """Put the gate before an application."""

    def real() -> list[Any]:
        return [route for route in app.routes if getattr(route, "path", "") not in CATCHING]

    app.add_middleware(Gate, services=services, pages=pages, real=real)


def own(kept: str) -> str:
    """Give the rule of keeping an answer that is one person's: no proxy on the way keeps it."""
    if not kept:
        return "private, no-cache"
    said = kept.replace("public", "private")
    return said if "private" in said or "no-store" in said else f"private, {said}"
