"""Moving open cases through the desk, some at a time: whatever stops it, running it again does the rest."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from cases.desk import Desk, Outcome, Reattribution
from cases.ports import Place
from data import tables
from data.engine import reading
from data.reattributing.comparing import Comparison, Page, columns_of, counted, open_page, page_of

AT_ONCE = 100
"""Cases of one transaction: other writers wait for it."""
ROUNDS = 3
"""How often cases are placed anew whose point was corrected in the meantime."""
Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the open cases.

    Attributes
    ----------
    looked_at
        Open cases in all.
    outcomes
        Of those that lie elsewhere: how many have moved, stood there already, were closed or changed meanwhile.
    """

    looked_at: int
    outcomes: Counter[Outcome]


def apply(
    engine: Engine,
    comparison: Comparison,
    desk: Desk,
    why: Reattribution,
    now: Callable[[], datetime],
    progress: Progress = lambda _done, _total: None,
) -> Applied:
    """Move every open case that stands by the first version to where it lies by the second.

    Each transaction holds at most `AT_ONCE` cases, each with its event. A case that has moved stands by the second
    version and is not touched again, so this can be stopped at any instant and repeated. To be called by one at a time:
    `data.reattributing.alone`.

    Parameters
    ----------
    now
        Gives the current instant (aware).
    progress
        Told how many open cases are done, of how many.

    Raises
    ------
    Stale
        Others kept changing a case.
    """
    outcomes: Counter[Outcome] = Counter()
    changed: list[str] = []
    done = 0
    with reading(engine) as connection:
        total = counted(connection, pending=True)
    for page in _open_pages(engine, comparison):
        for places, upto in _batches(comparison, page):
            told = desk.reattribute(why, places, now())
            outcomes.update(told.values())
            changed += [number for number, outcome in told.items() if outcome is Outcome.CHANGED]
            progress(done + upto, total)
        done += len(page)
        progress(done, max(done, total))
    for _ in range(ROUNDS):
        if not changed:
            break
        told = _once_more(engine, comparison, desk, why, changed, now)
        outcomes.update(told.values())
        outcomes[Outcome.CHANGED] -= len(changed)
        changed = [number for number, outcome in told.items() if outcome is Outcome.CHANGED]
    return Applied(done, +outcomes)


def _open_pages(engine: Engine, comparison: Comparison) -> Iterator[Page]:
    """Give open cases by number, each page of a moment of its own: no transaction stays open while others write."""
    after = ""
    while True:
        with reading(engine) as connection:
            page = open_page(connection, comparison.region, after)
        if page is None:
            return
        yield page
        after = page.numbers[-1]


def _batches(comparison: Comparison, page: Page) -> Iterator[tuple[dict[str, Place], int]]:
    """Give cases that move with their places, and how many of the page are done with them."""
    found = comparison.of(page)
    moving = [int(at) for at in found.moves.nonzero()[0]]
    for start in range(0, len(moving), AT_ONCE):
        some = moving[start : start + AT_ONCE]
        yield {page.numbers[at]: found.place(at) for at in some}, some[-1] + 1


def _once_more(
    engine: Engine,
    comparison: Comparison,
    desk: Desk,
    why: Reattribution,
    numbers: list[str],
    now: Callable[[], datetime],
) -> dict[str, Outcome]:
    told: dict[str, Outcome] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        with reading(engine) as connection:
            query = columns_of(comparison.region).where(tables.cases.c.number.in_(some), tables.cases.c.pending)
            rows = connection.execute(query.order_by(tables.cases.c.number)).all()
        for places, _ in _batches(comparison, page_of(rows, comparison.region)) if rows else ():
            told |= desk.reattribute(why, places, now())
    return told
