"""How a file is probably meant: which layer of the region each of its layers is, by its codes, and its columns.

A proposal for somebody who decides; nothing is taken for true here, and the CRS is never guessed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.boundary_import.standing import known_series
from data.region.loading import Pack
from geo.areas import AreaLayer
from geo.exchange import BoundaryFile, Feature, layers_of, read_boundaries
from geo.exchange.texts import as_text, clean

SAMPLES = 3
LOOKED_AT = 3000
"""Features whose codes are compared: enough to tell a column by."""
LEAST = 0.3
"""A layer is proposed when so many of a file's codes are its own."""


def offers_of(file: Path, pack: Pack, day: date) -> dict[str, Any]:
    """Say what a file offers: layers with columns, samples and a proposal; raises Unreadable."""
    return {"layers": [offer_of(read_boundaries(file, name), name, pack, day) for name in layers_of(file)]}


def offer_of(content: BoundaryFile, name: str, pack: Pack, day: date) -> dict[str, Any]:
    """Say what one layer of a file offers."""
    return {
        "name": name,
        "format": content.kind,
        "features": content.counted,
        "crs": content.crs,
        "encoding": content.encoding.name if content.encoding else None,
        "columns": [{"name": column, "samples": _samples(content, column)} for column in content.columns],
        "proposal": propose(content, name, pack, day),
    }


def _samples(content: BoundaryFile, column: str) -> list[str]:
    values = (as_text(feature.properties.get(column)).strip() for feature in content.features[:50])
    return [value[:40] for value in dict.fromkeys(values) if value][:SAMPLES]


def propose(content: BoundaryFile, name: str, pack: Pack, day: date) -> dict[str, str | None]:
    """Propose layer, series and columns: those whose values are those of the version in force most often."""
    some = content.features[:LOOKED_AT]
    held = {layer: areas.valid_on(day) for layer, areas in pack.layers.items()}
    # Different codes are counted: a column of parents has codes in every row, but few of them.
    found = [
        (hits, layer == name, layer, series, column)
        for layer, areas in held.items()
        for series, codes in _codes(areas).items()
        for column in content.columns
        if (hits := len(_values(some, column, code=True) & codes)) >= LEAST * len(some)
    ]
    if not found:
        return {"layer": name if name in held else None, "series": None, "code": None, "name": None, "parent": None}
    _, _, layer, series, code = max(found, key=lambda one: one[:2])
    others = [column for column in content.columns if column != code]
    names = {area.name for area in held[layer].areas}
    # Of a top layer there is one parent, which needs no column.
    nests = held[layer].parent in held
    parents = {area.parent for area in held[layer].areas if area.parent} if nests else set()
    own_name = _best({column: len(_values(some, column, code=False) & names) for column in others})
    own_parent = _best({column: len(_values(some, column, code=True) & parents) for column in others})
    return {"layer": layer, "series": series, "code": code, "name": own_name, "parent": own_parent}


def _codes(areas: AreaLayer) -> Mapping[str, set[str]]:
    return {series: {code for area in areas.areas if (code := area.code_in(series))} for series in known_series(areas)}


def _values(features: Sequence[Feature], column: str, *, code: bool) -> set[str]:
    return {clean(as_text(feature.properties.get(column)), code=code) for feature in features}


def _best(hits: Mapping[str, int]) -> str | None:
    best = max(hits, key=lambda column: hits[column], default=None)
    return best if best is not None and hits[best] else None
