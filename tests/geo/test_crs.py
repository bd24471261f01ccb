"""Coordinates: the published values of the county, and the way there and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import crs_name, from_wgs84, to_wgs84
from geo.errors import UnknownCRS

GUANHAIWEI = (121.4057, 30.1702)
LONGSHAN = (121.5528, 30.0786)  # east of 121.5, where the area of use of EPSG:4549 ends
METRES_OF_A_DEGREE = 111_320.0


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("EPSG:4549", (635405.50, 3339815.62)),
        ("EPSG:4528", (40635405.50, 3339815.62)),
        ("EPSG:4550", (346425.22, 3340054.73)),
    ],
)
def test_guanhaiwei_has_the_published_eastings_and_northings(crs, expected):
    assert from_wgs84(*GUANHAIWEI, crs) == pytest.approx(expected, abs=0.006)
    assert to_wgs84(*expected, crs) == pytest.approx(GUANHAIWEI, abs=1e-7)


def test_a_point_east_of_the_area_of_use_is_still_projected():
    assert from_wgs84(*LONGSHAN, "EPSG:4549") == pytest.approx((649714.88, 3329843.39), abs=0.006)


def test_zone_41_is_zone_40_moved_by_three_degrees():
    east, north = from_wgs84(121.4057 + 3.0, 30.1702, "EPSG:4529")
    assert (east, north) == pytest.approx((41635405.50, 3339815.62), abs=0.006)


def test_web_mercator_is_the_sphere_of_the_equatorial_radius():
    radius = 6378137.0
    expected = (
        radius * np.radians(GUANHAIWEI[0]),
        radius * np.log(np.tan(np.pi / 4 + np.radians(GUANHAIWEI[1]) / 2)),
    )
    assert from_wgs84(*GUANHAIWEI, "EPSG:3857") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("crs", "expected"), [("GCJ-02", (121.410260, 30.167941)), ("BD-09", (121.416771, 30.173949))])
def test_shifted_points_of_guanhaiwei_are_the_published_ones(crs, expected):
    assert from_wgs84(*GUANHAIWEI, crs) == pytest.approx(expected, abs=6e-7)
    assert to_wgs84(*expected, crs) == pytest.approx(GUANHAIWEI, abs=6e-7)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_the_inverse_of_a_shift_is_exact_to_a_millimetre_all_over_the_country(crs):
    lon, lat = (axis.ravel() for axis in np.meshgrid(np.linspace(73.6, 135.0, 120), np.linspace(3.9, 53.5, 120)))
    back_lon, back_lat = to_wgs84(*from_wgs84(lon, lat, crs), crs)
    assert np.hypot(back_lon - lon, back_lat - lat).max() * METRES_OF_A_DEGREE < 1e-3


def test_outside_the_box_of_the_formulas_nothing_is_shifted():
    assert from_wgs84(-73.95, 40.7, "GCJ-02") == (-73.95, 40.7)
    assert to_wgs84(-73.95, 40.7, "GCJ-02") == (-73.95, 40.7)


@settings(max_examples=50, deadline=None)
@given(st.floats(73.7, 134.9), st.floats(4.0, 53.4), st.sampled_from(["GCJ-02", "BD-09", "EPSG:4549", "EPSG:3857"]))
def test_one_point_and_a_point_in_an_array_are_converted_to_the_same_bits(lon, lat, crs):
    alone = to_wgs84(lon, lat, crs) if crs in {"GCJ-02", "BD-09"} else to_wgs84(*from_wgs84(lon, lat, crs), crs)
    given_x, given_y = (lon, lat) if crs in {"GCJ-02", "BD-09"} else from_wgs84(lon, lat, crs)
    among = to_wgs84(np.append(np.linspace(73.7, 134.0, 7), given_x), np.append(np.full(7, 30.0), given_y), crs)
    assert (float(alone[0]), float(alone[1])) == (among[0][-1], among[1][-1])


def test_feet_are_feet():
    # A request of New York's open data gives both: 992757, 170418 in US survey feet and the degrees beside them.
    assert to_wgs84(992757, 170418, "EPSG:2263") == pytest.approx((-73.96935005702473, 40.634430529407), abs=1e-7)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:3857", "GCJ-02", "BD-09"])
def test_what_is_not_finite_becomes_nan_and_nothing_else_is_touched(crs):
    x, y = from_wgs84([121.3, 121.4], [30.1, 30.2], crs)
    lon, lat = to_wgs84([x[0], np.nan, np.inf, x[1]], [y[0], y[0], y[0], y[1]], crs)
    assert np.isnan(lon[1:3]).all()
    assert lon[[0, 3]] == pytest.approx([121.3, 121.4], abs=1e-8)
    assert lat[[0, 3]] == pytest.approx([30.1, 30.2], abs=1e-8)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("EPSG:4490", "EPSG:4490"),
        ("epsg:4549", "EPSG:4549"),
        (4528, "EPSG:4528"),
        (" 3857 ", "EPSG:3857"),
        ("gcj02", "GCJ-02"),
        ("GCJ_02", "GCJ-02"),
        ("ＢＤ－０９", "BD-09"),
        ("bd09ll", "BD-09"),
        ("WGS84", "EPSG:4326"),
        ("CGCS2000", "EPSG:4490"),
        ("EPSG:2263", "EPSG:2263"),
    ],
)
def test_a_crs_is_known_however_people_write_it(written, name):
    assert crs_name(written) == name


@pytest.mark.parametrize("written", ["EPSG:999999", "mars", "", "EPSG:", "EPSG:5773", "EPSG:4978", "4490; drop", 3.5])
def test_an_unknown_crs_is_refused_with_its_name_and_the_accepted_ones(written):
    with pytest.raises(UnknownCRS) as refused:
        to_wgs84(1.0, 2.0, written)
    assert repr(written) in str(refused.value)
    for accepted in ("EPSG:4490", "EPSG:4549", "GCJ-02", "BD-09"):
        assert accepted in str(refused.value)
