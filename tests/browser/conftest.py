"""A real server, a real browser, and a page that writes down what it asks for and what it complains about."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, sync_playwright

from tests.browser.chrome import Chrome
from tests.browser.cockpit import Server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What the browser and Dash themselves say while the server is dead; nothing that our scripts could keep quiet.
WHILE_DEAD = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    # An answer was on its way when the server was killed.
    "ERR_CONTENT_LENGTH_MISMATCH",
    "Failed to fetch",
    "ERR_EMPTY_RESPONSE",
    "Callback failed: the server did not respond",
)


@dataclass
class Watched:
    """A page with its record.

    Attributes
    ----------
    requests
        Every URL that it asked for.
    complaints
        Errors and warnings of the console, and exceptions that nobody caught.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def open(self, url: str) -> Page:
        """Go to an address and wait for the layout."""
        self.page.goto(url, wait_until="domcontentloaded")
        self.page.wait_for_selector("#shell-config", state="attached")
        return self.page

    def until(self, script: str, wanted: Callable[[Any], bool] = bool, seconds: float = 10.0) -> Any:
        """Ask the page again and again until the answer is as wanted (its policy forbids to poll inside)."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.page.evaluate(script)
                if wanted(found):
                    return found
            except Error as error:
                # The page is just being loaded, or loaded anew.
                found = error.message
            assert time.monotonic() < end, f"{script} is still {found!r} after {seconds} s; {self.complaints[-3:]}"
            time.sleep(0.03)

    def foreign(self, server: Server) -> list[str]:
        """Requests that went anywhere but to the server."""
        return [url for url in self.requests if not url.startswith((server.url, "data:", "blob:"))]


def serious(complaints: list[str]) -> list[str]:
    """Complaints that are not the browser's own about a server that is away."""
    return [text for text in complaints if not any(known in text for known in WHILE_DEAD)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        started = Chrome(playwright, ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests that leave it running."""
    own = Server(tmp_path_factory.mktemp("server"))
    own.start()
    yield own
    own.kill()


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose county has no case; tests only look."""
    own = Server(tmp_path_factory.mktemp("empty"))
    own.start()
    yield own
    own.kill()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for one test alone, with an empty database."""
    own = Server(tmp_path)
    own.start()
    yield own
    own.kill()


def watched(browser: Chrome, **options: Any) -> Iterator[Watched]:
    """A page in a context of its own: fresh cookies, fresh worker."""
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    yield Watched(context.new_page())
    browser.shut(context)


@pytest.fixture
def wall(browser: Chrome) -> Iterator[Watched]:
    """A page on a 1920×1080 screen."""
    yield from watched(browser, viewport={"width": 1920, "height": 1080})


@pytest.fixture
def desk(browser: Chrome) -> Iterator[Watched]:
    """A page on an ordinary office screen."""
    yield from watched(browser, viewport={"width": 1366, "height": 768})


@pytest.fixture
def phone(browser: Chrome) -> Iterator[Watched]:
    """A page on a phone, with a finger and without SharedWorker, as many phones have it."""
    size = {"width": 390, "height": 844}
    for own in watched(browser, viewport=size, device_scale_factor=2, has_touch=True, is_mobile=True):
        own.page.add_init_script("delete window.SharedWorker")
        yield own
