"""What to expect in the next hours by township, matter and cell, and how well that has done lately."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cases.expectation import WEEK_H, WEEKS, Expectation, Expected, Past, Score, backtest, hour_of
from dashboard.history.grounds import Places, Version, named
from dashboard.history.machine import Machine
from dashboard.history.moment import version_out
from data import views
from data.views import Basis, CaseFilter, Happening

TESTED_WEEKS = 4
STEP_H = 12
"""Each half day of the tested weeks is an origin."""
MOST_CELLS = 40
LEVELS = ("township", "matter", "cell")


def expected(machine: Machine, at: datetime, hours: int, only: CaseFilter) -> dict[str, Any]:
    """Say what the hours after an instant may bring, told from its past alone; kept for some minutes."""
    origin = hour_of(at)
    version = machine.grounds.on(machine.region.local_day(at))
    key = ("expected", origin, hours, only, version.since)
    found: dict[str, Any] = machine.recent.get(key, lambda: compute(machine, version, origin, hours, only))
    return found


def compute(machine: Machine, version: Version, origin: int, hours: int, only: CaseFilter) -> dict[str, Any]:
    """Read the weeks that are learnt from and those that are tested, and the hours themselves where they are over."""
    start = instant(origin - (WEEKS + TESTED_WEEKS) * WEEK_H)
    ends = instant(origin + hours)
    reports = views.reports_between(machine.engine, start, ends, only)
    first = views.first_received(machine.engine)
    since = max(start, first) if first else instant(origin)
    # Whole weeks alone: half a week would make its first days look quiet.
    known = max((origin - hour_of(since)) // WEEK_H, 0)
    places = machine.grounds.places(reports, version, Basis.CURRENT)
    over = ends <= machine.now()
    answer: dict[str, Any] = {
        "origin": instant(origin),
        "hours": hours,
        "until": ends,
        "version": version_out(version),
        "weeks": min(known, WEEKS),
        "n": sum(one.received_at < instant(origin) for one in reports),
        "over": over,
        "levels": {},
    }
    for name in LEVELS if known else ():
        groups = groups_of(machine, version, name)
        past = Past(units_of(name, reports, places, version), machine.region.calendar)
        answer["levels"][name] = level_out(past, origin, hours, groups, known, over=over)
    answer["names"] = names_of(version)
    return answer


def instant(hour: int) -> datetime:
    """Give the beginning of an hour by its number."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def groups_of(machine: Machine, version: Version, name: str) -> dict[str, str]:
    """Give the units of a level, each with the group that it is shrunk within."""
    if name == "township":
        return dict.fromkeys(version.ground.townships, "")
    if name == "cell":
        return dict(version.township_of)
    day = machine.region.local_day(machine.now())
    return {matter.code: str(matter.domain) for matter in machine.published().on(day).matters}


def units_of(name: str, reports: Sequence[Happening], places: Places, version: Version) -> list[tuple[datetime, str]]:
    """Give when and in which unit each report came; what stands in none counts for none."""
    if name == "matter":
        return [(one.received_at, one.matter) for one in reports]
    gids, codes = (
        (places.cells, version.ground.cells) if name == "cell" else (places.townships, version.ground.townships)
    )
    return [(one.received_at, codes[gid - 1]) for one, gid in zip(reports, gids, strict=True) if gid > 0]


def level_out(
    past: Past, origin: int, hours: int, groups: Mapping[str, str], known: int, *, over: bool
) -> dict[str, Any]:
    """Write what is expected of the units of a level, those that may expect most first, and the score."""
    said = Expectation(past, origin, groups, min(known, WEEKS)).each(groups, origin, hours)
    happened = past.count(origin, hours)
    rows = sorted(groups, key=lambda unit: (-said[unit].mean, unit))
    tested = min(TESTED_WEEKS, known // 2)
    learnt = min(WEEKS, known - tested)
    origins = range(origin - tested * WEEK_H, origin - hours + 1, STEP_H) if tested else ()
    score = backtest(past, origins, hours, groups, max(learnt, 1))
    return {
        "rows": [row_out(unit, said[unit], happened[unit] if over else None) for unit in rows[:MOST_CELLS]],
        "units": len(groups),
        "expected": sum(one.mean for one in said.values()),
        "happened": sum(happened[unit] for unit in groups) if over else None,
        "score": score_out(score, tested, max(learnt, 1)),
    }


def row_out(unit: str, one: Expected, happened: int | None) -> dict[str, Any]:
    """Write one unit."""
    return {
        "code": unit,
        "mean": round(one.mean, 3),
        "low": one.low,
        "high": one.high,
        "seen": one.seen,
        "happened": happened,
    }


def score_out(score: Score, tested: int, learnt: int) -> dict[str, Any]:
    """Write how well it did; every figure with its n."""
    return {
        "weeks": tested,
        "learnt_weeks": learnt,
        "origins": score.origins,
        "pairs": score.pairs,
        "mase": score.scaled_error,
        "covered": {"n": score.covered, "of": score.pairs},
        "held": score.held / score.pairs if score.pairs else None,
        "expected": score.expected,
        "happened": score.happened,
        "bands": [
            {
                "below": band.below if band.below != float("inf") else None,
                "pairs": band.pairs,
                "expected": band.expected,
                "happened": band.happened,
            }
            for band in score.bands
            if band.pairs
        ],
    }


def names_of(version: Version) -> dict[str, Any]:
    """Give the names of townships, and of cells with their village."""
    villages = named(version.areas.get("village", ()))
    return {"township": named(version.areas["township"]), "village": villages}
