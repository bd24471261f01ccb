"""Makes the daily pack when its time has come, in the process whose duty it is; the others find it made."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.pack import PackBusy, make_pack, packs
from data.views import BadQuery

log = logging.getLogger(__name__)
LOOK_EVERY_S = 60.0
"""How often at least; a process that takes the duty over looks sooner."""


def due_day(room: MapRoom, folder: Path, now: datetime) -> date | None:
    """Give the day whose pack should be there and is not: yesterday, once the region's time for it has passed."""
    at = room.region.pack_at
    local = now.astimezone(room.region.zone)
    if at is None or local.time() < at:
        return None
    day = local.date() - timedelta(days=1)
    return None if any(pack.day == day.isoformat() for pack in packs(folder)) else day


class NotMine(Exception):
    """The duty went to another process, or this one stops; what was begun is dropped, and nothing was written."""


def make_due(room: MapRoom, folder: Path, may: Callable[[], bool] = lambda: True) -> bool:
    """Make the pack that is due, if one is; say whether it was made here.

    A process that dies in the middle leaves its lock to the next one, and no half file.

    Parameters
    ----------
    may
        Whether this process may go on; asked before every sheet.
    """

    def told(_done: int, _of: int) -> None:
        if not may():
            raise NotMine

    if not may():
        return False
    day = due_day(room, folder, room.now())
    if day is None:
        return False
    try:
        pack = make_pack(room, day, folder, told)
    except (PackBusy, NotMine):
        return False
    except BadQuery as error:
        log.info("No pack of %s: %s", day, error)
        return False
    log.info("The pack of %s is made: %s, %d bytes", day, pack.file, pack.bytes)
    return True


async def keep_making(room: MapRoom, folder: Path, may: Callable[[], bool], every_s: float = LOOK_EVERY_S) -> None:
    """Look for a pack that is due as long as the application serves."""
    while True:
        try:
            await asyncio.to_thread(make_due, room, folder, may)
        except Exception:  # the next time may mend it: a disk that was full, a database that was away
            log.exception("The daily pack could not be made; it is tried again")
        await asyncio.sleep(every_s)
