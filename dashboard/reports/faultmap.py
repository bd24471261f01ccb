"""A small map of one fault as SVG: the lines around it, the areas concerned, the place, a scale."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.exchange.findings import Finding

SIZE = 240
METRES_PER_DEGREE = 111_320.0
AT_A_POINT = frozenset({"invalid_ring", "open_ring", "wrong_nesting", "unmatched_edge", "bad_coordinate"})
POINT_WINDOW_M, SMALLEST_WINDOW_M, ROOM = 150.0, 20.0, 1.2
SCALES_M = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Window:
    """What a map shows: its middle in degrees and half its width in metres."""

    lon: float
    lat: float
    half_m: float

    def screen(self, geometry: BaseGeometry) -> BaseGeometry:
        """Put a geometry on the screen: pixels, y downwards."""
        east = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        pixel = SIZE / (2.0 * self.half_m)
        middle, stretch = np.array([self.lon, self.lat]), np.array([east, -METRES_PER_DEGREE]) * pixel
        return shapely.transform(geometry, lambda xy: (xy - middle) * stretch + SIZE / 2)


class FaultMaps:
    """Draws maps over one layer.

    Parameters
    ----------
    shapes
        Code to outline in degrees, as the file has it.
    force
        Outlines of the version in force.
    others
        Code to outline of the layers above and below, which are drawn where they are concerned.
    """

    def __init__(
        self, shapes: Mapping[str, BaseGeometry], force: Sequence[BaseGeometry], others: Mapping[str, BaseGeometry]
    ) -> None:
        usable = {code: _drawable(shape) for code, shape in shapes.items() if _is_placed(shape)}
        self.codes, self.shapes = list(usable), list(usable.values())
        self.force, self.others = list(force), others
        self._tree, self._force_tree = shapely.STRtree(self.shapes), shapely.STRtree(self.force)

    def overview(self) -> str:
        """Draw the whole layer over the version in force."""
        everything = [*self.shapes, *self.force]
        if not everything:
            return ""
        return self._draw(_window(shapely.total_bounds(everything)), (), None)

    def of(self, finding: Finding) -> str:
        """Draw the surroundings of a fault; nothing where it has no place."""
        if finding.place is None:
            return ""
        lon, lat = finding.place
        meant = [shape for code, shape in zip(self.codes, self.shapes, strict=True) if code in finding.codes]
        if finding.codes and finding.codes[0] in self.others and finding.codes[0] not in self.codes:
            meant = [self.others[finding.codes[0]]]
        if finding.size_m2 is not None:
            window = Window(lon, lat, max(ROOM * math.sqrt(finding.size_m2), SMALLEST_WINDOW_M))
        elif finding.kind in AT_A_POINT or not meant:
            window = Window(lon, lat, POINT_WINDOW_M)
        else:
            window = _window(shapely.total_bounds(meant))
        return self._draw(window, finding.codes, finding.place)

    def _draw(self, window: Window, codes: Collection[str], place: tuple[float, float] | None) -> str:
        east = window.half_m / (METRES_PER_DEGREE * math.cos(math.radians(window.lat)))
        north = window.half_m / METRES_PER_DEGREE
        frame = (window.lon - east, window.lat - north, window.lon + east, window.lat + north)
        parts = [
            _path(window, self.shapes[i], frame, "meant" if self.codes[i] in codes else "", self.codes[i])
            for i in sorted(self._tree.query(shapely.box(*frame)), key=lambda i: self.codes[i] in codes)
        ]
        parts += [
            _path(window, self.others[code], frame, "meant", code)
            for code in codes
            if code in self.others and code not in self.codes
        ]
        near = self._force_tree.query(shapely.box(*frame))
        parts += [_path(window, self.force[i].boundary, frame, "force", "") for i in near]
        if place is not None:
            x, y = shapely.get_coordinates(window.screen(shapely.Point(place)))[0]
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9"/>')
        parts.append(_scale(window))
        body = "".join(parts)
        return f'<svg width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}" role="img">{body}</svg>'


def _is_placed(shape: BaseGeometry) -> bool:
    if shape.is_empty or not np.isfinite(shape.bounds).all():
        return False
    west, south, east, north = shape.bounds
    return bool(west >= -180 and east <= 180 and south >= -90 and north <= 90)


def _drawable(shape: BaseGeometry) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _window(bounds: Sequence[float]) -> Window:
    west, south, east, north = map(float, bounds)
    middle = (south + north) / 2
    width = (east - west) * math.cos(math.radians(middle))
    half = ROOM / 2 * METRES_PER_DEGREE * max(width, north - south)
    return Window((west + east) / 2, middle, max(half, SMALLEST_WINDOW_M))


def _path(window: Window, shape: BaseGeometry, frame: Sequence[float], kind: str, title: str) -> str:
    west, south, east, north = frame
    # A little more than the frame, so that the cut itself is not seen.
    more = (east - west) * 0.05
    cut = shapely.clip_by_rect(shape, west - more, south - more, east + more, north + more)
    drawn = shapely.simplify(window.screen(cut), 0.3, preserve_topology=False)
    lines = []
    for part in shapely.get_parts(shapely.get_parts(drawn)):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            if ring.geom_type in {"LinearRing", "LineString"} and len(ring.coords) > 1:
                points = " ".join(f"{x:.1f},{y:.1f}" for x, y in ring.coords)
                lines.append(f"M{points}{'Z' if part.geom_type == 'Polygon' else ''}")
    if not lines:
        return ""
    tip = f"<title>{escape(title)}</title>" if title else ""
    return f'<path class="{kind}" fill-rule="evenodd" d="{"".join(lines)}">{tip}</path>'


def _scale(window: Window) -> str:
    metres = next((m for m in reversed(SCALES_M) if m <= 0.8 * window.half_m), SCALES_M[0])
    length = SIZE * metres / (2 * window.half_m)
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    y = SIZE - 8
    return f'<line x1="8" x2="{8 + length:.1f}" y1="{y}" y2="{y}"/><text x="8" y="{y - 4}">{words}</text>'
