"""Where a point lies: one report at a time, arrays of points, and what it takes to load and to check the pack."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.region import load
from data.region_check import check
from geo.crs import from_wgs84, to_wgs84
from geo.locator import Locator

pytestmark = pytest.mark.bench

CIXI = Path(__file__).parents[2] / "data" / "regions" / "cixi"
MOMENT = datetime(2026, 7, 1, tzinfo=UTC)
DAY = date(2026, 7, 1)
ROUNDS = 5
POINTS = 200_000


def best(act: Callable[[], object], times: int = 1) -> float:
    """Seconds of one act, the best of several rounds of `times` acts."""
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            act()
        spent.append((time.perf_counter() - start) / times)
    return min(spent)


def test_load_and_check() -> None:
    print(f"\nload Cixi {best(lambda: load(CIXI)) * 1e3:.0f} ms, region check {best(lambda: check(CIXI)) * 1e3:.0f} ms")


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4549", "GCJ-02", "BD-09"])
def test_one_report(crs: str) -> None:
    region = load(CIXI)
    rng = np.random.default_rng(1)
    west, south, east, north = region.bounds
    lon, lat = rng.uniform(west, east, 1000), rng.uniform(south, north, 1000)
    points = list(zip(*(axis.tolist() for axis in from_wgs84(lon, lat, crs)), strict=True))
    seconds = best(lambda: [region.place(x, y, crs, "grid", MOMENT) for x, y in points])
    print(f"\nRegion.place, {crs}: {seconds / len(points) * 1e6:.0f} µs a report")


@pytest.mark.parametrize("layer", ["township", "grid"])
def test_arrays(layer: str) -> None:
    region = load(CIXI)
    areas = [area.geometry for area in region.layer_on(layer, DAY).areas]
    rng = np.random.default_rng(1)
    west, south, east, north = region.bounds
    lon, lat = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    locator = Locator(areas, region.metric_crs)
    tree = shapely.STRtree(areas)
    ours = best(lambda: locator.locate(lon, lat))
    peer = best(lambda: tree.query(shapely.points(lon, lat), predicate="intersects"))
    made = best(lambda: Locator(areas, region.metric_crs))
    print(
        f"\n{layer}: locate {POINTS / ours / 1e6:.2f} M points a second, STRtree.query(intersects)"
        f" {POINTS / peer / 1e6:.2f}; made in {made * 1e3:.0f} ms"
    )


def test_shifted_arrays() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(121.0, 121.6, POINTS), rng.uniform(30.0, 30.4, POINTS)
    for crs in ("GCJ-02", "BD-09"):
        print(f"\n{crs} to WGS84: {POINTS / best(lambda crs=crs: to_wgs84(x, y, crs)) / 1e6:.2f} M points a second")
