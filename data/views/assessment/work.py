"""The work that was due or done: finish clocks of leads, findings of coordinating legs."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, false, func, literal, or_, select, union_all

from cases.case import LegRole
from cases.clock import ClockKind
from cases.events import EventKind
from data import tables
from data.views.assessment.charge import Stretch, begins_lead, held, in_charge, of_kind, sure

ONE = 1


def work_of(stretch: Stretch, unit: str | None = None) -> Select[Any]:
    """Select every lead's finish clock and every coordinating leg that was due or done in a stretch."""
    pending = held(stretch, unit)
    lead = _leading(stretch, pending).subquery("leading")
    coordinating = _coordinating(stretch, pending).subquery("coordinating")
    parts = union_all(select(lead), select(coordinating)).subquery("parts")
    place = (
        func.row_number()
        .over(partition_by=(parts.c.unit, parts.c.number, parts.c.reworked), order_by=parts.c.ordinal)
        .label("place")
    )
    ranked = select(parts, place).where(parts.c.unit.is_not(None)).subquery("ranked")
    return select(ranked, and_(ranked.c.reworked, ranked.c.place == ONE).label("reworked_first"))


def _leading(stretch: Stretch, pending: CTE) -> Select[Any]:
    clock = _answered_for(stretch, pending)
    own = and_(clock.issued, or_(clock.until.is_(None), clock.stopped_at <= clock.until))
    done = and_(own, clock.stopped_at >= stretch.start, clock.stopped_at < stretch.end)
    expired = _ran_out(clock.due_at, clock.stopped_at, clock.until, stretch) & ~and_(
        own, clock.stopped_at < stretch.end
    )
    due = or_(done, expired)
    legs, later = tables.legs.c, tables.clocks.alias("later").c
    again = select(literal(ONE)).where(
        later.number == clock.number, of_kind(later, ClockKind.FINISH), later.round == clock.round + 1
    )
    return (
        select(
            legs.unit,
            clock.number,
            clock.leg,
            clock.round.label("ordinal"),
            clock.started_at.label("since"),
            clock.due_at,
            case((own, clock.stopped_at), else_=_earlier(clock.stopped_at, clock.until)).label("ended_at"),
            sure(done).label("done"),
            sure(clock.stopped_at <= clock.due_at).label("in_time"),
            sure(expired).label("expired"),
            sure(expired).label("overdue"),
            case((due, _extended(clock)), else_=false()).label("extended"),
            case((done, again.exists()), else_=false()).label("reworked"),
        )
        .join(tables.legs, and_(legs.number == clock.number, legs.leg == clock.leg))
        .where(due)
    )


def _answered_for(stretch: Stretch, pending: CTE) -> Any:
    """Give the finish clocks that matter in a stretch with the leg that answers for each, and its time in charge."""
    limits = _issued(stretch, pending)
    decided = case((and_(limits.issued, limits.stopped_at <= limits.due_at), limits.stopped_at), else_=limits.due_at)
    # Nearly every case has one lead from its beginning to its end, and then there is nothing to look for.
    leg = case((limits.turns == ONE, ONE), else_=in_charge(limits.number, decided))
    charged = select(*limits, leg.label("leg")).cte("charged_with").prefix_with("MATERIALIZED").c
    following, own = tables.clocks.alias("following").c, tables.clocks.alias("own").c
    until = (
        select(func.min(following.started_at))
        .where(*begins_lead(following), following.number == charged.number, following.leg > charged.leg)
        .scalar_subquery()
    )
    began = (
        select(func.min(own.started_at))
        .where(*begins_lead(own), own.number == charged.number, own.leg == charged.leg)
        .scalar_subquery()
    )
    return (
        select(
            *charged,
            case((charged.leg > ONE, began), else_=charged.started_at).label("began"),
            case((charged.turns > ONE, until), else_=literal(None, tables.Instant)).label("until"),
        )
        .cte("answered")
        .prefix_with("MATERIALIZED")
        .c
    )


def _issued(stretch: Stretch, pending: CTE) -> Any:
    """Give the finish clocks that matter: whether a result stopped each, and how many leads the case has had."""
    clock = tables.clocks.alias("clock").c
    verify, asked = tables.clocks.alias("verify").c, tables.clocks.alias("asked").c
    # A result starts the clock of its verification at once; whatever else stops a finish clock does not.
    issued = select(literal(ONE)).where(
        verify.number == clock.number, of_kind(verify, ClockKind.VERIFY), verify.started_at == clock.stopped_at
    )
    turns = select(func.count()).where(*begins_lead(asked), asked.number == clock.number).scalar_subquery()
    return (
        select(
            clock.number,
            clock.round,
            clock.started_at,
            clock.stopped_at,
            clock.due_at,
            issued.exists().label("issued"),
            turns.label("turns"),
        )
        .where(
            clock.number.in_(select(pending.c.number)),
            of_kind(clock, ClockKind.FINISH),
            or_(clock.stopped_at.is_(None), clock.stopped_at >= stretch.start),
            or_(clock.stopped_at < stretch.end, clock.due_at < stretch.end),
        )
        .cte("limits")
        .prefix_with("MATERIALIZED")
        .c
    )


def _extended(clock: Any) -> ColumnElement[bool]:
    """Say whether a finish clock was given more time while the leg that answers for it was in charge."""
    events = tables.events.c
    return (
        select(literal(ONE))
        .where(
            events.number == clock.number,
            events.kind == EventKind.EXTENDED,
            events.occurred_at >= clock.started_at,
            events.occurred_at >= clock.began,
            or_(clock.stopped_at.is_(None), events.occurred_at <= clock.stopped_at),
            or_(clock.until.is_(None), events.occurred_at <= clock.until),
        )
        .exists()
    )


def _coordinating(stretch: Stretch, pending: CTE) -> Select[Any]:
    legs = tables.legs.c
    clock = tables.clocks.alias("arriving").c
    done = and_(legs.found_at >= stretch.start, legs.found_at < stretch.end)
    missing = or_(legs.found_at.is_(None), legs.found_at >= stretch.end)
    expired = _ran_out(clock.due_at, None, legs.ended_at, stretch) & missing
    away = or_(legs.arrived_at.is_(None), legs.arrived_at >= stretch.end)
    return (
        select(
            legs.unit,
            legs.number,
            legs.leg,
            clock.round.label("ordinal"),
            clock.started_at.label("since"),
            clock.due_at,
            func.coalesce(legs.found_at, legs.ended_at, type_=tables.Instant).label("ended_at"),
            sure(done).label("done"),
            sure(clock.stopped_at <= clock.due_at).label("in_time"),
            sure(expired).label("expired"),
            sure(and_(expired, away)).label("overdue"),
            false().label("extended"),
            false().label("reworked"),
        )
        .select_from(tables.legs)
        .join(clock.number.table, and_(clock.number == legs.number, clock.leg == legs.leg))
        .where(
            legs.number.in_(select(pending.c.number)),
            legs.role == LegRole.COORDINATING,
            of_kind(clock, ClockKind.ARRIVE),
            _is_last(clock),
            or_(done, expired),
        )
    )


def _is_last(clock: Any) -> ColumnElement[bool]:
    """Say that a leg was not called again after this clock."""
    later = tables.clocks.alias("again").c
    again = select(literal(ONE)).where(
        later.number == clock.number,
        of_kind(later, ClockKind.ARRIVE),
        later.leg == clock.leg,
        later.round > clock.round,
    )
    return ~again.exists()


def _ran_out(due_at: Any, stopped_at: Any, until: Any, stretch: Stretch) -> ColumnElement[bool]:
    """Say that a limit ran out, and that it was then in the leg's hands at some instant of the stretch."""
    conditions = [due_at < stretch.end]
    for end in (stopped_at, until):
        if end is not None:
            conditions.append(or_(end.is_(None), and_(end > due_at, end > stretch.start)))
    return and_(*conditions)


def _earlier(one: Any, other: Any) -> ColumnElement[Any]:
    return case((or_(other.is_(None), one < other), one), else_=other)
