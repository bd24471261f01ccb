"""A new version laid over a layer: what held on its day ends, what is the same goes on, what begins later stays."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import shapely

from data.region.loading import Pack
from geo.areas import Area, AreaLayer, rank


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new version does to a layer: codes that go on unchanged, begin anew, begin, and end."""

    unchanged: tuple[str, ...]
    changed: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.gone)


def compare(force: AreaLayer, areas: Iterable[Area]) -> Changes:
    """Compare a new version with the areas that hold on its first day."""
    held, given = {area.code: area for area in force.areas}, {area.code: area for area in areas}
    same = {code for code, area in given.items() if code in held and is_same(area, held[code])}
    told = (same, (given.keys() & held.keys()) - same, given.keys() - held.keys(), held.keys() - given.keys())
    return Changes(*(tuple(sorted(codes, key=rank)) for codes in told))


def is_same(one: Area, other: Area) -> bool:
    """Whether two versions of an area say the same, whenever they hold."""
    words = (one.name, one.parent, one.series) == (other.name, other.parent, other.series)
    attributes = {key: value for key, value in one.attributes.items() if value not in (None, "")}
    return words and attributes == dict(other.attributes) and bool(shapely.equals(one.geometry, other.geometry))


def laid_over(layer: AreaLayer, areas: Sequence[Area], begin: date) -> AreaLayer:
    """Lay a version over a layer.

    From `begin` up to the next day on which the layer changes anyway, it is exactly `areas`; on every other day it is
    what it was.
    """
    until = later_change(layer, begin)
    same = set(compare(layer.valid_on(begin), areas).unchanged)
    kept = [piece for area in layer.areas for piece in _around(area, begin, until, goes_on=area.code in same)]
    new = (replace(area, valid_from=begin, valid_to=until) for area in areas if area.code not in same)
    return AreaLayer(layer.name, (*kept, *new), layer.parent)


def later_change(layer: AreaLayer, begin: date) -> date | None:
    """Give the first day after `begin` on which a layer changes, or None."""
    return min((day for day in layer.change_days if day > begin), default=None)


def _around(area: Area, begin: date, until: date | None, *, goes_on: bool) -> Iterator[Area]:
    """Yield what is left of a version of an area beside the days from `begin` up to `until`."""
    if goes_on or not area.holds_on(begin):
        yield area
        return
    if area.valid_from < begin:
        yield replace(area, valid_to=begin)
    if until is not None and (area.valid_to is None or area.valid_to > until):
        yield replace(area, valid_from=until)


def with_layers(pack: Pack, layers: Mapping[str, AreaLayer]) -> Pack:
    """Give a pack with some of its layers exchanged, in the same order."""
    return replace(pack, layers={name: layers.get(name, layer) for name, layer in pack.layers.items()})
