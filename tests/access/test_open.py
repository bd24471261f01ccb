# ruff: noqa: F811
"""As long as there is no account, whoever sits at the machine may do everything, and nobody else anything."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from fastapi import FastAPI

from dashboard.auth.door import is_loopback
from dashboard.cli.serve import check_reach
from dashboard.server import create_app
from dashboard.settings import Settings, SettingsError
from tests.access.conftest import TEST
from tests.api.conftest import Caller, Watch, called, report, settings, small_pack, watch  # noqa: F401 - fixtures
from tests.api.test_every_route_answers import navigation


@contextmanager
def from_address(app: FastAPI, address: str, base: str = "http://127.0.0.1") -> Iterator[Caller]:
    """Call an application as a client at an address."""
    with called(app) as caller:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
        caller._client = httpx.AsyncClient(transport=transport, base_url=base)
        yield caller


@pytest.mark.parametrize("address", ["127.0.0.1", "127.5.5.5", "::1", "::ffff:127.0.0.1"])
def test_this_machine_does_everything_without_signing_in(settings: Settings, watch: Watch, address: str) -> None:
    with from_address(create_app(settings, now=watch), address) as caller:
        assert caller.post("/api/v1/cases", json=report()).status_code == 201
        assert caller.get("/api/v1/users").json() == {"users": []}
        assert caller.get("/api/v1/session").json()["role"] == "open"


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "::2", "fe80::1%eth0", ""])
def test_another_machine_gets_nothing_and_is_told_the_way(settings: Settings, watch: Watch, address: str) -> None:
    with from_address(create_app(settings, now=watch), address) as caller:
        refused = caller.post("/api/v1/cases", json=report())
        assert (refused.status_code, refused.json()["reason"]) == (401, "local_only")
        page = caller.get("/wall")
        assert page.headers["location"] == "/login?why=local_only&next=%2Fwall"
        assert "user add" in caller.get(page.headers["location"]).text
        assert caller.get("/healthz").status_code == 200


def test_in_a_closed_network_one_may_say_otherwise(settings: Settings, watch: Watch) -> None:
    told = settings.model_copy(update={"open_to_network": True})
    with from_address(create_app(told, now=watch), "10.0.0.7", "http://map.county") as caller:
        assert caller.post("/api/v1/cases", json=report()).status_code == 201


def test_another_name_for_this_machine_is_not_ours(settings: Settings, watch: Watch) -> None:
    """A page of evil.example whose name is made to lead to 127.0.0.1 (DNS rebinding)."""
    with from_address(create_app(settings, now=watch), "127.0.0.1", "http://evil.example") as caller:
        assert caller.get("/api/v1/board").json()["reason"] == "local_only"
    for name in ("http://localhost:8050", "http://[::1]:8050", "http://onemap.localhost"):
        with from_address(create_app(settings, now=watch), "127.0.0.1", name) as caller:
            assert caller.get("/api/v1/board").status_code == 200, name


def test_another_sites_page_changes_nothing(client: Caller) -> None:
    refused = client.post("/api/v1/cases", json=report(), headers={"Origin": "https://evil.example"})
    assert refused.json()["error"] == "cross_site"
    assert client.get("/api/v1/cases").json()["cases"] == []


def test_every_page_says_that_nobody_has_to_sign_in(client: Caller) -> None:
    layout = client.get("/_dash-layout").text
    assert "open-line" in layout
    assert "尚无账号" in layout


def test_the_first_account_shuts_the_door_at_once(client: Caller, app: FastAPI) -> None:
    made = client.post("/api/v1/users", json={"name": "boss", "role": "administrator"})
    assert made.status_code == 201
    assert client.get("/api/v1/board").status_code == 401
    assert client.get("/wall").status_code == 303
    entered = client.post("/api/v1/session", json={"name": "boss", "password": made.json()["first_password"]})
    assert entered.json()["must_change"] is True


def test_an_account_made_at_the_command_line_shuts_it_within_a_second(
    client: Caller,
    settings: Settings,
    watch: Watch,
    app: FastAPI,
) -> None:
    assert client.get("/api/v1/board").status_code == 200
    elsewhere = create_app(settings, now=watch).state.services
    elsewhere.access.managing.add("boss", "", "administrator", "", TEST)
    elsewhere.engine.dispose()
    app.state.services.access.door._looked = None  # a second later
    assert client.get("/api/v1/board").status_code == 401


def test_disabled_accounts_do_not_open_it_again(client: Caller, app: FastAPI) -> None:
    managing = app.state.services.access.managing
    managing.add("boss", "", "administrator", "", TEST)
    managing.add("li", "", "commander", "", TEST)
    managing.disable("li", TEST)
    assert client.get("/api/v1/board").status_code == 401


@pytest.mark.parametrize(
    ("access", "accounts", "status"), [("open", 1, 200), ("accounts", 0, 401), ("auto", 0, 200), ("auto", 1, 401)]
)
def test_the_setting_says_whether_one_has_to_sign_in(
    settings: Settings,
    watch: Watch,
    access: str,
    accounts: int,
    status: int,
) -> None:
    app = create_app(settings.model_copy(update={"access": access}), now=watch)
    for n in range(accounts):
        app.state.services.access.managing.add(f"boss{n}", "", "administrator", "", TEST)
    with called(app) as caller:
        assert caller.get("/api/v1/board").status_code == status
        assert ("open-line" in caller.get("/_dash-layout").text) == (status == 200)


@pytest.mark.parametrize(
    ("host", "is_open", "told", "refused"),
    [
        ("127.0.0.1", True, False, False),
        ("localhost", True, False, False),
        ("::1", True, False, False),
        ("0.0.0.0", True, False, True),
        ("10.0.0.5", True, False, True),
        ("0.0.0.0", True, True, False),
        ("0.0.0.0", False, False, False),
    ],
)
def test_the_server_does_not_listen_to_others_while_nobody_has_to_sign_in(
    host: str, is_open: bool, told: bool, refused: bool
) -> None:
    one = Settings(host=host, open_to_network=told)
    if refused:
        with pytest.raises(SettingsError, match="user add"):
            check_reach(one, is_open=is_open)
    else:
        check_reach(one, is_open=is_open)


def test_what_is_this_machine() -> None:
    assert [is_loopback(one) for one in ("127.0.0.1", "::1", "0.0.0.0", "::", "localhost", "evil", "")] == [
        True,
        True,
        *[False] * 5,
    ]


def test_in_the_open_everything_is_there_as_before(client: Caller) -> None:
    drawn = client.post("/_dash-update-component", json=navigation("/users"))
    assert "users-body" in drawn.text
    for link in ("/users", "/audit", "/duplicates", "/wall"):
        assert f"'href': '{link}'" in str(drawn.json())


@pytest.fixture
def app(settings: Settings, watch: Watch) -> FastAPI:
    return create_app(settings, now=watch)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Caller]:
    with called(app) as caller:
        yield caller
