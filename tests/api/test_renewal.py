"""Boundaries that are published while servers run: every process takes them by itself, and no request is lost."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from dashboard.cli import app as commands
from dashboard.server.renewal import Renewal
from dashboard.settings import Settings
from tests.api import pack
from tests.api.conftest import NOW, Watch, report, served

ROOT = Path(__file__).parent.parent.parent
FIRST, SECOND = "330200001", "330200002"
VILLAGE, CELL = "330200002001", "330200002001001"
"""The westernmost cell of the eastern township, and its village, which goes to the western township."""
MOVED = 4  # its column
SECONDS = 30.0


def layers_after() -> dict[str, list[dict[str, Any]]]:
    """The two nested layers after a village has gone to the other township; the cells stay as they are."""
    squares = [pack.square(i, f"3302000{i // 4 + 1:02}00{i // 2 % 2 + 1}00{i % 2 + 1}") for i in range(8)]
    township = {code[:12]: FIRST if code.startswith(VILLAGE) else code[:9] for code, _ in squares}

    def edges(inside: Callable[[str], bool]) -> tuple[float, ...]:
        return tuple(sorted({edge for code, both in squares if inside(code[:12]) for edge in both}))

    villages = [
        pack.feature("village", code, above, edges(lambda one, code=code: one == code))
        for code, above in township.items()
    ]
    towns = [
        pack.feature("township", code, "330200", edges(lambda one, code=code: township[one] == code))
        for code in (FIRST, SECOND)
    ]
    return {"township": towns, "village": villages}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One archive with a GeoJSON file per layer."""
    path = tmp_path / "step.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for layer, features in layers_after().items():
            archive.writestr(f"{layer}.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def areas(*words: object) -> str:
    """Run a command of `areas`."""
    result = CliRunner().invoke(commands, ["areas", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


def publish(file: Path, small_pack: Path, url: str, begin: str = "2026-01-01") -> None:
    columns = ("--code", "code", "--name", "name", "--parent", "parent", "--from", begin)
    layers = ("--layer", "township", "--layer", "village", "--series", "mca", "--series", "village=nbs")
    where = ("--region", small_pack, "--database-url", url)
    assert "Publication 1" in areas("import", file, *layers, *columns, *where, "--publish", "--by", "王芳")


def until(what: Callable[[], Any], wanted: Callable[[Any], bool], seconds: float = SECONDS) -> Any:
    """Ask until the answer is as wanted."""
    end = time.monotonic() + seconds
    while not wanted(found := what()):
        assert time.monotonic() < end, f"still {found!r}"
        time.sleep(0.05)
    return found


def township_url(client: httpx.Client) -> str:
    return client.get("/api/v1/region").json()["layers"]["township"]["url"]


def township_of(client: httpx.Client, source_id: str) -> str:
    """Report a case from the ground that moves; gives the township that it was placed in."""
    lon, lat = pack.centre(MOVED)
    occurred = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body = report(source_id, point={"x": lon, "y": lat, "crs": "EPSG:4490"}, occurred_at=occurred)
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["township"]["code"]


class Hammer:
    """Asks a server again and again in a thread and writes down what was not answered well."""

    def __init__(self, url: str) -> None:
        self.asked, self.failures = 0, []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(url,), daemon=True)

    def _run(self, url: str) -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            while not self._end.is_set():
                self.asked += 1
                try:
                    answers = [
                        client.get("/api/v1/region"), client.get("/lists"),
                        client.post("/api/v1/cases", json=report(f"{url}-{self.asked}")),
                    ]  # fmt: skip
                    self.failures += [f"{one.url}: {one.status_code}" for one in answers if one.status_code >= 300]
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))
                time.sleep(0.02)

    def __enter__(self) -> "Hammer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(30)


@pytest.fixture
def processes(small_pack: Path, database_url: str) -> Iterator[list[httpx.Client]]:
    """Two server processes on one database, on the machine's clock."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    own = {"ONEMAP_REGION": str(small_pack), "ONEMAP_DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "dashboard", "serve", "--port", "0"]
    running = [
        subprocess.Popen(
            command, cwd=ROOT, env=plain | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    clients = []
    try:
        for process in running:
            url = process.stdout.readline().strip().partition(": ")[2].removesuffix("/wall")
            clients.append(httpx.Client(base_url=url, timeout=30))
        yield clients
        for client, process in zip(clients, running, strict=True):
            client.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in (0, -signal.SIGTERM)
            assert process.stdout.read() == "", "nothing went wrong that a server would tell"
    finally:
        for process in running:
            process.kill()
            process.wait()
            process.stdout.close()


def test_every_process_takes_what_another_one_published_and_loses_no_request(
    processes: list[httpx.Client], small_pack: Path, database_url: str, file: Path
) -> None:
    before = {township_url(client) for client in processes}
    assert len(before) == 1
    assert [township_of(client, f"before {n}") for n, client in enumerate(processes)] == [SECOND, SECOND]
    with Hammer(str(processes[0].base_url)) as one, Hammer(str(processes[1].base_url)) as other:
        publish(file, small_pack, database_url)
        for client in processes:
            until(lambda client=client: township_url(client), lambda url: url not in before)
        assert len({township_url(client) for client in processes}) == 1
        assert [township_of(client, f"after {n}") for n, client in enumerate(processes)] == [FIRST, FIRST]
    assert one.failures == other.failures == []
    assert min(one.asked, other.asked) > 5
    cases = processes[0].get("/api/v1/cases", params={"township": SECOND}).json()["cases"]
    assert len(cases) == 2, "open cases keep the township in which they were reported"
    where = ("--region", small_pack, "--database-url", database_url)
    areas("withdraw", 1, "--by", "李娜", "--reason", "公告撤回", *where)
    for client in processes:
        until(lambda client=client: township_url(client), lambda url: url in before)


@pytest.fixture
def renewed(small_pack: Path, sqlite_url: str, watch: Watch) -> Renewal:
    settings = Settings(region=str(small_pack), database_url=sqlite_url, poll_ms=50)
    return Renewal(settings, now=watch, look_s=0.05)


def test_a_version_that_begins_at_midnight_is_taken_at_midnight(
    renewed: Renewal, small_pack: Path, sqlite_url: str, watch: Watch, file: Path
) -> None:
    with served(renewed) as url, httpx.Client(base_url=url, timeout=10) as client:
        before = client.get("/api/v1/region").json()
        tomorrow = (NOW + timedelta(days=1)).date()
        publish(file, small_pack, sqlite_url, tomorrow.isoformat())
        # Until then the boundaries are known, not shown: no page needs another build.
        until(lambda: renewed.state.services.published, lambda counter: counter == 1)
        known = client.get("/api/v1/region").json()
        assert (known["build"], known["layers"]) == (before["build"], before["layers"])
        watch.now = NOW.replace(hour=15, minute=59, second=59)  # one second before midnight in the region
        time.sleep(0.3)
        assert township_url(client) == before["layers"]["township"]["url"]
        watch.pass_by(seconds=1)
        until(lambda: township_url(client), lambda address: address != before["layers"]["township"]["url"])
        assert client.get("/api/v1/region").json()["day"] == tomorrow.isoformat()


def test_an_open_page_is_let_go_and_meets_another_build_when_it_comes_back(
    renewed: Renewal, small_pack: Path, sqlite_url: str, file: Path
) -> None:
    with served(renewed) as url, httpx.Client(base_url=url, timeout=30) as client:
        with client.stream("GET", "/api/v1/stream") as stream:
            lines = stream.iter_lines()
            first = next(json.loads(line[6:]) for line in lines if line.startswith("data: "))
            publish(file, small_pack, sqlite_url)
            for _ in lines:
                pass  # until the server ends it
        with client.stream("GET", "/api/v1/stream") as stream:
            second = next(json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
        assert second["build"] != first["build"]
        assert client.get("/api/v1/region").json()["build"] == second["build"]


def test_geometry_of_another_process_is_made_when_a_page_asks_for_it(
    small_pack: Path, sqlite_url: str, watch: Watch, file: Path
) -> None:
    settings = Settings(region=str(small_pack), database_url=sqlite_url, poll_ms=50)
    slow = Renewal(settings, now=watch, look_s=3600)
    with served(slow) as url, httpx.Client(base_url=url, timeout=30) as client:
        old = township_url(client)
        publish(file, small_pack, sqlite_url)
        other = Renewal(settings, now=watch)
        address = other.state.services.geometry.layers["township"].url
        other.state.services.engine.dispose()
        assert address != old
        assert client.get(address).status_code == 200
        assert township_url(client) == address
        assert client.get(old).status_code == 200, "a page that was loaded a moment ago asks for it"
        assert client.get("/geo/0000000000000000/township.geojson").status_code == 404


def test_an_old_application_leaves_nothing_behind(
    renewed: Renewal, small_pack: Path, sqlite_url: str, file: Path
) -> None:
    where = ("--region", small_pack, "--database-url", sqlite_url)
    with served(renewed) as url, httpx.Client(base_url=url, timeout=30) as client:
        client.get("/lists")
        old = weakref.ref(renewed.state.services.region.boundaries)
        publish(file, small_pack, sqlite_url)
        until(lambda: renewed.state.services.published, lambda counter: counter == 1)
        client.get("/lists")
        areas("withdraw", 1, "--by", "李娜", "--reason", "公告撤回", *where)
        until(lambda: renewed.state.services.published, lambda counter: counter == 2)
        until(lambda: (gc.collect() and None) or old(), lambda boundaries: boundaries is None)


def test_boundaries_that_cannot_be_taken_leave_those_that_there_are(
    small_pack: Path, tmp_path: Path, sqlite_url: str, watch: Watch, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = pack.write(tmp_path / "own")
    renewal = Renewal(Settings(region=str(folder), database_url=sqlite_url, poll_ms=50), now=watch, look_s=0.05)
    with served(renewal) as url, httpx.Client(base_url=url, timeout=10) as client:
        before = client.get("/api/v1/region").json()
        text = (folder / "departments.csv").read_text("utf-8")
        (folder / "departments.csv").unlink()
        publish(file, small_pack, sqlite_url)
        until(lambda: caplog.text, lambda text: "cannot be looked at or taken over" in text)
        assert client.get("/api/v1/region").json()["build"] == before["build"]
        (folder / "departments.csv").write_text(text, "utf-8")
        until(lambda: township_url(client), lambda address: address != before["layers"]["township"]["url"])
