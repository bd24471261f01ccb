"""Who has to be given which result: the reporter of a case, and those of all cases that were merged into it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, exists, func, or_, select

from cases.case import Status
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.views.reports import read_reports
from data.views.search import BadQuery

ISSUED = (Status.FINISHED, Status.VERIFIED, Status.CLOSED)
"""The statuses in which the last result of a case stands; one that is in work again gets another one."""

MOST_ROWS = 500
CHUNK = 500  # cases that are looked at in one go


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
    cases = tables.cases.c
    with reading(engine) as connection:
        stays = _finals(connection, [number]).get(number, number)
        numbers = [one.number for one in read_reports(connection, [stays]).get(stays, ())]
        rows = connection.execute(select(*_COLUMNS).where(cases.number.in_(numbers))).all()
        results = _results(connection, {stays})
    found = {row.number: _answer(row, results.get(stays), stays) for row in rows}
    return tuple(found[one] for one in numbers)


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
    query = select(*_COLUMNS).where(_may_wait() if unanswered else cases.status.in_([*ISSUED, Status.MERGED]))
    if source:
        query = query.where(cases.source.in_(source))
    query = query.order_by(cases.received_at.desc(), cases.number.desc()).limit(CHUNK)
    after = None if cursor is None else _read(cursor)
    found: list[tuple[Row[Any], Answer]] = []
    with reading(engine) as connection:
        while len(found) <= limit:
            chunk = connection.execute(query if after is None else query.where(_after(*after))).all()
            found += [(row, one) for row, one in _due(connection, chunk) if not (unanswered and one.answered_at)]
            if len(chunk) < CHUNK:
                break
            after = chunk[-1].received_at, chunk[-1].number
    following = None
    if len(found) > limit:
        last = found[limit - 1][0]
        following = f"{last.received_at.isoformat()}_{last.number}"
    return tuple(one for _, one in found[:limit]), following


_COLUMNS: tuple[Any, ...] = tuple(
    tables.cases.c[name]
    for name in ("number", "source", "source_id", "received_at", "answered_at", "status", "merged_into")
)


@dataclass(frozen=True, slots=True)
class _Result:
    """The last result of a case that stays."""

    rounds: int
    issued_at: datetime


def _may_wait() -> ColumnElement[bool]:
    """Leave out who certainly has the last result: what is left is looked at one by one.

    A case's own answer is forgotten when it is finished again, that of a merged one is not: it is older then.
    """
    cases, events, target = tables.cases.c, tables.events.c, tables.cases.alias("target")
    again = exists().where(
        events.number == cases.merged_into,
        events.kind == EventKind.FINISHED,
        events.occurred_at > cases.answered_at,
    )
    further = exists().where(target.c.number == cases.merged_into, target.c.merged_into.is_not(None))
    return or_(
        and_(cases.status.in_([*ISSUED, Status.MERGED]), cases.answered_at.is_(None)),
        and_(cases.status == Status.MERGED, cases.answered_at.is_not(None), or_(again, further)),
    )


def _due(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Answer]]:
    """Give those of the rows to whom a result is due."""
    finals = _finals(connection, [row.number for row in rows if row.merged_into is not None])
    stays = {row.number: finals.get(row.number, row.number) for row in rows}
    results = _results(connection, set(stays.values()))
    for row in rows:
        result = results.get(stays[row.number])
        if result is not None:
            yield row, _answer(row, result, stays[row.number])


def _finals(connection: Connection, numbers: Collection[str]) -> dict[str, str]:
    """Follow the merges from each of these cases to the one that stays; without those that were not merged."""
    if not numbers:
        return {}
    cases = tables.cases.c
    begun = select(cases.number, cases.merged_into.label("into")).where(
        cases.number.in_(numbers), cases.merged_into.is_not(None)
    )
    rising = begun.cte("rising", recursive=True)
    above = select(rising.c.number, cases.merged_into).select_from(
        rising.join(tables.cases, cases.number == rising.c.into)
    )
    # UNION and not UNION ALL: a ring, which cannot be, would still come to an end.
    rising = rising.union(above.where(cases.merged_into.is_not(None)))
    last = select(rising.c.number, rising.c.into).select_from(rising.join(tables.cases, cases.number == rising.c.into))
    return {row[0]: row[1] for row in connection.execute(last.where(cases.merged_into.is_(None)))}


def _results(connection: Connection, numbers: Collection[str]) -> dict[str, _Result]:
    """Give the last result of each of these cases, without those that have none or are in work again."""
    cases, events = tables.cases.c, tables.events.c
    query = (
        select(events.number, func.count(), func.max(events.occurred_at))
        .select_from(tables.events.join(tables.cases, cases.number == events.number))
        .where(events.number.in_(numbers), events.kind == EventKind.FINISHED, cases.status.in_(ISSUED))
        .group_by(events.number)
    )
    return {row[0]: _Result(row[1], row[2]) for row in connection.execute(query)}


def _answer(row: Row[Any], result: _Result | None, stays: str) -> Answer:
    if result is None:
        return Answer(row.number, row.source, row.source_id, stays, 0, None, None)
    known = row.answered_at if row.answered_at is not None and row.answered_at >= result.issued_at else None
    return Answer(row.number, row.source, row.source_id, stays, result.rounds, result.issued_at, known)


def _read(cursor: str) -> tuple[datetime, str]:
    written, _, number = cursor.partition("_")
    try:
        received_at = datetime.fromisoformat(written)
    except ValueError:
        received_at = None
    if received_at is None or received_at.tzinfo is None or not number or "\0" in number:
        raise BadQuery(f"{cursor!r:.80} is no cursor of answers. Pass on `next` as it came.")
    return received_at, number


def _after(received_at: datetime, number: str) -> ColumnElement[bool]:
    cases = tables.cases.c
    return or_(cases.received_at < received_at, and_(cases.received_at == received_at, cases.number < number))
