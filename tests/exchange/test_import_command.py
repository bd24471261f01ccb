"""`areas import`: a report always, a version only when it is whole, and the pack beside it stays as it is."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from dashboard.cli import app
from data.boundary_import import Refused, Wanted, check_file, write_version
from data.region import load
from data.region_check import check
from geo.crs import from_wgs84
from geo.locator import OUTSIDE, Locator
from tests.exchange import making
from tests.exchange.test_checks import LEFT, RIGHT, checked, town
from tests.exchange.test_reading import FORMATS
from tests.region.packs import EAST, MIDDLE, NORTH, SOUTH, WEST, write_pack

BEGIN = date(2027, 1, 1)


@pytest.fixture
def pack(tmp_path) -> Path:
    return write_pack(tmp_path / "pack")


def run(file, pack, *words, layer="township", series="mca"):
    options = ["--layer", layer, "--series", series, "--code", "code", "--name", "name", "--region", pack, *words]
    result = CliRunner().invoke(app, ["areas", "import", str(file), *map(str, options)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.fixture(scope="module")
def cixi_towns(cixi):
    towns = [area for area in cixi.layers["township"].areas if area.valid_to is None]
    data = {"code": [area.code for area in towns], "name": [area.name for area in towns]}
    return geopandas.GeoDataFrame(data, geometry=[area.geometry for area in towns], crs="EPSG:4490")


def parts(geometry):
    """Every polygon by its bytes, in one order and direction."""
    return sorted(part.normalize().wkb for part in shapely.get_parts(geometry))


@pytest.mark.parametrize("form", FORMATS)
def test_the_towns_of_cixi_come_back_from_every_format_as_they_went(cixi, cixi_towns, tmp_path, form):
    path = FORMATS[form](tmp_path, cixi_towns)
    name = "Name" if form == "kml" else "name"
    crs = "EPSG:4490" if form == "csv" else None
    wanted = Wanted(path, "township", "mca", "code", BEGIN, name, crs=crs)
    result = check_file(wanted, cixi.folder)
    assert result.sound, [finding.says for finding in result.findings]
    before = {area.code: area for area in cixi.layers["township"].areas if area.valid_to is None}
    assert {area.code for area in result.areas} == set(before)
    for area in result.areas:
        known = before[area.code]
        assert (area.name, area.parent, dict(area.attributes)) == (known.name, known.parent, dict(known.attributes))
        # A polygon may come back as a multipolygon of one; every number is the same to the last bit.
        assert parts(area.geometry) == parts(known.geometry)


def test_what_is_unchanged_goes_on_and_is_not_begun_anew(cixi, cixi_towns, tmp_path):
    path = FORMATS["geopackage"](tmp_path, cixi_towns)
    result = check_file(Wanted(path, "township", "mca", "code", BEGIN, "name"), cixi.folder)
    written = write_version(result, tmp_path / "out")
    assert (len(written.unchanged), written.changed, written.new, written.gone) == (20, (), (), ())
    before = json.loads((cixi.folder / "townships.geojson").read_text("utf-8"))
    after = json.loads((tmp_path / "out" / "townships.geojson").read_text("utf-8"))
    assert before == after


def moved_line():
    """The line between the towns moves to the east; the villages of the layer below move with it."""
    return [town("101", LEFT, "甲镇"), town("2", RIGHT)]


def test_a_new_version_ends_the_old_one_on_its_day_and_the_pack_is_sound(pack, tmp_path):
    result = run(
        making.geojson(tmp_path / "t.geojson", moved_line()), pack, "--from", "2027-01-01", "--out", tmp_path / "out"
    )
    assert result.exit_code == 0, result.output
    assert "unchanged 1; changed 1: 101; new 0; gone 0" in result.output
    assert check(tmp_path / "out").sound
    layer = load(tmp_path / "out").layers["township"]
    assert layer.by_code("101", date(2026, 12, 31)).name == "township 101"
    assert layer.by_code("101", BEGIN).name == "甲镇"
    assert layer.by_code("101", BEGIN).parent == "990000"
    assert [area.valid_to for area in layer.versions("101")] == [date(2024, 11, 20), BEGIN, None]
    assert len(layer.versions("2")) == 1
    assert check(pack).sound
    assert "甲镇" not in (pack / "townships.geojson").read_text("utf-8")


def test_an_import_into_its_own_result_on_the_same_day_replaces_that_version(pack, tmp_path):
    first = run(making.geojson(tmp_path / "t.geojson", moved_line()), pack, "--from", BEGIN, "--out", tmp_path / "a")
    assert first.exit_code == 0
    again = [town("101", LEFT, "新甲镇"), town("2", RIGHT)]
    run(making.geojson(tmp_path / "t.geojson", again), tmp_path / "a", "--from", BEGIN, "--out", tmp_path / "b")
    layer = load(tmp_path / "b").layers["township"]
    assert [area.name for area in layer.versions("101")] == ["township 101", "township 101", "新甲镇"]


def everything_in(folder: Path):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_with_an_error_nothing_at_all_is_written(pack, tmp_path):
    features = [town("101", LEFT), town("101", RIGHT)]
    path = making.geojson(tmp_path / "t.geojson", features)
    before = everything_in(tmp_path)
    result = run(path, pack, "--from", BEGIN, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "nothing was written" in result.output
    assert everything_in(tmp_path) == before


def test_a_pack_that_would_not_be_sound_is_not_written(pack, tmp_path):
    # The eastern town is given up: a unit is stationed there, and villages name it.
    result = checked(pack, [town("101", (WEST, SOUTH, EAST, NORTH))])
    sound_alone = [f for f in result.findings if f.level == "error" and f.kind != "unknown_parent"]
    assert sound_alone == []
    before = everything_in(tmp_path)
    with pytest.raises(Refused, match="errors"):
        write_version(result, tmp_path / "out")
    assert everything_in(tmp_path) == before


def test_a_later_version_and_an_existing_folder_are_refused(pack, tmp_path):
    path = making.geojson(tmp_path / "t.geojson", [town("101", (WEST, SOUTH, EAST, NORTH))])
    early = run(path, pack, "--from", "2020-01-01", "--out", tmp_path / "out")
    assert early.exit_code == 1
    assert not (tmp_path / "out").exists()
    good = making.geojson(tmp_path / "u.geojson", moved_line())
    there = run(good, pack, "--from", BEGIN, "--out", pack)
    assert "exists already" in there.output


def test_the_report_in_html_is_one_file_with_a_map_of_each_fault(pack, tmp_path):
    ring = {"type": "Polygon", "coordinates": [[list(point) for point in shapely.box(*LEFT).exterior.coords[:-1]]]}
    features = [town("101", LEFT), town("2", (MIDDLE - 0.001, SOUTH, EAST, NORTH), "<b>乙</b>")]
    features.append(making.feature("3", ring, name="open"))
    path = making.geojson(tmp_path / "t.geojson", features)
    result = run(path, pack, "--report", tmp_path / "r.html", "--json", tmp_path / "r.json", "--language", "zh-CN")
    assert result.exit_code == 1
    html = (tmp_path / "r.html").read_text("utf-8")
    assert "<b>乙</b>" not in html
    assert not re.search(r"(src|href)=|url\(|@import|https?://", html)
    assert "$" not in html.replace("$", "", 0) or "${" not in html
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))
    placed = [finding for finding in found["findings"] if finding["place"]]
    assert html.count("<svg") == len(placed) + 1  # and the whole layer
    kinds = {finding["kind"] for finding in found["findings"]}
    assert {"open_ring", "overlap"} <= kinds
    assert found["counts"]["error"] == sum(finding["level"] == "error" for finding in found["findings"])
    assert all(finding["remedy"] for finding in found["findings"])
    assert "错误" in html


def test_the_map_of_a_fault_shows_its_place_in_the_middle(pack, tmp_path):
    path = making.geojson(tmp_path / "t.geojson", [town("101", LEFT), town("2", (MIDDLE - 0.001, SOUTH, EAST, NORTH))])
    run(path, pack, "--report", tmp_path / "r.html")
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', (tmp_path / "r.html").read_text("utf-8"))
    assert circles
    assert set(circles) == {("120.0", "120.0")}


def test_layers_of_a_file_are_listed_and_chosen(pack, tmp_path):
    table = making.frame(
        {"101": shapely.box(*LEFT), "2": shapely.box(*RIGHT)}, {"101": "township 101", "2": "township 2"}
    )
    path = making.write(table, tmp_path / "all.gpkg", layer="towns")
    making.write(table.iloc[:1], path, layer="other")
    listed = CliRunner().invoke(app, ["areas", "layers", str(path)])
    assert listed.output.split() == ["towns", "other"]
    assert "name one as FILE::LAYER" in run(path, pack).output
    assert run(f"{path}::towns", pack).exit_code == 0


@pytest.mark.parametrize(("words", "says"), [
    (("--from", "soon"), "'soon' is no date"), (("--language", "fr"), "none of"), (("--crs", "EPSG:1"), "EPSG:1"),
    (("--encoding", "Klingon"), "Klingon"),
])  # fmt: skip
def test_a_wrong_option_is_named(pack, tmp_path, words, says):
    table = making.frame({"101": shapely.box(*LEFT)}, {"101": "township 101"})
    result = run(making.shapefile(tmp_path / "shp", table), pack, *words)
    assert result.exit_code == 1
    assert says in result.output


def quilt_points(shapes):
    """Points on every vertex that two areas share."""
    corners = np.unique(np.concatenate([shapely.get_coordinates(shape) for shape in shapes]), axis=0)
    hits = np.array([shapely.intersects_xy(shape, corners[:, 0], corners[:, 1]) for shape in shapes]).sum(axis=0)
    return corners[hits > 1]


def test_within_loses_every_edge_point_and_intersects_doubles_it_but_the_locator_does_neither(
    cixi, cixi_towns, tmp_path
):
    path = FORMATS["zip"](tmp_path, cixi_towns)
    areas = check_file(Wanted(path, "township", "mca", "code", BEGIN, "name"), cixi.folder).areas
    shapes = [area.geometry for area in areas]
    xy = quilt_points(shapes)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(xy[:, 0], xy[:, 1]), crs=4490)
    layer = geopandas.GeoDataFrame(geometry=shapes, crs=4490)
    assert len(points) > 1000
    assert len(points.sjoin(layer, predicate="within")) == 0
    assert len(points.sjoin(layer, predicate="intersects")) >= 2 * len(points)
    found = Locator(shapes, "EPSG:4549").locate(xy[:, 0], xy[:, 1])
    assert len(found.index) == len(points)
    assert (found.index != OUTSIDE).all()
    assert found.on_edge.all()


def rewritten(table, change):
    shapes = shapely.transform(table.geometry.values, change)
    return table.set_geometry(geopandas.GeoSeries(shapes, index=table.index, crs=4490))


@pytest.mark.parametrize(("change", "loses"), [
    (lambda xy: np.round(xy, 7), False), (lambda xy: np.round(xy, 5), True),
    (lambda xy: xy.astype(np.float32).astype(float), True),
])  # fmt: skip
def test_five_decimals_and_float32_lose_points_that_seven_keep_and_the_report_says_so(
    cixi, cixi_towns, tmp_path, change, loses
):
    path = FORMATS["geopackage"](tmp_path, rewritten(cixi_towns, change))
    result = check_file(Wanted(path, "township", "mca", "code", BEGIN, "name", repair=True), cixi.folder)
    assert ("coarse_coordinates" in [finding.kind for finding in result.findings]) is loses
    true = [
        area.geometry for area in sorted(cixi.layers["township"].areas, key=lambda a: a.code) if area.valid_to is None
    ]
    rng = np.random.default_rng(5)
    xy = quilt_points(true) + rng.normal(0, 3e-7, (len(quilt_points(true)), 2))
    here = Locator([area.geometry for area in sorted(result.areas, key=lambda a: a.code)], "EPSG:4549")
    answers = here.locate(xy[:, 0], xy[:, 1]).index
    assert bool((answers != Locator(true, "EPSG:4549").locate(xy[:, 0], xy[:, 1]).index).any()) is loses


def test_a_grid_worker_s_file_in_zone_prefixed_metres_and_gbk_comes_in_by_two_options(cixi, cixi_towns, tmp_path):
    shapes = shapely.transform(
        cixi_towns.geometry.values, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "EPSG:4528"))
    )
    table = geopandas.GeoDataFrame(
        {"code": cixi_towns.code, "name": cixi_towns.name}, geometry=list(shapes), crs="EPSG:4528"
    )
    path = making.zipped(making.shapefile(tmp_path / "shp", table, prj=False), tmp_path / "towns.zip")
    refused = run(path, cixi.folder)
    assert refused.exit_code == 1
    assert "no_crs" in refused.output
    result = check_file(Wanted(path, "township", "mca", "code", BEGIN, "name", crs="EPSG:4528"), cixi.folder)
    assert result.sound
    assert [area.name for area in result.areas] == list(cixi_towns.name)


def test_the_table_of_repairs_and_the_findings_are_printed(pack, tmp_path):
    path = tmp_path / "t.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "wkt"])
        writer.writerow(["１０１", "township 101", shapely.box(*LEFT).wkt])
        writer.writerow(["2", "乙街道", shapely.box(*RIGHT).wkt])
    result = run(path, pack, "--crs", "EPSG:4490", "--repair")
    assert result.exit_code == 0, result.output
    assert "code '１０１' is now '101'" in result.output
    assert "GB18030" in result.output


def test_a_copy_that_is_cut_short_leaves_nothing_behind(pack, tmp_path, monkeypatch):
    result = checked(pack, moved_line())
    before = everything_in(tmp_path)

    def full(*_args, **_more):
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        write_version(result, tmp_path / "out")
    assert everything_in(tmp_path) == before


def test_an_empty_file_is_refused(pack, tmp_path):
    assert "holds no feature" in run(making.geojson(tmp_path / "t.geojson", []), pack).output


def test_the_map_of_a_village_without_its_town_shows_the_village(pack, tmp_path):
    path = making.geojson(tmp_path / "t.geojson", [town("101", LEFT)])
    run(path, pack, "--report", tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text("utf-8")
    orphans = [part for part in html.split("<article") if "unknown_parent" in part]
    assert len(orphans) == 2
    for part in orphans:
        assert re.search(r'<path class="meant"[^>]*><title>901[34]</title>', part)
