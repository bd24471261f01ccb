"""Files are parted into pieces and come out by month and county, however often a piece is done."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import dataset, parquet

from data.placing import Job, PlacingError, partitions, place_file
from data.placing.partitions import (
    DONE,
    NOBODY_KNOWS,
    Partitions,
    begun,
    counties_of,
    finish,
    folder_of,
    place_piece,
    summed,
)
from data.placing.pieces import plan_key, planned
from tests.placing.files import ON, parquet_file

ROWS = 3000
PLAN = "0" * 32


def reports(path: Path, rows=ROWS, groups=250) -> Path:
    """Rows in and around the toy county over a change of boundaries, some of them bad."""
    chance = np.random.default_rng(3)
    x = np.char.mod("%.7f", chance.uniform(121.295, 121.325, rows))
    x[::97] = "nowhere"
    moments = np.datetime64("2024-10-20T00:00:00") + chance.integers(0, 86_400 * 70, rows)
    times = moments.astype(str)
    times[::113], times[::131] = "", "someday"
    columns = {"id": np.arange(rows), "x": x, "y": chance.uniform(30.195, 30.225, rows), "t": times}
    return parquet_file(path, columns, row_group_size=groups)


@pytest.fixture
def file(tmp_path):
    return reports(tmp_path / "in.parquet")


def job_of(file: Path, **options) -> Job:
    return Job(file, file.with_name("out"), ON, "x", "y", "EPSG:4490", "t", **options)


def parts_of(job: Job) -> Partitions:
    found = Partitions(job, folder_of(job.out, PLAN))
    (found.folder / DONE).mkdir(parents=True)
    return found


def whole(folder: Path) -> pa.Table:
    """Every row of an output folder by its id, as Arrow reads such folders, without the folders' own columns."""
    keys = pa.schema([("month", pa.string()), ("county", pa.string())])
    table = dataset.dataset(folder, partitioning=dataset.partitioning(keys, flavor="hive")).to_table()
    return table.drop_columns(["month", "county"]).sort_by("id")


def same_as_one_process(file: Path, region, table: pa.Table, summary, **options) -> None:
    out = file.with_name("single.parquet")
    single = place_file(replace(job_of(file, **options), out=out), region)
    assert table.equals(parquet.read_table(out))
    assert summary == single


def test_a_file_is_parted_by_whole_row_groups(file):
    pieces = planned(file, 600)
    assert [piece.groups for piece in pieces] == [(at, at + 2) for at in range(0, 12, 2)]
    assert [piece.first_row for piece in pieces] == list(range(0, 3000, 500))
    assert [piece.rows for piece in planned(file, 100)] == [250] * 12
    assert [piece.rows for piece in planned(file, 10_000)] == [3000]
    assert [piece.number for piece in planned(file, 100)] == list(range(12))


def test_the_files_of_a_folder_are_parted_one_after_the_other(tmp_path):
    for name in ("b/2.parquet", "a/1.parquet", "_temporary/3.parquet", ".hidden.parquet", "readme.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        reports(tmp_path / name, rows=10)
    pieces = planned(tmp_path)
    assert [(piece.file.name, piece.first_row) for piece in pieces] == [("1.parquet", 0), ("2.parquet", 10)]
    parquet_file(tmp_path / "c.parquet", {"id": ["1"]})
    with pytest.raises(PlacingError, match=r"c.parquet has other columns or types than 1.parquet"):
        planned(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PlacingError, match="no Parquet file"):
        planned(tmp_path / "empty")
    with pytest.raises(PlacingError, match="no file and no folder"):
        planned(tmp_path / "none")


def test_a_plan_is_another_one_when_anything_changes(file):
    first = plan_key(planned(file), "options")
    assert plan_key(planned(file), "options") == first
    assert plan_key(planned(file, 100), "options") != first
    assert plan_key(planned(file), "others") != first
    reports(file, rows=ROWS + 1)
    assert plan_key(planned(file), "options") != first


@pytest.mark.parametrize("layers", [None, ("grid",)])
def test_pieces_together_are_what_one_process_makes(toy, file, layers):
    pieces = planned(file, 600)
    parts = parts_of(job_of(file, layers=layers))
    receipts = [place_piece(parts, piece, toy) for piece in reversed(pieces)]
    finish(parts, receipts)
    same_as_one_process(file, toy, whole(file.with_name("out")), summed(pieces, receipts), layers=layers)
    assert sorted(path.name for path in file.parent.iterdir()) == ["in.parquet", "out", "single.parquet"]


def test_every_file_holds_one_month_and_county_in_the_order_of_the_rows(toy, file):
    parts = parts_of(job_of(file))
    finish(parts, [place_piece(parts, piece, toy) for piece in planned(file, 600)])
    seen = 0
    for path in file.with_name("out").rglob("*.parquet"):
        rows = parquet.read_table(path, partitioning=None).to_pylist()
        month, county = (part.split("=")[1] for part in path.parts[-3:-1])
        assert {row["t"][:7] if row["t"][:2] == "20" else NOBODY_KNOWS for row in rows} == {month}
        # Both townships of the toy county say 990000 as their parent.
        assert {"990000" if row["township"] else NOBODY_KNOWS for row in rows} == {county}
        ids = [row["id"] for row in rows]
        assert ids == sorted(ids)
        assert {at // 500 for at in ids} == {int(path.stem)}
        seen += len(rows)
    assert seen == ROWS


def test_a_piece_that_breaks_off_and_is_done_again_leaves_no_row_twice(toy, file, monkeypatch):
    pieces = planned(file, 600)
    parts = parts_of(job_of(file))
    written, write = [], partitions._write

    def breaking(path, run, batches):
        if len(written) == 5:
            # What a lost worker leaves: half a file under another name.
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{path.name}.12345678.part").write_bytes(b"PAR1 half")
            raise ConnectionError
        written.append(path)
        write(path, run, batches)

    monkeypatch.setattr(partitions, "_write", breaking)
    with pytest.raises(ConnectionError):
        place_piece(parts, pieces[0], toy)
    assert parts.receipt(0) is None
    monkeypatch.undo()
    receipts = [place_piece(parts, piece, toy) for piece in pieces]
    # A receipt that never reached the scheduler, and one that was lost with its disk.
    assert place_piece(parts, pieces[1], toy) == receipts[1]
    parts.receipt_of(2).unlink()
    place_piece(parts, pieces[2], toy)
    finish(parts, receipts)
    assert whole(file.with_name("out"))["id"].to_pylist() == list(range(ROWS))
    assert not list(file.with_name("out").rglob(".*"))
    # A straggler brings nothing back.
    with pytest.raises(FileNotFoundError):
        place_piece(parts, pieces[3], toy)
    assert not parts.folder.exists()


def test_a_file_that_vanished_is_noticed_before_the_folder_takes_its_name(toy, file):
    parts = parts_of(job_of(file))
    receipts = [place_piece(parts, piece, toy) for piece in planned(file)]
    (parts.folder / next(iter(receipts[0].files))).unlink()
    with pytest.raises(PlacingError, match="is gone"):
        finish(parts, receipts)
    assert not file.with_name("out").exists()


def test_work_of_another_plan_is_taken_away(file):
    first = parts_of(job_of(file))
    second = Partitions(first.job, folder_of(first.job.out, "f" * 32))
    with begun(second):
        assert not first.folder.exists()
        assert second.folder.is_dir()
    assert not second.folder.exists(), "nothing was done in it"


def test_the_county_may_stand_in_a_column(toy, tmp_path):
    x, y = ["121.3125"] * 5, ["30.205"] * 5
    counties = ["330282", "甲 县/1", None, " ", "330282"]
    file = parquet_file(
        tmp_path / "in.parquet", {"id": range(5), "x": x, "y": y, "t": ["2026-03-04"] * 5, "县": counties}
    )
    parts = parts_of(job_of(file, county="县"))
    finish(parts, [place_piece(parts, piece, toy) for piece in planned(file)])
    found = dataset.dataset(tmp_path / "out", partitioning="hive").to_table().sort_by("id")
    assert found["county"].to_pylist() == ["330282", "甲 县/1", None, None, "330282"]
    assert set(found["month"].to_pylist()) == {"2026-03"}


def test_a_township_without_parent_names_its_county_by_its_code():
    codes = [("330282001", None), ("330282001004", None), ("330282002", "990000"), ("101", None), ("NY-1", None)]
    areas = [SimpleNamespace(code=code, parent=parent) for code, parent in codes]
    region = SimpleNamespace(layers={"township": SimpleNamespace(areas=areas)})
    assert counties_of(region) == {"330282001": "330282", "330282001004": "330282", "330282002": "990000"}


def test_a_column_named_as_the_folders_needs_a_prefix(toy, tmp_path):
    columns = {"id": [1], "x": ["121.3125"], "y": ["30.205"], "t": ["2026-03-04"], "month": ["3"]}
    file = parquet_file(tmp_path / "in.parquet", columns)
    parts = parts_of(job_of(file))
    with pytest.raises(PlacingError, match=r"'month', as the folders are named.*--prefix"):
        place_piece(parts, planned(file)[0], toy)
    parts = Partitions(job_of(file, prefix="om_"), parts.folder)
    finish(parts, [place_piece(parts, piece, toy) for piece in planned(file)])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["om_month=2026-03"]
