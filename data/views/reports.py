"""The reports of a case: its own, and those of every case that was merged into it, along the whole chain."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from data import tables
from data.engine import reading


@dataclass(frozen=True, slots=True)
class CaseReport:
    """One report, as it came.

    Attributes
    ----------
    number
        Of the case that it made; the others were merged into the one that is asked about.
    contact
        Personal: mask it before anybody sees it.
    """

    number: str
    source: str
    source_id: str
    occurred_at: datetime
    received_at: datetime
    contact: Mapping[str, Any]


def reports_of(engine: Engine, number: str) -> tuple[CaseReport, ...]:
    """Give the reports of a case, its own first and then by receipt; none for an unknown number."""
    with reading(engine) as connection:
        return read_reports(connection, [number]).get(number, ())


def report_counts(engine: Engine, numbers: Collection[str]) -> dict[str, int]:
    """Say how many reports each of these cases has: 1 for one into which nothing was merged."""
    gathered = _gathered(numbers)
    counted = select(gathered.c.stays, func.count()).group_by(gathered.c.stays)
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(counted)}


def read_reports(connection: Connection, numbers: Collection[str]) -> dict[str, tuple[CaseReport, ...]]:
    """Give the reports of each of these cases, its own first and then by receipt."""
    cases, gathered = tables.cases.c, _gathered(numbers)
    columns = (cases.number, cases.source, cases.source_id, cases.occurred_at, cases.received_at, cases.report)
    query = (
        select(gathered.c.stays, *columns)
        .select_from(gathered.join(tables.cases, cases.number == gathered.c.number))
        .order_by(gathered.c.stays, cases.number != gathered.c.stays, cases.received_at, cases.number)
    )
    found: dict[str, list[CaseReport]] = {}
    for row in connection.execute(query):
        contact = row.report.get("contact")
        known = contact if isinstance(contact, Mapping) else {}
        own = CaseReport(row.number, row.source, row.source_id, row.occurred_at, row.received_at, known)
        found.setdefault(row.stays, []).append(own)
    return {stays: tuple(reports) for stays, reports in found.items()}


def _gathered(numbers: Collection[str]) -> Any:
    """Follow the merges backwards from each case: (the case that is asked about, one of its reports)."""
    cases = tables.cases.c
    own = select(cases.number.label("stays"), cases.number).where(cases.number.in_(numbers))
    gathered = own.cte("gathered", recursive=True)
    # UNION and not UNION ALL: a ring, which cannot be, would still come to an end.
    return gathered.union(select(gathered.c.stays, cases.number).where(cases.merged_into == gathered.c.number))
