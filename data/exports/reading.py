"""Cases column by column, as they come from the driver: a million in seconds, without an object for each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    cast,
    extract,
    func,
    literal,
    select,
    tuple_,
    type_coerce,
)

from data import tables
from data.placing.points import GEOMETRY, geo_metadata, wkb
from data.tables import Instant
from data.views.bases import OWN_LAYERS, Basis, where_of
from data.views.search import CaseFilter, conditions

BATCH_ROWS = 20_000
Key = tuple[int, str]
"""Occurred at, in microseconds since 1970, and number: the order of an export."""
BEGINNING: Key = (-(2**62), "")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its type, and of what it names the codes, if it does."""

    name: str
    type: pa.DataType
    names: str = ""


TEXT, INSTANT = pa.string(), pa.timestamp("us", "UTC")
COLUMNS: tuple[Column, ...] = (
    Column("number", TEXT),
    Column("matter", TEXT),
    Column("matter_name", TEXT, "matter"),
    Column("platform", TEXT),
    Column("domain", TEXT),
    Column("source", TEXT),
    Column("status", TEXT),
    Column("lead", TEXT),
    Column("lead_name", TEXT, "lead"),
    Column("lead_unit", TEXT),
    Column("township", TEXT),
    Column("township_name", TEXT, "township"),
    Column("village", TEXT),
    Column("cell", TEXT),
    Column("occurred_at", INSTANT),
    Column("received_at", INSTANT),
    Column("due_at", INSTANT),
    Column("closed_at", INSTANT),
    Column("lon", pa.float64()),
    Column("lat", pa.float64()),
    Column("revision", pa.int64()),
    Column(GEOMETRY, pa.binary()),
)
"""Areas as occurred; `due_at` is that of the clock that runs now, `closed_at` null while a case is pending."""
SCHEMA = pa.schema([(column.name, column.type) for column in COLUMNS], metadata=geo_metadata())
READ = tuple(column for column in COLUMNS if not column.names and column.name != GEOMETRY)
Names = Callable[[str, str], str]
"""Gives the name of a code of a column: ``("matter", "SD-01")``."""


def batches(
    connection: Connection, filters: CaseFilter, after: Key, rows: int, names: Names
) -> Iterator[tuple[pa.RecordBatch, Key]]:
    """Give so many cases behind a key, each batch with the key of its last one.

    Parameters
    ----------
    after
        `BEGINNING` for the first ones.
    """
    found = connection.execute(_query(filters, after, rows, connection.dialect.name))
    # The driver's own cursor: what SQLAlchemy would make of each row costs more than all the rest. Not streamed, or it
    # would have taken the first rows for itself: psycopg holds a part as it came, 70 MB.
    cursor = found.cursor
    assert cursor is not None  # noqa: S101 - a select has one
    try:
        while page := cursor.fetchmany(BATCH_ROWS):
            yield _batch(page, names), (page[-1][_AT], page[-1][_NUMBER])
    finally:
        found.close()


_NAMES = [column.name for column in READ]
_AT, _NUMBER = _NAMES.index("occurred_at"), _NAMES.index("number")


def count(connection: Connection, filters: CaseFilter) -> int:
    """Count the cases that are meant."""
    return connection.execute(select(func.count()).select_from(tables.cases).where(*conditions(filters))).scalar_one()


def _query(filters: CaseFilter, after: Key, rows: int, dialect: str) -> Select[Any]:
    cases = tables.cases.c
    where = where_of(Basis.OCCURRED)
    closed = select(func.max(tables.spans.c.closed_at)).where(tables.spans.c.number == cases.number)
    own: dict[str, Any] = {name: where.code(name) for name in OWN_LAYERS}
    # A case that was opened again still has the end of its earlier span.
    own["closed_at"] = closed.where(cases.pending.is_(False)).scalar_subquery()
    columns: list[ColumnElement[Any]] = []
    for column in READ:
        value = own[column.name] if column.name in own else cases[column.name]
        columns.append(_micros(value, dialect) if column.type == INSTANT else value)
    query = (
        select(*columns)
        .select_from(tables.cases.outerjoin(where.table, where.condition))
        .where(*conditions(filters))
        .order_by(cases.occurred_at, cases.number)
        .limit(rows)
    )
    if after == BEGINNING:
        return query
    at = tables.EPOCH + after[0] * tables.MICROSECOND
    behind = tuple_(literal(at, Instant), literal(after[1]))
    return query.where(tuple_(cases.occurred_at, cases.number) > behind)


def _micros(value: Any, dialect: str) -> ColumnElement[int]:
    """Give an instant as whole microseconds: SQLite keeps them so, PostgreSQL counts them."""
    if dialect == "sqlite":
        return type_coerce(value, BigInteger)
    return cast(extract("epoch", value) * 1_000_000, BigInteger)


def _batch(page: Sequence[tuple[Any, ...]], names: Names) -> pa.RecordBatch:
    arrays: dict[str, pa.Array] = {}
    for column, cells in zip(READ, zip(*page, strict=True), strict=True):
        if column.type == INSTANT:
            arrays[column.name] = pa.array(cells, pa.int64()).cast(INSTANT)
        else:
            arrays[column.name] = pa.array(cells, column.type)
    lon, lat = (arrays[name].fill_null(np.nan).to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    arrays[GEOMETRY] = wkb(lon, lat)
    for column in COLUMNS:
        if column.names:
            coded = arrays[column.names].dictionary_encode()
            called = [names(column.names, code) for code in coded.dictionary.to_pylist()]
            arrays[column.name] = pa.array(called, TEXT).take(coded.indices)
    return pa.RecordBatch.from_arrays([arrays[column.name] for column in COLUMNS], schema=SCHEMA)
