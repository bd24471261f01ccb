"""The measure: of the subjects visited in a quarter, how many were visited more than once.

A visit counts for a department when that department came on site in it within the quarter, by the events. Several
arrivals in one visit are one. 0 of 0 is no rate at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from data import tables
from data.engine import reading
from data.views.inspections.quarters import Quarter
from data.visits import Arrival, read_arrivals_between


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
        arrivals = read_arrivals_between(connection, first.start, quarter.end)
        named = connection.execute(select(visits.visit).where(visits.reason.is_not(None))).scalars()
        approved = frozenset(named)
    own = [one for one in arrivals if quarter.holds(one.at)]
    by_department: dict[str, list[Arrival]] = defaultdict(list)
    for one in own:
        by_department[one.department].append(one)
    earlier = [quarter.after(-count) for count in range(1, before + 1)]
    return Measure(
        quarter=quarter,
        all=counted(own, approved),
        departments={code: counted(part, approved) for code, part in sorted(by_department.items())},
        before=tuple((one, counted((a for a in arrivals if one.holds(a.at)), approved)) for one in earlier),
    )


def counted(arrivals: Iterable[Arrival], approved: frozenset[str]) -> Count:
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
