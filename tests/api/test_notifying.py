"""Events and late clocks become notices once, whoever looks, and arrive at the receiver signed, sooner or later."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from dashboard.notifying import RETRIES, endpoint, notifier, webhook
from dashboard.notifying.reach import networks_of
from dashboard.server import create_app
from dashboard.settings import Settings, SettingsError
from tests.api import pack
from tests.api.conftest import NOW, Caller, Watch, called, report
from tests.api.receiver import LOOPBACK, SECRET, Receiver, payload, receiving
from tests.browser.cockpit import Server

RULES = """
[[escalations]]
code = "soon"
clock = "respond"
level = "amber"
to = ["owner"]

[[escalations]]
code = "late"
clock = "respond"
level = "red"
to = ["owner", "township"]
repeat_minutes = 60
most = 3
"""
UNIT, TOWNSHIP = "unit:zhzf-001", "township:330200001"
OWN = {"kind": "urged", "actor": "330200001", "leg": 1, "data": {"text": "请尽快办理"}}


@pytest.fixture(scope="session")
def ruled_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small pack, with rules of escalation."""
    folder = pack.write(tmp_path_factory.mktemp("packs") / "ruled")
    path = folder / "region.toml"
    path.write_text(path.read_text(encoding="utf8").replace("[calendar]", f"{RULES}\n[calendar]"), encoding="utf8")
    return folder


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def made(ruled_pack: Path, database_url: str) -> Callable[..., FastAPI]:
    """Make applications over one database."""

    def make(now: Callable[[], datetime], url: str = "", seconds: float = 3600) -> FastAPI:
        settings = Settings(
            region=str(ruled_pack),
            database_url=database_url,
            webhook_url=url,
            webhook_networks=LOOPBACK,
            webhook_secret=SECRET if url else "",
            notify_seconds=seconds,
        )
        return create_app(settings, now=now)

    return make


def inbox(client: Caller, recipient: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/inbox", params={"recipient": recipient, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["notices"]


def kinds(client: Caller, recipient: str) -> list[tuple[str, int | None]]:
    """Kind and occurrence of what an inbox holds, oldest first."""
    return [(one["kind"], one["facts"].get("occurrence")) for one in reversed(inbox(client, recipient))]


def step(app: FastAPI) -> None:
    """Let the notifier look once, as its task would."""
    app.state.notifier.teller.step()


def deliver(client: Caller, app: FastAPI) -> None:
    """Let the notifier send once what is due."""

    async def once() -> None:
        async with webhook.client(networks_of(Settings(webhook_networks=LOOPBACK))) as sender:
            await app.state.notifier.deliver(sender)

    client._portal.call(once)


def event(client: Caller, number: str, at: datetime, **body: Any) -> None:
    answer = client.post(f"/api/v1/cases/{number}/events", json={"occurred_at": at.isoformat(), **body})
    assert answer.status_code == 201, answer.text


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


def a_case(client: Caller, at: datetime, source_id: str = "1") -> str:
    answer = client.post("/api/v1/cases", json=report(source_id, occurred_at=at.isoformat()))
    assert answer.status_code == 201, answer.text
    return answer.json()["number"]


# --- clocks, on a watch that the test sets: 30 minutes to respond, of which the last six are amber ---


def test_a_late_clock_tells_its_owner_then_the_township_and_repeats_until_somebody_answers(
    made: Callable[..., FastAPI], watch: Watch
) -> None:
    app = made(watch)
    with called(app) as client:
        number = a_case(client, NOW)
        seen = []
        for minutes in (0, 23, 24, 25, 30, 31, 60, 91, 95):
            watch.now = NOW + timedelta(minutes=minutes)
            step(app)
            seen.append((minutes, kinds(client, UNIT), kinds(client, TOWNSHIP)))
        soon, first, second = ("due_soon", 1), ("overdue", 1), ("overdue", 2)
        assert seen == [
            (0, [], []),
            (23, [], []),
            (24, [soon], []),
            (25, [soon], []),
            (30, [soon], []),
            (31, [soon, first], [first]),
            (60, [soon, first], [first]),
            (91, [soon, first, second], [first, second]),
            (95, [soon, first, second], [first, second]),
        ]
        event(client, number, watch.now, kind="accepted", actor="zhzf", leg="lead")
        watch.now = NOW + timedelta(days=1)
        step(app)
        assert kinds(client, UNIT) == [soon, first, second], "a false alarm is what people hate"


def test_a_clock_that_was_answered_while_nobody_looked_tells_nobody(made: Callable[..., FastAPI], watch: Watch) -> None:
    app = made(watch)
    with called(app) as client:
        number = a_case(client, NOW)
        watch.now = NOW + timedelta(hours=2)
        event(client, number, watch.now, kind="accepted", actor="zhzf", leg="lead")
        step(app)
        assert kinds(client, UNIT) == []


def test_after_a_long_pause_how_things_stand_is_told_once(made: Callable[..., FastAPI], watch: Watch) -> None:
    app = made(watch)
    with called(app) as client:
        a_case(client, NOW)
        watch.now = NOW + timedelta(days=2)
        step(app)
        step(app)
        assert kinds(client, UNIT) == [("overdue", 3)]
    second = made(watch)  # a restart knows it from the database
    with called(second) as client:
        step(second)
        assert kinds(client, UNIT) == [("overdue", 3)]


# --- events, on the machine's clock: what is signed an hour ago is refused ---


def now() -> datetime:
    return datetime.now(UTC)


def test_an_urging_reaches_the_inbox_and_after_two_failures_the_receiver(
    made: Callable[..., FastAPI], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "RETRIES", (timedelta(milliseconds=50),) * 3)
    receiver.answers = [500, 503]
    with called(made(now, receiver.url, 0.05)) as client:
        number = a_case(client, now())
        event(client, number, now(), **OWN)
        until(lambda: receiver.accepted)
        until(lambda: inbox(client, UNIT)[0]["webhook"]["sent_at"])
        (kept,) = inbox(client, UNIT)
    assert [status for status, _, _ in receiver.got] == [500, 503, 204]
    assert len(set(receiver.ids())) == 1, "every attempt has the same id"
    (message,) = receiver.accepted
    assert (message["type"], message["id"]) == ("notice.urged", f"small-notice-{kept['id']}")
    data = message["data"]
    assert (data["recipient"], data["number"], data["leg"], data["level"]) == (UNIT, number, 1, "none")
    assert data["text"] == f"催办 · 暴露垃圾 · township 330200001 · grid 330200001001001 · {number}"
    assert data["facts"]["text"] == "请尽快办理"
    assert kept["webhook"] | {"sent_at": None} == {
        "attempts": 3,
        "next_at": None,
        "sent_at": None,
        "failure": None,
        "given_up": False,
    }


def test_a_message_that_was_tampered_with_or_signed_by_another_is_found_out(
    made: Callable[..., FastAPI], receiver: Receiver
) -> None:
    with called(made(now, receiver.url, 0.05)) as client:
        event(client, a_case(client, now()), now(), **OWN)
        until(lambda: receiver.got)
    _, headers, body = receiver.got[0]
    assert payload(body) == Webhook(SECRET).verify(body, headers)
    for signer, sent in (
        (Webhook(SECRET), body.replace(b'"leg":1', b'"leg":2')),
        (Webhook(SECRET[:-8] + "AAAAAAA="), body),
    ):
        with pytest.raises(WebhookVerificationError):
            signer.verify(sent, headers)


def test_without_an_address_nothing_is_sent_and_the_inbox_works(made: Callable[..., FastAPI], watch: Watch) -> None:
    app = made(watch)
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        step(app)
        (kept,) = inbox(client, UNIT)
        assert kept["webhook"] == {
            "attempts": 0,
            "next_at": None,
            "sent_at": None,
            "failure": None,
            "given_up": False,
        }


def test_what_the_receiver_never_takes_is_given_up_after_the_last_attempt_of_the_table(
    made: Callable[..., FastAPI], watch: Watch, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [500] * 20
    app = made(watch, receiver.url)
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        step(app)
        attempts = []
        for _ in range(8 * 24 * 60 // 5):
            deliver(client, app)
            if len(receiver.got) > len(attempts):
                attempts.append(watch.now)
            (kept,) = inbox(client, UNIT)
            if kept["webhook"]["given_up"]:
                break
            watch.now = datetime.fromisoformat(kept["webhook"]["next_at"])
        assert [later - earlier for earlier, later in pairwise(attempts)] == list(RETRIES)
        assert kept["webhook"]["failure"] == "HTTP 500 Internal Server Error"
        assert kept["webhook"]["attempts"] == len(RETRIES) + 1 == 8
        assert "is given up after 8 attempts" in caplog.text
        watch.now += timedelta(days=30)
        deliver(client, app)
        assert len(receiver.got) == 8


@pytest.mark.parametrize(
    ("answer", "failure"), [(302, "HTTP 302 Found"), (404, "HTTP 404 Not Found"), (410, "HTTP 410 Gone")]
)
def test_anything_but_success_is_a_failure_and_no_redirect_is_followed(
    made: Callable[..., FastAPI], watch: Watch, receiver: Receiver, answer: int, failure: str
) -> None:
    receiver.answers = [answer]
    app = made(watch, receiver.url)
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        step(app)
        deliver(client, app)
        assert inbox(client, UNIT)[0]["webhook"]["failure"] == failure
    assert len(receiver.got) == 1


def test_a_receiver_that_is_not_there_is_a_failure_with_its_reason(made: Callable[..., FastAPI], watch: Watch) -> None:
    app = made(watch, "http://127.0.0.1:9/")
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        step(app)
        deliver(client, app)
        assert inbox(client, UNIT)[0]["webhook"]["failure"].startswith("ConnectError: ")


def test_a_receiver_that_does_not_answer_holds_up_neither_the_inboxes_nor_the_end(
    made: Callable[..., FastAPI], receiver: Receiver
) -> None:
    receiver.held.clear()
    app = made(now, receiver.url, 0.05)
    with called(app) as client:
        number = a_case(client, now())
        event(client, number, now(), **OWN)
        until(lambda: inbox(client, UNIT))
        until(lambda: inbox(client, UNIT)[0]["webhook"]["attempts"])
        event(client, number, now(), **OWN)
        until(lambda: len(inbox(client, UNIT)) == 2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5


def test_a_receiver_that_takes_too_long_is_a_failure(
    made: Callable[..., FastAPI], watch: Watch, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 0.2)
    receiver.held.clear()
    app = made(watch, receiver.url)
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        step(app)
        deliver(client, app)
        assert inbox(client, UNIT)[0]["webhook"]["failure"] == "no answer within 0 s"


def test_what_a_kind_of_notice_adds_to_its_message_is_sent_and_its_failure_is_that_notices_own(
    made: Callable[..., FastAPI], watch: Watch, receiver: Receiver
) -> None:
    app = made(watch, receiver.url)

    def broken(_: Any) -> dict[str, Any]:
        raise LookupError("no document")

    app.state.notifier._payloads = {"result": lambda one: {"result": {"of": one.number}}, "urged": broken}
    with called(app) as client:
        number = a_case(client, NOW)
        event(client, number, NOW, **OWN)
        event(client, number, NOW, kind="accepted", actor="zhzf", leg="lead")
        event(client, number, NOW, kind="finished", actor="zhzf", leg="lead", data={"result": "已清理"})
        step(app)
        deliver(client, app)
        assert inbox(client, UNIT)[0]["webhook"]["failure"] == "LookupError: no document"
        assert inbox(client, "source:grid")[0]["webhook"]["sent_at"]
    (sent,) = [payload(body) for _, _, body in receiver.got]
    assert sent["data"]["result"] == {"of": number}
    assert sent["data"]["facts"]["result"] == "已清理"


def test_two_notifiers_on_one_database_double_nothing(made: Callable[..., FastAPI], receiver: Receiver) -> None:
    first, second = made(now, receiver.url, 0.02), made(now, receiver.url, 0.02)
    with ExitStack() as stack:
        clients = [stack.enter_context(called(app)) for app in (first, second)]
        numbers = [a_case(clients[0], now() - timedelta(hours=1), str(n)) for n in range(5)]
        for number in numbers:
            for client in clients:
                event(client, number, now(), **OWN)
        wanted = 5 * (2 + 2)  # urged twice, and overdue to the unit and the township
        until(lambda: len(receiver.got) >= wanted)
        time.sleep(0.5)
        kept = inbox(clients[0], UNIT) + inbox(clients[1], TOWNSHIP)
    assert len(kept) == wanted
    assert len(receiver.ids()) == len(set(receiver.ids())) == wanted
    assert {message["id"] for message in receiver.accepted} == {f"small-notice-{one['id']}" for one in kept}


def test_a_database_that_is_away_for_a_while_is_told_of_afterwards(
    made: Callable[..., FastAPI], watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifier, "MOST_BACK_OFF_S", 0.05)
    app = made(watch, seconds=0.02)
    real, failing = app.state.notifier.teller.step, [True]

    def sometimes() -> None:
        if failing:
            raise ConnectionError("the database is away")
        real()

    monkeypatch.setattr(app.state.notifier.teller, "step", sometimes)
    with called(app) as client:
        event(client, a_case(client, NOW), NOW, **OWN)
        until(lambda: "keep trying" in caplog.text)
        failing.clear()
        until(lambda: inbox(client, UNIT))
    assert caplog.text.count("keep trying") == 1


# --- processes of their own ---


@pytest.fixture
def processes(tmp_path: Path, database_url: str, receiver: Receiver) -> Iterator[Callable[[str], Server]]:
    """Start real servers on one database, which send to the receiver."""
    with ExitStack() as stack:

        def start(name: str) -> Server:
            folder = tmp_path / name
            folder.mkdir()
            settings = {
                "ONEMAP_DATABASE_URL": database_url,
                "ONEMAP_WEBHOOK_URL": receiver.url,
                "ONEMAP_WEBHOOK_SECRET": SECRET,
                "ONEMAP_WEBHOOK_NETWORKS": LOOPBACK,
                "ONEMAP_NOTIFY_SECONDS": "0.1",
                "ONEMAP_LEASE_SECONDS": "2",
            }
            server = Server(folder, settings)
            stack.callback(server.kill)
            server.start()
            return server

        yield start


def test_processes_share_the_work_and_one_that_is_killed_leaves_nothing_undone(
    processes: Callable[[str], Server], receiver: Receiver
) -> None:
    first, second = processes("first"), processes("second")
    cases = [first.report(str(n), 121.4057, 30.1702)["number"] for n in range(4)]
    receiver.answers = [500] * 4
    for number in cases:
        second.event(number, "urged", "330282107", leg=1, data={"text": "请尽快办理"})
    until(lambda: len(receiver.got) >= 4)
    # Killed with notices on their way: whoever is left takes over, at the latest when the lease is over.
    first.kill()
    until(lambda: [one for one in of_unit(second) if one["webhook"]["sent_at"]][3:], seconds=90)
    second.kill()
    third = processes("third")
    third.event(cases[0], "supervised", "330282107", leg=1, data={"text": "请今日反馈"})
    until(lambda: all(one["webhook"]["sent_at"] for one in of_unit(third)) and len(of_unit(third)) == 5)
    time.sleep(0.5)
    ids = [message["id"] for message in receiver.accepted]
    assert len(ids) == len(set(ids)) == 5
    assert sorted(one["kind"] for one in of_unit(third)) == ["supervised", *["urged"] * 4]


def of_unit(server: Server) -> list[dict[str, Any]]:
    """What the unit in Guanhaiwei was told."""
    answer = httpx.get(f"{server.url}/api/v1/inbox", params={"recipient": "unit:zhzf-107"})
    return answer.json()["notices"]


# --- settings ---


@pytest.mark.parametrize(
    ("url", "secret", "named"),
    [
        ("ftp://hub/", SECRET, "ONEMAP_WEBHOOK_URL"),
        ("hub.local/notices", SECRET, "ONEMAP_WEBHOOK_URL"),
        ("https://", SECRET, "ONEMAP_WEBHOOK_URL"),
        ("https://hub.local/", "", "ONEMAP_WEBHOOK_SECRET"),
        ("https://hub.local/", "whsec_", "ONEMAP_WEBHOOK_SECRET"),
        ("https://hub.local/", "whsec_c2hvcnQ=", "ONEMAP_WEBHOOK_SECRET"),
        ("https://hub.local/", "geheim!", "ONEMAP_WEBHOOK_SECRET"),
        ("https://hub.local/", "密钥", "ONEMAP_WEBHOOK_SECRET"),
    ],
)
def test_an_address_or_a_secret_that_cannot_be_used_is_named_and_the_secret_never_shown(
    url: str, secret: str, named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        endpoint(Settings(webhook_url=url, webhook_secret=secret), "cixi")
    shown = str(refused.value) + repr(Settings(webhook_url=url, webhook_secret=secret))
    assert not secret or secret == "whsec_" or secret not in shown


def test_the_documented_attempts_are_those_of_the_table() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "notices.md").read_text(encoding="utf8")
    spoken = {"s": 1, "min": 60, "h": 3600}
    rows = [line.split("|")[1:3] for line in text.splitlines() if line[:3] in {f"| {n}" for n in range(2, 9)}]
    delays = [int(amount) * spoken[unit] for _, delay in rows for amount, unit in [delay.split()]]
    assert [timedelta(seconds=delay) for delay in delays] == list(RETRIES)
