"""The legs that a body has to work on, the next due first; and how many limits were kept in a period, and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, func, literal, or_, select

from cases.case import LegRole, Status
from cases.clock import ClockKind
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.views.figures import GONE

KEPT_BY: Mapping[ClockKind, tuple[EventKind, ...]] = {
    ClockKind.RESPOND: (EventKind.ACCEPTED,),
    ClockKind.ARRIVE: (EventKind.ARRIVED, EventKind.FOUND),
    ClockKind.FINISH: (EventKind.FINISHED,),
    ClockKind.VERIFY: (EventKind.VERIFIED, EventKind.REOPENED),
}
"""What keeps a limit. What else stops a clock (a transfer, a merge, closing for a reason) is nobody's merit."""


@dataclass(frozen=True, slots=True)
class LegWork:
    """A leg of a pending case, with the limit of its own that falls due first.

    Attributes
    ----------
    due_at, amber_at, due_kind
        Of the leg's own running clocks; the case's finish clock belongs to the lead. None when none runs.
    """

    number: str
    leg: int
    due_at: datetime | None
    amber_at: datetime | None
    due_kind: ClockKind | None


@dataclass(frozen=True, slots=True)
class LegList:
    """The legs of one body.

    Attributes
    ----------
    rows
        The next due first, at most as many as were asked for.
    pending, amber, overdue
        Numbers of legs at the instant, of all and not only of `rows`.
    """

    rows: tuple[LegWork, ...]
    pending: int
    amber: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Kept:
    """How many limits of a kind ended in a period, and how many of them were kept."""

    kept: int = 0
    ended: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(self.kept + other.kept, self.ended + other.ended)


NONE_KEPT: Mapping[ClockKind, Kept] = dict.fromkeys(KEPT_BY, Kept())
"""Of a township or a period in which nothing ended."""


def legs_of(
    engine: Engine,
    at: datetime,
    limit: int,
    *,
    unit: str | None = None,
    department: str | None = None,
    township: str | None = None,
) -> LegList:
    """Give the legs that a unit, a department, or a department in a township has in pending cases.

    The cost follows the pending cases, never the history.
    """
    cases, legs, clocks = tables.cases.c, tables.legs.c, tables.clocks.c
    meant = [legs.unit == unit] if unit else []
    meant += [legs.department == department] if department else []
    meant += [cases.township == township] if township else []
    leads = and_(clocks.leg.is_(None), clocks.kind == ClockKind.FINISH, legs.role == LegRole.LEAD)
    running = and_(
        clocks.number == legs.number,
        clocks.stopped_at.is_(None),
        clocks.due_at.is_not(None),
        or_(clocks.leg == legs.leg, and_(leads, cases.lead == legs.department)),
    )
    rank = func.row_number().over(partition_by=(legs.number, legs.leg), order_by=(clocks.due_at, clocks.ordinal))
    # Chosen first: else SQLite walks all legs of the history in the order of the departments.
    chosen = (
        select(legs.number, legs.leg, clocks.due_at, clocks.amber_at, clocks.kind, rank.label("rank"))
        .select_from(tables.cases.join(tables.legs, legs.number == cases.number).outerjoin(tables.clocks, running))
        .where(cases.pending.is_(True), legs.status.not_in(GONE), *meant)
        .cte("chosen")
        .prefix_with("MATERIALIZED")
    )
    first = select(chosen).where(chosen.c.rank == 1).subquery()
    rows = select(first).order_by(first.c.due_at.nulls_last(), first.c.number, first.c.leg).limit(limit)
    late, soon = first.c.due_at < at, and_(first.c.due_at >= at, first.c.amber_at <= at)
    counts = select(func.count(), func.count().filter(soon), func.count().filter(late)).select_from(first)
    with reading(engine) as connection:
        found = tuple(
            LegWork(row.number, row.leg, row.due_at, row.amber_at, ClockKind(row.kind) if row.kind else None)
            for row in connection.execute(rows)
        )
        return LegList(found, *connection.execute(counts).one())


def kept_limits(
    engine: Engine, start: datetime, end: datetime, now: datetime
) -> Mapping[str | None, Mapping[ClockKind, Kept]]:
    """Count limits that ended in a period, and those of them that were kept, for each township and kind.

    A limit was kept in the period when the event that it asks for came in it and in time; it was missed in the period
    when it fell due in it, before `now`, and the event had not come. What was stopped in time by something else is
    not counted, and neither are merged cases: their work is another case's. All townships are counted at once: for one
    of them the database would read the same rows.

    Parameters
    ----------
    start, end
        Aware; the end is excluded.

    Returns
    -------
    Mapping
        By the township where the case stands, None outside of all; a township in which nothing ended is left out.
    """
    found: dict[str | None, dict[ClockKind, Kept]] = {}
    with reading(engine) as connection:
        for query in (_kept(start, end), _missed(start, min(end, now))):
            for township, kind, kept, ended in connection.execute(query):
                part = found.setdefault(township, dict(NONE_KEPT))
                part[ClockKind(kind)] += Kept(kept, ended)
    return found


def all_kept(parts: Iterable[Mapping[ClockKind, Kept]]) -> Mapping[ClockKind, Kept]:
    """Add up the limits of several townships or periods that have nothing in common."""
    found = dict(NONE_KEPT)
    for part in parts:
        for kind, kept in part.items():
            found[kind] += kept
    return found


def _kept(start: datetime, end: datetime) -> Select[Any]:
    clocks, events = tables.clocks.c, tables.events.c
    does = or_(*(and_(clocks.kind == kind, events.kind.in_(kinds)) for kind, kinds in KEPT_BY.items()))
    came = exists().where(events.number == clocks.number, events.occurred_at == clocks.stopped_at, does)
    within = (clocks.stopped_at >= start, clocks.stopped_at < end, clocks.stopped_at <= clocks.due_at)
    return _counted(func.count(), *within, came)


def _missed(start: datetime, end: datetime) -> Select[Any]:
    clocks = tables.clocks.c
    late = or_(clocks.stopped_at.is_(None), clocks.stopped_at > clocks.due_at)
    return _counted(literal(0), clocks.due_at >= start, clocks.due_at < end, late)


def _counted(kept: ColumnElement[int], *conditions: ColumnElement[bool]) -> Select[Any]:
    cases, clocks = tables.cases.c, tables.clocks.c
    # By the kind as well: there is an index of (kind, due_at) and one of (kind, stopped_at).
    return (
        select(cases.township, clocks.kind, kept, func.count())
        .select_from(tables.clocks.join(tables.cases, cases.number == clocks.number))
        .where(clocks.kind.in_(KEPT_BY), cases.status != Status.MERGED, *conditions)
        .group_by(cases.township, clocks.kind)
    )
