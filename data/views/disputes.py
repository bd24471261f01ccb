"""Disputes about duties: which are open and until when, how they were settled, and how many, by whom and where."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, func, literal, or_, select, tuple_

from cases.case import View
from cases.clock import Level
from data import tables
from data.engine import reading
from data.views.parties import Party, cases_of
from data.views.periods import Period
from data.views.search import MOST_ROWS, BadQuery

_DISPUTES, _CASES, _LEGS = tables.disputes.c, tables.cases.c, tables.legs.c


class DisputeState(StrEnum):
    """Whether somebody still has to decide."""

    OPEN = "open"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute with what must be known of its case.

    Attributes
    ----------
    ordinal
        Which of the disputes of its case it is, from 1.
    leg, role, department, unit
        The leg that is disputed, and whose it is or was.
    opened_by, wanted, clause, views
        As `cases.case.Dispute` has them.
    amber_at, due_at, provisional
        The adjudicator's limit; `provisional` while the working days of its year are not published.
    settled_at, decided, decision, ruling
        None while it is open.
    """

    number: str
    ordinal: int
    matter: str
    township: str | None
    village: str | None
    cell: str | None
    leg: int
    role: str
    department: str
    unit: str | None
    opened_at: datetime
    opened_by: str
    clause: str
    wanted: str | None
    views: tuple[View, ...]
    amber_at: datetime | None
    due_at: datetime | None
    provisional: bool
    settled_at: datetime | None
    decided: str | None
    decision: str | None
    ruling: Mapping[str, Any] | None

    def level(self, at: datetime) -> Level:
        """Say how it stands at an instant, with the limits of `cases.clock.level`; `Level.NONE` when it was settled."""
        if self.settled_at is not None and self.settled_at <= at:
            return Level.NONE
        if self.due_at is not None and at > self.due_at:
            return Level.RED
        return Level.AMBER if self.amber_at is not None and at >= self.amber_at else Level.GREEN

    @property
    def in_time(self) -> bool | None:
        """Whether it was settled within the limit; None while it is open."""
        return None if self.settled_at is None or self.due_at is None else self.settled_at <= self.due_at

    @property
    def upheld(self) -> bool | None:
        """Whether the objection was: somebody else acts from then on; None while it is open."""
        return None if self.decided is None else self.decided != self.department


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes are meant. Empty means all; several values of one field are alternatives.

    Attributes
    ----------
    department
        Whose leg is disputed.
    period
        In which it was opened; with `DisputeState.SETTLED`, settled.
    party
        Of whose cases.
    """

    state: DisputeState | None = None
    number: tuple[str, ...] = ()
    township: tuple[str, ...] = ()
    department: tuple[str, ...] = ()
    period: Period | None = None
    party: Party | None = None


@dataclass(frozen=True, slots=True)
class DisputePage:
    """Some of the disputes; `next` is the cursor of the following page, None at the end."""

    rows: tuple[DisputeRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class DisputeCount:
    """Numbers of disputes.

    Attributes
    ----------
    open, overdue
        At the instant.
    opened, settled
        In the period.
    in_time, due
        Of those that had to be settled in the period (the settled ones, and those that fell due in it until the instant
        and were not), how many were within the limit.
    upheld
        Of the settled ones, those in which the one who objected was right: somebody else acts from then on.
    """

    open: int = 0
    overdue: int = 0
    opened: int = 0
    settled: int = 0
    in_time: int = 0
    due: int = 0
    upheld: int = 0

    def __add__(self, other: "DisputeCount") -> "DisputeCount":
        """Count both."""
        return DisputeCount(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class DisputeCounts:
    """Numbers of disputes in all, by township (None: of cases without one) and by the department that was asked."""

    all: DisputeCount
    by_township: Mapping[str | None, DisputeCount]
    by_department: Mapping[str, DisputeCount]


EVERY = DisputeFilter()
CURSOR = re.compile(r"(\d{1,17})~([A-Za-z\d-]{1,60})~([1-9]\d{0,3})")  # microseconds, number, ordinal
_OF_CASE, _OF_LEG = ("matter", "township", "village", "cell"), ("role", "department", "unit")
_JOINED = tables.disputes.join(tables.cases, _CASES.number == _DISPUTES.number).join(
    tables.legs, and_(_LEGS.number == _DISPUTES.number, _LEGS.leg == _DISPUTES.leg)
)
_COLUMNS = [
    (_CASES if name in _OF_CASE else _LEGS if name in _OF_LEG else _DISPUTES)[name]
    for name in (one.name for one in fields(DisputeRow))
]
_SELECTED: Select[Any] = select(*_COLUMNS).select_from(_JOINED)


def list_disputes(
    engine: Engine, filters: DisputeFilter = EVERY, cursor: str | None = None, limit: int = 100
) -> DisputePage:
    """Give one page of disputes: the open ones as they were opened, others the last one first.

    Raises
    ------
    BadQuery
        When `limit` is not from 1 to 1000, or the cursor is none of this list.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {MOST_ROWS} and follow the cursor.")
    place = (_moment(filters), _DISPUTES.number, _DISPUTES.ordinal)
    forward = filters.state is DisputeState.OPEN
    query = _SELECTED.where(*_conditions(filters))
    if cursor is not None:
        last = tuple_(*_read(cursor))
        query = query.where(tuple_(*place) > last if forward else tuple_(*place) < last)
    query = query.order_by(*(place if forward else (column.desc() for column in place))).limit(limit + 1)
    with reading(engine) as connection:
        rows = [_row(found) for found in connection.execute(query)]
    return DisputePage(tuple(rows[:limit]), _cursor(rows[limit - 1], filters) if len(rows) > limit else None)


def dispute_counts(engine: Engine, at: datetime, period: Period, filters: DisputeFilter = EVERY) -> DisputeCounts:
    """Count disputes at an instant and in a period, by what is known today.

    Parameters
    ----------
    filters
        Townships, departments and cases that are meant; state and period of the filter are not looked at.
    """
    end = min(period.end, at)
    opened, settled, due = _DISPUTES.opened_at, _DISPUTES.settled_at, _DISPUTES.due_at
    is_open = and_(opened <= at, or_(settled.is_(None), settled > at))
    ended = and_(settled >= period.start, settled < period.end, settled <= at)
    came_due = and_(due >= period.start, due < end, or_(settled.is_(None), settled >= end))
    counted = [
        is_open,
        and_(is_open, due < at),
        and_(opened >= period.start, opened < period.end, opened <= at),
        ended,
        and_(ended, settled <= due),
        or_(ended, came_due),
        and_(ended, _DISPUTES.decided != _LEGS.department),
    ]
    query = (
        select(_CASES.township, _LEGS.department, *(func.count().filter(one) for one in counted))
        .select_from(_JOINED)
        .where(*_places(filters))
        .group_by(_CASES.township, _LEGS.department)
    )
    with reading(engine) as connection:
        rows = [(row[0], row[1], DisputeCount(*row[2:])) for row in connection.execute(query)]
    kept = [row for row in rows if row[2] != DisputeCount()]
    total = sum((count for *_, count in kept), DisputeCount())
    return DisputeCounts(
        total, _added((where, count) for where, _, count in kept), _added((who, count) for _, who, count in kept)
    )


def _added(counts: Iterable[tuple[Any, DisputeCount]]) -> dict[Any, DisputeCount]:
    """Add up by key, the most disputed first."""
    found: dict[Any, DisputeCount] = {}
    for key, count in counts:
        found[key] = found.get(key, DisputeCount()) + count
    return dict(sorted(found.items(), key=lambda one: (-one[1].open, -one[1].opened, -one[1].settled, str(one[0]))))


def _places(filters: DisputeFilter) -> list[ColumnElement[bool]]:
    named: list[tuple[ColumnElement[Any], tuple[str, ...]]] = [
        (_DISPUTES.number, filters.number),
        (_CASES.township, filters.township),
        (_LEGS.department, filters.department),
    ]
    return [column.in_(values) for column, values in named if values]


def _conditions(filters: DisputeFilter) -> list[ColumnElement[bool]]:
    found = _places(filters)
    if filters.state is not None:
        is_open = _DISPUTES.settled_at.is_(None)
        found.append(is_open if filters.state is DisputeState.OPEN else ~is_open)
    if filters.party is not None:
        found.append(cases_of(filters.party))
    if filters.period is not None:
        moment = _moment(filters)
        found += [moment >= filters.period.start, moment < filters.period.end]
    return found


def _moment(filters: DisputeFilter) -> ColumnElement[datetime]:
    return _DISPUTES.settled_at if filters.state is DisputeState.SETTLED else _DISPUTES.opened_at


def _row(found: Row[Any]) -> DisputeRow:
    values = found._asdict()
    values["ordinal"] += 1
    values["views"] = tuple(View(one["by"], datetime.fromisoformat(one["at"]), one["text"]) for one in found.views)
    return DisputeRow(**values)


def _cursor(last: DisputeRow, filters: DisputeFilter) -> str:
    moment = last.settled_at if filters.state is DisputeState.SETTLED else last.opened_at
    assert moment is not None  # noqa: S101 - a list of settled ones holds no other
    return f"{(moment - tables.EPOCH) // tables.MICROSECOND}~{last.number}~{last.ordinal}"


def _read(cursor: str) -> tuple[ColumnElement[Any], ...]:
    found = CURSOR.fullmatch(cursor)
    if found is None:
        raise BadQuery(f"{cursor!r:.80} is no cursor of a page of disputes. Pass on `next` as it came.")
    moment = tables.EPOCH + timedelta(microseconds=int(found[1]))
    return literal(moment, tables.Instant), literal(found[2]), literal(int(found[3]) - 1)
