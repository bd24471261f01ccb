"""One application after the other: when boundaries change, the next one is made beside the one that answers.

Everything that an application knows of its region is made once, when it starts: locators, geometry, the board, the
names on every page. So a change of boundaries is a change of the application. A publication by any process moves a
counter in the database, which every process looks at; a version that begins at midnight needs no counter but the clock.

The next application is opened in a thread, which takes seconds; only Dash is put together on the event loop, because it
keeps its pages in one registry for the process (0.13 s for a county). Then new requests go to it. The old one answers
what it has begun; its streams end, their pages come back at once, meet another build and load themselves anew.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies import models
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from dashboard.server.composition import create_app, make_services, utc_now
from dashboard.services import Services
from dashboard.settings import Settings
from data import publishing

log = logging.getLogger(__name__)
LOOK_S = 1.0
"""How often a process looks whether boundaries have changed."""
LONGEST_PAUSE_S = 60.0
"""How long it waits at most before it tries again what did not succeed."""
FINISH_S = 600.0
"""How long the requests of an old application may take; the check of a large file takes longest."""
GEOMETRY = "/geo/"
PATIENCE_S = 15.0
"""How long geometry is waited for that another process has published and this one has not made yet."""


class Edition:
    """One application and the requests that it answers."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.services: Services = app.state.services
        self._running = 0
        self._idle = asyncio.Event()
        self._end = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Enter the application's lifespan; raises what it raises."""
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(begun), name="edition")
        await begun

    async def _live(self, begun: "asyncio.Future[None]") -> None:
        # In a task of its own: what a lifespan has entered must be left by the same task.
        try:
            async with self.app.router.lifespan_context(self.app):
                begun.set_result(None)
                await self._end.wait()
        except BaseException as error:
            if begun.done():
                raise
            begun.set_exception(error)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._running += 1
        self._idle.clear()
        try:
            await self.app(scope, receive, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def finish(self) -> None:
        """Let go of the streams, wait for the other requests, leave the lifespan."""
        self.services.live.close()
        # The next application does them by the new boundaries.
        await self.services.duties.hand_over()
        if self._running:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), FINISH_S)
        await self.end()

    async def end(self) -> None:
        """Leave the lifespan."""
        self._end.set()
        if self._life is not None:
            await self._life
        forget()


class Renewal:
    """The server's application: what it is asked goes to the edition that is current.

    Parameters
    ----------
    look_s
        How often to look whether boundaries have changed, in seconds.

    Raises
    ------
    SettingsError, RegionError, SQLAlchemyError
        As `create_app`, for the first edition.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], datetime] = utc_now, look_s: float = LOOK_S) -> None:
        self._settings, self._now, self._look_s = settings, now, look_s
        self._current = Edition(create_app(settings, now=now))
        # Dash registers pages only where its own context variable is set, as it is where the first edition is made.
        self._context = copy_context()
        self._finishing: dict[asyncio.Task[None], Edition] = {}
        self._changing = asyncio.Lock()
        self._router = Router(lifespan=self._living)

    @property
    def state(self) -> Any:
        """The state of the application that answers now."""
        return self._current.app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live."""
        if scope["type"] == "lifespan":
            await self._router.lifespan(scope, receive, send)
            return
        if scope["path"].startswith(GEOMETRY) and not self._knows(scope["path"]):
            looking = asyncio.create_task(self.look())
            # What fails is told by the watch, which meets it as well; the request is answered by what there is.
            looking.add_done_callback(lambda task: task.cancelled() or task.exception())
            await asyncio.wait({looking}, timeout=PATIENCE_S)
        await self._current.answer(scope, receive, send)

    def _knows(self, path: str) -> bool:
        """Whether geometry is there; a page may come from a process that has it already."""
        return tuple(path.removeprefix(GEOMETRY).split("/")) in self._current.services.geometry.files

    @asynccontextmanager
    async def _living(self, _app: Any) -> AsyncIterator[None]:
        await self._current.begin()
        watching = asyncio.create_task(self._watch(), name="boundaries")
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            ending = dict(self._finishing)
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            for edition in (*ending.values(), self._current):
                await edition.end()

    async def _watch(self) -> None:
        """Look again and again; what fails is told once and tried again, less and less often."""
        failures = 0
        while True:
            await asyncio.sleep(min(self._look_s * 2**failures, max(LONGEST_PAUSE_S, self._look_s)))
            try:
                await self.look()
                failures = 0
            except Exception:
                # A database that is away, or a pack that cannot be used any more: the boundaries stay as they are.
                if failures == 0:
                    log.exception("The boundaries cannot be looked at or taken over; it will be tried again")
                failures = min(failures + 1, 10)

    async def look(self) -> None:
        """Take over the boundaries that hold now, if they are others; raises what stands in the way."""
        async with self._changing:
            if await asyncio.to_thread(self._is_old):
                await self._renew()

    def _is_old(self) -> bool:
        services = self._current.services
        if publishing.counter(services.engine) != services.published:
            return True
        today, layers = services.region.local_day(self._now()), services.region.layers.values()
        return any(layer.version_of(today) != layer.version_of(services.geometry.day) for layer in layers)

    async def _renew(self) -> None:
        old = self._current
        services = await asyncio.to_thread(make_services, self._settings, self._now)
        try:
            # Pages that were loaded a moment ago ask for the geometry that they were told of.
            kept = {**last_files(old.services), **services.geometry.files}
            services = replace(services, geometry=replace(services.geometry, files=kept))
            make = partial(create_app, self._settings, now=self._now, services=services)
            edition = Edition(self._context.copy().run(make))
            await edition.begin()
        except BaseException:
            services.engine.dispose()
            raise
        self._current = edition
        task = asyncio.create_task(old.finish(), name="old edition")
        self._finishing[task] = old
        task.add_done_callback(self._finishing.pop)


def forget() -> None:
    """Empty the caches in which FastAPI keeps the callables of every application that the process has had."""
    for kept in vars(models).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


def last_files(services: Services) -> dict[tuple[str, str], Any]:
    """Give the geometry of an edition itself, without that which it had kept of those before it."""
    own = {layer.url for layer in services.geometry.layers.values()} | {services.geometry.context_url}
    return {key: file for key, file in services.geometry.files.items() if GEOMETRY + "/".join(key) in own}
