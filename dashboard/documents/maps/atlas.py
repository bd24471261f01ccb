"""The lines of a region for paper: projected once for each boundary version, simplified once for each scale."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from data.region import Region
from geo.areas import Area
from geo.cartography import Projected, projected
from geo.cartography.projected import for_paper

NESTED = {"township": "township", "village": "village", "cell": "grid"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around the region, in metres, by kind: ``sea``, ``shore``, ``lake``, ``county``, ``label``."""

    shapes: Mapping[str, Projected]
    names: Mapping[str, tuple[tuple[str, str], ...]]

    def of(self, kind: str) -> Projected:
        """Give the shapes of a kind."""
        return self.shapes.get(kind, np.empty(0, dtype=object))


@dataclass(slots=True)
class Plate:
    """One boundary version, in metres.

    Attributes
    ----------
    areas
        By layer, in the order of `shapes`.
    county
        The townships together.
    """

    areas: Mapping[str, tuple[Area, ...]]
    shapes: Mapping[str, Projected]
    county: shapely.Geometry
    _simpler: dict[tuple[str, int], Projected] = field(default_factory=dict)

    def at_scale(self, layer: str, scale: int) -> Projected:
        """Give the shapes of a layer as fine as paper of a scale can show them."""
        found = self._simpler.get((layer, scale))
        if found is None:
            found = self._simpler[layer, scale] = for_paper(self.shapes[layer], scale)
        return found


class Atlas:
    """The plates of a region; threads share it."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._plates: dict[tuple[date | None, ...], Plate] = {}
        self._surroundings: Surroundings | None = None
        self._lock = threading.Lock()

    def on(self, day: date) -> Plate:
        """Give the plate of the boundaries of a day."""
        layers = {field: self.region.layers[name] for field, name in NESTED.items() if name in self.region.layers}
        versions = tuple(layer.version_of(day) for layer in layers.values())
        with self._lock:
            if versions not in self._plates:
                areas = {field: layer.valid_on(day).areas for field, layer in layers.items()}
                shapes = {
                    field: projected([area.geometry for area in found], self.region.metric_crs)
                    for field, found in areas.items()
                }
                self._plates[versions] = Plate(areas, shapes, shapely.union_all(shapes["township"]))
            return self._plates[versions]

    def surroundings(self) -> Surroundings:
        """Give what lies around the region; nothing where the pack has no such file."""
        with self._lock:
            if self._surroundings is None:
                file = self.region.folder / "context.geojson"
                text = file.read_text(encoding="utf8") if file.is_file() else '{"features": []}'
                self._surroundings = self._around(json.loads(text)["features"])
            return self._surroundings

    def _around(self, features: list[dict[str, Any]]) -> Surroundings:
        kinds: dict[str, list[dict[str, Any]]] = {}
        for feature in features:
            kinds.setdefault(str(feature["properties"].get("kind")), []).append(feature)
        shapes = {
            kind: projected([shape(feature["geometry"]) for feature in some], self.region.metric_crs)
            for kind, some in kinds.items()
        }
        names = {
            kind: tuple((f["properties"]["name"], f["properties"].get("name_en") or "") for f in some)
            for kind, some in kinds.items()
        }
        return Surroundings(shapes, names)
