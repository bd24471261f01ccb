"""The open cases and what changes: what a worker needs to keep its board, what a ticker and a township page show.

A follower reads `open_board` once and then `cases_changed_since` with the largest revision that it has seen. It misses
nothing, since revisions become visible in their own order, and what it sees twice is the same row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, select

from cases.clock import Level
from data import tables
from data.engine import reading, reading_alike


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as lists and boards show it: no personal data, nothing to join.

    Attributes
    ----------
    lon, lat
        CGCS2000/WGS84 degrees; None for a case without a readable point.
    areas
        Codes by name of the region's other layers.
    lead, lead_unit
        Department in charge, and its stationed unit.
    amber_at, due_at
        Earliest over the running clocks, each for itself; None when no clock runs.
    due_kind, due_department
        The clock that is due first and whose it is.
    provisional
        Whether a running clock falls due in a year whose working days are not yet published.
    revision
        The last event that concerns the case.
    """

    number: str
    source: str
    source_id: str
    matter: str
    platform: str
    domain: str
    status: str
    pending: bool
    occurred_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    cell: str | None
    village: str | None
    township: str | None
    areas: Mapping[str, str]
    flags: tuple[str, ...]
    lead: str | None
    lead_unit: str | None
    amber_at: datetime | None
    due_at: datetime | None
    due_kind: str | None
    due_department: str | None
    provisional: bool
    merged_into: str | None
    revision: int

    def level(self, at: datetime) -> Level:
        """Say how the case stands at an instant not before its last event: the worst of its running clocks.

        The limits are those of `cases.clock.level`: amber from `amber_at` on, red after `due_at`.
        """
        if not self.pending:
            return Level.NONE
        if self.due_at is not None and at > self.due_at:
            return Level.RED
        return Level.AMBER if self.amber_at is not None and at >= self.amber_at else Level.GREEN


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as a ticker shows it: what happened to which case and where, without its data, which may be personal.

    Attributes
    ----------
    department
        The leg's, or the lead's for an event of the case as a whole.
    status, cell, village, township, lon, lat
        Those of the case as it stands now.
    """

    revision: int
    number: str
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    leg: int | None
    department: str | None
    matter: str
    platform: str
    domain: str
    status: str
    cell: str | None
    village: str | None
    township: str | None
    lon: float | None
    lat: float | None


CASE_COLUMNS = tuple(tables.cases.c[field.name] for field in fields(CaseRow))


def case_rows(rows: Iterable[Row[Any]]) -> tuple[CaseRow, ...]:
    """Make `CaseRow` of the rows of a select of `CASE_COLUMNS`."""
    flags = [column.name for column in CASE_COLUMNS].index("flags")
    found = []
    for row in rows:
        values: list[Any] = list(row)
        values[flags] = tuple(values[flags])
        found.append(CaseRow(*values))
    return tuple(found)


def latest_revision(engine: Engine) -> int:
    """Give the revision of the last committed event; 0 in an empty database."""
    with reading(engine) as connection:
        return _latest_revision(connection)


def open_cases(engine: Engine) -> tuple[CaseRow, ...]:
    """Give every pending case; the cost follows their number, not the history."""
    with reading(engine) as connection:
        return _open_cases(connection)


def open_board(engine: Engine) -> tuple[int, tuple[CaseRow, ...]]:
    """Give the latest revision and the pending cases of the same moment: where a follower begins."""
    with reading(engine) as connection:
        return _latest_revision(connection), _open_cases(connection)


def cases_changed_since(engine: Engine, revision: int, limit: int = 1000) -> tuple[CaseRow, ...]:
    """Give the cases with an event after `revision`, each once as it stands now, in the order of their last event.

    When `limit` rows come back there may be more: ask again from the last row's revision. Cases that are no longer
    pending come too, with ``pending`` false.
    """
    cases = tables.cases.c
    changed = select(*CASE_COLUMNS).where(cases.revision > revision).order_by(cases.revision).limit(limit)
    with reading(engine) as connection:
        return case_rows(connection.execute(changed))


def pending_in_township(engine: Engine, code: str) -> tuple[CaseRow, ...]:
    """Give the pending cases of a township, the next due first, those without a running clock last."""
    cases = tables.cases.c
    pending = select(*CASE_COLUMNS).where(cases.pending.is_(True), cases.township == code)
    with reading(engine) as connection:
        return case_rows(connection.execute(pending.order_by(cases.due_at.nulls_last(), cases.number)))


def latest_events(engine: Engine, limit: int = 50, since: int = 0) -> tuple[EventRow, ...]:
    """Give the last events, at most `limit` and only those after revision `since`, newest first."""
    events = tables.events.c
    newest = _events().where(events.revision > since).order_by(events.revision.desc()).limit(limit)
    with reading_alike(engine) as connection:
        return tuple(EventRow(*row) for row in connection.execute(newest))


def events_since(engine: Engine, revision: int, limit: int = 1000) -> tuple[EventRow, ...]:
    """Give the events after `revision` in commit order; when `limit` come back, ask again from the last one."""
    events = tables.events.c
    following = _events().where(events.revision > revision).order_by(events.revision).limit(limit)
    with reading_alike(engine) as connection:
        return tuple(EventRow(*row) for row in connection.execute(following))


def _latest_revision(connection: Connection) -> int:
    counters = tables.counters.c
    value: int = connection.execute(select(counters.value).where(counters.name == tables.REVISION)).scalar_one()
    return value


def _open_cases(connection: Connection) -> tuple[CaseRow, ...]:
    return case_rows(connection.execute(select(*CASE_COLUMNS).where(tables.cases.c.pending.is_(True))))


def _events() -> Select[Any]:
    events, cases, legs = tables.events, tables.cases, tables.legs
    columns = [
        func.coalesce(legs.c.department, cases.c.lead)
        if field.name == "department"
        else (events if field.name in events.c else cases).c[field.name]
        for field in fields(EventRow)
    ]
    concerned = and_(legs.c.number == events.c.number, legs.c.leg == events.c.leg)
    return select(*columns).select_from(
        events.join(cases, cases.c.number == events.c.number).outerjoin(legs, concerned)
    )
