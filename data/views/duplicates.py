"""What may be one and the same: cases of one matter, near in place and in time, that nobody has told apart yet.

The database finds those of the matter within the time, by the index of both; a box of degrees sorts out most of the
rest, and what is left is measured in the region's metric CRS, all at once.

Suggested are cases that are open, and closed ones that ended within the time of the case that they are suggested to.
Never suggested: a case to itself, a case that was merged, a case without a place, and two of which somebody has said
that they are not the same.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select

from cases.case import Status
from cases.duplicates import NOT_DUPLICATE, Candidate, DuplicateLimits, Limits, likeness, ranked, reporter_of, score
from cases.errors import NoSuchCase
from cases.events import EventKind
from data import tables
from data.engine import reading
from data.views.board import CASE_COLUMNS, CaseRow, case_rows
from data.views.reports import CaseReport, read_reports
from geo.crs import from_wgs84

MOST_SUGGESTIONS = 20
COMPARED = 50
"""Of how many candidates the texts are compared; more are told apart by place and time alone."""

AT_ONCE = 500
"""How many numbers, or spans of time, one statement names."""

MEASURED_AT_ONCE = 200
"""For how many cases the neighbours are looked up together: bounds the memory when thousands lie in one place."""

METRES_A_DEGREE = 110_500.0
"""The shortest degree of latitude is 110,574 m long."""

SLACK = 1.05
"""By how much the box is wider than needed: no projection in use for lengths shortens them by so much."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that may be the same, with what a person needs to judge.

    Attributes
    ----------
    case, description, reports
        The case, what was reported, and every report of it.
    likely
        How near it is, and why it is suggested.
    """

    case: CaseRow
    description: str
    reports: tuple[CaseReport, ...]
    likely: Candidate


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may be the same as one case: the likeliest first; `total` may be more than are given."""

    limits: Limits
    total: int
    found: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An open case and the likeliest of what may be the same.

    Attributes
    ----------
    suggestions
        How many there are for this case.
    """

    case: CaseRow
    other: CaseRow
    likely: Candidate
    suggestions: int


@dataclass(frozen=True, slots=True)
class WorkList:
    """What is to be judged: `total` cases with suggestions, the likeliest of them as rows."""

    total: int
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """As much of a case as it takes to say what it is near to."""

    number: str
    matter: str
    occurred_at: datetime
    received_at: datetime
    lon: float
    lat: float
    pending: bool
    township: str | None
    closed_at: datetime | None


def suggestions(engine: Engine, number: str, limits: DuplicateLimits, metric_crs: str) -> Suggestions:
    """Give what may be the same as a case.

    Parameters
    ----------
    metric_crs
        The region's CRS for lengths.

    Raises
    ------
    NoSuchCase
    """
    cases = tables.cases.c
    with reading(engine) as connection:
        row = connection.execute(select(*_COLUMNS, cases.status).where(cases.number == number)).one_or_none()
        if row is None:
            raise NoSuchCase(f"There is no case {number!r}. Case numbers look like CX20261001-00001.")
        own, near = limits.of(row.matter), []
        if own.is_on and row.lon is not None and row.status != Status.MERGED:
            spot = _Spot(*row[:-1])
            box = _box(spot.lon, spot.lat, own.metres)
            others = _spots(connection, [and_(_within(spot.matter, spot.occurred_at, spot.occurred_at, own), box)])
            near = _near([spot], others, own, metric_crs)
            near = _not_dismissed(connection, near)
        likely = sorted((found for _, _, found in near), key=lambda one: (-one.score, one.number))
        details = _details(connection, number, likely[:COMPARED])
    return Suggestions(own, len(likely), details[:MOST_SUGGESTIONS])


def open_suggestions(
    engine: Engine,
    limits: DuplicateLimits,
    metric_crs: str,
    township: Collection[str] = (),
    limit: int = 200,
) -> WorkList:
    """Give the open cases for which something may be the same, the likeliest first.

    Two open cases are listed once, under the one that was received later: the earlier one usually stays.

    Parameters
    ----------
    township
        Codes; only what lies in one of them, with either case. Empty: everywhere.
    """
    with reading(engine) as connection:
        listed: dict[str, list[tuple[_Spot, Candidate]]] = {}
        for spot, other, found in _not_dismissed(connection, _all_near(connection, limits, metric_crs)):
            here = not township or spot.township in township or other.township in township
            if here and not (other.pending and (spot.received_at, spot.number) < (other.received_at, other.number)):
                listed.setdefault(spot.number, []).append((other, found))
        best = {number: min(found, key=lambda one: _order(one[1])) for number, found in listed.items()}
        numbers = sorted(best, key=lambda number: (_order(best[number][1]), number))[:limit]
        shown = {*numbers, *(best[number][1].number for number in numbers)}
        rows = {row.number: row for row in _rows(connection, shown)}
    pairs = [
        Pair(rows[number], rows[best[number][1].number], best[number][1], len(listed[number])) for number in numbers
    ]
    return WorkList(len(best), tuple(pairs))


def _order(one: Candidate) -> tuple[int, str]:
    return -one.score, one.number


_SPANS, _CASES = tables.spans.c, tables.cases.c
_CLOSED_AT = select(func.max(_SPANS.closed_at)).where(_SPANS.number == _CASES.number).scalar_subquery()
_COLUMNS = (
    _CASES.number,
    _CASES.matter,
    _CASES.occurred_at,
    _CASES.received_at,
    _CASES.lon,
    _CASES.lat,
    _CASES.pending,
    _CASES.township,
    _CLOSED_AT,
)


def _spots(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> list[_Spot]:
    """Read the cases with a place that were not merged and meet one of these conditions."""
    stands = (_CASES.lon.is_not(None), _CASES.status != Status.MERGED)
    query = select(*_COLUMNS).where(or_(*wanted), *stands)
    return [_Spot(*row) for row in connection.execute(query)]


def _within(matter: str, first: datetime, last: datetime, limits: Limits) -> ColumnElement[bool]:
    """Say in SQL which cases of a matter occurred near enough in time to any instant of a span."""
    window = limits.window
    return and_(_CASES.matter == matter, _CASES.occurred_at >= first - window, _CASES.occurred_at <= last + window)


def _box(lon: float, lat: float, metres: float) -> ColumnElement[bool]:
    """Say in SQL which cases lie in a box of degrees that holds everything within so many metres."""
    high = metres * SLACK / METRES_A_DEGREE
    wide = high / max(cos(radians(min(abs(lat) + high, 89.0))), 0.01)
    return and_(_CASES.lat.between(lat - high, lat + high), _CASES.lon.between(lon - wide, lon + wide))


def _all_near(connection: Connection, limits: DuplicateLimits, metric_crs: str) -> list[tuple[_Spot, _Spot, Candidate]]:
    """Find what is near to each open case."""
    by_matter: dict[str, list[_Spot]] = {}
    for spot in _spots(connection, [_CASES.pending.is_(True)]):
        if limits.of(spot.matter).is_on:
            by_matter.setdefault(spot.matter, []).append(spot)
    spans = [
        _within(matter, first, last, limits.of(matter))
        for matter, ours in by_matter.items()
        for first, last in _joined(sorted(spot.occurred_at for spot in ours), limits.of(matter).window)
    ]
    theirs: dict[str, list[_Spot]] = {}
    for begin in range(0, len(spans), AT_ONCE):
        for spot in _spots(connection, spans[begin : begin + AT_ONCE]):
            theirs.setdefault(spot.matter, []).append(spot)
    return [
        pair
        for matter, ours in by_matter.items()
        for pair in _near(ours, theirs[matter], limits.of(matter), metric_crs)
    ]


def _joined(instants: Sequence[datetime], window: timedelta) -> Iterable[tuple[datetime, datetime]]:
    """Join instants in order into spans whose surroundings do not overlap, so that no case is read twice."""
    first = last = instants[0]
    for instant in instants[1:]:
        if instant - last > 2 * window:
            yield first, last
            first = instant
        last = instant
    yield first, last


def _near(
    ours: Sequence[_Spot], theirs: Sequence[_Spot], limits: Limits, metric_crs: str
) -> list[tuple[_Spot, _Spot, Candidate]]:
    """Pair each of ours with those of theirs that the limits hold, leaving out itself."""
    if not theirs:
        return []
    tree = shapely.STRtree(_points(theirs, metric_crs))
    found = []
    for begin in range(0, len(ours), MEASURED_AT_ONCE):
        some = ours[begin : begin + MEASURED_AT_ONCE]
        points = _points(some, metric_crs)
        a, b = tree.query(points, predicate="dwithin", distance=limits.metres * (1 + 1e-9))
        metres = shapely.distance(points[a], tree.geometries[b])
        for i, j, distance_m in zip(a.tolist(), b.tolist(), metres.tolist(), strict=True):
            one, other = some[i], theirs[j]
            if one.number != other.number and _holds(one, other, distance_m, limits):
                apart = other.occurred_at - one.occurred_at
                likely = Candidate(other.number, distance_m, apart, score(distance_m, apart, limits))
                found.append((one, other, likely))
    return found


def _holds(one: _Spot, other: _Spot, distance_m: float, limits: Limits) -> bool:
    ended = one.occurred_at if other.pending or other.closed_at is None else other.closed_at
    near_in_time = abs(ended - one.occurred_at) <= limits.window
    return near_in_time and limits.hold(distance_m, other.occurred_at - one.occurred_at)


def _points(spots: Sequence[_Spot], metric_crs: str) -> NDArray[Any]:
    x, y = from_wgs84([spot.lon for spot in spots], [spot.lat for spot in spots], metric_crs)
    return np.asarray(shapely.points(np.stack([x, y], axis=1)))


def _not_dismissed(
    connection: Connection, near: list[tuple[_Spot, _Spot, Candidate]]
) -> list[tuple[_Spot, _Spot, Candidate]]:
    """Leave out the pairs of which somebody has said, on either of the two, that they are not the same."""
    numbers = sorted({spot.number for pair in near for spot in pair[:2]})
    events = tables.events.c
    other = events.data[NOT_DUPLICATE].as_string()
    told: set[frozenset[str]] = set()
    for begin in range(0, len(numbers), AT_ONCE):
        query = select(events.number, other).where(
            events.number.in_(numbers[begin : begin + AT_ONCE]),
            events.kind == EventKind.COMMENTED,
            other.is_not(None),
        )
        told |= {frozenset(row) for row in connection.execute(query)}
    return [pair for pair in near if frozenset((pair[0].number, pair[1].number)) not in told]


def _rows(connection: Connection, numbers: Collection[str]) -> tuple[CaseRow, ...]:
    return case_rows(connection.execute(select(*CASE_COLUMNS).where(_CASES.number.in_(numbers))))


def _details(connection: Connection, number: str, likely: Sequence[Candidate]) -> tuple[Suggestion, ...]:
    """Complete candidates with what tells equal ones apart, and put them in their order."""
    if not likely:
        return ()
    numbers = [number, *(one.number for one in likely)]
    rows = {row.number: row for row in _rows(connection, numbers)}
    told = {
        row.number: row.report
        for row in connection.execute(select(_CASES.number, _CASES.report).where(_CASES.number.in_(numbers)))
    }
    texts = {one: str(report.get("description") or "") for one, report in told.items()}
    reporters = {one: reporter_of(report) for one, report in told.items()}
    complete = [
        Candidate(
            one.number,
            one.distance_m,
            one.apart,
            one.score,
            same_reporter=bool(reporters[number]) and reporters[one.number] == reporters[number],
            same_source=rows[one.number].source == rows[number].source,
            likeness=likeness(texts[number], texts[one.number]),
        )
        for one in likely
    ]
    reports = read_reports(connection, numbers)
    return tuple(Suggestion(rows[one.number], texts[one.number], reports[one.number], one) for one in ranked(complete))
