"""The map of any day, and in which of its areas cases count: where they stood, or as the boundaries are today."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard import geometry as geometries
from dashboard.board import NOWHERE, Ground
from dashboard.geometry import Geometry, Prepared
from data.placing.placer import Placer
from data.region import Region
from data.views import Basis, Happening, Standing
from geo.areas import Area

DEGREES = "EPSG:4490"
ELSEWHERE = -1
Gids = NDArray[np.int64]


Placed = Standing | Happening


@dataclass(frozen=True)
class Version:
    """The boundaries between two days on which they change.

    Attributes
    ----------
    since
        The first day of it.
    """

    since: date
    geometry: Geometry
    areas: Mapping[str, Sequence[Area]]

    @property
    def ground(self) -> Ground:
        """Codes of cells and townships in the order of their gid."""
        return self.geometry.ground

    @cached_property
    def cells(self) -> Mapping[str, int]:
        """Code of the finest layer to gid."""
        return {code: gid for gid, code in enumerate(self.ground.cells, 1)}

    @cached_property
    def townships(self) -> Mapping[str, int]:
        """Code to gid."""
        return {code: gid for gid, code in enumerate(self.ground.townships, 1)}

    @cached_property
    def township_of(self) -> Mapping[str, str]:
        """Code of each cell to that of its township."""
        found = geometries.townships(self.areas)
        finest = self.geometry.finest
        return {code: found.get(f"{finest}/{code}", "") for code in self.ground.cells}


@dataclass(frozen=True, slots=True)
class Places:
    """Where cases count on the map of a version.

    Attributes
    ----------
    cells, townships
        (n,) gids; `NOWHERE` outside every area, `ELSEWHERE` in an area that this version does not have.
    """

    cells: Gids
    townships: Gids


class Grounds:
    """The maps of a region in all versions of its boundaries, each prepared when it is first asked for.

    Parameters
    ----------
    current
        What is prepared already: the map of the present.
    """

    def __init__(self, region: Region, current: Geometry) -> None:
        self.region = region
        self._lock = threading.Lock()
        self._placer: Placer | None = None
        first = region.boundaries.first_day
        days = {day for layer in region.layers.values() for day in layer.change_days if first and day >= first}
        self.days: tuple[date, ...] = tuple(sorted(days)) or (current.day,)
        """The first day of each version, oldest first."""
        self._versions: dict[date, Version] = {}
        self.current = self._keep(current.day, current)

    def on(self, day: date) -> Version:
        """Give the version of a day; before the first one, the first one."""
        since = self.since(day)
        with self._lock:
            return self._versions.get(since) or self._keep(day, geometries.prepare(self.region, since))

    def since(self, day: date) -> date:
        """Say since when the boundaries of a day are in force."""
        return max((one for one in self.days if one <= day), default=self.days[0])

    def _keep(self, day: date, geometry: Geometry) -> Version:
        since = self.since(day)
        areas = {name: layer.areas for name, layer in self.region.areas_on(geometry.day).items()}
        self._versions[since] = Version(since, geometry, areas)
        return self._versions[since]

    def file(self, key: tuple[str, str]) -> Prepared | None:
        """Give the bytes of a layer of any version by (hash, file name): another process may have named them."""
        for day in reversed(self.days):
            found = self.on(day).geometry.files.get(key)
            if found is not None:
                return found
        return None

    def places(self, cases: Sequence[Placed], version: Version, basis: Basis) -> Places:
        """Say where cases count on the map of a version. The only function that knows how.

        As shown, a case counts in the areas in which it stood. As current, its point is located in the boundaries of
        the version; one without a point keeps its codes.
        """
        finest = version.ground.finest
        codes = [(getattr(one, finest), one.township) for one in cases]
        if basis is Basis.CURRENT:
            codes = self._located(cases, codes, version)
        cells = np.fromiter((gid_in(version.cells, cell) for cell, _ in codes), np.int64, len(codes))
        towns = np.fromiter((gid_in(version.townships, town) for _, town in codes), np.int64, len(codes))
        return Places(cells, towns)

    def _located(
        self, cases: Sequence[Placed], codes: list[tuple[str | None, str | None]], version: Version
    ) -> list[tuple[str | None, str | None]]:
        finest = version.geometry.finest
        with self._lock:  # its locators are read from the disk once
            self._placer = self._placer or Placer(self.region, (finest, "township"))
        at = [n for n, one in enumerate(cases) if one.lon is not None and one.lat is not None]
        lon = np.array([cases[n].lon for n in at], np.float64)
        lat = np.array([cases[n].lat for n in at], np.float64)
        # As a day in NumPy's own type: a version is in force from `since` on.
        found = self._placer.place(lon, lat, DEGREES, version.since).areas
        for n, cell, township in zip(at, found[finest].to_pylist(), found["township"].to_pylist(), strict=True):
            codes[n] = cell, township
        return codes


def gid_in(gids: Mapping[str, int], code: str | None) -> int:
    """Give the gid of a code; `NOWHERE` for none, `ELSEWHERE` for one that the version does not have."""
    return NOWHERE if code is None else gids.get(code, ELSEWHERE)


def named(areas: Iterable[Area]) -> dict[str, dict[str, Any]]:
    """Give code to names in both languages, and parent."""
    return {
        area.code: {"name": area.name, "name_en": area.attributes.get("name_en") or area.name, "parent": area.parent}
        for area in areas
    }
