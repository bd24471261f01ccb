"""How far a long command has come: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 10.0
Tell = Callable[[int, int], None]


@contextmanager
def telling(console: Console, what: str, unit: str = "cases") -> Iterator[Tell]:
    """Give what is told how much is done, of how much.

    Parameters
    ----------
    what, unit
        ``Moving`` so many ``cases``.
    """
    if console.is_terminal:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(show_speed=True),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            refresh_per_second=4,
        ) as bar:
            task = bar.add_task(what, total=None, rate="")
            begun = time.monotonic()

            def move(done: int, total: int) -> None:
                rate = f"{done / max(time.monotonic() - begun, 0.001):,.0f} {unit}/s"
                bar.update(task, completed=done, total=total, rate=rate)

            yield move
        return
    yield _Lines(console, what, unit)


class _Lines:
    """Writes a line every ten seconds, and one at the end."""

    def __init__(self, console: Console, what: str, unit: str) -> None:
        self._console, self._what, self._unit = console, what, unit
        self._begun = self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told < LINE_EVERY_S and done < total:
            return
        self._told = now
        rate = done / max(now - self._begun, 0.001)
        left = f", about {(total - done) / rate:,.0f} s left" if rate and done < total else ""
        words = f"{self._what}: {done:,} of {total:,} {self._unit}, {rate:,.0f}/s{left}"
        self._console.print(words, soft_wrap=True, markup=False)
