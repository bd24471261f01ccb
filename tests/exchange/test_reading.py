"""Any boundary file comes in whole: what is wrong with one feature loses no other, and no loss goes unseen."""

import json
import sqlite3

import geopandas
import pyarrow.parquet
import pytest
import shapely

from geo.exchange import TroubleKind, Unreadable, layers_of, read_boundaries
from tests.exchange import making
from tests.exchange.making import NAMES, SHAPES, feature, frame, geojson, shapefile, write, zipped


def codes(content):
    return [str(found.properties["code"]) for found in content.features]


def troubles(content):
    """Feature number and kind of what is wrong, without what is harmless."""
    return [(f.number, t.kind) for f in content.features for t in f.troubles if not t.harmless]


def parquet(path, table):
    table.to_parquet(path)
    return path


FORMATS = {
    "geojson": lambda folder, table: write(table, folder / "towns.geojson", driver="GeoJSON"),
    "shapefile": lambda folder, table: shapefile(folder / "shp", table),
    "zip": lambda folder, table: zipped(shapefile(folder / "shp", table), folder / "towns.zip", "data/", junk=True),
    "geopackage": lambda folder, table: write(table, folder / "towns.gpkg", layer="towns"),
    "kml": lambda folder, table: making.kml(folder / "towns.kml", table),
    "topojson": lambda folder, table: making.topojson(folder / "towns.topojson", table),
    "csv": lambda folder, table: making.wkt_csv(folder / "towns.csv", table),
    "geoparquet": lambda folder, table: parquet(folder / "towns.parquet", table),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_areas_and_names(tmp_path, form):
    content = read_boundaries(FORMATS[form](tmp_path, frame()))
    assert codes(content) == list(SHAPES)
    names = [f.properties.get("name") or f.properties.get("Name") for f in content.features]
    assert names == list(NAMES.values())
    assert content.counted == 3
    assert troubles(content) == []
    for found, shape in zip(content.features, SHAPES.values(), strict=True):
        assert shapely.equals(found.geometry, shape)
        assert not found.geometry.has_z


@pytest.mark.parametrize("form", ["geojson", "shapefile", "geopackage", "csv"])
def test_a_file_name_with_an_exclamation_mark_is_found(tmp_path, form):
    path = FORMATS[form](tmp_path, frame())
    for part in path.parent.glob(f"{path.stem}.*"):
        part.rename(path.parent / f"new! {part.name}")
    assert codes(read_boundaries(path.parent / f"new! {path.name}")) == list(SHAPES)


def test_an_open_ring_loses_itself_only_and_is_named_with_its_place(tmp_path):
    ring = {"type": "Polygon", "coordinates": [making.OPEN]}
    path = geojson(tmp_path / "a.geojson", [feature("330282104", ring), feature("330282107", SHAPES["330282107"])])
    content = read_boundaries(path)
    assert troubles(content) == [(1, TroubleKind.OPEN_RING)]
    first, second = content.features
    assert first.troubles[0].place == making.OPEN[-1]
    assert first.geometry.is_empty
    assert shapely.equals(first.mended, SHAPES["330282104"])
    assert shapely.equals(second.geometry, SHAPES["330282107"])


@pytest.mark.parametrize(("name", "driver"), [("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf")])
def test_an_open_ring_in_a_binary_format_is_named_with_its_place(tmp_path, name, driver):
    shapes = [making.open_ring_wkb(), shapely.to_wkb(SHAPES["330282107"])]
    content = read_boundaries(making.raw_write(tmp_path / name, shapes, ["330282104", "330282107"], driver))
    assert [kind for _, kind in troubles(content)] == [TroubleKind.OPEN_RING]
    broken = next(f for f in content.features if f.troubles)
    assert broken.troubles[0].place == making.OPEN[-1]
    assert shapely.equals(broken.mended, SHAPES["330282104"])
    assert sorted(codes(content)) == ["330282104", "330282107"]


def test_an_open_ring_in_a_csv_or_parquet_loses_itself_only(tmp_path):
    text = 'code;wkt\n1;"POLYGON ((0 0, 1 0, 1 1))"\n2;"POLYGON ((0 0, 1 0, 1 1, 0 0))"\n3;\n4;POLYGON ((zero 0))\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    content = read_boundaries(tmp_path / "a.csv")
    assert troubles(content) == [
        (1, TroubleKind.OPEN_RING),
        (3, TroubleKind.NO_GEOMETRY),
        (4, TroubleKind.UNREADABLE_GEOMETRY),
    ]
    assert content.crs is None
    path = parquet(tmp_path / "a.parquet", frame())
    table = pyarrow.parquet.read_table(path)
    shapes = [making.open_ring_wkb(), None, table.column("geometry")[2].as_py()]
    at = table.column_names.index("geometry")
    column = pyarrow.array(shapes, type=pyarrow.binary())
    pyarrow.parquet.write_table(
        table.set_column(at, "geometry", column).replace_schema_metadata(table.schema.metadata), path
    )
    content = read_boundaries(path)
    assert troubles(content) == [(1, TroubleKind.OPEN_RING), (2, TroubleKind.NO_GEOMETRY)]
    assert content.crs == "EPSG:4490"


def test_a_multipolygon_nested_one_level_short_is_named_and_can_be_mended(tmp_path):
    coordinates = [[list(point) for point in SHAPES["330282104"].exterior.coords]]
    path = geojson(
        tmp_path / "a.geojson",
        [
            feature("330282104", {"type": "MultiPolygon", "coordinates": coordinates}),
            feature("330282107", {"type": "Polygon", "coordinates": [coordinates]}),
            feature("330282108", SHAPES["330282108"]),
        ],
    )
    content = read_boundaries(path)
    assert troubles(content) == [(1, TroubleKind.WRONG_NESTING), (2, TroubleKind.WRONG_NESTING)]
    assert shapely.equals(content.features[0].mended, SHAPES["330282104"])
    assert not content.features[2].troubles


def test_null_and_empty_geometries_and_infinite_numbers_are_named_each(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        [
            feature("330282104", None),
            feature("330282107", {"type": "Polygon", "coordinates": []}),
            feature("330282108", {"type": "Polygon", "coordinates": [[[0, 0], [1, float("inf")], [1, 1], [0, 0]]]}),
            "nothing",
        ],
    )
    assert troubles(read_boundaries(path)) == [
        (1, TroubleKind.NO_GEOMETRY),
        (2, TroubleKind.NO_GEOMETRY),
        (3, TroubleKind.BAD_COORDINATE),
        (4, TroubleKind.NOT_A_FEATURE),
    ]
    table = frame()
    table.loc[1, "geometry"] = None
    assert troubles(read_boundaries(shapefile(tmp_path / "shp", table))) == [(2, TroubleKind.NO_GEOMETRY)]


@pytest.mark.parametrize("form", ["geojson", "shapefile", "geopackage"])
def test_heights_are_left_out_and_told_and_make_no_other_crs(tmp_path, form):
    table = frame()
    table["geometry"] = shapely.force_3d(table.geometry.values, 8.0)
    content = read_boundaries(FORMATS[form](tmp_path, table))
    assert [[t.kind for t in f.troubles] for f in content.features] == [[TroubleKind.HEIGHTS]] * 3
    assert content.crs == "EPSG:4490"
    assert shapely.equals(content.features[0].geometry, SHAPES["330282104"])


@pytest.mark.parametrize(("encoding", "cpg"), [("GB18030", None), ("UTF-8", None), ("GB18030", "ISO-8859-1"),
                                               ("GB18030", "UTF-8"), ("GB18030", "936"), ("UTF-8", "GBK")])  # fmt: skip
def test_the_encoding_of_a_shapefile_is_decided_by_its_bytes(tmp_path, encoding, cpg):
    content = read_boundaries(shapefile(tmp_path, encoding=encoding, cpg=cpg))
    assert [f.properties["name"] for f in content.features] == list(NAMES.values())
    assert content.encoding.name == encoding.lower()
    told = [t.says for t in content.troubles if t.kind is TroubleKind.ENCODING]
    assert len(told) == 1
    assert encoding in told[0]


def test_latin_texts_are_not_taken_for_chinese(tmp_path):
    names = dict.fromkeys(SHAPES, "Générale de l'été à Besançon")
    content = read_boundaries(shapefile(tmp_path, frame(names=names), encoding="ISO-8859-1", cpg="ISO-8859-1"))
    assert content.features[0].properties["name"] == "Générale de l'été à Besançon"
    assert not content.encoding.certain


def test_an_encoding_that_somebody_says_is_believed_and_an_unknown_one_refused(tmp_path):
    path = shapefile(tmp_path)
    assert read_boundaries(path, encoding="GBK").features[0].properties["name"] == "掌起镇"
    with pytest.raises(Unreadable, match="Klingon"):
        read_boundaries(path, encoding="Klingon")


def test_codes_of_a_text_column_keep_their_zeros_and_blanks(tmp_path):
    shapes = {"007": SHAPES["330282104"], " 8 ": SHAPES["330282107"]}
    table = frame(shapes, names={"007": "a", " 8 ": "b"})
    assert codes(read_boundaries(making.wkt_csv(tmp_path / "a.csv", table))) == ["007", " 8 "]
    assert codes(read_boundaries(shapefile(tmp_path, table))) == ["007", " 8"]  # a padded field keeps none behind


def test_all_layers_of_a_geopackage_are_offered(tmp_path):
    path = write(frame(), tmp_path / "a.gpkg", layer="towns")
    write(frame(), path, layer="villages")
    assert layers_of(path) == ["towns", "villages"]
    with pytest.raises(Unreadable, match="towns, villages; name one as FILE::LAYER"):
        read_boundaries(path)
    assert read_boundaries(path, "villages").layer == "villages"
    with pytest.raises(Unreadable, match="cells"):
        read_boundaries(path, "cells")


def test_an_archive_offers_every_data_set_in_it_by_its_own_name(tmp_path):
    towns = zipped(shapefile(tmp_path / "a", name="镇街"), tmp_path / "all.zip", "省/市/")
    shapefile(tmp_path / "a", name="村社")
    zipped(tmp_path / "a" / "村社.shp", tmp_path / "villages.zip")
    assert layers_of(towns) == ["镇街"]
    both = zipped(tmp_path / "a" / "*.shp", tmp_path / "both.zip", junk=True)
    assert sorted(layers_of(both)) == sorted(["镇街", "村社"])
    assert codes(read_boundaries(both, "村社")) == list(SHAPES)


def test_features_that_a_reader_lost_are_counted(tmp_path):
    path = tmp_path / "a.topojson"
    making.topojson(path, frame())
    content = json.loads(path.read_text("utf-8"))
    content["objects"]["towns"]["geometries"].append({"type": None, "properties": {"code": "lost"}})
    path.write_text(json.dumps(content), encoding="utf-8")
    assert len(geopandas.read_file(path)) == 3  # the reader loses one and says nothing
    assert troubles(read_boundaries(path)) == [(4, TroubleKind.NO_GEOMETRY)]

    path = write(frame(), tmp_path / "a.gpkg", layer="towns")
    with sqlite3.connect(path) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:  # they call functions that only GDAL has
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE towns SET geom = NULL WHERE fid = 2")
    connection.close()
    content = read_boundaries(path)
    assert (content.counted, troubles(content)) == (3, [(2, TroubleKind.NO_GEOMETRY)])

    path = shapefile(tmp_path / "long")
    shorter = shapefile(tmp_path / "short", frame().iloc[:2])
    shorter.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes())
    says = [t.says for t in read_boundaries(shorter).troubles if t.kind is TroubleKind.LOST_FEATURE]
    assert "3 rows in its table but 2 outlines" in says[0]


def test_parts_of_a_shapefile_that_are_missing_are_named(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".dbf").unlink()
    with pytest.raises(Unreadable, match=r"\.dbf"):
        read_boundaries(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.geojson", b"{", "no JSON"),
        ("a.geojson", '{"type":"镇"}'.encode("gbk"), "not UTF-8"),
        ("a.geojson", b'{"type": "Polygon"}', "no FeatureCollection"),
        ("a.gpkg", b"nothing", "cannot be opened"),
        ("a.zip", b"nothing", "cannot be unpacked"),
        ("a.csv", b"code,name\n1,a\n", "no column with WKT"),
        ("a.parquet", b"nothing", "no Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_the_way_out(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=says) as caught:
        read_boundaries(path)
    assert name in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_csv_is_read_in_the_encoding_that_a_table_calculation_wrote(tmp_path, encoding):
    content = read_boundaries(making.wkt_csv(tmp_path / "a.csv", frame(), encoding=encoding))
    assert [f.properties["name"] for f in content.features] == list(NAMES.values())
    assert codes(content) == list(SHAPES)


def test_hexadecimal_binary_with_its_srid_is_read_from_a_csv(tmp_path):
    shape = shapely.set_srid(SHAPES["330282104"], 4490)
    text = f"code,geom\n1,{shapely.to_wkb(shape, hex=True, include_srid=True)}\n2,SRID=4490;{SHAPES['330282107'].wkt}\n"
    (tmp_path / "a.csv").write_text(
        text.replace("SRID=4490;POLYGON", '"SRID=4490;POLYGON').rstrip() + '"\n', encoding="utf-8"
    )
    content = read_boundaries(tmp_path / "a.csv")
    assert content.crs == "EPSG:4490"
    assert [shapely.equals(f.geometry, s) for f, s in zip(content.features, SHAPES.values(), strict=False)] == [
        True,
        True,
    ]


def test_a_mapinfo_table_in_gbk_asks_for_its_encoding(tmp_path):
    path = write(frame(), tmp_path / "a.tab", driver="MapInfo File", encoding="GB18030")
    with pytest.raises(Unreadable, match="say --encoding"):
        read_boundaries(path)
    assert read_boundaries(path, encoding="GB18030").features[0].properties["name"] == "掌起镇"


def test_a_deleted_record_is_no_feature_and_shifts_no_attributes(tmp_path):
    path = shapefile(tmp_path)
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[int.from_bytes(raw[8:10], "little") + int.from_bytes(raw[10:12], "little")] = ord("*")  # the second record
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    content = read_boundaries(path)
    assert [(f.number, f.properties["code"]) for f in content.features] == [(1, "330282104"), (3, "330282108")]
    assert shapely.equals(content.features[1].geometry, SHAPES["330282108"])
    assert content.counted == 2
