"""A county with sixty cases of three days, each in a cell of its own, and a second count of them."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from sqlalchemy import Engine

from cases.case import CaseState, Span, Status
from dashboard.documents.book import book_on
from dashboard.documents.maps.making import MapRoom
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore
from tests.data.samples import a_clock, add

NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)
FIRST = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)


def fill(engine: Engine, region: Region, number: int = 60) -> list[CaseState]:
    """Write cases whose clocks, ends and places are drawn by a fixed seed."""
    store, draw = SqlCaseStore(engine), random.Random(20260306)
    cells = region.layer_on("grid", region.local_day(NOW)).areas
    villages = {area.code: area for area in region.layer_on("village", region.local_day(NOW)).areas}
    made = []
    for i in range(number):
        at = FIRST + timedelta(minutes=draw.randrange(60 * 60))
        cell = draw.choice(cells)
        point = shapely.point_on_surface(cell.geometry)
        outside = i % 15 == 14
        end = at + timedelta(minutes=draw.randrange(30, 3000)) if i % 3 == 0 else None
        end = end if end and end < NOW else None
        clock = a_clock(start=at, minutes=draw.randrange(30, 4000))
        place = {} if outside else {"cell": cell.code, "village": cell.parent, "township": villages[cell.parent].parent}
        changes = {"cell": None, "village": None, "township": None} if outside else place
        changes |= {"lon": None, "lat": None} if outside else {"lon": point.x, "lat": point.y}
        if end:
            changes |= {"status": Status.CLOSED, "clocks": (), "spans": (Span(at, end),)}
        else:
            changes |= {"clocks": (clock,)}
        matter = draw.choice(["YJS-01", "YJS-02", "QL-074"])
        made.append(add(store, f"{i}", at, matter=matter, **changes))
    return made


@pytest.fixture
def states(engine: Engine, cixi: Region) -> list[CaseState]:
    """The cases, written."""
    return fill(engine, cixi)


@pytest.fixture
def room(engine: Engine, cixi: Region) -> MapRoom:
    """A map room over the engine."""
    book = book_on(cixi, Library(engine, cixi).current, cixi.local_day(NOW))
    return MapRoom(engine, cixi, book, lambda: NOW)
