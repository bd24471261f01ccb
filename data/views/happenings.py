"""What came when and where: reports by the hour, cases of a period by place, for drawing time and for statistics.

A report counts where and when it was first received, whatever became of it afterwards: later events (a merge, a
relocation) change none of these figures, so a statistic of a past day is the same whenever it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, Integer, cast, func, select

from cases.events import EventKind
from data import tables
from data.engine import reading
from data.views.moments import batched
from data.views.search import ALL, CaseFilter
from data.views.standing import fixed_conditions

HOUR = timedelta(hours=1)
MOVES = (EventKind.RELOCATED, EventKind.REATTRIBUTED)


@dataclass(frozen=True, slots=True)
class Happening:
    """A report that was received, where it was placed first."""

    number: str
    matter: str
    received_at: datetime
    cell: str | None
    village: str | None
    township: str | None
    lon: float | None
    lat: float | None


FIELDS = ("number", "matter", "received_at", "cell", "village", "township", "lon", "lat")
PLACE = ("cell", "village", "township", "lon", "lat")


def reports_between(engine: Engine, start: datetime, end: datetime, filters: CaseFilter = ALL) -> tuple[Happening, ...]:
    """Give the reports that were received from `start` on and before `end`, each at the place of its receipt."""
    cases, events = tables.cases.c, tables.events.c
    wanted = select(*(cases[name] for name in FIELDS)).where(
        cases.received_at >= start, cases.received_at < end, *fixed_conditions(filters)
    )
    with reading(engine) as connection:
        found = [Happening(*row) for row in connection.execute(wanted.order_by(cases.received_at, cases.number))]
        moved: dict[str, Any] = {}
        for few in batched([one.number for one in found]):
            relocated = select(events.number).where(events.number.in_(few), events.kind.in_(MOVES))
            numbers = list(connection.execute(relocated.distinct()).scalars())
            first = select(events.number, events.data).where(
                events.number.in_(numbers), events.kind == EventKind.RECEIVED
            )
            moved |= {number: data["place"] for number, data in connection.execute(first)} if numbers else {}
    return tuple(_as_received(one, moved.get(one.number)) for one in found)


def _as_received(one: Happening, place: Any) -> Happening:
    if place is None:
        return one
    return Happening(one.number, one.matter, one.received_at, *(place.get(name) for name in PLACE))


@dataclass(frozen=True, slots=True)
class Density:
    """How many cases were received and closed in equal steps of time.

    Attributes
    ----------
    start
        Where the first step begins.
    received, closed
        One number for each step.
    """

    start: datetime
    step: timedelta
    received: tuple[int, ...]
    closed: tuple[int, ...]


def density(engine: Engine, start: datetime, steps: int, step: timedelta = HOUR, filters: CaseFilter = ALL) -> Density:
    """Count what was received and closed in each step from `start` on, by what is known today.

    The cost follows what lies in the period, never the history.
    """
    cases, spans, end = tables.cases.c, tables.spans.c, start + steps * step
    with reading(engine) as connection:
        dialect = connection.dialect.name
        at = _step_of(cases.received_at, start, step, dialect)
        came = select(at, func.count()).where(
            cases.received_at >= start, cases.received_at < end, *fixed_conditions(filters)
        )
        over = _step_of(spans.closed_at, start, step, dialect)
        went = select(over, func.count()).where(spans.closed_at >= start, spans.closed_at < end)
        if fixed_conditions(filters):
            went = went.join(tables.cases, cases.number == spans.number).where(*fixed_conditions(filters))
        received = _spread(connection.execute(came.group_by(at)), steps)
        closed = _spread(connection.execute(went.group_by(over)), steps)
    return Density(start, step, received, closed)


def _step_of(column: ColumnElement[datetime], start: datetime, step: timedelta, dialect: str) -> ColumnElement[int]:
    if dialect == "sqlite":
        zero, width = (start - tables.EPOCH) // tables.MICROSECOND, step // tables.MICROSECOND
        return (cast(column, Integer) - zero) // width
    passed = func.extract("epoch", column - start)
    return cast(func.floor(passed / step.total_seconds()), Integer)


def _spread(rows: Iterable[Any], steps: int) -> tuple[int, ...]:
    found = {int(place): int(count) for place, count in rows}
    return tuple(found.get(place, 0) for place in range(steps))


def first_received(engine: Engine) -> datetime | None:
    """Say when the first case was received; None in an empty database."""
    with reading(engine) as connection:
        first: datetime | None = connection.execute(select(func.min(tables.cases.c.received_at))).scalar_one_or_none()
        return first
