"""A coverage that is simplified for the screen stays a coverage, with the same neighbours, at every scale."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo.coverage.levels import with_levels
from tests.geo.coverages import wavy

TOLERANCES = [0.3, 0.1, 0.03]


def at_level(shape, bit):
    """The vertices of a shape that are drawn at a scale, as the script of the map chooses them."""

    def ring(line):
        kept = [(x, y) for x, y, mark in line.coords if int(mark) >> bit & 1]
        return kept if kept[0] == kept[-1] else [*kept, kept[0]]

    parts = [Polygon(ring(p.exterior), [ring(hole) for hole in p.interiors]) for p in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def neighbours(shapes):
    """Pairs of areas that share an edge, found by the edges themselves."""
    owners: dict[frozenset, list[int]] = {}
    for at, shape in enumerate(shapes):
        for part in shapely.get_parts(shape):
            for line in (part.exterior, *part.interiors):
                for a, b in pairwise(line.coords):
                    owners.setdefault(frozenset((a[:2], b[:2])), []).append(at)
    return {tuple(sorted(pair)) for pair in owners.values() if len(pair) == 2}


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 5))
def test_every_level_is_a_valid_coverage_with_the_same_neighbours(seed, columns, rows):
    shapes = wavy(columns, rows, seed)
    assert shapely.coverage_is_valid(shapes)
    before = neighbours(shapes)
    found = with_levels(shapes, 1e-3, TOLERANCES)
    for drawn in (found, *([at_level(shape, bit) for shape in found] for bit in range(len(TOLERANCES)))):
        flat = shapely.force_2d(np.array(drawn, dtype=object))
        assert shapely.is_valid(flat).all()
        assert not shapely.is_empty(flat).any()
        assert shapely.coverage_is_valid(flat)
        assert neighbours(drawn) == before


@pytest.mark.parametrize("bit", range(len(TOLERANCES)))
def test_a_line_goes_no_further_astray_than_its_scale_allows(bit):
    shapes = wavy(4, 4, seed=3)
    found = with_levels(shapes, 1e-3, TOLERANCES)
    for shape, drawn in zip(shapes, (at_level(one, bit) for one in found), strict=True):
        # A vertex goes when its triangle is smaller than the tolerance squared; a wide one may be a little higher.
        assert shapely.hausdorff_distance(shape.boundary, drawn.boundary) < 3 * TOLERANCES[bit]


def test_coarser_levels_have_fewer_vertices_and_holes_stay():
    ring = shapely.Point(0, 0).buffer(5, quad_segs=64)
    hole = shapely.Point(0, 0).buffer(2, quad_segs=64)
    found = with_levels([ring.difference(hole), hole], 1e-6, TOLERANCES)
    counts = [sum(shapely.get_num_coordinates(at_level(one, bit)) for one in found) for bit in range(3)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert len(at_level(found[0], 0).interiors) == 1


def test_no_shapes_are_no_coverage_and_a_square_stays_as_it_is():
    assert with_levels([], 1e-3, TOLERANCES) == []
    (square,) = with_levels([box(0, 0, 1, 1)], 1e-3, TOLERANCES)
    assert shapely.equals(shapely.force_2d(square), box(0, 0, 1, 1))
