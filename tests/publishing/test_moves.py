"""What a step would move is counted before it is published, and is what placing every case again would give."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from cases.desk import EventRequest, Report
from dashboard.services import desk_of
from data import publishing, region, tables
from data.boundary_import import check_step
from data.engine import reading
from data.lists import Library
from data.store import SqlCaseStore
from tests.publishing import steps
from tests.publishing.steps import BEGIN
from tests.publishing.test_publishing import publish
from tests.region.packs import EAST, NORTH, SOUTH, WEST, write_pack

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "pack")


def a_history(engine, pack, count=60):
    """Cases all over the county and a little beyond; every third one is closed."""
    place = region.load(pack)
    desk = desk_of(place, SqlCaseStore(engine), Library(engine, place))
    rng = np.random.default_rng(7)
    xs, ys = rng.uniform(WEST, EAST + 0.001, count), rng.uniform(SOUTH, NORTH, count)
    for at, (x, y) in enumerate(zip(xs.tolist(), ys.tolist(), strict=True)):
        when = AT + timedelta(minutes=at)
        report = Report("YJS-01", "grid", str(at), when, x, y, "EPSG:4490")
        state = desk.receive(report, when).state
        if at % 3 == 0:
            desk.record(state.number, EventRequest("closed", when, "command", data={"reason": "现场已消除"}), when)


def recount(engine, place, layer):
    """Place every case again, one by one, at noon of the first day: (from, to, is open) to cases."""
    noon = datetime(BEGIN.year, BEGIN.month, BEGIN.day, 4, tzinfo=UTC)
    found = Counter()
    with reading(engine) as connection:
        for case in connection.execute(select(tables.cases)):
            there = place.place(case.lon, case.lat, "EPSG:4490", "grid", noon)
            if getattr(case, layer) != getattr(there, layer):
                found[getattr(case, layer), getattr(there, layer), case.pending] += 1
    return found


def counted(engine, pack, file):
    standing = publishing.open_standing(pack, engine)
    step = check_step(steps.wanted(file), standing.pack)
    return publishing.moves_out(publishing.moves(engine, step, standing))


def test_the_cases_that_move_are_those_that_placing_them_again_finds(engine, pack, tmp_path):
    a_history(engine, pack)
    file = steps.geopackage(tmp_path / "step.gpkg")
    told = counted(engine, pack, file)
    publish(engine, pack, steps.wanted(file))
    after = publishing.load(pack, engine)
    for layer in ("township", "village"):
        true = recount(engine, after, layer)
        assert sum(true.values()) > 5
        flows = told["layers"][layer]
        assert {(one["from"], one["to"]): (one["open"], one["closed"]) for one in flows} == {
            (old, new): (true[old, new, True], true[old, new, False]) for old, new, _ in true
        }
    assert "grid" not in told["layers"], "no case gets another cell"
    whole = recount(engine, after, "village")
    assert told["moved"] == {
        "open": sum(n for (_, _, is_open), n in whole.items() if is_open),
        "closed": sum(n for (_, _, is_open), n in whole.items() if not is_open),
    }
    assert told["looked_at"] == {"open": 40, "closed": 20}


def test_the_count_is_the_same_for_a_version_that_replaces_another_on_its_own_day(engine, pack, tmp_path):
    a_history(engine, pack, 20)
    file = steps.geopackage(tmp_path / "step.gpkg")
    back = steps.geopackage(tmp_path / "back.gpkg", make=steps.held)
    before = counted(engine, pack, file)
    publish(engine, pack, steps.wanted(file))
    publish(engine, pack, steps.wanted(back))
    assert counted(engine, pack, file) == before


def test_counting_changes_no_case(engine, pack, tmp_path):
    a_history(engine, pack, 10)

    def everything():
        with reading(engine) as connection:
            return [connection.execute(select(table)).all() for table in (tables.cases, tables.events)]

    before = everything()
    counted(engine, pack, steps.geopackage(tmp_path / "step.gpkg"))
    assert everything() == before
