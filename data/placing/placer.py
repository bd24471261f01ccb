"""Where arrays of points lie, each by the boundaries of its own day: the rule of `Region.place`, for many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from data.placing.flags import BIT, Bits, of_notes
from data.placing.memory import give_back
from data.placing.surroundings import Surroundings
from data.region import Region
from data.region.boundaries import Era, Ranked
from data.region.settings import TOWNSHIP
from geo.crs import Floats
from geo.locator import OUTSIDE
from geo.recognition import recognise_points

Positions = NDArray[np.int32]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Answers for arrays of points.

    Attributes
    ----------
    lon, lat
        (n,) WGS84 degrees; NaN without a position.
    areas
        Layer name to (n,) codes; null where no area of the layer covers the point.
    flags
        (n,) bits of `data.placing.flags`.
    nearest, nearest_m
        (n,) code of the nearest area of the finest layer within 200 m of a point outside, its distance in metres;
        null elsewhere.
    """

    lon: Floats
    lat: Floats
    areas: Mapping[str, pa.Array]
    flags: Bits
    nearest: pa.Array
    nearest_m: pa.Array


@dataclass(frozen=True, slots=True)
class _Level:
    """A layer of one era, with the way from its areas to codes and from finer areas to it."""

    ranked: Ranked
    codes: Positions
    from_finer: tuple[Positions, ...]


class Placer:
    """Places arrays of points in the areas of a region.

    Parameters
    ----------
    layers
        Names of the layers that are asked for; all by default. The nested ones are always looked at, so that flags
        do not depend on what is asked for.
    """

    def __init__(self, region: Region, layers: Sequence[str] | None = None) -> None:
        self.region = region
        self.layers = tuple(region.layers if layers is None else layers)
        all_layers = region.layers.values()
        self._codes = {layer.name: sorted({area.code for area in layer.areas}) for layer in all_layers}
        self._number = {name: {code: at for at, code in enumerate(codes)} for name, codes in self._codes.items()}
        self._everything = sorted({code for codes in self._codes.values() for code in codes})
        first = region.boundaries.first_day
        changes = {day for layer in all_layers for day in layer.change_days if first and day >= first}
        self._firsts: list[date] = sorted(changes)
        self._eras: dict[int, _Era] = {}

    def place(self, x: ArrayLike, y: ArrayLike, crs: str, days: Days | date) -> Placed:
        """Place points.

        Parameters
        ----------
        x, y
            (n,) as they came, longitude or easting first; what is not finite has no position.
        crs
            The declared CRS.
        days
            (n,) local day of each point, NaT where it is not known; or one day for all of them.

        Raises
        ------
        UnknownCRS
            The CRS cannot be read.
        """
        region = self.region
        reading = recognise_points(x, y, crs, region.bounds, region.metric_crs)
        return self._located(reading.lon, reading.lat, of_notes(reading.notes), days)

    def locate(self, lon: Floats, lat: Floats, days: Days | date) -> Placed:
        """Place positions that were read before: (n,) WGS84 degrees, NaN without one. Nothing is recognised here."""
        return self._located(lon, lat, np.zeros(len(lon), np.uint32), days)

    def _located(self, lon: Floats, lat: Floats, flags: Bits, days: Days | date) -> Placed:
        count = len(lon)
        nowhere = np.isnan(lon) | np.isnan(lat)
        flags[nowhere] |= BIT["unlocated"]
        found = {name: np.full(count, OUTSIDE, np.int32) for name in self._codes}
        near, metres = np.full(count, OUTSIDE, np.int32), np.full(count, np.nan)
        for number, rows in self._by_era(days, ~nowhere, count):
            if number < 0:
                flags[rows] |= BIT["before_boundaries"]
                continue
            self._era(number).place(lon[rows], lat[rows], rows, flags, found, near, metres)
        return Placed(
            lon,
            lat,
            {name: _taken(self._codes[name], found[name]) for name in self.layers},
            flags,
            _taken(self._everything, near),
            pa.array(np.round(metres, 1), from_pandas=True),
        )

    def _by_era(self, days: Days | date, usable: NDArray[np.bool_], count: int) -> list[tuple[int, NDArray[np.intp]]]:
        """Part the usable rows by the boundaries of their day; -1 is before the first ones."""
        firsts = np.array(self._firsts, "datetime64[D]")
        many = np.broadcast_to(np.asarray(days, "datetime64[D]"), (count,))
        usable = usable & ~np.isnat(many)
        if not isinstance(days, np.ndarray):
            number = int(np.searchsorted(firsts, np.datetime64(days, "D"), side="right")) - 1
            return [(number, np.flatnonzero(usable))]
        numbers = np.searchsorted(firsts, many, side="right") - 1
        return [(int(one), np.flatnonzero(usable & (numbers == one))) for one in np.unique(numbers[usable])]

    def _era(self, number: int) -> "_Era":
        if number not in self._eras:
            era = self.region.boundaries.on(self._firsts[number])
            if era is None:
                raise RuntimeError(f"no boundaries on {self._firsts[number]}, though a layer changes on it")
            beside = [ranked for ranked in era.beside if ranked.layer in self.layers]
            everything = {code: at for at, code in enumerate(self._everything)}
            self._eras[number] = _Era(era, beside, self._number, everything)
            give_back()
        return self._eras[number]


class _Era:
    """What `data.region.boundaries.Era` answers, for arrays."""

    def __init__(
        self,
        era: Era,
        beside: Sequence[Ranked],
        numbers: Mapping[str, Mapping[str, int]],
        everything: Mapping[str, int],
    ) -> None:
        self.chain: list[_Level] = []
        for ranked in era.chain:
            at = {area.code: place for place, area in enumerate(ranked.areas)}
            ways = tuple(
                np.array([at.get(area.parent or "", OUTSIDE) for area in finer.ranked.areas], np.int32)
                for finer in self.chain
            )
            self.chain.append(_Level(ranked, _numbered(ranked, numbers[ranked.layer]), ways))
        self.beside = [_Level(ranked, _numbered(ranked, numbers[ranked.layer]), ()) for ranked in beside]
        self.surroundings = Surroundings(list(era.chain))
        self.everything = {level.ranked.layer: _numbered(level.ranked, everything) for level in self.chain}

    def place(
        self,
        lon: Floats,
        lat: Floats,
        rows: NDArray[np.intp],
        flags: Bits,
        found: Mapping[str, Positions],
        near: Positions,
        metres: Floats,
    ) -> None:
        """Write the answers of some rows into the arrays of all."""
        nested, on_edge = self._nested(lon, lat)
        for level in self.beside:
            located = level.ranked.locator.locate(lon, lat)
            on_edge |= located.on_edge
            found[level.ranked.layer][rows] = level.codes[located.index]
        said = np.where(on_edge, BIT["boundary"], np.uint32(0))
        covered = np.zeros(len(rows), np.uint8)
        for level, positions in zip(self.chain, nested, strict=True):
            found[level.ranked.layer][rows] = level.codes[positions]
            covered += positions >= 0
        in_township = found[TOWNSHIP][rows] >= 0
        said |= np.where(in_township & (covered < len(self.chain)), BIT["gap"], np.uint32(0))
        said |= np.where(in_township, np.uint32(0), BIT["outside"])
        flags[rows] |= said
        outside = np.flatnonzero(~in_township)
        outside = outside[self.surroundings.maybe_near(lon[outside], lat[outside])]
        if len(outside):
            near[rows[outside]], metres[rows[outside]] = self._nearest(lon[outside], lat[outside])

    def _nested(self, lon: Floats, lat: Floats) -> tuple[list[Positions], NDArray[np.bool_]]:
        """Find the nested areas from the finest up; a parent that is known is not looked up, so that they nest."""
        on_edge = np.zeros(len(lon), np.bool_)
        inner, inner_level = np.full(len(lon), OUTSIDE, np.int32), np.full(len(lon), -1, np.int8)
        answers: list[Positions] = []
        for number, level in enumerate(self.chain):
            positions = np.full(len(lon), OUTSIDE, np.int32)
            for finer, way in enumerate(level.from_finer):
                here = np.flatnonzero(inner_level == finer)
                positions[here] = way[inner[here]]
            unknown = np.flatnonzero(positions < 0)
            if len(unknown):
                located = level.ranked.locator.locate(lon[unknown], lat[unknown])
                positions[unknown] = located.index
                on_edge[unknown] |= located.on_edge
            known = positions >= 0
            inner[known], inner_level[known] = positions[known], number
            answers.append(positions)
        return answers, on_edge

    def _nearest(self, lon: Floats, lat: Floats) -> tuple[Positions, Floats]:
        near, metres = np.full(len(lon), OUTSIDE, np.int32), np.full(len(lon), np.nan)
        for level in self.chain:
            rest = np.flatnonzero(near < 0)
            position, distance = level.ranked.locator.nearest(lon[rest], lat[rest])
            near[rest] = self.everything[level.ranked.layer][position]
            metres[rest] = np.where(position >= 0, distance, np.nan)
        return near, metres


def _numbered(ranked: Ranked, numbers: Mapping[str, int]) -> Positions:
    """Give the number of each area's code; the last place answers for position -1, outside."""
    return np.array([*(numbers[area.code] for area in ranked.areas), OUTSIDE], np.int32)


def _taken(codes: Sequence[str], positions: Positions) -> pa.Array:
    return pa.array(codes, pa.string()).take(pa.array(positions, mask=positions < 0))
