"""Make an export, die by SIGKILL when so many cases are done: python -m tests.exports.killed URL FOLDER NUMBER CASES.

The last part is being written then, its half file lies in the folder.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from data import exports
from data.engine import open_engine
from data.exports import making, reading
from data.exports.making import Maker


def main(url: str, folder: str, number: int, cases: int) -> None:
    """Make it, and die on the way."""
    making.HEARD_EVERY_S = 0.0
    reading.BATCH_ROWS = 2
    engine = open_engine(url)
    taken = exports.take(engine, "killed", datetime.now(UTC), number)

    def told(done: int, _total: int) -> None:
        if done >= cases:
            os.kill(os.getpid(), signal.SIGKILL)

    Maker(engine, taken, Path(folder), lambda _, code: code, lambda: datetime.now(UTC), told, part_rows=5).make()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
