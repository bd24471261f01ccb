"""Who has to be given which result: the reporter of a case, and those of all cases that were merged into it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, or_, select

from cases.case import Status
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.views.reports import read_reports
from data.views.search import BadQuery

ISSUED = (Status.FINISHED, Status.VERIFIED, Status.CLOSED)
"""The statuses in which the last result of a case stands; one that is in work again gets another one."""

MOST_ROWS = 500

_FINAL = tables.cases.alias("final")
_RISING = (
    select(tables.cases.c.number, tables.cases.c.merged_into.label("stays"))
    .where(tables.cases.c.merged_into.is_not(None))
    .cte("rising", recursive=True)
)
_RISING = _RISING.union(
    select(_RISING.c.number, tables.cases.c.merged_into)
    .select_from(_RISING.join(tables.cases, tables.cases.c.number == _RISING.c.stays))
    .where(tables.cases.c.merged_into.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reporter, and the result that is due to it.

    Attributes
    ----------
    number, source, source_id
        The reporter's own case, and its own number for it.
    result_of
        The case whose result answers it: its own, or the one that it was merged into, along the whole chain.
    round, issued_at
        The last result of that case; 0 and None while there is none, or it is in work again.
    answered_at
        When the reporter was given that result; None until then, whatever it was given before.
    """

    number: str
    source: str
    source_id: str
    result_of: str
    round: int
    issued_at: datetime | None
    answered_at: datetime | None


def answers_of(engine: Engine, number: str) -> tuple[Answer, ...]:
    """Give everybody who must be answered with the results of a case, its own reporter first.

    For a case that was merged into another one: those who wait for the result of that one, this case's among them.
    """
    with reading(engine) as connection:
        stays = _stays(connection, number)
        reports = read_reports(connection, [stays]).get(stays, ())
        rows = connection.execute(_answers().where(tables.cases.c.number.in_([one.number for one in reports])))
        found = {row.number: _answer(row) for row in rows}
    return tuple(found[one.number] for one in reports if one.number in found)


def list_answers(
    engine: Engine,
    *,
    source: tuple[str, ...] = (),
    unanswered: bool = False,
    cursor: str | None = None,
    limit: int = 100,
) -> tuple[tuple[Answer, ...], str | None]:
    """Give results with the reporters to whom they are due, the last reported first, and the cursor of the next page.

    Parameters
    ----------
    source
        Only reporters of these.
    unanswered
        Only those that were not given the last result.

    Raises
    ------
    BadQuery
        For a limit or a cursor that cannot be.
    """
    cases = tables.cases.c
    if not 1 <= limit <= MOST_ROWS:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {MOST_ROWS} and follow `next`.")
    query = _answers().order_by(cases.received_at.desc(), cases.number.desc())
    query = query.where(_FINAL.c.status.in_(ISSUED), _issued(_FINAL.c.number).is_not(None))
    if source:
        query = query.where(cases.source.in_(source))
    if unanswered:
        again = and_(cases.merged_into.is_not(None), cases.answered_at < _issued(_FINAL.c.number))
        query = query.where(or_(cases.answered_at.is_(None), again))
    if cursor is not None:
        query = query.where(_after(cursor))
    with reading(engine) as connection:
        rows = connection.execute(query.limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = f"{last.received_at.isoformat()}_{last.number}"
    return tuple(_answer(row) for row in rows[:limit]), following


def _answers() -> Select[Any]:
    """Select every case with the one whose result answers it; its last link is the one that was merged into nothing."""
    cases = tables.cases.c
    columns: list[Any] = [cases.number, cases.source, cases.source_id, cases.received_at, cases.answered_at]
    finished = and_(tables.events.c.number == _FINAL.c.number, tables.events.c.kind == EventKind.FINISHED)
    rounds = select(func.count()).select_from(tables.events).where(finished).correlate(_FINAL).scalar_subquery()
    joined = tables.cases.outerjoin(_RISING, _RISING.c.number == cases.number).join(
        _FINAL, _FINAL.c.number == func.coalesce(_RISING.c.stays, cases.number)
    )
    return (
        select(
            *columns,
            _FINAL.c.number.label("result_of"),
            _FINAL.c.status.label("stands"),
            rounds.label("rounds"),
            _issued(_FINAL.c.number).label("issued_at"),
        )
        .select_from(joined)
        .where(_FINAL.c.merged_into.is_(None))
    )


def _issued(number: ColumnElement[str]) -> Any:
    """Select when the last result of a case was issued."""
    events = tables.events.c
    latest = select(func.max(events.occurred_at)).where(events.number == number, events.kind == EventKind.FINISHED)
    return latest.correlate(_FINAL).scalar_subquery()


def _answer(row: Row[Any]) -> Answer:
    stands = row.stands in ISSUED and row.rounds > 0
    issued_at = row.issued_at if stands else None
    known = row.answered_at if issued_at is not None and row.answered_at and row.answered_at >= issued_at else None
    return Answer(row.number, row.source, row.source_id, row.result_of, row.rounds if stands else 0, issued_at, known)


def _after(cursor: str) -> ColumnElement[bool]:
    cases = tables.cases.c
    written, _, number = cursor.partition("_")
    try:
        received_at = datetime.fromisoformat(written)
    except ValueError:
        received_at = None
    if received_at is None or received_at.tzinfo is None or not number or "\0" in number:
        raise BadQuery(f"{cursor!r:.80} is no cursor of answers. Pass on `next` as it came.")
    return or_(cases.received_at < received_at, and_(cases.received_at == received_at, cases.number < number))


def _stays(connection: Connection, number: str) -> str:
    """Follow the merges from a case to the one that stays; an unknown number stays what it is."""
    cases = tables.cases.c
    seen: list[str] = []
    while number not in seen:
        seen.append(number)
        into = connection.execute(select(cases.merged_into).where(cases.number == number)).scalar_one_or_none()
        if into is None:
            return number
        number = into
    return number
