"""Raw points by the million: the rule of `geo.crs.recognise_point` on arrays, answer for answer the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.crs import DEGREES, NEAR_DEGREES, SHIFTED, Bounds, Floats, crs_name, other_readings, to_wgs84

NOTES = ("not_finite", "zero", "out_of_range", "swapped", "projected", "zone_prefixed", "degrees")
"""What can be noted of numbers; bit *i* of `Readings.notes` is the *i*-th. See `geo.crs.Reading`."""
BIT = {note: np.uint16(1 << place) for place, note in enumerate(NOTES)}


@dataclass(frozen=True, slots=True)
class Readings:
    """What raw points say.

    Attributes
    ----------
    lon, lat
        (n,) WGS84 degrees; NaN where no position can be read with certainty.
    notes
        (n,) bits of `NOTES`.
    """

    lon: Floats
    lat: Floats
    notes: NDArray[np.uint16]


def recognise_points(
    x: ArrayLike, y: ArrayLike, crs: str | int, bounds: Bounds, metric_crs: str = "EPSG:3857"
) -> Readings:
    """Read raw points of a source, correct what is certain and note it; bad coordinates never raise.

    Parameters
    ----------
    x, y
        (n,) numbers as they came, longitude or easting first; what is not finite has no position.
    crs, bounds, metric_crs
        See `geo.crs.recognise_point`.

    Raises
    ------
    UnknownCRS
        The declared CRS is unknown.
    """
    name = crs_name(crs)
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    finite, zero = np.isfinite(first) & np.isfinite(second), (first == 0.0) & (second == 0.0)
    notes = np.where(finite, np.where(zero, BIT["zero"], np.uint16(0)), BIT["not_finite"])
    lon, lat = _positions(first, second, name)
    # The conversions look at each number alone; a lone finite coordinate is no position yet.
    lon[~finite | zero] = lat[~finite | zero] = np.nan
    far = np.flatnonzero(finite & ~zero & ~_near(lon, lat, bounds))
    if len(far):
        other = _corrected(first[far], second[far], name, bounds, metric_crs)
        corrected = other.notes != 0
        lon[far], lat[far] = np.where(corrected, other.lon, lon[far]), np.where(corrected, other.lat, lat[far])
        # A projected number can be anything that its projection allows; only degrees have a range of their own.
        wild = ~corrected & ~((np.abs(lon[far]) <= 180.0) & (np.abs(lat[far]) <= 90.0))
        lon[far[wild]] = lat[far[wild]] = np.nan
        notes[far] = np.where(wild, BIT["out_of_range"], other.notes)
    return Readings(lon, lat, notes)


def _corrected(x: Floats, y: Floats, name: str, bounds: Bounds, metric_crs: str) -> Readings:
    """Read points in every other way; without notes where none of them, or more than one, lies near the region."""
    lon, lat = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    notes, ways = np.zeros(x.shape, np.uint16), np.zeros(x.shape, np.uint8)
    for a, b, other, why in other_readings(x, y, name, metric_crs):
        east, north = _positions(a, b, other)
        fits = _near(east, north, bounds)
        lon[fits], lat[fits] = east[fits], north[fits]
        notes[fits] = sum(BIT[note] for note in why)
        ways += fits
    notes[ways != 1] = 0
    return Readings(lon, lat, notes)


def _positions(x: Floats, y: Floats, name: str) -> tuple[Floats, Floats]:
    if name in DEGREES:
        return x.copy(), y.copy()
    if name in SHIFTED:
        lawful = (np.abs(x) <= 180.0) & (np.abs(y) <= 180.0)
        x, y = np.where(lawful, x, np.nan), np.where(lawful, y, np.nan)
    return to_wgs84(x, y, name)


def _near(lon: Floats, lat: Floats, bounds: Bounds) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    near = (lon >= west - NEAR_DEGREES) & (lon <= east + NEAR_DEGREES) & (np.abs(lon) <= 180.0)
    near &= (lat >= south - NEAR_DEGREES) & (lat <= north + NEAR_DEGREES) & (np.abs(lat) <= 90.0)
    return near
