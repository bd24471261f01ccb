"""Which reading of a file's numbers fits the line that is known: every candidate with its fit, and nothing converted.

The fit is the area of the symmetric difference over that of the union: 0 for the same ground, 1 for none in common.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import shapely
from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from geo.crs import ACCEPTED, Bounds, crs_name, gcj02_from_wgs84, is_degrees
from geo.exchange.features import EMPTY
from geo.exchange.ways import SWAPPED, UNSHIFTED, Way

SHIFTS: tuple[tuple[str, ...], ...] = (("GCJ-02",), ("BD-09",), ("GCJ-02", "GCJ-02"), (UNSHIFTED,))
NEAR_DEGREES = 0.5
"""How far from the known line a reading may lie to be looked at."""
CLOSEST = 4
"""So many readings without a shift are also tried with each shift."""
EXACT, COARSE = 24, 1000.0
"""So many ways are compared vertex by vertex; before, with lines simplified to a thousandth of their extent."""
SAME_DEGREES = 1e-6
BETTER, LEAST = 0.5, 0.001
"""Another reading must halve the misfit, and by a thousandth of the ground, before the declared one is doubted."""


class Judgement(StrEnum):
    """What the fit says of the declared CRS."""

    FITS = "fits"
    DOUBTED = "doubted"
    UNDECLARED = "undeclared"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the file and how it fits; `box` is where it lies, `alike` are others that lie there, too."""

    way: Way
    fit: float
    box: Bounds
    alike: tuple[Way, ...] = ()

    def __str__(self) -> str:
        more = f" (like {', '.join(map(str, self.alike[:3]))})" if self.alike else ""
        return f"{self.way}{more} misfit {self.fit:.2%}"


@dataclass(frozen=True, slots=True)
class Fitting:
    """Every candidate, the best first.

    Attributes
    ----------
    declared
        How the file, or whoever imports it, says that it is to be read.
    margin
        By how much the best one is better than the next, in the same measure.
    """

    judgement: Judgement
    declared: Candidate | None
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The candidate that fits best."""
        return self.candidates[0] if self.candidates else None

    @property
    def margin(self) -> float:
        """Misfit of the second candidate less that of the best one; 1 where there is no second."""
        return self.candidates[1].fit - self.candidates[0].fit if len(self.candidates) > 1 else 1.0

    def __str__(self) -> str:
        if not self.candidates:
            return "no reading that is known here lies near the known line"
        shown = "; ".join(str(one) for one in self.candidates[:4])
        return f"{shown}; margin of the best {self.margin:.2%}"


def outline_of(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """Give the ground that shapes cover together, in their own CRS; invalid ones count as far as they can."""
    usable = [
        shape if shape.is_valid else shapely.make_valid(shape)
        for shape in shapes
        if not shape.is_empty and shape.geom_type in {"Polygon", "MultiPolygon"}
    ]
    return shapely.union_all(usable) if usable else EMPTY


def fit(one: BaseGeometry, other: BaseGeometry) -> float:
    """Give the area of the symmetric difference over that of the union; 1 where one is empty or no number."""
    if one.is_empty or other.is_empty or not np.isfinite(one.bounds).all():
        return 1.0
    try:
        shared = shapely.intersection(one, other).area
    except GEOSException:
        one = shapely.make_valid(one)
        shared = shapely.intersection(one, other).area
    union = one.area + other.area - shared
    return max(0.0, float(1.0 - shared / union)) if union > 0 else 1.0


def judge(outline: BaseGeometry, known: BaseGeometry, declared: Way | None, metric_crs: str) -> Fitting:
    """Compare every way to read a file with a line that is known.

    Parameters
    ----------
    outline
        The ground of the file in its own numbers: see `outline_of`.
    known
        The same ground in WGS84 degrees: the county's line, or the version in force of the same areas.
    declared
        How the file says that it is to be read.
    metric_crs
        The region's metric CRS, which goes before others that give the same place.
    """
    plain = _grouped(_fitted(outline, known, _plain_ways(outline, known, declared, metric_crs)), declared, metric_crs)
    found = list(plain)
    if _is_shifted_there(known):
        bases = [one.way for one in plain[:CLOSEST] if not one.way.shifts]
        shifted = (Way((*_base(way), *shift)) for way in bases for shift in SHIFTS)
        known_ways = {one.way for one in found}
        found += _fitted(outline, known, [way for way in shifted if way not in known_ways])
    found = _grouped(found, declared, metric_crs)
    said = next((one for one in found if declared is not None and declared in (one.way, *one.alike)), None)
    return Fitting(_judgement(declared, said, found), said, tuple(found))


def _judgement(declared: Way | None, said: Candidate | None, found: Sequence[Candidate]) -> Judgement:
    if declared is None:
        return Judgement.UNDECLARED
    if said is None or said.fit >= 1.0:
        return Judgement.ELSEWHERE
    best = found[0]
    if best.fit < BETTER * said.fit and said.fit - best.fit > LEAST:
        return Judgement.DOUBTED
    return Judgement.FITS


def _base(way: Way) -> tuple[str, ...]:
    """Give the steps that a shift may follow: degrees need none before it."""
    return tuple(step for step in way.steps if step == SWAPPED or not is_degrees(step))


def _plain_ways(outline: BaseGeometry, known: BaseGeometry, declared: Way | None, metric_crs: str) -> Iterator[Way]:
    if declared is not None:
        yield declared
    if outline.is_empty:
        return
    if max(map(abs, outline.bounds)) <= 180.0:
        yield from (Way(("EPSG:4326",)), Way((SWAPPED, "EPSG:4326")))
        return
    west, south, east, north = known.bounds
    box = AreaOfInterest(west, south, east, north)
    there = query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=box)
    for name in dict.fromkeys([crs_name(metric_crs), "EPSG:3857", *(f"EPSG:{info.code}" for info in there)]):
        yield from (Way((name,)), Way((SWAPPED, name)))


def _fitted(outline: BaseGeometry, known: BaseGeometry, ways: Iterable[Way]) -> list[Candidate]:
    """Give the candidates that lie near the known line; one point tells that of most."""
    west, south, east, north = known.bounds
    middle = (
        np.array([(outline.bounds[0] + outline.bounds[2]) / 2]),
        np.array([(outline.bounds[1] + outline.bounds[3]) / 2]),
    )
    near: list[Way] = []
    for way in dict.fromkeys(ways):
        try:
            (lon,), (lat,) = way.degrees(*middle)
        except ProjError:  # some of EPSG's projections have no way to degrees
            continue
        if west - NEAR_DEGREES <= lon <= east + NEAR_DEGREES and south - NEAR_DEGREES <= lat <= north + NEAR_DEGREES:
            near.append(way)
    found = []
    for way in _closest(near, outline, known):
        there = way.convert(outline)
        found.append(Candidate(way, fit(there, known), there.bounds))
    return found


def _closest(ways: Sequence[Way], outline: BaseGeometry, known: BaseGeometry) -> Sequence[Way]:
    """Leave out ways that lie clearly farther off, by lines of few vertices: there may be hundreds."""
    if len(ways) <= EXACT:
        return ways
    few, target = _coarse(outline), _coarse(known)
    fits = {way: fit(way.convert(few), target) for way in ways}
    order = sorted(ways[1:], key=lambda way: fits[way])
    return [ways[0], *order[: EXACT - 1]]


def _coarse(shape: BaseGeometry) -> BaseGeometry:
    west, south, east, north = shape.bounds
    return shapely.simplify(shape, max(east - west, north - south) / COARSE)


def _grouped(found: Sequence[Candidate], declared: Way | None, metric_crs: str) -> list[Candidate]:
    """Put candidates in order of fit, those of the same fit together under the one that is most likely meant."""
    datum = CRS.from_user_input(crs_name(metric_crs)).geodetic_crs
    home = datum.name if datum is not None else ""

    def rank(one: Candidate) -> tuple[bool, bool, bool, bool, int, str]:
        last = one.way.steps[-1]
        number = int(last.partition(":")[2]) if last.startswith("EPSG:") else 0
        return (
            one.way != declared,
            last != metric_crs,
            last not in ACCEPTED,
            not _is_of(last, home),
            number,
            str(one.way),
        )

    groups: list[list[Candidate]] = []
    for one in sorted(found, key=lambda one: one.fit):
        group = next((group for group in groups if _same(one, group[0])), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    result = []
    for group in groups:
        first, *others = sorted(group, key=rank)
        alike = dict.fromkeys(way for one in others for way in (one.way, *one.alike))
        result.append(replace(first, alike=(*first.alike, *alike)))
    return result


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates lie in the same place: an equal fit is not enough, for shifts to both sides have one."""
    return bool(np.allclose(one.box, other.box, rtol=0.0, atol=SAME_DEGREES)) and one.fit - other.fit < SAME_DEGREES


def _is_of(name: str, datum: str) -> bool:
    if not name.startswith("EPSG:"):
        return False
    found = CRS.from_user_input(name).geodetic_crs
    return found is not None and found.name == datum


def _is_shifted_there(known: BaseGeometry) -> bool:
    """Whether web maps shift positions at that place at all."""
    lon, lat = (known.bounds[0] + known.bounds[2]) / 2, (known.bounds[1] + known.bounds[3]) / 2
    shifted, _ = gcj02_from_wgs84(lon, lat)
    return bool(float(shifted) != lon)
