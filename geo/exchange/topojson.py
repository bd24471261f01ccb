"""TopoJSON's shared arcs unrolled into GeoJSON features; GDAL leaves out objects without a geometry."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from geo.errors import Unreadable

Ring = list[tuple[float, float]]


def objects_of(topology: Mapping[str, Any]) -> Iterator[tuple[str, list[object]]]:
    """Yield the name of each object and its features."""
    try:
        arcs = _arcs(topology)
        for name, item in topology["objects"].items():
            members = item["geometries"] if item.get("type") == "GeometryCollection" else [item]
            yield str(name), [_feature(member, arcs) for member in members]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        raise Unreadable(f"is a Topology whose arcs cannot be followed ({problem!r:.80}); export it again") from problem


def _arcs(topology: Mapping[str, Any]) -> list[Ring]:
    transform = topology.get("transform")
    if transform is None:
        return [[(float(x), float(y)) for x, y, *_ in arc] for arc in topology["arcs"]]
    (east, north), (x0, y0) = transform["scale"], transform["translate"]
    found = []
    for arc in topology["arcs"]:
        # Quantised arcs hold differences from point to point.
        steps = accumulate(((int(x), int(y)) for x, y, *_ in arc), lambda a, b: (a[0] + b[0], a[1] + b[1]))
        found.append([(x * east + x0, y * north + y0) for x, y in steps])
    return found


def _feature(member: Mapping[str, Any], arcs: Sequence[Ring]) -> dict[str, Any]:
    properties = dict(member.get("properties") or {})
    if member.get("id") is not None:
        properties.setdefault("id", member["id"])
    kind, geometry = member.get("type"), None
    if kind == "Polygon":
        geometry = {"type": kind, "coordinates": [_ring(ring, arcs) for ring in member["arcs"]]}
    elif kind == "MultiPolygon":
        parts = [[_ring(ring, arcs) for ring in polygon] for polygon in member["arcs"]]
        geometry = {"type": kind, "coordinates": parts}
    elif kind is not None:
        # Lines and points are no areas; one position is enough for them to be named as what they are.
        geometry = {"type": "Point", "coordinates": list(arcs[0][0]) if arcs else [0.0, 0.0]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _ring(numbers: Sequence[int], arcs: Sequence[Ring]) -> list[list[float]]:
    points: Ring = []
    for number in numbers:
        # A negative number is the arc of its complement, walked backwards; arcs meet in a point, which stands once.
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return [list(point) for point in points]
