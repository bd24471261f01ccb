"""The measure: of the subjects visited in a quarter, how many were visited more than once.

A visit counts for a department when that department came on site in it within the quarter, by the events. Several
arrivals in one visit are one. 0 of 0 is no rate at all.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from data import tables
from data.engine import reading
from data.views.inspections.quarters import Quarter
from data.visits import Came, read_came_between


@dataclass(frozen=True, slots=True)
class Count:
    """The subjects that one department, or anybody, visited in a quarter.

    Attributes
    ----------
    visited
        Codes of the subjects visited: the denominator.
    more
        Of these, visited more than once: the numerator.
    approved
        Of these, the ones of which every visit after the first in the quarter has a reason and an approver.
    """

    visited: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()

    @property
    def rate(self) -> float | None:
        """Share visited more than once; None when nobody was visited."""
        return len(self.more) / len(self.visited) if self.visited else None


@dataclass(frozen=True, slots=True)
class Measure:
    """A quarter in all and by department, and the quarters before it, the last one first."""

    quarter: Quarter
    all: Count
    departments: Mapping[str, Count]
    before: tuple[tuple[Quarter, Count], ...]


def measure(engine: Engine, quarter: Quarter, before: int = 0) -> Measure:
    """Count a quarter.

    Parameters
    ----------
    before
        How many earlier quarters to count beside it, in all.
    """
    first = quarter.after(-before)
    visits = tables.visits.c
    with reading(engine) as connection:
        arrivals = read_came_between(connection, first.start, quarter.end)
        named = connection.execute(select(visits.visit).where(visits.reason.is_not(None))).scalars()
        approved = frozenset(named)
    # Compared in one zone: instants of different zones compare ten times as slowly.
    begins = [quarter.after(count - before).start.astimezone(UTC) for count in range(before + 1)]
    parts: list[list[Came]] = [[] for _ in begins]
    for one in arrivals:
        parts[bisect_right(begins, one.at) - 1].append(one)
    by_department: dict[str, list[Came]] = defaultdict(list)
    for one in parts[-1]:
        by_department[one.department].append(one)
    earlier = [(quarter.after(-count), parts[-1 - count]) for count in range(1, before + 1)]
    return Measure(
        quarter=quarter,
        all=counted(parts[-1], approved),
        departments={code: counted(part, approved) for code, part in sorted(by_department.items())},
        before=tuple((one, counted(part, approved)) for one, part in earlier),
    )


def counted(arrivals: Iterable[Came], approved: frozenset[str]) -> Count:
    """Count the subjects of some arrivals by their distinct visits."""
    came: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in arrivals:
        visits = came[one.subject]
        visits[one.visit] = min(one.at, visits.get(one.visit, one.at))
    more = {subject: visits for subject, visits in came.items() if len(visits) > 1}
    return Count(
        visited=frozenset(came),
        more=frozenset(more),
        approved=frozenset(
            subject for subject, visits in more.items() if set(sorted(visits, key=visits.__getitem__)[1:]) <= approved
        ),
    )
