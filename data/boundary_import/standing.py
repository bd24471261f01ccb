"""What is known before the import: the version in force, and the ground that the file should cover."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from data.boundary_import.rows import Row
from data.boundary_import.wanted import Refused, Wanted
from data.region.loading import Pack, read
from data.region.settings import TOWNSHIP, LayerFile
from geo.areas import Area, AreaLayer
from geo.exchange.fitting import outline_of

MOST, HALF = 0.8, 0.5
"""With so many of the codes in force, a file is taken for the whole layer, or for those areas of it."""


def open_pack(folder: Path) -> Pack:
    """Read the region pack that the file is compared with; one that cannot be read is refused."""
    pack, report = read(folder)
    if pack is None:
        first = report.errors[0] if report.errors else "it has no region.toml"
        raise Refused(f"{folder} is no region pack: {first}")
    return pack


def layer_file(pack: Pack, wanted: Wanted) -> LayerFile:
    """Give the layer of the pack that is meant."""
    for layer in pack.settings.layers:
        if layer.name == wanted.layer:
            return layer
    known = ", ".join(layer.name for layer in pack.settings.layers)
    raise Refused(f"--layer {wanted.layer!r} is no layer of the region {pack.settings.name}; it has {known}")


def known_series(layer: AreaLayer) -> list[str]:
    """Name every series of codes that the areas of a layer have, their own first."""
    own = dict.fromkeys(area.series for area in layer.areas)
    others = (key.removeprefix("code_") for area in layer.areas for key in area.attributes if key.startswith("code_"))
    return list(own | dict.fromkeys(others))


def counterparts(rows: Sequence[Row], force: AreaLayer, series: str) -> Mapping[str, Area]:
    """Give the area in force with each row's code in the series, where there is one."""
    found = {row.code: force.in_series(series, row.code) for row in rows}
    return {code: area for code, area in found.items() if area is not None}


def known_ground(rows: Sequence[Row], force: AreaLayer, series: str, pack: Pack, day: date) -> BaseGeometry:
    """Give the ground that the file should cover: its own codes' in force, else the whole region's."""
    matched = counterparts(rows, force, series)
    if matched and len(matched) >= HALF * len(rows) and len(matched) < MOST * len(force):
        return outline_of(area.geometry for area in matched.values())
    whole = force if len(force) else pack.layers.get(TOWNSHIP, AreaLayer(TOWNSHIP, ())).valid_on(day)
    return outline_of(area.geometry for area in whole.areas)
