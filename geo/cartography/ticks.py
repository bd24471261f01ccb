"""What tells a reader where the sheet lies: ticks of longitude and latitude around the frame, and where north is."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pyproj import Proj

from geo.cartography.frame import Frame
from geo.crs import from_wgs84, to_wgs84

MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600)
NEAREST_MM = 32.0
"""Least distance of two ticks."""
Side = Literal["top", "bottom", "left", "right"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A meridian or parallel at the frame.

    Attributes
    ----------
    side
        Of the frame.
    at
        Millimetres from the frame's left or upper end of that side.
    minutes
        Longitude or latitude in whole minutes of arc.
    """

    side: Side
    at: float
    minutes: int

    @property
    def degrees(self) -> str:
        """Write it as 121°30′."""
        return f"{self.minutes // 60}°{self.minutes % 60:02d}′"


def ticks(frame: Frame, metric_crs: str) -> list[Tick]:
    """Find where whole minutes of longitude and latitude cross the frame, on all four sides."""
    west, south, east, north = frame.bounds
    found: list[Tick] = []
    for side, (x0, y0, x1, y1) in {
        "top": (west, north, east, north),
        "bottom": (west, south, east, south),
        "left": (west, north, west, south),
        "right": (east, north, east, south),
    }.items():
        along = 0 if side in ("top", "bottom") else 1
        length = frame.width if along == 0 else frame.height
        steps = np.linspace(0.0, 1.0, 65)
        lonlat = np.column_stack(to_wgs84(x0 + (x1 - x0) * steps, y0 + (y1 - y0) * steps, metric_crs))[:, along] * 60
        every = _step(abs(lonlat[-1] - lonlat[0]), length)
        low, high = sorted((lonlat[0], lonlat[-1]))
        whole = np.arange(math.ceil(low / every), math.floor(high / every) + 1) * every
        rising = lonlat[-1] > lonlat[0]
        places = np.interp(whole, lonlat if rising else lonlat[::-1], steps if rising else steps[::-1])
        found += [
            Tick(side, float(place * length), int(minutes))  # type: ignore[arg-type]
            for place, minutes in zip(places, whole, strict=True)
            if 4.0 < place * length < length - 4.0
        ]
    return found


def _step(span: float, length: float) -> int:
    return next((step for step in MINUTES if length * step / max(span, 1e-9) >= NEAREST_MM), MINUTES[-1])


def north(frame: Frame, metric_crs: str) -> float:
    """Give the direction of true north at the middle of the frame, in degrees clockwise from the sheet's upper edge.

    It is the meridian convergence of the projection with its sign turned.
    """
    west, south, east, north_edge = frame.bounds
    lon, lat = to_wgs84([(west + east) / 2], [(south + north_edge) / 2], metric_crs)
    del west, south, east, north_edge
    return -float(Proj(metric_crs).get_factors(float(lon[0]), float(lat[0])).meridian_convergence)


def crosses(frame: Frame, metric_crs: str) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Give where the ticks' meridians and parallels meet inside the frame: (n, 2) millimetres."""
    found = ticks(frame, metric_crs)
    lons = sorted(
        {tick.minutes for tick in found if tick.side == "top"} & {t.minutes for t in found if t.side == "bottom"}
    )
    lats = sorted(
        {tick.minutes for tick in found if tick.side == "left"} & {t.minutes for t in found if t.side == "right"}
    )
    if not lons or not lats:
        return np.empty((0, 2))
    lon, lat = (grid.ravel() / 60.0 for grid in np.meshgrid(lons, lats))
    return frame.to_paper(np.column_stack(from_wgs84(lon, lat, metric_crs)))
