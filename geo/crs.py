"""Coordinate reference systems, and the recognition of raw points.

Everything inside is WGS84/CGCS2000 degrees in the order (lon, lat): the two differ by less than a reported point can
show, and PROJ treats EPSG:4490 to EPSG:4326 as the same numbers. No test can tell a GCJ-02 point from a true one, so a
source declares its CRS and nothing here guesses between the two.
"""

import math
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from numbers import Real
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo.errors import UnknownCRS

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in WGS84 degrees."""

ACCEPTED = (
    "EPSG:4490",
    "EPSG:4326",
    "EPSG:4549",
    "EPSG:4528",
    "EPSG:4550",
    "EPSG:4529",
    "EPSG:3857",
    "GCJ-02",
    "BD-09",
)
DEGREES = frozenset({"EPSG:4490", "EPSG:4326"})
SHIFTED = frozenset({"GCJ-02", "BD-09"})

# The ellipsoid of the published GCJ-02 formulas (Krasovsky 1940) and the box in which they shift anything.
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_SHIFTED_BOX: Bounds = (72.004, 0.8293, 137.8347, 55.8271)
_BD_FACTOR = math.pi * 3000.0 / 180.0
# Each round of the inverse leaves about 1/400 of the error before it: 600 m, 1.5 m, 4 mm, 10 um. The number of rounds
# is fixed and does not depend on what else is in the array: one point and a million give the same bits.
_INVERSE_ROUNDS = 6

Number = TypeVar("Number", float, Floats)
OtherReading = tuple[Number, Number, str, tuple[str, ...]]

NEAR_DEGREES = 2.0
"""How far outside the region's box a reading still counts as meant: neighbours do report, but not from 200 km away."""


def crs_name(crs: str | int) -> str:
    """Give the canonical name of a CRS: ``epsg:4490`` and ``4490`` become ``EPSG:4490``, ``gcj02`` becomes ``GCJ-02``.

    Raises
    ------
    UnknownCRS
        Neither one of `ACCEPTED` nor a geographic or projected EPSG code that PROJ knows.
    """
    text = unicodedata.normalize("NFKC", str(crs)).strip().upper()
    plain = text.replace("-", "").replace("_", "").replace(" ", "")
    if plain in {"GCJ02", "BD09", "BD09LL"}:
        return "GCJ-02" if plain == "GCJ02" else "BD-09"
    if plain in {"WGS84", "CRS84", "OGC:CRS84"}:
        return "EPSG:4326"
    if plain == "CGCS2000":
        return "EPSG:4490"
    number = plain.removeprefix("EPSG:")
    name = f"EPSG:{number}"
    if name in ACCEPTED:
        return name
    if not (number.isdecimal() and len(number) <= 6 and _is_horizontal(name)):
        raise UnknownCRS(
            f"CRS {crs!r:.80} is unknown; accepted are {', '.join(ACCEPTED)} and any other EPSG code of a map CRS"
        )
    return name


@lru_cache(maxsize=256)
def _is_horizontal(name: str) -> bool:
    try:
        found = CRS.from_user_input(name)
    except CRSError:
        return False
    return bool(found.is_geographic or found.is_projected)


def is_degrees(crs: str) -> bool:
    """Whether the numbers of a CRS are degrees (the shifted Chinese ones included)."""
    name = crs_name(crs)
    return name in DEGREES or name in SHIFTED or bool(CRS.from_user_input(name).is_geographic)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    # always_xy: several of these CRSs are officially (lat, lon) or (northing, easting).
    return Transformer.from_crs(source, target, always_xy=True)


def to_wgs84(x: ArrayLike, y: ArrayLike, crs: str | int) -> tuple[Floats, Floats]:
    """Convert coordinates to WGS84 degrees.

    Parameters
    ----------
    x, y
        Longitude and latitude, or easting and northing, in the CRS's own unit; of equal shape.
    crs
        Any name that `crs_name` accepts.

    Returns
    -------
    lon, lat
        Degrees; NaN where the input is not finite or lies outside the projection.

    Raises
    ------
    UnknownCRS
        See `crs_name`.
    """
    name = crs_name(crs)
    easting, northing = _finite(x), _finite(y)
    if name in DEGREES:
        return easting, northing
    if name == "GCJ-02":
        return _inverse(gcj02_from_wgs84, easting, northing)
    if name == "BD-09":
        return _inverse(gcj02_from_wgs84, *_inverse(_bd09_from_gcj02, easting, northing))
    lon, lat = _transformer(name, "EPSG:4326").transform(easting, northing)
    return _finite(lon), _finite(lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str | int) -> tuple[Floats, Floats]:
    """Convert WGS84 degrees to another CRS; the inverse of `to_wgs84`."""
    name = crs_name(crs)
    east, north = _finite(lon), _finite(lat)
    if name in DEGREES:
        return east, north
    if name == "GCJ-02":
        return gcj02_from_wgs84(east, north)
    if name == "BD-09":
        return _bd09_from_gcj02(*gcj02_from_wgs84(east, north))
    x, y = _transformer("EPSG:4326", name).transform(east, north)
    return _finite(x), _finite(y)


def _finite(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS84 degrees to GCJ-02, by the published formulas; points outside their box stay as they are."""
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    west, south, east_end, north_end = _SHIFTED_BOX
    inside = (lon >= west) & (lon <= east_end) & (lat >= south) & (lat <= north_end)
    # Outside the box the numbers do not matter, but they must not overflow.
    x, y = np.where(inside, lon, 105.0) - 105.0, np.where(inside, lat, 35.0) - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north = north + (ripple + _waves(y, 20.0, 40.0, (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east = east + (ripple + _waves(x, 20.0, 40.0, (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    radians = np.radians(y + 35.0)
    magic = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(radians)
    return (
        np.where(inside, lon + np.degrees(east / parallel_m), lon),
        np.where(inside, lat + np.degrees(north / meridian_m), lat),
    )


def _waves(t: Floats, short: float, middle: float, long: tuple[float, float], longest: tuple[float, float]) -> Floats:
    """Sum the slow sine waves of the formulas: amplitudes in metres, wave lengths in degrees."""
    return (
        short * np.sin(np.pi * t)
        + middle * np.sin(np.pi / 3.0 * t)
        + long[0] * np.sin(np.pi / long[1] * t)
        + longest[0] * np.sin(np.pi / longest[1] * t)
    )


def _bd09_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_FACTOR)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_FACTOR)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _inverse(
    forward: Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]], x: Floats, y: Floats
) -> tuple[Floats, Floats]:
    """Invert a shift by fixed-point rounds; a single step would leave 0.1 to 1.5 m."""
    lon, lat = x, y
    for _ in range(_INVERSE_ROUNDS):
        shifted_lon, shifted_lat = forward(lon, lat)
        lon, lat = lon - (shifted_lon - x), lat - (shifted_lat - y)
    return lon, lat


@dataclass(frozen=True, slots=True)
class Reading:
    """What a raw point says.

    Attributes
    ----------
    lon, lat
        WGS84 degrees, or None when no position can be read with certainty.
    notes
        What was noticed, in that order. Without a position: ``missing`` (None, blank), ``unreadable`` (no number),
        ``not_finite`` (NaN, infinity), ``zero`` (0, 0), ``out_of_range``. Corrected: ``swapped`` (axes),
        ``zone_prefixed`` (an easting with or without its zone number, against the declared CRS), ``projected`` (metres
        under a degree CRS), ``degrees`` (degrees under a metre CRS).
    """

    lon: float | None
    lat: float | None
    notes: tuple[str, ...] = ()


def number(value: object) -> float | str:
    """Read a raw coordinate: a float, or the note that says why it is none.

    Text is read as people write it, full-width digits included; what Python alone would accept (``1_000``, True) is no
    number here.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return "missing"
    if isinstance(value, str):
        value = unicodedata.normalize("NFKC", value).strip()
        if "_" in value:
            return "unreadable"
    elif isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        return "unreadable"
    try:
        result = float(value)
    except OverflowError:
        return "not_finite"
    except (TypeError, ValueError):
        return "unreadable"
    return result if math.isfinite(result) else "not_finite"


def recognise_point(x: object, y: object, crs: str | int, bounds: Bounds, metric_crs: str = "EPSG:3857") -> Reading:
    """Read a raw point of a source, correct what is certain and note it; bad coordinates never raise.

    A correction is certain when the point as declared lies farther than `NEAR_DEGREES` from the region and exactly one
    other way to read it lies in or near the region. Two ways, or none, correct nothing.

    Parameters
    ----------
    x, y
        As they came: numbers, text, None, anything.
    crs
        The declared CRS.
    bounds
        Box of the region, which makes a correction certain; no place is known here by its numbers.
    metric_crs
        The region's metric CRS: what metres under a degree CRS are most likely meant in.

    Raises
    ------
    UnknownCRS
        The declared CRS is unknown.
    """
    name = crs_name(crs)
    first, second = number(x), number(y)
    notes = [value for value in dict.fromkeys((first, second)) if isinstance(value, str)]
    if isinstance(first, str) or isinstance(second, str):
        return Reading(None, None, tuple(notes))
    if first == 0.0 and second == 0.0:
        return Reading(None, None, ("zero",))
    lon, lat = _one(first, second, name)
    if _near(lon, lat, bounds):
        return Reading(lon, lat)
    found = [
        (position, why)
        for a, b, other, why in other_readings(first, second, name, metric_crs)
        if _near(*(position := _one(a, b, other)), bounds)
    ]
    if len(found) == 1:
        (lon, lat), why = found[0]
        return Reading(lon, lat, why)
    # A projected number can be anything that its projection allows; only degrees have a range of their own.
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        return Reading(None, None, ("out_of_range",))
    return Reading(lon, lat)


def _one(x: float, y: float, name: str) -> tuple[float, float]:
    if name in DEGREES:
        return x, y
    if name in SHIFTED and not (abs(x) <= 180.0 and abs(y) <= 180.0):
        return math.nan, math.nan
    lon, lat = to_wgs84(x, y, name)
    return float(lon), float(lat)


def _near(lon: float, lat: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return (
        west - NEAR_DEGREES <= lon <= east + NEAR_DEGREES
        and south - NEAR_DEGREES <= lat <= north + NEAR_DEGREES
        and abs(lon) <= 180.0
        and abs(lat) <= 90.0
    )


def other_readings(x: Number, y: Number, declared: str, metric_crs: str) -> Iterator[OtherReading[Number]]:
    """Yield the other ways to read two numbers, or two arrays of them: (x, y, CRS, notes)."""
    yield y, x, declared, ("swapped",)
    if declared in SHIFTED:
        # Web maps shift first and project then. Metres of a survey under a shifted CRS could be either: not touched.
        for a, b, notes in ((x, y, ("projected",)), (y, x, ("projected", "swapped"))):
            lon, lat = _transformer("EPSG:3857", "EPSG:4326").transform(a, b)
            yield lon, lat, declared, notes
        return
    if is_degrees(declared):
        others = [*_zone_twins(metric_crs), "EPSG:3857"] if metric_crs != "EPSG:3857" else ["EPSG:3857"]
        kind = "projected"
    else:
        others, kind = ["EPSG:4326"], "degrees"
        for twin in _zone_twins(declared)[1:]:
            yield x, y, twin, ("zone_prefixed",)
            yield y, x, twin, ("swapped", "zone_prefixed")
    for other in others:
        prefixed: tuple[str, ...] = (
            ("zone_prefixed",) if other in _zone_twins(metric_crs)[1:] and kind == "projected" else ()
        )
        yield x, y, other, (kind, *prefixed)
        yield y, x, other, (kind, "swapped", *prefixed)


def _zone_twins(crs: str) -> tuple[str, ...]:
    """Give a CRS and, for a 3-degree Gauss-Kruger zone of CGCS2000, its twin with or without the zone in the easting.

    EPSG:4513-4533 are the zones 25-45 with the number (easting 40500000 in zone 40), EPSG:4534-4554 the same zones by
    central meridian 75-135 E without it.
    """
    name = crs_name(crs)
    code = int(name.removeprefix("EPSG:")) if name.startswith("EPSG:") else 0
    if 4513 <= code <= 4533:
        return name, f"EPSG:{code + 21}"
    if 4534 <= code <= 4554:
        return name, f"EPSG:{code - 21}"
    return (name,)
