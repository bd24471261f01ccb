"""The case table: any stretch of a filtered list by its position, as a grid that scrolls asks for it; and all of it.

Positions are counted from the start, so a stretch costs what lies before it: the table is cut at `MOST_LISTED` rows, of
which the last ones still come at once. Whoever needs more follows `every_case`, which goes by keyset.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Select, func, select

from data import tables
from data.engine import reading
from data.views.board import CASE_COLUMNS, CaseRow, case_rows
from data.views.search import MOST_ROWS, BadQuery, CaseFilter, conditions, list_cases, only_open

MOST_LISTED = 20_000


class Sorting(StrEnum):
    """How the table runs: least time left first (those without a limit last), the newest case first, or the oldest."""

    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of a table.

    Attributes
    ----------
    total
        How many cases the filter means, counted no further than one beyond `MOST_LISTED`.
    """

    rows: tuple[CaseRow, ...]
    total: int


def case_stretch(engine: Engine, filters: CaseFilter, sorting: Sorting, start: int, limit: int) -> Stretch:
    """Give the rows of a table from a position on, and how many there are in all, as of one moment.

    Raises
    ------
    BadQuery
        When the stretch lies outside of what a table lists, or a level is asked for without an instant.
    """
    if not (0 <= start < MOST_LISTED and 1 <= limit <= MOST_ROWS):
        raise BadQuery(
            f"Rows from {start}, {limit} of them, are no stretch of a table; it lists the first {MOST_LISTED} and gives"
            f" 1 to {MOST_ROWS} at a time. Narrow the filter, or follow the cursor of the list of cases."
        )
    # One more than is listed, so that who reads it sees that there are more.
    counted = select(1).select_from(tables.cases).where(*conditions(filters))
    if only_open(filters):
        # Else a rare status is looked for in the whole history.
        counted = counted.where(tables.cases.c.pending.is_(True))
    meant = counted.limit(MOST_LISTED + 1).subquery()
    query = _stretch(filters, sorting, start, min(limit, MOST_LISTED - start))
    with reading(engine) as connection:
        rows = case_rows(connection.execute(query))
        total: int = connection.execute(select(func.count()).select_from(meant)).scalar_one()
    return Stretch(rows, total)


def every_case(engine: Engine, filters: CaseFilter) -> Iterator[CaseRow]:
    """Give all cases that a filter means, the newest first, however many there are; nothing is held back in memory."""
    cursor: str | None = None
    while True:
        page = list_cases(engine, filters, cursor, MOST_ROWS)
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return


def _stretch(filters: CaseFilter, sorting: Sorting, start: int, limit: int) -> Select[Any]:
    """Select a stretch: what decides the order is put in order alone, and only what is shown is read whole."""
    cases = tables.cases.c
    keys = select(cases.number, cases.occurred_at, cases.due_at).where(*conditions(filters))
    columns: Any = cases
    if only_open(filters):
        # Chosen before they are put in order, as in `data.views.search`: else SQLite walks back through the history.
        found = keys.where(cases.pending.is_(True)).cte("chosen").prefix_with("MATERIALIZED")
        keys, columns = select(found), found.c
    shown = keys.order_by(*_order(columns, sorting)).offset(start).limit(limit).subquery("shown")
    whole = select(*CASE_COLUMNS).select_from(tables.cases.join(shown, shown.c.number == cases.number))
    return whole.order_by(*_order(shown.c, sorting))


def _order(columns: Any, sorting: Sorting) -> list[Any]:
    newest = [columns.occurred_at.desc(), columns.number.desc()]
    if sorting is Sorting.DUE:
        return [columns.due_at.nulls_last(), *newest]
    return newest if sorting is Sorting.NEWEST else [columns.occurred_at, columns.number]
