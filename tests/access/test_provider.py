"""Signing in through a real identity provider, started as a process by the test."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from dashboard.auth.oidc import Attempt, meanings, provider_of
from dashboard.server import create_app
from dashboard.settings import Settings, SettingsError
from data import accounts
from tests.access.conftest import Door, forget_cookies
from tests.access.test_sign_in import cookie
from tests.api.conftest import Watch, called
from tests.api.conftest import small_pack as small_pack  # noqa: PLC0414 - fixtures
from tests.api.conftest import watch as watch  # noqa: PLC0414
from tests.environment.ports import free_port

ROOT = Path(__file__).parents[2]
ROLES = (
    "onemap-command=commander; onemap-east=leader township:330200001; onemap-admin=administrator; odd=leader township:9"
)


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Address of a provider that insists on PKCE and a nonce."""
    port = free_port()
    command = [sys.executable, "-m", "tests.access.provider", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while time.monotonic() < end:
            try:
                httpx.get(f"{url}/.well-known/openid-configuration", timeout=2)
                break
            except httpx.TransportError:
                assert process.poll() is None, "the provider does not start"
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def given(small_pack: Path, sqlite_url: str, issuer: str) -> Settings:
    return Settings(
        region=str(small_pack),
        database_url=sqlite_url,
        access="accounts",
        oidc_issuer=issuer,
        oidc_client_id="onemap",
        oidc_client_secret="secret",
        oidc_roles=ROLES,
        oidc_name="浙政钉",
    )


@pytest.fixture
def door(given: Settings, watch: Watch) -> Iterator[Door]:
    app = create_app(given, now=watch)
    with called(app) as caller:
        forget_cookies(caller)
        yield Door(caller, app.state.services, watch)


def known(issuer: str, subject: str, **claims: Any) -> None:
    """Tell the provider of somebody."""
    assert httpx.put(f"{issuer}/users/{subject}", json=claims).status_code == 204


def sent(door: Door, back: str = "") -> tuple[str, str]:
    """Be sent to the provider; gives its address and our cookie."""
    start = door.caller.get(f"/oidc/start?next={back}")
    assert start.status_code == 303, start.text
    carried = cookie(start, "onemap_oidc")
    assert (carried["httponly"], carried["samesite"], carried["path"], carried["max-age"]) == (
        True,
        "lax",
        "/oidc",
        "600",
    )
    return start.headers["location"], carried.value


def returned(address: str, subject: str) -> str:
    """Sign in at the provider; gives where it sends the browser."""
    answer = httpx.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def enter(door: Door, subject: str, back: str = "") -> httpx.Response:
    """The whole way of a browser."""
    address, carried = sent(door, back)
    location = returned(address, subject)
    assert location.startswith("http://127.0.0.1/oidc/callback?")
    return door.caller.get(location, headers={"Cookie": f"onemap_oidc={carried}"})


def test_the_browser_is_sent_with_state_nonce_and_a_challenge(door: Door, issuer: str) -> None:
    address, _ = sent(door)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{issuer}/oauth2/authorize?")
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", "onemap", "S256")
    assert asked["redirect_uri"] == "http://127.0.0.1/oidc/callback"
    assert asked["scope"] == "openid profile"
    assert len(asked["state"]) > 40
    assert len(asked["nonce"]) > 40
    again, _ = sent(door)
    assert parse_qs(urlsplit(again).query)["state"] != [asked["state"]]


def test_the_button_stands_on_the_page(door: Door) -> None:
    assert "浙政钉" in door.caller.get("/login").text


def test_whoever_the_provider_knows_comes_in_with_the_role_of_the_claim(door: Door, issuer: str) -> None:
    known(issuer, "u1", preferred_username="Zhao.Liu", name="赵六", groups=["staff", "onemap-east"])
    entered = enter(door, "u1", "/case/CX20261124-00001?lang=en")
    assert (entered.status_code, entered.headers["location"]) == (303, "/case/CX20261124-00001?lang=en")
    somebody = door.holding(cookie(entered).value)
    who = somebody.get("/api/v1/session").json()
    assert (who["name"], who["display"], who["role"], who["scope"]) == (
        "zhao.liu",
        "赵六",
        "leader",
        "township:330200001",
    )
    assert who["must_change"] is False
    assert cookie(entered, "onemap_oidc")["max-age"] == "0"
    assert door.noted("provider_signed_in")[0].account == "zhao.liu"
    refused = door.caller.post("/api/v1/session", json={"name": "zhao.liu", "password": ""})
    assert refused.status_code == 401, "there is no password to come in with"


def test_the_role_follows_the_claim_at_every_sign_in(door: Door, issuer: str) -> None:
    known(issuer, "u2", preferred_username="qian", groups="onemap-command")
    first = door.holding(cookie(enter(door, "u2")).value)
    assert first.get("/api/v1/session").json()["role"] == "commander"
    known(issuer, "u2", preferred_username="qian", groups=["onemap-admin"])
    second = enter(door, "u2")
    assert second.headers["location"] == "/users"
    assert first.get("/api/v1/session").status_code == 401, "what was allowed before ends"
    known(issuer, "u2", preferred_username="qian", groups=[])
    assert enter(door, "u2").headers["location"] == "/login?why=provider_refused"


REFUSED = {
    "no role": {"preferred_username": "sun", "groups": ["staff"]},
    "no claim": {"preferred_username": "sun"},
    "a role that does not fit the region": {"preferred_username": "sun", "groups": ["odd"]},
    "somebody else's name": {"preferred_username": "BOSS", "groups": ["onemap-admin"]},
}


@pytest.mark.parametrize("why", REFUSED)
def test_whoever_has_no_role_here_is_told_so_and_no_account_is_made(door: Door, issuer: str, why: str) -> None:
    door.account("boss", "administrator")
    known(issuer, "u3", **REFUSED[why])
    answer = enter(door, "u3")
    assert answer.headers["location"] == "/login?why=provider_refused"
    assert "set-cookie" not in answer.headers or "onemap_session" not in answer.headers["set-cookie"]
    assert [one.name for one in accounts.everybody(door.services.engine)] == ["boss"]
    assert door.noted("provider_refused")
    assert "管理员" in door.caller.get(answer.headers["location"]).text


def test_a_disabled_account_stays_out_whatever_the_provider_says(door: Door, issuer: str) -> None:
    known(issuer, "u4", preferred_username="zhou", groups=["onemap-command"])
    enter(door, "u4")
    door.services.access.managing.disable("zhou", accounts.By("test"))
    assert enter(door, "u4").headers["location"] == "/login?why=provider_refused"


def test_a_way_back_that_was_not_begun_here_is_refused(door: Door, issuer: str) -> None:
    known(issuer, "u5", preferred_username="wu", groups=["onemap-command"])
    address, carried = sent(door)
    location = returned(address, "u5")
    _, other = sent(door)
    for headers in ({}, {"Cookie": f"onemap_oidc={other}"}, {"Cookie": "onemap_oidc=nonsense"}):
        assert door.caller.get(location, headers=headers).headers["location"] == "/login?why=provider_refused"
    # The same code a second time, and a verifier that is not the one that was begun with.
    state, nonce, _, rest = carried.split(".")
    forged = f"onemap_oidc={state}.{nonce}.{'x' * 64}.{rest}"
    assert door.caller.get(location, headers={"Cookie": forged}).headers["location"] == "/login?why=provider_refused"
    assert accounts.everybody(door.services.engine) == ()


def test_a_token_for_another_attempt_is_refused(door: Door, issuer: str) -> None:
    known(issuer, "u6", preferred_username="zheng", groups=["onemap-command"])
    address, carried = sent(door)
    location = returned(address, "u6")
    state, _, verifier, rest = carried.split(".")
    forged = f"onemap_oidc={state}.{'n' * 64}.{verifier}.{rest}"
    answer = door.caller.get(location, headers={"Cookie": forged})
    assert answer.headers["location"] == "/login?why=provider_refused"
    assert "nonce" in str(door.noted("provider_refused")[0].detail)


def test_nobody_is_led_to_another_site_by_a_link_to_the_way_in(door: Door, issuer: str) -> None:
    known(issuer, "u7", preferred_username="feng", groups=["onemap-command"])
    for back in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert enter(door, "u7", back).headers["location"] == "/"


def test_a_provider_that_is_away_is_told_of(given: Settings, watch: Watch) -> None:
    gone = given.model_copy(update={"oidc_issuer": f"http://127.0.0.1:{free_port()}"})
    app = create_app(gone, now=watch)
    with called(app) as caller:
        assert caller.get("/oidc/start").headers["location"] == "/login?why=provider_away"
        assert "稍后再试" in caller.get("/login?why=provider_away").text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"oidc_issuer": "http://idp.example", "oidc_client_id": "x"}, "https"),
        ({"oidc_issuer": "https://idp.example"}, "CLIENT_ID"),
        ({"oidc_issuer": "https://idp.example", "oidc_client_id": "x", "oidc_roles": "a=king"}, "commander"),
        ({"oidc_issuer": "https://idp.example", "oidc_client_id": "x", "oidc_roles": "commander"}, "value=role"),
    ],
)
def test_settings_that_cannot_be_used_end_the_start(settings: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        provider_of(Settings(**settings))


def test_the_meanings_of_a_claim_are_written_in_one_line() -> None:
    assert meanings(" a=commander;cn=x,ou=y=leader township:1 ;") == {
        "a": ("commander", ""),
        "cn=x,ou=y": ("leader", "township:1"),
    }


def test_an_attempt_is_read_back_as_it_was_written() -> None:
    one = Attempt.new()
    assert Attempt.read(one.written()) == one
    assert Attempt.read("a..b") is None
