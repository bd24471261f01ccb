"""Random lines and points, many of them on edges: what moves is what shapely finds, and then nothing is left."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine

from cases.case import CaseState
from cases.desk import Reattribution
from data import views
from data.reattributing import Comparison, apply, base_of, change_of, place_history, preview
from data.region import Region, load
from data.views import Basis
from geo.areas import rank
from tests.reattributing import county
from tests.region.packs import EAST, NORTH, SOUTH, WEST, feature, write_pack

DAYS = (date(2013, 6, 1), date(2024, 11, 20), date(2025, 6, 1))
AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
GRID = 8  # columns of cells; rows are a quarter of them


def a_county(folder: Path, chance: random.Random) -> Region:
    """Cells that stay, in villages and townships that are cut anew on each day, by whole columns of cells."""
    xs = [WEST + (EAST - WEST) * at / GRID for at in range(GRID + 1)]
    ys = [SOUTH, (SOUTH + NORTH) / 2, NORTH]
    layers: dict[str, list[object]] = {"townships": [], "villages": [], "grid": []}
    for day, until in zip(DAYS, [*DAYS[1:], None], strict=True):
        cuts = [0, *sorted(chance.sample(range(1, GRID), 3)), GRID]
        codes = chance.sample(["101", "2", "33", "9"], 4)
        span = {"since": day.isoformat(), "until": until.isoformat() if until else ""}
        for (left, right), code in zip(pairwise(cuts), codes, strict=True):
            layers["townships"].append(feature("township", code, "990000", (xs[left], SOUTH, xs[right], NORTH), **span))
            for column in range(left, right):
                outline = (xs[column], SOUTH, xs[column + 1], NORTH)
                village = f"8{(column * 5) % GRID}{column}"
                layers["villages"].append(feature("village", village, code, outline, **span))
                for row, (low, high) in enumerate(pairwise(ys)):
                    cell = (xs[column], low, xs[column + 1], high)
                    layers["grid"].append(feature("grid", f"{village}0{row}", village, cell, series="grid", **span))
    tables = {
        "units.csv": "code,name,department,domain,township,serves,valid_from,valid_to\n",
        "arrangements.csv": None,
    }
    return load(write_pack(folder, tables=tables, geometry=layers))


def points(chance: random.Random, count: int) -> list[tuple[float, float]]:
    """Points inside, on edges and corners of cells, and outside."""
    high = (NORTH - SOUTH) / 2
    found = []
    for _ in range(count):
        x, y = chance.uniform(WEST - 0.003, EAST + 0.003), chance.uniform(SOUTH - 0.003, NORTH + 0.003)
        if chance.random() < 0.3:
            x = WEST + (EAST - WEST) * chance.randrange(GRID + 1) / GRID
        if chance.random() < 0.2:
            y = chance.choice([SOUTH, SOUTH + high, NORTH])
        found.append((x, y))
    return found


def recounted(region: Region, day: date, lon: float, lat: float) -> tuple[str | None, str | None, str | None]:
    """Find cell, village and township with shapely: of the cells that hold a point, the one of the lowest township.

    Among cells of one township the lowest village has it, then the lowest cell (DESIGN 5, `Region.place`).
    """
    point = shapely.Point(lon, lat)
    villages = {area.code: area for area in region.layer_on("village", day).areas}
    held = [
        (villages[area.parent or ""].parent or "", area.parent or "", area.code)
        for area in region.layer_on("grid", day).areas
        if area.geometry.intersects(point)
    ]
    lowest = min(held, key=lambda codes: tuple(map(rank, codes)), default=(None, None, None))
    return lowest[2], lowest[1], lowest[0]


def stands(state: CaseState) -> tuple[str | None, str | None, str | None]:
    return state.cell, state.village, state.township


@pytest.mark.parametrize("seed", range(6))
def test_random_lines_move_what_shapely_finds_and_leave_nothing_to_move(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    region = a_county(tmp_path / "pack", chance)
    desk = county.desk(region, engine)
    for count, (x, y) in enumerate(points(chance, 60)):
        day = chance.choice(DAYS) + timedelta(days=chance.randrange(20))
        county.receive(desk, [(x, y)], datetime(day.year, day.month, day.day, 3, tzinfo=UTC), f"{count}-")
    rows = views.cases_changed_since(engine, 0)
    county.close(desk, [views.case_page(engine, row.number).state for row in chance.sample(rows, 20)], AT)
    before = {row.number: views.case_page(engine, row.number).state for row in rows}
    for state in before.values():
        day = region.local_day(state.occurred_at)
        assert stands(state) == recounted(region, day, state.lon, state.lat)
    old, new = chance.choice(DAYS[:2]), DAYS[2]
    change = change_of(region, old.isoformat(), new.isoformat())
    comparison = Comparison(region, change)
    places = {
        number: tuple(recounted(region, day, state.lon, state.lat) for day in (old, new))
        for number, state in before.items()
    }
    moves = {number for number, (a, b) in places.items() if stands(before[number]) == a != b}
    found = preview(engine, comparison)
    assert {name: found.count("moved", name) for name in ("open", "closed")} == {
        "open": sum(before[number].is_pending for number in moves),
        "closed": sum(not before[number].is_pending for number in moves),
    }
    expected: Counter[tuple[str, str | None, str | None]] = Counter()
    for number in moves:
        for layer, a, b in zip(("grid", "village", "township"), *places[number], strict=True):
            expected[layer, a, b] += a != b
    told = {(layer, *pair): flow.total() for layer, flows in found.flows.items() for pair, flow in flows.items()}
    assert told == +expected
    apply(engine, comparison, desk, Reattribution(new, "通告", "县编办"), lambda: AT)
    after = {number: views.case_page(engine, number).state for number in before}
    for number, state in before.items():
        is_moved = number in moves and state.is_pending
        assert (after[number] != state) == is_moved
        assert stands(after[number]) == (places[number][1] if is_moved else stands(state))
    assert preview(engine, comparison).count("moved", "open") == 0
    place_history(engine, region, change.after, lambda: AT)
    base = base_of(region, change.after)
    by_lines = Counter(places[number][1][2] for number in before)
    year = datetime(2013, 1, 1, tzinfo=UTC), AT + timedelta(days=1)
    current = views.area_figures(engine, "township", *year, Basis.CURRENT, base)
    assert {code: one.reports for code, one in current.items()} == by_lines
    occurred = views.area_figures(engine, "township", *year, Basis.OCCURRED)
    assert {code: one.reports for code, one in occurred.items()} == Counter(one.township for one in before.values())
