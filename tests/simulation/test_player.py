"""The player is a client like any other: it repeats nothing, waits out a server that is away, keeps the order."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.simulation.client import NoAnswerError, Reporter
from dashboard.simulation.plan import Plan
from dashboard.simulation.player import Player
from dashboard.simulation.story import REPORT, Step
from tests.simulation.county import NOON, Server, StillClock, world


def play(
    server: Server, *, seed: int = 1, live_s: float = 0, now: datetime = NOON, days: float = 2, speed: float = 1.0
):
    clock = StillClock(now)
    reporter = Reporter(server.client(), pause=lambda seconds: None)
    player = Player(Plan(world(seed), seed, 1.5), reporter, clock, days, speed)
    player.catch_up(player.backlog())
    if live_s:
        player.live(clock.now() + timedelta(seconds=live_s))
    return reporter


def test_the_same_seed_sends_the_same_sequence_of_requests():
    first, second = Server(), Server()
    play(first, live_s=3600)
    play(second, live_s=3600)
    assert len(first.requests) > 500
    assert first.requests == second.requests


def test_another_seed_sends_another_sequence():
    first, second = Server(), Server()
    play(first)
    play(second, seed=2)
    assert first.requests != second.requests


def test_nothing_is_said_to_happen_in_the_future():
    server = Server()
    play(server)
    assert all(datetime.fromisoformat(body["occurred_at"]) <= NOON for method, _, body in server.requests)


def test_each_case_is_sent_in_the_order_of_time():
    server = Server()
    play(server, live_s=7200)
    for case in server.cases.values():
        times = [datetime.fromisoformat(event["occurred_at"]) for event in case["events"]]
        assert times == sorted(times)


def test_a_second_run_sends_no_event_twice_and_finishes_what_was_open():
    server = Server()
    play(server)
    before = {key: list(case["events"]) for key, case in server.cases.items()}
    later = play(server, now=NOON + timedelta(hours=5), days=2)
    assert later.counts["refused"] == 0
    assert later.counts["repeated"] > 0
    assert any(len(server.cases[key]["events"]) > len(events) for key, events in before.items())
    for case in server.cases.values():
        seen = [(event["kind"], event["occurred_at"]) for event in case["events"]]
        assert len(seen) == len(set(seen))


def test_a_lost_answer_leads_to_the_same_cases_as_a_good_line():
    good, bad = Server(), Server(lose_every=7)
    play(good)
    play(bad)
    assert len(bad.requests) > len(good.requests)
    assert bad.cases == good.cases


def test_what_happened_last_is_sent_last():
    server = Server()
    play(server)
    times = [datetime.fromisoformat(body["occurred_at"]) for _, _, body in server.requests]
    fresh = [at for at in times if at > NOON - timedelta(minutes=30)]
    assert fresh
    assert times[-len(fresh) :] == fresh == sorted(fresh)


def test_live_steps_come_at_their_time_and_not_before():
    server, clock = Server(), StillClock(NOON)
    sent: dict[str, list[float]] = defaultdict(list)

    class Noting(Reporter):
        def send(self, step: Step, at: datetime) -> None:
            if step.at > NOON:
                sent["late_by"].append((clock.now() - step.at).total_seconds())
            super().send(step, at)

    player = Player(Plan(world(), 1, 4), Noting(server.client()), clock, days=1)
    player.catch_up(player.backlog())
    player.live(NOON + timedelta(hours=3))
    assert len(sent["late_by"]) > 20
    assert min(sent["late_by"]) >= 0
    assert max(sent["late_by"]) < 1.5


def test_whoever_waits_for_the_day_is_told_once_when_it_begins_in_the_county():
    told: list[datetime] = []
    clock = StillClock(datetime(2026, 11, 24, 15, 59, tzinfo=UTC))  # a minute before midnight
    player = Player(Plan(world(), 1, 1), Reporter(Server().client()), clock, days=0, daily=told.append)
    player.live(clock.now() + timedelta(minutes=5))
    assert [at.astimezone(world().zone).isoformat(timespec="minutes") for at in told] == ["2026-11-25T00:00+08:00"]


def test_speed_brings_more_cases_in_the_same_time_and_still_none_in_the_future():
    slow, quick = Server(), Server()
    play(slow, live_s=600)
    play(quick, live_s=600, speed=120)
    assert len(quick.cases) > len(slow.cases) + 10
    assert all(
        datetime.fromisoformat(body["occurred_at"]) <= NOON + timedelta(seconds=600) for _, _, body in quick.requests
    )


def test_a_duplicate_is_merged_into_the_number_of_the_first_case():
    server = Server()
    play(server, days=6)
    merged = [
        (path, body) for _, path, body in server.requests if body["kind" if "kind" in body else "matter"] == "merged"
    ]
    assert merged
    numbers = {case["number"] for case in server.cases.values()}
    for path, body in merged:
        assert body["data"]["into"] in numbers
        assert body["data"]["into"] not in path


def test_patience_ends_with_a_sentence_that_names_the_server():
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(away))
    with pytest.raises(NoAnswerError, match=r"http://county\.test.*is it running"):
        Reporter(http, patience_s=5, pause=lambda seconds: None).fetch("/api/v1/region")


def test_a_refused_step_is_counted_and_the_rest_goes_on():
    def refuses(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"error": "bad_report", "detail": "…"})

    http = httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(refuses))
    reporter = Reporter(http)
    reporter.send(Step(NOON, "k", REPORT, body={}), NOON)
    reporter.send(Step(NOON, "k", "accepted"), NOON)
    assert reporter.counts == {"refused": 1, "skipped": 1}


def test_a_server_that_fails_is_asked_three_times_and_then_left_alone():
    asked = []

    def fails(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(500, json={"error": "internal"})

    http = httpx.Client(base_url="http://county.test", transport=httpx.MockTransport(fails))
    reporter = Reporter(http, pause=lambda seconds: None)
    reporter.send(Step(NOON, "k", REPORT, body={}), NOON)
    assert len(asked) == 3
    assert reporter.counts == {"refused": 1}


@pytest.fixture
def command(monkeypatch):
    """Run the command against a server in memory."""
    server = Server()
    client = server.client()
    monkeypatch.setattr(httpx, "Client", lambda **_: client)
    return server, lambda *words: CliRunner().invoke(app, ["simulate", *words])


def test_the_command_tells_the_past_and_says_what_it_sent(command):
    server, invoke = command
    result = invoke("--until-caught-up", "--days", "0.5", "--rate", "10")
    assert result.exit_code == 0, result.output
    assert server.cases
    assert f"{len(server.cases)} reports" in result.output


def test_an_interrupt_ends_the_command_without_a_traceback(command, monkeypatch):
    _, invoke = command

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Player, "live", interrupted)
    result = invoke("--days", "0.1")
    assert result.exit_code == 0
    assert "goes on from here" in result.output
    assert "Traceback" not in result.output
