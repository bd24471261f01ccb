"""One case whole: its state as the projections have it, and everything that happened to it; several without that."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from cases.case import CaseState, Dispute, Leg, LegRole, LegStatus, Span, Status, Stay, View
from cases.clock import Budget, BudgetUnit, Clock, ClockKind, Due, Pause
from cases.errors import NoSuchCase
from cases.events import Event
from data import tables
from data.engine import reading
from data.store import read_events


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case and its history, of the same moment.

    Attributes
    ----------
    state
        As stored; equal to the fold of `events`.
    events
        In commit order.
    merged_here
        Numbers of the cases that were merged into this one.
    """

    state: CaseState
    events: tuple[Event, ...]
    merged_here: tuple[str, ...]


def case_page(engine: Engine, number: str) -> CasePage:
    """Give everything about one case; raises NoSuchCase."""
    cases = tables.cases.c
    with reading(engine) as connection:
        state = read_state(connection, number)
        merged = connection.execute(
            select(cases.number).where(cases.merged_into == number).order_by(cases.number)
        ).scalars()
        return CasePage(state, read_events(connection, number), tuple(merged))


def case_states(engine: Engine, numbers: Collection[str]) -> dict[str, CaseState]:
    """Give the states of some cases by number, in six queries however many they are; unknown numbers are left out."""
    if not numbers:
        return {}
    with reading(engine) as connection:
        return read_states(connection, numbers)


def read_state(connection: Connection, number: str) -> CaseState:
    """Put the state of a case together again from its projections; raises NoSuchCase."""
    found = read_states(connection, (number,))
    if not found:
        raise NoSuchCase(f"There is no case {number!r}. Case numbers look like CX20261001-00001.")
    return found[number]


def read_states(connection: Connection, numbers: Collection[str]) -> dict[str, CaseState]:
    """Put the states of some cases together again from their projections."""
    rows = connection.execute(select(tables.cases).where(tables.cases.c.number.in_(numbers)))
    parts = {name: _parts(connection, name, numbers) for name in ("disputes", "legs", "clocks", "stays", "spans")}
    return {row.number: _state(row, {name: found.get(row.number, []) for name, found in parts.items()}) for row in rows}


def _state(row: Row[Any], parts: Mapping[str, list[Row[Any]]]) -> CaseState:
    values: dict[str, Any] = {
        field.name: getattr(row, field.name) for field in fields(CaseState) if field.name in tables.cases.c
    }
    values |= {
        "status": Status(row.status),
        "flags": tuple(row.flags),
        "notes": tuple(row.notes),
        "checks": {department: tuple(items) for department, items in row.checks.items()},
        "disputes": tuple(dispute_of(part) for part in parts["disputes"]),
        "legs": tuple(_leg(part) for part in parts["legs"]),
        "clocks": tuple(clock_of(part) for part in parts["clocks"]),
        "stays": tuple(_stay(part) for part in parts["stays"]),
        "spans": tuple(Span(part.opened_at, part.closed_at) for part in parts["spans"]),
    }
    return CaseState(**values)


def _parts(connection: Connection, name: str, numbers: Collection[str]) -> dict[str, list[Row[Any]]]:
    table = tables.metadata.tables[name]
    position = table.c.leg if name == "legs" else table.c.ordinal
    found = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.number.in_(numbers)).order_by(position)):
        found[row.number].append(row)
    return found


def _leg(row: Row[Any]) -> Leg:
    values = row._asdict()
    values |= {"number": values.pop("leg"), "role": LegRole(row.role), "status": LegStatus(row.status)}
    values["arrangements"] = tuple(row.arrangements)
    return Leg(**values)


def _stay(row: Row[Any]) -> Stay:
    return Stay(row.cell, row.village, row.township, row.areas, row.boundaries, row.since, row.until)


def clock_of(row: Row[Any]) -> Clock:
    """Make a clock of a row that has the columns of table `clocks`."""
    return Clock(
        kind=ClockKind(row.kind),
        leg=row.leg,
        round=row.round,
        started_at=row.started_at,
        budget=Budget(row.budget, BudgetUnit(row.unit)),
        pauses=tuple(Pause(datetime.fromisoformat(start), _instant(end)) for start, end in row.pauses),
        stopped_at=row.stopped_at,
        due=None if row.due_at is None else Due(row.amber_at, row.due_at, row.provisional),
    )


def dispute_of(row: Row[Any]) -> Dispute:
    """Make a dispute of a row that has the columns of table `disputes`."""
    due = None if row.due_at is None else Due(row.amber_at, row.due_at, row.provisional)
    budget = Budget(row.budget, BudgetUnit(row.unit))
    limit = Clock(ClockKind.ADJUDICATE, row.leg, 1, row.opened_at, budget, stopped_at=row.settled_at, due=due)
    views = tuple(View(view["by"], datetime.fromisoformat(view["at"]), view["text"]) for view in row.views)
    end = row.settled_at, row.decided, row.decision, row.ruling
    return Dispute(row.leg, row.opened_at, row.opened_by, row.clause, limit, row.wanted, views, *end)


def _instant(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
