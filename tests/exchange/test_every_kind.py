"""What can be wrong with a file reaches the report with its documented level, its feature and the way out."""

import re
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from geo.crs import from_wgs84
from geo.exchange.findings import Level
from geo.exchange.fitting import Judgement, judge
from tests.exchange import making
from tests.exchange.making import geojson, shapefile
from tests.exchange.test_checks import LEFT, NAMES, RIGHT, checked, town
from tests.region.packs import EAST, MIDDLE, NORTH, SOUTH, WEST, layers, write_pack

ERROR, WARNING, NOTE = Level.ERROR, Level.WARNING, Level.NOTE
ROOT = Path(__file__).parent.parent.parent
RING = [list(point) for point in box(*LEFT).exterior.coords]


@pytest.fixture
def pack(tmp_path) -> Path:
    return write_pack(tmp_path / "pack")


def with_first(shape, **more):
    """The two towns, the first of them as given."""
    return [town("101", shape, **more), town("2", RIGHT)]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def lost(pack):
    """A table of two rows with the outlines of one."""
    table = making.frame({"101": box(*LEFT), "2": box(*RIGHT)}, NAMES)
    whole, shorter = shapefile(pack.parent / "a", table), shapefile(pack.parent / "b", table.iloc[:1])
    shorter.with_suffix(".dbf").write_bytes(whole.with_suffix(".dbf").read_bytes())
    return shorter


def gbk(pack):
    """A table in GBK that nothing declares, with names that only it has."""
    names = {"101": "掌起镇", "2": "观海卫镇"}
    return shapefile(pack.parent / "gbk", making.frame({"101": box(*LEFT), "2": box(*RIGHT)}, names), encoding="GBK")


# A vertex on the shared line that only one of the two has: nothing lies between, yet the edges are not the same.
BENT = Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, (SOUTH + NORTH) / 2), (MIDDLE, NORTH), (WEST, NORTH)])
WIDER = (MIDDLE, SOUTH, EAST + 0.002, NORTH)
NOTCHED = box(*LEFT).difference(box(MIDDLE - 0.003, SOUTH + 0.005, MIDDLE, SOUTH + 0.008))
AROUND = box(*RIGHT).union(box(MIDDLE - 0.001, SOUTH + 0.005, MIDDLE, SOUTH + 0.008))

KINDS = {
    # what is in the file: the kind in the report, its level, the number of the feature
    "open_ring": (lambda pack: with_first(polygon(RING[:-1])), ERROR, 1),
    "wrong_nesting": (lambda pack: with_first({"type": "MultiPolygon", "coordinates": [RING]}), ERROR, 1),
    "no_geometry": (lambda pack: with_first(None), ERROR, 1),
    "bad_coordinate": (lambda pack: with_first(polygon([[WEST, float("nan")], *RING[1:]])), ERROR, 1),
    "unreadable_geometry": (lambda pack: with_first({"type": "Heptagon", "coordinates": [RING]}), ERROR, 1),
    "not_a_feature": (lambda pack: [*with_first(LEFT), "nothing"], ERROR, 3),
    "lost_feature": (lost, ERROR, None),
    "heights": (lambda pack: with_first(shapely.force_3d(box(*LEFT), 8.0)), NOTE, 1),
    "encoding": (gbk, NOTE, None),
    "invalid_ring": (lambda pack: with_first(polygon([RING[0], RING[2], RING[1], RING[3], RING[0]])), ERROR, 1),
    "not_a_polygon": (lambda pack: with_first(LineString(RING)), ERROR, 1),
    "overlap": (lambda pack: with_first((WEST, SOUTH, MIDDLE + 0.001, NORTH)), ERROR, 2),
    "gap": (lambda pack: [town("101", NOTCHED), town("2", AROUND)], WARNING, None),
    "unmatched_edge": (lambda pack: with_first(BENT), WARNING, None),
    "uncovered_parent": (lambda pack: [town("101", LEFT), town("2", WIDER)], WARNING, None),
    "outer_line": (lambda pack: with_first((WEST - 5e-6, SOUTH, MIDDLE, NORTH)), NOTE, None),
    "mixed_codes": (
        lambda pack: [town(code, (WEST + 0.005 * k, SOUTH, WEST + 0.005 * (k + 1), NORTH), code)
                      for k, code in enumerate(("33028", "A1", "3302", "B"))],
        WARNING, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_it_reaches_the_report_with_its_level_its_feature_and_the_way_out(pack, kind):
    make, level, number = KINDS[kind]
    result = checked(pack, make(pack))
    found = [finding for finding in result.findings if finding.kind == kind]
    assert found, [f"{finding.kind}: {finding.says}" for finding in result.findings]
    assert {finding.level for finding in found} == {level}
    assert all(finding.says and finding.remedy for finding in found)
    if number is not None:
        assert number in {finding.feature for finding in found}
    assert (level is ERROR) <= (not result.sound)


def documented() -> set[str]:
    """Every kind that the page on boundary files names in its tables."""
    text = (ROOT / "docs/boundary-files.md").read_text(encoding="utf8")
    first = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `") and "FILE" not in line]
    return {kind for cell in first for kind in re.findall(r"`(\w+)`", cell)}


ONLY_IN_PACKS = {"empty_geometry", "not_degrees"}
"""A file with such an outline is told so when it is read, as `no_geometry`, or by its CRS; tests/geo has both."""


def test_every_kind_that_is_documented_is_tried_somewhere():
    folder = ROOT / "tests/exchange"
    tried = {word for path in folder.glob("test_*.py") for word in re.findall(r'"(\w+)"', path.read_text("utf8"))}
    assert documented() - tried - ONLY_IN_PACKS == set()
    assert set(KINDS) <= documented()


def test_state_plane_feet_without_a_crs_are_recognised_in_a_county_that_is_drawn_here():
    """New York's own files are not part of the project; this shape lies where they do."""
    corners = [(-74.02, 40.70), (-73.97, 40.69), (-73.93, 40.75), (-73.96, 40.80), (-74.00, 40.79), (-74.03, 40.74)]
    known = shapely.segmentize(Polygon(corners), 0.002)
    feet = shapely.transform(known, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "EPSG:2263")))
    assert min(feet.bounds) > 100_000, "feet, not degrees"
    judged = judge(feet, known, None, "EPSG:32618")
    assert judged.judgement is Judgement.UNDECLARED
    assert "EPSG:2263" in {str(way) for way in (judged.best.way, *judged.best.alike)}
    assert judged.best.fit < 1e-5


@pytest.mark.parametrize(("crs", "says"), [("BD-09", "BD-09"), ("swapped", "swapped>EPSG:4326")])
def test_other_disguises_are_refused_with_the_reading_that_fits(pack, crs, says):
    def move(xy):
        return xy[:, ::-1] if crs == "swapped" else np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], crs))

    moved = [town(code, shapely.transform(box(*shape), move)) for code, shape in (("101", LEFT), ("2", RIGHT))]
    result = checked(pack, moved)
    (fault,) = [finding for finding in result.findings if finding.kind in {"doubted_crs", "wrong_crs"}]
    assert fault.level is ERROR
    assert says in fault.remedy
    assert checked(pack, moved, crs=says).sound


def test_a_layer_below_that_is_not_covered_any_more_is_named(pack):
    """Villages with a strip missing: their township has ground that nobody is responsible for."""
    villages = [item for item in layers()["villages"] if not item["properties"]["valid_to"]]
    villages[0]["geometry"] = shapely.geometry.mapping(box(WEST + 0.002, SOUTH, MIDDLE, (SOUTH + NORTH) / 2))
    result = checked(pack, geojson(pack.parent / "v.geojson", villages), layer="village", series="nbs")
    assert "uncovered_parent" in {finding.kind for finding in result.findings}
