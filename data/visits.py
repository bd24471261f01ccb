"""The subjects of inspections and the visits that they have had: rows beside the events, and what these add to them.

Where and when somebody came on site stands in the events alone: a leg keeps only its last arrival.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, case, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cases.case import CaseState, LegRole, Status
from cases.clock import ClockKind
from cases.errors import Stale
from cases.events import Event, EventKind
from cases.inspection import Visit
from data import tables

IN_WORK = (Status.RECEIVED, Status.ACCEPTED, Status.ON_SITE)
PARTS = 500
"""How many cases are asked for at once."""

_ROW_KEYS = ("visit", "subject", "ordinal", "number", "planned_at", "reason", "approved_by")
_KINDS = (EventKind.ARRIVED, EventKind.PLANNED, EventKind.TRANSFERRED)


def _naming(insert: Any) -> Any:
    """Insert a subject; one that is known already only learns its township, if it had none."""
    named = insert.values({name: bindparam(name) for name in ("code", "kind", "name", "township", "since")})
    known = tables.subjects.c.township
    return named.on_conflict_do_update(
        index_elements=["code"],
        set_={"township": named.excluded.township},
        where=known.is_(None) & named.excluded.township.is_not(None),
    )


def _opening(insert: Any) -> Any:
    """Insert a visit, and give a row back only if nobody has opened the same one."""
    opened = insert.values({name: bindparam(name) for name in _ROW_KEYS})
    return opened.on_conflict_do_nothing().returning(tables.visits.c.visit)


_NAME = {
    "postgresql": _naming(postgresql.insert(tables.subjects)),
    "sqlite": _naming(sqlite.insert(tables.subjects)),
}
_OPEN = {"postgresql": _opening(postgresql.insert(tables.visits)), "sqlite": _opening(sqlite.insert(tables.visits))}

_MOVE = (
    update(tables.subjects)
    .where(tables.subjects.c.code == bindparam("subject"), tables.subjects.c.township == bindparam("before"))
    .values(township=bindparam("now"))
)

# The other kinds have nothing here that is asked for, and their data may be long.
_PLANNED = case((tables.events.c.kind == EventKind.PLANNED, tables.events.c.data)).label("data")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A department that came on site at a subject.

    Attributes
    ----------
    visit
        The visit that was planned last before it, else the first one of its case; the case's own number when none was
        ever planned, because the subject became known only after the result.
    """

    number: str
    subject: str
    visit: str
    department: str
    unit: str | None
    at: datetime


class Came(NamedTuple):
    """A department that came on site at a subject, as far as counting needs it."""

    subject: str
    department: str
    visit: str
    at: datetime


def write_visits(connection: Connection, state: CaseState, events: Sequence[Event]) -> None:
    """Write the subjects that events name for the first time, and the visits that they open.

    To be called after the revisions are reserved, when every other writer waits.

    Raises
    ------
    Stale
        Another case has opened the visit of this subject and ordinal in the meantime.
    """
    dialect = connection.dialect.name
    for event in events:
        subject = event.data.get("subject")
        if event.kind in (EventKind.RECEIVED, EventKind.IDENTIFIED) and subject:
            named = {name: subject[name] for name in ("code", "kind", "name")}
            connection.execute(_NAME[dialect], named | {"township": state.township, "since": event.occurred_at})
        elif event.kind is EventKind.REATTRIBUTED and state.subject and state.stays:
            # The subject stands where its case does, if that is where it was known to stand.
            where = {"subject": state.subject, "before": state.stays[-1].township, "now": state.township}
            connection.execute(_MOVE, where)
        elif event.kind is EventKind.PLANNED and event.data.get("opens"):
            data = event.data
            row = {name: data.get(name) for name in ("visit", "ordinal", "reason", "approved_by")}
            row |= {"subject": data["subject"]["code"], "number": state.number, "planned_at": event.occurred_at}
            if connection.execute(_OPEN[dialect], row).one_or_none() is None:
                raise Stale(f"{row['subject']} has a visit {row['ordinal']} already. Read its visits again.")


def read_visits(connection: Connection, subject: str) -> list[Visit]:
    """Give the visits of a subject by their ordinal, with who came and which cases are in work."""
    visits, cases = tables.visits.c, tables.cases.c
    rows = connection.execute(select(tables.visits).where(visits.subject == subject).order_by(visits.ordinal)).all()
    working: dict[str, list[str]] = defaultdict(list)
    for number, visit in connection.execute(
        select(cases.number, cases.visit)
        .where(cases.subject == subject, cases.status.in_(IN_WORK), cases.visit.is_not(None))
        .order_by(cases.number)
    ):
        working[visit].append(number)
    came: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in read_arrivals(connection, [subject]):
        came[one.visit][one.department] = max(one.at, came[one.visit].get(one.department, one.at))
    return [
        Visit(
            visit=row.visit,
            subject=subject,
            ordinal=row.ordinal,
            planned_at=row.planned_at,
            last_on_site=max(came[row.visit].values(), default=None),
            is_open=bool(working[row.visit]),
            in_work=tuple(working[row.visit]),
            came=came[row.visit],
        )
        for row in rows
    ]


def read_arrivals(connection: Connection, subjects: Iterable[str]) -> list[Arrival]:
    """Give who came on site at some subjects, whenever it was."""
    return _read(connection, tables.cases.c.subject.in_(list(subjects)))


def read_came_between(connection: Connection, start: datetime, end: datetime) -> list[Came]:
    """Give who came on site at any subject in a period, the end excluded.

    A leg knows its last arrival and the visit in which it was. That is all there is to know, unless the case was
    reopened, or its subject became known or was corrected after somebody had come: only such cases are read event by
    event.
    """
    cases, legs, visits, clocks = tables.cases.c, tables.legs.c, tables.visits.c, tables.clocks.c
    # Only a leg that was done comes again, and when it may, a further finish clock runs.
    again = exists().where(clocks.number == cases.number, clocks.kind == ClockKind.FINISH, clocks.round > 1)
    rows = connection.execute(
        select(
            cases.number,
            cases.subject,
            legs.department,
            legs.visit,
            legs.arrived_at,
            visits.subject.label("visited"),
            again.label("again"),
        )
        .join(tables.legs, legs.number == cases.number)
        .outerjoin(tables.visits, visits.visit == legs.visit)
        .where(
            cases.subject.is_not(None),
            cases.received_at < end,
            legs.arrived_at >= start,
            or_(legs.arrived_at < end, again),
        )
    )
    found, unclear = [], set()
    for number, subject, department, visit, at, visited, reopened in rows.all():
        if reopened or visited != subject:
            unclear.add(number)
        else:
            found.append(Came(subject, department, visit, at))
    numbers = sorted(unclear)
    for first in range(0, len(numbers), PARTS):
        chosen = numbers[first : first + PARTS]
        found += [
            Came(one.subject, one.department, one.visit, one.at)
            for one in _read(connection, tables.cases.c.number.in_(chosen))
            if start <= one.at < end
        ]
    return found


def _read(connection: Connection, chosen: ColumnElement[bool]) -> list[Arrival]:
    """Give the arrivals of the cases that are chosen, in the order of their numbers."""
    cases, events, legs = tables.cases.c, tables.events.c, tables.legs.c
    of_cases = {
        row.number: row.subject for row in connection.execute(select(cases.number, cases.subject).where(chosen))
    }
    parts: dict[str, dict[int, Any]] = defaultdict(dict)
    for part in connection.execute(
        select(legs.number, legs.leg, legs.role, legs.department, legs.unit)
        .join(tables.cases, cases.number == legs.number)
        .where(chosen)
    ):
        parts[part.number][part.leg] = part
    told = connection.execute(
        select(events.number, events.kind, events.leg, events.occurred_at, _PLANNED)
        .join(tables.cases, cases.number == events.number)
        .where(chosen, events.kind.in_(_KINDS))
        .order_by(events.number, events.occurred_at, events.revision)
    )
    histories: dict[str, list[Any]] = defaultdict(list)
    for event in told:
        histories[event.number].append(event)
    return [
        arrival
        for number, history in histories.items()
        for arrival in _arrivals(number, of_cases[number], history, parts[number])
    ]


def _arrivals(number: str, subject: str, history: list[Any], legs: Mapping[int, Any]) -> list[Arrival]:
    """Read the arrivals of one case. A plan for another subject was a mistake that has been corrected since."""
    plans = [one for one in history if one.kind == EventKind.PLANNED and one.data["subject"]["code"] == subject]
    visit, lead, found = (plans[0].data["visit"] if plans else number), 1, []
    leads = iter(sorted(leg for leg, part in legs.items() if part.role == LegRole.LEAD and leg != 1))
    for event in history:
        if event in plans:
            visit = event.data["visit"]
        elif event.kind == EventKind.TRANSFERRED:
            lead = next(leads, lead)
        elif event.kind == EventKind.ARRIVED:
            leg = legs.get(event.leg or lead)
            if leg is not None:
                found.append(Arrival(number, subject, visit, leg.department, leg.unit, event.occurred_at))
    return found
