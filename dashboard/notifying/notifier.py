"""The background tasks of an application that make notices and send them; of all processes one does it at a time.

What has been told and sent stands in the database; a process that dies leaves nothing undone that another one, or the
next start, does not find. Two at once, as when a process was stopped for a while, tell and send nothing twice.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from dashboard.duties import NOTICES
from dashboard.notifying import webhook
from dashboard.notifying.telling import Teller
from dashboard.services import Services
from data import notices
from data.notices import Kept

log = logging.getLogger(__name__)
AT_ONCE = 8  # messages on their way at the same time
LEASE = timedelta(seconds=webhook.TIMEOUT_S + 10)
MOST_BACK_OFF_S = 60.0

Payload = Callable[[Kept], Mapping[str, Any]]
"""What is added to the message of a kind of notice, beside what all have; blocking, runs in a thread."""

Arrived = Callable[[Kept], object]
"""What follows when a message of a kind has arrived, safe to be done twice; blocking, runs in a thread."""


class Notifier:
    """Follows events and clocks, and sends.

    Parameters
    ----------
    endpoint
        None: notices stay in the inboxes, nothing leaves the machine.
    text
        Says a notice in one line.
    payloads
        By kind of notice, what its message holds beside: the result itself for ``result``.
    arrived
        By kind of notice, what follows when it has arrived: the reporter has the answer.
    """

    def __init__(
        self,
        services: Services,
        endpoint: webhook.Endpoint | None,
        text: Callable[[Kept], str],
        payloads: Mapping[str, Payload] | None = None,
        arrived: Mapping[str, Arrived] | None = None,
    ) -> None:
        self._services, self._endpoint, self._text = services, endpoint, text
        self._payloads, self._arrived = payloads or {}, arrived or {}
        self.teller = Teller(services, sends=endpoint is not None)
        self._closing = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the tasks while the block lasts; raises what the database raises when it cannot even begin."""
        self._closing = asyncio.Event()
        await asyncio.to_thread(self.teller.begin)
        tasks = [asyncio.create_task(self._again_and_again("makes notices", self._tell), name="notices")]
        if self._endpoint is not None:
            tasks.append(asyncio.create_task(self._send_all(), name="webhook"))
        try:
            yield
        finally:
            self._closing.set()
            await asyncio.gather(*tasks)

    async def _tell(self) -> None:
        await asyncio.to_thread(self.teller.step)

    async def _send_all(self) -> None:
        networks = self._endpoint.networks if self._endpoint is not None else ()
        async with webhook.client(networks) as client:
            await self._again_and_again("sends notices", lambda: self.deliver(client, self._is_mine))

    async def _again_and_again(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        """Take steps while they are this process's duty; one that fails is told once and tried less and less often."""
        failures, interval = 0, self._services.settings.notify_seconds
        while not self._closing.is_set():
            try:
                if self._is_mine():
                    with self._services.duties.doing():
                        await step()
                failures = 0
            except Exception:
                # Whatever the database raises while it is away; what was to be told is found again afterwards.
                if failures == 0:
                    log.exception("The task that %s cannot go on; it will keep trying", what)
                failures += 1
            pause = min(interval * 2**failures, max(MOST_BACK_OFF_S, interval))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)

    def _is_mine(self) -> bool:
        return self._services.duties.has(NOTICES)

    async def deliver(self, client: httpx.AsyncClient, may: Callable[[], bool] = lambda: True) -> None:
        """Send everything that is due now, some messages at a time.

        Parameters
        ----------
        may
            Whether this process may go on; asked before it takes more messages.
        """
        engine = self._services.engine
        while may() and not self._closing.is_set():
            now = self._services.now()
            claimed = await asyncio.to_thread(notices.claim, engine, now, now + LEASE, AT_ONCE)
            if not claimed:
                return
            await asyncio.gather(*(self._attempt(client, notice) for notice in claimed))

    async def _attempt(self, client: httpx.AsyncClient, notice: Kept) -> None:
        assert self._endpoint is not None  # noqa: S101 - otherwise nothing would be claimed
        try:
            body = await asyncio.to_thread(self._written, notice)
        except Exception as error:
            # Whatever the writer of a result raises is this notice's failure, and must not hold up the others.
            log.exception("Notice %s cannot be written", notice.id)
            failure: str | None = f"{type(error).__name__}: {error}"
        else:
            failure = await self._post(client, self._endpoint.request(notice, body, self._services.now()))
        if failure is None:
            await asyncio.to_thread(self._sent, notice)
        elif not self._closing.is_set():
            await self._note(notice, failure)

    def _sent(self, notice: Kept) -> None:
        # What follows comes first: a process that dies in between sends again, and does not forget it.
        if notice.kind in self._arrived:
            self._arrived[notice.kind](notice)
        notices.sent(self._services.engine, notice, self._services.now())

    def _written(self, notice: Kept) -> bytes:
        more = self._payloads.get(notice.kind)
        return webhook.body_of(notice, self._text(notice), more(notice) if more else {})

    async def _note(self, notice: Kept, failure: str) -> None:
        next_at = webhook.next_attempt(notice.attempts, self._services.now())
        if next_at is None:
            log.error("Notice %s is given up after %s attempts: %s", notice.id, notice.attempts, failure)
        await asyncio.to_thread(notices.failed, self._services.engine, notice, failure, next_at)

    async def _post(self, client: httpx.AsyncClient, request: httpx.Request) -> str | None:
        """Send one message; give why it did not arrive, or None. The end of the application does not wait for it."""
        sending = asyncio.create_task(status_of(client, request))
        closing = asyncio.create_task(self._closing.wait())
        await asyncio.wait({sending, closing}, timeout=webhook.TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        if not sending.done():
            sending.cancel()
            await asyncio.wait({sending})
            return f"no answer within {webhook.TIMEOUT_S:.0f} s"
        return sending.result()


async def status_of(client: httpx.AsyncClient, request: httpx.Request) -> str | None:
    """Send a message and look at the status alone, which is 2xx when it has arrived; give what is wrong else."""
    try:
        answer = await client.send(request, stream=True)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    await answer.aclose()
    return None if answer.is_success else f"HTTP {answer.status_code} {answer.reason_phrase}"
