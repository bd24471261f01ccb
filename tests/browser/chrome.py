"""One Chromium for many tests, and another one when it has stuck.

Under load Chromium 156 sometimes never answers when a context is closed. Such a browser is ended from outside: the
test that was done is done, and the next one gets a new browser.
"""

import os
import signal
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.browser.cockpit import chromium

PATIENCE_S = 20.0


class Chrome:
    """A browser that can be relied upon; used as Playwright's own, but for the end of a context."""

    def __init__(self, playwright: Playwright, arguments: Sequence[str]) -> None:
        self._playwright, self._arguments = playwright, list(arguments)
        self._mark = ""
        self._browser = self._launch()

    def new_context(self, **options: Any) -> BrowserContext:
        """Open fresh cookies and fresh workers, in a new browser where the last one has gone."""
        if not self._browser.is_connected():
            self._browser = self._launch()
        return self._browser.new_context(**options)

    def shut(self, context: BrowserContext, patience_s: float = PATIENCE_S) -> None:
        """Close a context; a browser that does not do it in time is ended."""
        watchdog = Timer(patience_s, self.end)
        watchdog.start()
        try:
            # Not by the context alone: a page that is just being loaded anew can keep it open for ever.
            for page in context.pages:
                with suppress(Error):
                    page.close()
            with suppress(Error):
                context.close()
        finally:
            watchdog.cancel()

    def end(self) -> None:
        """End the browser's process from outside."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Find the processes that were started with the mark of this browser."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if self._mark.encode() in path.read_bytes():
                    found.append(int(path.parent.name))
        return found

    def close(self) -> None:
        """End it when all tests are done."""
        watchdog = Timer(PATIENCE_S, self.end)
        watchdog.start()
        with suppress(Error):
            self._browser.close()
        watchdog.cancel()

    def _launch(self) -> Browser:
        self._mark = f"--onemap-tests={uuid.uuid4().hex}"
        return self._playwright.chromium.launch(
            executable_path=chromium(), args=[*self._arguments, self._mark], timeout=60_000
        )
