"""What lies around the county, for drawing only: neighbours, the bay, the shore, names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Polygon

from data.regions.cixi import pack, sketch

FRAME = (120.80, 29.80, 121.88, 30.62)
"""West, south, east, north in degrees."""
TOLERANCE = 2e-4


def features(sources: Path, ground: sketch.Sketch, cells: Sequence[Polygon]) -> list[pack.Feature]:
    """Neighbouring counties, sea, shore and labels within the frame; none of them overlaps the county's land."""
    frame = shapely.box(*FRAME)
    land = shapely.coverage_union_all(list(cells))
    around = {code: value for code, value in sketch.counties(sources).items() if code != sketch.COUNTY}
    found: list[pack.Feature] = []
    for code, (name, area) in sorted(around.items()):
        part = shapely.difference(shapely.intersection(shapely.simplify(area, TOLERANCE), frame), land)
        if not part.is_empty:
            found.append(_drawn("county", code, name, part))
    return found


def _drawn(kind: str, code: str, name: str, area: Any) -> pack.Feature:
    rounded = shapely.set_precision(area, 1e-7)
    return {
        "type": "Feature",
        "properties": {"kind": kind, "code": code, "name": name},
        "geometry": shapely.geometry.mapping(rounded),
    }
