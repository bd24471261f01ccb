"""Which cases a step would move, before it is published: the same count as a re-attribution makes afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from data.boundary_import import Checked
from data.boundary_import.versions import with_layers
from data.publishing.loading import Standing
from data.reattributing import Change, Comparison, Preview, Version, preview
from data.region.loading import Pack, region_of
from geo.areas import AreaLayer

DAY = timedelta(days=1)


def moves(
    engine: Engine,
    step: Sequence[Checked],
    standing: Standing,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Preview:
    """Count the cases that have other codes by the new version than by the one that it replaces; nothing is written.

    Parameters
    ----------
    progress
        Told how many cases are done, of how many.
    """
    begin = step[0].wanted.begin
    pack = side_by_side(standing.pack, step)
    change = Change(Version(begin - DAY, begin), Version(begin))
    return preview(engine, Comparison(region_of(pack), change), progress=progress)


def side_by_side(before: Pack, step: Sequence[Checked]) -> Pack:
    """Give a pack that holds the one version on the day before the step, and the other from its day on.

    The versions as they are would not do: a version that is replaced on its own first day holds on no day any more.
    """
    begin, after = step[0].wanted.begin, step[0].proposed
    names = {checked.wanted.layer for checked in step}
    layers = {}
    for name, layer in before.layers.items():
        held = layer.valid_on(begin).areas
        until = begin if name in names else None
        areas = [replace(area, valid_from=begin - DAY, valid_to=until) for area in held]
        if name in names:
            areas += [replace(area, valid_from=begin) for area in after.layers[name].valid_on(begin).areas]
        layers[name] = AreaLayer(name, areas, layer.parent)
    return with_layers(before, layers)


def moves_out(found: Preview) -> dict[str, Any]:
    """Write what would move in values that JSON has, the largest flows first."""
    return {
        "looked_at": {state: found.looked_at[state] for state in ("open", "closed")},
        "moved": {state: found.count("moved", state) for state in ("open", "closed")},
        "outside": {state: found.count("outside", state) for state in ("open", "closed")},
        "layers": {
            layer: [
                {"from": old, "to": new, "open": counts["open"], "closed": counts["closed"]}
                for (old, new), counts in sorted(
                    flows.items(), key=lambda one: (-one[1].total(), one[0][0] or "", one[0][1] or "")
                )
            ]
            for layer, flows in found.flows.items()
        },
    }
