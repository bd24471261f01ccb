"""Single lines: a smooth curve through a few control points, and the steps that field edges put into it."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]

RAMP = 0.02
"""Width of the slope on either side of a step, as a part of the span."""


def curve_through(points: Points, spacing_m: float) -> list[Points]:
    """Smooth curve through control points (centripetal Catmull-Rom), which stay among its vertices exactly.

    Parameters
    ----------
    points : ndarray, (n, 2)
        Control points, metres; n is at least 2 and no two neighbours are equal.
    spacing_m : float
        Largest distance between vertices, about.

    Returns
    -------
    list of ndarray, (m, 2)
        One span for each pair of neighbouring control points, both included.
    """
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    return [
        _span(*four, max(math.ceil(math.dist(four[1], four[2]) / spacing_m), 1))
        for four in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]


def _span(p0: Points, p1: Points, p2: Points, p3: Points, steps: int) -> Points:
    """Part of the curve between the two middle points (Barry and Goldman's pyramid)."""
    t1, t2, t3 = np.cumsum([math.sqrt(math.dist(a, b)) for a, b in ((p0, p1), (p1, p2), (p2, p3))])
    t = np.linspace(t1, t2, steps + 1)[:, None]
    a1 = p0 + (p1 - p0) * t / t1
    a2 = p1 + (p2 - p1) * (t - t1) / (t2 - t1)
    a3 = p2 + (p3 - p2) * (t - t2) / (t3 - t2)
    b1 = a1 + (a2 - a1) * t / t2
    b2 = a2 + (a3 - a2) * (t - t1) / (t3 - t1)
    part = b1 + (b2 - b1) * (t - t1) / (t2 - t1)
    part[0], part[-1] = p1, p2
    return np.asarray(part)


def stepped(span: Points, depth: float, tolerance_m: float, rng: np.random.Generator) -> Points:
    """Let a stretch of a dense line run beside it, as where a boundary goes around a field; its ends stay.

    Parameters
    ----------
    span : ndarray, (n, 2)
        Points close together, metres.
    depth : float
        Typical distance of the stretch from the line, as a part of the span's length.
    tolerance_m : float
        Points that lie this close to the line of their neighbours are left out.
    rng : numpy.random.Generator
        The only source of chance.
    """
    steps = np.hypot(*np.diff(span, axis=0).T)
    t = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    start, end = rng.uniform(0.12, 0.42), rng.uniform(0.55, 0.9)
    offset = rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.6) * depth * steps.sum()
    rise = np.clip(np.minimum(t - start, end - t) / RAMP, 0.0, 1.0)
    along = (span[-1] - span[0]) / math.dist(span[0], span[-1])
    moved = span + (rise * offset)[:, None] * np.array([-along[1], along[0]])
    return shapely.get_coordinates(shapely.simplify(shapely.linestrings(moved), tolerance_m))
