"""A private PostgreSQL with PostGIS for the length of a test run: own folder, own port, gone afterwards.

It listens on a socket in its own folder and on a free port of the loopback interface, so it meets no server of this
machine and no second test run. When the tests are killed, the kernel takes it down with them.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from tests.environment.ports import free_port

USER = "postgres"
START_TIMEOUT_S = 60.0
HINT = (
    "The tests start a PostgreSQL of their own and need its programs and PostGIS.\n"
    "On Debian or Ubuntu: sudo apt-get install postgresql postgresql-15-postgis-3\n"
    "(15 stands for your version; any from 15 on will do)."
)


class Unavailable(RuntimeError):
    """PostgreSQL cannot be started here; the message says what to install."""


@dataclass(frozen=True)
class Server:
    """A running server; everybody on this machine may enter as superuser `postgres`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    names: Iterator[int]

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database."""
        query = {"host": str(self.folder), "port": str(self.port)}
        return URL.create("postgresql+psycopg", username=USER, database=database, query=query).render_as_string()

    def create(self, template: str | None = None) -> str:
        """Make a new database, empty or a copy of another one, and give its name."""
        name = f"onemap_{next(self.names)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self.execute(statement)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside of any transaction."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname=USER, autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Start a server, and stop it whatever happens.

    Parameters
    ----------
    durable
        Whether commits wait for the disk, as in production; otherwise they do not: nobody needs the data tomorrow.

    Raises
    ------
    Unavailable
        When programs are missing, or the server does not start; says what to do or what its log says.
    """
    binaries = find_binaries()
    # The path of a socket may have 107 bytes: a short folder of its own, not pytest's deep one.
    folder = Path(tempfile.mkdtemp(prefix="onemap-pg-"))
    process = None
    try:
        if os.getuid() == 0:
            shutil.chown(folder, *owner())
        initialise(binaries, folder)
        process, port = start(binaries, folder, durable=durable)
        yield Server(folder, port, process, count(1))
    finally:
        if process is not None:
            stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """Folder of `initdb` and `postgres`, the newest version that is installed."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if path.parts[-3].isdigit()]
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    on_path = shutil.which("initdb")
    if newest is None and on_path is None:
        raise Unavailable(f"There is no initdb in /usr/lib/postgresql/*/bin or on PATH.\n{HINT}")
    return (newest or Path(str(on_path)).resolve()).parent


def owner() -> tuple[int, int]:
    """User and group for the server when the tests run as root, under whom PostgreSQL refuses to start."""
    for name in (USER, "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise Unavailable(f"The tests run as root, PostgreSQL does not, and there is no user {USER} to run it.\n{HINT}")


def identity() -> dict[str, object]:
    """Arguments for subprocess: become the server's user when root."""
    if os.getuid() != 0:
        return {}
    user, group = owner()
    return {"user": user, "group": group, "extra_groups": []}


def initialise(binaries: Path, folder: Path) -> None:
    """Make the files of an empty server."""
    command = [binaries / "initdb", "--pgdata", folder / "data", "--username", USER, "--auth", "trust", "--no-sync"]
    command += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, **identity())  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Unavailable(f"initdb failed:\n{done.stderr}\n{HINT}")


def start(binaries: Path, folder: Path, *, durable: bool) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a port that is free now; another program may snatch it, so try more than once."""
    for _ in range(3):
        port = free_port()
        process = start_at(binaries, folder, port, durable=durable)
        if process.poll() is None:
            return process, port
    raise Unavailable(f"PostgreSQL does not start:\n{(folder / 'log').read_text(errors='replace')[-2000:]}\n{HINT}")


def start_at(binaries: Path, folder: Path, port: int, *, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server on a port and wait until it answers; the process has ended when it cannot."""
    log = folder / "log"
    settings = ["max_connections=200", "shared_buffers=64MB", "log_min_messages=warning"]
    if not durable:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
    # The kernel sends SIGQUIT to the server when the process that started it dies.
    leash = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
    command = [*leash, binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", str(port)]
    command += ["-c", "listen_addresses=127.0.0.1"]
    command += [part for setting in settings for part in ("-c", setting)]
    with log.open("ab") as sink:
        process: subprocess.Popen[bytes] = subprocess.Popen(command, stdout=sink, stderr=sink, cwd=folder, **identity())  # type: ignore[call-overload]
    if not answers(process, folder, port):
        stop(process)
    return process


def answers(process: subprocess.Popen[bytes], folder: Path, port: int) -> bool:
    """Wait until the server answers; False when it has ended instead."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(folder), port=port, user=USER, dbname=USER).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server at once: nothing in it needs saving."""
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
