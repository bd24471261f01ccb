"""A clock that jumps an hour, forward and back: no case is lost, no notice is sent twice, and the stream goes on."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select

from dashboard.server import create_app
from dashboard.settings import Settings
from data import tables
from data.engine import reading
from tests.api.conftest import NOW, Watch, called, report
from tests.api.receiver import SECRET, receiving
from tests.faults.conftest import a_report, post
from tests.faults.process import Process
from tests.faults.test_duties import holder, until


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)], ids=["forward", "back"])
def test_a_clock_that_jumps_loses_no_case_and_stops_no_stream(
    plain_pack: Path, database_url: str, sound: Callable[[], Engine], jump: timedelta
) -> None:
    watch = Watch()
    settings = Settings(region=str(plain_pack), database_url=database_url, poll_ms=20)
    with called(create_app(settings, now=watch)) as client:
        first = client.post("/api/v1/cases", json=report("1")).json()
        client.board(revision=1)
        watch.now = NOW + jump
        occurred = (watch.now - timedelta(minutes=5)).isoformat()
        second = client.post("/api/v1/cases", json=report("2", occurred_at=occurred))
        assert second.status_code == 201, second.text
        assert client.post("/api/v1/cases", json=report("1")).status_code == 200, "the first is known, and not refused"
        board = client.board(revision=2)
        assert board["figures"]["pending"] == 2
        until(lambda: client.get("/readyz").status_code == 200)
        # By its own clock: half an hour to respond, from when it was received.
        assert board["figures"]["overdue"] == (1 if jump > timedelta(0) else 0)
        # What is said to have happened after now is refused by name, and nothing of it is kept.
        late = client.post("/api/v1/cases", json=report("3", occurred_at=(watch.now + timedelta(hours=1)).isoformat()))
        assert (late.status_code, late.json()["error"]) == (422, "future_time")
        watch.now = NOW + timedelta(minutes=1)
        body = {"kind": "accepted", "occurred_at": watch.now.isoformat(), "actor": "zhzf", "leg": 1}
        accepted = client.post(f"/api/v1/cases/{first['number']}/events", json=body)
        assert accepted.status_code == 201, accepted.text
    sound()


def test_of_two_processes_whose_clocks_are_an_hour_apart_nobody_is_told_twice(
    start: Callable[..., Process], sound: Callable[[], Engine]
) -> None:
    with receiving() as receiver:
        sending = {"ONEMAP_WEBHOOK_URL": receiver.url, "ONEMAP_WEBHOOK_SECRET": SECRET, "ONEMAP_LEASE_SECONDS": "20"}
        sending["ONEMAP_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
        right = start("right", settings=sending)
        pair = [right, start("ahead", settings=sending, extra={"ahead_s": 3600})]
        # Receivers that answer late: what one process has on its way, the other one's clock calls overdue.
        receiver.held.clear()
        numbers = [post(pair[0].url, a_report(f"c{n}")).json()["number"] for n in range(2)]
        for number in numbers:
            body = {"kind": "urged", "actor": "330200001", "leg": 1, "data": {"text": "请尽快办理"}}
            body["occurred_at"] = a_report("x")["occurred_at"]
            answer = httpx.post(f"{pair[0].url}/api/v1/cases/{number}/events", json=body)
            assert answer.status_code == 201, answer.text
        # By the clock that is ahead the lease has long ended; it goes by the database's.
        time.sleep(1)
        assert holder(sound()) == str(right.process.pid)
        receiver.held.set()
        until(lambda: len(receiver.accepted) >= 2)
        # The lease goes to the one whose clock is ahead, with everything sent already.
        pair[0].terminate()
        assert pair[0].ended() == 0
        until(lambda: told(sound()) and all(told(sound()).values()))
        ids = Counter(receiver.ids())
        assert set(ids.values()) == {1}, f"{ids}\n{right.log.read_text()}\n{pair[1].log.read_text()}"


def told(engine: Engine) -> dict[str, bool]:
    """Key of a notice to whether it was sent."""
    with reading(engine) as connection:
        rows = connection.execute(select(tables.notices.c.key, tables.notices.c.sent_at)).all()
    return {row.key: row.sent_at is not None for row in rows}
