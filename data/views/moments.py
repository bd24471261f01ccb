"""Which cases were pending at a moment of the past, and how they stood: as is known today, or as the wall showed it.

The two differ. A visit that is written down in the evening took place at noon: by what is known today the case was in
order at one o'clock, while the wall, which could not know, showed it overdue. Whoever asks how things were wants the
first, whoever asks why nobody acted wants the second.

What the wall showed is the fold of the events that were recorded by then. Only cases are folded of which an event was
recorded on the other side of the moment than it happened on, or that were suspended, extended or relocated, which
changes what was before; of all others both answers are the same, and the database gives them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Subquery, and_, exists, func, or_, select, text, union

from cases.calendar import Calendar
from cases.clock import Level
from cases.events import Event, EventKind
from cases.history import fold
from data import tables
from data.engine import reading
from data.store import LONGEST_CLASS, board_columns
from data.views.figures import held_at
from data.views.search import ALL, CaseFilter
from data.views.standing import CONSTANT, Standing, fits, fixed_conditions, pending_at

AHEAD = timedelta(hours=1)
"""How far ahead of the moment of its recording an event may be said to have happened; a region allows minutes."""
MUCH_LATER = timedelta(minutes=10)
"""Closings recorded later than this have an index of their own; it is the limit of `data.tables.LATE_END`."""
UNSETTLING = (EventKind.SUSPENDED, EventKind.EXTENDED, EventKind.RELOCATED)
AT_ONCE = 5000


class Known(StrEnum):
    """By whose knowledge a moment is told."""

    TODAY = "today"
    THEN = "then"


def standing_at(
    engine: Engine, at: datetime, known: Known, calendar: Calendar, filters: CaseFilter = ALL
) -> tuple[Standing, ...]:
    """Give the cases that were pending at an instant, past or present, each with its level then.

    Parameters
    ----------
    known
        By what is known today, or by what was recorded up to `at` (as the wall showed it).
    calendar
        Working days and office hours, as they are known today: an old notice is not kept.
    filters
        Which of them; see `data.views.standing.pending_at`.

    Raises
    ------
    BadQuery
        A status is asked for.
    """
    with reading(engine) as connection:
        if known is Known.TODAY:
            return tuple(pending_at(connection, at, filters).values())
        if not _anything_known(connection, at):
            return ()
        # Where a case stands and how it is doing may be another thing by what was known then.
        held = pending_at(connection, at, replace(filters, township=(), village=(), cell=(), level=()))
        differing = list(connection.execute(_differing(at, filters, connection.dialect.name)).scalars())
        settled = held.keys() - set(differing)
        seen = [_seen(events, calendar, at) for events in _histories(connection, at, differing)]
        shown = (*(held[number] for number in held if number in settled), *(one for one in seen if one is not None))
        return tuple(one for one in shown if fits(one, filters))


def first_recorded(engine: Engine) -> datetime | None:
    """Say since when anything has been recorded; None in an empty database."""
    with reading(engine) as connection:
        return _first_recorded(connection)


def _first_recorded(connection: Connection) -> datetime | None:
    events = tables.events.c
    first: datetime | None = connection.execute(
        select(events.recorded_at).order_by(events.revision).limit(1)
    ).scalar_one_or_none()
    return first


def _anything_known(connection: Connection, at: datetime) -> bool:
    # Revisions are given in commit order, so the first one is the first that was recorded.
    first = _first_recorded(connection)
    return first is not None and first <= at


def _candidates(at: datetime, dialect: str) -> Subquery:
    """Find every case that was pending by either knowledge, and some that were not."""
    spans, events = tables.spans.c, tables.events.c
    ahead = [
        select(spans.number).where(length, spans.opened_at > at, spans.opened_at <= at + AHEAD)
        for length in (spans.length.is_(None), *(spans.length == n for n in range(LONGEST_CLASS + 1)))
    ]
    just_ended = select(spans.number).where(spans.closed_at > at - MUCH_LATER, spans.closed_at <= at)
    told_later = select(events.number).where(
        text(tables.LATE_END[dialect]), events.recorded_at > at, events.occurred_at <= at
    )
    return union(select(held_at(at).c.number), *ahead, just_ended, told_later).subquery()


def _differing(at: datetime, filters: CaseFilter, dialect: str) -> Select[str]:
    """Find the candidates of which the two kinds of knowledge may say different things."""
    events, found = tables.events.c, _candidates(at, dialect)
    other_side = or_(
        and_(events.occurred_at <= at, events.recorded_at > at),
        and_(events.occurred_at > at, events.recorded_at <= at),
        events.kind.in_(UNSETTLING),
    )
    query = select(found.c.number).where(exists().where(events.number == found.c.number, other_side))
    asked = fixed_conditions(filters)
    return query.join(tables.cases, tables.cases.c.number == found.c.number).where(*asked) if asked else query


def _histories(connection: Connection, at: datetime, numbers: Sequence[str]) -> Iterator[list[Row[Any]]]:
    """Give the events of some cases that were known at a moment, case by case in commit order.

    An event was known when it was recorded by then, or another one of its case that was committed after it.
    """
    events = tables.events.c
    for few in batched(numbers):
        last = (
            select(events.number, func.max(events.revision).label("last"))
            .where(events.number.in_(few), events.recorded_at <= at)
            .group_by(events.number)
            .subquery()
        )
        known = (
            select(tables.events)
            .join(last, and_(events.number == last.c.number, events.revision <= last.c["last"]))
            .order_by(events.number, events.revision)
        )
        for _, rows in groupby(connection.execute(known), key=lambda row: row.number):
            yield list(rows)


def batched(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    """Part a list into those that one statement can name."""
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))


def _seen(rows: list[Row[Any]], calendar: Calendar, at: datetime) -> Standing | None:
    """Say how the board showed a case of which these events were known; None when it did not show it."""
    history = [
        Event(EventKind(row.kind), row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)
        for row in rows
    ]
    state = fold(history, calendar, rows[0].number)
    columns = board_columns(state)
    if not columns["pending"]:
        return None
    values: list[Any] = [getattr(state, name) for name in CONSTANT]
    values += [columns["due_at"], level_of_board(columns, at)]
    return Standing(*values)


def level_of_board(columns: Mapping[str, Any], at: datetime) -> Level:
    """Give the level of a pending case as the board tells it: `data.views.CaseRow.level`."""
    if columns["due_at"] is not None and at > columns["due_at"]:
        return Level.RED
    return Level.AMBER if columns["amber_at"] is not None and at >= columns["amber_at"] else Level.GREEN
