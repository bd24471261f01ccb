"""Check of the outlines: each alone, with its neighbours, with the layers above and below, with what is in force."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import shapely

from data.boundary_import.standing import layer_file
from data.boundary_import.wanted import Wanted
from data.region.features import read_features
from data.region.loading import Pack
from data.region_check import CONTEXT
from geo.areas import Area, AreaLayer
from geo.coverage import Fault, FaultKind, check_areas, check_neighbours, check_nesting, check_spans
from geo.coverage.alone import geometry_fault
from geo.coverage.faults import SMALLEST_M2, in_metres, is_sliver, place_of, size_of
from geo.exchange import BoundaryFile
from geo.exchange.findings import Finding, Level, finding_of
from geo.exchange.fitting import outline_of
from geo.exchange.precision import precision_of
from geo.exchange.ways import Way

MOST_PIECES = 20
NEIGHBOUR = "county"
"""Kind of the features of a pack's context that are counties around."""


def check_ground(
    areas: Sequence[Area],
    force: AreaLayer,
    pack: Pack,
    wanted: Wanted,
    numbers: Mapping[str, int],
    together: Collection[str] = (),
) -> Iterator[Finding]:
    """Yield what is wrong with the areas on the map; the checks are those of a region pack.

    Parameters
    ----------
    pack
        With the other layers of the same step as they would be.
    together
        Layers of the same step: a layer below that is one of them is checked by itself.
    """
    above = layer_file(pack, wanted).parent
    layer = AreaLayer(wanted.layer, areas, above)
    metric_crs = pack.settings.metric_crs
    names = {area.code: area.name for area in areas}
    faults: list[Fault] = [*check_areas(areas), *check_spans(layer), *check_neighbours(layer, metric_crs)]
    if above is not None and above in pack.layers:
        faults += check_nesting(layer, _from(pack.layers[above], wanted.begin), metric_crs)
    for below in pack.settings.layers:
        if below.parent == wanted.layer and below.name not in together:
            nested = check_nesting(_from(pack.layers[below.name], wanted.begin), layer, metric_crs)
            # An area that is in the file but cannot be used is named already; its children are not lost.
            faults += [fault for fault in nested if not _waits(fault, numbers)]
    for fault in faults:
        code = fault.codes[0] if fault.codes else ""
        ours = fault.layer == wanted.layer
        yield finding_of(fault, numbers.get(code) if ours else None, names.get(code, "") if ours else "")
    yield from _moved(areas, force, metric_crs)
    yield from _beyond(areas, pack)


def _waits(fault: Fault, numbers: Mapping[str, int]) -> bool:
    """Whether a child only misses a parent that the file holds."""
    return fault.kind is FaultKind.UNKNOWN_PARENT and fault.codes[-1] in numbers


def _from(layer: AreaLayer, day: date) -> AreaLayer:
    """Give the areas of a layer from a day on, and nothing before it, so that only the new version is compared."""
    later = (area for area in layer.areas if area.valid_to is None or area.valid_to > day)
    return AreaLayer(layer.name, (replace(area, valid_from=max(area.valid_from, day)) for area in later), layer.parent)


def _moved(areas: Sequence[Area], force: AreaLayer, metric_crs: str) -> Iterator[Finding]:
    """Name where the layer as a whole covers more or less than the version in force: a neighbour's ground, or lost."""
    usable = [area for area in areas if geometry_fault(area) is None]
    if not usable or not len(force):
        return
    now, before = outline_of(area.geometry for area in usable), outline_of(area.geometry for area in force.areas)
    more, less = in_metres([shapely.difference(now, before), shapely.difference(before, now)], metric_crs)
    pieces = [(part, "more") for part in shapely.get_parts(more)] + [(part, "less") for part in shapely.get_parts(less)]
    pieces = [(part, word) for part, word in pieces if part.area >= SMALLEST_M2]
    wide = sorted((one for one in pieces if not is_sliver(one[0])), key=lambda one: -one[0].area)
    for part, word in wide[:MOST_PIECES]:
        says = f"the layer covers {part.area:,.0f} m² {word} than the version in force"
        remedy = "correct the outer line unless it has moved"
        yield Finding(
            Level.WARNING, f"covers_{word}", says, remedy, place=place_of(part, metric_crs), size_m2=size_of(part)
        )
    rest = [part for part, _ in wide[MOST_PIECES:]] + [part for part, _ in pieces if is_sliver(part)]
    if rest:
        total = sum(float(part.area) for part in rest)
        says = f"the outer line differs from the version in force in {len(rest)} more pieces, {total:,.0f} m² together"
        place = place_of(max(rest, key=lambda part: float(part.area)), metric_crs)
        yield Finding(Level.NOTE, "outer_line", says, "compare the lines", place=place, size_m2=round(total, 1))


def _beyond(areas: Sequence[Area], pack: Pack) -> Iterator[Finding]:
    """Name ground of the counties around that the layer covers; their lines are drawn only, and may be coarser."""
    path = pack.folder / CONTEXT
    usable = [area.geometry for area in areas if geometry_fault(area) is None]
    if not usable or not path.is_file():
        return
    whole = outline_of(usable)
    for feature in read_features(path).features:
        around = feature.geometry
        if feature.properties.get("kind") != NEIGHBOUR or not around.is_valid or not around.intersects(whole):
            continue
        (shared,) = in_metres([shapely.intersection(around, whole)], pack.settings.metric_crs)
        if shared.area >= SMALLEST_M2 and not is_sliver(shared):
            name = str(feature.properties.get("name") or feature.properties.get("code") or "a neighbour")
            says = f"the layer covers {shared.area:,.0f} m² of {name}"
            place, size = place_of(shared, pack.settings.metric_crs), size_of(shared)
            remedy = "correct the outer line, or agree with the neighbour"
            yield Finding(Level.WARNING, "neighbour_overlap", says, remedy, place=place, size_m2=size)


def check_precision(content: BoundaryFile, way: Way | None) -> Iterator[Finding]:
    """Yield what is lost by too few decimals or by single precision."""
    shapes = [feature.geometry for feature in content.features if not feature.geometry.is_empty]
    degrees = bool(shapes) and max(map(abs, shapely.total_bounds(shapes))) <= 180.0
    found = precision_of(shapes, degrees=degrees) if shapes and way is not None else None
    if found is None or not found.is_coarse:
        return
    what = "are single precision (float32)" if found.single else f"have {found.decimals} decimals"
    says = f"the coordinates {what}, steps of {found.step_m:.2g} m: points near a line change sides"
    yield Finding(Level.WARNING, "coarse_coordinates", says, "export with 7 decimals of a degree, or millimetres")
