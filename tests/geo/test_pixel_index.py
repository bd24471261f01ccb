"""The pixel index: exactly the answers of shapely, wherever a layer or a point is awkward."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo.locator import OUTSIDE, Locator
from geo.locator.index import build
from geo.locator.orientation import is_exact, orientation
from geo.locator.plan import COUNTY_BUDGET
from tests.geo.coverages import lowest_covering, quilt, squares
from tests.geo.shapes import LAYERS, beside, hard_points, shapely_says

METRIC = "EPSG:4549"
SHARES = (0.02, 0.05, 0.3, 0.9)


def compare(polygons, index, x, y):
    found = index.locate(x, y)
    position, count = shapely_says(polygons, x, y)
    wrong = np.flatnonzero((found.index != position) | (found.on_edge != (count > 1)))
    assert not len(wrong), [(x[i], y[i], int(found.index[i]), int(position[i]), int(count[i])) for i in wrong[:5]]


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from(SHARES))
def test_every_point_gets_the_answer_of_shapely(name, seed, share):
    rng = np.random.default_rng(seed)
    polygons = LAYERS[name](rng)
    index = build(polygons, share=share, threads=1)
    compare(polygons, index, *hard_points(polygons, rng, 40, index.frame))


@pytest.mark.parametrize("share", SHARES)
def test_points_a_hair_beside_zero_get_the_answer_of_shapely(share):
    # The smallest number there is: its products with anything below 1 are zero, and seem to lie on the edge at x = 0.
    polygons = LAYERS["whole numbers"](np.random.default_rng(14533))
    hair = np.array([-1e-300, -5e-324, 0.0, 5e-324, 1e-300])
    x, y = (grid.ravel() for grid in np.meshgrid(hair, np.arange(-4.25, 4.5, 0.25)))
    index = build(polygons, share=share, threads=1)
    compare(polygons, index, x, y)
    compare(polygons, index, y, x)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from(SHARES))
def test_every_point_gets_the_answer_of_whole_numbers(seed, share):
    rng = np.random.default_rng(seed)
    polygons = quilt(seed, 3)
    index = build(polygons, share=share, threads=1)
    x, y = (axis[np.isfinite(axis)] for axis in hard_points(polygons, rng, 3, index.frame))
    x, y = x[: min(len(x), len(y))], y[: min(len(x), len(y))]
    found = index.locate(x, y)
    expected = [lowest_covering(polygons, *point) for point in zip(x, y, strict=True)]
    assert found.index.tolist() == [position for position, _ in expected]
    assert found.on_edge.tolist() == [on_edge for _, on_edge in expected]


@pytest.mark.parametrize("name", LAYERS)
def test_numpy_and_shapely_alone_give_the_same_answers_and_flags(name):
    rng = np.random.default_rng(3)
    polygons = LAYERS[name](rng)
    locator, plain = Locator(polygons, METRIC), Locator(polygons, METRIC, compiled=False)
    assert plain.index is None
    x, y = hard_points(polygons, rng, 200, locator.index.frame)
    one, two = locator.locate(x, y), plain.locate(x, y)
    assert (one.index == two.index).all()
    assert (one.flags == two.flags).all()


@pytest.mark.parametrize("name", LAYERS)
def test_one_point_and_many_points_and_threads_agree(name):
    rng = np.random.default_rng(4)
    polygons = LAYERS[name](rng)
    locator = Locator(polygons, METRIC)
    x, y = hard_points(polygons, rng, 300, locator.index.frame)
    many, parts = locator.locate(x, y), locator.locate(x, y, threads=2)
    alone = [locator.locate_one(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]
    assert [hit.position for hit in alone] == many.index.tolist() == parts.index.tolist()
    assert [hit.on_edge for hit in alone] == many.on_edge.tolist() == parts.on_edge.tolist()
    assert [hit.overlapped for hit in alone] == many.overlapped.tolist() == parts.overlapped.tolist()


def test_overlaps_are_told_from_edges():
    left, right = squares(2, 1)
    wide = box(121.005, 30.0, 121.015, 30.01)
    found = Locator([left, right, wide], METRIC).locate([121.002, 121.007, 121.01, 121.005], [30.005] * 4)
    assert found.index.tolist() == [0, 0, 0, 0]
    assert found.on_edge.tolist() == [False, True, True, True]
    assert found.overlapped.tolist() == [False, True, True, True]
    assert not Locator([left, right], METRIC).locate([121.01], [30.005]).overlapped.any()


def test_an_overlap_wider_than_pixels_is_reported_there_too():
    found = Locator([box(121, 30, 122, 31), box(121, 30, 122, 31)], METRIC).locate([121.5], [30.5])
    assert (found.index.tolist(), found.on_edge.tolist(), found.overlapped.tolist()) == ([0], [True], [True])


def test_numbers_of_single_precision_are_taken_as_they_are():
    polygons = quilt(5, 4)
    rng = np.random.default_rng(5)
    lon, lat = (rng.uniform(low, low + 0.04, 5000).astype(np.float32) for low in (121.0, 30.0))
    found = Locator(polygons, METRIC).locate(lon, lat)
    position, _ = shapely_says(polygons, lon.astype(np.float64), lat.astype(np.float64))
    assert (found.index == position).all()


def test_a_layer_without_areas_answers_outside():
    for polygons in ([], [Polygon(), Polygon()]):
        found = Locator(polygons, METRIC).locate([121.0, np.nan], [30.0, np.inf])
        assert found.index.tolist() == [OUTSIDE, OUTSIDE]
        assert found.outside.all()


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="equal length"):
        Locator(squares(1, 1), METRIC).locate([121.0, 121.1], [30.0])


def test_a_small_budget_makes_a_coarse_index_with_the_same_answers():
    polygons = quilt(11, 12)
    rng = np.random.default_rng(11)
    fine, coarse = build(polygons, share=0.01), build(polygons, budget=20_000, share=0.01)
    assert coarse.nbytes < fine.nbytes / 5
    compare(polygons, coarse, *hard_points(polygons, rng, 2000, coarse.frame))


def test_more_areas_than_pixels_of_16_bits_can_name():
    polygons = squares(200, 200, size=0.002)
    index = build(polygons)
    assert index.arrays.pixels.dtype == np.uint16 if len(polygons) < 1 << 15 else np.uint32
    rng = np.random.default_rng(2)
    x, y = rng.uniform(121.0, 121.4, 20_000), rng.uniform(30.0, 30.4, 20_000)
    column, line = ((axis - low) / 0.002 for axis, low in ((x, 121.0), (y, 30.0)))
    assert (index.locate(x, y).index == np.floor(line) * 200 + np.floor(column)).all()


def test_the_sign_of_the_orientation_is_that_of_whole_numbers():
    rng = np.random.default_rng(1)
    for _ in range(200):
        ax, ay, bx, by = (rng.uniform(size=4) * 0.01 + [121, 30, 121, 30]).tolist()
        share = rng.uniform()
        x, y = beside([ax + share * (bx - ax)], [ay + share * (by - ay)])
        a, b = [int(v * 2**48) for v in (ax, ay)], [int(v * 2**48) for v in (bx, by)]
        for here in zip((x * 2**48).astype(int).tolist(), (y * 2**48).astype(int).tolist(), strict=True):
            exact = (a[0] - here[0]) * (b[1] - here[1]) - (a[1] - here[1]) * (b[0] - here[0])
            assert orientation(ax, ay, bx, by, here[0] / 2**48, here[1] / 2**48) == (exact > 0) - (exact < 0)


def test_differences_are_exact_where_the_smallest_number_is_not_too_near_zero():
    assert is_exact(121.0, 122.0)
    assert is_exact(-74.3, -73.6)
    assert is_exact(3.0, 7.0)
    assert not is_exact(-1.0, 1.0)
    assert not is_exact(0.0, 1.0)
    assert not is_exact(0.001, 100.0)


def test_rings_that_touch_themselves_are_counted_as_geos_counts_them():
    # Valid: the hole touches the outer ring in one point; two parts touch in one point.
    rng = np.random.default_rng(8)
    ring = Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [[(0, 4), (3, 2), (4, 4), (3, 6)]])
    parts = shapely.MultiPolygon([box(10, 0, 12, 2), box(12, 2, 14, 4)])
    assert ring.is_valid
    assert parts.is_valid
    index = build([ring, parts])
    compare([ring, parts], index, *hard_points([ring, parts], rng, 3000, index.frame))


def test_thousands_of_areas_upon_each_other_stay_within_the_budget():
    stack = [box(121.0, 30.0, 121.01, 30.01)] * 3000
    index = build([box(121.01, 30.0, 121.02, 30.01), *stack], threads=1)
    assert index.nbytes < 2 * COUNTY_BUDGET
    found = index.locate(np.array([121.005, 121.01, 121.015, 121.0]), np.array([30.005, 30.005, 30.005, 30.0]))
    assert found.index.tolist() == [1, 0, 0, 1]
    assert found.on_edge.tolist() == [True, True, False, True]
    assert found.overlapped.tolist() == [True, False, False, False]
