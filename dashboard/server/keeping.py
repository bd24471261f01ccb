"""What the database needs from time to time: partitions for the months to come."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from dashboard.threads import in_thread
from data.months import keep_months

log = logging.getLogger(__name__)
EVERY_S = 6 * 3600.0
AGAIN_S = 60.0


async def keep_months_ready(engine: Engine, now: Callable[[], datetime]) -> None:
    """Look at the start and some times a day whether the months to come have their partitions.

    Several processes may do so at once: the second finds them made. What fails is told and tried again in a minute;
    meanwhile events are kept in the partition for what falls outside.
    """
    while True:
        pause = EVERY_S
        try:
            kept = await in_thread(keep_months, engine, now())
            if kept.moved:
                log.warning("%d events had no partition; they were moved into %s", kept.moved, kept.made)
        except Exception:
            log.exception("Partitions for the months to come could not be made; it is tried again in a minute")
            pause = AGAIN_S
        await asyncio.sleep(pause)
