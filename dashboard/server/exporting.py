"""Has exports made in a process of their own, so that no page waits for them; takes away those whose time is over."""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from dashboard.services import Services
from dashboard.settings import PREFIX, ROOT
from dashboard.threads import in_thread
from data import exports

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
SWEEP_EVERY = 600
"""Looks between two sweeps."""
PASSED_ON = ("database_url", "region", "index_folder", "export_folder")


class Exporting:
    """One process at a time, for whichever export waits longest.

    The process that makes it takes it in the database itself; when it dies, another server's or the next one of
    ours goes on with it.
    """

    def __init__(self, services: Services, every_s: float = LOOK_EVERY_S) -> None:
        self._services, self._every_s = services, every_s
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    async def run(self) -> None:
        """Look for work as long as the application serves."""
        looks = 0
        while True:
            try:
                if looks % SWEEP_EVERY == 0:
                    await in_thread(self.sweep)
                await in_thread(self.look)
            except Exception:  # the database was away, or the disk full: the next look may find it mended
                log.exception("Exports could not be looked after; tried again in a moment")
            looks += 1
            await asyncio.sleep(self._every_s)

    def look(self) -> None:
        """Start a process for what waits, unless one is at work."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            if self._process.returncode:
                log.warning("The process of an export ended with %s", self._process.returncode)
            self._process = None
        if not self._stopped and exports.waiting(self._services.engine, self._services.now()):
            self._process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes]:
        given = {f"{PREFIX}{name.upper()}": str(getattr(self._services.settings, name)) for name in PASSED_ON}
        command = [sys.executable, "-m", "dashboard", "data", "export", "waiting"]
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        env = {**os.environ, **given, "PYTHONPATH": path}
        # In our working directory: paths of the settings are relative to it.
        return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command

    def stop(self) -> None:
        """Let the process give back what it makes."""
        self._stopped = True
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def sweep(self) -> None:
        """Take away exports that have been kept long enough."""
        settings = self._services.settings
        for number in exports.expired(
            self._services.engine, self._services.now() - timedelta(days=settings.export_days)
        ):
            exports.drop(self._services.engine, number)
            shutil.rmtree(Path(settings.export_folder) / str(number), ignore_errors=True)
