"""How often somebody may ask: a bucket of tokens per key, session or address, in the memory of each process.

Nothing is written per request. Several processes share by number: each gives its part of what the settings allow, so
that all together give no more, however a proxy spreads the requests.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from dashboard.auth.errors import TooMany
from dashboard.settings import PREFIX, Settings

REMEMBERED = 50_000
"""Buckets kept; whoever was away longest begins with a full one again. About 10 MB."""


class Rates:
    """Counts requests; belongs to one event loop, so nothing is locked.

    Parameters
    ----------
    tick
        Seconds that only go forward; tests give their own.
    """

    def __init__(self, settings: Settings, tick: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._tick = settings, tick
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def holder(self, token_hash: str) -> None:
        """Count a request of somebody who is known by a key, a session or a wall's token; raises TooMany."""
        self._count(f"holder:{token_hash}", self._settings.rate_key, "with this key or session", "RATE_KEY")

    def address(self, address: str, *, is_open: bool = False, takes: bool = True) -> None:
        """Count a request of somebody who is not known; raises TooMany.

        Where nobody has to sign in, the address is all that tells clients apart, and may do what a session may.

        Parameters
        ----------
        takes
            Whether it counts; else it is only asked whether one more would be refused.
        """
        most = self._settings.rate_key if is_open else self._settings.rate_address
        name = "RATE_KEY" if is_open else "RATE_ADDRESS"
        self._count(f"address:{address}", most, "from this address without signing in", name, takes=takes)

    def _count(self, subject: str, most: float, how: str, name: str, *, takes: bool = True) -> None:
        if not most:
            return
        share = most / self._settings.rate_processes
        full = max(share * self._settings.rate_burst_seconds, 1.0)
        now = self._tick()
        left, since = self._buckets.get(subject, (full, now))
        left = min(full, left + (now - since) * share)
        self._buckets[subject] = (left - 1 if takes and left >= 1 else left, now)
        self._buckets.move_to_end(subject)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooMany(
                f"More than {most:g} requests a second come {how}.", ceil((1 - left) / share), f"{PREFIX}{name}"
            )
