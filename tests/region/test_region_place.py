"""Where a case stands: the areas of its day, the edges, the points that are none."""

import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.region import load
from geo.crs import from_wgs84
from geo.errors import UnknownCRS
from tests.region.packs import EAST, MIDDLE, NORTH, REGION, SOUTH, WEST, feature, layers, write_pack

EVE = datetime.fromisoformat("2024-11-19T23:59:59+08:00")
DAY = datetime.fromisoformat("2024-11-20T00:00:00+08:00")
INSIDE = (121.3125, 30.205)  # western cell of the lower village of the eastern township
HALF = (SOUTH + NORTH) / 2


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return load(write_pack(tmp_path_factory.mktemp("packs") / "toy"))


def codes(place):
    return place.township, place.village, place.cell


def test_a_point_gets_cell_village_and_township(toy):
    place = toy.place(*INSIDE, "EPSG:4490", "grid", DAY)
    assert codes(place) == ("2", "9013", "9013001")
    assert (place.lon, place.lat) == INSIDE
    assert (place.flags, place.areas, place.nearest) == ((), {}, None)
    assert dict(place.raw) == {"x": INSIDE[0], "y": INSIDE[1], "crs": "EPSG:4490"}


def test_the_day_of_the_case_decides_and_begins_at_local_midnight(toy):
    assert toy.place(*INSIDE, None, "grid", EVE).township == "101"
    assert toy.place(*INSIDE, None, "grid", DAY).township == "2"
    assert toy.place(*INSIDE, None, "grid", EVE.astimezone(UTC)).township == "101"
    assert toy.place(*INSIDE, None, "grid", DAY.astimezone(UTC)).township == "2"


def test_the_cell_and_the_village_do_not_change_when_their_township_does(toy):
    before, after = toy.place(*INSIDE, None, "grid", EVE), toy.place(*INSIDE, None, "grid", DAY)
    assert (before.village, before.cell) == (after.village, after.cell)


def test_before_the_first_boundaries_there_is_a_position_and_no_area(toy):
    place = toy.place(*INSIDE, None, "grid", datetime(2012, 1, 1, tzinfo=UTC))
    assert (place.lon, place.lat) == INSIDE
    assert codes(place) == (None, None, None)
    assert place.flags == ("before_boundaries",)


def test_on_a_township_line_the_lowest_township_wins_and_cell_and_village_nest_in_it(toy):
    # The village and the cell with the lowest codes lie on the other side.
    place = toy.place(MIDDLE, 30.205, None, "grid", DAY)
    assert codes(place) == ("2", "9013", "9013001")
    assert place.flags == ("boundary",)


def test_before_there_was_a_line_the_same_point_lies_on_a_village_line_and_the_lowest_village_wins(toy):
    place = toy.place(MIDDLE, 30.205, None, "grid", EVE)
    assert codes(place) == ("101", "9011", "9011002")
    assert place.flags == ("boundary",)


def test_where_four_villages_meet_the_lowest_of_the_lowest_township_wins(toy):
    assert codes(toy.place(MIDDLE, HALF, None, "grid", DAY)) == ("2", "9013", "9013001")


def test_a_point_on_the_outer_line_is_inside_and_not_on_a_shared_edge(toy):
    place = toy.place(WEST, 30.205, None, "grid", DAY)
    assert codes(place) == ("101", "9011", "9011001")
    assert place.flags == ()


def test_outside_there_is_no_area_but_the_nearest_within_200_metres_is_suggested(toy):
    place = toy.place(EAST + 100 / 96_280, 30.205, None, "grid", DAY)
    assert codes(place) == (None, None, None)
    assert place.flags == ("outside",)
    assert place.nearest == "9013002"
    assert place.nearest_m == pytest.approx(100, rel=5e-3)


def test_farther_outside_nothing_is_suggested(toy):
    place = toy.place(EAST + 300 / 96_280, 30.205, None, "grid", DAY)
    assert (place.flags, place.nearest, place.nearest_m) == (("outside",), None, None)


@pytest.mark.parametrize(
    ("x", "y", "flags"),
    [
        (None, None, ("missing", "unlocated")),
        ("north", "east", ("unreadable", "unlocated")),
        (float("nan"), 30.2, ("not_finite", "unlocated")),
        (0, 0, ("zero", "unlocated")),
        (500, 95, ("out_of_range", "unlocated")),
        ({"lat": 30}, [121], ("unreadable", "unlocated")),
    ],
)
def test_what_is_no_point_is_kept_and_flagged(toy, x, y, flags):
    place = toy.place(x, y, None, "grid", DAY)
    assert place.flags == flags
    assert (place.lon, place.lat, place.township) == (None, None, None)
    assert place.raw["x"] is x


def test_corrected_points_are_located_and_flagged(toy):
    assert toy.place(INSIDE[1], INSIDE[0], None, "grid", DAY).flags == ("swapped",)
    east, north = (float(v) for v in from_wgs84(*INSIDE, "EPSG:4528"))
    projected = toy.place(east, north, "EPSG:4490", "grid", DAY)
    assert projected.flags == ("projected", "zone_prefixed")
    assert projected.cell == "9013001"


def test_a_source_has_a_crs_of_its_own_and_a_report_may_say_another(toy):
    x, y = (float(v) for v in from_wgs84(*INSIDE, "GCJ-02"))
    hotline = toy.place(x, y, None, "hotline", DAY)
    assert (hotline.lon, hotline.lat) == pytest.approx(INSIDE, abs=1e-8)
    assert hotline.raw["crs"] == "GCJ-02"
    assert toy.place(x, y, " ", "hotline", DAY) == hotline
    assert toy.place(*INSIDE, "EPSG:4490", "hotline", DAY).lon == INSIDE[0]


def test_only_an_unknown_crs_raises(toy):
    with pytest.raises(UnknownCRS, match=r"'mars'.*EPSG:4490"):
        toy.place(*INSIDE, "mars", "grid", DAY)
    with pytest.raises(UnknownCRS, match=r"'stranger'.*GCJ-02"):
        toy.place(*INSIDE, None, "stranger", DAY)


def test_an_instant_without_an_offset_has_no_day(toy):
    with pytest.raises(ValueError, match="no offset"):
        toy.place(*INSIDE, None, "grid", datetime(2026, 7, 1))


def test_a_crs_of_5000_characters_is_refused_in_a_short_sentence(toy):
    with pytest.raises(UnknownCRS) as refused:
        toy.place(*INSIDE, "x" * 5000, "grid", DAY)
    assert len(str(refused.value)) < 400


def test_a_hole_in_the_finest_layer_is_a_gap_and_still_in_its_village(tmp_path):
    cells = [cell for cell in layers()["grid"] if cell["properties"]["code"] != "9013001"]
    place = load(write_pack(tmp_path, geometry={"grid": cells})).place(*INSIDE, None, "grid", DAY)
    assert codes(place) == ("2", "9013", None)
    assert place.flags == ("gap",)


def test_layers_beside_the_nested_ones_answer_under_their_own_name(tmp_path):
    region = REGION.replace("[[sources]]", '[[layers]]\nname = "precinct"\nfile = "precinct.geojson"\n\n[[sources]]', 1)
    beats = [
        feature("precinct", "61", "", (121.29, SOUTH, 121.3125, NORTH), series="police"),
        feature("precinct", "7", "", (121.3125, SOUTH, 121.35, NORTH), series="police"),
    ]
    region = load(write_pack(tmp_path, region=region, geometry={"precinct": beats}))
    place = region.place(121.306, 30.205, None, "grid", DAY)
    assert (place.areas, place.township, place.flags) == ({"precinct": "61"}, "101", ())
    on_line = region.place(*INSIDE, None, "grid", DAY)
    assert (on_line.areas, on_line.flags) == ({"precinct": "7"}, ("boundary",))
    beyond = region.place(121.34, 30.205, None, "grid", DAY)
    assert (beyond.areas, beyond.township, beyond.flags) == ({"precinct": "7"}, None, ("outside",))


def awkward(low, high):
    marks = [WEST, (WEST + MIDDLE) / 2, MIDDLE, (MIDDLE + EAST) / 2, EAST, SOUTH, HALF, NORTH]
    edges = [edge for mark in marks for edge in (np.nextafter(mark, 0), mark, np.nextafter(mark, 999))]
    return st.one_of(st.floats(low, high), st.sampled_from([float(e) for e in edges if low <= e <= high]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lon=awkward(121.295, 121.325), lat=awkward(30.195, 30.225), moment=st.sampled_from([EVE, DAY]))
def test_the_answer_always_nests_and_is_the_lowest_from_the_top_down(toy, lon, lat, moment):
    place = toy.place(lon, lat, None, "grid", moment)
    day = toy.local_day(moment)

    def holds(area):
        west, south, east, north = area.geometry.bounds
        return west <= lon <= east and south <= lat <= north

    candidates = [
        (int(town.code), int(village.code), int(cell.code))
        for town in toy.townships_on(day)
        for village in toy.children(town, day)
        for cell in toy.children(village, day)
        if holds(cell)
    ]
    expected = tuple(str(code) for code in min(candidates)) if candidates else (None, None, None)
    assert codes(place) == expected
    assert ("boundary" in place.flags) == (len(candidates) > 1)
    assert ("outside" in place.flags) == (not candidates)


def test_threads_ask_a_fresh_region_at_once(tmp_path):
    region, answers = load(write_pack(tmp_path)), []
    barrier = threading.Barrier(6)

    def ask():
        barrier.wait()
        answers.append([region.place(*INSIDE, None, "grid", moment).township for moment in (EVE, DAY) * 20])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["101", "2"] * 20] * 6
