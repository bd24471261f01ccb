"""Drawn areas: equal shares, one coverage, kept outlines, and the same lines from the same chance."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.drawing import Grain, NotACoverage, Pen, Wander, curve_through, divide, stepped, trace

SQUARE = shapely.box(0, 0, 6000, 4000)
BAY = shapely.difference(SQUARE, shapely.Point(6000, 4000).buffer(2500))
RULED, HILLS = Grain(0.2, 1.6, 1.0), Grain(0.0, 1.0, 0.0)


def even(points: np.ndarray) -> np.ndarray:
    return np.ones(len(points))


def crowded_west(points: np.ndarray) -> np.ndarray:
    return np.where(points[:, 0] < 3000, 4.0, 1.0)


def pen(tremble: float = 0.05) -> Pen:
    wander = Wander.of((3000.0, 900.0), (80.0, 25.0), np.random.default_rng(5))
    return Pen(wander, even, fade_m=600.0, tremble=tremble, tremble_m=40.0, spacing_m=40.0, tolerance_m=2.0)


def to_degrees(points: np.ndarray) -> np.ndarray:
    return points / 1e5 + np.array([121.0, 30.0])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**32), st.sampled_from([RULED, HILLS]), st.sampled_from([SQUARE, BAY]))
def test_parts_are_connected_and_cover_the_area(shares: int, seed: int, grain: Grain, area: shapely.Polygon) -> None:
    parts = divide(area, shares, even, grain, np.random.default_rng(seed))
    assert len(parts) == shares
    assert all(isinstance(part, shapely.Polygon) and part.is_valid and not part.interiors for part in parts)
    assert sum(part.area for part in parts) == pytest.approx(area.area, rel=1e-9)
    assert shapely.union_all(parts, grid_size=1e-3).area == pytest.approx(area.area, rel=1e-6)


def test_parts_of_even_weight_are_about_equal_and_not_all_alike() -> None:
    areas = shapely.area(divide(SQUARE, 24, even, RULED, np.random.default_rng(1)))
    mean = SQUARE.area / 24
    assert mean / 2.5 < areas.min() < areas.max() < mean * 2.5
    assert areas.std() > mean * 0.05


def test_parts_are_small_where_the_weight_is_large() -> None:
    parts = divide(SQUARE, 40, crowded_west, RULED, np.random.default_rng(2))
    west = [part.area for part in parts if part.centroid.x < 2500]
    east = [part.area for part in parts if part.centroid.x > 3500]
    assert np.mean(east) == pytest.approx(4 * np.mean(west), rel=0.35)


def test_ruled_land_is_cut_along_its_grain() -> None:
    def skew(grain: Grain) -> float:
        """Mean angle between the edges of parts and the nearest of the two directions of the grain."""
        parts = divide(SQUARE, 30, even, grain, np.random.default_rng(3))
        lines = [np.diff(shapely.get_coordinates(part), axis=0) for part in parts]
        edges = np.vstack(lines)
        turn = (np.arctan2(edges[:, 1], edges[:, 0]) - 0.6) % (math.pi / 2)
        long = np.hypot(*edges.T) > 300
        return float(np.minimum(turn, math.pi / 2 - turn)[long].mean())

    assert skew(Grain(0.6, 1.0, 1.0)) < skew(Grain(0.6, 1.0, 0.0))


def test_no_share_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="0 shares"):
        divide(SQUARE, 0, even, RULED, np.random.default_rng(0))


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 30), st.integers(0, 2**32), st.sampled_from([SQUARE, BAY]))
def test_traced_pieces_are_one_coverage_in_their_order(shares: int, seed: int, area: shapely.Polygon) -> None:
    rng = np.random.default_rng(seed)
    pieces = divide(area, shares, even, RULED, rng)
    drawn = trace(pieces, area, pen(), to_degrees, rng)
    assert shapely.coverage_is_valid(drawn)
    assert shapely.area(drawn).sum() == pytest.approx(area.area / 1e10, rel=1e-5)
    for piece, area_drawn in zip(pieces, drawn, strict=True):
        moved = to_degrees(shapely.get_coordinates(piece.centroid))[0]
        assert shapely.distance(shapely.Point(moved), area_drawn) < 300 / 1e5
        assert area_drawn.exterior.is_ccw
    points = shapely.get_coordinates(drawn)
    assert (np.round(points, 7) == points).all()


def test_the_outline_keeps_its_own_vertices_and_inner_lines_bend() -> None:
    rng = np.random.default_rng(4)
    pieces = divide(SQUARE, 8, even, RULED, rng)
    drawn = trace(pieces, SQUARE, pen(), to_degrees, rng)
    whole = shapely.get_parts(shapely.coverage_union_all(drawn))[0]
    corners = {tuple(point) for point in np.round(to_degrees(shapely.get_coordinates(SQUARE)), 7)}
    assert corners <= {tuple(point) for point in shapely.get_coordinates(whole)}
    assert shapely.get_num_coordinates(drawn).min() > shapely.get_num_coordinates(pieces).min()


def test_the_same_chance_draws_the_same_lines() -> None:
    def drawn() -> list[bytes]:
        rng = np.random.default_rng(9)
        return [area.wkb for area in trace(divide(BAY, 12, even, RULED, rng), BAY, pen(), to_degrees, rng)]

    assert drawn() == drawn()


def test_lines_that_would_cross_are_drawn_with_a_steadier_hand() -> None:
    rng = np.random.default_rng(6)
    pieces = divide(SQUARE, 60, even, RULED, rng)
    wild = Pen(pen().wander, even, 600.0, tremble=0.5, tremble_m=400.0, spacing_m=40.0, tolerance_m=2.0)
    assert shapely.coverage_is_valid(trace(pieces, SQUARE, wild, to_degrees, rng))


def test_a_wander_that_folds_the_plane_is_refused() -> None:
    rng = np.random.default_rng(7)
    pieces = divide(SQUARE, 40, even, RULED, rng)
    storm = Pen(Wander.of((300.0,), (900.0,), rng), even, 10.0, 0.0, 0.0, 40.0, 2.0)
    with pytest.raises(NotACoverage):
        trace(pieces, SQUARE, storm, to_degrees, rng)


def test_a_wander_has_the_height_and_steepness_that_were_asked_for() -> None:
    wander = Wander.of((2000.0, 700.0), (60.0, 20.0), np.random.default_rng(8))
    spread = np.random.default_rng(0).uniform(0, 1e5, (20_000, 2))
    moves = wander.at(spread)
    assert np.sqrt((moves**2).sum(axis=1).mean()) == pytest.approx(math.hypot(60, 20), rel=0.05)
    step = np.array([0.5, 0.0])
    slope = (wander.at(spread + step) - wander.at(spread - step)) / 1.0
    other = (wander.at(spread + step[::-1]) - wander.at(spread - step[::-1])) / 1.0
    assert np.sqrt((slope**2 + other**2).sum(axis=1).mean() / 2) == pytest.approx(wander.steepness(), rel=0.05)


def test_a_curve_passes_through_its_control_points() -> None:
    control = np.array([[0.0, 0.0], [1000.0, 300.0], [1500.0, 1200.0], [3000.0, 1000.0]])
    spans = curve_through(control, 50.0)
    assert [tuple(span[0]) for span in spans] == [tuple(point) for point in control[:-1]]
    assert [tuple(span[-1]) for span in spans] == [tuple(point) for point in control[1:]]
    turns = np.diff(np.unwrap(np.arctan2(*np.diff(np.vstack([s[1:] for s in spans]), axis=0).T)))
    assert np.abs(turns).max() < math.radians(25)  # no corner at a control point


def test_a_step_leaves_the_ends_and_runs_beside_the_line() -> None:
    span = np.column_stack([np.linspace(0, 2000, 201), np.zeros(201)])
    drawn = stepped(span, 0.05, 1.0, np.random.default_rng(3))
    assert (drawn[[0, -1]] == span[[0, -1]]).all()
    assert 40 <= np.abs(drawn[:, 1]).max() <= 160  # 0.4 to 1.6 of 5 % of 2 km
