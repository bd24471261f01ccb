# ruff: noqa: F811
"""Walls come in by a token that leaves the address; whoever loses a right is told so by their stream within seconds."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from dashboard.auth import Role
from dashboard.auth.roles import ROUTES
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.access.conftest import PEOPLE, TEST, Door
from tests.access.test_every_role import make
from tests.access.test_sign_in import cookie
from tests.api.conftest import Watch, serve  # noqa: F401 - a fixture

SOON_S = 5.0


def test_a_wall_comes_in_by_its_token_and_the_token_leaves_the_address(both_doors: Door) -> None:
    door = both_doors
    _, secret = door.services.access.managing.add_kiosk("东墙", TEST)
    opened = door.caller.get(f"/wall?kiosk={secret}&lang=en")
    assert (opened.status_code, opened.headers["location"]) == (303, "/wall?lang=en")
    assert secret not in opened.headers["location"]
    carried = cookie(opened, "onemap_kiosk")
    assert (carried.value, carried["httponly"], carried["samesite"]) == (secret, True, "lax")
    assert int(carried["max-age"]) > 300 * 86_400, "for weeks and months"
    assert door.caller.get("/wall", headers={"Cookie": f"onemap_kiosk={secret}"}).status_code == 200
    (row,) = door.noted("kiosk_opened")
    assert row.account == "kiosk:东墙"


def test_a_wall_with_a_token_that_there_is_not_says_what_to_do(door: Door) -> None:
    answer = door.caller.get("/wall?kiosk=nonsense")
    assert answer.headers["location"] == "/login?why=ended&next=%2Fwall"
    page = door.caller.get(answer.headers["location"]).text
    assert "这块大屏的授权无效" in page
    assert "nonsense" not in page


def test_a_revoked_token_opens_nothing_and_the_page_says_so_for_six_metres(door: Door) -> None:
    token, secret = door.services.access.managing.add_kiosk("东墙", TEST)
    wall = {"Cookie": f"onemap_kiosk={secret}"}
    assert door.caller.get("/api/v1/board", headers=wall).status_code == 200
    door.be("administrator").post(f"/api/v1/tokens/{token.id}/revoke?kind=kiosk")
    refused = door.caller.get("/api/v1/board", headers=wall)
    assert (refused.status_code, refused.json()["reason"]) == (401, "kiosk_revoked")
    page = door.caller.get("/wall", headers=wall)
    assert page.headers["location"] == "/login?why=kiosk_revoked&next=%2Fwall"
    said = door.caller.get(page.headers["location"]).text
    assert "这块大屏的授权已被撤销" in said
    assert "door-wall" in said


def test_a_person_comes_before_the_wall_on_the_same_browser(door: Door) -> None:
    kiosk, person = door.be("kiosk").headers["Cookie"], door.be("commander").headers["Cookie"]
    both = door.caller.get("/api/v1/session", headers={"Cookie": f"{kiosk}; {person}"})
    assert both.json()["role"] == "commander"
    left = door.caller.get("/api/v1/session", headers={"Cookie": f"{kiosk}; onemap_session=ended"})
    assert left.json()["role"] == "kiosk", "a session that has ended leaves the wall"


def test_what_a_wall_is_sent_names_nobody(door: Door, access_app: FastAPI) -> None:
    make(door, "1", 0)
    wall, seen = door.be("kiosk"), []
    for output, pages in access_app.state.pages.callbacks.items():
        if pages & {"wall", "cockpit"} and access_app.state.dash.callback_map[output].get("callback"):
            spec = next(one for one in wall.get("/_dash-dependencies").json() if one["output"] == output)
            parts = [p.rpartition(".") for p in output.strip(".").split("...")]
            outputs = [{"id": one, "property": two} for one, _, two in parts]
            inputs = [row | {"value": {"layers": "points"} if "view" in row["id"] else 1} for row in spec["inputs"]]
            body = {"output": output, "outputs": outputs if len(outputs) > 1 else outputs[0], "inputs": inputs}
            answer = wall.post("/_dash-update-component", body | {"changedPropIds": []})
            assert answer.status_code == 200, output
            seen.append(answer.text)
    assert len(seen) >= 6
    for secret in ("王小明", "13812345678", "王", "5678"):
        assert not any(secret in text for text in seen)


# --- streams ----------------------------------------------------------------------------------------------------------


@contextmanager
def listening(base: str, headers: dict[str, str]) -> Iterator[Queue[tuple[str, Any]]]:
    """Read a stream in a thread; gives its events, and at its end ("end", None)."""
    heard: Queue[tuple[str, Any]] = Queue()
    stop = threading.Event()

    def read() -> None:
        with httpx.stream("GET", f"{base}/api/v1/stream", headers=headers, timeout=30) as response:
            if response.status_code != 200:
                heard.put(("refused", json.loads(response.read())))
                return
            event = ""
            for line in response.iter_lines():
                if stop.is_set():
                    return
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    heard.put((event, json.loads(line[6:])))
        heard.put(("end", None))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        stop.set()


def until(heard: Queue[tuple[str, Any]], wanted: str) -> tuple[Any, float]:
    """Wait for an event; gives its data and how long it took, in seconds."""
    began = time.monotonic()
    while True:
        event, data = heard.get(timeout=SOON_S)
        if event == wanted:
            return data, time.monotonic() - began


@pytest.fixture
def live(access_settings: Settings, watch: Watch, serve: Callable[[FastAPI], str]) -> tuple[Door, str]:
    """A real server, and the same application's parts to be somebody at it."""
    app = create_app(access_settings, now=watch)
    base = serve(app)
    return Door(None, app.state.services, watch), base  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*PEOPLE, "kiosk", "reporter", "nobody"])
def test_who_may_follow_the_stream(live: tuple[Door, str], name: str) -> None:
    door, base = live
    with listening(base, door.be(name).headers) as heard:
        event, _ = heard.get(timeout=SOON_S)
        allowed = name not in ("reporter", "nobody")
        assert event == ("hello" if allowed else "refused")
    assert ROUTES[("GET", "/api/v1/stream")].roles >= {Role.KIOSK, Role.ADMINISTRATOR}


def test_a_wall_whose_token_is_revoked_is_told_within_seconds(live: tuple[Door, str]) -> None:
    door, base = live
    token, secret = door.services.access.managing.add_kiosk("东墙", TEST)
    other = door.be("commander")
    with (
        listening(base, {"Cookie": f"onemap_kiosk={secret}"}) as wall,
        listening(base, other.headers) as person,
    ):
        until(wall, "full")
        until(person, "full")
        door.services.access.managing.revoke("kiosk", token.id, TEST)
        said, seconds = until(wall, "door")
        assert said == {"reason": "kiosk_revoked"}
        assert seconds < SOON_S
        until(wall, "end")
        assert person.empty(), "whoever has lost nothing hears nothing"
    with listening(base, {"Cookie": f"onemap_kiosk={secret}"}) as again:
        assert again.get(timeout=SOON_S)[1]["reason"] == "kiosk_revoked"


def test_a_token_revoked_by_another_process_ends_the_stream_here(
    live: tuple[Door, str],
    access_settings: Settings,
    watch: Watch,
) -> None:
    door, base = live
    token, secret = door.services.access.managing.add_kiosk("东墙", TEST)
    with listening(base, {"Cookie": f"onemap_kiosk={secret}"}) as wall:
        until(wall, "full")
        elsewhere = create_app(access_settings, now=watch).state.services
        elsewhere.access.managing.revoke("kiosk", token.id, TEST)
        assert until(wall, "door")[0] == {"reason": "kiosk_revoked"}
        elsewhere.engine.dispose()


@pytest.mark.parametrize("how", ["signed out", "disabled", "other role"])
def test_a_person_who_loses_the_right_is_told(live: tuple[Door, str], how: str) -> None:
    door, base = live
    account = door.account("wang", "commander")
    token = door.session(account)
    headers = {"Cookie": f"onemap_session={token}", "Origin": base}
    with listening(base, headers) as heard:
        until(heard, "full")
        if how == "signed out":
            httpx.post(f"{base}/api/v1/session/end", headers=headers, json={})
        elif how == "disabled":
            door.account("another", "administrator")
            door.services.access.managing.disable("wang", TEST)
        else:
            door.services.access.managing.change("wang", {"role": "adjudicator"}, TEST)
        assert until(heard, "door")[0] == {"reason": "ended"}


def test_the_first_account_ends_the_streams_of_whoever_had_not_signed_in(
    small_pack: Any,
    sqlite_url: str,
    watch: Watch,
    serve: Callable[[FastAPI], str],
) -> None:
    app = create_app(Settings(region=str(small_pack), database_url=sqlite_url, poll_ms=50), now=watch)
    base = serve(app)
    with listening(base, {}) as heard:
        until(heard, "full")
        app.state.services.access.managing.add("boss", "", "administrator", "", TEST)
        assert until(heard, "door")[0] == {"reason": "signed_out"}
    assert httpx.get(f"{base}/api/v1/board").status_code == 401
