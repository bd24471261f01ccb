"""Areas and layers of areas, versioned in time: a case keeps the area of the day on which it occurred."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import Bounds
from geo.errors import BadArea

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Area:
    """One area during one span of time.

    Attributes
    ----------
    layer
        Name of the layer: ``township``, ``village``, ``grid`` or the region's own.
    series, code
        The code and the series that it comes from; a code alone is no name (330282006 is two townships in two series).
    parent
        Code of the area of the layer above in which this one nests; None in a top layer.
    valid_from, valid_to
        First day on which it holds, first day on which it no longer does (None: it still does).
    geometry
        Polygon or MultiPolygon in WGS84/CGCS2000 degrees, (lon, lat).
    attributes
        What else the file says: ``name_en``, ``kind`` ... A key ``code_<series>`` is the code in another series.
    """

    layer: str
    series: str
    code: str
    name: str
    parent: str | None
    valid_from: date
    valid_to: date | None
    geometry: BaseGeometry
    attributes: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            span = f"from {self.valid_from} up to {self.valid_to}"
            raise BadArea(f"{self.layer} {self.code} {self.name} holds {span}, which is no day; correct one of the two")

    def holds_on(self, day: date) -> bool:
        """Whether this version holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def code_in(self, series: str) -> str | None:
        """Give the area's code in a series, or None where it has none."""
        if series == self.series:
            return self.code
        other = self.attributes.get(f"code_{series}")
        return str(other) if other else None


def rank(code: str) -> tuple[int, int, str]:
    """Order of codes, lowest first: numbers by their value (9 before 10), and before any other text."""
    return (0, int(code), code) if code.isdecimal() else (1, 0, code)


class AreaLayer:
    """All areas of one layer, in all their versions.

    Parameters
    ----------
    name
        Name of the layer.
    areas
        In any order; kept by (code, valid_from).
    parent
        Name of the layer that the areas nest in.
    """

    def __init__(self, name: str, areas: Iterable[Area], parent: str | None = None) -> None:
        self.name = name
        self.parent = parent
        self.areas = tuple(sorted(areas, key=lambda area: (rank(area.code), area.valid_from)))
        self._versions: dict[date | None, AreaLayer] = {}

    def __len__(self) -> int:
        return len(self.areas)

    def __repr__(self) -> str:
        return f"AreaLayer({self.name!r}, {len(self)} areas)"

    @cached_property
    def change_days(self) -> tuple[date, ...]:
        """The days on which the layer changes, from the first version on."""
        days = {area.valid_from for area in self.areas} | {area.valid_to for area in self.areas if area.valid_to}
        return tuple(sorted(days))

    def version_of(self, day: date) -> date | None:
        """Give the first day of the version that holds on a day; None before the first one."""
        return max((first for first in self.change_days if first <= day), default=None)

    def valid_on(self, day: date) -> "AreaLayer":
        """Give the layer as it is on a day; the same object for every day of one version."""
        version = self.version_of(day)
        found = self._versions.get(version)
        if found is None:
            held = () if version is None else (area for area in self.areas if area.holds_on(day))
            # Two threads may both come here; setdefault lets the first one win for both.
            found = self._versions.setdefault(version, AreaLayer(self.name, held, self.parent))
        return found

    @cached_property
    def _by_series(self) -> Mapping[tuple[str, str], tuple[Area, ...]]:
        found: dict[tuple[str, str], list[Area]] = {}
        for area in self.areas:
            others = (key.removeprefix("code_") for key in area.attributes if key.startswith("code_"))
            for series in (area.series, *others):
                code = area.code_in(series)
                if code:
                    found.setdefault((series, code), []).append(area)
        return {key: tuple(areas) for key, areas in found.items()}

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Area, ...]]:
        found: dict[str, list[Area]] = {}
        for area in self.areas:
            found.setdefault(area.code, []).append(area)
        return {code: tuple(areas) for code, areas in found.items()}

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the layer, lowest first, each once."""
        return tuple(self._by_code)

    def versions(self, code: str) -> tuple[Area, ...]:
        """Give every version of an area, the oldest first."""
        return self._by_code.get(code, ())

    def by_code(self, code: str, day: date | None = None) -> Area | None:
        """Give the area with a code of the layer's own series on a day, or its latest version, or None."""
        return _held(self.versions(code), day)

    def in_series(self, series: str, code: str, day: date | None = None) -> Area | None:
        """Give the area with a code of any series on a day, or its latest version; None where there is none."""
        return _held(self._by_series.get((series, code), ()), day)

    def children_of(self, parent: str, day: date) -> tuple[Area, ...]:
        """Give the areas that nest in a parent on a day, by code."""
        return self.valid_on(day)._by_parent.get(parent, ())

    @cached_property
    def _by_parent(self) -> Mapping[str | None, tuple[Area, ...]]:
        found: dict[str | None, list[Area]] = {}
        for area in self.areas:
            found.setdefault(area.parent, []).append(area)
        return {parent: tuple(areas) for parent, areas in found.items()}

    @cached_property
    def bounds(self) -> Bounds:
        """Box around the areas: west, south, east, north in degrees; NaN where there are none."""
        west, south, east, north = shapely.total_bounds([area.geometry for area in self.areas])
        return float(west), float(south), float(east), float(north)

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything that a reader of the layer can see; equal layers have equal hashes on every machine."""
        digest = hashlib.sha256(self.name.encode())
        for area in self.areas:
            words = [area.series, area.code, area.name, area.parent, area.valid_from.isoformat(), str(area.valid_to)]
            digest.update(json.dumps([*words, dict(area.attributes)], sort_keys=True, default=str).encode())
            digest.update(shapely.to_wkb(area.geometry, byte_order=1))
        return digest.hexdigest()[:20]


def _held(versions: Sequence[Area], day: date | None) -> Area | None:
    if day is None:
        return max(versions, key=lambda area: area.valid_from, default=None)
    return next((area for area in versions if area.holds_on(day)), None)
