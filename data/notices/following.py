"""What the notices are made from: events that nobody has been told of yet, and clocks that have left the green."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, case, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cases.case import CaseState
from cases.events import Event, EventKind
from cases.supervision import TELLING, Notice, Told, Watched
from data import tables
from data.engine import reading, writing
from data.store import read_events
from data.views.page import clock_of, dispute_of, read_state

CURSOR = "notices"  # name of the counter that says up to which revision events have been told
BATCH = 200  # events that are told of in one transaction
CHUNK = 500  # keys that are asked for at once; SQLite allows some thousand parameters


@dataclass(frozen=True, slots=True)
class News:
    """Events that somebody is told of, with what must be known to say whom.

    Attributes
    ----------
    seen, upto
        They lie after the revision `seen`; up to `upto` there are no others.
    """

    seen: int
    upto: int
    told: tuple[Told, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has happened."""
        return self.upto == self.seen


def begin(engine: Engine) -> None:
    """Say once for a database from where on events are told: from now on, not from the beginning of its history."""
    counters = tables.counters
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    latest = select(literal(CURSOR), counters.c.value).where(counters.c.name == tables.REVISION)
    begun = dialect.insert(counters).from_select(["name", "value"], latest).on_conflict_do_nothing()
    with reading(engine) as connection:
        # A glance without a lock: all but the first start find it there.
        if connection.execute(select(counters.c.value).where(counters.c.name == CURSOR)).first():
            return
    with writing(engine) as connection:
        connection.execute(begun)


def news(engine: Engine, limit: int = BATCH) -> News:
    """Give the next events that somebody has to be told of, at most `limit` of them."""
    counters, events = tables.counters.c, tables.events.c
    with reading(engine) as connection:
        rows = connection.execute(select(counters.name, counters.value).where(counters.name.in_([CURSOR, "revision"])))
        values = {row.name: row.value for row in rows}
        seen, latest = values[CURSOR], values[tables.REVISION]
        if seen >= latest:
            return News(seen, seen, ())
        wanted = select(tables.events).where(events.revision > seen, events.kind.in_(sorted(TELLING)))
        found = connection.execute(wanted.order_by(events.revision).limit(limit)).all()
        upto = found[-1].revision if len(found) == limit else latest
        states = {number: read_state(connection, number) for number in dict.fromkeys(row.number for row in found)}
        return News(seen, upto, tuple(_told(connection, row, states[row.number]) for row in found))


def tell_news(engine: Engine, told: News, notices: Sequence[Notice], now: datetime, send_at: datetime | None) -> bool:
    """Keep what follows from the news and move on; False when another process has done so already, and nothing is kept.

    Parameters
    ----------
    now, send_at
        Aware: when the notices are made, and when they go out through the webhook (None: not at all).
    """
    counters = tables.counters.c
    move = update(tables.counters).where(counters.name == CURSOR, counters.value == told.seen)
    with writing(engine) as connection:
        if not connection.execute(move.values(value=told.upto)).rowcount:
            return False
        _insert(connection, notices, now, send_at)
        return True


def tell(engine: Engine, notices: Sequence[Notice], now: datetime, send_at: datetime | None) -> int:
    """Keep the notices that are not kept yet, whoever kept the others; give how many were missing."""
    missing = []
    with reading(engine) as connection:
        for start in range(0, len(notices), CHUNK):
            chunk = notices[start : start + CHUNK]
            keys = select(tables.notices.c.key).where(tables.notices.c.key.in_([notice.key for notice in chunk]))
            known = set(connection.execute(keys).scalars())
            missing += [notice for notice in chunk if notice.key not in known]
    if missing:
        with writing(engine) as connection:
            _insert(connection, missing, now, send_at)
    return len(missing)


def clocks_out_of_time(engine: Engine, at: datetime) -> tuple[Watched, ...]:
    """Give the clocks of pending cases, and of open disputes, that have no more than a fifth of their time left.

    Two queries, whose cost follows the pending cases and the open disputes.
    """
    with reading(engine) as connection:
        return (*_of_cases(connection, at), *_of_disputes(connection, at))


def _of_cases(connection: Connection, at: datetime) -> Iterable[Watched]:
    cases, clocks, legs = tables.cases.c, tables.clocks.c, tables.legs.c
    of_case = clocks.leg.is_(None)
    columns: list[Any] = [
        *(column for column in clocks if column.name != "department"),
        *_where_it_stands(),
        case((of_case, cases.lead), else_=legs.department).label("department"),
        case((of_case, cases.lead_unit), else_=legs.unit).label("acting"),
    ]
    late: Select[Any] = (
        select(*columns)
        .select_from(
            tables.cases.join(tables.clocks, clocks.number == cases.number).outerjoin(
                tables.legs, (legs.number == clocks.number) & (legs.leg == clocks.leg)
            )
        )
        .where(cases.pending.is_(True), cases.amber_at <= at, clocks.stopped_at.is_(None), clocks.amber_at <= at)
    )
    return [
        Watched(row.number, row.township, row.source, row.department or "", row.acting, clock_of(row))
        for row in connection.execute(late)
    ]


def _of_disputes(connection: Connection, at: datetime) -> Iterable[Watched]:
    cases, disputes, legs = tables.cases.c, tables.disputes.c, tables.legs.c
    open_ones = (
        select(
            tables.disputes,
            *_where_it_stands(),
            func.coalesce(legs.department, cases.lead).label("department"),
            legs.unit.label("acting"),
        )
        .select_from(
            tables.disputes.join(tables.cases, cases.number == disputes.number).outerjoin(
                tables.legs, (legs.number == disputes.number) & (legs.leg == disputes.leg)
            )
        )
        .where(disputes.settled_at.is_(None), disputes.amber_at <= at)
    )
    return [
        Watched(row.number, row.township, row.source, row.department or "", row.acting, dispute_of(row).clock)
        for row in connection.execute(open_ones)
    ]


def _where_it_stands() -> tuple[Any, Any]:
    return tables.cases.c.township.label("township"), tables.cases.c.source.label("source")


def _told(connection: Connection, row: Row[Any], state: CaseState) -> Told:
    kind = EventKind(row.kind)
    event = Event(kind, row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)
    # Only a reply asks who asked, and only a result who else waits for it.
    history = read_events(connection, row.number) if kind is EventKind.REPLIED else ()
    merged = _merged_into(connection, row.number) if kind is EventKind.FINISHED else ()
    return Told(event, state, history, merged)


def _merged_into(connection: Connection, number: str) -> tuple[tuple[str, str], ...]:
    """Give (number, source) of the cases that were merged into this one, or into one of them."""
    cases = tables.cases.c
    chain = select(cases.number, cases.source).where(cases.merged_into == number).cte("chain", recursive=True)
    chain = chain.union(select(cases.number, cases.source).where(cases.merged_into == chain.c.number))
    rows = connection.execute(select(chain.c.number, chain.c.source).order_by(chain.c.number))
    return tuple((row.number, row.source) for row in rows)


def _insert(connection: Connection, notices: Sequence[Notice], now: datetime, send_at: datetime | None) -> None:
    rows = [
        {
            "key": notice.key,
            "recipient": notice.recipient,
            "kind": notice.kind.value,
            "number": notice.number,
            "leg": notice.leg,
            "level": int(notice.level),
            "data": {**notice.data, "at": notice.at.isoformat()},
            "made_at": now,
            "attempts": 0,
            "next_at": send_at,
        }
        # In one order everywhere, so that two processes wait for each other and never in a circle.
        for notice in sorted(notices, key=lambda one: one.key)
    ]
    if not rows:
        return
    dialect = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(dialect(tables.notices).on_conflict_do_nothing(index_elements=["key"]), rows)
