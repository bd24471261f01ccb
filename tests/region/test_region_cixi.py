"""The county that comes along, asked as a region: the published fixtures, and every vertex of its grid."""

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from cases.clock import Budget, BudgetUnit, ClockKind
from data.region import load
from geo.crs import from_wgs84

CIXI = Path(__file__).parents[2] / "data" / "regions" / "cixi"
EVE = datetime.fromisoformat("2024-11-19T23:59:59+08:00")
DAY = datetime.fromisoformat("2024-11-20T00:00:00+08:00")
GUANHAIWEI = (121.4057, 30.1702)


@pytest.fixture(scope="module")
def cixi():
    return load(CIXI)


def test_guantang_moves_from_andong_to_luzhongwan_at_midnight(cixi):
    village = cixi.area("nbs", "330282118007", date(2024, 11, 20))
    assert village.name.startswith("观塘")
    point = village.geometry.representative_point()
    before, after = (cixi.place(point.x, point.y, "EPSG:4490", "grid", moment) for moment in (EVE, DAY))
    names = [cixi.area("mca", place.township, cixi.local_day(at)).name for place, at in ((before, EVE), (after, DAY))]
    assert names == ["庵东镇", "陆中湾街道"]
    assert (before.village, before.cell) == (after.village, after.cell)
    assert before.village == "330282118007"


def test_one_code_is_two_townships_in_two_series(cixi):
    assert cixi.area("nbs", "330282006").name == "古塘街道"
    assert cixi.area("mca", "330282006").name == "陆中湾街道"
    assert cixi.area("mca", "330282006", date(2024, 11, 19)) is None


def test_nineteen_townships_became_twenty(cixi):
    assert len(cixi.townships_on(date(2024, 11, 19))) == 19
    assert len(cixi.townships_on(date(2024, 11, 20))) == 20
    assert len(cixi.layer_on("village", date(2024, 11, 19))) == 401
    assert len(cixi.layer_on("village", date(2024, 11, 20))) == 401
    andong = cixi.area("mca", "330282118", date(2024, 11, 20))
    assert len(cixi.children(andong, date(2024, 11, 20))) == 26
    assert len(cixi.children(andong, date(2024, 11, 19))) == 40


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528", "EPSG:3857", "GCJ-02", "BD-09"])
def test_the_seat_of_guanhaiwei_lies_in_guanhaiwei_in_every_crs(cixi, crs):
    x, y = (float(value) for value in from_wgs84(*GUANHAIWEI, crs))
    place = cixi.place(x, y, crs, "grid", DAY)
    assert cixi.area("mca", place.township).name == "观海卫镇"
    assert (place.lon, place.lat) == pytest.approx(GUANHAIWEI, abs=1e-8)
    assert place.flags == ()


def test_the_hotline_reports_in_gcj_without_saying_so(cixi):
    place = cixi.place("121.410260", "30.167941", None, "hotline", DAY)
    assert (place.lon, place.lat) == pytest.approx(GUANHAIWEI, abs=1e-6)


def test_swapped_and_projected_points_of_the_county_are_corrected(cixi):
    swapped = cixi.place(30.1702, 121.4057, "EPSG:4490", "grid", DAY)
    assert ((swapped.lon, swapped.lat), swapped.flags) == (GUANHAIWEI, ("swapped",))
    metres = cixi.place(40635405.50, 3339815.62, "EPSG:4490", "grid", DAY)
    assert (metres.lon, metres.lat) == pytest.approx(GUANHAIWEI, abs=1e-7)
    assert metres.flags == ("projected", "zone_prefixed")


def test_limits_are_those_of_the_reform(cixi):
    budgets = cixi.budgets.of("YJS-01")
    assert budgets[ClockKind.RESPOND] == Budget(30, BudgetUnit.MINUTES)
    assert budgets[ClockKind.ARRIVE] == Budget(60, BudgetUnit.MINUTES)
    assert budgets[ClockKind.FINISH] == Budget(5, BudgetUnit.WORKING_DAYS)
    assert budgets[ClockKind.VERIFY] == Budget(120, BudgetUnit.OFFICE_MINUTES)


@pytest.mark.parametrize("moment", [EVE, DAY])
def test_a_vertex_belongs_to_the_lowest_of_all_cells_that_have_it(cixi, moment):
    # Where neighbours share every vertex, the cells at a vertex are those that list it: no geometry is needed.
    day = cixi.local_day(moment)
    town_of = {village.code: village.parent for village in cixi.layer_on("village", day).areas}
    at = defaultdict(set)
    for cell in cixi.layer_on("grid", day).areas:
        for lon, lat in shapely.get_coordinates(cell.geometry):
            at[float(lon), float(lat)].add((town_of[cell.parent], cell.parent, cell.code))
    corners = sorted(at, key=lambda point: (-len(at[point]), point))[:300]
    others = sorted(at)[:: len(at) // 700]
    for lon, lat in corners + others:
        place = cixi.place(lon, lat, "EPSG:4490", "grid", moment)
        assert (place.township, place.village, place.cell) == min(at[lon, lat])
        assert ("boundary" in place.flags) == (len(at[lon, lat]) > 1)


def test_inside_the_county_every_point_has_a_cell_and_outside_none(cixi):
    day = date(2026, 7, 1)
    county = shapely.union_all([town.geometry for town in cixi.townships_on(day)])
    rng = np.random.default_rng(20241120)
    west, south, east, north = cixi.bounds
    lon, lat = rng.uniform(west - 0.02, east + 0.02, 2000), rng.uniform(south - 0.02, north + 0.02, 2000)
    inside = shapely.intersects_xy(county, lon, lat)
    assert 200 < inside.sum() < 1800
    for x, y, expected in zip(lon.tolist(), lat.tolist(), inside, strict=True):
        place = cixi.place(x, y, None, "grid", DAY)
        assert (place.cell is not None) == expected
        assert ("outside" in place.flags) == (not expected)
        if place.nearest:
            assert county.distance(shapely.Point(x, y)) < 200 / 90_000


def test_a_term_into_an_unpublished_year_keeps_the_fixed_holidays_free_and_is_provisional(cixi):
    # 2027-01-01 is a Friday and a holiday by law; so the fifth working day is Monday the 4th, until a notice says more.
    end = cixi.calendar.add_working_days(datetime.fromisoformat("2026-12-25T09:00+08:00"), 5)
    assert end == (datetime.fromisoformat("2027-01-04T17:30+08:00"), True)


def test_holidays_of_published_years_come_from_their_notices_alone(cixi):
    # The second of May was a working day's make-up or a day off by notice in past years, never by the new law.
    assert cixi.calendar.is_workday(date(2008, 5, 2)) == (False, False)
    assert cixi.calendar.is_workday(date(2023, 10, 7)) == (True, False)
