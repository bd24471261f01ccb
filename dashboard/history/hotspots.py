"""Where reports gathered in a period, and what became of such places since the periods before it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from libpysal.graph import Graph
from numpy.typing import NDArray

from dashboard.history.grounds import Version, named
from dashboard.history.machine import Machine
from dashboard.history.moment import version_out
from data import views
from data.views import Basis, CaseFilter, Happening
from geo import hotspots
from geo.hotspots import Course, Quadrant, Spot

PERIODS = 5
"""The period itself and four of the same length before it: with fewer, nothing is old."""
MOST_SPOTS = 30
ISLAND = "island"
"""A cell that is high among low neighbours: local Moran's outlier, which Gi* does not show."""
ORDER = (Course.EMERGING, Course.PERSISTENT, Course.FADING, ISLAND)


@dataclass(frozen=True, slots=True)
class Found:
    """Statistics of every cell of a version, in the order of its gids.

    Attributes
    ----------
    counts
        Shape (periods, cells): reports, oldest period first.
    course
        Shape (cells,): values of `Course`, or `ISLAND`.
    """

    counts: NDArray[np.int64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    q: NDArray[np.float64]
    course: NDArray[np.str_]
    graph: Graph


def hot_spots(machine: Machine, end: datetime, days: int, basis: Basis, only: CaseFilter) -> dict[str, Any]:
    """Find the places where the reports of the last `days` days before an instant gathered; kept for some minutes."""
    version = machine.grounds.current if basis is Basis.CURRENT else machine.grounds.on(machine.region.local_day(end))
    key = ("hot", end, days, basis, only, version.since)
    found: dict[str, Any] = machine.recent.get(key, lambda: compute(machine, version, end, days, basis, only))
    return found


def compute(
    machine: Machine, version: Version, end: datetime, days: int, basis: Basis, only: CaseFilter
) -> dict[str, Any]:
    """Read, count, test and name; every report counts where its point lies on the one map of all periods."""
    length = timedelta(days=days)
    start = end - PERIODS * length
    reports = views.reports_between(machine.engine, start, end, only)
    cells = machine.grounds.places(reports, version, Basis.CURRENT).cells
    placed = cells > 0
    period = np.fromiter(((one.received_at - start) // length for one in reports), np.int64, len(reports))
    counts = np.zeros((PERIODS, len(version.ground.cells)), np.int64)
    np.add.at(counts, (period[placed], cells[placed] - 1), 1)
    found = test(counts, graph_of(machine, version))
    now = [(one, int(gid)) for one, gid, when in zip(reports, cells, period, strict=True) if when == PERIODS - 1]
    first = views.first_received(machine.engine)
    return {
        "from": end - length,
        "to": end,
        "days": days,
        "basis": basis,
        "version": version_out(version),
        "n": len(now),
        "placed": int(counts[-1].sum()),
        "alpha": hotspots.ALPHA,
        # Periods before the first report say nothing about what is new.
        "earlier": sum(first is not None and end - (n + 1) * length >= first for n in range(1, PERIODS)),
        "cells": cells_out(found),
        "spots": spots(found, version, now),
    }


def graph_of(machine: Machine, version: Version) -> Graph:
    """Give which cells of a version touch; kept, for it takes seconds."""
    areas = {area.code: area.geometry for area in version.areas[version.geometry.finest]}
    key = ("graph", version.since)
    found: Graph = machine.recent.get(key, lambda: hotspots.neighbours([areas[code] for code in version.ground.cells]))
    return found


def test(counts: NDArray[np.int64], graph: Graph) -> Found:
    """Test every period by Gi*, the last one by local Moran's I, too."""
    each = [hotspots.getis_ord(row, graph) for row in counts]
    last, moran = each[-1], hotspots.local_moran(counts[-1], graph)
    course = hotspots.course([one.spot == Spot.HOT for one in each]).astype(object)
    alone = moran.significant & (moran.quadrant == Quadrant.HIGH_LOW) & (course == Course.NONE)
    course[alone] = ISLAND
    p = np.where(alone, moran.p, last.p)
    q = np.where(alone, hotspots.adjusted(moran.p), hotspots.adjusted(last.p))
    return Found(counts, last.z, p, q, course.astype(str), graph)


def cells_out(found: Found) -> list[dict[str, Any]]:
    """Write every cell that has a course, for the map."""
    chosen = np.flatnonzero(found.course != Course.NONE)
    return [
        {
            "gid": int(n) + 1,
            "course": str(found.course[n]),
            "n": int(found.counts[-1][n]),
            "z": rounded(found.z[n]),
            "q": float(found.q[n]),
        }
        for n in chosen
    ]


def spots(found: Found, version: Version, now: Sequence[tuple[Happening, int]]) -> list[dict[str, Any]]:
    """Join cells of one course that touch into places, and name them: the clearest of each course first."""
    cells, towns = named(version.areas[version.geometry.finest]), named(version.areas["township"])
    villages = named(version.areas.get("village", ()))
    rows = []
    for course in ORDER:
        for members in patches(np.flatnonzero(found.course == course), found.graph):
            peak = max(members, key=lambda n: (found.z[n], found.counts[-1][n]))
            code = version.ground.cells[peak]
            around = {int(n) for member in members for n in found.graph[member].index} | set(members)
            matters = Counter(one.matter for one, gid in now if gid - 1 in around)
            rows.append(
                {
                    "course": str(course),
                    "gids": [n + 1 for n in members],
                    "code": code,
                    "cell": cells[code],
                    "village": villages.get(cells[code]["parent"] or ""),
                    "township": towns.get(version.township_of[code]),
                    "n": int(found.counts[-1][list(members)].sum()),
                    "before": [int(row[list(members)].sum()) for row in found.counts[:-1]],
                    "z": rounded(found.z[peak]),
                    "q": float(found.q[list(members)].min()),
                    "around": sum(matters.values()),
                    "matters": [{"matter": matter, "n": n} for matter, n in matters.most_common(2)],
                }
            )
    place = {str(course): n for n, course in enumerate(ORDER)}
    rows.sort(key=lambda row: (place[row["course"]], row["q"], -(row["z"] or 0), row["code"]))
    return rows[:MOST_SPOTS]


def patches(chosen: Iterable[int], graph: Graph) -> list[list[int]]:
    """Part cells into groups that touch."""
    left, found = {int(n) for n in chosen}, []
    while left:
        waiting, group = [min(left)], []
        left.discard(waiting[0])
        while waiting:
            one = waiting.pop()
            group.append(one)
            near = {int(n) for n in graph[one].index} & left
            left -= near
            waiting += sorted(near)
        found.append(sorted(group))
    return found


def rounded(z: float) -> float | None:
    """Write a score to two digits; None where there is none."""
    return round(float(z), 2) if np.isfinite(z) else None
