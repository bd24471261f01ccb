"""A million points get the answers that each of them would get alone."""

from datetime import date, datetime, time

import numpy as np
import pytest
import shapely

from data.placing import Placer
from data.placing.flags import BIT
from data.placing.surroundings import Surroundings
from data.region import load
from data.region.boundaries import Ranked
from geo.areas import Area, AreaLayer
from geo.crs import from_wgs84
from geo.locator import Locator
from tests.region.packs import EAST, MIDDLE, NORTH, SOUTH, WEST, feature, layers, write_pack

DAYS = [date(2012, 1, 1), date(2013, 6, 1), date(2024, 11, 19), date(2024, 11, 20), date(2026, 3, 4)]
HALF = (SOUTH + NORTH) / 2


def words(flags):
    return {flag for flag, bit in BIT.items() if flags & bit}


def same_as_one_by_one(region, x, y, days, crs="EPSG:4490"):
    """Place points together and alone, demand the same, give what was said."""
    many = Placer(region).place(x, y, crs, np.array(days, "datetime64[D]"))
    said = []
    for at, day in enumerate(days):
        noon = datetime.combine(day, time(12), tzinfo=region.zone)
        one = region.place(x[at], y[at], crs, "", noon)
        codes = {"township": one.township, "village": one.village, "grid": one.cell, **one.areas}
        assert {name: found[at].as_py() for name, found in many.areas.items()} == {
            name: codes.get(name) for name in region.layers
        }
        assert words(many.flags[at]) == set(one.flags)
        assert (many.nearest[at].as_py(), many.nearest_m[at].as_py()) == (one.nearest, one.nearest_m)
        position = (np.nan if one.lon is None else one.lon, np.nan if one.lat is None else one.lat)
        np.testing.assert_array_equal((many.lon[at], many.lat[at]), position)
        said.append(one)
    return said


@pytest.mark.parametrize("crs", ["EPSG:4490", "GCJ-02", "BD-09", "EPSG:4549", "EPSG:4528"])
def test_points_in_and_around_the_toy_county_on_many_days(toy, crs):
    chance = np.random.default_rng(11)
    lon, lat = chance.uniform(WEST - 0.004, EAST + 0.004, 300), chance.uniform(SOUTH - 0.004, NORTH + 0.004, 300)
    x, y = from_wgs84(lon, lat, crs)
    said = same_as_one_by_one(toy, x, y, [DAYS[at % len(DAYS)] for at in range(300)], crs)
    assert {flag for one in said for flag in one.flags} >= {"outside", "before_boundaries"}
    assert any(one.nearest for one in said)
    assert any("outside" in one.flags and not one.nearest for one in said)


def test_points_on_every_line_and_corner(toy):
    lons = [WEST, (WEST + MIDDLE) / 2, MIDDLE, (MIDDLE + EAST) / 2, EAST]
    points = [(lon, lat, day) for lon in lons for lat in (SOUTH, HALF, NORTH) for day in DAYS]
    x, y, days = zip(*points, strict=True)
    said = same_as_one_by_one(toy, np.array(x), np.array(y), days)
    assert any("boundary" in one.flags for one in said)


def test_points_that_are_none_or_stand_in_the_wrong_order(toy):
    x = np.array([np.nan, 0.0, 500.0, 30.205, 3_342_000.0, 121.3125])
    y = np.array([30.2, 0.0, 95.0, 121.3125, 626_000.0, np.inf])
    said = same_as_one_by_one(toy, x, y, [DAYS[4]] * 6)
    assert [one.flags[0] for one in said[:4]] == ["not_finite", "zero", "out_of_range", "swapped"]


def test_ten_thousand_points_of_cixi_on_both_sides_of_its_change(cixi):
    chance = np.random.default_rng(5)
    west, south, east, north = cixi.bounds
    x, y = chance.uniform(west - 0.01, east + 0.01, 10_000), chance.uniform(south - 0.01, north + 0.01, 10_000)
    cells = cixi.layers["grid"].areas
    corners = [shapely.get_coordinates(cells[at].geometry)[:3] for at in chance.integers(0, len(cells), 200)]
    x, y = np.append(x, np.concatenate(corners)[:, 0]), np.append(y, np.concatenate(corners)[:, 1])
    said = same_as_one_by_one(cixi, x, y, [DAYS[2 + at % 2] for at in range(len(x))])
    assert sum("boundary" in one.flags for one in said) > 300
    assert sum(bool(one.nearest) for one in said) > 30


def test_layers_that_do_not_nest_and_layers_beside(tmp_path):
    # One cell is missing, and precincts lie across everything and beyond.
    made = layers()
    grid = [one for one in made["grid"] if one["properties"]["code"] != "9011001"]
    precincts = [
        feature("precinct", "7", "", (WEST + 0.003, SOUTH, EAST + 0.01, HALF)),
        feature("precinct", "8", "", (WEST + 0.003, HALF, EAST, NORTH), since="2026-01-01"),
    ]
    region_toml = (
        write_pack(tmp_path / "first").joinpath("region.toml").read_text(encoding="utf-8")
        + '\n[[layers]]\nname = "precinct"\nfile = "precincts.geojson"\n'
    )
    folder = write_pack(tmp_path / "pack", region=region_toml, geometry={"grid": grid, "precincts": precincts})
    region = load(folder)
    chance = np.random.default_rng(2)
    x, y = chance.uniform(WEST - 0.002, EAST + 0.012, 400), chance.uniform(SOUTH - 0.002, NORTH + 0.002, 400)
    x, y = np.append(x, [MIDDLE, MIDDLE, EAST]), np.append(y, [HALF, SOUTH, HALF])
    said = same_as_one_by_one(region, x, y, [DAYS[at % len(DAYS)] for at in range(403)])
    assert any("gap" in one.flags for one in said)
    assert {one.areas.get("precinct") for one in said} == {None, "7", "8"}


def test_a_layer_that_is_not_asked_for_changes_no_flag(toy):
    x, y = np.array([MIDDLE, 121.3125]), np.array([30.205, 30.205])
    few = Placer(toy, ["village"]).place(x, y, "EPSG:4490", DAYS[4])
    assert list(few.areas) == ["village"]
    assert [words(one) for one in few.flags] == [{"boundary"}, set()]


def test_a_row_whose_day_is_not_known_keeps_its_position_and_gets_no_area(toy):
    days = np.array(["NaT", "2026-03-04"], "datetime64[D]")
    found = Placer(toy).place([121.3125] * 2, [30.205] * 2, "EPSG:4490", days)
    assert found.areas["grid"].to_pylist() == [None, "9013001"]
    assert found.lon.tolist() == [121.3125] * 2


def test_no_point_at_all_is_no_trouble(toy):
    found = Placer(toy).place([], [], "EPSG:4490", DAYS[4])
    assert len(found.flags) == len(found.areas["grid"]) == 0


def test_areas_far_from_the_equator_keep_their_suggestions(toy):
    # A degree of longitude is short there: a reach in degrees that forgot it would leave points out.
    area = Area("grid", "x", "1", "1", None, date(2020, 1, 1), None, shapely.box(25.0, 70.0, 25.5, 70.2))
    ranked = Ranked("grid", AreaLayer("grid", [area]).areas, Locator([area.geometry], "EPSG:32635"))
    lon = np.linspace(24.98, 25.0, 50)
    lat = np.full(50, 70.1)
    position, _ = ranked.locator.nearest(lon, lat)
    assert 0 < (position >= 0).sum() < 50
    assert Surroundings([ranked]).maybe_near(lon, lat)[position >= 0].all()
