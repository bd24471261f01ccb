"""Search and page through all cases, however many there are: by keyset, never by offset."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, literal, or_, select, tuple_
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from cases.case import OPEN
from cases.clock import Level
from data import tables
from data.engine import reading
from data.views.board import CASE_COLUMNS, CaseRow, case_rows
from data.views.parties import Party, cases_of

MOST_ROWS = 1000
MOST_REVISIONS = 2**62  # within the integers of both databases


class BadQuery(ValueError):
    """A search that cannot be answered: a strange cursor, a limit out of bounds, a level without an instant."""


class Order(StrEnum):
    """How the pages run: the newest case first, or as changes were committed (for those who copy the data)."""

    OCCURRED = "occurred"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are meant. Empty means all; several values of one field are alternatives.

    Attributes
    ----------
    department
        With any leg in the case, whatever became of the leg.
    level, at
        How pending cases stand at an instant by the clocks that run now, as `cases.clock.level` has it; `Level.NONE`
        are the cases that are no longer pending.
    occurred_from, occurred_to
        Period of `occurred_at`, the end excluded.
    party
        Whose they are, whatever else is asked for.
    pending
        Only those that are pending, or only those that are not; None for both.
    """

    township: tuple[str, ...] = ()
    village: tuple[str, ...] = ()
    cell: tuple[str, ...] = ()
    matter: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    level: tuple[Level, ...] = ()
    at: datetime | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    party: Party | None = None
    pending: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the cases; `next` is the cursor of the following page, None at the end."""

    rows: tuple[CaseRow, ...]
    next: str | None


ALL = CaseFilter()
SAME_NAMED = ("township", "village", "cell", "matter", "platform", "domain", "status")


def list_cases(
    engine: Engine,
    filters: CaseFilter = ALL,
    cursor: str | None = None,
    limit: int = 100,
    order: Order = Order.OCCURRED,
) -> Page:
    """Give one page of cases.

    By `Order.OCCURRED` (newest first) no case is given twice, and none that was there at the first page is left out,
    while others are added. By `Order.REVISION` a case that changes meanwhile comes again with its new state.

    Raises
    ------
    BadQuery
        When `limit` is not from 1 to 1000, the cursor is none of this order, or a level is asked for without `at`.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {MOST_ROWS} and follow the cursor.")
    chosen = select(*CASE_COLUMNS).where(*conditions(filters), *_behind(cursor, order))
    if only_open(filters):
        # Chosen before they are put in order: else SQLite walks back through the whole history to find the last few.
        found = chosen.where(tables.cases.c.pending.is_(True)).cte("chosen").prefix_with("MATERIALIZED")
        query = _in_order(select(found), found.c, order)
    else:
        query = _in_order(chosen, tables.cases.c, order)
    with reading(engine) as connection:
        rows = case_rows(connection.execute(query.limit(limit + 1)))
    return Page(rows[:limit], _cursor(rows[limit - 1], order) if len(rows) > limit else None)


def level_is(level: Level, at: datetime) -> ColumnElement[bool]:
    """Say in SQL how a case stands at an instant, with the limits of `cases.clock.level`: at `due_at` it is on time."""
    cases = tables.cases.c
    if level is Level.NONE:
        return cases.pending.is_(False)
    red, amber = cases.due_at < at, cases.amber_at <= at
    calm = or_(cases.amber_at.is_(None), cases.amber_at > at)
    condition = {Level.RED: red, Level.AMBER: and_(amber, cases.due_at >= at), Level.GREEN: calm}[level]
    return and_(cases.pending.is_(True), condition)


def conditions(filters: CaseFilter) -> list[ColumnElement[bool]]:
    """Say in SQL which cases are meant; raises BadQuery for a level without an instant."""
    cases, legs = tables.cases.c, tables.legs.c
    found: list[ColumnElement[bool]] = [
        cases[name].in_(values) for name in SAME_NAMED if (values := getattr(filters, name))
    ]
    if filters.source:
        # The expression keeps SQLite from the index of (source, source_id), from which it would sort half the history.
        found.append(cases.source.concat("").in_(filters.source))
    if filters.party:
        found.append(cases_of(filters.party))
    if filters.department:
        found.append(exists().where(legs.number == cases.number, legs.department.in_(filters.department)))
    if filters.level:
        if filters.at is None:
            raise BadQuery("A level is a level at an instant: say at which, for example now.")
        found.append(or_(*(level_is(level, filters.at) for level in filters.level)))
    if filters.pending is not None:
        found.append(cases.pending.is_(filters.pending))
    if filters.occurred_from is not None:
        found.append(cases.occurred_at >= filters.occurred_from)
    if filters.occurred_to is not None:
        found.append(cases.occurred_at < filters.occurred_to)
    return found


def only_open(filters: CaseFilter) -> bool:
    """Say whether only pending cases can be meant, which are few and have an index of their own."""
    by_status = bool(filters.status) and OPEN.issuperset(filters.status)
    return filters.pending is True or by_status or (bool(filters.level) and Level.NONE not in filters.level)


def _in_order(query: Select[Any], columns: ReadOnlyColumnCollection[str, Any], order: Order) -> Select[Any]:
    if order is Order.REVISION:
        return query.order_by(columns.revision)
    return query.order_by(columns.occurred_at.desc(), columns.number.desc())


def _behind(cursor: str | None, order: Order) -> list[ColumnElement[bool]]:
    """Say which cases come after those that were given already."""
    cases = tables.cases.c
    if cursor is None:
        return []
    try:
        if order is Order.REVISION:
            return [cases.revision > min(int(cursor), MOST_REVISIONS)]
        written, number = cursor.split("~", 1)
        after = tables.EPOCH + timedelta(microseconds=int(written))
    except (ValueError, OverflowError):
        raise BadQuery(f"{cursor!r:.80} is no cursor of a page by {order}. Pass on `next` as it came.") from None
    return [tuple_(cases.occurred_at, cases.number) < tuple_(literal(after, tables.Instant), literal(number))]


def _cursor(last: CaseRow, order: Order) -> str:
    if order is Order.REVISION:
        return str(last.revision)
    return f"{(last.occurred_at - tables.EPOCH) // tables.MICROSECOND}~{last.number}"
