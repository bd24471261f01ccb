"""Hot spots: published values, a recount by the formula, and no spots in noise."""

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from geo.errors import GeoError
from geo.hotspots import Course, Quadrant, Spot, course, getis_ord, local_moran, neighbours


def squares(rows: int, columns: int) -> list[shapely.Polygon]:
    """A chessboard, row by row from the south-west."""
    return [shapely.box(x, y, x + 1, y + 1) for y in range(rows) for x in range(columns)]


def test_gi_star_gives_the_published_values_of_the_six_point_example() -> None:
    # Six points, neighbours within 15, of the documentation of PySAL's G_Local; its values for Gi* with binary weights.
    points = geopandas.GeoSeries.from_xy([10, 20, 40, 15, 30, 30], [10, 10, 10, 20, 20, 30])
    graph = Graph.build_distance_band(points, threshold=15, binary=True)
    found = getis_ord([2, 3, 3.2, 5, 8, 7], graph)
    published = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    assert found.z == pytest.approx(published, abs=1e-8)


@given(st.lists(st.integers(0, 50), min_size=20, max_size=20).filter(lambda counts: len(set(counts)) > 1))
@settings(max_examples=60, deadline=None)
def test_gi_star_is_the_formula_of_ord_and_getis(counts: list[int]) -> None:
    cells = squares(4, 5)
    w = np.array([[float(a.intersects(b)) for b in cells] for a in cells])
    x, n = np.array(counts, float), len(counts)
    mean, s = x.mean(), np.sqrt((x**2).mean() - x.mean() ** 2)
    sums = w.sum(axis=1)
    expected = (w @ x - mean * sums) / (s * np.sqrt((n * (w**2).sum(axis=1) - sums**2) / (n - 1)))
    assert getis_ord(counts, neighbours(cells)).z == pytest.approx(expected, abs=1e-9)


def test_cells_are_neighbours_along_edges_and_in_corners() -> None:
    graph = neighbours(squares(3, 3))
    assert sorted(graph[4].index) == [0, 1, 2, 3, 5, 6, 7, 8]
    assert sorted(graph[0].index) == [1, 3, 4]


def test_a_planted_cluster_is_found_and_noise_is_left_alone() -> None:
    cells = squares(30, 30)
    graph, random = neighbours(cells), np.random.default_rng(7)
    noise = random.poisson(5, 900).astype(float)
    assert (getis_ord(noise, graph).spot == Spot.NONE).mean() > 0.99
    planted = noise.reshape(30, 30).copy()
    planted[10:14, 20:24] += 15
    hot = getis_ord(planted.ravel(), graph).spot.reshape(30, 30) == Spot.HOT
    assert hot[10:14, 20:24].all()
    assert hot[:, :18].sum() == 0


def test_false_discoveries_stay_at_the_rate_over_many_maps_of_noise() -> None:
    graph, random = neighbours(squares(20, 20)), np.random.default_rng(3)
    maps = [getis_ord(random.normal(size=400), graph).spot for _ in range(200)]
    wrong = np.mean([(one != Spot.NONE).any() for one in maps])
    # Under the null every discovery is false, so maps with any are as frequent as the rate, with the error of 200 maps.
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    uncorrected = [getis_ord(random.normal(size=400), graph).p < 0.05 for _ in range(20)]
    assert all(one.any() for one in uncorrected), "without the correction every map of noise has hot spots"


def test_local_moran_tells_clusters_from_outliers_and_repeats_itself() -> None:
    cells = squares(12, 12)
    graph = neighbours(cells)
    counts = np.random.default_rng(1).poisson(3, 144).astype(float).reshape(12, 12)
    counts[2:5, 2:5] += 20
    counts[9, 9] += 40
    first, second = (local_moran(counts.ravel(), graph) for _ in range(2))
    assert np.array_equal(first.p, second.p)
    quadrant, significant = first.quadrant.reshape(12, 12), first.significant.reshape(12, 12)
    assert (quadrant[2:5, 2:5] == Quadrant.HIGH_HIGH).all()
    assert significant[3, 3]
    assert quadrant[9, 9] == Quadrant.HIGH_LOW
    z = (counts.ravel() - counts.mean()) / counts.std()
    w = graph.transform("r").sparse.toarray()
    assert first.i == pytest.approx(z * (w @ z) * (len(z) - 1) / len(z), rel=1e-9)


def test_equal_counts_are_no_spots() -> None:
    graph = neighbours(squares(3, 3))
    assert set(getis_ord(np.full(9, 4), graph).spot) == {Spot.NONE}
    assert not local_moran(np.full(9, 4), graph).significant.any()


def test_an_island_speaks_for_itself() -> None:
    cells = [*squares(4, 4), shapely.box(50, 50, 51, 51)]
    found = getis_ord([*range(16), 90], neighbours(cells))
    assert np.isfinite(found.z).all()
    assert found.z.argmax() == 16


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([1, 1, 1, 1], Course.PERSISTENT),
        ([1, 0, 1, 1], Course.PERSISTENT),
        ([0, 0, 0, 1], Course.EMERGING),
        ([1, 0, 0, 1], Course.EMERGING),
        ([1, 1, 0, 0], Course.FADING),
        ([1, 0, 0, 0], Course.NONE),
        ([0, 0, 0, 0], Course.NONE),
    ],
)
def test_a_cell_emerges_persists_or_fades(history: list[int], expected: Course) -> None:
    assert course(np.array(history)[:, None]).tolist() == [expected]


def test_what_cannot_be_meant_is_refused() -> None:
    graph = neighbours(squares(2, 2))
    with pytest.raises(GeoError, match=r"shape \(3,\) for 4 cells"):
        getis_ord([1, 2, 3], graph)
    with pytest.raises(GeoError, match="cell 2 is nan"):
        getis_ord([1, 2, np.nan, 4], graph)
    with pytest.raises(GeoError, match="two periods or more"):
        course([[True, False]])
