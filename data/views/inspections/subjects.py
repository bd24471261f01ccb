"""Subjects: found by name, code and township, and each whole with its visits."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, literal, or_, select, tuple_

from cases.case import SubjectKind
from cases.errors import NoSuchSubject
from cases.events import EventKind
from cases.inspection import CaseChecks, CheckItem, merged, open_visit
from data import tables
from data.engine import reading
from data.views.search import MOST_ROWS, BadQuery
from data.visits import IN_WORK, Arrival, read_arrivals, read_visits


@dataclass(frozen=True, slots=True)
class SubjectFilter:
    """Which subjects are meant; empty means all.

    Attributes
    ----------
    text
        What the name or the code contains.
    codes
        Only these; None means any.
    """

    text: str = ""
    township: tuple[str, ...] = ()
    codes: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject in a list.

    Attributes
    ----------
    visits
        How many visits were opened for it.
    latest
        When the last one was planned; when it was named first, if none was.
    last_on_site
        When somebody came on site last, or None.
    open_visit, open_cases
        The visit that is going on and how many cases in work share it; None and 0 when none is.
    """

    code: str
    kind: SubjectKind
    name: str
    township: str | None
    since: datetime
    visits: int
    latest: datetime
    last_on_site: datetime | None
    open_visit: str | None
    open_cases: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """Some of the subjects; `next` is the cursor of the following page, None at the end."""

    rows: tuple[SubjectRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class VisitCase:
    """A case that shares a visit, with what it asks the departments to check."""

    number: str
    matter: str
    status: str
    checks: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class VisitPage:
    """One visit whole.

    Attributes
    ----------
    arrivals
        Who came on site, in the order of time.
    checks
        Department to its items, each once, with the cases that need it.
    """

    visit: str
    ordinal: int
    planned_at: datetime
    is_open: bool
    reason: str | None
    approved_by: str | None
    cases: tuple[VisitCase, ...]
    arrivals: tuple[Arrival, ...]
    checks: Mapping[str, tuple[CheckItem, ...]]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A subject whole, its last visit first.

    Attributes
    ----------
    unplanned
        Arrivals in cases for which no visit was ever planned: their subject became known after the result.
    """

    row: SubjectRow
    visits: tuple[VisitPage, ...]
    unplanned: tuple[Arrival, ...]


ALL = SubjectFilter()


def list_subjects(
    engine: Engine, filters: SubjectFilter = ALL, cursor: str | None = None, limit: int = 100
) -> Subjects:
    """Give one page of subjects, the one whose visit was planned last first.

    Raises
    ------
    BadQuery
        When `limit` is not from 1 to 1000, or the cursor is none.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {MOST_ROWS} and follow the cursor.")
    subjects, visits = tables.subjects.c, tables.visits.c
    planned = (
        select(visits.subject, func.count().label("visits"), func.max(visits.planned_at).label("planned"))
        .group_by(visits.subject)
        .subquery()
    )
    latest = func.coalesce(planned.c.planned, subjects.since, type_=tables.Instant())
    query = (
        select(tables.subjects, func.coalesce(planned.c.visits, 0).label("visits"), latest.label("latest"))
        .outerjoin(planned, planned.c.subject == subjects.code)
        .where(*_conditions(filters), *_behind(cursor, latest))
        .order_by(latest.desc(), subjects.code.desc())
    )
    with reading(engine) as connection:
        found = connection.execute(query.limit(limit + 1)).all()
        rows = _rows(connection, found[:limit])
    last = rows[-1] if len(found) > limit else None
    cursor = f"{(last.latest - tables.EPOCH) // tables.MICROSECOND}~{last.code}" if last else None
    return Subjects(rows, cursor)


def subject_page(engine: Engine, code: str, order: Mapping[str, int]) -> SubjectPage:
    """Give everything about one subject.

    Parameters
    ----------
    order
        Place of each matter in the lists, by its code: what is checked follows it.

    Raises
    ------
    NoSuchSubject
    """
    subjects, visits = tables.subjects.c, tables.visits.c
    with reading(engine) as connection:
        known = connection.execute(select(tables.subjects).where(subjects.code == code)).one_or_none()
        if known is None:
            raise NoSuchSubject(
                f"Nobody has named a subject {code[:60]!r}; search by name or code at /api/v1/subjects?q=."
            )
        rows = connection.execute(select(tables.visits).where(visits.subject == code).order_by(visits.ordinal)).all()
        going_on = open_visit(read_visits(connection, code))
        arrivals = sorted(read_arrivals(connection, [code]), key=lambda one: (one.at, one.number))
        shared = _cases(connection, code, arrivals)
        latest = max((row.planned_at for row in rows), default=known.since)
        (row,) = _rows(connection, [_Listed(**known._asdict(), visits=len(rows), latest=latest)])
    came: dict[str, list[Arrival]] = defaultdict(list)
    for one in arrivals:
        came[one.visit].append(one)
    whole = [
        VisitPage(
            visit=one.visit,
            ordinal=one.ordinal,
            planned_at=one.planned_at,
            is_open=going_on is not None and one.visit == going_on.visit,
            reason=one.reason,
            approved_by=one.approved_by,
            cases=tuple(shared[one.visit]),
            arrivals=tuple(came[one.visit]),
            checks=merged(
                CaseChecks(case.number, order.get(case.matter, len(order)), case.checks) for case in shared[one.visit]
            ),
        )
        for one in reversed(rows)
    ]
    planned = {one.visit for one in rows}
    return SubjectPage(row, tuple(whole), tuple(one for one in arrivals if one.visit not in planned))


@dataclass(frozen=True, slots=True)
class _Listed:
    code: str
    kind: str
    name: str
    township: str | None
    since: datetime
    visits: int
    latest: datetime


def _rows(connection: Connection, found: Collection[Any]) -> tuple[SubjectRow, ...]:
    """Complete subjects with what their cases say now."""
    codes = [one.code for one in found]
    cases, legs, visits = tables.cases.c, tables.legs.c, tables.visits.c
    came = {
        row.subject: row.at
        for row in connection.execute(
            select(cases.subject, func.max(legs.arrived_at, type_=tables.Instant()).label("at"))
            .join(tables.legs, legs.number == cases.number)
            .where(cases.subject.in_(codes))
            .group_by(cases.subject)
        )
    }
    last = (
        select(visits.subject, func.max(visits.ordinal).label("ordinal"))
        .where(visits.subject.in_(codes))
        .group_by(visits.subject)
        .subquery()
    )
    going_on = {
        row.subject: (row.visit, row.cases)
        for row in connection.execute(
            select(visits.subject, visits.visit, func.count().label("cases"))
            .join(last, and_(last.c.subject == visits.subject, last.c.ordinal == visits.ordinal))
            .join(tables.cases, and_(cases.visit == visits.visit, cases.status.in_(IN_WORK)))
            .group_by(visits.subject, visits.visit)
        )
    }
    return tuple(
        SubjectRow(
            one.code,
            SubjectKind(one.kind),
            one.name,
            one.township,
            one.since,
            one.visits,
            one.latest,
            came.get(one.code),
            *going_on.get(one.code, (None, 0)),
        )
        for one in found
    )


def _cases(connection: Connection, code: str, arrivals: Collection[Arrival]) -> dict[str, list[VisitCase]]:
    """Give the cases of each visit: those that belong to it now and those in which somebody came."""
    cases, events = tables.cases.c, tables.events.c
    planned: dict[tuple[str, str], Mapping[str, Any]] = {}
    for number, data in connection.execute(
        select(events.number, events.data)
        .join(tables.cases, cases.number == events.number)
        .where(cases.subject == code, events.kind == EventKind.PLANNED)
        .order_by(events.occurred_at, events.revision)
    ):
        planned[number, data["visit"]] = data.get("checks", {})
    came = {(one.number, one.visit) for one in arrivals}
    found: dict[str, list[VisitCase]] = defaultdict(list)
    for row in connection.execute(select(tables.cases).where(cases.subject == code).order_by(cases.number)):
        for (number, visit), checks in planned.items():
            if number == row.number and (visit == row.visit or (number, visit) in came):
                items = {department: tuple(texts) for department, texts in checks.items()}
                found[visit].append(VisitCase(number, row.matter, row.status, items))
    return found


def _conditions(filters: SubjectFilter) -> list[ColumnElement[bool]]:
    subjects = tables.subjects.c
    found: list[ColumnElement[bool]] = []
    text = " ".join(unicodedata.normalize("NFKC", filters.text).split())
    if text:
        likely = subjects.code.icontains("".join(text.split()), autoescape=True)
        found.append(or_(subjects.name.icontains(text, autoescape=True), likely))
    if filters.township:
        found.append(subjects.township.in_(filters.township))
    if filters.codes is not None:
        found.append(subjects.code.in_(list(filters.codes)))
    return found


def _behind(cursor: str | None, latest: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    if cursor is None:
        return []
    try:
        written, code = cursor.split("~", 1)
        after = tables.EPOCH + timedelta(microseconds=int(written))
    except (ValueError, OverflowError):
        raise BadQuery(f"{cursor!r:.80} is no cursor of a page of subjects. Pass on `next` as it came.") from None
    return [tuple_(latest, tables.subjects.c.code) < tuple_(literal(after, tables.Instant), literal(code))]
