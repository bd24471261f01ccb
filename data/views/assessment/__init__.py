"""What is counted for a stationed unit in a period, and the cases behind each count; docs/assessment.md has the words.

Everything follows from clocks, legs, spans and a few events, as they are known today: a late event recounts. Cases that
were merged into another one are left out. The unit is that of the leg in whose hands the clock was:

- the lead in charge when the result was issued or, if that was earlier, when the limit ran out;
- a coordinating leg for its own arrive clock and finding.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Subquery, and_, func, literal, or_, select, tuple_

from cases.assessment import Count
from cases.clock import ClockKind
from data import tables
from data.views.assessment.charge import Stretch
from data.views.assessment.limits import limits_of, returns_in
from data.views.assessment.work import work_of
from data.views.search import BadQuery

__all__ = ["Part", "PartPage", "Stretch", "parts_behind", "unit_counts"]

OF_WORK = (
    Count.DUE,
    Count.DONE,
    Count.ON_TIME,
    Count.OVERDUE,
    Count.EXTENDED,
    Count.REWORK,
    Count.REWORK_TIMES,
)
LIMITS = {
    Count.RESPOND_DUE: ClockKind.RESPOND,
    Count.RESPOND_MET: ClockKind.RESPOND,
    Count.ARRIVE_DUE: ClockKind.ARRIVE,
    Count.ARRIVE_MET: ClockKind.ARRIVE,
}
CURSOR = re.compile(r"[^~]+~\d{1,18}~\d{1,18}", re.ASCII)
MET = (Count.RESPOND_MET, Count.ARRIVE_MET)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was counted: a limit of one leg of one case.

    Attributes
    ----------
    ordinal
        Tells several of one leg apart, such as the rounds of a reopened case.
    since, due_at, ended_at
        When the clock began, when its limit was, and when the unit's part ended; None while it lasts.
    """

    number: str
    leg: int
    ordinal: int
    matter: str
    township: str | None
    status: str
    since: datetime | None
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartPage:
    """Parts in the order of their case, and the cursor of the page that follows, if one does."""

    parts: tuple[Part, ...]
    next: str | None


def unit_counts(connection: Connection, stretch: Stretch) -> dict[str, dict[Count, int]]:
    """Count for every unit that has anything to count; a count that is left out is 0.

    Parameters
    ----------
    connection
        Of `data.engine.reading`, so that all counts are of one moment.
    """
    found: dict[str, dict[Count, int]] = {}
    for counts, query in _countings(stretch):
        for unit, *numbers in connection.execute(query):
            found.setdefault(unit, {}).update(zip(counts, numbers, strict=True))
    return found


def parts_behind(
    connection: Connection, stretch: Stretch, unit: str, count: Count, cursor: str | None = None, limit: int = 100
) -> PartPage:
    """Give what stands behind one count of one unit, a page at a time; as many in all as `unit_counts` says."""
    behind = _behind(stretch, count, unit)
    parts, cases = behind.subquery("behind").c, tables.cases.c
    order = (parts.number, parts.leg, parts.ordinal)
    query = (
        select(*order, cases.matter, cases.township, cases.status, parts.since, parts.due_at, parts.ended_at)
        .join(tables.cases, cases.number == parts.number)
        .where(parts.unit == unit, *_after(order, cursor))
        .order_by(*order)
        .limit(limit + 1)
    )
    found = tuple(Part(*row) for row in connection.execute(query))
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return PartPage(found[:limit], f"{last.number}~{last.leg}~{last.ordinal}" if last else None)


def _countings(stretch: Stretch) -> list[tuple[tuple[Count, ...], Select[Any]]]:
    work = work_of(stretch).subquery("work").c
    number = func.count()
    of_work = select(work.unit, *(number.filter(_of_work(work, count)) for count in OF_WORK)).group_by(work.unit)
    countings: list[tuple[tuple[Count, ...], Select[Any]]] = [(OF_WORK, of_work)]
    for due, met in ((Count.RESPOND_DUE, Count.RESPOND_MET), (Count.ARRIVE_DUE, Count.ARRIVE_MET)):
        limits = limits_of(LIMITS[due], stretch).subquery("limits").c
        query = select(limits.unit, number, number.filter(limits.met)).group_by(limits.unit)
        countings.append(((due, met), query))
    returns = returns_in(stretch).subquery("returns").c
    twice = func.count(returns.number.distinct()).filter(returns.twice)
    by_unit = select(returns.unit, number, twice).group_by(returns.unit)
    return [*countings, ((Count.RETURNED, Count.PASSED_ON), by_unit)]


def _behind(stretch: Stretch, count: Count, unit: str) -> Select[Any]:
    """Select the parts of one count, of cases in which a unit has a part."""
    if count in LIMITS:
        limits = limits_of(LIMITS[count], stretch).subquery("limits")
        return select(limits).where(limits.c.met) if count in MET else select(limits)
    if count in (Count.RETURNED, Count.PASSED_ON):
        returns = returns_in(stretch, unit).subquery("returns")
        return select(returns) if count is Count.RETURNED else _first(returns, returns.c.twice)
    work = work_of(stretch, unit).subquery("work")
    return select(work).where(_of_work(work.c, count))


def _first(parts: Subquery, condition: ColumnElement[bool]) -> Select[Any]:
    """Keep the first part of each case and unit among those that meet a condition."""
    chosen = select(
        parts,
        func.row_number()
        .over(partition_by=(parts.c.unit, parts.c.number), order_by=(parts.c.leg, parts.c.ordinal))
        .label("place"),
    ).where(condition)
    numbered = chosen.subquery("numbered")
    return select(numbered).where(numbered.c.place == 1)


def _of_work(work: Any, count: Count) -> ColumnElement[bool]:
    column: Mapping[Count, ColumnElement[bool]] = {
        Count.DUE: or_(work.done, work.expired),
        Count.DONE: work.done,
        Count.ON_TIME: and_(work.done, work.in_time),
        Count.OVERDUE: work.overdue,
        Count.EXTENDED: work.extended,
        Count.REWORK: work.reworked_first,
        Count.REWORK_TIMES: work.reworked,
    }
    return column[count]


def _after(order: tuple[ColumnElement[Any], ...], cursor: str | None) -> list[ColumnElement[bool]]:
    if cursor is None:
        return []
    if not CURSOR.fullmatch(cursor):
        raise BadQuery(f"{cursor!r:.80} is no cursor of such a page. Pass on `next` as it came.")
    number, *place = cursor.split("~")
    return [tuple_(*order) > tuple_(literal(number), *(literal(int(one), BigInteger) for one in place))]
