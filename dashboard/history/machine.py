"""What the time machine stands on, and its memory of what took long to compute. Any number of threads may use it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cases.lists import Lists
from dashboard.history.grounds import Grounds
from data.region import Region

KEPT = 64
KEPT_S = 300.0
"""Reports that are written down late change what was computed; after so many seconds it is computed again."""


class Recent:
    """The last answers by what was asked, each for some minutes. A cache: losing it costs time, nothing else."""

    def __init__(self, size: int = KEPT, seconds: float = KEPT_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._seconds, self._clock = size, seconds, clock
        self._known: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """Give the answer to a question; of several who ask the same at once, one computes it."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            found = self._find(key)
            if found is not None:
                return found[0]
            answer = compute()
            with self._lock:
                self._known[key] = self._clock(), answer
                self._turns.pop(key, None)
                while len(self._known) > self._size:
                    self._known.popitem(last=False)
            return answer

    def _find(self, key: Hashable) -> tuple[Any] | None:
        with self._lock:
            known = self._known.get(key)
            if known is None or self._clock() - known[0] > self._seconds:
                return None
            self._known.move_to_end(key)
            self._turns.pop(key, None)
            return (known[1],)


@dataclass(frozen=True, slots=True)
class Machine:
    """The parts.

    Attributes
    ----------
    published
        Gives the lists as they are published now.
    now
        The current instant, aware UTC.
    """

    engine: Engine
    region: Region
    grounds: Grounds
    published: Callable[[], Lists]
    now: Callable[[], datetime]
    recent: Recent = field(default_factory=Recent)
