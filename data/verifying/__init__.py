"""Prove that the memory is whole: the chain, the revisions, and that every table says what the events say.

It goes through the revisions in windows. Each is read in one moment of the database, so that it can run while the
hub works, and no transaction stays open for long. A case is looked at in the window of its last revision; one that is
changed meanwhile comes again behind the end.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection, Engine

from cases.calendar import Calendar
from data.chain import GENESIS
from data.engine import reading
from data.verifying.chained import check_chain
from data.verifying.faults import MOST, WAYS_OUT, Anchor, BadAnchor, Fault, NotUpToDate, Wrong, read_anchor
from data.verifying.folded import check_cases
from data.verifying.standing import check_anchor, check_numbers, check_whole, hash_of, head_of

__all__ = [
    "WAYS_OUT",
    "Anchor",
    "BadAnchor",
    "Fault",
    "Moment",
    "NotUpToDate",
    "Verified",
    "Wrong",
    "anchor_of",
    "read_anchor",
    "verify",
]

WINDOW = 1000
"""Revisions of one moment."""
ROUNDS = 3
"""How often what was written meanwhile is looked at, too."""
Moment = Callable[[], AbstractContextManager[Connection]]


@dataclass
class Verified:
    """What was found.

    Attributes
    ----------
    first, last
        The revisions that were checked.
    anchor
        Of the last one; None when the chain does not hold it.
    cases
        How many were folded and compared; one that was changed meanwhile counts again.
    faults, more
        What is wrong, and how much more was found than is kept.
    """

    first: int
    last: int
    anchor: Anchor | None = None
    cases: int = 0
    faults: list[Fault] = field(default_factory=list)
    more: int = 0
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def add(self, faults: list[Fault]) -> None:
        """Keep faults, as many as there is room for."""
        room = max(0, MOST - len(self.faults))
        self.faults += faults[:room]
        self.more += len(faults[room:])


def verify(
    source: Engine | Moment,
    calendar: Calendar,
    first: int = 1,
    anchor: Anchor | None = None,
    tell: Callable[[int, int], object] = lambda _done, _of: None,
) -> Verified:
    """Check everything from a revision on.

    Parameters
    ----------
    source
        The database, or what gives a connection on which every statement sees one moment of it.
    calendar
        Of the region: the due times are computed by it.
    first
        Begin here, as if all before were proved.
    anchor
        What was written down outside, to be compared.
    tell
        Told the last revision that is done, and the last there is.
    """
    moment: Moment = partial(reading, source) if isinstance(source, Engine) else source
    begun, found, greatest = time.monotonic(), Verified(first, first - 1), dict[str, int]()
    with moment() as connection:
        found.add(list(check_whole(connection)))
        if anchor:
            found.add(list(check_anchor(connection, anchor)))
        head = head_of(connection)
        before = GENESIS if first == 1 else hash_of(connection, first - 1)
    for _ in range(ROUNDS):
        while found.last < head:
            upto = min(found.last + WINDOW, head)
            with moment() as connection:
                before, faults = check_chain(connection, found.last, upto, before)
                numbers, others = check_cases(connection, calendar, found.last, upto)
            found.add(faults + others)
            found.cases += len(numbers)
            found.last = upto
            for number in numbers:
                day, _, count = number.rpartition("-")
                greatest[day] = max(greatest.get(day, 0), int(count) if count.isdecimal() else 0)
            tell(upto, head)
        with moment() as connection:
            head = head_of(connection)
    with moment() as connection:
        found.add(list(check_numbers(connection, greatest)))
    found.anchor = Anchor(found.last, before) if before is not None else None
    found.seconds = time.monotonic() - begun
    return found


def anchor_of(connection: Connection) -> Anchor | None:
    """Give the anchor of the last revision; None when the chain does not hold it."""
    head = head_of(connection)
    found = GENESIS if head == 0 else hash_of(connection, head)
    return None if found is None else Anchor(head, found)
