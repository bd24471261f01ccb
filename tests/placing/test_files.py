"""Files in, files out: no row is lost, moved or changed, whatever stands in it; what is wrong with a file is said."""

import gzip
import json

import geopandas
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from data.placing import Job, PlacingError, csv_source, prepared
from data.placing.sinks import whole_or_nothing
from tests.placing.files import HEADER, ON, ROWS, column, csv_file, geoparquet_file, parquet_file, placed, read_csv

CODES = {
    "township": ["101", "2", "101", "2"],
    "village": ["9013", "9013", "9012", "9013"],
    "cell": ["9013001", "9013001", "9012002", "9013001"],
    "flags": ["", "", "", "boundary"],
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_gets_the_areas_of_each_rows_own_day(toy, tmp_path, encoding, gzipped, delimiter):
    file = csv_file(tmp_path / "in.csv", ROWS, encoding=encoding, delimiter=delimiter)
    if gzipped:
        file.write_bytes(gzip.compress(file.read_bytes()))
    out = tmp_path / "out.csv"
    summary = placed(toy, file, out, time="时间")
    rows = read_csv(out) if delimiter == "," else []
    if delimiter != ",":
        assert out.read_text(encoding="utf-8-sig").splitlines()[1].split(delimiter)[4:8] == [
            "101",
            "9013",
            "9013001",
            "",
        ]
    for name, codes in CODES.items():
        assert not rows or column(rows, name) == codes
    assert not rows or [[row[name] for name in HEADER] for row in rows] == ROWS
    assert (summary.rows, summary.located, dict(summary.flags)) == (4, 4, {"boundary": 1})


def test_one_day_for_all_rows(toy, tmp_path):
    file = csv_file(tmp_path / "in.csv", ROWS)
    placed(toy, file, tmp_path / "out.csv")
    assert column(read_csv(tmp_path / "out.csv"), "township") == ["2", "2", "101", "2"]


def test_bad_cells_flag_their_row_and_the_summary_names_it(toy, tmp_path):
    rows = [
        *ROWS,
        ["5", "north", "30.205", "2026-03-04"],
        ["6", "", "", "2026-03-04"],
        ["7", "121.3125", "30.205", "2026-02-31"],
        ["8", "121.3125", "30.205", ""],
        ["9", "0", "0", "2026-03-04"],
        ["10", "30.205", "121.3125", "2026-03-04"],
        ["11", "121.3201", "30.205", "2026-03-04"],
        ["12", "121.3125", "30.205", "2012-01-01"],
        ["13", "NaN", "x", "never"],
        ["14", "125", "30", "2026-03-04"],
    ]
    summary = placed(toy, csv_file(tmp_path / "in.csv", rows), tmp_path / "out.csv", time="时间")
    found = read_csv(tmp_path / "out.csv")
    assert column(found, "编号") == [str(count) for count in range(1, 15)]
    assert column(found[4:], "flags") == [
        "unreadable;unlocated", "missing;unlocated", "time_unreadable", "time_missing", "zero;unlocated", "swapped",
        "outside", "before_boundaries", "unreadable;not_finite;unlocated;time_unreadable", "outside",
    ]  # fmt: skip
    assert (found[10]["nearest"], found[13]["nearest"], found[9]["cell"]) == ("9013002", "", "9013001")
    assert 9 < float(found[10]["nearest_m"]) < 10
    assert summary.located == 5
    assert summary.examples["unreadable"] == [5, 13]
    assert summary.examples["time_unreadable"] == [7, 13]


def test_every_cell_comes_back_as_it_was(toy, tmp_path):
    texts = ['say "hi"', "a,b", "two\r\nlines", "two\nlines", " blanks ", "007", "1.10", "NULL", "", "'", "，全角", "🏙"]
    rows = [[text, "121.3125", "30.205", "2026-03-04"] for text in texts]
    placed(toy, csv_file(tmp_path / "in.csv", rows), tmp_path / "out.csv", time="时间")
    assert column(read_csv(tmp_path / "out.csv"), "编号") == texts
    placed(toy, csv_file(tmp_path / "in.csv", rows), tmp_path / "out.csv.gz", time="时间")
    assert column(read_csv(tmp_path / "out.csv.gz"), "编号") == texts
    placed(toy, tmp_path / "out.csv", tmp_path / "again.csv", time="时间", prefix="om_")
    again = read_csv(tmp_path / "again.csv")
    assert column(again, "编号") == texts
    assert column(again, "om_cell") == column(again, "cell")


@pytest.mark.parametrize("block", [64, 256, 1 << 20])
def test_rows_with_too_few_or_too_many_cells_stay_where_they_are(toy, tmp_path, monkeypatch, block):
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", block)
    good = '{},121.3125,30.205,"a, b"\r\n'
    rows, wanted, cells = [], [], []
    chance = np.random.default_rng(4)
    for number in range(200):
        kind = chance.integers(0, 8)
        if kind == 0:
            rows.append(f"{number},121.3125\r\n")
            wanted.append(("cells", [str(number), "121.3125", "", ""]))
        elif kind == 1:
            rows.append(f'{number},121.3125,30.205,a,"b, c",d\r\n')
            wanted.append(("cells", [str(number), "121.3125", "30.205", "a,b, c,d"]))
        elif kind == 2:
            rows.append("\r\n")
            wanted.append(("missing;unlocated", ["", "", "", ""]))
        else:
            rows.append(good.format(number))
            wanted.append(("", [str(number), "121.3125", "30.205", "a, b"]))
    summary = placed(toy, csv_file(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    found = read_csv(tmp_path / "out.csv")
    cells = [
        (row["flags"].replace(";unlocated", "") if row["flags"].startswith("cells") else row["flags"]) for row in found
    ]
    assert cells == [flags for flags, _ in wanted]
    assert [[row[name] for name in HEADER] for row in found] == [texts for _, texts in wanted]
    assert summary.rows == 200
    assert summary.examples["cells"] == [at + 1 for at, (flags, _) in enumerate(wanted) if flags == "cells"][:5]


def test_bytes_that_are_no_text_stop_nothing(toy, tmp_path):
    file = tmp_path / "in.csv"
    file.write_bytes("编号,经度,纬度\r\n".encode() + b"\xff\xfe\x81,121.3125,30.205\r\nb,121.3125,30.205\r\n")
    placed(toy, file, tmp_path / "out.csv", encoding="utf-8")
    assert column(read_csv(tmp_path / "out.csv"), "cell") == ["9013001"] * 2


def test_a_file_with_a_header_alone_gives_a_header_alone(toy, tmp_path):
    for name in ("out.csv", "out.parquet", "out.geoparquet"):
        assert placed(toy, csv_file(tmp_path / "in.csv", []), tmp_path / name).rows == 0
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert text == "编号,经度,纬度,时间,township,village,cell,flags,nearest,nearest_m\n"
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 0


def test_csv_becomes_geoparquet_that_geopandas_reads_in_true_degrees(toy, tmp_path):
    file = csv_file(tmp_path / "in.csv", [*ROWS, ["5", "", "", ""]])
    placed(toy, file, tmp_path / "out.geoparquet", crs="GCJ-02")
    frame = geopandas.read_parquet(tmp_path / "out.geoparquet")
    assert frame.crs.to_epsg() in {4326, None}
    assert frame.crs.equals("OGC:CRS84")
    assert frame["编号"].tolist() == ["1", "2", "3", "4", "5"]
    assert frame.geometry[:4].x.tolist() != [121.3125, 121.3125, 121.306, 121.31]
    assert np.allclose(frame.geometry[:4].x, [121.3081, 121.3081, 121.3016, 121.3066], atol=2e-4)
    assert frame.geometry[4] is None


@pytest.mark.parametrize("ending", [".parquet", ".geoparquet", ".csv"])
def test_parquet_keeps_its_columns_and_their_types(toy, tmp_path, ending):
    columns = {
        "id": pa.array([1, 2, None, 4], pa.int16()),
        "x": pa.array([121.3125, None, 121.306, float("nan")]),
        "y": pa.array([30.205, 30.205, 30.215, 30.2]),
        "when": pa.array([1732031999, 1732032000, 1732032000, None], pa.timestamp("s", "UTC")),
        "kind": pa.array(["甲", "乙", "甲", None]).dictionary_encode(),
    }
    file = parquet_file(tmp_path / "in.parquet", columns, row_group_size=2)
    placed(toy, file, tmp_path / f"out{ending}", x="x", y="y", time="when")
    if ending == ".csv":
        found = read_csv(tmp_path / "out.csv")
        assert column(found, "id") == ["1", "2", "", "4"]
        assert column(found, "kind") == ["甲", "乙", "甲", ""]
        assert column(found, "township") == ["101", "", "101", ""]
        return
    table = parquet.read_table(tmp_path / f"out{ending}")
    kept = table.select(list(columns))
    assert kept.schema == parquet.read_schema(file)
    assert str(kept.to_pylist()) == str(parquet.read_table(file).to_pylist())
    assert table["township"].to_pylist() == ["101", None, "101", None]
    assert table["flags"].to_pylist() == ["", "missing;unlocated", "", "not_finite;unlocated;time_missing"]
    assert table["nearest_m"].type == pa.float64()


def test_geoparquet_says_its_columns_and_crs_itself_and_stays_geoparquet(toy, tmp_path):
    frame = geopandas.GeoDataFrame(
        {"id": [1, 2]}, geometry=geopandas.points_from_xy([121.3125, 121.306], [30.205, 30.215]), crs="EPSG:4490"
    ).to_crs("EPSG:4549")
    frame.to_parquet(tmp_path / "in.parquet")
    placed(toy, tmp_path / "in.parquet", tmp_path / "out.parquet", x=None, y=None, crs=None)
    found = geopandas.read_parquet(tmp_path / "out.parquet")
    assert found.crs == frame.crs
    assert found.geometry.equals(frame.geometry)
    assert found["cell"].tolist() == ["9013001", "9012002"]
    placed(toy, tmp_path / "in.parquet", tmp_path / "out.csv", x=None, y=None, crs=None)
    text = read_csv(tmp_path / "out.csv")[0]["geometry"]
    assert geopandas.GeoSeries.from_wkt([text])[0].equals(frame.geometry[0])


def test_a_point_column_without_crs_is_in_degrees_and_one_of_unknown_crs_is_refused(toy, tmp_path):
    lon, lat = np.array([121.3125]), np.array([30.205])
    geoparquet_file(tmp_path / "in.parquet", lon, lat)
    placed(toy, tmp_path / "in.parquet", tmp_path / "out.parquet", x=None, y=None, crs=None)
    assert parquet.read_table(tmp_path / "out.parquet")["cell"].to_pylist() == ["9013001"]
    geoparquet_file(tmp_path / "in.parquet", lon, lat, crs=b"null")
    with pytest.raises(PlacingError, match="--crs"):
        placed(toy, tmp_path / "in.parquet", tmp_path / "no.parquet", x=None, y=None, crs=None)
    lines = geoparquet_file(tmp_path / "lines.parquet", lon, lat)
    table = parquet.read_table(lines)
    said = json.loads(table.schema.metadata[b"geo"])
    said["columns"]["point"]["geometry_types"] = ["LineString"]
    parquet.write_table(table.replace_schema_metadata({b"geo": json.dumps(said).encode()}), lines)
    with pytest.raises(PlacingError, match="LineString"):
        placed(toy, lines, tmp_path / "no.parquet", x=None, y=None, crs=None)
    assert not (tmp_path / "no.parquet").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"x": "经"}, "no column '经'; it has: '编号', '经度', '纬度', '时间'"),
        ({"y": "两次"}, "two columns '两次'"),
        ({"y": None}, "give both"),
        ({"x": None, "y": None}, "no point column"),
        ({"crs": None}, "--crs, such as EPSG:4490"),
        ({"layers": ["street"]}, "no layer 'street'; it has: township, village, grid"),
        ({"encoding": "klingon"}, "--encoding 'klingon'"),
        (
            {"prefix": "编", "out": "out.csv", "header": ["编号", "经度", "纬度", "编cell"]},
            "'编cell' already.*--prefix",
        ),
        ({"out": "out.xlsx"}, "no ending that says the format"),
        ({"out": "nowhere/out.csv"}, "no folder"),
        ({"out": "in.csv"}, "would overwrite"),
        ({"file": "none.csv"}, "no file"),
        ({"header": ["", "", "", ""]}, "no header"),
    ],
)
def test_what_cannot_be_used_is_named_before_anything_is_written(toy, tmp_path, options, said):
    header = options.pop("header", HEADER if options.get("y") != "两次" else ["编号", "经度", "两次", "两次"])
    csv_file(tmp_path / "in.csv", ROWS, header)
    before = sorted(tmp_path.rglob("*"))
    out, file = tmp_path / options.pop("out", "out.csv"), tmp_path / options.pop("file", "in.csv")
    with pytest.raises(PlacingError, match=said):
        placed(toy, file, out, **options)
    assert sorted(tmp_path.rglob("*")) == before
    assert len(read_csv(tmp_path / "in.csv")) == 4


def test_files_that_are_damaged_or_something_else_are_named_and_leave_nothing(toy, tmp_path):
    quote = csv_file(tmp_path / "quote.csv", ['"1,121.3,30.2,2026-03-04\r\n', *ROWS * 400_000])
    with pytest.raises(PlacingError, match="never closes"):
        placed(toy, quote, tmp_path / "out.csv")
    whole = gzip.compress(csv_file(tmp_path / "a.csv", ROWS * 50_000).read_bytes())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PlacingError, match="cut off"):
        placed(toy, tmp_path / "cut.csv.gz", tmp_path / "out.csv")
    for name, content in (("a.parquet", b"not"), ("b.parquet", b"PAR1 but no more"), ("c.xlsx", b"PK\3\4")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PlacingError, match=name):
            placed(toy, tmp_path / name, tmp_path / "out.csv")
    nested = parquet_file(tmp_path / "n.parquet", {"x": [121.3], "y": [30.2], "tags": [["a"]]})
    with pytest.raises(PlacingError, match="'tags' holds list"):
        placed(toy, nested, tmp_path / "out.csv", x="x", y="y")
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_a_file_that_stood_there_stays_until_the_new_one_is_whole(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("before", encoding="utf-8")

    def half(fails):
        with whole_or_nothing(out) as file:
            file.write(b"half")
            assert out.read_text(encoding="utf-8") == "before"
            if fails:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half(fails=True)
    assert (out.read_text(encoding="utf-8"), list(tmp_path.iterdir())) == ("before", [out])
    half(fails=False)
    assert (out.read_text(encoding="utf-8"), list(tmp_path.iterdir())) == ("half", [out])


def test_the_order_of_rows_survives_many_blocks_and_row_groups(toy, tmp_path):
    count = 300_000
    chance = np.random.default_rng(8)
    x, y = chance.uniform(121.29, 121.33, count), chance.uniform(30.19, 30.23, count)
    file = parquet_file(tmp_path / "in.parquet", {"id": np.arange(count), "x": x, "y": y}, row_group_size=17_000)
    placed(toy, file, tmp_path / "a.csv", x="x", y="y")
    placed(toy, tmp_path / "a.csv", tmp_path / "b.parquet", x="x", y="y", prefix="b_")
    placed(toy, file, tmp_path / "c.parquet", x="x", y="y", prefix="b_")
    csv_way, straight = (parquet.read_table(tmp_path / name) for name in ("b.parquet", "c.parquet"))
    assert straight["id"].to_pylist() == [int(one) for one in csv_way["id"].to_pylist()] == list(range(count))
    for name in ("b_township", "b_cell", "b_flags", "b_nearest", "b_nearest_m"):
        assert straight[name].equals(csv_way[name])
    # Counted again by hand: the county is a box.
    inside = (x >= 121.30) & (x <= 121.32) & (y >= 30.20) & (y <= 30.22)
    assert straight["b_township"].null_count == count - inside.sum()
    assert parquet.ParquetFile(tmp_path / "c.parquet").num_row_groups <= 3


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.parquet"])
def test_progress_tells_rows_and_ends_at_the_total(toy, tmp_path, name):
    rows, moments = 200_000, []
    if name == "in.parquet":
        file = parquet_file(tmp_path / name, {"经度": np.full(rows, 121.3), "纬度": np.full(rows, 30.2)})
    else:
        file = csv_file(tmp_path / name, [f"{row},121.3125,30.2{row},2026-03-04\n" for row in range(rows)])
        if name.endswith("gz"):
            file.write_bytes(gzip.compress(file.read_bytes()))
    run = prepared(Job(file, tmp_path / "out.parquet", ON, "经度", "纬度", "EPSG:4490"), toy)
    run.run(lambda *moment: moments.append(moment))
    assert moments == sorted(moments)
    assert moments[-1] == (rows, run.source.total)
