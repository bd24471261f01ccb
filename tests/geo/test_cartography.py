"""Maps for paper: what the sheet promises of scale, lines, names, classes and degrees."""

import math
import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.cartography import Label, Svg, classify, drawn, fitted, north, place_labels, projected, scale_bar, ticks
from geo.cartography.paths import UNITS
from geo.cartography.projected import for_paper
from geo.crs import from_wgs84, to_wgs84
from geo.errors import GeoError

METRIC = "EPSG:4549"


@given(
    west=st.floats(-1e6, 1e6), south=st.floats(-1e6, 1e6), wide=st.floats(1, 2e6), high=st.floats(1, 2e6),
    paper=st.tuples(st.floats(40, 800), st.floats(40, 800)),
)  # fmt: skip
def test_an_extent_lies_within_the_margins_of_its_frame_in_the_middle(west, south, wide, high, paper):
    frame = fitted((west, south, west + wide, south + high), *paper, margin=6.0)
    corners = frame.to_paper(np.array([[west, south + high], [west + wide, south]]))
    (left, top), (right, bottom) = corners.tolist()
    assert left >= 6 - 1e-6
    assert top >= 6 - 1e-6
    assert right <= paper[0] - 6 + 1e-6
    assert bottom <= paper[1] - 6 + 1e-6
    assert left + right == pytest.approx(paper[0])
    assert top + bottom == pytest.approx(paper[1])


@given(wide=st.floats(50, 5e5))
def test_a_scale_has_at_most_three_leading_figures_and_the_next_larger_one_would_not_fit(wide):
    frame = fitted((0, 0, wide, 1), 212, 100, margin=6.0)
    assert re.fullmatch(r"\d{1,3}0*", str(frame.scale))
    assert wide / frame.metres_per_mm <= 200 + 1e-6
    assert wide / (frame.metres_per_mm / 1.34) > 200  # the widest step between two scales is a third


def test_a_frame_without_ground_or_room_is_refused_with_its_numbers():
    with pytest.raises(GeoError, match="no ground to show"):
        fitted((0, 0, math.nan, 1), 200, 100)
    with pytest.raises(GeoError, match="10 x 100 mm has no room"):
        fitted((0, 0, 1, 1), 10, 100)
    with pytest.raises(GeoError, match="no map of a region"):
        fitted((0, 0, 1e12, 1), 200, 100)


@given(wide=st.floats(200, 5e5), longest=st.floats(20, 90))
def test_a_scale_bar_is_a_round_length_that_fits_and_is_as_long_on_paper_as_it_says(wide, longest):
    frame = fitted((0, 0, wide, 1), 212, 100)
    bar = scale_bar(frame, longest)
    assert bar.millimetres <= longest + 1e-9
    assert bar.millimetres > longest / 2.51
    assert str(bar.metres).rstrip("0") in {"1", "2", "5"}
    ends = frame.to_paper(np.array([[0.0, 0.0], [bar.metres, 0.0]]))
    assert ends[1, 0] - ends[0, 0] == pytest.approx(bar.millimetres)


def squares(n: int, side: float) -> np.ndarray:
    """A coverage of n by n squares whose shared edges wander by a tenth of a metre."""
    rng = np.random.default_rng(7)
    steps = np.arange(n * 20 + 1) * side / 20
    across = {
        i: np.column_stack((steps, i * side + np.r_[0, rng.uniform(-0.1, 0.1, len(steps) - 2), 0]))
        for i in range(n + 1)
    }
    down = {i: np.column_stack((i * side + np.zeros(len(steps)), steps)) for i in range(n + 1)}
    lines = [shapely.LineString(line) for line in (*across.values(), *down.values())]
    return np.array(
        shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(shapely.multilinestrings(lines))).tolist()))
    )


def test_lines_for_paper_stay_a_coverage_and_move_less_than_the_eye_can_see():
    shapes = squares(4, 1000.0)
    assert shapely.coverage_is_valid(shapes)
    simpler = for_paper(shapes, 100_000)
    assert shapely.coverage_is_valid(simpler)
    assert shapely.get_num_coordinates(simpler).sum() < shapely.get_num_coordinates(shapes).sum() / 4
    moved = shapely.hausdorff_distance(shapely.boundary(shapes), shapely.boundary(simpler))
    assert moved.max() < 0.2 * 100  # millimetres of paper in metres at 1:100 000


def test_a_path_holds_every_ring_in_hundredths_of_a_millimetre_from_the_upper_left():
    frame = fitted((0, 0, 100, 100), 112, 112, margin=6.0)
    shape = shapely.Polygon([(0, 0), (100, 0), (100, 100), (0, 100)], [[(40, 40), (60, 40), (60, 60), (40, 60)]])
    figures = [
        [tuple(map(int, pair.split())) for pair in ring.split("L")]
        for ring in re.findall(r"M([^Z]+)Z", drawn([shape], frame))
    ]
    expected = [
        [tuple(np.rint(point * UNITS).astype(int).tolist()) for point in frame.to_paper(shapely.get_coordinates(ring))]
        for ring in (shape.exterior, *shape.interiors)
    ]
    assert figures == expected


def test_what_lies_outside_of_the_frame_costs_nothing_and_what_reaches_out_is_cut():
    frame = fitted((0, 0, 100, 100), 112, 112, margin=6.0)
    assert drawn([shapely.box(1e6, 1e6, 2e6, 2e6), shapely.Polygon()], frame) == ""
    numbers = [int(word) for word in re.findall(r"-?\d+", drawn([shapely.box(-1e7, -1e7, 1e7, 1e7)], frame))]
    assert max(map(abs, numbers)) < (112 + 25) * UNITS


def test_an_image_escapes_what_is_put_into_its_attributes():
    svg = Svg(fitted((0, 0, 1, 1), 100, 100))
    svg.add("M0 0L1 1", {"fill": '"><script>'})
    assert "<script>" not in svg.text()


LABELS = st.lists(
    st.builds(
        Label,
        text=st.text("慈溪市镇街道ABCabc 12", min_size=1, max_size=12),
        x=st.floats(-20, 220), y=st.floats(-20, 170), size=st.floats(1.5, 6), kind=st.just("x"),
        weight=st.floats(0, 10), reach=st.floats(0, 20),
    ),
    max_size=40,
)  # fmt: skip


@given(labels=LABELS)
def test_no_two_names_overlap_none_leaves_the_frame_and_each_is_placed_or_told(labels):
    placed, left_out = place_labels(labels, 200, 150)
    assert sorted(map(repr, [*(one.label for one in placed), *left_out])) == sorted(map(repr, labels))
    boxes = [shapely.box(*one.box) for one in placed]
    for i, box in enumerate(boxes):
        assert shapely.box(0, 0, 200, 150).covers(box)
        assert not any(box.intersects(other) for other in boxes[:i])


@given(labels=LABELS)
def test_the_heaviest_name_stands_where_it_wants_and_the_order_given_changes_nothing(labels):
    one = Label("慈溪市", 100, 75, 4, "x", weight=11)
    placed, _ = place_labels([*labels, one], 200, 150)
    assert next(found for found in placed if found.label is one).middle == pytest.approx((100, 75))
    again, _ = place_labels([one, *reversed(labels)], 200, 150)
    assert [found.box for found in again] == [found.box for found in placed]


@given(values=st.lists(st.integers(0, 300), min_size=1, max_size=200))
def test_classes_of_counts_hold_every_value_between_whole_limits(values):
    classes = classify(values)
    found = classes.of(values)
    assert sum(classes.counts) == len(values)
    assert classes.counts == tuple(np.bincount(found, minlength=len(classes.limits) + 1).tolist())
    assert list(classes.limits) == sorted(set(classes.limits))
    assert len(classes.limits) <= 5
    for value, number in zip(values, found.tolist(), strict=True):
        if value == 0:
            assert number == 0
        else:
            below = (0.0, *classes.limits)[number - 1]
            assert below < value <= classes.limits[number - 1]
    assert all(limit == int(limit) for limit in classes.limits)


def test_classes_part_where_the_values_do():
    values = [1, 1, 2, 2, 3, 40, 41, 43, 100, 102, 250, 251, 900]
    classes = classify(values)
    groups = [[value for value in values if classes.of([value])[0] == number] for number in range(1, 6)]
    assert [40, 41, 43] in groups
    assert [900] in groups


def test_classes_of_nothing_are_none_and_infinity_is_refused():
    assert classify([0, 0]).counts == (2,)
    assert classify([0, 0]).of([0, 0]).tolist() == [0, 0]
    with pytest.raises(GeoError, match="Value 1 is infinite"):
        classify([1, math.inf])


def test_degrees_stand_where_their_meridian_or_parallel_meets_the_frame():
    x, y = from_wgs84([121.04, 121.63], [30.04, 30.40], METRIC)
    frame = fitted((x[0], y[0], x[1], y[1]), 305, 240)
    found = ticks(frame, METRIC)
    assert {tick.side for tick in found} == {"top", "bottom", "left", "right"}
    west, south, east, upper = frame.bounds
    for tick in found:
        far = tick.at * frame.metres_per_mm
        point = {
            "top": (west + far, upper),
            "bottom": (west + far, south),
            "left": (west, upper - far),
            "right": (east, upper - far),
        }
        lon, lat = to_wgs84([point[tick.side][0]], [point[tick.side][1]], METRIC)
        degrees = lon[0] if tick.side in ("top", "bottom") else lat[0]
        assert degrees * 60 == pytest.approx(tick.minutes, abs=0.02)  # a fifth of a millimetre at this scale
        assert tick.degrees == f"{tick.minutes // 60}°{tick.minutes % 60:02d}′"


def test_true_north_is_turned_by_the_convergence_of_the_meridians():
    x, y = from_wgs84([121.3], [30.2], METRIC)
    frame = fitted((x[0] - 1, y[0] - 1, x[0] + 1, y[0] + 1), 100, 100)
    # Gauss-Kruger: the tangent of the convergence is tan(lon - lon0) sin(lat) to first order; the meridian leans west
    # of grid north east of the central one.
    expected = -math.degrees(math.atan(math.tan(math.radians(1.3)) * math.sin(math.radians(30.2))))
    assert north(frame, METRIC) == pytest.approx(expected, abs=0.001)


def test_projected_shapes_are_metres_east_and_north():
    (point,) = projected([shapely.Point(121.3, 30.2)], METRIC)
    x, y = from_wgs84([121.3], [30.2], METRIC)
    assert (point.x, point.y) == (x[0], y[0])
