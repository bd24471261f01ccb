"""Two servers on one database behind one address: what one takes, the other shows; one may be restarted at any time."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from dashboard.cli import app as commands
from data.lists.library import FRESH_S
from tests.data.lists import csv_file
from tests.faults.conftest import a_report, post
from tests.faults.process import Process


@contextmanager
def following(url: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Open a stream; gives a function that waits for the next message of a kind."""
    with httpx.stream("GET", f"{url}/api/v1/stream", timeout=20) as response:
        assert response.status_code == 200
        lines = response.iter_lines()

        def wait(kind: str) -> dict[str, Any]:
            for line in lines:
                if line == f"event: {kind}":
                    found: dict[str, Any] = json.loads(next(lines).removeprefix("data: "))
                    return found
            raise AssertionError(f"the stream ended before {kind}")

        wait("full")
        yield wait


def test_what_one_takes_the_other_shows_within_a_second_and_one_leg_is_accepted_once(
    start: Callable[..., Process],
    sound: Callable[[], Engine],
    plain_pack: Path,
    database_url: str,
    tmp_path: Path,
) -> None:
    pair = [start("one"), start("two")]
    # A stream, on each process, of what the other takes.
    for here, there in (pair, pair[::-1]):
        with following(there.url) as wait:
            began = time.monotonic()
            number = post(here.url, a_report(f"shown {here.name}")).json()["number"]
            told = wait("delta")
            took_s = time.monotonic() - began
            assert [case["n"] for case in told["cases"]] == [number]
            assert took_s < 1 or busy(), f"{took_s:.2f} s"
    accept_at_once(pair)
    publish_to_both(pair, plain_pack, database_url, tmp_path)
    sound()


def publish_to_both(pair: list[Process], region: Path, database_url: str, folder: Path) -> None:
    """Publish a list from the command line: within a second both processes answer by it.

    Boundaries: tests/api/test_renewal.py.
    """
    row = (
        "SD-03",
        "噪声扰民",
        "Noise",
        "enforcement",
        "",
        "",
        "sthj",
        "查处",
        "劝导",
        "《噪声污染防治法》第八条",
        "第三项",
    )
    file = csv_file(folder, [row])
    words = ["lists", "import", str(file), "--list", "territorial", "--from", "2026-01-02", "--version", "9"]
    words += ["--source", "通告第9号", "--publish", "--by", "编办", "--region", str(region)]
    done = CliRunner().invoke(commands, [*words, "--database-url", database_url])
    assert done.exit_code == 0, done.output
    for process in pair:
        # What was asked of the lists in the second before is answered as it was then (`data.lists.library.FRESH_S`).
        deadline = time.monotonic() + FRESH_S + 1
        while (found := httpx.get(f"{process.url}/api/v1/lists/SD-03", timeout=30)).status_code != 200:
            assert time.monotonic() < deadline, f"{process.name}: {found.text}"
            time.sleep(0.1)


def accept_at_once(pair: list[Process]) -> None:
    """Let both processes accept the same leg in the same instant, again and again: one wins, the other is told."""
    for n in range(5):
        case = post(pair[0].url, a_report(f"leg {n}")).json()
        body = {"kind": "accepted", "occurred_at": case["received_at"], "actor": "zhzf", "leg": 1}
        answers = at_once([f"{process.url}/api/v1/cases/{case['number']}/events" for process in pair], body)
        assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
        (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
        assert refused["error"] == "not_allowed"
        assert "A case that is accepted cannot be accepted; allowed now:" in refused["detail"]


def at_once(urls: list[str], body: dict[str, Any]) -> list[httpx.Response]:
    """Post to several addresses in the same instant, on connections that stand already."""
    gate, answers = threading.Barrier(len(urls)), []

    def send(url: str) -> None:
        with httpx.Client(timeout=30) as client:
            client.get(httpx.URL(url).join("/healthz"))
            gate.wait()
            answers.append(client.post(url, json=body))

    threads = [threading.Thread(target=send, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class RoundRobin:
    """What stands before the processes: sends each request to the next one that says that it is ready."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes, self._turn, self._ready = processes, 0, {process.name: True for process in processes}
        self._end = threading.Event()
        self._client = httpx.Client(timeout=30)
        self._watch = threading.Thread(target=self._look)
        self._watch.start()

    def _look(self) -> None:
        while not self._end.wait(0.1):
            for process in self.processes:
                self._ready[process.name] = process.readiness() == 200

    def post(self, body: dict[str, Any]) -> httpx.Response:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self._turn += 1
            process = self.processes[self._turn % len(self.processes)]
            if self._ready[process.name]:
                return self._client.post(f"{process.url}/api/v1/cases", json=body)
            time.sleep(0.01)
        raise AssertionError("nobody is ready")

    def close(self) -> None:
        self._end.set()
        self._watch.join()
        self._client.close()


def test_two_processes_are_restarted_one_after_the_other_and_no_request_is_lost(
    start: Callable[..., Process], sound: Callable[[], Engine]
) -> None:
    patient = {"ONEMAP_DRAIN_SECONDS": "2"}
    pair = [start("one", settings=patient), start("two", settings=patient)]
    front, stop, answers = RoundRobin(pair), threading.Event(), {}

    def traffic() -> None:
        n = 0
        while not stop.is_set():
            # Not tried again: an error that is raised here is a request that was lost.
            answers[f"r{n}"] = front.post(a_report(f"r{n}")).json()["number"]
            n += 1

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        for process in pair:
            with following(process.url) as wait:
                process.terminate()
                told = wait("again")
                assert 0 < told["within"] <= 5000
            assert process.readiness() in {503, 0}
            assert process.ended() == 0, process.log.read_text()[-2000:]
            assert process.log.read_text().count("ERROR") == 0
            before = len(answers)
            process.start().ready()
            assert len(answers) > before, "the other one worked meanwhile"
        assert thread.is_alive(), "no request was lost"
    finally:
        stop.set()
        thread.join()
        front.close()
    assert len(set(answers.values())) == len(answers)
    engine = sound()
    first = httpx.get(f"{pair[0].url}/api/v1/cases/{answers['r0']}")
    assert first.status_code == 200
    assert str(engine.url)


def busy() -> bool:
    """Whether others keep this machine from being measured."""
    with open("/proc/loadavg") as file:  # noqa: PTH123
        return float(file.read().split()[0]) > 4


@pytest.mark.parametrize("code", ["SIGTERM"])
def test_a_request_that_has_begun_is_finished(
    start: Callable[..., Process], sound: Callable[[], Engine], code: str
) -> None:
    process = start("slow", settings={"ONEMAP_DRAIN_SECONDS": "0"}, extra={"slow_commits_s": 1.0})
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(post(process.url, a_report("begun"))))
    thread.start()
    time.sleep(0.4)
    process.terminate()
    assert process.ended() == 0
    thread.join()
    assert answers[0].status_code == 201
    sound()
