"""Location: exactly the rule, on vertices, on shared edges and one ulp beside them."""

import math
import threading

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from geo.locator import OUTSIDE, Locator
from tests.geo.coverages import lowest_covering, quilt, squares

METRIC = "EPSG:4549"


def ulps(value: float) -> list[float]:
    return [np.nextafter(value, -np.inf), value, np.nextafter(value, np.inf)]


def awkward_points(polygons, rng, count):
    """Random points, vertices, points on edges, and all of them one ulp beside."""
    west, south, east, north = shapely.total_bounds(polygons)
    points = [
        (rng.uniform(west - 0.002, east + 0.002), rng.uniform(south - 0.002, north + 0.002)) for _ in range(count)
    ]
    for polygon in rng.choice(np.array(polygons, dtype=object), count):
        ring = np.array(polygon.exterior.coords)
        corner = rng.integers(len(ring) - 1)
        share = rng.choice([0.0, 0.25, 0.5, rng.uniform()])
        x, y = ring[corner] + share * (ring[corner + 1] - ring[corner])
        points += [(a, b) for a in ulps(x) for b in ulps(y)]
    return points


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 4))
def test_every_point_belongs_to_the_lowest_area_that_covers_it(seed, size):
    polygons = quilt(seed, size)
    points = awkward_points(polygons, np.random.default_rng(seed), 8)
    found = Locator(polygons, METRIC).locate(*np.array(points).T)
    expected = [lowest_covering(polygons, *point) for point in points]
    assert found.index.tolist() == [index for index, _ in expected]
    assert found.on_edge.tolist() == [on_edge for _, on_edge in expected]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shapely_asked_polygon_by_polygon_says_the_same(seed):
    polygons = quilt(seed, 3)
    points = awkward_points(polygons, np.random.default_rng(seed), 20)
    found = Locator(polygons, METRIC).locate(*np.array(points).T)
    for (lon, lat), index, on_edge in zip(points, found.index, found.on_edge, strict=True):
        covering = [i for i, polygon in enumerate(polygons) if polygon.intersects(shapely.Point(lon, lat))]
        assert (index, on_edge) == (min(covering, default=OUTSIDE), len(covering) > 1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_one_point_and_many_points_get_the_same_answer(seed):
    locator = Locator(polygons := quilt(seed, 3), METRIC)
    points = awkward_points(polygons, np.random.default_rng(seed), 10)
    many = locator.locate(*np.array(points).T)
    alone = [locator.locate_one(*point) for point in points]
    assert [hit.position for hit in alone] == many.index.tolist()
    assert [hit.on_edge for hit in alone] == many.on_edge.tolist()


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_code():
    left, right = squares(2, 1)
    x = left.bounds[2]
    assert Locator([left, right], METRIC).locate_one(x, 30.005).position == 0
    assert Locator([right, left], METRIC).locate_one(x, 30.005).position == 0
    assert Locator([left, right], METRIC).locate_one(x, 30.005).on_edge


def test_four_areas_that_meet_share_their_corner():
    hit = Locator(squares(2, 2), METRIC).locate_one(121.01, 30.01)
    assert (hit.position, hit.on_edge) == (0, True)


def test_one_ulp_beside_an_edge_is_no_edge():
    left, right = squares(2, 1)
    x = left.bounds[2]
    locator = Locator([left, right], METRIC)
    for beside, position in ((np.nextafter(x, 0), 0), (np.nextafter(x, 999), 1)):
        hit = locator.locate_one(beside, 30.005)
        assert (hit.position, hit.on_edge) == (position, False)


def test_the_outer_line_belongs_to_the_area_and_is_no_shared_edge():
    hit = Locator(squares(2, 1), METRIC).locate_one(121.0, 30.005)
    assert (hit.position, hit.on_edge) == (0, False)


def test_holes_and_islands_are_respected():
    ring = Polygon(box(121.0, 30.0, 121.03, 30.03).exterior, [box(121.01, 30.01, 121.02, 30.02).exterior])
    island = box(121.05, 30.0, 121.06, 30.01)
    locator = Locator([MultiPolygon([ring, island]), box(121.01, 30.01, 121.02, 30.02)], METRIC)
    found = locator.locate([121.015, 121.055, 121.005, 121.04, 121.01], [30.015, 30.005, 30.005, 30.0, 30.015])
    assert found.index.tolist() == [1, 0, 0, OUTSIDE, 0]
    assert found.on_edge.tolist() == [False, False, False, False, True]


def test_what_is_not_finite_is_outside():
    locator = Locator(squares(1, 1), METRIC)
    found = locator.locate([math.nan, 121.005, math.inf, 121.005], [30.005, math.nan, 30.005, 30.005])
    assert found.index.tolist() == [OUTSIDE, OUTSIDE, OUTSIDE, 0]
    assert locator.locate_one(math.nan, 30.0).position == OUTSIDE
    assert locator.nearest_one(math.nan, 30.0).position == OUTSIDE


def test_an_empty_layer_and_an_empty_array_have_answers():
    empty = Locator([], METRIC)
    assert empty.locate_one(121.0, 30.0).position == OUTSIDE
    assert empty.locate([121.0], [30.0]).index.tolist() == [OUTSIDE]
    assert empty.nearest_one(121.0, 30.0).position == OUTSIDE
    assert Locator(squares(1, 1), METRIC).locate([], []).index.shape == (0,)


@pytest.mark.parametrize(("metres", "found"), [(1, True), (199, True), (201, False), (5000, False)])
def test_the_nearest_area_is_a_suggestion_within_200_metres(metres, found):
    # One degree of latitude here is 110,857 m on the ellipsoid; EPSG:4549 stretches it by 126 ppm at most.
    near = Locator(squares(2, 1), METRIC).nearest_one(121.005, 30.0 - metres / 110_857)
    if found:
        assert near.position == 0
        # The edge is straight in degrees and bows by a centimetre in metres.
        assert near.distance_m == pytest.approx(metres, rel=2e-3, abs=0.02)
    else:
        assert near.position == OUTSIDE
        assert math.isnan(near.distance_m)


def test_at_equal_distance_the_lowest_code_is_nearest():
    near = Locator([box(121.02, 30, 121.03, 30.01), box(121.0, 30, 121.01, 30.01)], METRIC)
    middle = near.nearest_one(121.015, 30.005, within_m=1000)
    assert middle.distance_m == pytest.approx(
        0.005 * 96_486 * 1.0, rel=2e-3
    )  # a degree of longitude at 30 north, in metres
    left, right = squares(2, 1)
    assert Locator([left, right], METRIC).nearest_one(121.01, 29.9995).position == 0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_nearest_area_is_the_one_that_a_search_through_all_finds(seed):
    polygons = quilt(seed, 2)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(120.995, 121.025, 12), rng.uniform(29.995, 30.025, 12)
    index, distance_m = Locator(polygons, METRIC).nearest(lon, lat, within_m=300)
    for i in range(len(lon)):
        # The oracle: a local plane around the point, in which a degree has the length that it has on the ellipsoid.
        metres = np.array([96_486 * math.cos(math.radians(lat[i])) / math.cos(math.radians(30.0)), 110_857])
        apart = [
            shapely.Polygon((np.array(polygon.exterior.coords) - [lon[i], lat[i]]) * metres).distance(
                shapely.Point(0, 0)
            )
            for polygon in polygons
        ]
        if min(apart) < 295:  # an edge that is straight in degrees bows by centimetres in metres
            assert distance_m[i] == pytest.approx(min(apart), rel=2e-3, abs=0.05)
            assert apart[index[i]] == pytest.approx(min(apart), rel=2e-3, abs=0.05)
        elif min(apart) > 305:
            assert index[i] == OUTSIDE


def test_a_point_that_an_area_covers_is_no_metre_away_from_it():
    index, distance_m = Locator(squares(2, 1), METRIC).nearest([121.015, 121.01, 121.005], [30.005, 30.005, 29.0])
    assert index.tolist() == [1, 0, OUTSIDE]
    assert distance_m[:2].tolist() == [0.0, 0.0]
    assert math.isnan(distance_m[2])


def test_long_outlines_and_holes_are_measured_whole():
    angle = np.linspace(0, 2 * np.pi, 101)
    ring = Polygon(np.column_stack([121 + 0.01 * np.cos(angle), 30 + 0.01 * np.sin(angle)]))
    island = box(121.05, 30.0, 121.06, 30.01)
    holed = Polygon(island.exterior, [box(121.054, 30.004, 121.056, 30.006).exterior])
    locator = Locator([MultiPolygon([ring, holed])], METRIC)
    away = 0.0102
    index, distance_m = locator.nearest(
        [*(121 + away * np.cos(angle)), 121.055], [*(30 + away * np.sin(angle)), 30.005]
    )
    assert (index == 0).all()
    # Two ten-thousandths of a degree: 22 m to the north, 19 m to the east; the hole is 200 m wide.
    assert ((distance_m[:-1] > 19.0) & (distance_m[:-1] < 22.5)).all()
    assert distance_m[-1] == pytest.approx(0.001 * 96_486, rel=2e-3)


def test_threads_share_a_locator():
    polygons = quilt(7, 4)
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(121.0, 121.04, 2000), rng.uniform(30.0, 30.04, 2000)
    expected = Locator(polygons, METRIC).locate(lon, lat).index
    locator, answers = Locator(polygons, METRIC), []
    threads = [threading.Thread(target=lambda: answers.append(locator.locate(lon, lat).index)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all((answer == expected).all() for answer in answers)
