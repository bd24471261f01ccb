"""Does the pixel index say what shapely says? `python -m tests.bench.exactness --points 100000000` asks and counts.

Every point is answered a second time by shapely: the areas whose box holds it (a tree of boxes), each asked by
`intersects_xy` as a prepared polygon. That is every area that can cover the point, so nothing is sampled. Position
(lowest rank) and number of covering areas (one, or more) are compared. Half of the points are hard: vertices, points on
edges, corners of pixels, and all of these one ulp beside.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from data.region import load
from geo.locator.index import build
from tests.geo.shapes import LAYERS, hard_points

CIXI = Path(__file__).parents[2] / "data" / "regions" / "cixi"
DAY = date(2026, 7, 1)
CHUNK = 500_000
Points = tuple[np.ndarray, np.ndarray]


def layers(rng: np.random.Generator) -> Iterator[tuple[str, list, float]]:
    """Name, areas in rank order, share of all points."""
    region = load(CIXI)
    for name, share in (("grid", 0.5), ("village", 0.2), ("township", 0.2)):
        yield name, [area.geometry for area in region.layer_on(name, DAY).areas], share
    for name, make in LAYERS.items():
        yield name, make(rng), 0.1 / len(LAYERS)


def shapely_answers(polygons: np.ndarray, tree: shapely.STRtree, x: np.ndarray, y: np.ndarray) -> Points:
    """First covering area and number of covering areas of each point."""
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    point, area = tree.query(shapely.points(x[finite], y[finite]))
    covers = shapely.intersects_xy(polygons[area], x[finite[point]], y[finite[point]])
    point, area = finite[point[covers]], area[covers]
    index = np.full(len(x), len(polygons))
    np.minimum.at(index, point, area)
    return np.where(index == len(polygons), -1, index), np.bincount(point, minlength=len(x))


def kinds(polygons: np.ndarray, frame, rng: np.random.Generator) -> dict[str, Callable[[int], Points]]:
    """Ways to draw points."""
    west, south, east, north = shapely.total_bounds(polygons)

    def uniform(count: int) -> Points:
        return rng.uniform(west, east, count), rng.uniform(south, north, count)

    def clustered(count: int) -> Points:
        centre = np.column_stack(uniform(40))[rng.integers(0, 40, count)]
        x, y = (centre + rng.normal(0, 0.01, (count, 2)) * [east - west, north - south]).T
        return np.ascontiguousarray(x), np.ascontiguousarray(y)

    def hard(count: int) -> Points:
        # Each draw makes about 47 points: five sorts with their neighbours, one anywhere, one near a vertex.
        x, y = hard_points(polygons, rng, count // 47 + 1, frame)
        return x[:count], y[:count]

    return {"uniform": uniform, "clustered": clustered, "hard": hard}


def check(name: str, given: list, count: int, rng: np.random.Generator) -> tuple[int, int]:
    """Compare; print a line for each kind, and give points and differences."""
    polygons = np.asarray(given, dtype=object)
    index = build(polygons)
    shapely.prepare(polygons)
    tree = shapely.STRtree(polygons)
    all_points, all_wrong = 0, 0
    draws = kinds(polygons, index.frame, rng)
    for kind, share in {"uniform": 0.25, "clustered": 0.25, "hard": 0.5}.items():
        done, wrong, edge, outside = 0, 0, 0, 0
        while done < count * share:
            x, y = draws[kind](min(CHUNK, int(count * share) - done + 1))
            found = index.locate(x, y)
            position, covers = shapely_answers(polygons, tree, x, y)
            wrong += int(((found.index != position) | (found.on_edge != (covers > 1))).sum())
            done, edge, outside = done + len(x), edge + int((covers > 1).sum()), outside + int((position < 0).sum())
        print(f"{name:24} {kind:10} {done:12,} {edge:12,} {outside:12,} {wrong:6,}", flush=True)
        all_points, all_wrong = all_points + done, all_wrong + wrong
    return all_points, all_wrong


def main() -> None:
    """Run the comparison and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    start = time.perf_counter()
    print(f"{'layer':24} {'points':10} {'number':>12} {'on edges':>12} {'outside':>12} differ")
    results = [check(name, given, int(options.points * share), rng) for name, given, share in layers(rng)]
    points, wrong = (sum(column) for column in zip(*results, strict=True))
    print(
        f"{points:,} points, {wrong:,} differences, {time.perf_counter() - start:.0f} s; shapely {shapely.__version__},"
    )
    print(f"GEOS {shapely.geos_version_string}, seed {options.seed}")


if __name__ == "__main__":
    main()
