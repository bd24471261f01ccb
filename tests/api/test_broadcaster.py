"""The live stream over a truth that the test writes itself."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.board import Board, Day, Ground
from dashboard.stream import COME_BACK_MS, Broadcaster, Changes
from data.views import CaseRow, EventRow
from tests import loops
from tests.api.rows import NOON, case_row, event_row

GROUND = Ground(cells=("A1", "A2", "B1"), townships=("A", "B"))
SECOND = timedelta(seconds=1)


class Truth:
    """A database in memory, whose clock the test sets."""

    def __init__(self) -> None:
        self.now = NOON
        self.rows: dict[str, CaseRow] = {}
        self.events: list[EventRow] = []
        self.broken = False
        self.asked_from: list[datetime] = []

    def clock(self) -> datetime:
        return self.now

    def commit(self, number: str, kind: str = "received", **columns: Any) -> None:
        revision = len(self.events) + 1
        self.rows[number] = case_row(number, revision, **columns)
        self.events.append(event_row(number, revision, kind))

    def pending(self) -> tuple[Sequence[CaseRow], int]:
        return [row for row in self.rows.values() if row.pending], len(self.events)

    def changes(self, since: int) -> Changes | None:
        if self.broken:
            raise ConnectionError("the database is away")
        rows = sorted((row for row in self.rows.values() if row.revision > since), key=lambda row: row.revision)
        return Changes(rows, self.events[since:], len(self.events)) if rows else None

    def day(self, start: datetime, end: datetime) -> Day:
        self.asked_from.append(start)
        return Day(received=len(self.rows))


class Client:
    """Reads server-sent events as a browser does."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._rest: list[tuple[str, dict[str, Any], str]] = []
        self.last_id = ""

    async def next(self, within_s: float = 2.0) -> tuple[str, dict[str, Any]]:
        while not self._rest:
            chunk = await asyncio.wait_for(anext(self._chunks), within_s)
            self._rest += [parse(block) for block in chunk.decode().split("\n\n") if block.strip()]
        event, data, identity = self._rest.pop(0)
        self.last_id = identity or self.last_id
        return event, data

    async def expect(self, event: str) -> dict[str, Any]:
        found, data = await self.next()
        assert found == event
        return data

    async def leave(self) -> None:
        await self._chunks.aclose()  # type: ignore[attr-defined]


def parse(block: str) -> tuple[str, dict[str, Any], str]:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return fields["event"], json.loads(fields["data"]), fields.get("id", "")


def play(scene: Callable[[Truth, Broadcaster], Awaitable[None]], truth: Truth | None = None, **options: Any) -> None:
    """Run a scene with a live broadcaster."""
    truth = truth or Truth()

    async def whole() -> None:
        live = Broadcaster(
            Board(GROUND),
            truth,
            truth.clock,
            ZoneInfo("Asia/Shanghai"),
            greeting={"build": "b1", "region": "test"},
            **({"poll_s": 0.02} | options),
        )
        await live.start()
        task = asyncio.create_task(live.run())
        try:
            await scene(truth, live)
        finally:
            live.close()
            await asyncio.wait_for(task, 2)

    loops.run(whole())


def test_a_new_client_is_greeted_and_gets_the_whole_picture() -> None:
    truth = Truth()
    truth.commit("CX1", cell="A2", township="A")

    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        assert await client.expect("hello") == {"build": "b1", "region": "test", "rev": 1, "now": 1795492800000}
        full = await client.expect("full")
        assert (full["cells"], full["townships"]) == ([2, 1, 1, 0, 0], [1, 1, 1, 0, 0, 2, 0, 0, 0, 0])
        assert client.last_id == "1.1795492800000"

    play(scene, truth)


def test_a_commit_reaches_the_client_as_a_delta_of_what_changed() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.now += SECOND
        truth.commit("CX1", cell="B1", township="B", lon=121.3, lat=30.1)
        live.nudge()
        delta = await client.expect("delta")
        assert delta["cells"] == [3, 1, 1, 0, 0]
        assert delta["townships"] == [2, 1, 1, 0, 0]
        assert delta["figures"] == {"pending": 1, "received_today": 1}
        assert delta["cases"] == [
            {"n": "CX1", "k": "came", "e": "received", "g": 3, "t": "B", "m": "SD-01", "l": 1}
            | {"at": 1795492800000, "x": 121.3, "y": 30.1}
        ]
        assert client.last_id == f"1.{delta['at']}"

    play(scene, poll_s=30)


def test_a_commit_of_another_process_is_found_by_looking() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.commit("CX1", cell="B1", township="B")
        assert (await client.expect("delta"))["rev"] == 1

    play(scene, poll_s=0.05)


def test_several_events_of_one_case_come_in_order_and_only_one_of_them_moves_it() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        truth.commit("CX1", cell="A1", township="A")
        truth.commit("CX1", "accepted", cell="A1", township="A", status="accepted")
        client = Client(live.follow())
        await client.next(), await client.next()
        live.nudge()
        first = await client.expect("delta")
        assert [(c["k"], c["e"]) for c in first["cases"]] == [("came", "received"), ("event", "accepted")]
        truth.commit("CX1", "verified", cell="A1", township="A")
        truth.commit("CX1", "closed", cell="A1", township="A", pending=False)
        live.nudge()
        second = await client.expect("delta")
        assert [(c["k"], c["e"], c["l"]) for c in second["cases"]] == [("event", "verified", 0), ("left", "closed", 0)]
        assert second["cells"] == [1, 0, 0, 0, 0]

    play(scene, poll_s=30)


def test_time_alone_changes_a_level_and_is_told() -> None:
    truth = Truth()
    clock = {"amber_at": NOON + SECOND, "due_at": NOON + 2 * SECOND, "due_kind": "respond", "due_department": "zhzf"}
    truth.commit("CX1", cell="A1", township="A", **clock)

    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.now = NOON + SECOND
        assert (await client.expect("delta"))["cells"] == [1, 2, 1, 1, 0]
        truth.now = NOON + 2 * SECOND + timedelta(milliseconds=1)
        delta = await client.expect("delta")
        assert (delta["cells"], delta["figures"]) == ([1, 3, 1, 0, 1], {"amber": 0, "overdue": 1})

    play(scene, truth)


def test_midnight_in_the_zone_begins_a_new_day() -> None:
    truth = Truth()

    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.now = datetime.fromisoformat("2026-11-25T00:00:00.100+08:00")
        await client.expect("delta")
        starts = [start.isoformat() for start in truth.asked_from]
        assert starts == ["2026-11-24T00:00:00+08:00", "2026-11-25T00:00:00+08:00"]

    play(scene, truth)


def test_a_client_that_comes_back_gets_what_it_missed_and_no_more() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        left_at = client.last_id
        await client.leave()
        watcher = Client(live.follow())
        await watcher.next(), await watcher.next()
        for number, cell in (("CX1", "A1"), ("CX2", "B1")):
            truth.now += SECOND
            truth.commit(number, cell=cell, township=cell[0])
            live.nudge()
            await watcher.expect("delta")
        back = Client(live.follow(left_at))
        await back.expect("hello")
        assert [(await back.expect("delta"))["cells"] for _ in range(2)] == [[1, 1, 1, 0, 0], [3, 1, 1, 0, 0]]
        assert back.last_id == watcher.last_id
        again = Client(live.follow(back.last_id))
        await again.expect("hello")
        with pytest.raises(TimeoutError):
            await again.next(within_s=0.1)

    play(scene)


@pytest.mark.parametrize("last_id", ["99.1795492800000", "0.1", "rubbish", "1.1795492800000,2"])
def test_an_unknown_id_is_told_to_begin_anew(last_id: str) -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow(last_id))
        await client.expect("hello")
        assert await client.expect("reset") == {"rev": 0}
        await client.expect("full")

    play(scene)


def test_a_gap_larger_than_the_memory_is_told_to_begin_anew() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        watcher = Client(live.follow())
        await watcher.next(), await watcher.next()
        left_at = watcher.last_id
        for i in range(4):
            truth.now += SECOND
            truth.commit(f"CX{i}")
            live.nudge()
            await watcher.expect("delta")
        back = Client(live.follow(left_at))
        await back.expect("hello")
        await back.expect("reset")
        assert (await back.expect("full"))["rev"] == 4

    play(scene, memory=3)


def test_a_client_that_does_not_read_is_let_go_and_costs_nothing() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        reader, sleeper = Client(live.follow()), Client(live.follow())
        for client in (reader, sleeper):
            await client.next(), await client.next()
        assert live.clients == 2
        for i in range(5):
            truth.now += SECOND
            truth.commit(f"CX{i}")
            live.nudge()
            await reader.expect("delta")
        with pytest.raises(StopAsyncIteration):
            await sleeper.next()
        assert live.clients == 1

    play(scene, memory=3)


def test_every_client_is_sent_the_same_bytes() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        streams = [live.follow() for _ in range(3)]
        for stream in streams:
            await anext(stream)
        truth.commit("CX1")
        live.nudge()
        sent = [await asyncio.wait_for(anext(stream), 2) for stream in streams]
        assert sent[0] == sent[1] == sent[2]
        for stream in streams:
            await stream.aclose()

    play(scene)


def test_silence_is_broken_by_a_heartbeat_that_says_how_old_the_data_is() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.now += SECOND
        await asyncio.sleep(0.1)
        assert await client.expect("heartbeat") == {"at": 1795492801000, "rev": 0}
        truth.broken = True
        await asyncio.sleep(0.1)
        truth.now += 60 * SECOND
        while (beat := await client.expect("heartbeat"))["at"] < 1795492801000:
            pass
        assert beat == {"at": 1795492801000, "rev": 0}, "a database that is away makes the data old"

    play(scene, heartbeat_s=0.05)


def test_a_database_that_comes_back_is_followed_again(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.broken = True
        await asyncio.sleep(0.1)
        truth.commit("CX1", cell="A1", township="A")
        truth.broken = False
        assert (await client.expect("delta"))["cells"] == [1, 1, 1, 0, 0]

    play(scene)
    assert [record.message for record in caplog.records] == [
        "The live stream cannot read the database; it will keep trying"
    ]


def test_a_clock_that_was_set_back_withdraws_the_future() -> None:
    truth = Truth()
    truth.commit("CX1", cell="A1", township="A", amber_at=NOON, due_at=NOON + SECOND, due_kind="respond")

    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        truth.now = NOON + timedelta(hours=1)
        assert (await client.expect("delta"))["cells"] == [1, 3, 1, 0, 1]
        truth.now = NOON - timedelta(minutes=1)
        assert (await client.expect("full"))["cells"] == [1, 1, 1, 0, 0]

    play(scene, truth)


def test_a_clock_that_trembles_never_gives_two_pictures_one_id() -> None:
    truth = Truth()
    truth.commit("CX1", cell="A1", township="A", amber_at=NOON + SECOND, due_at=NOON + 9 * SECOND, due_kind="respond")

    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        ids = [client.last_id]
        for step in (1000, 999, 1000, 998):
            truth.now = NOON + timedelta(milliseconds=step)
            truth.commit("CX2", "commented", cell="A1", township="A")
            live.nudge()
            await client.next()
            ids.append(client.last_id)
        assert len(set(ids)) == len(ids)
        assert ids == sorted(ids, key=lambda i: tuple(map(int, i.split("."))))

    play(scene)


def test_streams_are_told_to_come_back_and_end_at_once_when_the_server_stops() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        last_id = client.last_id
        waiting = asyncio.create_task(client.next())
        await asyncio.sleep(0.02)
        live.close()
        event, data = await asyncio.wait_for(waiting, 0.5)
        assert (event, data) == ("again", {"within": COME_BACK_MS})
        assert client.last_id == last_id, "it goes on where it was"
        with pytest.raises(StopAsyncIteration):
            await client.next(0.5)

    play(scene)


def test_a_burst_from_many_threads_arrives_whole() -> None:
    async def scene(truth: Truth, live: Broadcaster) -> None:
        client = Client(live.follow())
        await client.next(), await client.next()
        lock = threading.Lock()

        def write(start: int) -> None:
            for i in range(start, start + 50):
                with lock:
                    truth.commit(f"CX{i}", cell="A1", township="A")
                live.nudge()

        await asyncio.gather(*(asyncio.to_thread(write, start) for start in (0, 100, 200)))
        seen, pending = set(), 0
        while len(seen) < 150:
            delta = await client.expect("delta")
            seen |= {case["n"] for case in delta.get("cases", [])}
            pending = delta.get("figures", {}).get("pending", pending)
        assert pending == 150

    play(scene)
