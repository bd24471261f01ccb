"""/login, /api/v1/session and /oidc: coming in and going out."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard import text, theme
from dashboard.api.given import Given, Json
from dashboard.api.parse import STRICT
from dashboard.auth import AuthError, Identity, Role, who
from dashboard.auth.cookies import drop_cookie, set_cookie
from dashboard.auth.door import SESSION
from dashboard.auth.oidc import Attempt, Known, ProviderRefused
from dashboard.auth.passwords import LONGEST, SHORTEST
from dashboard.auth.record import What
from dashboard.auth.sign_in import plain
from dashboard.documents.login import login_html
from dashboard.services import Services
from data import accounts
from data.accounts import Account, By, Entry, NewAccount

router = APIRouter(tags=["access"])
ways_in = APIRouter(include_in_schema=False)
OIDC, OIDC_PATH, OIDC_SECONDS = "onemap_oidc", "/oidc", 600
CALLBACK = "/oidc/callback"
LONGEST_ADDRESS = 2000
Typed = Annotated[str, Field(max_length=1000)]


class SignIn(BaseModel):
    """Name and password."""

    model_config = STRICT

    name: Typed
    password: Typed


class NewPassword(BaseModel):
    """The password until now, and the next."""

    model_config = STRICT

    before: Typed
    after: Typed


@router.post("/session")
def sign_in(services: Given, request: Request, body: SignIn) -> Response:
    """Begin a session, which a cookie carries that no script reads.

    After some failures the next attempt has to wait (429, `retry_after` seconds), whether or not there is such an
    account. With `must_change`, the session only opens the way to an own password.
    """
    before = request.cookies.get(SESSION, "")
    token, identity = services.access.reception.sign_in(body.name, body.password, who().address, before)
    return carrying(services, request, token, identity)


@router.get("/session")
def session() -> Response:
    """Who is asking: role, scope, and when the session ends."""
    return Json(identity_out(who()))


@router.post("/session/password")
def change_password(services: Given, request: Request, body: NewPassword) -> Response:
    """Change the own password. Every other session of the account ends; this one goes on under a new token."""
    identity = person()
    token, changed = services.access.reception.change_password(identity, body.before, body.after)
    return carrying(services, request, token, changed)


@router.post("/session/end")
def sign_out(services: Given, request: Request) -> Response:
    """End the session."""
    services.access.reception.sign_out(person())
    return without(services, request, {"ended": 1})


@router.post("/session/end-all")
def sign_out_everywhere(services: Given, request: Request) -> Response:
    """End every session of the account, this one included."""
    return without(services, request, {"ended": services.access.reception.sign_out_everywhere(person())})


@ways_in.get("/login")
def login(
    services: Given,
    request: Request,
    next: str = "",
    why: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Give the page on which one signs in; it needs nothing of Dash."""
    default = next_language(services)
    language = text.chosen({**request.cookies, **cookie_of(request)}, default)
    page = login_html(
        language=language,
        light=theme.chosen(request.cookies),
        region=services.region.names.get("zh" if language == text.LANGUAGES[0] else "en", services.region.name),
        why=why,
        back=local(next),
        provider=provider_name(services, language),
        lengths=(SHORTEST, LONGEST),
        is_open=services.access.door.is_open,
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


@ways_in.get("/oidc/start")
def oidc_start(services: Given, request: Request, next: str = "") -> Response:
    """Send the browser to the identity provider."""
    if services.access.provider is None:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    attempt = Attempt.new()
    try:
        address = services.access.provider.address(attempt, own_address(services, request) + CALLBACK)
    except AuthError as error:
        return RedirectResponse(f"/login?why={error.reason}", HTTPStatus.SEE_OTHER)
    leading = RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    kept = f"{attempt.written()}.{quote(local(next), safe='').replace('.', '%2E')}"
    set_cookie(leading, OIDC, kept, OIDC_SECONDS, secure=is_secure(services, request), path=OIDC_PATH)
    return leading


@ways_in.get(CALLBACK)
def oidc_back(services: Given, request: Request, code: str = "", state: str = "", error: str = "") -> Response:
    """Take somebody in whom the identity provider sends back."""
    written, _, back = request.cookies.get(OIDC, "").rpartition(".")
    attempt, by = Attempt.read(written), By("", who().address)
    try:
        if services.access.provider is None or attempt is None or attempt.state != state or not code:
            raise ProviderRefused(f"The way back from the identity provider does not fit: {error[:80] or 'no state'}.")
        known = services.access.provider.known(attempt, code, own_address(services, request) + CALLBACK)
        by = By(plain(known.name), who().address)
        account = account_of(services, known, by)
    except AuthError as refused:
        entry = Entry(What.PROVIDER_REFUSED, by, detail={"said": str(refused)[:500]})
        accounts.note(services.engine, entry, services.now())
        leading = RedirectResponse(f"/login?why={refused.reason}", HTTPStatus.SEE_OTHER)
    else:
        before = request.cookies.get(SESSION, "")
        token, identity = services.access.reception.begin(account, who().address, before, What.PROVIDER_SIGNED_IN)
        leading = RedirectResponse(local(unquote(back)) or identity.home, HTTPStatus.SEE_OTHER)
        keep(services, request, leading, token)
    drop_cookie(leading, OIDC, secure=is_secure(services, request), path=OIDC_PATH)
    return leading


def account_of(services: Services, known: Known, by: By) -> Account:
    """Give the account of somebody whom the provider knows, as the provider says it is today.

    Raises
    ------
    ProviderRefused
        It is disabled, or somebody else's name, or its role does not fit the region.
    """
    engine, now = services.engine, services.now()
    found = accounts.find(engine, subject=known.subject)
    try:
        services.access.managing.check_role(known.role, known.scope)
        if found is None:
            new = NewAccount(
                plain(known.name),
                known.display[:80],
                known.role,
                known.scope,
                None,
                must_change=False,
                subject=known.subject,
            )
            entry = Entry(What.ACCOUNT_ADDED, by, new.name, {"role": known.role, "scope": known.scope})
            found = accounts.add(engine, new, entry, now)
        elif (found.role, found.scope) != (known.role, known.scope):
            values = {"role": known.role, "scope": known.scope}
            found = accounts.change(
                engine, found.name, values, Entry(What.ACCOUNT_CHANGED, by, found.name, values), now
            )
    except accounts.AccessError as error:
        raise ProviderRefused(str(error)) from error
    services.access.door.moved()
    if not found.is_active:
        raise ProviderRefused(f"The account {found.name} is disabled.")
    return found


def person() -> Identity:
    """Give who asks, where it has to be a person with an account; raises AuthError."""
    identity = who()
    if identity.role in (None, Role.OPEN):
        raise AuthError("Nobody is signed in; this server has no accounts yet.")
    return identity


def carrying(services: Services, request: Request, token: str, identity: Identity) -> Response:
    """Answer with the session's cookie."""
    answer = Json(identity_out(identity), headers={"Cache-Control": "no-store"})
    keep(services, request, answer, token)
    return answer


def keep(services: Services, request: Request, answer: Response, token: str) -> None:
    """Have the browser carry the session, as long as it can last."""
    seconds = services.settings.session_hours * 3600
    set_cookie(answer, SESSION, token, seconds, secure=is_secure(services, request))


def without(services: Services, request: Request, said: dict[str, int]) -> Response:
    """Answer and take the session's cookie away."""
    answer = Json(said)
    drop_cookie(answer, SESSION, secure=is_secure(services, request))
    return answer


def identity_out(identity: Identity) -> dict[str, Any]:
    """Write who somebody is."""
    return {
        "name": identity.account,
        "display": identity.display,
        "role": identity.role,
        "scope": identity.scope,
        "must_change": identity.must_change,
        "ends_at": identity.ends_at,
        "home": identity.home,
    }


def is_secure(services: Services, request: Request) -> bool:
    """Say whether the browser came by https."""
    return request.url.scheme == "https" or services.settings.public_url.startswith("https://")


def own_address(services: Services, request: Request) -> str:
    """Give the address by which browsers know us, without a slash at its end."""
    return services.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"


def local(address: str) -> str:
    """Give an address only if it is one of our own pages: nobody is led elsewhere by a link to the way in."""
    safe = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if safe and len(address) <= LONGEST_ADDRESS else ""


def next_language(services: Services) -> str:
    """Give the language of a first visit."""
    return next(name for name in text.LANGUAGES if name.startswith(services.settings.language))


def cookie_of(request: Request) -> dict[str, str]:
    """Give the language that the address asks for, as if a cookie said it."""
    asked = request.query_params.get("lang")
    return {text.COOKIE: asked} if asked else {}


def provider_name(services: Services, language: str) -> str:
    """Say what the button of the identity provider says; nothing without one."""
    if services.access.provider is None:
        return ""
    return services.access.provider.name or text.say("login.provider", language)
