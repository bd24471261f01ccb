"""The map of a change of boundaries as SVG: old and new lines, the cases that move as dots, the flows as arrows."""

import math
from collections.abc import Iterable, Mapping
from html import escape

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dashboard.reports.faultmap import METRES_PER_DEGREE, SCALES_M

WIDTH, TALLEST = 960, 960
MARGIN = 24.0
FINE = 0.4
"""Lines are drawn to this many pixels."""
HEAD = 9.0


class MoveMap:
    """A picture that shows a box of degrees.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees.
    """

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self.west, self.south, self.east, self.north = bounds
        self._narrow = math.cos(math.radians((self.south + self.north) / 2))
        wide, high = (self.east - self.west) * self._narrow, self.north - self.south
        self._pixel = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / high)
        self.width, self.height = wide * self._pixel + 2 * MARGIN, high * self._pixel + 2 * MARGIN
        self._parts: list[str] = []

    def _screen(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        east = MARGIN + (xy[:, 0] - self.west) * self._narrow * self._pixel
        south = MARGIN + (self.north - xy[:, 1]) * self._pixel
        return np.column_stack([east, south])

    def place(self, point: BaseGeometry) -> tuple[float, float]:
        """Give where a point in degrees stands on the picture."""
        x, y = self._screen(shapely.get_coordinates(point))[0]
        return float(x), float(y)

    def areas(self, shapes: Iterable[BaseGeometry], kind: str) -> None:
        """Draw outlines."""
        for shape in shapes:
            drawn = shapely.simplify(shapely.transform(shape, self._screen), FINE, preserve_topology=False)
            rings = shapely.get_rings(shapely.get_parts(drawn))
            lines = [" ".join(f"{x:.1f},{y:.1f}" for x, y in ring.coords) for ring in rings]
            if lines:
                path = "".join(f"M{line}Z" for line in lines)
                self._parts.append(f'<path class="{kind}" fill-rule="evenodd" d="{path}"/>')

    def dots(self, squares: NDArray[np.int64], kind: str) -> None:
        """Draw a dot in every square of a raster over the box that holds something; the first row is in the south."""
        rows, columns = squares.nonzero()
        high, wide = squares.shape
        lon = self.west + (columns + 0.5) / wide * (self.east - self.west)
        lat = self.south + (rows + 0.5) / high * (self.north - self.south)
        # A dot is a line without length whose ends are round: one path for all of them.
        path = "".join(f"M{x:.1f},{y:.1f}h0" for x, y in self._screen(np.column_stack([lon, lat])))
        if path:
            self._parts.append(f'<path class="dots {kind}" d="{path}"/>')

    def arrow(self, start: BaseGeometry, end: BaseGeometry, words: str) -> None:
        """Draw an arrow from one area to another, bent to the left, with words beside it."""
        (x, y), (u, v) = self.place(shapely.point_on_surface(start)), self.place(shapely.point_on_surface(end))
        length = math.hypot(u - x, v - y)
        if length < HEAD:
            return
        along, beside = ((u - x) / length, (v - y) / length), ((v - y) / length, -(u - x) / length)
        bend = 0.18 * length
        middle = (x + u) / 2 + beside[0] * bend, (y + v) / 2 + beside[1] * bend
        self._parts.append(f'<path class="flow" d="M{x:.1f},{y:.1f}Q{middle[0]:.1f},{middle[1]:.1f} {u:.1f},{v:.1f}"/>')
        # The head points as the curve ends: away from its middle.
        far = math.hypot(u - middle[0], v - middle[1])
        along = (u - middle[0]) / far, (v - middle[1]) / far
        back = u - along[0] * HEAD, v - along[1] * HEAD
        left = back[0] + along[1] * HEAD / 2, back[1] - along[0] * HEAD / 2
        right = back[0] - along[1] * HEAD / 2, back[1] + along[0] * HEAD / 2
        corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in ((u, v), left, right))
        self._parts.append(f'<path class="head" d="M{corners}Z"/>')
        self._words(words, (x + u) / 2 + beside[0] * bend * 0.7, (y + v) / 2 + beside[1] * bend * 0.7, "number")

    def names(self, shapes: Mapping[str, BaseGeometry]) -> None:
        """Write names into their areas, a little below the middle, where no arrow begins."""
        for name, shape in shapes.items():
            x, y = self.place(shapely.point_on_surface(shape))
            self._words(name, x, y + 20, "name")

    def _words(self, words: str, x: float, y: float, kind: str) -> None:
        self._parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>')

    def drawn(self, label: str) -> str:
        """Give the picture with its scale."""
        metres_wide = (self.width - 2 * MARGIN) / self._pixel * METRES_PER_DEGREE
        metres = next((one for one in reversed(SCALES_M) if one <= metres_wide / 4), SCALES_M[0])
        length = metres / METRES_PER_DEGREE * self._pixel
        words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
        y = self.height - 8
        scale = f'<line x1="12" x2="{12 + length:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        scale += f'<text class="scale" x="12" y="{y - 6:.1f}">{words}</text>'
        size = f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" width="{self.width:.0f}" height="{self.height:.0f}"'
        return f'<svg class="moves" {size} role="img" aria-label="{escape(label)}">{"".join(self._parts)}{scale}</svg>'
