"""The check of a pack: sound packs are sound, and each planted fault is named with its place."""

import re
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cases.lists.checking import ARRANGEMENTS
from dashboard.cli import app
from data.region import Severity, load
from data.region.items import LIST_COLUMNS, LIST_FILES
from data.region.region import FLAGS
from data.region_check import check
from geo.coverage import FaultKind
from tests.region.packs import EAST, MIDDLE, NORTH, REGION, SOUTH, SPLIT, TABLES, feature, layers, write_pack

ROOT = Path(__file__).parents[2]
CIXI, DOCS = ROOT / "data" / "regions" / "cixi", ROOT / "docs"
METRE = 1 / 96_280  # of longitude, in degrees, at 30.2 north


def faults_of(folder, **change):
    return list(check(write_pack(folder, **change)))


def only(faults):
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def edited(layer, code, **properties):
    geometry = layers()
    for one in geometry[layer]:
        if one["properties"]["code"] == code:
            one["properties"].update(properties)
    return geometry


def reshaped(layer, code, bounds):
    geometry = layers()
    for one in geometry[layer]:
        if one["properties"]["code"] == code:
            one["geometry"] = feature(layer, code, "", bounds)["geometry"]
    return geometry


def test_the_county_that_comes_along_is_sound():
    report = check(CIXI)
    assert [str(fault) for fault in report] == []
    assert report.sound
    # 20 townships and one that ended; 401 villages of which 14 have a second version; cells as the map counts them.
    assert (report.counts["township"], report.counts["village"]) == (21, 415)
    assert 2400 <= report.counts["grid"] <= 2600
    assert report.counts["one_things.csv"] == 12
    assert report.counts["units"] >= 90


def test_a_small_pack_without_fault_is_sound(tmp_path):
    assert faults_of(tmp_path) == []


def test_what_cannot_be_loaded_is_named_by_the_check_in_the_same_words(tmp_path):
    tables = {"matters.csv": TABLES["matters.csv"].replace("enforcement", "police")}
    fault = only(faults_of(tmp_path, tables=tables))
    assert (fault.file, fault.row, fault.column, fault.value) == ("matters.csv", 2, "platform", "police")
    assert fault.severity is Severity.ERROR


def test_an_overlap_of_cells_is_named_with_its_place(tmp_path):
    wide = reshaped("grid", "9011001", (121.30, SOUTH, 121.305 + 40 * METRE, 30.21))
    faults = faults_of(tmp_path, geometry=wide)
    # The neighbour above lacks the corner that the widened cell now has on their common line.
    assert {fault.kind for fault in faults} == {"overlap", "unmatched_edge"}
    fault = next(fault for fault in faults if fault.kind == "overlap")
    assert (fault.kind, fault.file, fault.codes) == ("overlap", "grid.geojson", ("9011001", "9011002"))
    assert fault.place == pytest.approx((121.305 + 20 * METRE, 30.205), abs=2e-4)
    assert fault.size_m2 == pytest.approx(40 * 0.01 * 110_860, rel=0.01)
    assert "at (121.305" in fault.where


def test_a_gap_between_cells_is_named_with_its_place(tmp_path):
    narrow = reshaped("grid", "9011001", (121.30, SOUTH, 121.305 - 40 * METRE, 30.21))
    faults = faults_of(tmp_path, geometry=narrow)
    assert {(fault.kind, fault.codes) for fault in faults} >= {("uncovered_parent", ("9011",))}
    for fault in faults:
        assert fault.place == pytest.approx((121.305 - 20 * METRE, 30.205), abs=6e-3)


def test_a_wrong_parent_is_named_with_the_place_of_the_child(tmp_path):
    faults = faults_of(tmp_path, geometry=edited("grid", "9011001", parent="9999"))
    orphan = next(fault for fault in faults if fault.kind == "unknown_parent")
    assert (orphan.codes, orphan.file) == (("9011001", "9999"), "grid.geojson")
    assert orphan.place == pytest.approx((121.3025, 30.205), abs=1e-3)


def test_villages_that_keep_the_old_parent_after_the_split_are_named(tmp_path):
    villages = [one for one in layers()["villages"] if one["properties"]["valid_from"] != SPLIT]
    for one in villages:
        one["properties"]["valid_to"] = ""
    kinds = {(fault.kind, fault.codes) for fault in faults_of(tmp_path, geometry={"villages": villages})}
    assert ("outside_parent", ("9013", "101")) in kinds
    assert ("uncovered_parent", ("2",)) in kinds


def test_two_series_in_one_layer_are_named(tmp_path):
    fault = only(faults_of(tmp_path, geometry=edited("townships", "2", series="nbs")))
    assert (fault.kind, fault.file, fault.value) == ("mixed_series", "townships.geojson", "mca, nbs")


def test_a_unit_in_an_unknown_township_is_named_and_the_other_series_is_pointed_out(tmp_path):
    units = TABLES["units.csv"].replace("scjg-1,甲镇所,scjg,,101", "scjg-1,甲镇所,scjg,,901")
    fault = only(faults_of(tmp_path, tables={"units.csv": units}))
    assert (fault.kind, fault.row, fault.column, fault.value) == ("unknown_township", 4, "township", "901")
    assert "in the series nbs it is township 101, here 101" in fault.sentence


def test_a_unit_that_works_before_its_township_exists_is_named(tmp_path):
    units = TABLES["units.csv"].replace("integrated_enforcement,2,,2024-11-20", "integrated_enforcement,2,,2024-11-19")
    fault = only(faults_of(tmp_path, tables={"units.csv": units}))
    assert (fault.kind, fault.row, fault.value) == ("unknown_township", 3, "2")
    assert "2024-11-19" in fault.sentence


def test_two_units_of_one_department_in_a_township_are_a_warning(tmp_path):
    units = TABLES["units.csv"] + "scjg-2,乙街道所,scjg,,2,,2024-11-20,\n"
    fault = only(faults_of(tmp_path, tables={"units.csv": units}))
    assert (fault.kind, fault.severity, fault.value) == ("two_units", Severity.WARNING, "scjg-2")
    assert "scjg-1" in fault.sentence


def test_a_budget_of_an_unknown_matter_is_named(tmp_path):
    fault = only(faults_of(tmp_path, region=REGION.replace("[budgets.YJS-01.finish]", "[budgets.YJS-99.finish]")))
    assert (fault.kind, fault.value) == ("unknown_matter", "YJS-99")


def test_a_metric_crs_of_another_place_is_named(tmp_path):
    fault = only(faults_of(tmp_path, region=REGION.replace('"EPSG:4549"', '"EPSG:3857"')))
    assert (fault.kind, fault.value) == ("distorting_crs", "EPSG:3857")


def test_a_map_that_opens_elsewhere_is_a_warning(tmp_path):
    fault = only(faults_of(tmp_path, region=REGION.replace("centre = [121.31, 30.21]", "centre = [30.21, 121.31]")))
    assert (fault.column, fault.severity) == ("[map] centre", Severity.WARNING)


def test_a_column_that_may_be_misspelt_is_a_warning(tmp_path):
    table = TABLES["units.csv"].replace(",serves,", ",servs,")
    fault = only(faults_of(tmp_path, tables={"units.csv": table}))
    assert (fault.kind, fault.column, fault.severity) == ("unknown_column", "servs", Severity.WARNING)


def test_a_category_that_the_standard_does_not_have_is_named(tmp_path):
    fault = only(faults_of(tmp_path, tables={"categories.csv": "code,name\n06001,私搭乱建\n"}))
    assert (fault.kind, fault.file, fault.row, fault.value) == ("unknown_category", "one_things.csv", 2, "06027")


def test_a_code_in_two_lists_is_a_warning(tmp_path):
    table = TABLES["matters.csv"].replace("SD-01", "YJS-01")
    fault = only(faults_of(tmp_path, tables={"matters.csv": table, "arrangements.csv": None}))
    assert (fault.kind, fault.value, fault.severity) == ("shadowed_code", "YJS-01", Severity.WARNING)
    assert "one_things.csv" in fault.sentence


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("2026-02-14,1", "2026-02-13,1", "needless_day"),
        ("2026-02-14,1", "2026-02-14,0", "needless_day"),
        ("2026-02-14,1", "2027-02-14,1", "uncovered_year"),
        ("2026-02-14,1", "2025-02-15,1", "empty_year"),
    ],
)
def test_days_that_say_nothing_or_lie_beside_the_covered_years_are_warnings(tmp_path, old, new, kind):
    table = TABLES["calendar.csv"].replace(old, new)
    kinds = {fault.kind for fault in faults_of(tmp_path, tables={"calendar.csv": table})}
    assert kind in kinds


def test_a_year_without_a_notice_is_told_when_it_has_come(tmp_path):
    pack = write_pack(tmp_path)
    assert len(check(pack, today=date(2026, 12, 31))) == 0
    assert only(list(check(pack, today=date(2027, 1, 1)))).kind == "uncovered_year"


def test_a_pack_with_warnings_still_loads(tmp_path):
    narrow = reshaped("grid", "9013001", (MIDDLE, SOUTH, (MIDDLE + EAST) / 2, NORTH - 0.011))
    pack = write_pack(tmp_path, geometry=narrow)
    report = check(pack)
    assert len(report)
    assert report.sound
    assert load(pack).name == "toy"


def test_every_flag_and_every_fault_of_areas_is_documented():
    docs = CIXI.parents[2] / "docs"
    told = (docs / "api.md").read_text(encoding="utf-8") + (docs / "region-pack.md").read_text(encoding="utf-8")
    assert [word for word in (*FLAGS, *FaultKind) if f"`{word}`" not in told] == []


def test_every_column_of_a_list_is_documented_under_its_file():
    told = (DOCS / "region-pack.md").read_text(encoding="utf-8")
    for name, file in LIST_FILES.items():
        chapter = told.split(f"## {file}")[1].split("\n## ")[0]
        # What all lists have is told with the first one.
        chapter += told.split("## one_things.csv")[1].split("\n## ")[0] if name != ARRANGEMENTS else ""
        assert [column for column in LIST_COLUMNS[name] if f"`{column}`" not in chapter] == [], file


def test_every_fault_of_a_list_is_documented():
    told = (DOCS / "lists.md").read_text(encoding="utf-8")
    sources = [*(ROOT / "data" / "lists").glob("*.py"), ROOT / "cases/lists/checking.py", ROOT / "data/region/items.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    kinds = set(re.findall(r"""(?:fault|Fault|error|warn)\(\s*"([a-z_]+)\"""", code))
    assert {"two_leads", "missing_basis", "overlapping_versions", "bad_step"} <= kinds
    assert sorted(kind for kind in kinds if f"`{kind}`" not in told) == []


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_ends_well_for_a_sound_pack_and_badly_for_a_faulty_one(tmp_path):
    sound = run("region", "check", write_pack(tmp_path / "sound"))
    assert (sound.exit_code, "is sound" in sound.output) == (0, True)
    faulty = run("region", "check", write_pack(tmp_path / "faulty", geometry=edited("grid", "9011001", parent="9999")))
    assert faulty.exit_code == 1
    for word in ("unknown_parent", "9011001", "9999", "121.302"):
        assert word in faulty.output


def test_strict_counts_warnings(tmp_path):
    table = {"units.csv": TABLES["units.csv"].replace(",serves,", ",servs,")}
    pack = write_pack(tmp_path, tables=table)
    assert run("region", "check", pack).exit_code == 0
    assert run("region", "check", pack, "--strict").exit_code == 1


def test_a_folder_that_is_no_pack_is_told(tmp_path):
    nowhere = run("region", "check", tmp_path)
    assert nowhere.exit_code == 1
    assert "region new" in nowhere.output
