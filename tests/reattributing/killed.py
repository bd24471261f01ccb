"""Run a re-attribution that kills itself with SIGKILL: python -m tests.reattributing.killed URL STEP COUNT.

STEP `moving` dies while the events of the COUNT-th case are chained, in the middle of a transaction; `placing` in that
of the COUNT-th page.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cases.desk import Reattribution
from data import store
from data.engine import open_engine
from data.reattributing import Comparison, alone, apply, change_of, place_history, placing
from data.region import load
from tests.reattributing import county

WHY = Reattribution(county.SPLIT, "浙政函〔2024〕147号", "县编办")


def dying(function: Any, count: int) -> Any:
    """Give a function that is the end of the process when it has been called so many times."""
    calls = 0

    def called(*arguments: Any) -> Any:
        nonlocal calls
        found = function(*arguments)
        calls += 1
        if calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return called


def main(url: str, step: str, count: int) -> None:
    """Do it, and die on the way."""
    region = load(Path("data/regions/cixi"))
    change = change_of(region, "first", "pack")
    engine = open_engine(url)
    placing.AT_ONCE = 20
    with alone(engine):
        if step == "moving":
            store.links = dying(store.links, count)
            now = lambda: datetime.now(UTC)  # noqa: E731
            apply(engine, Comparison(region, change), county.desk(region, engine), WHY, now)
        else:
            placing._write = dying(placing._write, count)
            place_history(engine, region, change.after, lambda: datetime.now(UTC))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
