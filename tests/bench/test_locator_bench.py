"""Points a second of the pixel index beside other engines and beside the memory of this machine, in one run.

One thread, unless said otherwise, and arrays of numpy in. Times are those of the processor, of all threads of this
process, as other work on the machine stretches seconds on the wall by its own amount at each moment; PostGIS, another
process, and threads are timed on the wall. Rounds go from one engine to the next and the best one counts. A call of
ours takes milliseconds and could be lucky where a peer's takes seconds: beside the peers, one round of ours is the
median of many calls. Peers that are not installed are named; what to install stands in
tests/bench/requirements-bench.txt.
"""

import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import numba
import numpy as np
import pytest
import shapely

from geo.locator import SUGGEST_WITHIN_M, Locator, store
from geo.locator.index import build
from geo.locator.outlines import Outlines
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


Clock = Callable[[], float]


def calls(act: Callable[[], object], times: int, clock: Clock = time.process_time) -> list[float]:
    """Seconds of each of several calls."""
    found = []
    for _ in range(times):
        start = clock()
        act()
        found.append(clock() - start)
    return found


def spent(act: Callable[[], object], rounds: int = ROUNDS, clock: Clock = time.process_time) -> float:
    """Seconds, the best of some rounds."""
    return min(calls(act, rounds, clock))


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
                clock = time.perf_counter if "PostGIS" in peer else time.process_time
                taken = spent(lambda ask=ask, answers=answers: answers.append(ask()), 1, clock)
                best[peer] = min(best[peer], taken / count)
                differ = int((answers[0] != truth[:count]).sum())
                assert differ == 0 or "within" in peer or "tg" in peer, f"{peer} differs on {differ} points"
    ours /= POINTS
    for peer, seconds in sorted(best.items(), key=lambda pair: pair[1]):
        print(f"  {peer:38} {1e-6 / seconds:8.3f} M points a second; ours is {seconds / ours:7.1f} times as fast")
    print(f"  {'pixel index':38} {1e-6 / ours:8.3f} M points a second, {ours * 1e9:.1f} ns a point")


def rates(locator: Locator, x, y) -> tuple[float, float, float, float]:
    """Nanoseconds a point, medians: one thread, in spatial order, on the wall with one thread and with two."""
    order = np.lexsort((np.floor(x * 100), np.floor(y * 100)))
    near = np.ascontiguousarray(x[order]), np.ascontiguousarray(y[order])
    acts = [
        (lambda: locator.locate(x, y), time.process_time),
        (lambda: locator.locate(*near), time.process_time),
        (lambda: locator.locate(x, y), time.perf_counter),
        (lambda: locator.locate(x, y, threads=2), time.perf_counter),
    ]
    rounds = [[spent(act, 3, clock) for act, clock in acts] for _ in range(7)]
    one, near, wall, two = (statistics.median(column) / len(x) * 1e9 for column in zip(*rounds, strict=True))
    return one, near, wall, two


def test_ten_million_points_two_threads_and_the_limit_of_the_memory(layer):
    name, polygons = layer
    locator = Locator(polygons, METRIC)
    print(f"\n{name}, load {os.getloadavg()[0]:.1f}")
    for count in (POINTS, MANY):
        one, near, wall, two = rates(locator, *points_in(polygons, count))
        limit = gather_limit(locator.index.nbytes, count)
        print(
            f"  {count:11,} points: {one:5.1f} ns a point, in spatial order {near:5.1f}; on the wall {wall:5.1f}, two"
            f" threads {two:5.1f}, {wall / two:.2f} times as fast; a random read from as many bytes {limit:.1f}, ours"
            f" {one / limit:.1f} times"
        )


def test_the_nearest_area_of_many_points_outside(layer):
    name, polygons = layer
    outlines = Outlines(polygons, METRIC)
    locator = Locator(polygons, METRIC)
    x, y = points_in(polygons, POINTS)
    beside = locator.locate(x, y).outside
    index, _ = outlines.nearest(x[beside], y[beside], SUGGEST_WITHIN_M)
    near = np.flatnonzero(beside)[index >= 0]
    x, y = x[near], y[near]
    all_lines = spent(lambda: outlines.nearest(x, y, SUGGEST_WITHIN_M), 5)
    print(f"\n{name}: {len(near):,} points within 200 m of the areas, {all_lines / len(near) * 1e6:.1f} µs a point")


def test_one_point_a_build_and_a_start(layer, tmp_path):
    name, polygons = layer
    built = spent(lambda: build(polygons), 3, time.perf_counter)
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
