"""How often one may ask: by key, session and address; a full bucket at once, then so many a second."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from dashboard.auth import TooMany
from dashboard.auth.rates import REMEMBERED, Rates
from dashboard.server import create_app
from dashboard.settings import Settings
from data import views
from tests.access.conftest import Door, forget_cookies
from tests.api.conftest import Watch, called, report


class Tick:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def tick() -> Tick:
    return Tick()


def counted(call: Callable[[], None], most: int = 10_000) -> int:
    """How many requests pass before one is refused."""
    for n in range(most):
        try:
            call()
        except TooMany:
            return n
    return most


@pytest.mark.parametrize(("rate", "burst", "processes", "first"), [(10, 5, 1, 50), (10, 5, 4, 12), (0.5, 1, 1, 1)])
def test_a_bucket_holds_some_seconds_and_fills_at_the_rate(
    tick: Tick, rate: float, burst: float, processes: int, first: int
) -> None:
    settings = Settings(rate_key=rate, rate_burst_seconds=burst, rate_processes=processes)
    rates = Rates(settings, tick)
    assert counted(lambda: rates.holder("a")) == first
    assert counted(lambda: rates.holder("b")) == first, "everybody has a bucket of their own"
    tick.now += 8 / (rate / processes)
    assert counted(lambda: rates.holder("a")) == min(8, first)
    tick.now += 1000
    assert counted(lambda: rates.holder("a")) == first, "no more than full"


def test_whoever_is_refused_is_told_when_to_come_again_and_then_may(tick: Tick) -> None:
    rates = Rates(Settings(rate_address=0.1, rate_burst_seconds=10), tick)
    rates.address("10.0.0.1")
    with pytest.raises(TooMany, match=r"repeat it after 10 s. ONEMAP_RATE_ADDRESS") as refused:
        rates.address("10.0.0.1")
    tick.now += refused.value.retry_after
    rates.address("10.0.0.1")


def test_nought_is_no_limit(tick: Tick) -> None:
    rates = Rates(Settings(rate_key=0, rate_address=0), tick)
    assert counted(lambda: rates.holder("a"), 2000) == counted(lambda: rates.address("a"), 2000) == 2000


def test_buckets_do_not_fill_the_memory(tick: Tick) -> None:
    rates = Rates(Settings(), tick)
    for n in range(REMEMBERED + 100):
        rates.address(f"{n}")
    assert len(rates._buckets) == REMEMBERED


@pytest.fixture
def limited(small_pack: Any, sqlite_url: str, watch: Watch) -> FastAPI:
    settings = Settings(
        region=str(small_pack),
        database_url=sqlite_url,
        access="accounts",
        rate_key=2,
        rate_address=1,
        rate_burst_seconds=10,
        rate_processes=1,
    )
    return create_app(settings, now=watch)


def test_a_key_that_sends_too_much_waits_and_others_do_not(limited: FastAPI, watch: Watch) -> None:
    with called(limited) as caller:
        forget_cookies(caller)
        door = Door(caller, limited.state.services, watch)
        key, other = door.key("grid"), door.key("hotline", "other")
        assert other.get("/api/v1/region").status_code == 200
        statuses = []
        for n in range(40):
            answer = key.post("/api/v1/cases", report(f"{n}"))
            statuses.append(answer.status_code)
            if answer.status_code == 429:
                break
        assert set(statuses) == {201, 429}
        assert answer.json()["error"] == "too_many"
        assert answer.headers["retry-after"] == str(answer.json()["retry_after"]) == "1"
        assert "Nothing was done; repeat it after 1 s" in answer.json()["detail"]
        assert answer.headers["cache-control"] == "no-store"
        kept = {case["source_id"] for case in stored(door)}
        assert kept == {f"{n}" for n, status in enumerate(statuses) if status == 201}, "what was refused is not stored"
        assert other.get("/api/v1/region").status_code == 200


def stored(door: Door) -> list[dict[str, Any]]:
    commander = door.be("commander")
    cases = commander.get("/api/v1/cases?limit=100").json()["cases"]
    return [{"source_id": case.get("source_id") or one(door, case["number"])} for case in cases]


def one(door: Door, number: str) -> str:
    return views.case_page(door.services.engine, number).state.source_id


def test_guesses_at_keys_are_counted_by_address_before_the_database_is_asked(
    limited: FastAPI, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with called(limited) as caller:
        forget_cookies(caller)
        asked = []
        real = limited.state.services.access.door._read
        monkeypatch.setattr(
            limited.state.services.access.door, "_read", lambda *given: asked.append(given) or real(*given)
        )
        statuses = [
            caller.get("/api/v1/cases", headers={"Authorization": f"Bearer guess{n}"}).status_code for n in range(40)
        ]
        assert statuses.count(401) == len(asked) <= 15
        assert statuses[-1] == 429
        # Watching the server, and the files of pages, go on.
        for path in ("/healthz", "/assets/icon.svg"):
            assert caller.get(path).status_code == 200


def test_a_wall_and_its_many_callbacks_are_far_from_the_limit_that_is_set_by_default() -> None:
    """A wall calls about ten callbacks a second when everything changes; a bulk source sends a hundred reports."""
    settings = Settings()
    assert settings.rate_key >= 3 * 100
    assert settings.rate_key * settings.rate_burst_seconds >= 1000


def test_whoever_sits_at_a_machine_without_accounts_is_not_counted(
    small_pack: Any, sqlite_url: str, watch: Watch
) -> None:
    settings = Settings(region=str(small_pack), database_url=sqlite_url, rate_key=1, rate_address=1)
    with called(create_app(settings, now=watch)) as caller:
        assert {caller.get("/api/v1/session").status_code for _ in range(40)} == {200}


def test_after_a_restart_everybody_behind_one_address_comes_back_at_once(limited: FastAPI, watch: Watch) -> None:
    with called(limited) as caller:
        forget_cookies(caller)
        door = Door(caller, limited.state.services, watch)
        people = [door.be("commander") for _ in range(60)]
        assert {one.get("/api/v1/session").status_code for one in people} == {200}
