"""Several layers, and several versions, from one call: exactly what each locator says by itself."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.locator import BEFORE, OUTSIDE, Layers, Locator, Versions, nests
from tests.geo.coverages import quilt, squares
from tests.geo.shapes import hard_points

METRIC = "EPSG:4549"


def merged(cells, groups):
    """The union of each group, with all vertices of its cells kept."""
    return [shapely.coverage_union_all([cell for cell, g in zip(cells, groups, strict=True) if g == group])
            for group in sorted(set(groups))]  # fmt: skip


def nested(seed, order):
    """A quilt, two and two columns of it, and one area around all, the lower layers in an order of their own."""
    cells = quilt(seed, 4)
    groups = [position // 8 for position in range(16)]
    order = np.random.default_rng(order).permutation(16)
    cells, groups = [cells[i] for i in order], [groups[i] for i in order]
    villages = merged(cells, groups)
    return [cells, villages, merged(villages, [0, 0])], [groups, [0, 0]]


def check(layers, parents, points):
    pairs = [(areas, Locator(areas, METRIC)) for areas in layers]
    together = Layers(pairs, parents)
    for found, (_, locator) in zip(together.locate(*points), pairs, strict=True):
        alone = locator.locate(*points)
        assert (found.index == alone.index).all()
        assert (found.flags == alone.flags).all()
    return together.nested


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_layers_that_nest_need_one_look_up_and_answer_as_each_alone(seed):
    layers, parents = nested(seed, seed)
    points = hard_points(layers[0], np.random.default_rng(seed), 100)
    assert check(layers, parents, points) == (True, True)


@pytest.mark.parametrize("fault", ["moved", "missing", "no parent", "another parent", "a vertex more", "overlap"])
def test_layers_that_do_not_nest_are_asked_one_by_one(fault):
    layers, parents = nested(1, 1)
    cells, villages, _ = layers
    if fault == "moved":
        cells[3] = shapely.transform(cells[3], lambda xy: xy + 1e-6)
    elif fault == "missing":
        del cells[3], parents[0][3]
    elif fault == "no parent":
        parents[0][3] = -1
    elif fault == "another parent":
        parents[0][3] = 1 - parents[0][3]
    elif fault == "a vertex more":
        villages[0] = shapely.segmentize(villages[0], 0.004)
    else:
        cells.append(cells[0])
        parents[0].append(parents[0][0])
    points = hard_points([*cells, *villages], np.random.default_rng(2), 500)
    assert check(layers, parents, points)[0] is False


def test_an_area_that_lies_twice_in_its_parent_is_looked_up_again():
    # Three times the same cell: two cancel each other, and the layer seems to nest.
    left, right = squares(2, 1)
    layers, parents = [[left, left, left, right], [left, right]], [[0, 0, 0, 1]]
    assert check(layers, parents, hard_points(layers[0], np.random.default_rng(1), 500)) == (True,)


def test_nesting_is_seen_whatever_the_direction_of_the_rings():
    left, right = squares(2, 1)
    whole, parents = shapely.coverage_union(left, right), np.zeros(2, np.int32)
    assert nests([left.reverse(), right], [whole], parents)
    assert nests([left, right], [whole.reverse()], parents)
    assert not nests([left, right], [shapely.box(*whole.bounds)], parents), "without the vertices where cells meet"


def test_the_lists_of_parents_are_counted():
    left, right = squares(2, 1)
    locator = Locator([left, right], METRIC)
    with pytest.raises(ValueError, match="2 layers need 1"):
        Layers([([left, right], locator)] * 2, [])


def test_each_point_is_located_by_the_boundaries_of_its_own_time():
    left, right = squares(2, 1)
    old, new = Locator([left, right], METRIC), Locator([right, left], METRIC)
    versions = Versions(["2020-01-01", "2024-11-20"], [old, new])
    when = ["2019-12-31T23:59:59", "2020-01-01", "2024-11-19T23:59:59.999", "2024-11-20", "2030-01-01", "NaT"]
    found = versions.locate([121.005] * 6, [30.005] * 6, when)
    assert found.version.tolist() == [BEFORE, 0, 0, 1, 1, BEFORE]
    assert found.located.index.tolist() == [OUTSIDE, 0, 0, 1, 1, OUTSIDE]
    edge = versions.locate([121.01] * 2, [30.005] * 2, ["2020-01-01", "2025-01-01"])
    assert edge.located.on_edge.tolist() == [True, True]


def test_versions_must_ascend():
    locator = Locator(squares(1, 1), METRIC)
    for firsts in (["2024-01-01"], ["2024-01-01", "2024-01-01"], ["2024-01-02", "2024-01-01"]):
        with pytest.raises(ValueError, match="ascending"):
            Versions(firsts, [locator, locator])
