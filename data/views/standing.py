"""The cases that were pending at an instant by what is known today, each with its place and level."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select

from cases.case import Status
from cases.clock import Level
from data import tables
from data.engine import reading
from data.views.bases import OWN_LAYERS, Basis, Where, where_of
from data.views.figures import held_at, level_at
from data.views.parties import cases_of
from data.views.search import ALL, BadQuery, CaseFilter

FIXED = ("matter", "platform", "domain", "source")
"""What a case is for good; where it stands and how it is doing depend on the moment."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stood at an instant, without personal data.

    Attributes
    ----------
    lon, lat
        CGCS2000/WGS84 degrees; None for a case without a readable point.
    cell, village, township
        The areas in which it stood at that instant.
    lead
        The department in charge now.
    due_at
        When the first of the clocks that ran then falls due; None when none ran.
    level
        The worst of those clocks, by `cases.clock.level`; green when none ran.
    """

    number: str
    matter: str
    platform: str
    domain: str
    source: str
    occurred_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    cell: str | None
    village: str | None
    township: str | None
    lead: str | None
    due_at: datetime | None
    level: Level


def pending_at(connection: Connection, at: datetime, filters: CaseFilter = ALL) -> dict[str, Standing]:
    """Give the cases that were pending at an instant, past or present, by number and in its order.

    Parameters
    ----------
    filters
        ``status`` cannot be asked for: which one a case had in the past is told by its events alone. A level is the
        one at the instant; `CaseFilter.at` is not looked at.

    Raises
    ------
    BadQuery
        A status is asked for.
    """
    if filters.status:
        raise BadQuery(f"A moment cannot be filtered by status ({', '.join(filters.status)}); leave it out.")
    cases, clocks, held = tables.cases.c, tables.clocks.c, held_at(at)
    running = and_(
        clocks.number == held.c.number,
        clocks.started_at <= at,
        or_(clocks.stopped_at.is_(None), clocks.stopped_at > at),
    )
    # Boundaries may have moved the case since: it counts where it stood then.
    where = where_of(Basis.SHOWN, at=at)
    columns = [_column(where, name) for name in CONSTANT]
    query = (
        select(*columns, func.min(clocks.due_at), func.coalesce(func.max(level_at(at)), int(Level.GREEN)))
        .select_from(
            held.join(tables.cases, cases.number == held.c.number)
            .outerjoin(tables.clocks, running)
            .outerjoin(where.table, where.condition)
        )
        .where(*fixed_conditions(filters), *_place_conditions(filters, where))
        .group_by(*columns)
        .order_by(cases.number)
    )
    found = (_standing(*row) for row in connection.execute(query))
    return {one.number: one for one in found if fits(one, filters)}


def fits(one: Standing, filters: CaseFilter) -> bool:
    """Say whether a case stands where, and as well, as is asked for."""
    areas = (getattr(filters, layer) for layer in OWN_LAYERS)
    return all(not codes or getattr(one, layer) in codes for layer, codes in zip(OWN_LAYERS, areas, strict=True)) and (
        not filters.level or one.level in filters.level
    )


def _standing(*row: Any) -> Standing:
    values: list[Any] = [*row[:-1], Level(row[-1])]
    return Standing(*values)


def _column(where: Where, name: str) -> Any:
    """Give a column of a case; its areas are those in which it stood at the instant."""
    return where.code(name) if name in OWN_LAYERS else tables.cases.c[name]


def _place_conditions(filters: CaseFilter, where: Where) -> list[ColumnElement[bool]]:
    return [where.code(layer).in_(codes) for layer in OWN_LAYERS if (codes := getattr(filters, layer))]


def fixed_conditions(filters: CaseFilter) -> list[ColumnElement[bool]]:
    """Write what a filter asks of a case itself, on `data.tables.cases`, apart from its place and how it is doing."""
    cases, legs = tables.cases.c, tables.legs.c
    found: list[ColumnElement[bool]] = [cases[name].in_(values) for name in FIXED if (values := getattr(filters, name))]
    if filters.party:
        found.append(cases_of(filters.party))
    if filters.department:
        concerned = select(legs.number).where(legs.department.in_(filters.department))
        found.append(cases.number.in_(concerned))
    if filters.occurred_from is not None:
        found.append(cases.occurred_at >= filters.occurred_from)
    if filters.occurred_to is not None:
        found.append(cases.occurred_at < filters.occurred_to)
    return found


CONSTANT = Standing.__slots__[:-2]
"""What is read of a case as it is; its limit and level come from its clocks."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """Cases that an area received and that were closed in it during a part of a day, merged ones left out."""

    received: int
    closed: int


def day_counts(engine: Engine, start: datetime, end: datetime, filters: CaseFilter = ALL) -> dict[str | None, DayCount]:
    """Count by township, or by village where the filter names one township, what a period brought.

    Returns
    -------
    dict
        Code to counts; None for what lies in no area of the layer.
    """
    cases, spans = tables.cases.c, tables.spans.c
    where = where_of(Basis.SHOWN, at=end)
    area = where.code("village" if filters.township else "township")
    own = (cases.status != Status.MERGED, *fixed_conditions(filters), *_place_conditions(filters, where))
    received = (
        select(area, func.count())
        .select_from(tables.cases.outerjoin(where.table, where.condition))
        .where(cases.received_at >= start, cases.received_at < end, *own)
    )
    closed = (
        select(area, func.count())
        .select_from(
            tables.spans.join(tables.cases, cases.number == spans.number).outerjoin(where.table, where.condition)
        )
        .where(spans.closed_at >= start, spans.closed_at < end, *own)
    )
    with reading(engine) as connection:
        came, went = (
            {row[0]: row[1] for row in connection.execute(query.group_by(area))} for query in (received, closed)
        )
    return {code: DayCount(came.get(code, 0), went.get(code, 0)) for code in came.keys() | went.keys()}


def first_instant(engine: Engine) -> datetime | None:
    """Give when the first case occurred; None in an empty database."""
    with reading(engine) as connection:
        found: datetime | None = connection.execute(select(func.min(tables.cases.c.occurred_at))).scalar_one()
    return found
