"""A file is checked before anything is touched: each fault with its feature, its place and the remedy."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Polygon, box

from data.boundary_import import Refused, Wanted, check_file
from data.region_new import LayerSource, NewRegion, make
from geo.coverage import FaultKind
from geo.crs import from_wgs84
from geo.exchange import read_boundaries
from geo.exchange.findings import REMEDIES, Level
from geo.exchange.texts import clean, garbled
from tests.exchange import making
from tests.exchange.making import feature, geojson, shapefile
from tests.exchange.test_fitting import NYC
from tests.region.packs import EAST, MIDDLE, NORTH, SOUTH, WEST, layers, write_pack

BEGIN = date(2027, 1, 1)
LEFT, RIGHT = (WEST, SOUTH, MIDDLE, NORTH), (MIDDLE, SOUTH, EAST, NORTH)
NAMES = {"101": "township 101", "2": "township 2"}


@pytest.fixture
def pack(tmp_path) -> Path:
    return write_pack(tmp_path / "pack")


def town(code, shape, name=None, **more):
    given = box(*shape) if isinstance(shape, tuple) else shape
    return feature(code, given, **({"name": name if name is not None else NAMES.get(str(code), str(code))} | more))


def checked(pack, features, **more):
    path = features if isinstance(features, Path) else geojson(pack.parent / "towns.geojson", features)
    wanted = {"layer": "township", "series": "mca", "code": "code", "name": "name", "begin": BEGIN} | more
    return check_file(Wanted(path, **wanted), pack)


def kinds(result, level=None):
    return [finding.kind for finding in result.findings if level is None or finding.level is level]


def one(result, kind):
    found = [finding for finding in result.findings if finding.kind == kind]
    assert len(found) == 1, [f"{f.kind}: {f.says}" for f in result.findings]
    assert found[0].remedy
    return found[0]


def test_every_fault_of_a_coverage_has_a_remedy():
    assert set(REMEDIES) == set(FaultKind)


def test_a_file_like_the_version_in_force_has_no_fault(pack):
    result = checked(pack, [town("101", LEFT), town("2", RIGHT)])
    assert kinds(result) == ["crs", "count"]
    assert {finding.level for finding in result.findings} == {Level.NOTE}
    assert [(area.code, area.parent, area.valid_from) for area in result.areas] == [
        ("101", "990000", BEGIN),
        ("2", "990000", BEGIN),
    ]
    assert result.areas[0].attributes["code_nbs"] == "901"


def test_an_invalid_ring_is_named_with_its_place(pack):
    bow_tie = Polygon([(WEST, SOUTH), (MIDDLE, NORTH), (MIDDLE, SOUTH), (WEST, NORTH)])
    fault = one(checked(pack, [town("101", bow_tie), town("2", RIGHT)]), "invalid_ring")
    assert (fault.level, fault.feature, fault.code) == (Level.ERROR, 1, "101")
    assert fault.place == pytest.approx(((WEST + MIDDLE) / 2, (SOUTH + NORTH) / 2))


def test_a_hole_outside_its_ring_is_named(pack):
    hole = list(box(MIDDLE + 0.001, SOUTH + 0.001, MIDDLE + 0.002, SOUTH + 0.002).exterior.coords)
    holed = Polygon(box(*LEFT).exterior.coords, [hole])
    fault = one(checked(pack, [town("101", holed), town("2", RIGHT)]), "invalid_ring")
    assert "Hole lies outside shell" in fault.says


def test_gaps_and_overlaps_are_measured_and_placed(pack):
    width = 0.001
    overlap = one(checked(pack, [town("101", LEFT), town("2", (MIDDLE - width, SOUTH, EAST, NORTH))]), "overlap")
    strip = box(MIDDLE - width, SOUTH, MIDDLE, NORTH)
    true_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(strip)[0])
    assert overlap.level is Level.ERROR
    assert overlap.size_m2 == pytest.approx(true_m2, rel=0.001)
    assert strip.covers(shapely.Point(overlap.place))
    result = checked(pack, [town("101", LEFT), town("2", (MIDDLE + width, SOUTH, EAST, NORTH))])
    lost = one(result, "covers_less")
    assert lost.size_m2 == pytest.approx(true_m2, rel=0.001)
    assert "outside_parent" in kinds(result)  # the villages of the layer below reach into the gap


def test_ground_beyond_the_version_in_force_is_named(pack):
    more = one(checked(pack, [town("101", LEFT), town("2", (MIDDLE, SOUTH, EAST + 0.001, NORTH))]), "covers_more")
    assert EAST < more.place[0] < EAST + 0.001


def test_duplicate_codes_are_errors(pack):
    result = checked(pack, [town("101", LEFT), town("101", RIGHT, "another")])
    assert one(result, "duplicate_code").level is Level.ERROR


def test_parents_that_do_not_exist_are_named(pack):
    villages = [item for item in layers()["villages"] if not item["properties"]["valid_to"]]
    villages[0]["properties"]["parent"] = "777"
    path = geojson(pack.parent / "villages.geojson", villages)
    result = checked(pack, path, layer="village", series="nbs", parent="parent")
    fault = next(finding for finding in result.findings if finding.kind == "unknown_parent")
    assert (fault.feature, fault.codes[1], fault.level) == (1, "777", Level.ERROR)


def test_areas_without_a_parent_column_nest_where_they_lie(pack):
    villages = [item for item in layers()["villages"] if not item["properties"]["valid_to"]]
    expected = {item["properties"]["code"]: item["properties"].pop("parent") for item in villages}
    path = geojson(pack.parent / "villages.geojson", villages)
    result = checked(pack, path, layer="village", series="nbs")
    assert {area.code: area.parent for area in result.areas} == expected
    assert result.sound


def test_an_area_beyond_the_layer_above_is_named(pack):
    villages = [item for item in layers()["villages"] if not item["properties"]["valid_to"]]
    moved = box(WEST - 0.002, SOUTH, MIDDLE, (SOUTH + NORTH) / 2)
    villages[0]["geometry"] = shapely.geometry.mapping(moved)
    result = checked(pack, geojson(pack.parent / "v.geojson", villages), layer="village", series="nbs")
    fault = next(finding for finding in result.findings if finding.kind == "outside_parent")
    assert fault.code == "9011"
    assert fault.place[0] < WEST


def cixi_towns(cixi, column):
    """The towns of today with the codes of one series, or of one and then the other."""
    towns = [area for area in cixi.layers["township"].areas if area.valid_to is None]
    return [
        feature(column(n, area), area.geometry, name=area.name, mca=area.code, nbs=area.attributes.get("code_nbs", ""))
        for n, area in enumerate(towns)
    ]


def test_codes_of_another_series_are_told_by_their_names(cixi, tmp_path):
    def nbs(_, area):
        return area.attributes.get("code_nbs", "330282999")

    path = geojson(tmp_path / "towns.geojson", cixi_towns(cixi, nbs))
    fault = one(checked(cixi.folder, path), "wrong_series")
    assert "series nbs and not mca" in fault.says
    assert "--code mca" in fault.remedy


def test_codes_of_two_series_in_one_layer_are_named_each(cixi, tmp_path):
    def mixed(n, area):  # the scheme changes after the third row
        return area.code if n < 3 else area.attributes.get("code_nbs", area.code)

    result = checked(cixi.folder, geojson(tmp_path / "towns.geojson", cixi_towns(cixi, mixed)))
    towns = [area for area in cixi.layers["township"].areas if area.valid_to is None]
    wrong = {
        area.attributes["code_nbs"]
        for n, area in enumerate(towns)
        if n >= 3 and area.attributes.get("code_nbs", area.code) != area.code
    }
    assert {finding.code for finding in result.findings if finding.kind == "mixed_series"} == wrong
    assert wrong


def test_counts_new_gone_and_renamed_areas_are_told(pack):
    result = checked(pack, [town("101", LEFT, "甲镇"), town("3", RIGHT)])
    assert "1 are in both, 1 are new, 1 are gone" in one(result, "count").says
    assert one(result, "gone_code").code == "2"
    assert one(result, "new_code").feature == 2
    assert "甲镇" in one(result, "other_name").says


def test_blanks_and_full_width_characters_are_found_and_mended_on_request(pack):
    features = [town("１０１", LEFT, "甲１镇"), town("2\u3000", RIGHT, "township\u00a02 ")]
    result = checked(pack, features)
    found = [(f.level, f.kind) for f in result.findings if f.kind in {"full_width", "blanks"}]
    assert found[:2] == [(Level.ERROR, "full_width"), (Level.ERROR, "blanks")]  # the codes
    assert found[2:] == [(Level.WARNING, "full_width"), (Level.WARNING, "blanks")]  # the names
    assert not result.sound
    mended = checked(pack, features, repair=True)
    assert mended.sound
    assert [area.code for area in mended.areas] == ["101", "2"]
    assert len(mended.repairs) == 4


def test_texts_are_cleaned_without_touching_chinese_punctuation():
    assert clean(" 观海卫镇\u3000（东） ", code=False) == "观海卫镇 （东）"
    assert clean("３３０ 282\u200b", code=True) == "330282"
    for text in ("观海卫镇".encode().decode("latin-1"), "观海卫镇".encode("gbk").decode("latin-1"), "观\ufffd"):
        assert garbled(text), text
    for text in ("观海卫镇", "Besançon", "São Paulo", "Große Straße", "plain"):
        assert not garbled(text), text


def test_nonsense_codes_and_names_are_errors(pack):
    result = checked(pack, [town("101", LEFT, "观海卫镇".encode("gbk").decode("latin-1")), town("3.30282E+14", RIGHT)])
    assert one(result, "garbled_text").feature == 1
    assert one(result, "rounded_code").feature == 2
    assert {one(result, kind).level for kind in ("garbled_text", "rounded_code")} == {Level.ERROR}


def test_codes_as_numbers_become_text_and_are_noted(pack):
    result = checked(pack, [town(101, LEFT), town(2.0, RIGHT, NAMES["2"])])
    assert one(result, "numeric_code").level is Level.NOTE
    assert [area.code for area in result.areas] == ["101", "2"]


def test_a_missing_code_is_an_error_and_a_missing_name_is_told(pack):
    result = checked(pack, [town(None, LEFT, ""), town("2", RIGHT, "")])
    assert one(result, "no_code").feature == 1
    assert one(result, "no_name").feature == 2


def test_a_code_of_another_form_among_many_is_told(pack):
    cells = layers()["grid"]
    cells[3]["properties"]["code"] = "x"
    result = checked(pack, geojson(pack.parent / "g.geojson", cells), layer="grid", series="grid")
    assert one(result, "odd_code").code == "x"


def shifted(crs, digits=None, dtype=float):
    def move(xy):
        moved = np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], crs))
        return (moved if digits is None else np.round(moved, digits)).astype(dtype).astype(float)

    return [town(code, shapely.transform(box(*shape), move)) for code, shape in (("101", LEFT), ("2", RIGHT))]


def test_a_file_in_gcj02_is_doubted_and_nothing_is_converted_by_itself(pack):
    result = checked(pack, shifted("GCJ-02"))
    fault = one(result, "doubted_crs")
    assert fault.level is Level.ERROR
    assert "--crs 'GCJ-02'" in fault.remedy
    assert result.areas == ()
    said = checked(pack, shifted("GCJ-02"), crs="GCJ-02")
    assert said.sound
    assert shapely.hausdorff_distance(said.areas[0].geometry, box(*LEFT)) < 1e-8


def test_projected_numbers_under_degrees_are_refused_with_the_best_candidate(pack):
    assert "EPSG:4549" in one(checked(pack, shifted("EPSG:4549")), "wrong_crs").remedy
    assert checked(pack, shifted("EPSG:4549"), crs="EPSG:4549").sound


def test_a_file_without_a_crs_is_refused_with_the_best_candidate(pack):
    table = making.frame({"101": box(*LEFT), "2": box(*RIGHT)}, NAMES)
    path = shapefile(pack.parent / "shp", table, prj=False)
    fault = one(checked(pack, path), "no_crs")
    assert fault.level is Level.ERROR
    assert "EPSG:4" in fault.remedy
    assert checked(pack, path, crs="EPSG:4490").sound


def test_a_reading_that_somebody_says_against_the_fit_is_only_a_warning(pack):
    assert one(checked(pack, [town("101", LEFT), town("2", RIGHT)], crs="GCJ-02"), "doubted_crs").level is Level.WARNING


@pytest.mark.parametrize(
    ("digits", "dtype", "coarse"), [(4, float, True), (5, float, True), (7, float, False), (None, np.float32, True)]
)
def test_few_decimals_and_single_precision_are_told(pack, digits, dtype, coarse):
    ring = shapely.segmentize(box(*LEFT), 0.00143)

    def rounded(shape):
        return shapely.transform(shape, lambda xy: (np.round(xy, digits) if digits else xy).astype(dtype).astype(float))

    result = checked(pack, [town("101", rounded(ring)), town("2", rounded(shapely.segmentize(box(*RIGHT), 0.00143)))])
    assert ("coarse_coordinates" in kinds(result)) is coarse


def test_repairs_are_made_on_request_only_and_listed_with_their_change(pack):
    ring = [[list(point) for point in box(*RIGHT).exterior.coords[:-1]]]
    beyond = WEST - 1e-5, NORTH + 1e-5
    crossing = [(WEST, NORTH), beyond, (WEST, beyond[1]), (beyond[0], NORTH)]
    bow_tie = Polygon([(WEST, SOUTH), (MIDDLE, SOUTH), (MIDDLE, NORTH), *crossing])
    features = [town("101", bow_tie), town("2", {"type": "Polygon", "coordinates": ring})]
    features[1]["geometry"] = {"type": "Polygon", "coordinates": ring}
    plain = checked(pack, features)
    assert {"invalid_ring", "open_ring"} <= set(kinds(plain, Level.ERROR))
    assert plain.repairs == ()
    assert [area.code for area in plain.areas] == ["101"]
    mended = checked(pack, features, repair=True)
    assert not {"invalid_ring", "open_ring"} & set(kinds(mended))
    assert [repair.code for repair in mended.repairs] == ["101", "2"]
    assert mended.repairs[1].change_m2 == pytest.approx(0.0, abs=0.01)
    assert abs(mended.repairs[0].change_m2) < 5
    assert mended.repairs[1].area_m2 == pytest.approx(abs(Geod(ellps="WGS84").geometry_area_perimeter(box(*RIGHT))[0]))


def test_pieces_of_one_area_become_one_on_request(pack):
    middle = (SOUTH + NORTH) / 2
    features = [town("101", LEFT), town("2", (MIDDLE, SOUTH, EAST, middle)), town("2", (MIDDLE, middle, EAST, NORTH))]
    assert "duplicate_code" in kinds(checked(pack, features), Level.ERROR)
    mended = checked(pack, features, repair=True)
    assert mended.sound
    assert shapely.equals(mended.areas[1].geometry, box(*RIGHT))


@pytest.mark.parametrize(("more", "says"), [
    ({"code": "nr"}, "--code 'nr' is no column"), ({"layer": "parish"}, "'parish' is no layer"),
    ({"crs": "EPSG:1"}, "EPSG:1"), ({"sublayer": "cells"}, "no layer 'cells'"),
])  # fmt: skip
def test_what_cannot_be_understood_is_refused_by_name(pack, more, says):
    with pytest.raises(Refused, match=says):
        checked(pack, [town("101", LEFT)], **more)


def test_ground_of_a_county_beside_the_region_is_named(pack):
    county = {"type": "Feature", "properties": {"kind": "county", "name": "余姚市"}}
    county["geometry"] = shapely.geometry.mapping(box(EAST, SOUTH, EAST + 0.01, NORTH))
    geojson(pack / "context.geojson", [county])
    assert "neighbour_overlap" not in kinds(checked(pack, [town("101", LEFT), town("2", RIGHT)]))
    fault = one(
        checked(pack, [town("101", LEFT), town("2", (MIDDLE, SOUTH, EAST + 0.001, NORTH))]), "neighbour_overlap"
    )
    assert "余姚市" in fault.says
    assert fault.place[0] > EAST


@pytest.mark.skipif(NYC is None, reason="no folder shared/data/nyc with New York's files above the project")
def test_new_york_in_state_plane_feet_comes_in_as_it_was_published(tmp_path):
    made = make(
        NewRegion(
            "nyc", tmp_path / "pack", [LayerSource("township", NYC / "nyc_council_2013.geojson", "code")], repair=True
        )
    )
    file = read_boundaries(NYC / "nyc_council_2013.geojson")
    shapes = {str(f.properties["code"]): f.geometry for f in file.features}
    feet = {
        code: shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "EPSG:2263")))
        for code, shape in shapes.items()
    }
    table = making.frame(feet, {code: code for code in feet}, crs=None)
    path = shapefile(tmp_path / "shp", table, prj=False)
    wanted = {"layer": "township", "series": "township", "code": "code", "name": None}
    plain = check_file(Wanted(path, begin=BEGIN, **wanted), made.folder)
    fault = one(plain, "no_crs")
    assert "EPSG:2263" in fault.says
    said = check_file(Wanted(path, begin=BEGIN, crs="EPSG:2263", repair=True, **wanted), made.folder)
    assert "invalid_ring" not in kinds(said)
    assert said.repairs
    known = {area.code: area.geometry for area in said.force.areas}
    for area in said.areas:
        misfit = shapely.symmetric_difference(area.geometry, known[area.code]).area / known[area.code].area
        assert misfit < 1e-5, area.code
