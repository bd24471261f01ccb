"""Raw points by the million are read exactly as one at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import from_wgs84, recognise_point
from geo.recognition import NOTES, recognise_points

CIXI = (121.04, 30.04, 121.63, 30.40)
NEW_YORK = (-74.26, 40.49, -73.70, 40.92)
SYSTEMS = ["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09", "EPSG:4549", "EPSG:4528", "EPSG:3857", "EPSG:2263"]


def same_as_one_by_one(x, y, crs, bounds=CIXI, metric_crs="EPSG:4549"):
    """Read the points in both ways, demand the same bits, give the notes."""
    many = recognise_points(x, y, crs, bounds, metric_crs)
    said = []
    for at in range(len(x)):
        one = recognise_point(x[at], y[at], crs, bounds, metric_crs)
        position = (np.nan if one.lon is None else one.lon, np.nan if one.lat is None else one.lat)
        np.testing.assert_array_equal((many.lon[at], many.lat[at]), position)
        notes = {note for place, note in enumerate(NOTES) if many.notes[at] >> place & 1}
        assert notes == set(one.notes)
        said.append(one.notes)
    return said


@pytest.mark.parametrize("crs", SYSTEMS)
def test_points_of_every_system_under_every_declaration(crs):
    chance = np.random.default_rng(3)
    lon, lat = chance.uniform(120.9, 121.8, 40), chance.uniform(29.9, 30.6, 40)
    x, y = zip(*(from_wgs84(lon, lat, meant) for meant in SYSTEMS), strict=True)
    x, y = np.concatenate(x), np.concatenate(y)
    notes = same_as_one_by_one(x, y, crs) + same_as_one_by_one(y, x, crs)
    assert () in notes
    assert any("swapped" in one for one in notes)


def test_numbers_that_are_no_position_have_none():
    x = np.array([0.0, np.nan, np.inf, 121.3, 500.0, -0.0, 1e300, 121.3])
    y = np.array([0.0, 30.2, 30.2, np.nan, 95.0, 0.0, 1e300, 30.2])
    for crs in SYSTEMS:
        same_as_one_by_one(x, y, crs)
    nothing, wild = ("not_finite",), ("out_of_range",)
    assert same_as_one_by_one(x, y, "EPSG:4490") == [
        ("zero",), nothing, nothing, nothing, wild, ("zero",), wild, ()
    ]  # fmt: skip


def test_an_empty_array_gives_an_empty_answer():
    assert len(recognise_points([], [], "GCJ-02", CIXI).lon) == 0


NUMBERS = st.one_of(
    st.floats(-200, 200), st.floats(3e6, 5e6), st.floats(2e5, 8e5), st.floats(4.01e7, 4.09e7), st.floats(), st.just(0.0)
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8),
    st.sampled_from(SYSTEMS),
    st.sampled_from([CIXI, NEW_YORK]),
)
def test_any_numbers_are_read_as_one_by_one(pairs, crs, bounds):
    x, y = np.array(pairs).T
    same_as_one_by_one(x, y, crs, bounds)
