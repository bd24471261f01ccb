"""The areas of the Cixi pack: what they are, how they fit, and that the builder still makes them."""

import csv
import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import shape

from data.regions.cixi import build

PACK = Path(build.__file__).parent
LAYERS = ("townships", "villages", "grid")
BEFORE, AFTER = date(2024, 11, 19), date(2024, 11, 20)
ANDONG, LUZHONGWAN = "330282118", "330282006"
# 浙政函〔2024〕147号: 双浦, 越溪湖, 越林湖, 观塘, 望海潮, 水鹭湾, 香溪, 清鹭, 汀湖, 双岚, 揽月, 观澜, 博海, 江汇
MOVED = {f"330282118{n:03d}" for n in (4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)}


def read(folder: Path, name: str) -> list[dict]:
    return json.loads((folder / f"{name}.geojson").read_text(encoding="utf8"))["features"]


@pytest.fixture(scope="module")
def pack() -> dict[str, list[tuple[dict, shapely.Polygon]]]:
    return {name: [(f["properties"], shape(f["geometry"])) for f in read(PACK, name)] for name in LAYERS}


def on(features: list, day: date) -> list:
    """Areas that hold on a day: from the first day on, up to the day before the last."""
    text = day.isoformat()
    return [(p, g) for p, g in features if p["valid_from"] <= text and (not p["valid_to"] or text < p["valid_to"])]


def metres(areas: list) -> np.ndarray:
    """The areas in EPSG:4549."""
    forth = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)
    return shapely.transform(np.array(areas), lambda at: np.column_stack(forth.transform(*at.T)))


def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    build.build(PACK / "sources", tmp_path)
    for name in (*LAYERS, "context"):
        built, kept = ((folder / f"{name}.geojson").read_bytes() for folder in (tmp_path, PACK))
        assert built == kept, f"{name}.geojson: run python -m data.regions.cixi.build"


def test_counts_are_the_county_s(pack: dict) -> None:
    assert len(on(pack["townships"], BEFORE)) == 19
    assert len(on(pack["townships"], AFTER)) == 20
    for day in (BEFORE, AFTER):
        assert len(on(pack["villages"], day)) == 401
        assert len(on(pack["grid"], day)) == 2500


@pytest.mark.parametrize(("day", "andong", "luzhongwan"), [(BEFORE, 40, 0), (AFTER, 26, 14)])
def test_the_split_moves_villages_from_one_day_to_the_next(pack: dict, day: date, andong: int, luzhongwan: int) -> None:
    parents = [p["parent"] for p, _ in on(pack["villages"], day)]
    assert parents.count(ANDONG) == andong
    assert parents.count(LUZHONGWAN) == luzhongwan


def test_the_split_is_exactly_the_fourteen_communities(pack: dict) -> None:
    before, after = ({p["code"]: p["parent"] for p, _ in on(pack["villages"], day)} for day in (BEFORE, AFTER))
    changed = {code for code in before if before[code] != after[code]}
    assert changed == MOVED
    assert {before[code] for code in changed} == {ANDONG}
    assert {after[code] for code in changed} == {LUZHONGWAN}
    names = {p["code"]: p["name"] for p, _ in pack["villages"]}
    assert names["330282118007"] == "观塘社区"


def test_the_village_that_changed_hands_kept_its_ground(pack: dict) -> None:
    rows = {}
    for properties, area in pack["villages"]:
        rows.setdefault(properties["code"], []).append((properties, area))
    assert {code for code, versions in rows.items() if len(versions) == 2} == MOVED
    for code in MOVED:
        (first, ground), (second, same) = sorted(rows[code], key=lambda row: row[0]["valid_from"])
        assert shapely.equals_exact(ground, same)
        assert first["valid_to"] == second["valid_from"] == AFTER.isoformat()


def test_andong_gave_away_exactly_luzhongwan(pack: dict) -> None:
    andong = {p["valid_from"]: g for p, g in pack["townships"] if p["code"] == ANDONG}
    new = next(g for p, g in pack["townships"] if p["code"] == LUZHONGWAN)
    old, rest = andong["2013-06-01"], andong["2024-11-20"]
    assert shapely.coverage_is_valid([rest, new])
    assert shapely.normalize(shapely.coverage_union(rest, new)).equals_exact(shapely.normalize(old))


def test_both_code_series_are_told(pack: dict) -> None:
    series = {p["code"]: p["code_nbs"] for p, _ in pack["townships"]}
    assert series[LUZHONGWAN] == ""  # none is published
    assert (series["330282005"], series["330282101"]) == ("330282006", "330282123")  # 古塘街道, 龙山镇
    assert {p["series"] for p, _ in pack["townships"]} == {"mca"}
    assert {p["series"] for p, _ in pack["villages"]} == {"nbs"}


def test_codes_nest_as_the_standard_says(pack: dict) -> None:
    villages = {p["code"] for p, _ in pack["villages"]}
    cells: dict[str, list[int]] = {}
    for properties, _ in pack["grid"]:
        code = properties["code"]
        assert len(code) == 15
        assert code.isdigit()
        assert code[:12] == properties["parent"]
        cells.setdefault(code[:12], []).append(int(code[12:]))
    assert set(cells) == villages  # every village has at least one
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in cells.values())


def test_the_next_cell_lies_further_east_or_further_south(pack: dict) -> None:
    cells: dict[str, list] = {}
    for properties, area in sorted(pack["grid"], key=lambda row: row[0]["code"]):
        cells.setdefault(properties["parent"], []).append(area.centroid)
    assert all(after.x > one.x or after.y < one.y for own in cells.values() for one, after in pairwise(own))


def test_codes_are_unique_on_every_day_and_names_are_given(pack: dict) -> None:
    for features in pack.values():
        for day in (date(2013, 6, 1), BEFORE, AFTER):
            codes = [p["code"] for p, _ in on(features, day)]
            assert len(codes) == len(set(codes))
        assert all(p["name"] and p["valid_from"] for p, _ in features)
        keys = [(p["code"], p["valid_from"]) for p, _ in features]
        assert keys == sorted(keys)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_a_layer_is_one_coverage_without_gap_or_overlap(pack: dict, layer: str, day: date) -> None:
    areas = [g for _, g in on(pack[layer], day)]
    assert all(isinstance(area, shapely.Polygon) and area.is_valid and not area.interiors for area in areas)
    assert shapely.coverage_is_valid(areas)
    whole = shapely.coverage_union_all(areas)
    assert len(shapely.get_parts(whole)) == 1
    assert not shapely.get_parts(whole)[0].interiors
    assert sum(area.area for area in areas) == pytest.approx(whole.area, rel=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_shared_edges_are_the_same_to_the_last_digit(pack: dict, layer: str) -> None:
    """Independent of GEOS: every edge is used once each way, or lies on the outline of the whole."""
    uses: dict[tuple, int] = {}
    for _, area in on(pack[layer], AFTER):
        for start, end in pairwise(area.exterior.coords):
            key, way = ((start, end), 1) if start < end else ((end, start), -1)
            assert uses.get(key, 0) != way, f"edge {key} is run twice the same way"
            uses[key] = uses.get(key, 0) + way
    outline = {tuple(sorted(pair)) for pair in pairwise(land(pack).exterior.coords)}
    assert {key for key, way in uses.items() if way} == outline


@pytest.mark.parametrize("day", [BEFORE, AFTER])
@pytest.mark.parametrize(("child", "parent"), [("grid", "villages"), ("villages", "townships")])
def test_areas_nest_to_the_last_digit(pack: dict, child: str, parent: str, day: date) -> None:
    own: dict[str, list] = {}
    for properties, area in on(pack[child], day):
        own.setdefault(properties["parent"], []).append(area)
    above = {p["code"]: g for p, g in on(pack[parent], day)}
    assert set(own) == set(above)
    for code, areas in own.items():
        union = shapely.normalize(shapely.coverage_union_all(areas))
        assert shapely.get_parts(union)[0].equals_exact(shapely.normalize(above[code])), code


def land(pack: dict) -> shapely.Polygon:
    return shapely.get_parts(shapely.coverage_union_all([g for _, g in on(pack["townships"], AFTER)]))[0]


def county() -> shapely.MultiPolygon:
    collection = json.loads((PACK / "sources" / "county_and_neighbours.geojson").read_text(encoding="utf8"))
    return next(shape(f["geometry"]) for f in collection["features"] if f["properties"]["code"] == "330282")


def test_coordinates_have_seven_decimals(pack: dict) -> None:
    for features in pack.values():
        points = shapely.get_coordinates([g for _, g in features])
        assert (np.round(points, 7) == points).all()


def test_inland_the_county_line_is_the_given_one(pack: dict) -> None:
    ground, line = land(pack), county().boundary
    outline = shapely.points(shapely.get_coordinates(ground.exterior))
    shore = next(shape(f["geometry"]) for f in read(PACK, "context") if f["properties"]["kind"] == "shore")
    inland = outline[shapely.distance(outline, shore) > 1e-9]
    assert len(inland) > 600
    assert shapely.distance(inland, line).max() < 1e-7  # a junction on a long edge is rounded to the last digit
    given = {tuple(point) for point in shapely.get_coordinates(line)}
    kept = {tuple(point) for point in shapely.get_coordinates(ground)}
    inside = [point for point in given if shapely.distance(shapely.Point(point), ground) == 0]
    assert len(inside) > 500
    assert set(inside) <= kept


def test_the_bay_is_water(pack: dict) -> None:
    km2 = metres([land(pack)])[0].area / 1e6
    assert 1154 < km2 < 1361  # land alone, and with the tidal flats, as published
    sea = next(shape(f["geometry"]) for f in read(PACK, "context") if f["properties"]["kind"] == "sea")
    assert shapely.intersection(sea, land(pack)).area < 1e-9
    assert not land(pack).contains(shapely.Point(121.30, 30.40))  # within the published line, and in the bay


def test_every_township_holds_its_seat(pack: dict) -> None:
    areas = {p["code"]: g for p, g in on(pack["townships"], AFTER)}
    with (PACK / "sources" / "townships.csv").open(encoding="utf8") as text:
        seats = [(row["code"], float(row["lon"]), float(row["lat"])) for row in csv.DictReader(text) if row["lon"]]
    assert len(seats) == 19
    for code, lon, lat in seats:
        assert areas[code].contains(shapely.Point(lon, lat)), code


@pytest.mark.parametrize(
    ("name", "km2", "slack"),
    [
        ("观海卫镇", 150.2, 0.05),
        ("横河镇", 84.5, 0.05),
        ("胜山镇", 23.0, 0.06),
        ("龙山镇", 130.0, 0.2),
        ("周巷镇", 80.0, 0.2),
    ],
)
def test_areas_are_about_as_published(pack: dict, name: str, km2: float, slack: float) -> None:
    area = next(g for p, g in on(pack["townships"], AFTER) if p["name"] == name)
    assert metres([area])[0].area / 1e6 == pytest.approx(km2, rel=slack)


def test_cells_are_small_in_the_town_and_wide_on_the_flats(pack: dict) -> None:
    def median_km2(prefixes: set[str]) -> float:
        return float(np.median(shapely.area(metres([g for p, g in pack["grid"] if p["parent"] in prefixes])))) / 1e6

    own = {
        t: {p["code"] for p, _ in on(pack["villages"], AFTER) if p["parent"] == t} for t in ("330282001", "330282101")
    }
    assert median_km2(own["330282001"]) * 4 < median_km2(own["330282101"])  # 浒山, 龙山


def test_no_area_is_a_needle_or_a_thread(pack: dict) -> None:
    areas = metres([g for _, g in pack["grid"]])
    size = np.sqrt(shapely.area(areas))
    threads = shapely.get_num_geometries(shapely.buffer(areas, -np.minimum(0.04 * size, 10.0))) != 1
    assert threads.sum() <= 3
    sprawl = shapely.length(areas) ** 2 / (4 * np.pi * shapely.area(areas))
    assert sprawl.max() < 5.0  # 1 for a circle, 1.27 for a square, 2.9 for a strip eight times as long as wide


def test_lines_are_not_straight(pack: dict) -> None:
    """A cell of straight cuts has four or five corners; one that was drawn has many slight bends."""
    assert np.median(shapely.get_num_coordinates([g for _, g in pack["grid"]])) > 12


def test_the_neighbours_are_cut_and_told(pack: dict) -> None:
    context = read(PACK, "context")
    kinds = {f["properties"]["kind"] for f in context}
    assert kinds == {"county", "sea", "shore", "lake", "label"}
    labels = {f["properties"]["name"] for f in context if f["properties"]["kind"] == "label"}
    assert {"杭州湾", "余姚市"} <= labels
    for feature in context:
        if feature["properties"]["kind"] == "county":
            assert shapely.intersection(shape(feature["geometry"]), land(pack)).area < 1e-9


def test_files_are_small_enough_to_travel() -> None:
    sizes = {name: (PACK / f"{name}.geojson").stat().st_size / 1e6 for name in LAYERS}
    assert sizes["townships"] < 1
    assert sizes["villages"] < 2
    assert sizes["grid"] < 4
