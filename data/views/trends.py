"""What the wall looks back on: an ordinary day at this hour, the last hours and days, each area's last weeks.

Everything is read at the cost of the period that is asked for. Medians are taken here and not by the database: SQLite
has none, and a month of a county is some ten thousand numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Engine, and_, cast, extract, func, or_, select, type_coerce

from cases.case import Status
from cases.clock import ClockKind
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.tables import EPOCH
from data.views.figures import AreaCount, counts_at

QUARTER = timedelta(minutes=15)
"""Every zone's hours and days begin on a quarter of an hour of UTC."""
Layer = Literal["cell", "village", "township"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Cases that came and that were closed in a stretch of time, without those that were merged into others."""

    received: int = 0
    closed: int = 0

    def __add__(self, other: "Flow") -> "Flow":
        """Join two stretches."""
        return Flow(self.received + other.received, self.closed + other.closed)


@dataclass(frozen=True, slots=True)
class Rates:
    """How an area did over a period.

    Attributes
    ----------
    finish_due, on_time
        As in `data.views.PeriodFigures`: cases that should have been finished, and those finished in time.
    responses, response_s
        First-asked departments that answered, whatever the answer was, and the median of their seconds; None of none.
    """

    finish_due: int = 0
    on_time: int = 0
    responses: int = 0
    response_s: float | None = None


def quarter_hour(at: datetime) -> int:
    """Give the number of the quarter of an hour in which an instant lies, counted from 1970."""
    return (at - EPOCH) // QUARTER


def flow_by_quarter(engine: Engine, start: datetime, end: datetime) -> dict[int, Flow]:
    """Count what came and what was closed from `start` up to `end`, by `quarter_hour`; quiet quarters are left out."""
    cases, spans = tables.cases.c, tables.spans.c
    stays = cases.status != Status.MERGED
    came = _quarter(engine, cases.received_at).label("quarter")
    gone = _quarter(engine, spans.closed_at).label("quarter")
    received = select(came, func.count()).where(stays, cases.received_at >= start, cases.received_at < end)
    closed = (
        select(gone, func.count())
        .select_from(tables.spans.join(tables.cases, cases.number == spans.number))
        .where(stays, spans.closed_at >= start, spans.closed_at < end)
    )
    with reading(engine) as connection:
        found = {int(q): Flow(n) for q, n in connection.execute(received.group_by(came))}
        for quarter, n in connection.execute(closed.group_by(gone)):
            found[int(quarter)] = found.get(int(quarter), Flow()) + Flow(closed=n)
    return found


def flows(engine: Engine, stretches: Sequence[tuple[datetime, datetime]]) -> list[Flow]:
    """Count what came and what was closed in each stretch, its start included and its end not."""
    if not stretches:
        return []
    cases, spans = tables.cases.c, tables.spans.c
    stays = cases.status != Status.MERGED
    counting = []
    for start, end in stretches:
        received = select(func.count()).where(stays, cases.received_at >= start, cases.received_at < end)
        closed = (
            select(func.count())
            .select_from(tables.spans.join(tables.cases, cases.number == spans.number))
            .where(stays, spans.closed_at >= start, spans.closed_at < end)
        )
        counting += [received.scalar_subquery(), closed.scalar_subquery()]
    with reading(engine) as connection:
        numbers = list(connection.execute(select(*counting)).one())
    return [Flow(*numbers[i : i + 2]) for i in range(0, len(numbers), 2)]


def standing(engine: Engine, instants: Iterable[datetime]) -> list[AreaCount]:
    """Count the county's pending cases at each instant, and those of them that were amber and red."""
    found = []
    for at in instants:
        areas = counts_at(engine, at, "township").values()
        found.append(AreaCount(*(sum(getattr(a, name) for a in areas) for name in ("pending", "amber", "red"))))
    return found


def rates_by_area(
    engine: Engine, start: datetime, end: datetime, layers: Sequence[Layer]
) -> tuple[Rates, list[dict[str | None, Rates]]]:
    """Say how the county did from `start` up to `end`, and each area of each layer; None is what stands in no area.

    The county's median is that of all its responses, not of the areas' medians. Only areas with something to say are
    given.
    """
    with reading(engine) as connection:
        finished = [tuple(row) for row in connection.execute(_finished(start, end, layers))]
        late = [(*row, 0) for row in connection.execute(_late(start, end, layers))]
        times = [tuple(row) for row in connection.execute(_responses(engine, start, end, layers))]
    county = _rates([row[-2:] for row in finished + late], [float(row[-1]) for row in times])
    found = []
    for i in range(len(layers)):
        counts: dict[str | None, list[Any]] = defaultdict(list)
        seconds: dict[str | None, list[float]] = defaultdict(list)
        for row in finished + late:
            counts[row[i]].append(row[-2:])
        for row in times:
            seconds[row[i]].append(float(row[-1]))
        found.append({area: _rates(counts[area], seconds[area]) for area in counts.keys() | seconds.keys()})
    return county, found


def _rates(counts: Sequence[tuple[int, int]], seconds: Sequence[float]) -> Rates:
    due, on_time = sum(n for n, _ in counts), sum(good for _, good in counts)
    return Rates(due, on_time, len(seconds), median(seconds) if seconds else None)


def ordinary(values: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """Take the median of each figure over some days."""
    return {name: median(one[name] for one in values) for name in values[0]} if values else {}


def _finished(start: datetime, end: datetime, layers: Sequence[Layer]) -> Any:
    cases, clocks, events = tables.cases.c, tables.clocks.c, tables.events.c
    result = and_(
        events.number == clocks.number, events.kind == EventKind.FINISHED, events.occurred_at == clocks.stopped_at
    )
    return (
        select(*(cases[name] for name in layers), func.count(), func.count().filter(clocks.stopped_at <= clocks.due_at))
        .select_from(tables.clocks.join(tables.events, result).join(tables.cases, cases.number == clocks.number))
        .where(
            clocks.kind == ClockKind.FINISH,
            clocks.stopped_at >= start,
            clocks.stopped_at < end,
            cases.status != Status.MERGED,
        )
        .group_by(*(cases[name] for name in layers))
    )


def _late(start: datetime, end: datetime, layers: Sequence[Layer]) -> Any:
    cases, clocks = tables.cases.c, tables.clocks.c
    return (
        select(*(cases[name] for name in layers), func.count())
        .select_from(tables.clocks.join(tables.cases, cases.number == clocks.number))
        .where(
            clocks.kind == ClockKind.FINISH,
            clocks.due_at >= start,
            clocks.due_at < end,
            or_(clocks.stopped_at.is_(None), clocks.stopped_at >= end),
            cases.status != Status.MERGED,
        )
        .group_by(*(cases[name] for name in layers))
    )


def _responses(engine: Engine, start: datetime, end: datetime, layers: Sequence[Layer]) -> Any:
    cases, clocks = tables.cases.c, tables.clocks.c
    return (
        select(*(cases[name] for name in layers), _seconds(engine, clocks.started_at, clocks.stopped_at))
        .select_from(tables.clocks.join(tables.cases, cases.number == clocks.number))
        .where(
            clocks.kind == ClockKind.RESPOND,
            clocks.stopped_at >= start,
            clocks.stopped_at < end,
            cases.status != Status.MERGED,
        )
    )


def _quarter(engine: Engine, column: ColumnElement[datetime]) -> ColumnElement[int]:
    """Write `quarter_hour` in SQL: SQLite holds microseconds, PostgreSQL an instant whose epoch is exact."""
    if engine.dialect.name == "sqlite":
        return type_coerce(column, BigInteger) // (QUARTER // timedelta(microseconds=1))
    return cast(func.floor(extract("epoch", column) / QUARTER.total_seconds()), BigInteger)


def _seconds(engine: Engine, start: ColumnElement[datetime], end: ColumnElement[datetime]) -> ColumnElement[Any]:
    if engine.dialect.name == "sqlite":
        return (type_coerce(end, BigInteger) - type_coerce(start, BigInteger)) / 1_000_000.0
    return extract("epoch", end - start)
