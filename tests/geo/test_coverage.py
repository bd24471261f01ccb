"""Coverage: each planted fault is found at its place, with its size, and nothing else is."""

from datetime import date

import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from geo.coverage import FaultKind, Severity, check_areas, check_layers, check_spans
from tests.geo.coverages import DAY, area, layer, quilt, squares

METRIC = "EPSG:4549"
SPLIT = date(2024, 11, 20)
# On the ellipsoid at 30 north: metres of a degree of longitude and of latitude.
EAST_M, NORTH_M = 96_486.0, 110_852.0
METRE = 1 / EAST_M


def lettered(shapes, **more):
    return [area(chr(65 + i), shape, **more) for i, shape in enumerate(shapes)]


def checked(*layers):
    return check_layers(layers, METRIC)


def near(place, lon, lat, metres=60):
    return abs(place[0] - lon) * EAST_M < metres and abs(place[1] - lat) * NORTH_M < metres


@pytest.mark.parametrize("shapes", [squares(3, 3), quilt(1, 4), squares(1, 1)])
def test_a_coverage_without_fault_has_none(shapes):
    assert checked(layer(lettered(shapes))) == []


def test_an_overlap_is_named_with_both_codes_its_place_and_its_size():
    west, _ = squares(2, 1)
    moved = box(121.01 - 60 * METRE, 30.0, 121.02, 30.01)
    (fault,) = checked(layer(lettered([west, moved])))
    assert (fault.kind, fault.severity, fault.codes) == (FaultKind.OVERLAP, Severity.ERROR, ("A", "B"))
    assert fault.size_m2 == pytest.approx(60 * 0.01 * NORTH_M, rel=5e-3)
    assert near(fault.place, 121.01 - 30 * METRE, 30.005)
    assert "correct one of the lines" in fault.sentence


def test_an_overlap_thinner_than_a_metre_is_a_warning():
    west, _ = squares(2, 1)
    (fault,) = checked(layer(lettered([west, box(121.01 - 0.3 * METRE, 30.0, 121.02, 30.01)])))
    assert (fault.kind, fault.severity) == (FaultKind.OVERLAP, Severity.WARNING)


def test_an_enclosed_gap_is_named_with_all_around_it():
    shapes = squares(3, 3)
    del shapes[4]
    (fault,) = checked(layer(lettered(shapes)))
    assert (fault.kind, fault.severity) == (FaultKind.GAP, Severity.WARNING)
    assert set(fault.codes) == set("ABCDEFGH")
    assert near(fault.place, 121.015, 30.015)
    assert fault.size_m2 == pytest.approx(0.01 * EAST_M * 0.01 * NORTH_M, rel=5e-3)


def test_a_slit_that_is_open_to_the_outside_is_found():
    west, _ = squares(2, 1)
    (fault,) = checked(layer(lettered([west, box(121.01 + 60 * METRE, 30.0, 121.02, 30.01)])))
    assert (fault.kind, fault.codes) == (FaultKind.GAP, ("A", "B"))
    assert fault.size_m2 == pytest.approx(60 * 0.01 * NORTH_M, rel=2e-2)
    assert near(fault.place, 121.01 + 30 * METRE, 30.005)


def test_two_areas_far_apart_are_no_gap():
    assert checked(layer(lettered([*squares(1, 1), *squares(1, 1, west=121.02)]))) == []


def test_an_edge_with_a_vertex_on_one_side_only_is_a_warning():
    # The middle of the western edge of B is a corner of C, but no vertex of A.
    a, b, c = box(121.0, 30.0, 121.01, 30.02), box(121.01, 30.0, 121.02, 30.01), box(121.01, 30.01, 121.02, 30.02)
    (fault,) = checked(layer(lettered([a, b, c])))
    assert (fault.kind, fault.severity) == (FaultKind.UNMATCHED_EDGE, Severity.WARNING)
    assert "A" in fault.codes
    assert near(fault.place, 121.01, 30.01, metres=1200)


def test_an_invalid_ring_is_named_with_the_place_where_it_crosses_itself():
    bow_tie = Polygon([(121.0, 30.0), (121.01, 30.01), (121.01, 30.0), (121.0, 30.01)])
    (fault,) = check_areas([area("A", bow_tie, name="Bow")])
    assert (fault.kind, fault.severity, fault.codes) == (FaultKind.INVALID_RING, Severity.ERROR, ("A",))
    assert fault.place == pytest.approx((121.005, 30.005))
    assert "Self-intersection" in fault.sentence


@pytest.mark.parametrize(
    ("geometry", "kind"),
    [
        (Polygon(), FaultKind.EMPTY_GEOMETRY),
        (MultiPolygon(), FaultKind.EMPTY_GEOMETRY),
        (LineString([(121, 30), (122, 31)]), FaultKind.NOT_A_POLYGON),
        (box(30.0, 121.0, 30.01, 121.01), FaultKind.NOT_DEGREES),
        (box(635405, 3339815, 635505, 3339915), FaultKind.NOT_DEGREES),
    ],
)
def test_a_geometry_that_is_no_polygon_in_degrees_is_named(geometry, kind):
    (fault,) = check_areas([area("A", geometry)])
    assert (fault.kind, fault.severity) == (kind, Severity.ERROR)


def test_faulty_areas_do_not_hide_the_faults_of_others():
    west, _ = squares(2, 1)
    shapes = [west, box(121.009, 30.0, 121.02, 30.01), Polygon()]
    assert {fault.kind for fault in checked(layer(lettered(shapes)))} == {FaultKind.OVERLAP, FaultKind.EMPTY_GEOMETRY}


@pytest.mark.parametrize(
    ("first", "second", "kind", "severity"),
    [
        ((DAY, None), (DAY, None), FaultKind.DUPLICATE_CODE, Severity.ERROR),
        ((DAY, None), (SPLIT, None), FaultKind.VALIDITY_OVERLAP, Severity.ERROR),
        ((DAY, date(2025, 1, 1)), (SPLIT, None), FaultKind.VALIDITY_OVERLAP, Severity.ERROR),
        ((DAY, date(2024, 1, 1)), (SPLIT, None), FaultKind.VALIDITY_HOLE, Severity.WARNING),
    ],
)
def test_versions_of_one_code_that_do_not_follow_each_other_are_named(first, second, kind, severity):
    shape = squares(1, 1)[0]
    versions = [area("A", shape, since=since, until=until) for since, until in (first, second)]
    (fault,) = check_spans(layer(versions))
    assert (fault.kind, fault.severity, fault.codes) == (kind, severity, ("A",))
    assert near(fault.place, 121.005, 30.005)


def test_versions_that_follow_each_other_are_no_fault():
    shape = squares(1, 1)[0]
    assert check_spans(layer([area("A", shape, until=SPLIT), area("A", shape, since=SPLIT)])) == []


def nested(children, **parents_by_code):
    towns = layer([area("T1", box(121.0, 30.0, 121.02, 30.02)), area("T2", box(121.02, 30.0, 121.04, 30.02))])
    villages = [
        area(code, shape, layer="village", parent=parents_by_code.get(code, parent)) for code, parent, shape in children
    ]
    return checked(towns, layer(villages, "village", "township"))


FOUR = [
    ("V1", "T1", box(121.0, 30.0, 121.02, 30.01)),
    ("V2", "T1", box(121.0, 30.01, 121.02, 30.02)),
    ("V3", "T2", box(121.02, 30.0, 121.04, 30.01)),
    ("V4", "T2", box(121.02, 30.01, 121.04, 30.02)),
]


def test_children_that_cover_their_parents_are_no_fault():
    assert nested(FOUR) == []


def test_a_parent_that_does_not_exist_is_named():
    faults = nested(FOUR, V4="T9")
    orphan = next(fault for fault in faults if fault.kind is FaultKind.UNKNOWN_PARENT)
    assert orphan.codes == ("V4", "T9")
    assert orphan.severity is Severity.ERROR
    assert near(orphan.place, 121.03, 30.015)


def test_a_child_with_the_wrong_parent_is_named_with_what_lies_beyond():
    faults = nested(FOUR, V4="T1")
    beyond = next(fault for fault in faults if fault.kind is FaultKind.OUTSIDE_PARENT)
    assert (beyond.codes, beyond.severity) == (("V4", "T1"), Severity.ERROR)
    assert beyond.size_m2 == pytest.approx(0.02 * EAST_M * 0.01 * NORTH_M, rel=5e-3)
    bare = next(fault for fault in faults if fault.kind is FaultKind.UNCOVERED_PARENT)
    assert bare.codes == ("T2",)
    assert near(bare.place, 121.03, 30.015)


def test_a_child_that_reaches_over_the_line_is_named():
    wide = [(*FOUR[0][:2], box(121.0, 30.0, 121.02 + 30 * METRE, 30.01)), *FOUR[1:]]
    kinds = {fault.kind for fault in nested(wide)}
    assert {FaultKind.OUTSIDE_PARENT, FaultKind.OVERLAP} <= kinds


def test_a_parent_without_children_is_named():
    faults = nested(FOUR[:2])
    assert [(fault.kind, fault.codes) for fault in faults] == [(FaultKind.UNCOVERED_PARENT, ("T2",))]


def test_a_parent_that_ends_leaves_orphans_from_that_day_on():
    towns = layer(
        [
            area("T1", box(121.0, 30.0, 121.02, 30.02), until=SPLIT),
            area("T2", box(121.0, 30.0, 121.02, 30.02), since=SPLIT),
        ]
    )
    village = layer([area("V1", box(121.0, 30.0, 121.02, 30.02), layer="village", parent="T1")], "village", "township")
    faults = checked(towns, village)
    assert [(fault.kind, fault.codes) for fault in faults] == [(FaultKind.UNKNOWN_PARENT, ("V1", "T1"))]
    assert str(SPLIT) in faults[0].sentence


def test_a_fault_of_one_version_is_told_once_though_the_next_one_has_it_too():
    west, _ = squares(2, 1)
    wide = box(121.009, 30.0, 121.02, 30.01)
    far = squares(1, 1, west=121.5)[0]
    same = [area("C", far, until=SPLIT), area("C", far, since=SPLIT, name="renamed")]
    faults = checked(layer([*lettered([west, wide]), *same]))
    assert [fault.kind for fault in faults] == [FaultKind.OVERLAP]


def test_areas_of_other_versions_do_not_overlap():
    both, west = squares(1, 1, size=0.02)[0], squares(1, 1)[0]
    assert checked(layer([area("A", both, until=SPLIT), area("A", west, since=SPLIT)])) == []


def test_nothing_is_repaired():
    bow_tie = Polygon([(121.0, 30.0), (121.01, 30.01), (121.01, 30.0), (121.0, 30.01)])
    given = layer([area("A", bow_tie)])
    before = shapely.to_wkb(given.areas[0].geometry)
    checked(given)
    assert shapely.to_wkb(given.areas[0].geometry) == before
