# ruff: noqa: F811
"""An application with accounts over the small region, and callers who have signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from dashboard.auth.passwords import Passwords, new_token, token_hash
from dashboard.server import create_app
from dashboard.services import Services
from dashboard.settings import Settings
from data import accounts
from data.accounts import By, Entry, NewAccount
from tests.api.conftest import Caller, Watch, called, small_pack, watch  # noqa: F401 - fixtures

ORIGIN = {"Origin": "http://127.0.0.1"}
TEST = By("test")
UNUSABLE = "no password fits"
OWN, OTHER = "330200001", "330200002"
"""The townships of the small region: cells 0 to 3, and 4 to 7."""
PEOPLE = {
    "leader": ("leader", f"township:{OWN}"),
    "department": ("officer", "department:zhzf"),
    "unit": ("officer", "unit:zhzf-001"),
    "township": ("officer", f"township:{OWN}"),
    "commander": ("commander", ""),
    "adjudicator": ("adjudicator", ""),
    "administrator": ("administrator", ""),
}


@dataclass
class Somebody:
    """Calls as whoever has signed in, from the product's own page."""

    caller: Caller
    headers: dict[str, str]
    name: str = ""

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return self.caller.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.request("POST", path, json={} if body is None else body, **options)


@dataclass
class Door:
    """The application, and ways to be somebody at it."""

    caller: Caller
    services: Services
    watch: Watch

    def account(self, name: str, role: str, scope: str = "", password: str = UNUSABLE, **more: Any) -> accounts.Account:
        new = NewAccount(name, name, role, scope, password, **{"must_change": False} | more)
        made = accounts.add(self.services.engine, new, Entry("account_added", TEST, name), self.watch.now)
        self.services.access.door.moved()
        return made

    def session(self, account: accounts.Account) -> str:
        token, now = new_token(), self.watch.now
        entry = Entry("signed_in", By(account.name))
        accounts.open_session(self.services.engine, account, token_hash(token), now + timedelta(hours=12), entry, now)
        return token

    def person(self, name: str) -> Somebody:
        """One of `PEOPLE`, signed in."""
        found = accounts.find(self.services.engine, name) or self.account(name, *PEOPLE[name])
        return self.holding(self.session(found), name)

    def holding(self, token: str, name: str = "") -> Somebody:
        return Somebody(self.caller, {"Cookie": f"onemap_session={token}", **ORIGIN}, name)

    def kiosk(self, name: str = "hall") -> Somebody:
        _, secret = self.services.access.managing.add_kiosk(name, TEST)
        return Somebody(self.caller, {"Cookie": f"onemap_kiosk={secret}", **ORIGIN}, "kiosk")

    def key(self, source: str = "grid", name: str = "app") -> Somebody:
        _, secret = self.services.access.managing.add_key(name, source, TEST)
        return Somebody(self.caller, {"Authorization": f"Bearer {secret}"}, "reporter")

    def anybody(self) -> Somebody:
        """Nobody who has signed in."""
        return Somebody(self.caller, dict(ORIGIN), "nobody")

    def be(self, name: str) -> Somebody:
        if name in ("kiosk", "reporter", "nobody"):
            return {"kiosk": self.kiosk, "reporter": self.key, "nobody": self.anybody}[name]()
        return self.person(name)

    def noted(self, *whats: str) -> list[accounts.Noted]:
        """Rows of the audit of these kinds, the newest first."""
        return [one for one in accounts.entries(self.services.engine, limit=1000).rows if one.what in whats]


QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the least memory and time: what it guards is not what is tested here."""
    monkeypatch.setattr("dashboard.auth.access.Passwords", lambda: QUICK)


def forget_cookies(caller: Caller) -> None:
    """Each of those who call brings their own cookie, as if from a browser of their own."""
    caller._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))


@pytest.fixture
def access_settings(small_pack: Path, sqlite_url: str) -> Settings:
    return Settings(region=str(small_pack), database_url=sqlite_url, poll_ms=50, access="accounts")


@pytest.fixture
def access_app(access_settings: Settings, watch: Watch) -> FastAPI:
    return create_app(access_settings, now=watch)


@pytest.fixture
def door(access_app: FastAPI, watch: Watch) -> Iterator[Door]:
    with called(access_app) as caller:
        forget_cookies(caller)
        yield Door(caller, access_app.state.services, watch)


@pytest.fixture
def both_doors(small_pack: Path, database_url: str, watch: Watch) -> Iterator[Door]:
    """The same, once on each kind of database."""
    settings = Settings(region=str(small_pack), database_url=database_url, poll_ms=50, access="accounts")
    app = create_app(settings, now=watch)
    with called(app) as caller:
        forget_cookies(caller)
        yield Door(caller, app.state.services, watch)
