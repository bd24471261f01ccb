"""`serve` as people start it."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from dashboard import logs
from dashboard.cli import app as commands

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def environment(small_pack: Path, sqlite_url: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
    return plain | {"ONEMAP_REGION": str(small_pack), "ONEMAP_DATABASE_URL": sqlite_url, "PYTHONUNBUFFERED": "1"}


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that runs in this process sets up its log for good."""
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in logs.OURS}
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)


def start(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dashboard", "serve", *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.fixture
def running(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start(environment, "--host", "127.0.0.1", "--port", "0")
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_prints_its_address_when_it_answers(running: tuple[subprocess.Popen[str], str]) -> None:
    _, line = running
    assert line.startswith("OneMap 小县: http://127.0.0.1:")
    assert line.endswith("/wall")
    assert httpx.get(line.partition(": ")[2]).status_code == 200


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_although_a_wall_is_open(running: tuple[subprocess.Popen[str], str], stop: int) -> None:
    process, line = running
    url = line.partition(": ")[2].removesuffix("/wall")
    with httpx.stream("GET", f"{url}/api/v1/stream", timeout=5) as response:
        lines = response.iter_lines()
        while not next(lines).startswith("event: full"):
            pass
        process.send_signal(stop)
        code = process.wait(40)
    if stop == signal.SIGTERM:
        assert code == 0, "told to end and ended in order"
    # A server that had to cut its streams off would say so here.
    assert process.stdout.read() == "", "streams end by themselves"


def test_a_busy_port_is_named_with_the_way_out(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        process = start(environment, "--host", "127.0.0.1", "--port", str(port))
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in said
    assert "make run PORT=" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ONEMAP_REGION", "atlantis", ["ONEMAP_REGION is 'atlantis'", "cixi"]),
        ("ONEMAP_PORT", "eighty", ["ONEMAP_PORT", "integer"]),
        ("ONEMAP_DATABASE_URL", "mysql://nowhere/x", ["mysql", "sqlite:///"]),
        ("ONEMAP_DATABASE_URL", "no url at all", ["no url at all"]),
        ("ONEMAP_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x", ["127.0.0.1", "cannot be used"]),
        ("ONEMAP_DATABASE_URL", "sqlite:////proc/nowhere/onemap.db", ["/proc/nowhere"]),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    environment: dict[str, str], name: str, value: str, words: list[str]
) -> None:
    chosen = {"ONEMAP_PORT": "0", "ONEMAP_HOST": "127.0.0.1"} | environment | {name: value}
    answer = CliRunner().invoke(commands, ["serve"], env=chosen)
    assert answer.exit_code == 1, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    for word in words:
        assert word in answer.output


def test_a_misspelt_variable_is_told(environment: dict[str, str]) -> None:
    chosen = environment | {"ONEMAP_PROT": "9000", "ONEMAP_REGION": "atlantis"}
    answer = CliRunner().invoke(commands, ["serve", "--port", "0"], env=chosen)
    assert "ONEMAP_PROT is no setting and is ignored; did you mean ONEMAP_PORT?" in answer.output
