"""Cixi around 2024-11-20: cases in 庵东镇 and beside it, received through the desk, some of them closed."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import shapely
from sqlalchemy import Engine

from cases.case import CaseState
from cases.desk import Desk, EventRequest, Report
from dashboard.services import desk_of
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore

SPLIT = date(2024, 11, 20)
BEFORE = SPLIT - timedelta(days=1)
ANDONG, LUZHONGWAN = "330282118", "330282006"
NOW = datetime(2024, 11, 25, 2, 0, tzinfo=UTC)
"""A Monday morning in Cixi, five days after the split."""


def desk(region: Region, engine: Engine) -> Desk:
    """The desk of a region over a database."""
    return desk_of(region, SqlCaseStore(engine), Library(engine, region))


def points_in(shape: shapely.Geometry, count: int, seed: int) -> Iterator[tuple[float, float]]:
    """Give points inside a shape."""
    chance = np.random.default_rng(seed)
    west, south, east, north = shapely.bounds(shape)
    while count > 0:
        x, y = chance.uniform(west, east, 4 * count), chance.uniform(south, north, 4 * count)
        inside = np.flatnonzero(shapely.contains_xy(shape, x, y))[:count]
        yield from zip(x[inside].tolist(), y[inside].tolist(), strict=True)
        count -= len(inside)


def receive(desk: Desk, points: Sequence[tuple[float, float]], at: datetime, name: str = "p") -> list[CaseState]:
    """Report a case at each point, a minute after the one before."""
    found = []
    for count, (x, y) in enumerate(points):
        when = at + timedelta(minutes=count)
        report = Report(
            matter="YJS-01", source="grid", source_id=f"{name}{count}", occurred_at=when, x=x, y=y, crs="EPSG:4490"
        )
        found.append(desk.receive(report, when).state)
    return found


def close(desk: Desk, states: Sequence[CaseState], at: datetime) -> None:
    """Close cases without further ado."""
    for state in states:
        desk.record(state.number, EventRequest("closed", at, "command", data={"reason": "现场已消除"}), at)


def a_split_county(desk: Desk, region: Region, seed: int = 1, cases: int = 60) -> list[CaseState]:
    """Cases in what was 庵东镇, a few days before the split and after it; a third of them is closed."""
    chance = random.Random(seed)
    whole = region.layers["township"].by_code(ANDONG, BEFORE)
    assert whole is not None
    points = list(points_in(whole.geometry, cases, seed))
    half = len(points) // 2
    found = receive(desk, points[:half], datetime(2024, 11, 18, 1, 0, tzinfo=UTC), "old")
    found += receive(desk, points[half:], datetime(2024, 11, 20, 1, 0, tzinfo=UTC), "new")
    close(desk, chance.sample(found, len(found) // 3), datetime(2024, 11, 21, 1, 0, tzinfo=UTC))
    return found
