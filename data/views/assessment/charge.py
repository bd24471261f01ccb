"""Who was in charge when: what every count of the assessment asks."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, ScalarSelect, case, exists, false, func, or_, select, true

from cases.clock import ClockKind
from data import tables


class Stretch(NamedTuple):
    """The instants that are looked at: `start` included, `end` not; `end` is never in the future."""

    start: datetime
    end: datetime


def held(stretch: Stretch, unit: str | None = None) -> CTE:
    """Find the cases that were pending at some instant of a stretch, without those that were merged into another.

    Through indexes, at the cost of the stretch and of the duplicates.

    Parameters
    ----------
    unit
        Only those in which this unit has or had a part; None: all.
    """
    spans = tables.spans.c
    merged = select(tables.cases.c.number).where(tables.cases.c.merged_into.is_not(None))
    # Two selects and not one OR, which neither database would answer from the index.
    ended = select(spans.number).where(spans.closed_at >= stretch.start, spans.opened_at < stretch.end)
    pending = select(spans.number).where(spans.closed_at.is_(None), spans.opened_at < stretch.end)
    each = ended.union(pending).subquery()
    found = select(each.c.number).where(each.c.number.not_in(merged))
    if unit is not None:
        legs = tables.legs.c
        found = found.where(exists().where(legs.number == each.c.number, legs.unit == unit))
    return found.cte("held").prefix_with("MATERIALIZED")


def of_kind(clock: Any, kind: ClockKind) -> ColumnElement[bool]:
    """Say of which kind a clock of a known case is.

    The expression keeps SQLite from the indexes by kind, through which it would walk the history for every case.
    """
    is_kind: ColumnElement[bool] = clock.kind.concat("") == kind
    return is_kind


def begins_lead(asked: Any) -> tuple[ColumnElement[bool], ...]:
    """Say that a clock is the first one with which a leg was asked to lead: from then it is in charge."""
    return of_kind(asked, ClockKind.RESPOND), asked.round == 1


def in_charge(number: Any, at: Any) -> ScalarSelect[Any]:
    """Give the lead's leg at an instant; at the instant of a hand-over it is still the one that hands over."""
    asked = tables.clocks.alias("charged").c
    return (
        select(func.max(asked.leg))
        .where(*begins_lead(asked), asked.number == number, or_(asked.leg == 1, asked.started_at < at))
        .scalar_subquery()
    )


def sure(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Make no of what is neither yes nor no."""
    return case((condition, true()), else_=false())
