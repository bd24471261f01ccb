"""Check that the areas of a layer nest in those of the layer above, on every day."""

from collections.abc import Iterator, Sequence
from datetime import date

import shapely

from geo.areas import Area, AreaLayer
from geo.coverage.alone import geometry_fault
from geo.coverage.faults import (
    SMALLEST_M2,
    Fault,
    FaultKind,
    Severity,
    in_metres,
    inner_place,
    is_sliver,
    place_of,
    size_of,
)


def check_nesting(layer: AreaLayer, above: AreaLayer, metric_crs: str) -> list[Fault]:
    """Check that each area has a parent on each day and lies in it, and that the children of a parent cover it.

    What does not change between two days is looked at once.
    """
    faults: dict[tuple[int, ...], list[Fault]] = {}
    for day in sorted({*layer.change_days, *above.change_days}):
        parents = {area.code: area for area in above.valid_on(day).areas}
        children: dict[str, list[Area]] = {code: [] for code in parents}
        for area in layer.valid_on(day).areas:
            if area.parent in children:
                children[area.parent].append(area)
            else:
                faults.setdefault((id(area),), [_orphan(area, above.name, day)])
        if not any(children.values()):
            continue
        for code, members in children.items():
            family = (id(parents[code]), *map(id, members))
            if family not in faults:
                faults[family] = list(_family_faults(parents[code], members, layer.name, metric_crs, day))
    return [fault for found in faults.values() for fault in found]


def _orphan(area: Area, above: str, day: date) -> Fault:
    sentence = (
        f"{area.layer} {area.code} {area.name} names the parent {area.parent!r}, which is no {above} on {day}; correct"
        " the parent, or begin a new version of the row on that day"
    )
    codes = (area.code, area.parent) if area.parent else (area.code,)
    return Fault(
        Severity.ERROR, FaultKind.UNKNOWN_PARENT, area.layer, codes, inner_place(area.geometry), None, sentence
    )


def _family_faults(parent: Area, children: Sequence[Area], layer: str, metric_crs: str, day: date) -> Iterator[Fault]:
    """Compare a parent with the union of its children; only where they are not equal it is looked at closely."""
    whole = f"{parent.layer} {parent.code} {parent.name}"
    if not children:
        sentence = f"{whole} has no {layer} on {day}; correct the parent of those that lie in it"
        place = inner_place(parent.geometry)
        yield Fault(Severity.WARNING, FaultKind.UNCOVERED_PARENT, layer, (parent.code,), place, None, sentence)
        return
    if any(geometry_fault(area) for area in (parent, *children)):
        return  # named by the check of areas; there is nothing to compare
    together = shapely.union_all([child.geometry for child in children])
    if shapely.equals(parent.geometry, together):
        return
    for child in children:
        (beyond,) = in_metres([shapely.difference(child.geometry, parent.geometry)], metric_crs)
        if beyond.area >= SMALLEST_M2:
            severity = Severity.WARNING if is_sliver(beyond) else Severity.ERROR
            sentence = (
                f"{layer} {child.code} {child.name} reaches {beyond.area:,.0f} m² beyond its parent {whole}; correct"
                " the line or the parent"
            )
            codes, place = (child.code, parent.code), place_of(beyond, metric_crs)
            yield Fault(severity, FaultKind.OUTSIDE_PARENT, layer, codes, place, size_of(beyond), sentence)
    (rest,) = in_metres([shapely.difference(parent.geometry, together)], metric_crs)
    for part in shapely.get_parts(rest):
        if part.area >= SMALLEST_M2:
            sentence = f"{whole} has {part.area:,.0f} m² that no {layer} covers; correct the lines"
            place = place_of(part, metric_crs)
            kind = FaultKind.UNCOVERED_PARENT
            yield Fault(Severity.WARNING, kind, layer, (parent.code,), place, size_of(part), sentence)
