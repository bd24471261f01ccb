"""Other sites' pages: they change nothing, lead nobody astray, and get no cookie."""

from collections import Counter
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from sqlalchemy import text

from dashboard.api.door import local
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.access.conftest import TEST, Door, forget_cookies
from tests.api.conftest import Caller, called
from tests.security.conftest import CHANGING, READING, asked

FOREIGN = {
    "another site": {"Origin": "https://evil.example"},
    "a frame without origin": {"Origin": "null"},
    "told by the browser alone": {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    "a sister site": {"Origin": "", "Sec-Fetch-Site": "same-site"},
    "our own name as a part of another": {"Origin": "http://127.0.0.1.evil.example"},
    "our own name as a user of another": {"Origin": "http://127.0.0.1@evil.example"},
    "nobody knows": {"Origin": ""},
}
ASTRAY = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//[",
    "evil.example",
    "/" + "a" * 3000,
    " //evil.example",
]


def without_empty(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value}


@pytest.mark.parametrize("how", FOREIGN)
def test_no_other_site_changes_anything_for_whoever_signed_in(door: Door, world: dict[str, str], how: str) -> None:
    people = [door.be(name) for name in ("administrator", "commander")]
    for somebody in people:
        del somebody.headers["Origin"]
        somebody.headers |= without_empty(FOREIGN[how])
    before = counted(door)
    for somebody in people:
        for method, path in CHANGING:
            answer = asked(door, somebody, method, path, world["own"])
            if path == "/api/v1/session" and how == "nobody knows":
                # Signing in needs no session, so a program may do so; a page of another site may not.
                assert answer.status_code == 401
                continue
            assert (answer.status_code, answer.json()["error"]) == (403, "cross_site"), f"{method} {path}"
    after = counted(door)
    # A wrong password counts and is noted.
    assert changed(before, after) <= ({"audit", "attempts"} if how == "nobody knows" else set())


def counted(door: Door) -> Counter[str]:
    """Rows of every table."""
    with door.services.engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return Counter({one: connection.execute(text(f'SELECT count(*) FROM "{one}"')).scalar_one() for one in names})


def changed(before: Counter[str], after: Counter[str]) -> set[str]:
    # Notices are made meanwhile of what was there before.
    return {name for name in after if before[name] != after[name]} - {"notices"}


def test_reading_changes_nothing_so_a_link_cannot_either(door: Door, world: dict[str, str]) -> None:
    people = [door.be(name) for name in ("administrator", "commander", "leader")]
    before = counted(door)
    for method, path in READING:
        for somebody in people:
            assert asked(door, somebody, method, path, world["own"]).status_code < 500
    # Who came back from the identity provider without having been sent there is noted, and nothing else.
    assert changed(before, counted(door)) <= {"audit"}


@pytest.mark.parametrize("address", ASTRAY)
def test_the_way_back_leads_to_our_own_pages_alone(open_client: Caller, address: str) -> None:
    assert local(address) == ""
    page = open_client.get("/login", params={"next": address})
    assert page.status_code == 200
    assert 'data-back=""' in page.text


@pytest.mark.parametrize("address", ["/", "/wall", "/case/X?tab=1", "/township/330200001?a=b&c=d"])
def test_the_way_back_to_our_own_pages_stays(address: str) -> None:
    assert local(address) == address


def test_a_walls_address_leads_to_no_other_host(open_client: Caller, door: Door) -> None:
    for path in ("//evil.example/?kiosk=x", "///evil.example?kiosk=x", "/%2Fevil.example?kiosk=x", "/wall?kiosk=x"):
        # As a server gets it: a client would take the first for another host.
        for caller in (open_client, door.caller):
            answer = caller.request("GET", f"http://127.0.0.1{path}")
            there = answer.headers.get("location", "/")
            assert there.startswith("/"), path
            assert not there.startswith("//"), f"{path} leads to {there}"


def test_the_sessions_cookie_is_read_by_no_script_and_sent_by_no_other_site(
    small_pack: Any, sqlite_url: str, watch: Any
) -> None:
    for public, secure in (("", ""), ("https://map.example", True)):
        settings = Settings(region=str(small_pack), database_url=sqlite_url, public_url=public, access="accounts")
        app = create_app(settings, now=watch)
        with called(app) as caller:
            forget_cookies(caller)
            door = Door(caller, app.state.services, watch)
            made = door.be("administrator").post("/api/v1/users", {"name": f"w{bool(secure)}", "role": "commander"})
            body = {"name": f"w{bool(secure)}", "password": made.json()["first_password"]}
            for set_cookie in cookies_of(door, body):
                (morsel,) = SimpleCookie(set_cookie).values()
                assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "lax", "/")
                assert (morsel["secure"], morsel["domain"]) == (secure, "")


def cookies_of(door: Door, body: dict[str, str]) -> Iterator[str]:
    """Cookies of a person, of their sign-out, and of a wall."""
    entered = door.anybody().post("/api/v1/session", body)
    yield entered.headers["set-cookie"]
    token = SimpleCookie(entered.headers["set-cookie"])["onemap_session"].value
    yield door.holding(token).post("/api/v1/session/end").headers["set-cookie"]
    _, secret = door.services.access.managing.add_kiosk("hall", TEST)
    yield door.caller.get(f"/wall?kiosk={secret}").headers["set-cookie"]


def test_signing_in_takes_no_token_that_somebody_else_chose(door: Door) -> None:
    made = door.be("administrator").post("/api/v1/users", {"name": "wang", "role": "commander"}).json()
    chosen = door.holding("a" * 43)
    answer = chosen.post("/api/v1/session", {"name": "wang", "password": made["first_password"]})
    token = SimpleCookie(answer.headers["set-cookie"])["onemap_session"].value
    assert token != "a" * 43
    assert len(token) == 43, "256 bits in base64"
    assert chosen.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "[::1"])
def test_a_foreign_name_of_the_host_opens_nothing_while_nobody_has_to_sign_in(open_client: Caller, host: str) -> None:
    answer = open_client.get("/api/v1/cases", headers={"Host": host})
    assert (answer.status_code, answer.json().get("reason")) == (401, "local_only")


def test_a_foreign_name_of_the_host_stands_in_no_answer_where_the_address_is_known(
    small_pack: Any, sqlite_url: str, watch: Any
) -> None:
    settings = Settings(
        region=str(small_pack), database_url=sqlite_url, public_url="https://map.example", access="accounts"
    )
    app = create_app(settings, now=watch)
    with called(app) as caller:
        forget_cookies(caller)
        door = Door(caller, app.state.services, watch)
        somebody = door.be("commander")
        for path in (
            "/ogc",
            "/ogc/collections",
            "/ogc/collections/grid/items?limit=1",
            "/wall",
            "/login",
            "/oidc/start",
        ):
            answer = somebody.get(path, headers={"Host": "evil.example"})
            assert "evil.example" not in answer.text + str(answer.headers.raw), path
        assert "https://map.example/ogc" in somebody.get("/ogc", headers={"Host": "evil.example"}).text
