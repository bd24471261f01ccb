"""Check of one layer as a coverage: overlaps, gaps, and edges that neighbours do not share."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.areas import Area, AreaLayer
from geo.coverage.alone import geometry_fault
from geo.coverage.faults import (
    SMALLEST_M2,
    Fault,
    FaultKind,
    Geometries,
    Severity,
    in_metres,
    inner_place,
    is_sliver,
    named,
    place_of,
    size_of,
)

SLIT_WIDTH_M = 100.0
"""A gap that is open to the outside is told from a bay by its width."""
TOUCH_M = 0.01


def check_neighbours(layer: AreaLayer, metric_crs: str) -> Iterator[Fault]:
    """Check each version of a layer; areas whose own geometry is faulty are left out.

    A version with the same geometry as an earlier one is not checked again.
    """
    seen: set[tuple[bytes, ...]] = set()
    for day in layer.change_days:
        areas = [area for area in layer.valid_on(day).areas if geometry_fault(area) is None]
        geometry = tuple(sorted(shapely.to_wkb(area.geometry) for area in areas))
        if len(areas) > 1 and geometry not in seen:
            seen.add(geometry)
            yield from _Coverage(areas, metric_crs, day).faults()


class _Coverage:
    """One layer at one version.

    What is exact is done in degrees, where the file draws its straight lines; shapes are projected to be measured.
    """

    def __init__(self, areas: Sequence[Area], metric_crs: str, day: date) -> None:
        self.areas, self.metric_crs, self.since = areas, metric_crs, f"(version of {day})"
        self.shapes = np.fromiter((area.geometry for area in areas), dtype=object, count=len(areas))
        self.tree = shapely.STRtree(self.shapes)
        self.unmatched = shapely.coverage_invalid_edges(self.shapes)

    def faults(self) -> Iterator[Fault]:
        suspects = np.flatnonzero(~shapely.is_empty(self.unmatched))
        explained: set[int] = set()
        for pair, shape in self._overlaps(suspects):
            explained |= set(pair)
            yield self._overlap(pair, shape)
        holes = []
        for around, hole in self._holes(exact=not len(suspects)):
            explained |= set(around)
            holes.append(hole)
            yield self._gap(around, hole)
        for pair, shape in self._slits(holes):
            explained |= set(pair)
            yield self._gap(pair, shape)
        left = [int(i) for i in suspects if int(i) not in explained]
        if left:
            yield self._unmatched_edge(left)

    def _overlaps(self, suspects: NDArray[np.intp]) -> Iterator[tuple[tuple[int, int], BaseGeometry]]:
        one, other = self.tree.query(self.shapes[suspects], predicate="intersects")
        for pair in _pairs(suspects[one], other):
            (shape,) = in_metres([shapely.intersection(*self.shapes[list(pair)])], self.metric_crs)
            if shape.area >= SMALLEST_M2:
                yield pair, shape

    def _holes(self, *, exact: bool) -> Iterator[tuple[list[int], BaseGeometry]]:
        whole = shapely.coverage_union_all(self.shapes) if exact else shapely.union_all(self.shapes)
        for hole in (shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors):
            (shape,) = in_metres([hole], self.metric_crs)
            if shape.area >= SMALLEST_M2:
                yield sorted(self.tree.query(hole, predicate="intersects").tolist()), shape

    def _slits(self, holes: Sequence[BaseGeometry]) -> Iterator[tuple[tuple[int, int], BaseGeometry]]:
        """Find narrow gaps between two areas that are open to the outside, so that the union does not enclose them."""
        shapes = in_metres(self.shapes.tolist(), self.metric_crs)
        # Edges that are wrong without any gap, because of an overlap or a missing vertex, face nothing.
        edges = shapely.difference(
            shapely.coverage_invalid_edges(shapes, gap_width=SLIT_WIDTH_M), shapely.coverage_invalid_edges(shapes)
        )
        near = np.flatnonzero(~shapely.is_empty(edges))
        one, other = shapely.STRtree(edges[near]).query(edges[near], predicate="dwithin", distance=SLIT_WIDTH_M)
        for pair in _pairs(near[one], near[other]):
            for shape in _between(shapes, pair, edges):
                if (
                    shape.area >= SMALLEST_M2
                    and not is_sliver(shape)
                    and not any(shape.intersects(hole) for hole in holes)
                ):
                    yield pair, shape

    def _overlap(self, pair: tuple[int, int], shape: BaseGeometry) -> Fault:
        severity = Severity.WARNING if is_sliver(shape) else Severity.ERROR
        areas = [self.areas[i] for i in pair]
        sentence = (
            f"{named(areas)} overlap by {shape.area:,.0f} m² {self.since}; the lowest code would win there:"
            " correct one of the lines"
        )
        return self._fault(severity, FaultKind.OVERLAP, areas, shape, sentence)

    def _gap(self, around: Sequence[int], shape: BaseGeometry) -> Fault:
        areas = [self.areas[i] for i in around]
        sentence = (
            f"No {areas[0].layer} covers {shape.area:,.0f} m² between {named(areas)} {self.since}; points in it are"
            " kept as outside: correct the lines unless it is water or somebody else's"
        )
        return self._fault(Severity.WARNING, FaultKind.GAP, areas, shape, sentence)

    def _unmatched_edge(self, positions: Sequence[int]) -> Fault:
        areas = [self.areas[i] for i in positions]
        sentence = (
            f"Edges of {named(areas)} do not run through the same vertices as their neighbours' {self.since}, by less"
            f" than {SMALLEST_M2:g} m²; a point on such an edge may fall beside both: draw each shared line once"
        )
        codes, place = tuple(area.code for area in areas), inner_place(self.unmatched[positions[0]])
        return Fault(Severity.WARNING, FaultKind.UNMATCHED_EDGE, areas[0].layer, codes, place, None, sentence)

    def _fault(
        self, severity: Severity, kind: FaultKind, areas: Sequence[Area], shape: BaseGeometry, sentence: str
    ) -> Fault:
        codes, place = tuple(area.code for area in areas), place_of(shape, self.metric_crs)
        return Fault(severity, kind, areas[0].layer, codes, place, size_of(shape), sentence)


def _between(shapes: Geometries, pair: tuple[int, int], edges: Geometries) -> Sequence[BaseGeometry]:
    """Give what lies between the facing edges of two areas, in metres, and belongs to no area."""
    # Flat ends, so that nothing beyond the ends of the slit counts.
    strips = shapely.buffer(edges[list(pair)], SLIT_WIDTH_M, cap_style="flat")
    window = shapely.intersection(*strips)
    free = shapely.difference(window, shapely.union_all(shapes[shapely.STRtree(shapes).query(window)]))
    beside = shapes[list(pair)]
    return [part for part in shapely.get_parts(free) if (shapely.distance(part, beside) < TOUCH_M).all()]


def _pairs(one: NDArray[np.intp], other: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Give each pair of different positions once, in order."""
    return sorted({(min(a, b), max(a, b)) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a != b})
