"""A day of the county at thirty times its speed against a real server, watched for anything that grows.

`make soak` takes 48 minutes for the whole day; `python -m tests.bench.soak --minutes 12` less. At the end stand a
verdict for each quantity (slope an hour with its standard error, the first quarter left out) and a curve.
"""

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import numpy as np
import typer
from sqlalchemy import make_url, text

from data.engine import open_engine
from tests.browser.cockpit import ROOT, Server

CURVE = ROOT / "docs" / "soak.svg"
NAMES = {
    "rss": ("memory", "MiB"),
    "handles": ("open handles", ""),
    "threads": ("threads", ""),
    "connections": ("database connections", ""),
    "wal": ("write-ahead log", "MiB"),
    "streams": ("stream clients", ""),
}
STEADY = 0.25  # the first quarter warms caches and pools, and says nothing about growth
WIDTH, HEIGHT, LEFT, TOP = 880, 84, 190, 34


@dataclass
class Watcher:
    """Looks at a server from outside: `/proc`, the database, and streams of its own."""

    server: Server
    url: str
    clients: int
    open: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def look(self) -> dict[str, float]:
        """Say how things stand."""
        if self.server.process is None or self.server.process.poll() is not None:
            raise SystemExit("The server has ended by itself; see its log.")
        home = Path(f"/proc/{self.server.process.pid}")
        status = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines())
        files = []
        for one in (home / "fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                files.append(str(one.readlink()))
        connections, wal = self._database(files)
        return {
            "rss": int(status["VmRSS"].split()[0]) / 1024,
            "handles": len(files),
            "threads": int(status["Threads"]),
            "connections": connections,
            "wal": wal,
            "streams": self.open,
        }

    def _database(self, files: Sequence[str]) -> tuple[float, float]:
        where = make_url(self.url)
        if where.get_backend_name() == "sqlite":
            wal = Path(f"{where.database}-wal")
            size = wal.stat().st_size / 2**20 if wal.exists() else 0.0
            return float(sum(one == where.database for one in files)), size
        engine = open_engine(self.url, pool_size=1)
        with engine.connect() as connection:
            # This one asks, too.
            open_ = connection.execute(
                text("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
            )
            wal_size = connection.execute(text("SELECT sum(size) FROM pg_ls_waldir()"))
            found = float(open_.scalar_one()), float(wal_size.scalar_one()) / 2**20
        engine.dispose()
        return found

    def listen(self) -> None:
        """Hold the streams open until told to stop; one that breaks comes back, as a page would."""
        asyncio.run(self._listen())

    async def _listen(self) -> None:
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as http:
            tasks = [asyncio.create_task(self._hold(http)) for _ in range(self.clients)]
            while not self.stopping.is_set():
                await asyncio.sleep(0.2)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hold(self, http: httpx.AsyncClient) -> None:
        while not self.stopping.is_set():
            try:
                async with http.stream("GET", f"{self.server.url}/api/v1/stream") as answer:
                    self.open += 1
                    try:
                        async for _ in answer.aiter_raw():
                            pass
                    finally:
                        self.open -= 1
            except httpx.TransportError:
                await asyncio.sleep(1)


def patiently(server: Server, times: int = 5) -> None:
    """Start a server; on a busy machine that may take longer than a test would wait."""
    try:
        server.start()
    except RuntimeError:
        if times == 0 or server.process is None or server.process.poll() is not None:
            raise
        for _ in range(times):
            with suppress(RuntimeError):
                return server.wait_until_ready()
        raise


@contextmanager
def simulated(server: Server, speed: float, rate: float, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Play the county against the server."""
    command = [
        sys.executable,
        "-m",
        "dashboard",
        "simulate",
        "--url",
        server.url,
        "--days",
        "0.1",
        "--speed",
        str(speed),
    ]
    command += ["--rate", str(rate), "--for", str(seconds + 60)]
    with (server.folder / "simulator.log").open("wb") as log:
        player = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield player
    finally:
        player.terminate()
        player.wait()


def caught_up(server: Server, player: subprocess.Popen[bytes]) -> None:
    """Wait until the simulator has told the past: only then does the day begin."""
    log = server.folder / "simulator.log"
    while "Caught up" not in log.read_text():
        if player.poll() is not None:
            raise SystemExit(log.read_text()[-2000:])
        time.sleep(1)


def verdict(name: str, minutes: Sequence[float], values: Sequence[float]) -> str:
    """Say how fast something grows an hour, how sure that is, and what it means."""
    at, found = np.array(minutes) / 60, np.array(values)
    keep = at >= at[0] + (at[-1] - at[0]) * STEADY
    at, found = at[keep], found[keep]
    words, unit = NAMES[name]
    if len(at) < 4:
        return f"{words}: too few samples"
    (slope, _), covariance = np.polyfit(at, found, 1, cov="unscaled")
    left = found - np.polyval(np.polyfit(at, found, 1), at)
    error = float(np.sqrt(covariance[0, 0] * (left**2).sum() / (len(at) - 2)))
    said = f"{words}: {slope:+.2f} ± {error:.2f} {unit} an hour".replace("  ", " ")
    # Growth that would not show in a day at the speed of life is none.
    grows = slope - 2 * error > 0 and slope > 0.02 * max(1.0, float(found.mean()))
    return f"{said}, from {found[0]:.1f} to {found[-1]:.1f}: {'GROWS' if grows else 'steady'}"


def curve(minutes: Sequence[float], rows: Mapping[str, Sequence[float]], title: str) -> str:
    """Draw one strip a quantity, each from nothing to its largest value."""
    height = TOP + HEIGHT * len(rows) + 24
    span = max(minutes[-1] - minutes[0], 1e-9)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
        f' font-size="13"><rect width="100%" height="100%" fill="#fff"/><text x="12" y="20">{title}</text>'
    ]
    for place, (name, values) in enumerate(rows.items()):
        top, most = TOP + HEIGHT * place, max(*values, 1e-9)
        points = " ".join(
            f"{LEFT + (at - minutes[0]) / span * (WIDTH - LEFT - 20):.1f}"
            f",{top + (HEIGHT - 14) * (1 - value / most):.1f}"
            for at, value in zip(minutes, values, strict=True)
        )
        words, unit = NAMES[name]
        base = top + HEIGHT - 14
        parts.append(
            f'<text x="12" y="{top + 30}">{words}</text>'
            f'<text x="12" y="{top + 48}" fill="#555">'
            f"{values[0]:.0f} to {values[-1]:.0f} {unit}, most {most:.0f}</text>"
            f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{base}" y2="{base}" stroke="#ccc"/>'
            f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="1.6"/>'
        )
    ends = f'<text x="{LEFT}" y="{height - 8}" fill="#555">0</text>'
    ends += f'<text x="{WIDTH - 70}" y="{height - 8}" fill="#555">{span:.0f} min</text></svg>\n'
    return "\n".join([*parts, ends])


def main(
    minutes: Annotated[float, typer.Option(min=0.5, help="How long; 48 are a day at thirty times speed.")] = 48,
    speed: Annotated[float, typer.Option(min=1, help="Simulated seconds in a second.")] = 30,
    rate: Annotated[float, typer.Option(min=1, help="Cases an hour of the county.")] = 60,
    clients: Annotated[int, typer.Option(min=0, help="Streams held open.")] = 50,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 60,
    database: Annotated[str, typer.Option(help="Empty database; by default SQLite in a folder of its own.")] = "",
    svg: Annotated[Path, typer.Option(help="Where the curve is drawn.")] = CURVE,
) -> None:
    """Let a county live against a real server and say whether anything grows."""
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{folder}/onemap.db"
        settings = {"ONEMAP_DATABASE_URL": url, "ONEMAP_PACK_FOLDER": f"{folder}/packs"}
        server = Server(Path(folder), settings | {"ONEMAP_INDEX_FOLDER": str(ROOT / "var" / "indexes")})
        patiently(server)
        watcher = Watcher(server, url, clients)
        listener = threading.Thread(target=watcher.listen, name="streams", daemon=True)
        listener.start()
        at: list[float] = []
        rows: dict[str, list[float]] = {name: [] for name in NAMES}
        try:
            with simulated(server, speed, rate, minutes * 60) as player:
                caught_up(server, player)
                began = time.monotonic()
                while (passed := time.monotonic() - began) < minutes * 60:
                    time.sleep(min(every, max(0.1, minutes * 60 - passed)))
                    if player.poll() is not None:
                        raise SystemExit((server.folder / "simulator.log").read_text()[-2000:])
                    found = watcher.look()
                    at.append((time.monotonic() - began) / 60)
                    for name, value in found.items():
                        rows[name].append(value)
                    sys.stdout.write(f"{at[-1]:6.1f} min " + " ".join(f"{n} {v:.1f}" for n, v in found.items()) + "\n")
                    sys.stdout.flush()
        finally:
            watcher.stopping.set()
            listener.join(10)
            count = httpx.get(f"{server.url}/api/v1/board", timeout=30).json().get("rev", "?")
            server.kill()
    sys.stdout.write(
        f"revision {count}\n" + "\n".join(verdict(name, at, values) for name, values in rows.items()) + "\n"
    )
    kind = make_url(url).get_backend_name()
    svg.write_text(
        curve(at, rows, f"{speed:g} times speed, {rate:g} cases an hour, {clients} streams, {kind}"), "utf-8"
    )
    sys.stdout.write(f"Curve: {svg}\n")


if __name__ == "__main__":
    typer.run(main)
