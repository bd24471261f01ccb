"""Divide a piece of land by straight cuts, as fields, dykes and roads divide it.

A piece is cut in two, each half again, until every part holds one share. New lines end on older ones (T junctions, as
on real boundary maps), and the cuts follow the grain of the land: along the dykes and square to them where the land is
ruled, in any direction where it is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

Points = NDArray[np.float64]
"""(n, 2) array of x, y in metres."""
Floats = NDArray[np.float64]

FAR_M = 1e6
POINTS_PER_SHARE = 48
TRIES = 10
NECK, NECK_M = 0.05, 18.0
"""A neck is narrower than twice this part of the area's square root, at most than twice these metres."""
STEPS, STEP = 0.6, (0.05, 0.16)
"""Share of the cuts that have a step on ruled land, and its depth as a part of the piece's size."""
SHARP = math.radians(50.0)
"""Corners below this angle are avoided."""


@dataclass(frozen=True)
class Grain:
    """How the land lies.

    Attributes
    ----------
    angle : float
        Direction of the dykes (the lines that run along), radians counter-clockwise from east.
    stretch : float
        How much longer parts are across the dykes than along them; 1 is square.
    order : float
        1 where cuts keep to the grain, 0 where they take any direction.
    """

    angle: float
    stretch: float
    order: float


def divide(
    area: Polygon, shares: int, weight: Callable[[Points], Floats], grain: Grain, rng: np.random.Generator
) -> list[Polygon]:
    """Cut `area` into `shares` connected parts of about equal weight.

    Parameters
    ----------
    area : Polygon
        One piece without holes, metres.
    shares : int
        Number of parts, at least 1.
    weight : callable
        Weight per square metre at (n, 2) points: where it is large, parts are small.
    grain : Grain
        Direction and shape of the parts.
    rng : numpy.random.Generator
        The only source of chance: the same generator state gives the same parts.

    Returns
    -------
    list of Polygon
        Parts without holes that together cover `area`, in the order in which they were cut.

    Raises
    ------
    ValueError
        If `shares` is below 1 or a part can not be cut into connected halves.
    """
    if shares < 1:
        raise ValueError(f"{shares} shares: at least 1 is needed")
    forth, back = _frames(grain)
    points = _lattice(area, shares)
    pending = [(area, points, np.maximum(weight(points), 1e-12), shares)]
    parts: list[Polygon] = []
    while pending:
        piece, inside, mass, count = pending.pop()
        if count == 1:
            parts.append(piece)
            continue
        first, second, taken = _best_cut(piece, inside, mass, count, grain, (forth, back), rng)
        on_first = shapely.contains_xy(first, inside[:, 0], inside[:, 1])
        pending.append((second, *_kept(second, inside, mass, ~on_first), count - taken))
        pending.append((first, *_kept(first, inside, mass, on_first), taken))
    return parts


def _kept(piece: Polygon, points: Points, mass: Floats, on: NDArray[np.bool_]) -> tuple[Points, Floats]:
    """Sample points of one part; a part that caught none gets its own middle."""
    if on.any():
        return points[on], mass[on]
    return shapely.get_coordinates(piece.representative_point()), np.ones(1)


def _frames(grain: Grain) -> tuple[Points, Points]:
    """Matrices into the frame in which the wished parts are square, and back."""
    cos, sin = math.cos(grain.angle), math.sin(grain.angle)
    root = math.sqrt(grain.stretch)
    forth = np.array([[root, 0.0], [0.0, 1.0 / root]]) @ np.array([[cos, sin], [-sin, cos]])
    return forth, np.linalg.inv(forth)


def _turned(points: Points, matrix: Points) -> Points:
    """Points times the matrix, summed in a fixed order."""
    x, y = points.T
    return np.column_stack([x * matrix[0, 0] + y * matrix[0, 1], x * matrix[1, 0] + y * matrix[1, 1]])


def _lattice(area: Polygon, shares: int) -> Points:
    """Evenly spread sample points inside the area."""
    step = math.sqrt(area.area / (shares * POINTS_PER_SHARE))
    west, south, east, north = area.bounds
    columns, rows = np.meshgrid(np.arange(west + step / 3, east, step), np.arange(south + step / 3, north, step))
    columns[1::2] += step / 2  # staggered, so that no row of points lies along a cut
    points = np.column_stack([columns.ravel(), rows.ravel()])
    inside = points[shapely.contains_xy(area, points[:, 0], points[:, 1])]
    return inside if len(inside) else shapely.get_coordinates(area.representative_point())


def _best_cut(
    piece: Polygon,
    points: Points,
    mass: Floats,
    count: int,
    grain: Grain,
    frames: tuple[Points, Points],
    rng: np.random.Generator,
) -> tuple[Polygon, Polygon, int]:
    """Of several chance cuts, the one that leaves the two most compact halves without a neck."""
    forth, back = frames
    squared = _turned(points, forth)
    size = math.sqrt(piece.area)
    cuts: list[tuple[float, Polygon, Polygon, int]] = []
    for attempt in range(6 * TRIES):
        if attempt >= TRIES and cuts:
            break
        taken = _share(count, rng)
        side = _chance_side(squared, mass, taken / count, 0.16 / count, attempt % 2, grain, size, rng)
        halves = _halves(piece, _turned(side, back))
        if halves is not None:
            score = sum(_sprawl(half, forth) ** 2 + _sharpness(half) for half in halves)
            cuts.append((score, *halves, taken))
    if not cuts:
        raise ValueError(f"no cut leaves two connected halves of the piece around {piece.representative_point().wkt}")
    cuts.sort(key=lambda cut: cut[0])
    return next((cut for cut in cuts if not necked(cut[1:3]).any()), cuts[0])[1:]


def _chance_side(
    squared: Points,
    mass: Floats,
    share: float,
    spread: float,
    turn: int,
    grain: Grain,
    size: float,
    rng: np.random.Generator,
) -> Points:
    """Half plane with about `share` of the mass, along (0) or across (1) the grain; `size` is the piece's, metres."""
    share = min(max(share + rng.normal(0.0, spread), 0.12), 0.88)
    angle = turn * math.pi / 2 + rng.normal(0.0, 0.10 + 0.9 * (1.0 - grain.order))
    normal = np.array([math.cos(angle), math.sin(angle)])
    depth = squared[:, 0] * normal[0] + squared[:, 1] * normal[1]
    order = np.argsort(depth, kind="stable")
    sums = np.cumsum(mass[order])
    offset = depth[order][min(int(np.searchsorted(sums, share * sums[-1])), len(order) - 1)]
    bend = rng.normal(0.0, 0.04 + 0.16 * (1.0 - grain.order))
    # No step, or one that can be seen: a tiny one would look like a slip of the pen.
    step = (rng.random() < STEPS * grain.order) * rng.choice([-1.0, 1.0]) * rng.uniform(*STEP) * size
    return _side(normal, offset, squared.mean(axis=0), bend, step)


def _share(count: int, rng: np.random.Generator) -> int:
    """How many of `count` shares go to the first half: near the middle, not always the middle."""
    spread = count // 6
    return min(max(count // 2 + int(rng.integers(-spread, spread + 2 if count % 2 else spread + 1)), 1), count - 1)


def _side(normal: Points, offset: float, centre: Points, bend: float, step: float) -> Points:
    """Corners of the half plane below a line that bends by `bend` radians and steps by `step` metres at the centre."""
    along = np.array([-normal[1], normal[0]])
    middle = normal * offset + along * float((centre * along).sum())
    left, right = (along * math.cos(bend) * sign + normal * math.sin(bend) for sign in (-1.0, 1.0))
    ends = [middle + normal * step / 2, middle - normal * step / 2]
    deep = -normal * 4 * FAR_M
    far_left, far_right = ends[0] + left * FAR_M, ends[1] + right * FAR_M
    return np.array([ends[1], far_right, far_right + deep, far_left + deep, far_left, ends[0]])


def _halves(piece: Polygon, side: Points) -> tuple[Polygon, Polygon] | None:
    """Both halves, or None when one of them falls apart, has a hole or is nothing."""
    cover = shapely.polygons(side)
    first, second = shapely.intersection(piece, cover), shapely.difference(piece, cover)
    if not isinstance(first, Polygon) or not isinstance(second, Polygon):
        return None
    if first.is_empty or second.is_empty or first.interiors or second.interiors:
        return None
    return first, second


def _sprawl(half: Polygon, forth: Points) -> float:
    """How far a half is from a compact shape, seen in the grain's frame: 1 for a circle, 1.27 for a square."""
    ring = _turned(shapely.get_coordinates(half), forth)
    length = float(np.hypot(*np.diff(ring, axis=0).T).sum())
    return length * length / (4 * math.pi * half.area)


def sharpest(area: Polygon) -> float:
    """Angle of the area's sharpest corner, inwards or outwards, radians."""
    ring = shapely.get_coordinates(area)
    ahead = np.diff(ring, axis=0)
    back = -np.concatenate([ahead[-1:], ahead[:-1]])
    cosine = (back * ahead).sum(axis=1) / (np.hypot(*back.T) * np.hypot(*ahead.T))
    return math.acos(min(max(float(cosine.max()), -1.0), 1.0))


def _sharpness(half: Polygon) -> float:
    """0 when no corner is sharper than `SHARP`, towards 2 for a needle."""
    return 2.0 * max(0.0, 1.0 - sharpest(half) / SHARP)


def necked(areas: Sequence[Polygon] | NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which areas fall apart when their edges are moved inwards a little: they have a neck thin as a hair."""
    inset = np.minimum(NECK_M, NECK * np.sqrt(shapely.area(areas)))
    return np.asarray(shapely.get_num_geometries(shapely.buffer(areas, -inset, quad_segs=2)) != 1)
