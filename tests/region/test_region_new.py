"""Making a pack from polygon files: what can be used becomes a region, everything else is refused by name."""

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Polygon, box, mapping
from typer.testing import CliRunner

from dashboard.cli import app
from data.region import load
from data.region_check import check
from data.region_new import LayerSource, MatterFile, NewRegion, Refused, make
from geo.crs import from_wgs84

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
TOWNS = {"10": box(10.0, 50.0, 10.1, 50.1), "9": box(10.1, 50.0, 10.2, 50.1)}
BOW_TIE = Polygon([(10.2, 50.0), (10.3, 50.1), (10.3, 50.0), (10.2, 50.1)])


def geojson(path: Path, shapes, *, crs=None, name="label", **columns):
    features = [
        {
            "type": "Feature",
            "properties": {"id": code, name: f"Town {code}"} | {key: values[code] for key, values in columns.items()},
            "geometry": mapping(shape) if shape is not None else None,
        }
        for code, shape in shapes.items()
    ]
    head = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path.write_text(json.dumps({"type": "FeatureCollection", **head, "features": features}), encoding="utf-8")
    return path


def wanted(tmp_path, shapes=None, **more):
    source = {"code_field": "id", "name_field": "label"}
    source |= {key: more.pop(key) for key in ("crs", "code_field", "name_field", "sublayer", "encoding") if key in more}
    path = more.pop("path", None) or geojson(tmp_path / "towns.geojson", shapes or TOWNS)
    return NewRegion("toy", tmp_path / "pack", [LayerSource("township", path, **source)], **more)


def refused(order):
    with pytest.raises(Refused) as caught:
        make(order)
    assert not (order.folder / "region.toml").exists()
    return "\n".join(caught.value.reasons)


def test_a_new_pack_is_sound_and_takes_a_case_at_once(tmp_path):
    made = make(wanted(tmp_path, zone="Europe/Berlin", names={"en": "Toyland"}))
    assert [str(fault) for fault in made.report] == []
    assert made.notes == ()
    region = load(made.folder)
    place = region.place(10.05, 50.05, None, "report", NOON)
    assert (place.township, place.village, place.cell, place.flags) == ("10", None, None, ())
    assert region.place(10.1, 50.05, None, "report", NOON).township == "9"  # nine is lower than ten
    assert dict(region.names) == {"zh": "Toyland", "en": "Toyland"}
    assert region.metric_crs == "EPSG:32632"
    assert region.finest == "township"
    assert region.matters.matter("general").lead == "office"
    assert region.calendar.is_workday(date(2026, 7, 1)) == (True, True)
    assert region.layers["township"].by_code("10").name == "Town 10"


def test_coordinates_are_kept_to_the_last_digit(tmp_path):
    odd = {"1": Polygon([(10.123456789012345, 50.0), (10.2, 50.000000000000014), (10.15, 50.1)])}
    region = load(make(wanted(tmp_path, odd)).folder)
    assert region.layers["township"].by_code("1").geometry.equals_exact(odd["1"], 0)


def test_without_a_zone_it_is_utc_and_that_is_told(tmp_path):
    made = make(wanted(tmp_path))
    assert any("UTC" in note and "--zone" in note for note in made.notes)
    assert str(load(made.folder).zone) == "UTC"


@pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:3857", "EPSG:4258"])
def test_a_file_in_another_crs_is_converted(tmp_path, crs):
    moved = {
        code: shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(*xy.T, crs)))
        for code, shape in TOWNS.items()
    }
    path = geojson(tmp_path / "towns.geojson", moved, crs=f"urn:ogc:def:crs:EPSG::{crs[5:]}")
    region = load(make(wanted(tmp_path, path=path)).folder)
    for code, shape in TOWNS.items():
        found = region.layers["township"].by_code(code).geometry
        assert shapely.hausdorff_distance(found, shape) < 1e-8


def test_gcj_polygons_are_unshifted_when_they_are_declared_and_that_is_told(tmp_path):
    true = {"1": box(121.3, 30.1, 121.4, 30.2)}
    shifted = {"1": shapely.transform(true["1"], lambda xy: np.column_stack(from_wgs84(*xy.T, "GCJ-02")))}
    made = make(wanted(tmp_path, shifted, crs="gcj02"))
    assert any("GCJ-02" in note for note in made.notes)
    found = load(made.folder).layers["township"].by_code("1").geometry
    assert shapely.hausdorff_distance(found, true["1"]) < 1e-8


def test_a_declared_crs_that_differs_from_the_files_own_is_told(tmp_path):
    path = geojson(tmp_path / "towns.geojson", TOWNS, crs="urn:ogc:def:crs:OGC:1.3:CRS84")
    made = make(wanted(tmp_path, path=path, crs="EPSG:4258", zone="UTC"))
    assert any("EPSG:4258" in note and "EPSG:4326" in note for note in made.notes)


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb"])
def test_other_file_formats_are_read(tmp_path, suffix):
    frame = geopandas.GeoDataFrame(
        {"id": [10.0, 9.0], "label": ["Ten", "Nine"]}, geometry=list(TOWNS.values()), crs=4326
    )
    path = tmp_path / f"towns.{suffix}"
    frame.to_file(path, engine="pyogrio")
    region = load(make(wanted(tmp_path, path=path)).folder)
    # Codes that a reader takes for numbers are codes again.
    assert {area.code: area.name for area in region.layers["township"].areas} == {"9": "Nine", "10": "Ten"}


def test_a_file_with_several_layers_must_say_which(tmp_path):
    path = tmp_path / "all.gpkg"
    frame = geopandas.GeoDataFrame({"id": list(TOWNS)}, geometry=list(TOWNS.values()), crs=4326)
    for layer in ("towns", "districts"):
        frame.to_file(path, layer=layer, engine="pyogrio")
    reason = refused(wanted(tmp_path, path=path, name_field=None))
    assert "towns, districts" in reason
    assert "FILE::LAYER" in reason
    assert make(wanted(tmp_path, path=path, name_field=None, sublayer="towns")).report.sound


def test_features_that_a_reader_brings_without_geometry_are_named(tmp_path):
    path = tmp_path / "towns.gpkg"
    shapes = [TOWNS["10"], None]
    geopandas.GeoDataFrame({"id": ["10", "9"]}, geometry=shapes, crs=4326).to_file(path, engine="pyogrio")
    assert "township 9" in refused(wanted(tmp_path, path=path, name_field=None))


def test_metres_without_a_crs_are_refused(tmp_path):
    reason = refused(wanted(tmp_path, {"1": box(571666, 5539109, 571766, 5539209)}))
    assert "township 1" in reason
    assert "--crs" in reason


def test_a_shapefile_without_prj_must_be_told_its_crs(tmp_path):
    path = tmp_path / "towns.shp"
    geopandas.GeoDataFrame({"id": list(TOWNS)}, geometry=list(TOWNS.values()), crs=4326).to_file(path, engine="pyogrio")
    path.with_suffix(".prj").unlink()
    assert "declares no CRS" in refused(wanted(tmp_path, path=path, name_field=None))
    assert make(wanted(tmp_path, path=path, name_field=None, crs="EPSG:4326")).report.sound


def test_invalid_polygons_are_refused_by_name(tmp_path):
    reason = refused(wanted(tmp_path, TOWNS | {"7": BOW_TIE}))
    assert "1 of 3 areas of towns.geojson" in reason
    assert "township 7 Town 7" in reason
    assert "Self-intersection[10.25 50.05]" in reason
    assert "--repair" in reason


def test_a_repair_is_listed_with_the_change_of_area(tmp_path):
    made = make(wanted(tmp_path, TOWNS | {"7": BOW_TIE}, repair=True, zone="UTC"))
    (note,) = made.notes
    assert note.startswith("repaired township 7 Town 7: is invalid: Self-intersection")
    found = load(made.folder).layers["township"].by_code("7").geometry
    assert found.is_valid
    true_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(found)[0])
    assert f"to {true_m2:,.0f} m²" in note


def test_an_open_ring_is_refused_and_closed_only_when_asked(tmp_path):
    path = geojson(tmp_path / "towns.geojson", TOWNS)
    content = json.loads(path.read_text())
    content["features"][0]["geometry"]["coordinates"][0].pop()
    path.write_text(json.dumps(content))
    assert "does not close" in refused(wanted(tmp_path, path=path))
    made = make(wanted(tmp_path, path=path, repair=True))
    assert any("does not close" in note for note in made.notes)
    assert load(made.folder).layers["township"].by_code("10").geometry.equals(TOWNS["10"])


def test_one_unit_in_several_features_is_refused_or_made_one(tmp_path):
    path = geojson(tmp_path / "towns.geojson", TOWNS, zone={"10": "A", "9": "A"})
    order = wanted(tmp_path, path=path, code_field="zone", name_field=None)
    assert "--dissolve" in refused(order)
    made = make(wanted(tmp_path, path=path, code_field="zone", name_field=None, dissolve=True, zone="UTC"))
    assert made.notes == ("township A A: 2 features made one area",)
    assert load(made.folder).layers["township"].by_code("A").geometry.equals(box(10.0, 50.0, 10.2, 50.1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code_field": "code"}, ["no column 'code'", "id, label"]),
        ({"path": Path("nowhere.geojson")}, ["nowhere.geojson does not exist"]),
        ({"zone": "Mars/Base"}, ["'Mars/Base'", "Asia/Shanghai"]),
        ({"crs": "EPSG:999999"}, ["EPSG:999999", "GCJ-02"]),
        ({"metric_crs": "feet"}, ["'feet'"]),
    ],
)
def test_wishes_that_cannot_be_met_are_refused_with_the_way_out(tmp_path, change, words):
    reason = refused(wanted(tmp_path, **change))
    assert all(word in reason for word in words), reason


def test_an_area_without_a_code_is_refused(tmp_path):
    assert "feature 2 has no id" in refused(wanted(tmp_path, {"10": TOWNS["10"], "": TOWNS["9"]}))


def test_a_pack_is_written_over_only_when_asked(tmp_path):
    order = wanted(tmp_path)
    make(order)
    with pytest.raises(Refused, match="--replace"):
        make(order)
    assert make(wanted(tmp_path, replace=True)).report.sound


def test_villages_and_cells_nest_where_they_lie(tmp_path):
    villages = {"b": box(10.0, 50.0, 10.1, 50.1), "a": box(10.1, 50.0, 10.2, 50.1)}
    cells = {
        f"{code}{i}": box(west, 50.0 + i * 0.05, west + 0.1, 50.05 + i * 0.05)
        for code, west in (("b", 10.0), ("a", 10.1))
        for i in range(2)
    }
    sources = [
        LayerSource("township", geojson(tmp_path / "t.geojson", {"1": box(10.0, 50.0, 10.2, 50.1)}), "id"),
        LayerSource("village", geojson(tmp_path / "v.geojson", villages), "id"),
        LayerSource("grid", geojson(tmp_path / "g.geojson", cells), "id"),
    ]
    made = make(NewRegion("toy", tmp_path / "pack", sources))
    assert made.report.sound
    place = load(made.folder).place(10.15, 50.07, None, "report", NOON)
    assert (place.township, place.village, place.cell) == ("1", "a", "a1")


def test_a_village_in_no_township_is_refused(tmp_path):
    sources = [
        LayerSource("township", geojson(tmp_path / "t.geojson", TOWNS), "id"),
        LayerSource("village", geojson(tmp_path / "v.geojson", {"far": box(20, 50, 21, 51)}), "id"),
    ]
    assert "village far" in refused(NewRegion("toy", tmp_path / "pack", sources))


def test_matters_and_departments_come_from_past_cases(tmp_path):
    path = tmp_path / "cases.csv"
    rows = [("Noise - Street", "NYPD")] * 3 + [
        ("Noise - Street", "DEP"),
        ("噪声", "城管"),
        ("Heat", "HPD"),
        ("", "HPD"),
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("kind", "agency"), *rows])
    made = make(wanted(tmp_path, matters=MatterFile(path, "kind", "agency")))
    region = load(made.folder)
    assert {(m.name, m.lead) for m in region.matters} == {("Noise - Street", "nypd"), ("噪声", "d004"), ("Heat", "hpd")}
    assert region.matters.matter("noise-street").clause == "As in past cases (cases.csv): NYPD; sometimes DEP."
    assert {d.name for d in region.organisation.departments.values()} >= {"NYPD", "DEP", "HPD", "城管"}


def test_a_file_of_cases_without_the_column_is_refused(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "no column 'kind'" in refused(wanted(tmp_path, matters=MatterFile(path, "kind", "b")))


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_makes_a_pack_of_several_layers(tmp_path):
    towns = geojson(tmp_path / "t.geojson", TOWNS)
    beats = geojson(tmp_path / "p.geojson", {"61": box(10.0, 50.0, 10.2, 50.1)}, name="beat")
    made = run(
        "region", "new", "toy", tmp_path / "pack", "--layer", f"township={towns}", "--layer", f"precinct={beats}",
        "--code-field", "id", "--name-field", "township=label", "--name-field", "precinct=beat",
        "--crs", "EPSG:4326", "--zone", "Europe/Berlin", "--source", "hotline=GCJ-02", "--name-en", "Toyland",
        "--attribution", 'not "official"', "--valid-from", "2020-01-01",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "is sound" in made.output
    region = load(tmp_path / "pack")
    place = region.place(10.05, 50.05, "EPSG:4326", "hotline", NOON)
    assert (place.township, dict(place.areas)) == ("10", {"precinct": "61"})
    assert region.layers["precinct"].by_code("61").name == "Town 61"
    assert region.attribution == 'not "official"'
    assert list(region.sources) == ["hotline"]
    assert region.place(10.05, 50.05, None, "hotline", datetime(2019, 1, 1, tzinfo=UTC)).flags == ("before_boundaries",)
    assert check(tmp_path / "pack").sound


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--layer", "towns.geojson", "--code-field", "id"], "NAME=FILE"),
        (["--layer", "township=x.geojson", "--code-field", "precinct=id"], "no --code-field"),
        (["--layer", "township=x.geojson", "--code-field", "id"], "does not exist"),
        (["--layer", "township=x.geojson", "--code-field", "id", "--valid-from", "soon"], "2024-11-20"),
        (["--layer", "township=x.geojson", "--code-field", "id", "--source", "hotline"], "CODE=CRS"),
        (["--layer", "township=x.geojson", "--code-field", "id", "--matters-from", "c.csv"], "--matter-field"),
    ],
)
def test_the_command_refuses_with_the_way_out_and_writes_nothing(tmp_path, words, reason):
    result = run("region", "new", "toy", tmp_path / "pack", *words)
    assert result.exit_code == 1
    assert reason in result.output
    assert "Nothing was written" in result.output
    assert not (tmp_path / "pack").exists()
