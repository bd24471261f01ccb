"""A coverage for the screen: simplified as a whole, and every vertex told at which scales it is worth drawing.

Areas that are simplified one by one come apart: each keeps other vertices of the line that it shares. Here the lines
of the coverage are simplified, so both neighbours keep the same vertices, and every node where three areas meet stays.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def with_levels(shapes: Sequence[BaseGeometry], finest: float, tolerances: Sequence[float]) -> list[BaseGeometry]:
    """Simplify a coverage once, and mark which of its vertices are left at coarser tolerances.

    Parameters
    ----------
    shapes
        Valid polygons of one coverage, in degrees.
    finest
        Tolerance of what is given back, in degrees: about the square root of the smallest triangle that a vertex may
        make with its neighbours (Visvalingam and Whyatt, as `shapely.coverage_simplify` has it).
    tolerances
        Coarser ones.

    Returns
    -------
    list
        The shapes with a third coordinate, in which bit k is set where a vertex is left at ``tolerances[k]``. A line
        that two areas share has the same vertices with the same marks in both.
    """
    if not len(shapes):
        return []
    whole = shapely.coverage_simplify(np.asarray(shapes, dtype=object), finest)
    vertices = _vertices(whole)
    marks = np.zeros(len(vertices), np.int64)
    for bit, tolerance in enumerate(tolerances):
        left = _vertices(shapely.coverage_simplify(whole, tolerance))
        marks |= np.isin(vertices, left).astype(np.int64) << bit
    lifted = shapely.transform(
        shapely.force_3d(whole), lambda xyz: np.column_stack([xyz[:, :2], marks]), include_z=True
    )
    return list(lifted)


def _vertices(shapes: NDArray[Any]) -> NDArray[np.complex128]:
    """Give every vertex as one number, x + iy."""
    xy = shapely.get_coordinates(shapes)
    return np.asarray(xy[:, 0] + 1j * xy[:, 1])
