"""/api/v1/users, /tokens and /audit: what an administrator sees and changes. Secrets are told once, when made."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from dashboard.api.given import Given, Json
from dashboard.api.parse import STRICT, Code
from dashboard.auth import who
from dashboard.auth.record import by
from data import accounts
from data.accounts import Account, Noted, Token

router = APIRouter(tags=["access"])
Kind = Literal["kiosk", "key"]
Said = Annotated[Code, Field(max_length=200)]
MOST_ID = 2**63 - 1


class UserIn(BaseModel):
    """A new account."""

    model_config = STRICT

    name: Said = Field(description="What is typed at sign-in: letters, digits, `. _ - @`.")
    role: Said = Field(description="leader, officer, commander, adjudicator or administrator.")
    scope: Said = Field(default="", description="`township:<code>`, `department:<code>` or `unit:<code>`.")
    display: Said = Field(default="", description="What people call them.")


class ChangeIn(BaseModel):
    """What changes of an account; what is left out stays."""

    model_config = STRICT

    display: Said | None = None
    role: Said | None = None
    scope: Said | None = None
    disabled: bool | None = None


class TokenIn(BaseModel):
    """A new token for a wall, or a key for a source."""

    model_config = STRICT

    kind: Kind
    name: Said = Field(description="Where the wall hangs, or which system reports.")
    source: Said | None = Field(default=None, description="Of a key: code of the source for which it reports.")


@router.get("/users")
def users(services: Given) -> Response:
    """Give all accounts, by name."""
    return Json({"users": [account_out(one) for one in accounts.everybody(services.engine)]})


@router.post("/users", status_code=201)
def add(services: Given, body: UserIn) -> Response:
    """Make an account. The answer holds its first password, which is never told again."""
    account, first = services.access.managing.add(body.name, body.display, body.role, body.scope, by(who()))
    return Json(account_out(account) | {"first_password": first}, 201, {"Cache-Control": "no-store"})


@router.post("/users/{name}")
def change(services: Given, name: str, body: ChangeIn) -> Response:
    """Change what an account is called, its role, its scope, or shut it out; sessions end with the rights."""
    values = {field: value for field, value in body.model_dump(exclude={"disabled"}).items() if value is not None}
    account = services.access.managing.change(name, values, by(who()))
    if body.disabled is not None:
        account = services.access.managing.disable(name, by(who()), enable=not body.disabled)
    return Json(account_out(account))


@router.post("/users/{name}/reset")
def reset(services: Given, name: str) -> Response:
    """Give an account a first password again, told once; its sessions end and its failures are forgotten."""
    account, first = services.access.managing.reset(name, by(who()))
    return Json(account_out(account) | {"first_password": first}, headers={"Cache-Control": "no-store"})


@router.get("/tokens")
def tokens(services: Given, kind: Kind) -> Response:
    """Give all kiosk tokens or keys, the newest first, without their secrets."""
    return Json({"tokens": [token_out(one) for one in accounts.tokens(services.engine, kind)]})


@router.post("/tokens", status_code=201)
def add_token(services: Given, body: TokenIn) -> Response:
    """Make a kiosk token or a key. The answer holds the secret, which is never told again."""
    if body.kind == "kiosk":
        made, secret = services.access.managing.add_kiosk(body.name, by(who()))
        more = {"path": f"/wall?kiosk={secret}"}
    else:
        made, secret = services.access.managing.add_key(body.name, body.source or "", by(who()))
        more = {}
    return Json(token_out(made) | {"secret": secret} | more, 201, {"Cache-Control": "no-store"})


@router.post("/tokens/{number}/revoke")
def revoke(services: Given, number: Annotated[int, Path(ge=1, le=MOST_ID)], kind: Kind) -> Response:
    """Take a kiosk token or a key back for good; whoever uses it is out within seconds."""
    return Json(token_out(services.access.managing.revoke(kind, number, by(who()))))


@router.get("/audit")
def audit(
    services: Given,
    account: Annotated[Code, Query(description="Only of this one.")] = "",
    day: Annotated[date | None, Query(description="Only of this day of the region.")] = None,
    before: Annotated[int | None, Query(description="`next` of the page before.", ge=1, le=MOST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=accounts.MOST)] = 100,
) -> Response:
    """Give who did what, the newest first: sign-ins, failures, unmaskings, events recorded, changes of accounts."""
    start, end = accounts.day_span(day, services.region.zone) if day else (None, None)
    found = accounts.entries(services.engine, account, start, end, before, limit)
    return Json({"rows": [noted_out(one) for one in found.rows], "next": found.next})


def account_out(one: Account) -> dict[str, Any]:
    """Write an account, without its password."""
    return {
        "name": one.name,
        "display": one.display,
        "role": one.role,
        "scope": one.scope,
        "must_change": one.must_change,
        "provider": one.subject is not None,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "disabled_at": one.disabled_at,
    }


def token_out(one: Token) -> dict[str, Any]:
    """Write a token, without its secret."""
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "source": one.source,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "seen_at": one.seen_at,
        "revoked_at": one.revoked_at,
    }


def noted_out(one: Noted) -> dict[str, Any]:
    """Write a row of the audit."""
    return {
        "id": one.id,
        "at": one.at,
        "what": one.what,
        "account": one.account,
        "address": one.address,
        "target": one.target,
        "detail": dict(one.detail),
    }
