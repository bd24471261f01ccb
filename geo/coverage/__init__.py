"""Check of area layers as a coverage: what is wrong, where, how large, and what to do about it. Nothing is repaired.

Sizes are computed in the region's metric CRS. A sliver narrower than a metre is a warning, because no reported point is
that exact; a wider overlap makes answers wrong and is an error. A gap may be water or a neighbour's enclave, so it is a
warning, too.
"""

from collections.abc import Sequence

from geo.areas import AreaLayer
from geo.coverage.alone import check_areas, check_spans
from geo.coverage.faults import Fault, FaultKind, Severity
from geo.coverage.neighbours import check_neighbours
from geo.coverage.nesting import check_nesting

__all__ = [
    "Fault",
    "FaultKind",
    "Severity",
    "check_areas",
    "check_layers",
    "check_neighbours",
    "check_nesting",
    "check_spans",
]


def check_layers(layers: Sequence[AreaLayer], metric_crs: str) -> list[Fault]:
    """Check layers: each by itself in every version, and each against the layer that it nests in.

    Parameters
    ----------
    layers
        In any order; `AreaLayer.parent` names the layer that a layer nests in.
    metric_crs
        CRS in which sizes are measured.
    """
    by_name = {layer.name: layer for layer in layers}
    faults: list[Fault] = []
    for layer in layers:
        faults += check_areas(layer.areas)
        faults += check_spans(layer)
        faults += check_neighbours(layer, metric_crs)
        if layer.parent in by_name:
            faults += check_nesting(layer, by_name[layer.parent], metric_crs)
    return faults
