"""Streams end when the right to them does: within a second or two, whichever process took it away."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import orjson

from dashboard.auth.door import LOOK_S, Door
from dashboard.auth.identity import Identity
from dashboard.threads import in_thread


class Rights:
    """Tells every stream of this process when rights have changed anywhere; one question a second for all of them."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.changed = asyncio.Event()

    async def run(self) -> None:
        """Look once a second until cancelled."""
        known = (await in_thread(self._door.look)).moves, self._door.is_open
        while True:
            await asyncio.sleep(LOOK_S)
            with contextlib.suppress(Exception):
                # A database that is away takes no rights away.
                now = (await in_thread(self._door.look)).moves, self._door.is_open
                if now != known:
                    known = now
                    changed, self.changed = self.changed, asyncio.Event()
                    changed.set()


async def while_admitted(
    messages: AsyncGenerator[bytes, None], door: Door, identity: Identity, rights: Rights
) -> AsyncIterator[bytes]:
    """Pass messages on as long as somebody may have them; then say why they end."""
    coming: asyncio.Future[bytes] | None = None
    try:
        while True:
            changed = rights.changed
            coming = coming or asyncio.ensure_future(anext(messages))
            news = asyncio.ensure_future(changed.wait())
            await asyncio.wait({coming, news}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if changed.is_set() or door.is_over(identity):
                reason = await asyncio.to_thread(door.still, identity)
                if reason:
                    yield b"event: door\ndata: " + orjson.dumps({"reason": reason}) + b"\n\n"
                    return
            if coming.done():
                try:
                    part = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield part
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await messages.aclose()
