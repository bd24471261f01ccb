"""How often the items of the lists were used: cases by the matter that they were reported as, without merged ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select

from cases.case import Status
from data import tables
from data.engine import reading
from data.views.board import CASE_COLUMNS, CaseRow, case_rows


@dataclass(frozen=True, slots=True)
class MatterUses:
    """The cases of one matter since an instant.

    Attributes
    ----------
    by_township
        Cases by the code of the township where they stand, the most first; None for those that stand in none.
    pending
        How many of all are still pending.
    latest
        The last ones to occur, newest first.
    """

    by_township: Mapping[str | None, int]
    pending: int
    latest: tuple[CaseRow, ...]

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(self.by_township.values())


def matter_uses(engine: Engine, matter: str, since: datetime, limit: int = 20) -> MatterUses:
    """Give the cases of a matter that occurred at `since` (aware) or after; at most `limit` of them as rows."""
    cases = tables.cases.c
    meant = (cases.matter == matter, cases.occurred_at >= since, cases.status != Status.MERGED)
    number, pending = func.count(), func.count().filter(cases.pending.is_(True))
    counted = (
        select(cases.township, number, pending)
        .where(*meant)
        .group_by(cases.township)
        .order_by(number.desc(), cases.township.nulls_last())
    )
    newest = select(*CASE_COLUMNS).where(*meant).order_by(cases.occurred_at.desc(), cases.number.desc()).limit(limit)
    with reading(engine) as connection:
        rows = connection.execute(counted).all()
        latest = case_rows(connection.execute(newest))
    return MatterUses({township: n for township, n, _ in rows}, sum(open_ for *_, open_ in rows), latest)


def uses_by_matter(engine: Engine, matters: Collection[str], since: datetime) -> dict[str, int]:
    """Count the cases of each of these matters that occurred at `since` (aware) or after; leave out those without.

    The matters are named, and not all that there are, so that the cost follows the period and not the history.
    """
    cases = tables.cases.c
    counted = (
        select(cases.matter, func.count())
        .where(cases.matter.in_(matters), cases.occurred_at >= since, cases.status != Status.MERGED)
        .group_by(cases.matter)
    )
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(counted)}
