"""Points a second of the pixel index beside other engines and beside the memory of this machine, in one run.

One thread, unless said otherwise, and arrays of numpy in. Rounds go from one engine to the next and the best one
counts, so that a noisy moment hits all alike. A call of ours takes milliseconds and could be lucky where a peer's takes
seconds: beside the peers, one round of ours is the median of many calls. Peers that are not installed are named; what
to install stands in tests/bench/requirements-bench.txt.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import numba
import numpy as np
import pytest
import shapely

from geo.locator import Locator, store
from geo.locator.index import build
from tests.bench.layers import LAYERS
from tests.bench.peers import PEERS, Ask, postgis
from tests.environment import postgres

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

METRIC = "EPSG:4549"
POINTS = 1_000_000
MANY = 10_000_000
POSTGIS_POINTS = 100_000
ROUNDS = 15
PEER_ROUNDS = 2
MEDIAN_OF = 51


def calls(act: Callable[[], object], times: int) -> list[float]:
    """Seconds of each of several calls."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return found


def spent(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds, the best of some rounds."""
    return min(calls(act, rounds))


@pytest.fixture(scope="module", params=LAYERS)
def layer(request):
    """Name and polygons."""
    return request.param, LAYERS[request.param]()


def points_in(polygons, count: int):
    """Uniform points in the layer's box."""
    rng = np.random.default_rng(1)
    west, south, east, north = shapely.total_bounds(polygons)
    return rng.uniform(west, east, count), rng.uniform(south, north, count)


@numba.njit(nogil=True)
def gather(source, places, out):
    for i in range(len(places)):
        out[i] = source[places[i]]


def gather_limit(size: int, count: int = POINTS) -> float:
    """Nanoseconds to read one word somewhere in an array of so many bytes, all places known ahead."""
    source = np.ones(max(size // 8, 1))
    places = np.random.default_rng(1).integers(0, len(source), count)
    out = np.empty(count)
    gather(source, places, out)
    return spent(lambda: gather(source, places, out)) / count * 1e9


def ready_peers(stack: ExitStack, polygons, x, y) -> dict[str, tuple[Ask, int]]:
    """Every peer that is installed, and how many points it is asked for."""
    found: dict[str, tuple[Ask, int]] = {}
    for name, peer in PEERS.items():
        try:
            found[name] = peer(polygons, x, y), len(x)
        except ImportError as missing:
            print(f"  {name}: left out, {missing}; pip install -r tests/bench/requirements-bench.txt")
    try:
        few = x[:POSTGIS_POINTS], y[:POSTGIS_POINTS]
        found["PostGIS, 100,000 points"] = stack.enter_context(postgis(polygons, *few)), POSTGIS_POINTS
    except postgres.Unavailable as missing:
        print(f"  PostGIS: left out, {missing}")
    return found


def test_points_a_second_beside_the_peers(layer):
    name, polygons = layer
    x, y = points_in(polygons, POINTS)
    locator = Locator(polygons, METRIC)
    truth = locator.locate(x, y).index
    size = locator.index.nbytes
    print(f"\n{name}, {shapely.get_num_coordinates(polygons).sum():,} vertices, index {size / 1e6:.1f} MB")
    with ExitStack() as stack:
        peers = ready_peers(stack, polygons, x, y)
        best, ours = dict.fromkeys(peers, np.inf), np.inf
        for _ in range(PEER_ROUNDS):
            ours = min(ours, statistics.median(calls(lambda: locator.locate(x, y), MEDIAN_OF)))
            for peer, (ask, count) in peers.items():
                answers = []
                best[peer] = min(best[peer], spent(lambda ask=ask, answers=answers: answers.append(ask()), 1) / count)
                differ = int((answers[0] != truth[:count]).sum())
                assert differ == 0 or "within" in peer or "tg" in peer, f"{peer} differs on {differ} points"
    ours /= POINTS
    for peer, seconds in sorted(best.items(), key=lambda pair: pair[1]):
        print(f"  {peer:38} {1e-6 / seconds:8.3f} M points a second; ours is {seconds / ours:7.1f} times as fast")
    print(f"  {'pixel index':38} {1e-6 / ours:8.3f} M points a second, {ours * 1e9:.1f} ns a point")


def rates(locator: Locator, x, y) -> list[float]:
    """Nanoseconds a point: one thread, two threads, points sorted by places of 0.01 degrees."""
    order = np.lexsort((np.floor(x * 100), np.floor(y * 100)))
    near = np.ascontiguousarray(x[order]), np.ascontiguousarray(y[order])
    acts = [
        lambda: locator.locate(x, y),
        lambda: locator.locate(x, y, threads=2),
        lambda: locator.locate(*near),
    ]
    rounds = [[spent(act, 3) for act in acts] for _ in range(5)]
    return [min(column) / len(x) * 1e9 for column in zip(*rounds, strict=True)]


def test_ten_million_points_two_threads_and_the_limit_of_the_memory(layer):
    name, polygons = layer
    locator = Locator(polygons, METRIC)
    print(f"\n{name}")
    for count in (POINTS, MANY):
        one, two, near = rates(locator, *points_in(polygons, count))
        limit = gather_limit(locator.index.nbytes, count)
        print(
            f"  {count:11,} points: {one:5.1f} ns a point; two threads {two:5.1f}, {one / two:.2f} times as fast;",
            end="",
        )
        print(
            f" in spatial order {near:5.1f}; a random read from as many bytes {limit:.1f}, ours {one / limit:.1f} times"
        )


def test_one_point_a_build_and_a_start(layer, tmp_path):
    name, polygons = layer
    built = spent(lambda: build(polygons), 3)
    alone = spent(lambda: build(polygons, threads=1), 2)
    locator = Locator(polygons, METRIC, folder=tmp_path)
    key = next(tmp_path.iterdir()).stem
    mapped = spent(lambda: store.load(tmp_path, key))
    keyed = spent(lambda: store.key_of(polygons, None), 3)
    x, y = (axis.tolist() for axis in points_in(polygons, 10_000))
    single = spent(lambda: [locator.locate_one(a, b) for a, b in zip(x, y, strict=True)]) / len(x)
    print(
        f"\n{name}: built in {built:.2f} s, with one thread {alone:.2f} s; mapped in {mapped * 1e3:.1f} ms (hash of the"
        f" layer {keyed * 1e3:.0f} ms); one point through Python {single * 1e6:.2f} µs"
    )
