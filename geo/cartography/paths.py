"""Geometries as paths of an SVG image, in hundredths of a millimetre."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import quoteattr

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cartography.frame import Frame
from geo.cartography.projected import Shapes

UNITS = 100
"""Units of the image in a millimetre: whole numbers of them are shorter than decimals, and finer than any printer."""
Style = Mapping[str, str]


@dataclass(slots=True)
class Svg:
    """An image of the frame, to which layers are added from the ground up."""

    frame: Frame
    parts: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)

    def add(self, path: str, style: Style) -> None:
        """Add a path; an empty one is left out."""
        if path:
            self.parts.append(f"<path d={quoteattr(path)}{_attributes(style)}/>")

    def define(self, definition: str) -> None:
        """Add a definition that styles can name, such as a pattern."""
        self.definitions.append(definition)

    def clip(self, name: str, path: str) -> None:
        """Let styles with ``clip-path="url(#name)"`` be seen only inside a path."""
        self.definitions.append(f'<clipPath id="{name}"><path d={quoteattr(path)} clip-rule="evenodd"/></clipPath>')

    def text(self) -> str:
        """Write the image."""
        width, height = round(self.frame.width * UNITS), round(self.frame.height * UNITS)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.frame.width:g}mm" height="{self.frame.height:g}mm"'
            f' viewBox="0 0 {width} {height}"><defs>{"".join(self.definitions)}</defs>{"".join(self.parts)}</svg>'
        )


def _attributes(style: Style) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in style.items())


def drawn(shapes: Shapes | Sequence[shapely.Geometry], frame: Frame) -> str:
    """Write polygons and lines as one path in the frame's units; what cannot be seen in the frame is cut away.

    Parameters
    ----------
    shapes
        (n,) geometries in metres; points and empty ones are left out.
    """
    array = np.asarray(shapes, dtype=object)
    array = array[~(shapely.is_empty(array) | shapely.is_missing(array))]
    if not len(array):
        return ""
    array = _near(array, frame)
    rings = shapely.get_rings(array[shapely.get_dimensions(array) == 2])
    lines = shapely.get_parts(array[shapely.get_dimensions(array) == 1])
    return _path(rings, frame, "Z") + _path(lines, frame, "")


def _near(array: Shapes, frame: Frame) -> Shapes:
    """Cut what reaches far beyond the frame; lines at its very edge must not be closed there, hence the room around."""
    room = 20 * frame.metres_per_mm
    west, south, east, north = frame.bounds
    box = west - room, south - room, east + room, north + room
    left, lower, right, upper = shapely.bounds(array).T
    seen = (left <= box[2]) & (right >= box[0]) & (lower <= box[3]) & (upper >= box[1])
    array = array[seen]
    far = (left < box[0]) | (right > box[2]) | (lower < box[1]) | (upper > box[3])
    if far[seen].any():
        array = array.copy()
        array[far[seen]] = shapely.intersection(array[far[seen]], shapely.box(*box))
    return array


def _path(lines: Iterable[shapely.Geometry], frame: Frame, end: str) -> str:
    lines = np.asarray(lines, dtype=object)
    if not len(lines):
        return ""
    metres, owner = shapely.get_coordinates(lines, return_index=True)
    units = np.rint(frame.to_paper(metres) * UNITS).astype(np.int64)
    keep = np.ones(len(units), dtype=bool)
    keep[1:] = np.any(units[1:] != units[:-1], axis=1) | (owner[1:] != owner[:-1])
    units, owner = units[keep], owner[keep]
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1], True])
    words = [f"{x} {y}" for x, y in units.tolist()]
    return "".join(f"M{'L'.join(words[a:b])}{end}" for a, b in pairwise(starts.tolist()) if b - a > 1)


def marks(points: NDArray[np.float64], corners: Sequence[tuple[float, float]]) -> str:
    """Write one closed figure at each point.

    Parameters
    ----------
    points
        (n, 2) millimetres in the frame.
    corners
        Of the figure, in millimetres from its point.
    """
    offsets = np.asarray(corners, dtype=float)
    placed = np.rint((points[:, None, :] + offsets[None, :, :]) * UNITS).astype(np.int64).tolist()
    return "".join("M" + "L".join(f"{x} {y}" for x, y in figure) + "Z" for figure in placed)
