"""What whoever runs the product watches: clocks by kind and level."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, case, func, select

from data import tables
from data.engine import reading


@dataclass(frozen=True, slots=True)
class RunningClocks:
    """How many clocks of a kind run in pending cases, by their level at an instant."""

    kind: str
    green: int
    amber: int
    red: int


def running_clocks(engine: Engine, at: datetime) -> tuple[RunningClocks, ...]:
    """Count the clocks that run, by kind; one query, whose cost follows the pending cases.

    The limits are those of `cases.clock.level`: amber from `amber_at` on, red after `due_at`.
    """
    cases, clocks = tables.cases.c, tables.clocks.c
    red = func.sum(case((clocks.due_at < at, 1), else_=0)).label("red")
    left_green = func.sum(case((clocks.amber_at <= at, 1), (clocks.due_at < at, 1), else_=0)).label("left_green")
    query = (
        select(clocks.kind, func.count().label("total"), left_green, red)
        .select_from(tables.cases.join(tables.clocks, clocks.number == cases.number))
        .where(cases.pending.is_(True), clocks.stopped_at.is_(None))
        .group_by(clocks.kind)
        .order_by(clocks.kind)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return tuple(RunningClocks(row.kind, row.total - row.left_green, row.left_green - row.red, row.red) for row in rows)
