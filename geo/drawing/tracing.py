"""Trace straight pieces with a hand-held pen: one coverage whose neighbours share every line to the last digit.

Lines are moved, never polygons: the pieces' edges become one set of arcs between junctions, every arc is drawn once,
its coordinates are rounded, and only then the areas are closed again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from geo.drawing.cutting import necked, sharpest
from geo.drawing.wander import Wander

Points = NDArray[np.float64]

GRID_M = 1e-3
"""Edges of neighbouring pieces that lie this close are one edge."""
ROUNDS, PINCHES = 12, 5
"""Rounds of drawing lines anew that cross each other, and the first of them that also look for needles and necks."""
WAVE_M = 180.0
"""Shortest own bend of an arc is about this long."""
NEEDLE = math.radians(22.0)


class NotACoverage(ValueError):
    """The traced lines do not close to the pieces that they came from."""


@dataclass(frozen=True)
class Pen:
    """How lines are drawn.

    Attributes
    ----------
    wander : Wander
        The large bends that neighbouring lines share.
    strength : callable
        Factor of the wander at (n, 2) points, 0 to 1, changing slowly.
    fade_m : float
        Within this distance of the outline the wander fades to nothing.
    tremble : float
        Own bends of each arc, as a part of its length; about `tremble_m` at most.
    tremble_m : float
        Largest own bend, metres.
    spacing_m : float
        Distance of the points along an arc before it is thinned.
    tolerance_m : float
        A point that lies this close to the line of its neighbours is left out.
    """

    wander: Wander
    strength: Callable[[Points], NDArray[np.float64]]
    fade_m: float
    tremble: float
    tremble_m: float
    spacing_m: float
    tolerance_m: float


def trace(
    pieces: Sequence[Polygon],
    outline: Polygon,
    pen: Pen,
    to_degrees: Callable[[Points], Points],
    rng: np.random.Generator,
) -> list[Polygon]:
    """Draw the pieces' inner edges by hand; the outline keeps its own vertices.

    Parameters
    ----------
    pieces : sequence of Polygon
        They cover `outline` without overlap, edges within `GRID_M` of each other. Metres.
    outline : Polygon
        The whole; metres.
    pen : Pen
        How lines are drawn.
    to_degrees : callable
        Metres to the published degrees, (n, 2) to (n, 2) as (lon, lat); the result is rounded to seven decimals here.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    list of Polygon
        In the order of `pieces`, (lon, lat), a valid coverage. Exteriors are counter-clockwise.

    Raises
    ------
    NotACoverage
        If lines still cross after their own bends were taken away, or a piece was lost.
    """
    arcs = _arcs(pieces)
    inner = shapely.distance(shapely.line_interpolate_point(arcs, 0.5, normalized=True), outline.exterior) > 10 * GRID_M
    points = [_dense(arc, pen.spacing_m) if free else _vertices(arc) for arc, free in zip(arcs, inner, strict=True)]
    middles = _middles(pieces)
    own = np.vstack(
        [
            _tremble(line, pen, room, rng) if free else np.zeros_like(line)
            for line, room, free in zip(points, _room(arcs, middles), inner, strict=True)
        ]
    )
    which = np.repeat(np.arange(len(arcs)), [len(line) for line in points])
    moved = _moved(np.vstack(points), outline, pen)
    size = np.ones(len(arcs))
    for attempt in range(ROUNDS):
        lines = np.asarray(shapely.linestrings(moved + own * size[which][:, None], indices=which))
        thinned = inner & (size > 0)  # where it is too tight to tremble, it is too tight to leave points out
        lines[thinned] = shapely.simplify(lines[thinned], pen.tolerance_m)
        drawn = _rounded(lines, to_degrees)
        cramped = _tangled(drawn)
        if attempt < PINCHES:
            cramped |= _pinched(lines)
        if not cramped.any():
            break
        size[cramped] = np.where(size[cramped] > 0.2, size[cramped] * 0.5, 0.0)
    return _closed(drawn, to_degrees(_moved(middles, outline, pen)))


def _arcs(pieces: Sequence[Polygon]) -> NDArray[np.object_]:
    """Edges of all pieces, each once, from junction to junction, in an order that only their places decide."""
    lines = shapely.union_all([piece.exterior for piece in pieces], grid_size=GRID_M)
    arcs = shapely.get_parts(shapely.normalize(shapely.line_merge(lines)))
    keys = [tuple(shapely.get_coordinates(arc)[:2].ravel()) for arc in arcs]
    return np.asarray(arcs[sorted(range(len(arcs)), key=keys.__getitem__)])


def _vertices(arc: LineString) -> Points:
    """Vertices of the arc as they are."""
    return np.asarray(shapely.get_coordinates(arc))


def _dense(arc: LineString, spacing_m: float) -> Points:
    """Vertices of the arc and points between them."""
    return np.asarray(shapely.get_coordinates(shapely.segmentize(arc, spacing_m)))


def _tremble(points: Points, pen: Pen, room_m: float, rng: np.random.Generator) -> Points:
    """Displace a dense arc on its own, by at most `room_m`, and by nothing at both ends, so that junctions hold."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    length = float(steps.sum())
    t = np.concatenate([[0.0], np.cumsum(steps)]) / length
    waves = np.arange(1, max(2, min(7, int(length / WAVE_M))) + 1)
    heights = rng.normal(0.0, 1.0, len(waves)) / waves
    across = (np.sin(np.pi * t[:, None] * waves) * heights).sum(axis=1) * min(length * pen.tremble, pen.tremble_m)
    across *= min(1.0, room_m / max(float(np.abs(across).max()), GRID_M))
    across[[0, -1]] = 0.0  # exactly: sin(pi) is not, and junctions must round alike on every arc
    along = points[-1] - points[0]
    chord = math.hypot(*along)
    if chord < 10 * GRID_M:  # a closed arc has no direction of its own
        return np.zeros_like(points)
    return np.asarray(across[:, None] * np.array([-along[1], along[0]]) / chord)


def _moved(points: Points, outline: Polygon, pen: Pen) -> Points:
    """Points after the wander, which fades towards the outline."""
    # Each place once: a junction must move alike on all its arcs, whatever its place in the array.
    once, back = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    places = np.column_stack([once.real, once.imag])
    edge = outline.exterior
    shapely.prepare(edge)
    near = np.clip(shapely.distance(shapely.points(places), edge) / pen.fade_m, 0.0, 1.0)
    fade = near * near * (3 - 2 * near) * pen.strength(places)
    return np.asarray((places + pen.wander.at(places) * fade[:, None])[back])


def _rounded(lines: NDArray[np.object_], to_degrees: Callable[[Points], Points]) -> NDArray[np.object_]:
    """All lines in degrees of seven decimals, without repeated points."""
    coordinates, index = shapely.get_coordinates(lines, return_index=True)
    rounded = np.round(to_degrees(coordinates), 7)
    fresh = np.concatenate([[True], (np.diff(rounded, axis=0) != 0).any(axis=1) | (np.diff(index) != 0)])
    return np.asarray(shapely.linestrings(rounded[fresh], indices=index[fresh]))


def _tangled(lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which lines cross themselves or meet another one elsewhere than at a common end."""
    wrong = ~shapely.is_simple(lines)
    left, right = shapely.STRtree(lines).query(lines, predicate="intersects")
    left, right = left[left < right], right[left < right]
    crossing = shapely.crosses(lines[left], lines[right]) | shapely.overlaps(lines[left], lines[right])
    ends = shapely.boundary(lines)
    shared = shapely.intersection(ends[left], ends[right])
    meeting = shapely.intersection(lines[left], lines[right])
    crossing |= ~shapely.equals(shared, meeting)
    wrong[left[crossing]] = True
    wrong[right[crossing]] = True
    return np.asarray(wrong)


def _room(arcs: NDArray[np.object_], middles: Points) -> NDArray[np.float64]:
    """How far each arc may move before it comes near the middle of a piece, which must stay on its side."""
    nearest = shapely.STRtree(np.asarray(shapely.points(middles))).query_nearest(
        arcs, all_matches=False, return_distance=True
    )
    return np.asarray(0.6 * nearest[1])


def _pinched(lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which lines surround an area with a needle's corner or a neck; metres."""
    faces = shapely.get_parts(shapely.polygonize(lines))
    bad = necked(faces) | np.array([sharpest(face) < NEEDLE for face in faces], dtype=bool)
    wrong = np.zeros(len(lines), dtype=bool)
    wrong[shapely.STRtree(lines).query(shapely.boundary(faces[bad]), predicate="covers")[1]] = True
    return wrong


def _middles(pieces: Sequence[Polygon]) -> Points:
    """Find a point deep inside each piece: the centre of its largest inscribed circle."""
    spokes = [shapely.maximum_inscribed_circle(piece, tolerance=math.sqrt(piece.area) / 20) for piece in pieces]
    return np.asarray(shapely.get_coordinates(shapely.get_point(spokes, 0)))


def _closed(lines: NDArray[np.object_], marks: Points) -> list[Polygon]:
    """Areas that the lines enclose, in the order of the marks that lie in them."""
    faces = shapely.get_parts(shapely.polygonize(lines))
    faces = shapely.orient_polygons(shapely.normalize(faces), exterior_cw=False)
    mark, face = shapely.STRtree(faces).query(shapely.points(marks), predicate="within")
    if not len(faces) == len(mark) == len(marks) == len(set(mark)) == len(set(face)):
        raise NotACoverage(f"{len(marks)} pieces came back as {len(faces)} areas, {len(set(face))} of them marked")
    ordered = faces[face[np.argsort(mark, kind="stable")]]
    if not shapely.coverage_is_valid(ordered):
        raise NotACoverage("neighbouring areas do not share their edges")
    return list(ordered)
