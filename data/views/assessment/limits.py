"""Limits of answering and of coming on site, and cases that were handed back."""

from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select

from cases.case import LegStatus
from cases.clock import ClockKind
from cases.events import EventKind
from data import tables
from data.views.assessment.charge import Stretch, held, in_charge, sure

TWICE = 2


def limits_of(kind: ClockKind, stretch: Stretch) -> Select[Any]:
    """Select the clocks of a kind whose limit ends in a stretch, without those that others cut short before."""
    clock, legs, spans = tables.clocks.c, tables.legs.c, tables.spans.c
    merged = select(tables.cases.c.number).where(tables.cases.c.merged_into.is_not(None))
    ended = select(literal(1)).where(spans.number == clock.number, spans.closed_at == clock.stopped_at).exists()
    handed_on = and_(legs.status == LegStatus.TRANSFERRED, legs.ended_at == clock.stopped_at)
    # The ordinary way first: only what did not stop by the unit's own doing is looked up.
    by_itself = sure(or_(*(at == clock.stopped_at for at in (legs.accepted_at, legs.arrived_at, legs.found_at))))
    met = sure(clock.stopped_at <= clock.due_at)
    return (
        select(
            legs.unit,
            clock.number,
            clock.leg,
            clock.round.label("ordinal"),
            clock.started_at.label("since"),
            clock.due_at,
            clock.stopped_at.label("ended_at"),
            met.label("met"),
        )
        .join(tables.legs, and_(legs.number == clock.number, legs.leg == clock.leg))
        .where(
            clock.kind == kind,
            clock.due_at >= stretch.start,
            clock.due_at < stretch.end,
            legs.unit.is_not(None),
            clock.number.not_in(merged),
            or_(~met, by_itself, and_(~sure(handed_on), ~ended)),
        )
    )


def returns_in(stretch: Stretch, unit: str | None = None) -> Select[Any]:
    """Select the returns of a stretch, with the leg that was in charge, and whether the case was returned before."""
    events, pending = tables.events.alias("returned").c, held(stretch, unit).c
    known = (
        select(
            events.number,
            func.coalesce(events.leg, in_charge(events.number, events.occurred_at)).label("leg"),
            events.revision,
            events.occurred_at,
        )
        .where(
            events.number.in_(select(pending.number)),
            events.kind == EventKind.RETURNED,
            events.occurred_at >= stretch.start,
            events.occurred_at < stretch.end,
        )
        .subquery("known")
        .c
    )
    legs, others = tables.legs.c, tables.events.alias("others").c
    times = (
        select(func.count())
        .where(others.number == known.number, others.kind == EventKind.RETURNED, others.occurred_at < stretch.end)
        .scalar_subquery()
    )
    return (
        select(
            legs.unit,
            known.number,
            known.leg,
            known.revision.label("ordinal"),
            legs.asked_at.label("since"),
            literal(None, tables.Instant).label("due_at"),
            known.occurred_at.label("ended_at"),
            (times >= TWICE).label("twice"),
        )
        .join(tables.legs, and_(legs.number == known.number, legs.leg == known.leg))
        .where(legs.unit.is_not(None))
    )
