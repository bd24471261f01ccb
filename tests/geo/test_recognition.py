"""Raw points: read where they can be read, corrected where that is certain, noted always, never an exception."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import crs as systems
from geo.crs import recognise_point
from geo.errors import UnknownCRS

CIXI = (121.04, 30.04, 121.63, 30.40)
NEW_YORK = (-74.26, 40.49, -73.70, 40.92)
POINT = (121.4057, 30.1702)
E, N = 635405.495, 3339815.616  # the same in EPSG:4549


def from_wgs84(lon, lat, crs):
    x, y = systems.from_wgs84(lon, lat, crs)
    return float(x), float(y)


def read(x, y, crs="EPSG:4490", bounds=CIXI, metric_crs="EPSG:4549"):
    return recognise_point(x, y, crs, bounds, metric_crs)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (121.4057, 30.1702),
        ("121.4057", " 30.1702 "),
        ("１２１.４０５７", "３０.１７０２"),
        (Decimal("121.4057"), np.float64(30.1702)),
        ("1.214057e2", "+30.1702"),
    ],
)
def test_numbers_are_read_however_they_are_written(x, y):
    reading = read(x, y)
    assert (reading.lon, reading.lat) == POINT
    assert reading.notes == ()


@pytest.mark.parametrize(
    ("x", "y", "notes"),
    [
        (None, None, ("missing",)),
        ("", "  ", ("missing",)),
        (121.4, None, ("missing",)),
        ("east", 30.1, ("unreadable",)),
        ("121,4", "30,1", ("unreadable",)),
        ("1_2", 30.1, ("unreadable",)),
        (True, 30.1, ("unreadable",)),
        (np.bool_(True), 30.1, ("unreadable",)),
        ([121.4], {"lat": 30.1}, ("unreadable",)),
        (1j, object(), ("unreadable",)),
        (b"121", "30", ("unreadable",)),
        (math.nan, 30.1, ("not_finite",)),
        ("NaN", "inf", ("not_finite",)),
        (math.inf, -math.inf, ("not_finite",)),
        (10**400, 30.1, ("not_finite",)),
        (Decimal("NaN"), 30.1, ("not_finite",)),
        (0, 0, ("zero",)),
        ("0.0", "-0", ("zero",)),
        (None, "north", ("missing", "unreadable")),
        (200, 95, ("out_of_range",)),
        (1e300, 1e300, ("out_of_range",)),
    ],
)
def test_what_is_no_point_gives_no_position_and_says_why(x, y, notes):
    reading = read(x, y)
    assert (reading.lon, reading.lat) == (None, None)
    assert reading.notes == notes


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326"])
def test_swapped_axes_are_corrected_where_a_latitude_is_impossible(crs):
    reading = read(30.1702, 121.4057, crs)
    assert (reading.lon, reading.lat) == POINT
    assert reading.notes == ("swapped",)


def test_swapped_axes_are_corrected_in_new_york_where_both_numbers_are_possible():
    reading = read(40.7, -73.95, "EPSG:4326", NEW_YORK, "EPSG:32618")
    assert (reading.lon, reading.lat, reading.notes) == (-73.95, 40.7, ("swapped",))


def test_a_swap_is_not_certain_where_both_readings_are_near_the_region():
    # Around 30 east, 30 north the mirror image of a point lies in the same place.
    reading = read(30.2, 31.0, "EPSG:4326", (30.9, 29.9, 31.4, 30.3), "EPSG:32636")
    assert (reading.lon, reading.lat, reading.notes) == (30.2, 31.0, ())


def test_a_place_far_away_stays_where_it_says_it_is():
    reading = read(-73.95, 40.7)
    assert (reading.lon, reading.lat, reading.notes) == (-73.95, 40.7, ())


@pytest.mark.parametrize(
    ("x", "y", "crs", "notes"),
    [
        (E, N, "EPSG:4490", ("projected",)),
        (N, E, "EPSG:4326", ("projected", "swapped")),
        (40_000_000 + E, N, "EPSG:4490", ("projected", "zone_prefixed")),
        (40_000_000 + E, N, "EPSG:4549", ("zone_prefixed",)),
        (E, N, "EPSG:4528", ("zone_prefixed",)),
        (N, E, "EPSG:4549", ("swapped",)),
        (N, 40_000_000 + E, "EPSG:4549", ("swapped", "zone_prefixed")),
        (*POINT, "EPSG:4549", ("degrees",)),
        (POINT[1], POINT[0], "EPSG:4549", ("degrees", "swapped")),
    ],
)
def test_metres_and_degrees_under_the_wrong_name_are_recognised(x, y, crs, notes):
    reading = read(x, y, crs)
    assert (reading.lon, reading.lat) == pytest.approx(POINT, abs=1e-7)
    assert reading.notes == notes


def test_web_mercator_metres_under_a_degree_crs_are_recognised():
    reading = read(*from_wgs84(*POINT, "EPSG:3857"))
    assert (reading.lon, reading.lat) == pytest.approx(POINT, abs=1e-9)
    assert reading.notes == ("projected",)


def test_web_mercator_metres_of_a_shifted_map_are_unshifted():
    reading = read(*from_wgs84(*from_wgs84(*POINT, "GCJ-02"), "EPSG:3857"), "GCJ-02")
    assert (reading.lon, reading.lat) == pytest.approx(POINT, abs=1e-8)
    assert reading.notes == ("projected",)


def test_survey_metres_under_a_shifted_crs_are_not_certain_and_not_touched():
    assert read(E, N, "GCJ-02").notes == ("out_of_range",)


def test_swapped_axes_of_a_shifted_source_are_corrected_before_they_are_unshifted():
    lon, lat = from_wgs84(*POINT, "GCJ-02")
    reading = read(lat, lon, "GCJ-02")
    assert (reading.lon, reading.lat) == pytest.approx(POINT, abs=1e-8)
    assert reading.notes == ("swapped",)


def test_only_an_unknown_crs_is_refused():
    with pytest.raises(UnknownCRS, match="BJ54"):
        read(None, "x", "BJ54")


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=12),
    st.decimals(),
    st.binary(max_size=4),
    st.lists(st.floats(), max_size=2),
    st.floats(-200, 200),
    st.floats(1e5, 5e7),
)


@settings(max_examples=300, deadline=None)
@given(anything, anything, st.sampled_from(["EPSG:4490", "EPSG:4549", "EPSG:4528", "EPSG:3857", "GCJ-02", "BD-09"]))
def test_nothing_that_comes_as_a_coordinate_raises(x, y, crs):
    reading = read(x, y, crs)
    assert (reading.lon is None) == (reading.lat is None)
    if reading.lon is None:
        assert reading.notes
    else:
        assert abs(reading.lon) <= 180
        assert abs(reading.lat) <= 90
