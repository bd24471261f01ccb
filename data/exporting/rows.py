"""Cases of a period as batches, with what became of their clocks and legs, in the order in which they occurred."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, select, tuple_

from cases.case import LegStatus
from cases.clock import CASE_CLOCKS
from data import tables
from data.exporting.columns import COLUMNS, SCHEMA
from data.placing.points import GEOMETRY, wkb
from data.views.bases import OWN_LAYERS, Basis, where_of

PAGE_ROWS = 10_000
"""Cases that are read at a time: a query each for cases, clocks, legs, disputes, spans and events."""

OWN = (
    "number", "matter", "platform", "domain", "source", "status", "pending", "merged_into", "list_version",
    "lead", "lead_unit", "occurred_at", "received_at", "lon", "lat", "township", "village", "cell", "areas", "flags",
    "revision",
)  # fmt: skip
GONE = (LegStatus.RETURNED, LegStatus.TRANSFERRED)
Key = tuple[datetime, str]


def cases_of(
    connection: Connection, start: datetime, end: datetime, boundaries_from: Callable[[datetime], date | None]
) -> Iterator[pa.RecordBatch]:
    """Give the cases that occurred in a period, `end` excluded.

    Parameters
    ----------
    boundaries_from
        Gives the first day of the boundaries that held at an instant.
    """
    after: Key = (start, "")
    while True:
        page = connection.execute(_page(after, end)).all()
        if not page:
            return
        last: Key = (page[-1].occurred_at, page[-1].number)
        within = _within(after, last)
        parts = [
            {row.number: row for row in connection.execute(query)}
            for query in (_clocks(within), _legs(within), _disputes(within), _spans(within), _events(within))
        ]
        yield _batch(page, parts, boundaries_from)
        after = last


def count_of(connection: Connection, start: datetime | None, end: datetime | None) -> int:
    """Count the cases that occurred in a period, `end` excluded; None is without limit."""
    occurred = tables.cases.c.occurred_at
    query = select(func.count()).select_from(tables.cases)
    if start is not None:
        query = query.where(occurred >= start)
    if end is not None:
        query = query.where(occurred < end)
    return connection.execute(query).scalar_one()


def span_of(connection: Connection) -> tuple[datetime, datetime] | None:
    """Give when the first and the last case occurred; None without a case."""
    occurred = tables.cases.c.occurred_at
    first, last = connection.execute(select(func.min(occurred), func.max(occurred))).one()
    return None if first is None else (first, last)


def last_revision(connection: Connection) -> int:
    """Give the last revision that is committed."""
    counters = tables.counters.c
    found = connection.execute(select(counters.value).where(counters.name == tables.REVISION)).scalar_one_or_none()
    return found or 0


def _page(after: Key, end: datetime) -> Select[Any]:
    columns = tables.cases.c
    key = tuple_(columns.occurred_at, columns.number)
    # As it occurred: a case that was moved by new boundaries since stood elsewhere then.
    where = where_of(Basis.OCCURRED)
    codes = {name: where.code(name).label(name) for name in OWN_LAYERS} | {"areas": where.areas().label("areas")}
    return (
        select(*(codes[name] if name in codes else columns[name] for name in OWN))
        .select_from(tables.cases.outerjoin(where.table, where.condition))
        # No number is empty, so the first page begins with the period itself.
        .where(key > _key(after), columns.occurred_at < end)
        .order_by(columns.occurred_at, columns.number)
        .limit(PAGE_ROWS)
    )


def _within(after: Key, last: Key) -> ColumnElement[bool]:
    key = tuple_(tables.cases.c.occurred_at, tables.cases.c.number)
    return and_(key > _key(after), key <= _key(last))


def _key(key: Key) -> Any:
    return tuple_(literal(key[0], tables.Instant), literal(key[1]))


def _clocks(within: ColumnElement[bool]) -> Select[Any]:
    """Count the clocks of each case and kind, and give the three times of the one that started last."""
    clocks = tables.clocks.c
    newest = func.row_number().over(
        partition_by=(clocks.number, clocks.kind), order_by=(clocks.started_at.desc(), clocks.ordinal.desc())
    )
    each = (
        select(clocks.number, clocks.kind, clocks.started_at, clocks.due_at, clocks.stopped_at, newest.label("age"))
        .join(tables.cases, tables.cases.c.number == clocks.number)
        .where(within)
        .subquery()
        .c
    )
    columns: list[ColumnElement[Any]] = []
    for kind in CASE_CLOCKS:
        of_kind, last = each.kind == kind, and_(each.kind == kind, each.age == 1)
        times = {"start": each.started_at, "due": each.due_at, "stop": each.stopped_at}
        columns += [func.max(case((last, time))).label(f"{kind}_{name}") for name, time in times.items()]
        # Without a due time, while a clock is paused, neither of the two is true.
        counts = {"clocks": of_kind, "met": each.stopped_at <= each.due_at, "missed": each.stopped_at > each.due_at}
        columns += [func.count().filter(of_kind, when).label(f"{kind}_{name}") for name, when in counts.items()]
    return select(each.number, *columns).group_by(each.number)


def _legs(within: ColumnElement[bool]) -> Select[Any]:
    legs = tables.legs.c
    return _grouped(
        within,
        tables.legs,
        func.count().label("legs"),
        func.count(legs.department.distinct()).label("departments"),
        func.count().filter(legs.status.in_(GONE)).label("returned"),
        func.sum(legs.urged).label("urged"),
    )


def _disputes(within: ColumnElement[bool]) -> Select[Any]:
    return _grouped(within, tables.disputes, func.count().label("disputes"))


def _spans(within: ColumnElement[bool]) -> Select[Any]:
    closed = func.max(tables.spans.c.closed_at).label("closed_at")
    return _grouped(within, tables.spans, (func.count() - 1).label("reopened"), closed)


def _events(within: ColumnElement[bool]) -> Select[Any]:
    return _grouped(within, tables.events, func.count().label("events"))


def _grouped(within: ColumnElement[bool], table: Any, *columns: ColumnElement[Any]) -> Select[Any]:
    number = table.c.number
    joined = select(number, *columns).join(tables.cases, tables.cases.c.number == number)
    return joined.where(within).group_by(number)


def _batch(
    page: Sequence[Row[Any]], parts: Sequence[dict[str, Row[Any]]], boundaries_from: Callable[[datetime], date | None]
) -> pa.RecordBatch:
    found: dict[str, list[Any]] = {name: list(cells) for name, cells in zip(OWN, zip(*page, strict=True), strict=True)}
    found["areas"] = [list(areas.items()) for areas in found["areas"]]
    found["boundaries_from"] = [boundaries_from(at) for at in found["occurred_at"]]
    for part, names in zip(parts, _PARTS, strict=True):
        nothing = (None,) * len(names)
        rows = [part[number][1:] if number in part else nothing for number in found["number"]]
        for place, name in enumerate(names):
            found[name] = [row[place] for row in rows]
    # A case that was opened again still has the end of its earlier span.
    found["closed_at"] = [
        None if pending else at for pending, at in zip(found["pending"], found["closed_at"], strict=True)
    ]
    lon, lat = (np.array(found[name], np.float64) for name in ("lon", "lat"))
    arrays = {GEOMETRY: wkb(lon, lat)}
    for column in COLUMNS[:-1]:
        array = pa.array(found[column.name], column.type)
        arrays[column.name] = array.fill_null(0) if pa.types.is_int32(column.type) else array
    return pa.RecordBatch.from_arrays([arrays[name] for name in SCHEMA.names], schema=SCHEMA)


_CLOCK_PART = tuple(
    f"{kind}_{name}" for kind in CASE_CLOCKS for name in ("start", "due", "stop", "clocks", "met", "missed")
)
_PARTS = (
    _CLOCK_PART,
    ("legs", "departments", "returned", "urged"),
    ("disputes",),
    ("reopened", "closed_at"),
    ("events",),
)
