"""A database with a history behind it: most cases closed, spread over a year and a month, some open now.

What is stored need not make sense to the trade; it is as much as the planner of a database needs to prefer its indexes.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, update

from cases.case import CaseState, LegStatus, Span, Status
from cases.clock import ClockKind
from cases.events import Event, EventKind
from data import tables
from data.engine import writing
from data.months import keep_months
from data.store.rows import case_row, event_rows, part_rows
from tests.data.samples import MINUTE, a_clock, a_leg, a_state, an_event

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
DAYS = 390
A_DAY = 20
OPEN = 30
HOUR = 60 * MINUTE
DEPARTMENTS = ("zhzf", "sthj", "scjg", "zjj", "slj", "jtj", "yjgl", "zrzy")


def a_life(count: int) -> tuple[CaseState, list[Event]]:
    """The case of that count from the past, and its events: received, accepted, finished, closed."""
    at = NOW - timedelta(days=DAYS) + count * timedelta(days=1) / A_DAY
    is_open = count >= DAYS * A_DAY - OPEN
    township = f"33028200{count % 9}"
    leg = replace(
        a_leg(department=DEPARTMENTS[count % len(DEPARTMENTS)]),
        asked_at=at,
        accepted_at=at + 9 * MINUTE,
        status=LegStatus.ACCEPTED if is_open else LegStatus.DONE,
        ended_at=None if is_open else at + 20 * HOUR,
    )
    respond = replace(a_clock(start=at), stopped_at=at + 9 * MINUTE)
    finish = a_clock(ClockKind.FINISH, 1, at + 9 * MINUTE, 60 * 24 * 5)
    state = a_state(
        f"grown {count}",
        at,
        number=f"CX{at:%Y%m%d}-G{count:06d}",
        status=Status.ACCEPTED if is_open else Status.CLOSED,
        matter=f"YJS-{count % 12 + 1:02d}",
        township=township,
        village=f"{township}00{count % 7}",
        cell=f"{township}00{count % 7}00{count % 11}",
        lon=121.2 + count % 331 / 5000,
        lat=30.1 + count % 317 / 5000,
        legs=(leg,),
        clocks=(respond, finish if is_open else replace(finish, stopped_at=at + 18 * HOUR)),
        spans=(Span(at, None if is_open else at + 20 * HOUR),),
    )
    told = (
        (EventKind.RECEIVED, 0),
        (EventKind.ACCEPTED, 9),
        (EventKind.FINISHED, 18 * 60),
        (EventKind.CLOSED, 20 * 60),
    )
    events = [an_event(kind, at + minutes * MINUTE) for kind, minutes in told[: 2 if is_open else 4]]
    return state, events


def grow(engine: Engine) -> int:
    """Fill an empty database as fast as plain inserts go, let it look at what it has, give the number of cases."""
    rows: dict[Any, list[dict[str, Any]]] = {}
    revision = 0
    for count in range(DAYS * A_DAY):
        state, events = a_life(count)
        revision += len(events)
        state = replace(state, revision=revision)
        rows.setdefault(tables.cases, []).append(case_row(state) | {"body_hash": "hash"})
        for table, parts in part_rows(state):
            rows.setdefault(table, []).extend(parts)
        revised = [replace(one, revision=at) for at, one in enumerate(events, revision - len(events) + 1)]
        rows.setdefault(tables.events, []).extend(event_rows(state.number, revised))
        key = {"number": state.number, "key": "key", "body_hash": "hash", "revision": revision}
        rows.setdefault(tables.event_keys, []).append(key)
    for month in range(DAYS // 28 + 1):
        keep_months(engine, NOW - timedelta(days=28 * month), ahead=0)
    with writing(engine) as connection:
        for table, found in rows.items():
            if found:
                connection.execute(insert(table), found)
        counters = tables.counters
        connection.execute(update(counters).where(counters.c.name == tables.REVISION).values(value=revision))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
    return DAYS * A_DAY
