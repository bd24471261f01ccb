"""Make what follows from the events again: after an upgrade that keeps more of them, or a new calendar.

While it runs, cases may be changed: each is written by itself. Pages that are open do not notice; restart the servers
afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, select

from cases.calendar import Calendar
from cases.errors import Stale
from cases.events import Event, EventKind
from cases.history import fold
from data import tables
from data.engine import reading, writing
from data.store import next_revision, read_events, rewrite
from data.views.page import read_state
from data.visits import write_visits

ATTEMPTS = 8
TELL_OF_SUBJECTS = (EventKind.RECEIVED, EventKind.IDENTIFIED, EventKind.PLANNED, EventKind.REATTRIBUTED)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many cases there are, and the numbers of those whose projections were not what their events say."""

    cases: int
    changed: tuple[str, ...]


def rebuild(engine: Engine, calendar: Calendar, tell: Callable[[int, int], object] = lambda *_: None) -> Rebuilt:
    """Fold every case anew and write it where the projections differ; then write subjects and visits anew.

    Parameters
    ----------
    tell
        Told how many cases are done, of how many.

    Raises
    ------
    Stale
        Others kept changing a case.
    """
    with reading(engine) as connection:
        numbers = list(connection.execute(select(tables.cases.c.number).order_by(tables.cases.c.number)).scalars())
    changed = []
    for done, number in enumerate(numbers, start=1):
        if _rebuild_case(engine, calendar, number):
            changed.append(number)
        tell(done, len(numbers))
    with writing(engine) as connection:
        _rebuild_visits(connection)
    return Rebuilt(len(numbers), tuple(changed))


def _rebuild_case(engine: Engine, calendar: Calendar, number: str) -> bool:
    for _ in range(ATTEMPTS):
        with reading(engine) as connection:
            stored, state = read_state(connection, number), fold(read_events(connection, number), calendar, number)
        if stored == state:
            return False
        try:
            with writing(engine) as connection:
                rewrite(connection, state)
        except Stale:
            continue
        return True
    raise Stale(f"The case {number} was changed by others {ATTEMPTS} times in a row; try again.")


def _rebuild_visits(connection: Connection) -> None:
    next_revision(connection, 0)  # every writer waits from here on
    connection.execute(delete(tables.visits))
    connection.execute(delete(tables.subjects))
    events, cases = tables.events.c, tables.cases.c
    told = connection.execute(
        select(tables.events)
        .join(tables.cases, cases.number == events.number)
        .where(events.kind.in_(TELL_OF_SUBJECTS), cases.subject.is_not(None))
        .order_by(events.revision)
    )
    for row in told.all():
        if row.data.get("subject") or row.kind == EventKind.REATTRIBUTED:
            event = Event(EventKind(row.kind), row.occurred_at, row.recorded_at, row.actor, row.leg, row.data)
            write_visits(connection, read_state(connection, row.number), [event])
