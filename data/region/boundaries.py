"""Where a point lies on a day: every layer at the boundary version of that day, asked from the finest one up."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo.areas import Area, AreaLayer, rank
from geo.locator import OUTSIDE, Locator, Nearest

CHAIN = ("township", "village", "grid")
"""The nested layers from the top down; every other layer of a region stands beside them."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One layer at one version: its areas in rank order and their locator."""

    layer: str
    areas: tuple[Area, ...]
    locator: Locator


@dataclass(frozen=True, slots=True)
class Found:
    """The areas that cover a point.

    Attributes
    ----------
    areas
        Layer name to area; layers that do not cover the point are not in it.
    on_edge
        Whether the point lies on an edge that areas of one layer share.
    """

    areas: Mapping[str, Area]
    on_edge: bool


@dataclass(frozen=True, slots=True)
class Era:
    """All layers between two days on which boundaries change. Read-only, so threads share it.

    Attributes
    ----------
    chain
        The nested layers, the finest first.
    beside
        Every other layer.
    """

    chain: tuple[Ranked, ...]
    beside: tuple[Ranked, ...]
    by_code: Mapping[str, Mapping[str, Area]]

    def find(self, lon: float, lat: float) -> Found:
        """Find the areas that cover a point; cell, village and township always nest."""
        found: dict[str, Area] = {}
        on_edge = False
        inner: Area | None = None
        for ranked in self.chain:
            parent = self.by_code[ranked.layer].get(inner.parent or "") if inner else None
            if parent is None:
                hit = ranked.locator.locate_one(lon, lat)
                parent = None if hit.position == OUTSIDE else ranked.areas[hit.position]
                on_edge |= hit.on_edge
            if parent is not None:
                found[ranked.layer] = inner = parent
        for ranked in self.beside:
            hit = ranked.locator.locate_one(lon, lat)
            on_edge |= hit.on_edge
            if hit.position != OUTSIDE:
                found[ranked.layer] = ranked.areas[hit.position]
        return Found(found, on_edge)

    def nearest(self, lon: float, lat: float) -> tuple[Area, float] | None:
        """Give the nearest area of the finest layer and its distance in metres, if one is near enough."""
        for ranked in self.chain:
            near: Nearest = ranked.locator.nearest_one(lon, lat)
            if near.position != OUTSIDE:
                return ranked.areas[near.position], near.distance_m
        return None


class Boundaries:
    """The layers of a region in all their versions; locators are made once per version, when first asked for.

    Parameters
    ----------
    indexes
        Folder that keeps the locators' indexes between starts; without it, they are built in memory.
    """

    def __init__(self, layers: Mapping[str, AreaLayer], metric_crs: str, indexes: Path | None = None) -> None:
        self._layers = layers
        self._metric_crs = metric_crs
        self._indexes = indexes
        self._eras: dict[tuple[date | None, ...], Era] = {}
        self._locators: dict[tuple[int, ...], Locator] = {}
        self._lock = threading.Lock()
        self.first_day = min(
            (layer.change_days[0] for name, layer in layers.items() if name in CHAIN and layer.change_days),
            default=None,
        )

    def __reduce__(self) -> tuple[type["Boundaries"], tuple[object, ...]]:
        """Travel to another process as areas alone: it maps the indexes from the same folder, or builds its own."""
        return Boundaries, (self._layers, self._metric_crs, self._indexes and self._indexes.resolve())

    def on(self, day: date) -> Era | None:
        """Give the boundaries of a day; None before the first version of the nested layers."""
        if self.first_day is None or day < self.first_day:
            return None
        versions = tuple(layer.version_of(day) for layer in self._layers.values())
        era = self._eras.get(versions)
        if era is None:
            with self._lock:
                era = self._eras.get(versions) or self._make(day)
                self._eras[versions] = era
        return era

    def _make(self, day: date) -> Era:
        layers = {name: layer.valid_on(day) for name, layer in self._layers.items()}
        by_code = {name: {area.code: area for area in layer.areas} for name, layer in layers.items()}
        ranks: dict[tuple[str, str], tuple[tuple[int, int, str], ...]] = {}
        chain: list[Ranked] = []
        for name in (name for name in CHAIN if name in layers and layers[name].areas):
            # From the top down: else a point on a township line could get the cell of one and the name of another.
            parent = layers[name].parent or ""
            for area in layers[name].areas:
                ranks[name, area.code] = (*ranks.get((parent, area.parent or ""), ()), rank(area.code))
            chain.insert(0, self._ranked(name, sorted(layers[name].areas, key=lambda a: ranks[a.layer, a.code])))
        beside = [self._ranked(name, layer.areas) for name, layer in layers.items() if name not in CHAIN]
        return Era(tuple(chain), tuple(beside), by_code)

    def _ranked(self, name: str, areas: Sequence[Area]) -> Ranked:
        # A layer that does not change between two eras keeps its locator.
        identity = tuple(map(id, areas))
        locator = self._locators.get(identity)
        if locator is None:
            geometries = [area.geometry for area in areas]
            locator = self._locators[identity] = Locator(geometries, self._metric_crs, folder=self._indexes)
        return Ranked(name, tuple(areas), locator)
