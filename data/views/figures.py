"""Counts: how the map stood at any instant, what a period brought, what each department carries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Subquery, and_, case, func, or_, select, union_all

from cases.case import LegStatus, Status
from cases.clock import ClockKind, Level
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.store import HOUR, LONGEST_CLASS
from data.views.bases import Base, Basis, where_of

FIRST = datetime.min.replace(tzinfo=UTC)
GONE = (LegStatus.RETURNED, LegStatus.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class AreaCount:
    """Pending cases of an area at an instant, and how many of them are amber and red."""

    pending: int
    amber: int
    red: int

    @property
    def level(self) -> Level:
        """The worst level of the area's cases."""
        if self.red:
            return Level.RED
        if self.amber:
            return Level.AMBER
        return Level.GREEN if self.pending else Level.NONE


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What a period brought. A case counts once, however often it was reported: those merged into it are reports of it.

    Attributes
    ----------
    received
        Cases that were received in it, without those that were merged into another one since.
    reports
        Reports that were received in it, those of merged cases included. Over all time it is `received` and one for
        each merge, along whole chains.
    closed, merged
        Pending spans that ended in it; those of duplicates are counted apart.
    finished, finished_on_time
        Unified results that were issued in it, and those issued at their due time or before.
    finish_due
        Those that should have been finished: the finished ones and those that fell due in it and were not finished by
        its end. The denominator of the rate of finishing on time. Of a merged case none of these counts: the case that
        stays has clocks of its own.
    """

    received: int
    reports: int
    closed: int
    merged: int
    finished: int
    finished_on_time: int
    finish_due: int


@dataclass(frozen=True, slots=True)
class DepartmentCount:
    """What a department carries.

    Attributes
    ----------
    pending
        Pending cases in which it has a part that it did not hand back or on.
    leading
        Those of them that it leads.
    amber, red
        Its own running clocks; the clocks of the case as a whole are the lead's.
    """

    pending: int
    leading: int
    amber: int
    red: int


def counts_at(
    engine: Engine, at: datetime, layer: str, basis: Basis = Basis.SHOWN, base: Base | None = None
) -> dict[str | None, AreaCount]:
    """Count the pending cases of each area of a layer at any instant, past or present, by what is known today.

    Parameters
    ----------
    layer
        ``cell``, ``village``, ``township`` or another layer of the region.
    basis
        As shown: a case counts where it stood at the instant, so that the past is what the wall showed then.
    base
        The current boundaries, for counts as current.

    Returns
    -------
    dict
        Code to counts, only areas with pending cases; None for the cases that stand in no area of the layer.
    """
    cases, clocks, held = tables.cases.c, tables.clocks.c, held_at(at)
    where = where_of(basis, base, at)
    area = where.code(layer)
    running = and_(
        clocks.number == held.c.number,
        clocks.started_at <= at,
        or_(clocks.stopped_at.is_(None), clocks.stopped_at > at),
    )
    each = (
        select(area.label("area"), func.max(level_at(at)).label("level"))
        .select_from(
            held.join(tables.cases, cases.number == held.c.number)
            .outerjoin(tables.clocks, running)
            .outerjoin(where.table, where.condition)
        )
        .group_by(held.c.number, area)
        .subquery()
    )
    counted = select(each.c.area, func.count(), *_amber_and_red(each.c.level)).group_by(each.c.area)
    with reading(engine) as connection:
        return {row[0]: AreaCount(*row[1:]) for row in connection.execute(counted)}


def day_figures(engine: Engine, start: datetime, end: datetime) -> PeriodFigures:
    """Say what a period brought, `start` included and `end` not: a day, usually, in the region's zone."""
    cases, clocks, spans = tables.cases.c, tables.clocks.c, tables.spans.c
    stays = cases.status != Status.MERGED
    received = select(func.count().filter(stays), func.count()).where(
        cases.received_at >= start, cases.received_at < end
    )
    ended = (
        select(func.count().filter(stays), func.count().filter(cases.status == Status.MERGED))
        .select_from(tables.spans.join(tables.cases, cases.number == spans.number))
        .where(spans.closed_at >= start, spans.closed_at < end)
    )
    late = (
        select(func.count())
        .select_from(tables.clocks.join(tables.cases, cases.number == clocks.number))
        .where(
            clocks.kind == ClockKind.FINISH,
            clocks.due_at >= start,
            clocks.due_at < end,
            or_(clocks.stopped_at.is_(None), clocks.stopped_at >= end),
            stays,
        )
    )
    with reading(engine) as connection:
        finished, on_time = connection.execute(_finished(start, end)).one()
        closed, merged = connection.execute(ended).one()
        came, reports = connection.execute(received).one()
        return PeriodFigures(
            received=came,
            reports=reports,
            closed=closed,
            merged=merged,
            finished=finished,
            finished_on_time=on_time,
            finish_due=finished + _number(connection, late),
        )


def department_counts(engine: Engine, now: datetime) -> dict[str, DepartmentCount]:
    """Say what each department with a part in a pending case carries at this moment."""
    cases, clocks, legs = tables.cases.c, tables.clocks.c, tables.legs.c
    # Materialised, because SQLite would rather walk all legs of the history in the order of the departments.
    parts = (
        select(legs.department, legs.number, (cases.lead == legs.department).label("leads"))
        .select_from(tables.cases.join(tables.legs, legs.number == cases.number))
        .where(cases.pending.is_(True), legs.status.not_in(GONE))
        .cte("parts")
        .prefix_with("MATERIALIZED")
    )
    limits = (
        select(clocks.department, level_at(now).label("level"))
        .select_from(tables.cases.join(tables.clocks, clocks.number == cases.number))
        .where(cases.pending.is_(True), clocks.stopped_at.is_(None), clocks.started_at <= now)
        .cte("limits")
        .prefix_with("MATERIALIZED")
    )
    number = func.count(parts.c.number.distinct())
    carrying = select(parts.c.department, number, number.filter(parts.c.leads.is_(True))).group_by(parts.c.department)
    standing = select(limits.c.department, *_amber_and_red(limits.c.level)).group_by(limits.c.department)
    with reading(engine) as connection:
        carried = {name: (pending, leading) for name, pending, leading in connection.execute(carrying)}
        levels = {name: (amber, red) for name, amber, red in connection.execute(standing) if name}
    names = sorted(carried.keys() | levels.keys())
    return {name: DepartmentCount(*carried.get(name, (0, 0)), *levels.get(name, (0, 0))) for name in names}


def level_at(at: datetime) -> Any:
    """Give `cases.clock.level` of a running clock in SQL; a case without a clock, or with a paused one, is green."""
    clocks = tables.clocks.c
    return case((clocks.due_at < at, int(Level.RED)), (clocks.amber_at <= at, int(Level.AMBER)), else_=int(Level.GREEN))


def held_at(at: datetime) -> Subquery:
    """Find the cases that were pending at an instant in one stretch of an index per class of length, open ones first.

    One select each and not one OR: PostgreSQL would take the bounds apart, expect half the history, and read it all.
    """
    spans = tables.spans.c
    holding = [select(spans.number).where(spans.length.is_(None), spans.opened_at <= at)]
    for length in range(LONGEST_CLASS + 1):
        one = select(spans.number).where(spans.length == length, spans.opened_at <= at, spans.closed_at > at)
        if length < LONGEST_CLASS and at - FIRST > HOUR * 2**length:
            one = one.where(spans.opened_at > at - HOUR * 2**length)
        holding.append(one)
    return union_all(*holding).subquery()


def _amber_and_red(level: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.count().filter(level == Level.AMBER), func.count().filter(level == Level.RED)


def _finished(start: datetime, end: datetime) -> Select[int, int]:
    """Count finish clocks that a result stopped in a period: a clock also stops when a case is closed for a reason."""
    cases, clocks, events = tables.cases.c, tables.clocks.c, tables.events.c
    result = and_(
        events.number == clocks.number,
        events.kind == EventKind.FINISHED,
        events.occurred_at == clocks.stopped_at,
    )
    return (
        select(func.count(), func.count().filter(clocks.stopped_at <= clocks.due_at))
        .select_from(tables.clocks.join(tables.events, result).join(tables.cases, cases.number == clocks.number))
        .where(
            clocks.kind == ClockKind.FINISH,
            clocks.stopped_at >= start,
            clocks.stopped_at < end,
            cases.status != Status.MERGED,
        )
    )


def _number(connection: Connection, query: Select[int]) -> int:
    number: int = connection.execute(query).scalar_one()
    return number
