"""The real server as a process on its own database, to be killed and started again, and reports to send to it."""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.environment.ports import free_port

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 120


def chromium() -> str:
    """Path of the browser: the variable that Playwright's own users set, or what the system has."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH")
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if not (named or found):
        raise RuntimeError("No Chromium: install the package chromium, or set PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH.")
    return named or str(found)


@dataclass
class Server:
    """One server process; a restart keeps port and database."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
        own = {
            "ONEMAP_DATABASE_URL": f"sqlite:///{self.folder / 'onemap.db'}",
            "ONEMAP_HOST": "127.0.0.1",
            "ONEMAP_PORT": str(self.port),
            **self.settings,
        }
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "serve"], cwd=ROOT, env=clean | own, stdout=log, stderr=log
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when /readyz says yes; fail with the server's own words when it dies or takes too long."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"The server is not ready:\n{(self.folder / 'server.log').read_text()[-4000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def report(self, source_id: str, lon: float, lat: float, matter: str = "YJS-01", **more: Any) -> dict[str, Any]:
        """Report a case of now at a place, as a grid worker would; give the server's answer."""
        body = {
            "matter": matter,
            "source": "grid",
            "source_id": source_id,
            "occurred_at": datetime.now(UTC).isoformat(),
            "point": {"x": lon, "y": lat, "crs": "EPSG:4490"},
            **more,
        }
        answer = httpx.post(f"{self.url}/api/v1/cases", json=body, timeout=10)
        assert answer.status_code == 201, answer.text
        case: dict[str, Any] = answer.json()
        return case

    def event(self, number: str, kind: str, actor: str, **more: Any) -> None:
        """Record an event of now."""
        body = {"kind": kind, "occurred_at": datetime.now(UTC).isoformat(), "actor": actor, **more}
        answer = httpx.post(f"{self.url}/api/v1/cases/{number}/events", json=body, timeout=10)
        assert answer.status_code == 201, answer.text
