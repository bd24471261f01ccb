"""Figures by area, each on the basis that is asked for: as the cases occurred, or as they lie today.

As occurred 当时口径: the areas of the moment in which a case occurred, whatever lines were drawn since. As current
现行口径: the areas by the boundaries in force, also of cases that were closed before; `data.reattributing` keeps these.
As shown: where a case stood at the instant that is asked about, which is what the wall showed then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, FromClause, Select, and_, case, func, or_, select

from cases.case import Status
from cases.clock import ClockKind
from cases.events import EventKind
from data import tables
from data.engine import reading

OWN_LAYERS = ("cell", "village", "township")


class Basis(StrEnum):
    """Which boundaries a figure is counted by."""

    OCCURRED = "occurred"
    CURRENT = "current"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True)
class Base:
    """The boundaries of a day, by which cases are placed for figures as current.

    Attributes
    ----------
    boundaries
        Their first day.
    content
        Hash of what they hold.
    begins_at
        The instant at which they begin: later cases were placed by them when they came.
    """

    boundaries: date
    content: str
    begins_at: datetime


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """What a period brought to an area; see `data.views.PeriodFigures`, whose sums over the areas these are."""

    received: int = 0
    reports: int = 0
    closed: int = 0
    merged: int = 0
    finished: int = 0
    finished_on_time: int = 0
    finish_due: int = 0


@dataclass(frozen=True, slots=True)
class Where:
    """Where cases lie on a basis: a table to join outer to `cases` for those that do not lie where they stand.

    Attributes
    ----------
    table, condition
        What is joined, and on what; at most one row for a case.
    """

    table: FromClause
    condition: ColumnElement[bool]

    def code(self, layer: str) -> Any:
        """Give the code of the area of a layer; NULL where the case lies in none."""
        return self._either(_code(self.table.c, layer), _code(tables.cases.c, layer))

    def areas(self) -> Any:
        """Give the codes in the region's other layers."""
        return self._either(self.table.c.areas, tables.cases.c.areas)

    def _either(self, elsewhere: Any, here: Any) -> Any:
        return case((self.table.c.number.is_not(None), elsewhere), else_=here)


def where_of(basis: Basis, base: Base | None = None, at: datetime | None = None) -> Where:
    """Say where cases lie on a basis.

    Parameters
    ----------
    base
        For figures as current; raises ValueError without.
    at
        For figures as shown: the instant.
    """
    cases = tables.cases.c
    if basis is not Basis.CURRENT:
        stays = tables.stays.alias()
        first = stays.c.ordinal == 0
        met = first if basis is Basis.OCCURRED else and_(stays.c.since <= at, stays.c.until > at)
        return Where(stays, and_(stays.c.number == cases.number, met))
    if base is None:
        raise ValueError("Figures as current need the boundaries that are current; give a base.")
    placements, bases = tables.placements.alias(), tables.placement_bases.c
    of_base = select(bases.boundaries).where(bases.boundaries == base.boundaries, bases.content == base.content)
    at_point = and_(placements.c.lon == cases.lon, placements.c.lat == cases.lat)
    met = and_(placements.c.boundaries.in_(of_base), at_point)
    return Where(placements, and_(placements.c.number == cases.number, met))


def _code(columns: Any, layer: str) -> Any:
    return columns[layer] if layer in OWN_LAYERS else columns.areas[layer].as_string()


def area_figures(
    engine: Engine, layer: str, start: datetime, end: datetime, basis: Basis, base: Base | None = None
) -> Mapping[str | None, AreaFigures]:
    """Say what a period brought to each area of a layer, `start` included and `end` not.

    Parameters
    ----------
    layer
        ``cell``, ``village``, ``township`` or another layer of the region.
    basis
        As occurred or as current; for the latter the base.

    Returns
    -------
    Mapping
        Code to figures, only areas with any; None for the cases that lie in no area of the layer.
    """
    found: dict[str | None, dict[str, int]] = {}
    with reading(engine) as connection:
        for names, query in _queries(layer, start, end, basis, base):
            for row in connection.execute(query):
                sums = found.setdefault(row[0], {})
                for name, number in zip(names, row[1:], strict=True):
                    sums[name] = sums.get(name, 0) + number
    return {code: AreaFigures(**sums) for code, sums in found.items() if any(sums.values())}


def unplaced(engine: Engine, base: Base) -> int:
    """Count the cases of before these boundaries of which nobody has looked yet where they lie by them.

    While it is not 0, figures as current count them where they stand.
    """
    cases, bases = tables.cases.c, tables.placement_bases.c
    looked = select(bases.revision).where(bases.boundaries == base.boundaries, bases.content == base.content)
    # A case that was moved there stands by these lines already.
    stands = or_(cases.boundaries.is_(None), cases.boundaries != base.boundaries)
    with reading(engine) as connection:
        seen = connection.execute(looked).scalar_one_or_none() or 0
        older = and_(cases.revision > seen, cases.occurred_at < base.begins_at, cases.lon.is_not(None), stands)
        return connection.execute(select(func.count()).select_from(tables.cases).where(older)).scalar_one()


def _queries(
    layer: str, start: datetime, end: datetime, basis: Basis, base: Base | None
) -> list[tuple[tuple[str, ...], Select[Any]]]:
    """Give the queries of `data.views.day_figures`, each by area."""
    cases, clocks, spans = tables.cases.c, tables.clocks.c, tables.spans.c
    where = where_of(basis, base)
    area = where.code(layer)
    stays = cases.status != Status.MERGED

    def by_area(table: Any, *counts: Any) -> Select[Any]:
        joined = tables.cases if table is None else table.join(tables.cases, cases.number == table.c.number)
        return select(area, *counts).select_from(joined.outerjoin(where.table, where.condition)).group_by(area)

    received = by_area(None, func.count().filter(stays), func.count())
    ended = by_area(tables.spans, func.count().filter(stays), func.count().filter(~stays))
    late = by_area(tables.clocks, func.count())
    on_time = clocks.stopped_at <= clocks.due_at
    finished = by_area(tables.clocks, func.count(), func.count().filter(on_time), func.count())
    result = select(tables.events.c.number).where(
        tables.events.c.number == clocks.number,
        tables.events.c.kind == EventKind.FINISHED,
        tables.events.c.occurred_at == clocks.stopped_at,
    )
    unfinished = or_(clocks.stopped_at.is_(None), clocks.stopped_at >= end)
    return [
        (("received", "reports"), received.where(cases.received_at >= start, cases.received_at < end)),
        (("closed", "merged"), ended.where(spans.closed_at >= start, spans.closed_at < end)),
        (("finish_due",), late.where(_finish(clocks.due_at, start, end), unfinished, stays)),
        (
            ("finished", "finished_on_time", "finish_due"),
            finished.where(_finish(clocks.stopped_at, start, end), result.exists(), stays),
        ),
    ]


def _finish(at: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(tables.clocks.c.kind == ClockKind.FINISH, at >= start, at < end)
