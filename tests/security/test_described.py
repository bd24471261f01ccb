"""Whatever the description of the API allows, and whatever it does not: no request ends in an error of ours."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.desk import EventRequest
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.access.conftest import Door, forget_cookies
from tests.access.test_every_role import make
from tests.api.conftest import Caller, Watch, called, report
from tests.security.fuzzing import Found, operations, rounds

QUICK, ALL = 1200, int(os.environ.get("FUZZ", "50000"))
FREE = {"rate_key": 0, "rate_address": 0}
"""The limits are tried elsewhere."""


@pytest.fixture
def fuzzed(small_pack: Path, sqlite_url: str, watch: Watch) -> Iterator[Caller]:
    """An application in which nobody has to sign in: every route opens, with cases in it."""
    app = create_app(Settings(region=str(small_pack), database_url=sqlite_url, **FREE), now=watch)
    with called(app) as caller:
        yield caller


@pytest.fixture
def guarded(small_pack: Path, sqlite_url: str, watch: Watch) -> Iterator[Door]:
    """An application with accounts."""
    app = create_app(Settings(region=str(small_pack), database_url=sqlite_url, access="accounts", **FREE), now=watch)
    with called(app) as caller:
        forget_cookies(caller)
        yield Door(caller, app.state.services, watch)


def known_of(caller: Caller) -> dict[str, list[str]]:
    """Values that there are, for the places in paths."""
    numbers = []
    for n in range(3):
        numbers.append(caller.post("/api/v1/cases", json=report(f"known {n}", matter="SD-01")).json()["number"])
    caller.post(
        f"/api/v1/cases/{numbers[0]}/events",
        json={"kind": "accepted", "occurred_at": "2026-11-24T12:00:00+08:00", "actor": "zhzf"},
    )
    url = caller.get("/api/v1/region").json()["layers"]["grid"]["url"]
    return {
        "number": [*numbers, "SM20261124-99999"],
        "code": ["SD-01", "YJS-01", "330200001"],
        "notice": ["1", "2", "99"],
        "publication": ["1"],
        "asked": ["1", "2"],
        "digest": [url.split("/")[2]],
        "form": ["svg", "png", "csv.zip", "xlsx", "geojson", "gpkg", "parquet", "pdf"],
        "day": ["2026-11-23"],
        "name": ["grid", "cases", "township", "township@2013-06-01", url.split("/")[3]],
        "subject": ["91330282MA2AJ0001Y", "site:东门"],
        "draft": ["none"],
    }


def description(caller: Caller) -> dict[str, Any]:
    answer = caller.get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def assert_unbroken(found: Found, least: int) -> None:
    assert found.broken == [], "\n".join(found.broken[:20])
    assert found.sent >= least, found.statuses


def test_no_request_that_the_description_suggests_ends_in_an_error_of_ours(fuzzed: Caller) -> None:
    known = known_of(fuzzed)
    found = rounds(fuzzed, description(fuzzed), {}, QUICK, known, seconds=40, least=150)
    assert_unbroken(found, 150)
    assert 422 in found.statuses


def test_nor_does_one_by_nobody_and_it_learns_nothing(guarded: Door) -> None:
    told = guarded.be("administrator").get("/api/openapi.json").json()
    found = rounds(guarded.caller, told, {"Origin": "http://127.0.0.1"}, 300, {}, seconds=15, least=80)
    assert_unbroken(found, 80)
    assert found.statuses[401] > found.statuses[200]


def test_the_description_is_that_of_every_route(fuzzed: Caller) -> None:
    assert len(operations(description(fuzzed))) > 70


@pytest.mark.bench
@pytest.mark.timeout(0)
def test_fifty_thousand_requests_end_in_no_error_of_ours(fuzzed: Caller) -> None:
    told = [0]

    def progress(found: Found) -> None:
        if found.sent // 2000 > told[0]:
            told[0] = found.sent // 2000
            print(f"{found.sent:6} sent, {len(found.broken)} broken, {dict(found.statuses)}", flush=True)
            for one in found.broken[-2:]:
                print("   ", one, flush=True)

    found = rounds(fuzzed, description(fuzzed), {}, ALL, known_of(fuzzed), progress=progress)
    print(f"{found.sent} requests: {dict(sorted(found.statuses.items()))}")
    for path, took in sorted(found.seconds.items(), key=lambda one: -one[1])[:8]:
        print(f"    {took:7.1f} s {path}")
    assert_unbroken(found, ALL)


def test_events_in_any_order_are_refused_or_kept_and_never_break_a_case(guarded: Door) -> None:
    """Every kind after every kind, with times that run backwards: what is refused leaves no trace."""
    number = make(guarded, "order", 0)
    desk, now = guarded.services.desk, guarded.watch.now
    desk.record(number, EventRequest("accepted", now, "zhzf"), now)
    commander = guarded.be("commander")
    kinds = ["called", "arrived", "found", "finished", "verified", "reopened", "closed", "returned", "transferred"]
    kinds += ["extended", "suspended", "resumed", "commented", "urged", "disputed", "stated", "identified", "answered"]
    for n, kind in enumerate([*kinds, *kinds[::-1], *kinds[::3]]):
        at = (now - timedelta(minutes=(n * 37) % 90 - 20)).isoformat()
        before = len(guarded.be("commander").get(f"/api/v1/cases/{number}").json()["events"])
        for leg in (None, 1, 999, "lead"):
            body = {"kind": kind, "occurred_at": at, "leg": leg, "data": {"text": "好", "reason": "好", "amount": n}}
            answer = commander.post(f"/api/v1/cases/{number}/events", body)
            assert answer.status_code < 500, f"{kind} {leg} at {at}: {answer.text[:300]}"
            page = commander.get(f"/api/v1/cases/{number}")
            assert page.status_code == 200, f"after {kind}: {page.text[:300]}"
            kept = len(page.json()["events"])
            assert kept >= before + (answer.status_code == 201), kind
            before = kept
