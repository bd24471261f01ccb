"""The frame of a map on paper: at which scale an extent fits, and where a point of the ground lies on the sheet."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import Bounds
from geo.errors import GeoError

STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.5, 8.0)
"""Leading figures of scales that a reader can compute with: 1:15 000, 1:250 000."""
BAR_STEPS = (1.0, 2.0, 5.0)
MOST_SCALE = 10**8
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of paper with a piece of the metric plane on it.

    Attributes
    ----------
    width, height
        Of the frame, in millimetres.
    scale
        n of 1:n.
    west, north
        Ground at the upper left corner, in metres of the metric CRS.
    """

    width: float
    height: float
    scale: int
    west: float
    north: float

    @property
    def metres_per_mm(self) -> float:
        """Metres of ground under a millimetre of paper."""
        return self.scale / 1000.0

    @property
    def bounds(self) -> Bounds:
        """The ground that the frame shows: west, south, east, north in metres."""
        east, south = self.west + self.width * self.metres_per_mm, self.north - self.height * self.metres_per_mm
        return self.west, south, east, self.north

    def to_paper(self, metres: Floats) -> Floats:
        """Convert (n, 2) metres, x east and y north, to (n, 2) millimetres, x right and y down."""
        per_mm = self.metres_per_mm
        return np.column_stack(((metres[:, 0] - self.west) / per_mm, (self.north - metres[:, 1]) / per_mm))


def fitted(bounds: Bounds, width: float, height: float, margin: float = 6.0) -> Frame:
    """Show an extent in the middle of a frame at the largest round scale at which it fits.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    width, height, margin
        Of the frame, and what stays free on each side of it, in millimetres.

    Raises
    ------
    GeoError
        The extent is empty, or the frame leaves no room.
    """
    west, south, east, north = bounds
    if not all(map(math.isfinite, bounds)) or east < west or north < south:
        raise GeoError(f"There is no ground to show: the extent is {bounds}; give at least one area")
    free_width, free_height = width - 2 * margin, height - 2 * margin
    if free_width <= 0 or free_height <= 0:
        raise GeoError(
            f"A frame of {width:g} x {height:g} mm has no room inside margins of {margin:g} mm; take a larger one"
        )
    needed = max((east - west) / free_width, (north - south) / free_height, 1e-3) * 1000.0
    scale = _round_scale(needed)
    per_mm = scale / 1000.0
    centre_x, centre_y = (west + east) / 2, (south + north) / 2
    return Frame(width, height, scale, centre_x - width / 2 * per_mm, centre_y + height / 2 * per_mm)


def _round_scale(needed: float) -> int:
    if needed > MOST_SCALE:
        raise GeoError(
            f"The extent needs a scale of 1:{needed:.0f}, which is no map of a region; check the coordinates"
        )
    power: float = 10.0 ** math.floor(math.log10(needed))
    found = next((step * power for step in STEPS if step * power >= needed), 10 * power)
    return max(1, math.ceil(found - 1e-9))


@dataclass(frozen=True, slots=True)
class Bar:
    """A scale bar: its length on the ground and on the paper, in equal parts."""

    metres: int
    millimetres: float
    parts: int


def scale_bar(frame: Frame, longest: float) -> Bar:
    """Give the longest bar of 1, 2 or 5 times a power of ten metres that is no longer than `longest` millimetres."""
    most = longest * frame.metres_per_mm
    power = 10 ** math.floor(math.log10(most))
    step = max(step for step in BAR_STEPS if step * power <= most)
    metres = step * power
    return Bar(round(metres), metres / frame.metres_per_mm, 4 if step == 2.0 else 5)
