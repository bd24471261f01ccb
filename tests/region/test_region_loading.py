"""A pack becomes a region, or a sentence that names file, row, column, value and the way out."""

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.arrangements import ArrangementKind
from cases.clock import Budget, BudgetUnit, ClockKind
from cases.matters import Domain, MatterKind, Platform
from data.region import RegionError, load
from tests.region.packs import REGION, TABLES, collection, feature, layers, write_pack


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return load(write_pack(tmp_path_factory.mktemp("packs") / "toy"))


def test_names_times_and_budgets_are_those_of_the_file(toy):
    assert (toy.name, dict(toy.names), toy.number_prefix) == ("toy", {"zh": "玩具县", "en": "Toy County"}, "TY")
    assert toy.zone == ZoneInfo("Asia/Shanghai")
    assert toy.metric_crs == "EPSG:4549"
    assert toy.office_hours == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    assert toy.future_skew == timedelta(seconds=90)
    assert toy.budgets.of("SD-01")[ClockKind.FINISH] == Budget(5, BudgetUnit.WORKING_DAYS)
    assert toy.budgets.of("YJS-01")[ClockKind.FINISH] == Budget(3, BudgetUnit.WORKING_DAYS)
    assert toy.budgets.of("YJS-01")[ClockKind.VERIFY] == Budget(120, BudgetUnit.OFFICE_MINUTES)
    assert toy.map.centre == (121.31, 30.21)
    assert toy.sources["hotline"].crs == "GCJ-02"
    assert toy.sources["hotline"].name_en == "热线"


def test_lists_and_departments_are_those_of_the_tables(toy):
    smoke = toy.matters.matter("YJS-01")
    assert (smoke.kind, smoke.lead, smoke.coordinating) == (MatterKind.ONE_THING, "zhzf", ("sthj", "scjg"))
    assert smoke.checks == {"zhzf": "查选址", "sthj": "测油烟"}
    assert (smoke.platform, smoke.category) == (Platform.ENFORCEMENT, "06027")
    litter = toy.matters.matter("SD-01")
    assert (litter.lead, litter.domain, litter.township_duty) == ("zhzf", Domain.INTEGRATED_ENFORCEMENT, ("清理",))
    assert toy.matters.matter("QL-001").kind is MatterKind.POWER
    assert toy.matters.version == "7"


def test_a_version_says_from_when_it_holds_where_it_stands_and_that_it_is_a_model(toy):
    version = toy.list_version
    assert (version.version, version.effective_from) == ("7", date(2024, 1, 1))
    assert (version.source, version.model) == ("县政府通告第7号", True)


def test_a_power_has_a_guide_with_steps_that_can_be_drawn(toy):
    guide = toy.matters.matter("QL-001").guide
    assert (guide.kind, guide.applicant, guide.fee) == ("行政强制", "建设单位", "不收费")
    assert guide.materials == ("身份证明", "图纸")
    assert [(step.name, step.decision, step.back) for step in guide.steps] == [
        ("登记", False, False),
        ("无证建设", True, True),
        ("责令改正", False, False),
    ]
    assert toy.matters.matter("SD-01").guide is None


def test_an_arrangement_is_read_with_its_areas_and_days(toy):
    (one,) = toy.list_version.arrangements
    assert (one.kind, one.areas, one.matters) == (ArrangementKind.RUN_BY, ("2",), ("SD-01",))
    assert (one.from_department, one.to_department) == ("zhzf", "sthj")
    assert (one.valid_from, one.valid_to) == (date(2024, 11, 20), None)
    assert toy.organisation.department("sthj").spoken == "生态环境分局"


def test_a_unit_without_a_domain_has_its_departments_and_serves_others(toy):
    unit = toy.organisation.unit_for("scjg", "2", date(2026, 1, 1))
    assert (unit.code, unit.domain) == ("scjg-1", Domain.MARKET_REGULATION)
    assert toy.organisation.unit_for("zhzf", "2", date(2024, 11, 19)) is None


def test_the_calendar_has_the_days_and_the_covered_years(toy):
    assert not toy.calendar.is_workday(date(2025, 10, 1)).works
    assert toy.calendar.is_workday(date(2026, 2, 14)) == (True, False)
    assert toy.calendar.is_workday(date(2027, 1, 4)).provisional


def test_areas_are_asked_by_series_layer_and_day(toy):
    eve, day = date(2024, 11, 19), date(2024, 11, 20)
    assert [area.code for area in toy.townships_on(eve)] == ["101"]
    assert [area.code for area in toy.townships_on(day)] == ["2", "101"]
    assert toy.area("mca", "101", day).attributes["code_nbs"] == "901"
    assert toy.area("nbs", "101", day).code == "2"
    assert toy.area("nbs", "9013", day).parent == "2"
    assert [area.code for area in toy.children(toy.area("mca", "2", day), day)] == ["9013", "9014"]
    assert toy.children(toy.area("grid", "9013001"), day) == ()
    assert toy.finest == "grid"
    assert set(toy.areas_on(eve)) == {"township", "village", "grid"}
    assert toy.local_day(datetime.fromisoformat("2024-11-19T16:00:00+00:00")) == day


def test_tables_may_be_missing_and_calendar_years_empty(tmp_path):
    region = REGION.replace("covered = [2025, 2026]", "covered = []").replace(
        "[budgets.YJS-01.finish]", "[budgets.X.finish]"
    )
    pack = write_pack(tmp_path, region=region, tables=dict.fromkeys(TABLES))
    bare = load(pack)
    assert len(bare.matters) == 0
    assert bare.calendar.is_workday(date(2026, 1, 5)) == (True, True)


def test_a_region_needs_neither_villages_nor_a_grid(tmp_path):
    region = REGION.split('[[layers]]\nname = "village"')[0] + REGION[REGION.index("[[sources]]") :]
    assert load(write_pack(tmp_path, region=region)).finest == "township"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    text = "\ufeff" + TABLES["matters.csv"].replace("\n", "\r\n")
    pack = write_pack(tmp_path, tables={"matters.csv": None})
    (pack / "matters.csv").write_bytes(text.encode())
    assert load(pack).matters.matter("SD-01").clause == "第1项"


def changed(name, old, new):
    assert old in TABLES[name]
    return {"tables": {name: TABLES[name].replace(old, new)}}


def setting(old, new):
    assert old in REGION
    return {"region": REGION.replace(old, new, 1)}


def shape(layer, change):
    features = layers()
    change(features[layer])
    return {"geometry": features}


def first(change):
    return lambda features: change(features[0])


def ring(feature):
    return feature["geometry"]["coordinates"][0]


METRES = "urn:ogc:def:crs:EPSG::4549"
BAD_PACKS = {
    "no TOML": (setting("[names]", "[names"), ["region.toml", "TOML", "line"]),
    "no zone": (setting("Asia/Shanghai", "Asia/Shangai"), ["region.toml", "zone", "'Asia/Shangai'", "IANA"]),
    "feet": (setting("EPSG:4549", "EPSG:2263"), ["metric_crs", "'EPSG:2263'", "metres"]),
    "degrees": (setting("EPSG:4549", "EPSG:4490"), ["metric_crs", "'EPSG:4490'", "metres"]),
    "no prefix": (setting('number_prefix = "TY"', ""), ["number_prefix", "must be a text"]),
    "bad hours": (setting('"08:30"', '"8.30"'), ["[hours] open", "08:30"]),
    "hours backwards": (setting('"08:30", "12:00"', '"12:00", "08:30"'), ["region.toml", "12:00-08:30"]),
    "no budget": (setting("[budgets.arrive]", "[budgets.late.arrive]"), ["[budgets.arrive]", "is missing"]),
    "bad unit": (setting('"working_days"', '"days"'), ["[budgets.finish] unit", "'days'", "working_days"]),
    "bad amount": (setting("amount = 30", "amount = 0"), ["[budgets.respond] amount", "1 or more"]),
    "unknown source crs": (setting('crs = "gcj02"', 'crs = "mars"'), ["[[sources]] 2 crs", "'mars'", "GCJ-02"]),
    "unknown parent layer": (setting('parent = "township"', 'parent = "town"'), ["'town'", "village", "township"]),
    "no township": (setting('name = "township"', 'name = "town"'), ["[[layers]]", "'township'"]),
    "file missing": (setting("villages.geojson", "dorf.geojson"), ["dorf.geojson", "does not exist"]),
    "unknown domain": (
        changed("departments.csv", "market_regulation", "markets"),
        ["departments.csv, row 3, column domain", "'markets'", "market_regulation"],
    ),
    "department twice": (
        changed("departments.csv", "\nscjg,", "\nzhzf,"),
        ["departments.csv, row 3, column code", "'zhzf'", "row 2"],
    ),
    "unit of nobody": (
        changed("units.csv", "中队,zhzf,integrated_enforcement,2", "中队,police,integrated_enforcement,2"),
        ["units.csv, row 3, column department", "'police'", "departments.csv"],
    ),
    "unit without a township": (
        changed("units.csv", "integrated_enforcement,2,", "integrated_enforcement,,"),
        ["units.csv, row 3, column township", "is empty"],
    ),
    "unit backwards": (
        changed("units.csv", "2024-11-20,", "2024-11-20,2024-11-20"),
        ["units.csv, row 3, column valid_to", "2024-11-20", "valid_from"],
    ),
    "bad date": (
        changed("units.csv", "2024-11-20", "20.11.2024"),
        ["units.csv, row 3, column valid_from", "'20.11.2024'", "2024-11-20"],
    ),
    "no lead": (
        changed("one_things.csv", ",zhzf,sthj", ",,sthj"),
        ["one_things.csv, row 2, column lead", "names nobody"],
    ),
    "lead coordinates": (
        changed("one_things.csv", "sthj;scjg", "zhzf;scjg"),
        ["one_things.csv, row 2, column coordinating", "'zhzf'"],
    ),
    "unknown coordinating": (
        changed("one_things.csv", "sthj;scjg", "sthj;fire"),
        ["one_things.csv, row 2, column coordinating", "'fire'"],
    ),
    "check of a stranger": (
        changed("one_things.csv", "sthj=测油烟", "gaj=测油烟"),
        ["one_things.csv, row 2, column checks", "gaj"],
    ),
    "unknown lead": (
        changed("matters.csv", ",zhzf,查处", ",police,查处"),
        ["matters.csv, row 2, column department", "'police'", "no department"],
    ),
    "two leads": (
        changed("one_things.csv", ",zhzf,sthj", ",zhzf、scjg,sthj"),
        ["one_things.csv, row 2, column lead", "'zhzf、scjg'", "more than one"],
    ),
    "no basis": (changed("matters.csv", "《城乡规划法》第六十五条", ""), ["matters.csv, row 2, column basis", "empty"]),
    "bad basis": (
        changed("powers.csv", "《城乡规划法》第六十五条", "城乡规划法65"),
        ["powers.csv, row 2, column basis", "'城乡规划法65'", "《"],
    ),
    "no clause": (changed("matters.csv", ",第1项", ","), ["matters.csv, row 2, column clause", "read aloud"]),
    "step without no": (
        changed("powers.csv", "!告知反映人<", ""),
        ["powers.csv, row 2, column steps", "Step 2", "no-branch"],
    ),
    "check without department": (
        changed("one_things.csv", "zhzf=查选址", "查选址"),
        ["one_things.csv, row 2, column checks", "'查选址'", "department="],
    ),
    "arrangement elsewhere": (
        changed("arrangements.csv", ",2,SD-01", ",9,SD-01"),
        ["arrangements.csv, row 2, column areas", "'9'", "township"],
    ),
    "arrangement of an unknown matter": (
        changed("arrangements.csv", "SD-01", "SD-77"),
        ["arrangements.csv, row 2, column matters", "'SD-77'"],
    ),
    "arrangement to a stranger": (
        changed("arrangements.csv", "zhzf,sthj", "zhzf,fire"),
        ["arrangements.csv, row 2, column to_department", "'fire'"],
    ),
    "arrangement to nobody": (
        changed("arrangements.csv", "zhzf,sthj", "zhzf,"),
        ["arrangements.csv, row 2, column to_department", "nobody"],
    ),
    "arrangement of no kind": (
        changed("arrangements.csv", "run_by", ""),
        ["arrangements.csv, row 2, column kind", "empty"],
    ),
    "arrangements at odds": (
        changed("arrangements.csv", "协议\n", "协议\nAR-02,run_by,,SD-01,zhzf,scjg,2025-01-01,,另有分工。,协议\n"),
        ["arrangements.csv, row 3, column from_department", "AR-01"],
    ),
    "no day of the lists": (
        setting("= 2024-01-01", '= "January"'),
        ["[lists] effective_from", "January", "2026-07-01"],
    ),
    "no name of the lists": (setting('version = "7"', ""), ["region.toml", "[lists] version"]),
    "unknown platform": (
        changed("matters.csv", "enforcement", "police"),
        ["matters.csv, row 2, column platform", "'police'", "public_order"],
    ),
    "category": (
        changed("one_things.csv", "06027", "6027"),
        ["one_things.csv, row 2, column category", "'6027'", "five digits"],
    ),
    "column missing": (
        changed("powers.csv", "department", "bureau"),
        ["powers.csv, row 1, column department", "header"],
    ),
    "too many cells": (changed("matters.csv", "暴露垃圾", "暴露,垃圾"), ["matters.csv, row 2", "12 cells", "11"]),
    "quote": (changed("matters.csv", "暴露垃圾", '"暴露垃圾'), ["matters.csv", "csv"]),
    "day twice": (
        changed("calendar.csv", "2026-02-14", "2025-10-01"),
        ["calendar.csv, row 3, column date", "row 2"],
    ),
    "day flag": (changed("calendar.csv", ",1,", ",yes,"), ["calendar.csv, row 3, column is_workday", "'yes'"]),
    "area without code": (
        shape("villages", first(lambda f: f["properties"].update(code=None))),
        ["villages.geojson, row 1, column code", "no code"],
    ),
    "area without geometry": (
        shape("grid", first(lambda f: f.update(geometry=None))),
        ["grid.geojson, row 1", "9011001", "no geometry"],
    ),
    "ring that does not close": (
        shape("grid", first(lambda f: ring(f).__setitem__(-1, [121.3001, 30.2001]))),
        ["grid.geojson, row 1", "at (121.300100, 30.200100)", "does not close", "9011001"],
    ),
    "ring that crosses itself": (
        shape("grid", first(lambda f: ring(f).insert(2, ring(f).pop(1)) or ring(f).__setitem__(-1, ring(f)[0]))),
        ["grid.geojson", "9011001", "invalid"],
    ),
    "polygon one level short": (
        shape("grid", first(lambda f: f["geometry"].update(type="MultiPolygon"))),
        ["grid.geojson, row 1", "9011001", "nested"],
    ),
    "coordinate that is none": (
        shape("grid", first(lambda f: ring(f).__setitem__(1, [float("nan"), 30.2]))),
        ["grid.geojson, row 1", "9011001", "no number"],
    ),
    "swapped polygon": (
        shape("townships", lambda fs: fs.append(feature("township", "7", "", (30.2, 121.3, 30.3, 121.4)))),
        ["townships.geojson", "township 7", "no (lon, lat) degrees"],
    ),
    "code twice": (
        shape("grid", lambda fs: fs[1]["properties"].update(code="9011001")),
        ["grid.geojson", "9011001", "twice"],
    ),
    "area date": (
        shape("grid", first(lambda f: f["properties"].update(valid_from="soon"))),
        ["grid.geojson, row 1, column valid_from", "'soon'"],
    ),
    "layer of another file": (
        shape("grid", first(lambda f: f["properties"].update(layer="village"))),
        ["grid.geojson, row 1, column layer", "'village'"],
    ),
    "no json": ({"geometry": {"grid": "{"}}, ["grid.geojson", "no JSON"]),
    "no collection": ({"geometry": {"grid": '{"type": "Topology"}'}}, ["grid.geojson", "Topology"]),
    "no feature": ({"geometry": {"grid": []}}, ["grid.geojson", "no feature"]),
    "metres": (
        {"geometry": {"grid": json.dumps(collection(layers()["grid"]) | {"crs": {"properties": {"name": METRES}}})}},
        ["grid.geojson", "'EPSG:4549'", "region new"],
    ),
}


@pytest.mark.parametrize("name", BAD_PACKS)
def test_a_bad_pack_is_refused_with_the_place_of_its_fault(name, tmp_path):
    change, words = BAD_PACKS[name]
    pack = write_pack(tmp_path / "bad", **change)
    with pytest.raises(RegionError) as refused:
        load(pack)
    told = [str(fault) for fault in refused.value.faults]
    assert any(all(word in fault for word in words) for fault in told), told
    assert "bad" in str(refused.value)


def test_a_table_in_gbk_is_named_with_its_row(tmp_path):
    pack = write_pack(tmp_path, tables={"departments.csv": None})
    (pack / "departments.csv").write_bytes(TABLES["departments.csv"].encode("gbk"))
    with pytest.raises(RegionError, match=r"departments\.csv, row 2.*UTF-8.*GBK"):
        load(pack)


def test_a_folder_without_a_region_is_refused(tmp_path):
    with pytest.raises(RegionError, match=r"region\.toml: is missing in .*region new"):
        load(tmp_path / "nowhere")


def test_all_faults_are_found_at_once_and_counted(tmp_path):
    tables = changed("departments.csv", "market_regulation", "markets")["tables"]
    tables |= changed("matters.csv", "enforcement", "police")["tables"]
    with pytest.raises(RegionError, match=r"1 more: region check") as refused:
        load(write_pack(tmp_path, tables=tables))
    assert [fault.file for fault in refused.value.faults] == ["departments.csv", "matters.csv"]
