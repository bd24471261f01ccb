"""The product in processes of their own, forked from one that has everything imported, so that a start takes a second.

What runs in them is the command line as people call it. A process may be told to die by SIGKILL at a place in a
transaction: at the count-th statement that holds some words, before or after a commit.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

from dashboard.cli import app as commands
from dashboard.server import renewal, serving
from data.bulk import importing
from tests.environment.ports import free_port

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.process"])
READY_S = 120.0
BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"


@dataclass(frozen=True)
class Death:
    """Where a process dies: at a statement with these words, or at the commit of a transaction that had one."""

    words: str
    at: str = "statement"
    count: int = 1

    def arm(self) -> None:
        """Listen to every engine of this process."""
        left, touched = self.count, None

        def die(met: str) -> None:
            nonlocal left
            if met == self.at:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        def statement(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            nonlocal touched
            if self.words in statement:
                touched = connection.connection.dbapi_connection
                die("statement")

        def commit(connection: Any) -> None:
            if touched is not None and connection.connection.dbapi_connection is touched:
                die(BEFORE_COMMIT)

        def checkin(raw: Any, _record: Any) -> None:
            # The connection goes back into its pool right after its commit.
            nonlocal touched
            if touched is not None and raw is touched:
                touched = None
                die(AFTER_COMMIT)

        event.listen(Engine, "after_cursor_execute", statement)
        event.listen(Engine, "commit", commit)
        event.listen(Pool, "checkin", checkin)


def run(
    words: Sequence[str], environment: Mapping[str, str], log: str, death: Death | None, extra: Mapping[str, Any]
) -> None:
    """Be a command line, in a child."""
    with Path(log).open("ab") as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    for name in [name for name in os.environ if name.startswith("ONEMAP_") and name != "ONEMAP_INDEX_FOLDER"]:
        del os.environ[name]
    os.environ.update(environment)
    if death is not None:
        death.arm()
    if "ahead_s" in extra:
        ahead = timedelta(seconds=extra["ahead_s"])
        renewal.Renewal.__init__.__kwdefaults__["now"] = lambda: datetime.now(UTC) + ahead
    if "file_limit" in extra:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (extra["file_limit"], resource.RLIM_INFINITY))
    if "rows_at_once" in extra:
        importing.AT_ONCE = extra["rows_at_once"]
    if "unread_ms" in extra:
        serving.UNREAD_MS = extra["unread_ms"]
    if "slow_commits_s" in extra:
        event.listen(Engine, "commit", lambda _connection: time.sleep(extra["slow_commits_s"]))
    if "dies_writing" in extra:
        die_writing(extra["dies_writing"])
    commands(list(words), prog_name="python -m dashboard")


def die_writing(ending: str) -> None:
    """Let this process die where it has written a file of some name and not yet put it in its place."""
    fsync = os.fsync

    def dying(file: int) -> None:
        if f"{ending}.part" in str(Path(f"/proc/self/fd/{file}").readlink()):
            os.kill(os.getpid(), signal.SIGKILL)
        fsync(file)

    os.fsync = dying


@dataclass
class Process:
    """One process of the product; a server unless other words are given."""

    folder: Path
    settings: dict[str, str]
    name: str = "server"
    death: Death | None = None
    words: Sequence[str] = ("serve",)
    extra: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> "Process":
        own = {"ONEMAP_HOST": "127.0.0.1", "ONEMAP_PORT": str(self.port), **self.settings}
        self.process = CONTEXT.Process(target=run, args=(self.words, own, str(self.log), self.death, self.extra))
        self.process.start()
        return self

    def ready(self) -> "Process":
        """Wait until it says that it is."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end and self.process.is_alive():
            if self.readiness() == 200:
                return self
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} is not ready:\n{self.log.read_text()[-4000:]}")

    def readiness(self) -> int:
        """Status of /readyz; 0 when nobody answers."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def terminate(self) -> None:
        """Tell it to end."""
        os.kill(self.process.pid, signal.SIGTERM)

    def ended(self, seconds: float = 60) -> int:
        """Wait for its end; give its exit code."""
        self.process.join(seconds)
        code = self.process.exitcode
        assert code is not None, f"{self.name} does not end:\n{self.log.read_text()[-2000:]}"
        return int(code)


if "pytest" not in sys.modules:
    # In the process that children are forked from: what a server would import later, each anew.
    import uvicorn.lifespan.on
    import uvicorn.loops.uvloop
    import uvicorn.protocols.http.httptools_impl  # noqa: F401
