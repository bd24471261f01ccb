"""Check of areas one by one: their geometry, and the spans of time of each code."""

import re
from collections.abc import Iterable
from itertools import pairwise

import shapely

from geo.areas import Area, AreaLayer
from geo.coverage.faults import Fault, FaultKind, Position, Severity, inner_place


def check_areas(areas: Iterable[Area]) -> list[Fault]:
    """Check the geometry of each area: empty, no polygon, coordinates that are no degrees, an invalid ring."""
    return [fault for area in areas if (fault := geometry_fault(area)) is not None]


def geometry_fault(area: Area) -> Fault | None:
    """Give what is wrong with the geometry of one area, or None."""
    geometry = area.geometry
    if geometry.is_empty:
        return _fault(
            area,
            FaultKind.EMPTY_GEOMETRY,
            None,
            "has an empty geometry: a reader lost it, or the file never had it; export it again",
        )
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        sentence = f"is a {geometry.geom_type}; an area must be a Polygon or a MultiPolygon"
        return _fault(area, FaultKind.NOT_A_POLYGON, _first_vertex(area), sentence)
    west, south, east, north = geometry.bounds
    if not (west >= -180.0 and south >= -90.0 and east <= 180.0 and north <= 90.0):
        corners = f"({west:g}, {south:g}) to ({east:g}, {north:g})"
        sentence = f"reaches from {corners}, which are no (lon, lat) degrees; declare the CRS"
        return _fault(area, FaultKind.NOT_DEGREES, None, sentence)
    if not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        found = re.search(r"\[(\S+) (\S+)\]", reason)
        place = (float(found[1]), float(found[2])) if found else _first_vertex(area)
        sentence = (
            f"is invalid: {reason.split('[')[0].strip()} at ({place[0]:.6f}, {place[1]:.6f}); correct the ring there,"
            " or make the pack anew with --repair"
        )
        return _fault(area, FaultKind.INVALID_RING, place, sentence)
    return None


def _first_vertex(area: Area) -> Position:
    x, y = shapely.get_coordinates(area.geometry)[0]
    return float(x), float(y)


def _fault(area: Area, kind: FaultKind, place: Position | None, says: str) -> Fault:
    sentence = f"{area.layer} {area.code} {area.name} {says}"
    return Fault(Severity.ERROR, kind, area.layer, (area.code,), place, None, sentence)


def check_spans(layer: AreaLayer) -> list[Fault]:
    """Check the versions of each code: twice at once, overlapping, or with a hole between them."""
    return [
        fault
        for code in layer.codes
        for before, after in pairwise(layer.versions(code))
        if (fault := _span_fault(before, after)) is not None
    ]


def _span_fault(before: Area, after: Area) -> Fault | None:
    who, end, begin = f"{before.layer} {before.code}", before.valid_to, after.valid_from
    severity = Severity.ERROR
    if (before.valid_from, end) == (begin, after.valid_to):
        kind = FaultKind.DUPLICATE_CODE
        sentence = f"{who} stands there twice, as {before.name} and {after.name}; keep one, or correct the code"
    elif end is None or end > begin:
        kind = FaultKind.VALIDITY_OVERLAP
        sentence = f"{who} has two versions on {begin}; end the first one with valid_to {begin}"
    elif end < begin:
        kind, severity = FaultKind.VALIDITY_HOLE, Severity.WARNING
        sentence = f"{who} does not exist from {end} up to {begin}; close the hole unless it is meant"
    else:
        return None
    return Fault(severity, kind, before.layer, (before.code,), inner_place(after.geometry), None, sentence)
