"""The exported history: every case once, in its month, with what its own life says; read back by other programs."""

import json
import os
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas
import pyarrow
import pytest
import sedonadb
import shapely
from pyarrow import dataset, parquet
from sqlalchemy import Engine
from typer.testing import CliRunner

from cases.case import LegStatus, Span
from cases.clock import CASE_CLOCKS, Outcome, outcome
from dashboard.cli import app
from data.engine import open_engine
from data.exporting import COLUMNS, METADATA, SCHEMA, Month, NotAnExport, export_history, parts, rows
from data.store import SqlCaseStore
from tests.data.lives import county
from tests.data.samples import NOON, add, comment

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def store(engine: Engine) -> SqlCaseStore:
    return SqlCaseStore(engine)


def read(folder: Path) -> dict[str, dict]:
    """Read all months with plain Arrow, number to row."""
    table = dataset.dataset(folder, partitioning="hive").to_table()
    found = {row["number"]: row for row in table.to_pylist()}
    assert len(found) == table.num_rows
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def expected(state, history) -> dict:
    """What a case's row should say, told from the state that was stored and not from the database."""
    row = {"legs": len(state.legs), "departments": len({leg.department for leg in state.legs})}
    row["returned"] = sum(leg.status in (LegStatus.RETURNED, LegStatus.TRANSFERRED) for leg in state.legs)
    row["urged"] = sum(leg.urged for leg in state.legs)
    row["disputes"], row["events"] = len(state.disputes), len(history)
    row["reopened"] = len(state.spans) - 1
    row["closed_at"] = None if state.is_pending else max(span.closed_at for span in state.spans)
    for kind in CASE_CLOCKS:
        clocks = [clock for clock in state.clocks if clock.kind is kind]
        last = max(reversed(clocks), key=lambda clock: clock.started_at, default=None)
        row[f"{kind}_start"] = last and last.started_at
        row[f"{kind}_due"] = last and last.due and last.due.due_at
        row[f"{kind}_stop"] = last and last.stopped_at
        row[f"{kind}_clocks"] = len(clocks)
        row[f"{kind}_met"] = sum(outcome(clock) is Outcome.MET for clock in clocks)
        row[f"{kind}_missed"] = sum(outcome(clock) is Outcome.MISSED for clock in clocks)
    for name in ("number", "matter", "platform", "domain", "source", "merged_into", "list_version", "lon", "lat",
                 "township", "village", "cell", "occurred_at", "received_at", "revision"):  # fmt: skip
        row[name] = getattr(state, name)
    row |= {"status": state.status.value, "pending": state.is_pending, "flags": list(state.flags)}
    return row | {"areas": list(state.areas.items()), "lead": state.lead.department, "lead_unit": state.lead.unit}


def test_every_case_is_there_once_and_says_what_its_life_says(store, cixi, out, monkeypatch):
    monkeypatch.setattr(rows, "PAGE_ROWS", 7)
    states = county(store, seed=3, cases=60, events=25)
    done = export_history(store.engine, cixi, out, NOW)
    found = read(out)
    assert done.rows == len(found) == 60
    for state in states:
        # The last state that was stored, and with it what a later event did to another case.
        row = found[state.number]
        told = {name: row[name] for name in expected(state, [])}
        assert told == expected(state, store.history(state.number))
    assert any(row["reopened"] for row in found.values())
    assert any(row[f"{kind}_missed"] for row in found.values() for kind in CASE_CLOCKS)
    assert {row["status"] for row in found.values()} > {"received", "closed"}


def test_the_month_is_that_of_the_regions_zone(store, cixi, out):
    edge = datetime(2026, 3, 31, 16, tzinfo=UTC)  # midnight in Cixi
    for at in (edge - timedelta(microseconds=1), edge, datetime(2025, 12, 31, 15, 59, tzinfo=UTC)):
        add(store, str(at), at)
    done = export_history(store.engine, cixi, out, NOW)
    assert files(out) == [
        METADATA,
        "year=2025/month=12/cases.parquet",
        "year=2026/month=03/cases.parquet",
        "year=2026/month=04/cases.parquet",
    ]
    assert done.written == {Month(2025, 12): 1, Month(2026, 3): 1, Month(2026, 4): 1}
    assert read(out)["CX20260304-00002"]["month"] == 4


def test_the_boundaries_are_named_by_their_first_day(store, cixi, out):
    for at in ("1999-01-01T00:00+08:00", "2024-11-19T23:59+08:00", "2024-11-20T00:00+08:00"):
        add(store, at, datetime.fromisoformat(at))
    export_history(store.engine, cixi, out, NOW)
    found = [row["boundaries_from"] for _, row in sorted(read(out).items())]
    assert found[0] is None
    assert found[1] < found[2] == date(2024, 11, 20)


BOX = shapely.box(121.2045, 30.0, 121.2195, 30.2)
"""Holds the points 5 to 19 of those that `forty` adds."""


def forty(store, cixi, out):
    """Export forty cases in a row of points over two months, and one without a point."""
    nowhere = dict.fromkeys(("lon", "lat", "cell", "village", "township"))
    for count in range(40):
        add(store, str(count), NOON + count * 24 * HOUR, lon=121.2 + count / 1000, lat=30.1, areas={"precinct": "7"})
    add(store, "nowhere", NOON, flags=("unlocated",), areas={}, **nowhere)
    export_history(store.engine, cixi, out, NOW)


def test_geopandas_and_duckdb_read_it_back(store, cixi, out):
    forty(store, cixi, out)
    frame = geopandas.read_parquet(out)
    assert len(frame) == 41
    assert frame.crs.equals("OGC:CRS84")
    assert sorted(frame.geometry.dropna().x) == [121.2 + count / 1000 for count in range(40)]
    assert frame[["year", "month"]].astype(int).value_counts().to_dict() == {(2026, 3): 29, (2026, 4): 12}
    counted = duckdb.sql(
        f"select year, month, count(*), max(areas['precinct']) from"
        f" read_parquet('{out}/*/*/*.parquet', hive_partitioning = true) group by all order by all"
    )
    assert [tuple(map(int, row)) for row in counted.fetchall()] == [(2026, 3, 29, 7), (2026, 4, 12, 7)]
    # DuckDB takes the column for what GeoParquet says it is.
    shapes = duckdb.sql(
        f"select typeof(geometry), geometry::varchar, lon, lat from read_parquet('{out}/*/*/*.parquet')"
    )
    found = shapes.fetchall()
    assert {kind for kind, *_ in found} == {"GEOMETRY('OGC:CRS84')"}
    points = [(shapely.from_wkt(text), lon, lat) for _, text, lon, lat in found if text]
    assert len(points) == 40
    assert all((point.x, point.y) == (lon, lat) for point, lon, lat in points)


def test_duckdb_spatial_and_sedonadb_ask_it_for_a_place(store, cixi, out):
    forty(store, cixi, out)
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.load_extension(str(next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))))
    within = (
        f"select count(*) from read_parquet('{out}/*/*/*.parquet') where ST_Within(geometry, ST_GeomFromText('{BOX}'))"
    )
    assert connection.execute(within).fetchall() == [(15,)]
    connection.close()
    sedona = sedonadb.connect()
    sedona.read_parquet(f"{out}/").to_view("history")
    box = f"ST_SetSRID(ST_GeomFromText('{BOX}'), 4326)"
    asked = f"select year, month, count(*) as n from history where ST_Within(geometry, {box}) group by year, month"
    assert pyarrow.table(sedona.sql(asked)).to_pylist() == [{"year": "2026", "month": "03", "n": 15}]


def test_nothing_personal_is_in_it(store, cixi, out):
    secrets = ["张小三", "13800001234", "他家的狗", "hotline-13800001234", "photo.jpg"]
    report = {"description": secrets[2], "contact": {"name": secrets[0], "phone": secrets[1]}, "photos": [secrets[4]]}
    state = add(store, secrets[3], report=report)
    comment(store, state, "13800001234 又打来电话")
    export_history(store.engine, cixi, out, NOW)
    text = str(read(out)) + (out / METADATA).read_text(encoding="utf-8")
    assert state.number in text
    assert [secret for secret in secrets if secret in text] == []


def scattered(store, count):
    """Cases all over the county, some of them outside and some without a point."""
    for at in range(count):
        place = {"lon": 121.0 + at * 0.61803 % 0.7, "lat": 29.9 + at * 0.41421 % 0.6}
        add(store, str(at), NOON + at * timedelta(minutes=1), **(place if at % 9 else {"lon": None, "lat": None}))


@pytest.mark.parametrize(("run", "group"), [(10_000, 10_000), (13, 8), (50, 7), (1, 200), (40, 40)])
def test_rows_stand_in_spatial_order_however_many_runs_are_merged(store, cixi, out, monkeypatch, run, group):
    monkeypatch.setattr(rows, "PAGE_ROWS", 11)
    monkeypatch.setattr(parts, "RUN_ROWS", run)
    monkeypatch.setattr(parts, "GROUP_ROWS", group)
    scattered(store, 120)
    export_history(store.engine, cixi, out, NOW)
    file = parquet.ParquetFile(out / "year=2026" / "month=03" / "cases.parquet")
    table = file.read()
    keys = parts.places(table, cixi.bounds).tolist()
    order = [(key, row["occurred_at"], row["number"]) for key, row in zip(keys, table.to_pylist(), strict=True)]
    assert order == sorted(order)
    assert len(order) == 120
    assert keys[-14:] == [parts.NOWHERE] * 14
    assert keys[-15] != parts.NOWHERE
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert all(size == group for size in sizes[:-1])
    assert files(out) == [METADATA, "year=2026/month=03/cases.parquet"]
    # Neighbours in the file are neighbours in the county: from row to row it is less than half as far as by time.
    here = table.slice(0, 106)
    ways = [
        shapely.length(shapely.linestrings(one["lon"].to_numpy(), one["lat"].to_numpy()))
        for one in (here, here.sort_by("occurred_at"))
    ]
    assert ways[0] < ways[1] / 2


def test_exporting_again_replaces_whole_months_and_no_others(store, cixi, out):
    for month in (1, 2, 3):
        add(store, f"{month}", datetime(2026, month, 10, tzinfo=UTC))
    export_history(store.engine, cixi, out, NOW)
    before = {name: (out / name).stat().st_mtime_ns for name in files(out)}
    add(store, "late", datetime(2026, 2, 1, 1, tzinfo=UTC))
    add(store, "elsewhere", datetime(2026, 3, 1, 1, tzinfo=UTC))
    later = NOW + HOUR
    done = export_history(store.engine, cixi, out, later, (date(2026, 2, 20), date(2026, 2, 20)))
    assert done.written == {Month(2026, 2): 2}
    after = {name: (out / name).stat().st_mtime_ns for name in files(out)}
    assert [name for name in after if after[name] != before[name]] == [METADATA, "year=2026/month=02/cases.parquet"]
    assert [row["month"] for row in read(out).values()].count(3) == 1
    said = json.loads((out / METADATA).read_text(encoding="utf-8"))
    assert [(one["month"], one["rows"], one["revision"], one["exported_at"]) for one in said["partitions"]] == [
        (1, 1, 3, NOW.isoformat()), (2, 2, 5, later.isoformat()), (3, 1, 3, NOW.isoformat())
    ]  # fmt: skip
    assert (said["rows"], said["revision"]) == (4, 5)


def test_the_description_says_whose_history_it_is_and_up_to_where(store, cixi, out):
    comment(store, add(store))
    export_history(store.engine, cixi, out / "new" / "folder", NOW)
    said = json.loads((out / "new" / "folder" / METADATA).read_text(encoding="utf-8"))
    assert (said["schema"], said["revision"], said["rows"]) == (1, 2, 1)
    assert said["region"]["name"] == "cixi"
    assert said["region"]["zone"] == "Asia/Shanghai"
    assert said["exported_at"] == "2026-11-24T06:00:00+00:00"
    assert "2024-11-20" in said["boundary_versions"]["township"]
    assert said["partitions"][0]["file"] == "year=2026/month=03/cases.parquet"


def test_a_month_without_cases_any_more_goes_and_an_empty_history_is_a_description_alone(
    store, cixi, out, tmp_path, sqlite_template
):
    for month in (1, 2, 3):
        add(store, f"{month}", datetime(2026, month, 10, tzinfo=UTC))
    export_history(store.engine, cixi, out, NOW)
    shutil.copy(sqlite_template, tmp_path / "empty.db")
    empty = open_engine(f"sqlite:///{tmp_path}/empty.db")
    done = export_history(empty, cixi, out, NOW, (date(2026, 1, 5), date(2026, 2, 5)))
    assert done.cleared == (Month(2026, 1), Month(2026, 2))
    assert files(out) == [METADATA, "year=2026/month=03/cases.parquet"]
    assert export_history(empty, cixi, out, NOW).cleared == (Month(2026, 3),)
    assert list(out.iterdir()) == [out / METADATA]
    empty.dispose()


def test_what_breaks_off_leaves_whole_months_and_can_be_done_again(store, cixi, out, monkeypatch):
    monkeypatch.setattr(rows, "PAGE_ROWS", 4)
    monkeypatch.setattr(parts, "RUN_ROWS", 4)
    for count in range(20):
        add(store, str(count), datetime(2026, 1 + count // 10, 3 + count % 10, tzinfo=UTC))

    def stop(done, _total):
        if done > 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_history(store.engine, cixi, out, NOW, progress=stop)
    assert files(out) == [METADATA, "year=2026/month=01/cases.parquet"]
    said = json.loads((out / METADATA).read_text(encoding="utf-8"))
    assert [one["month"] for one in said["partitions"]] == [1]
    moments = []
    export_history(store.engine, cixi, out, NOW, progress=lambda *moment: moments.append(moment))
    assert len(read(out)) == 20
    assert moments == sorted(moments)
    assert moments[-1] == (20, 20)
    assert [name for _, names, _ in os.walk(out) for name in names if name.startswith(".")] == []


def test_what_a_killed_export_left_is_swept_away(store, cixi, out):
    add(store)
    month = out / "year=2026" / "month=03"
    export_history(store.engine, cixi, out, NOW)
    (month / ".runs-x").mkdir()
    (month / ".runs-x" / "0.arrow").write_bytes(b"half")
    (month / ".cases.parquet.1.part").write_bytes(b"half")
    assert len(read(out)) == 1  # readers do not look at it
    export_history(store.engine, cixi, out, NOW)
    assert files(out) == [METADATA, "year=2026/month=03/cases.parquet"]


def test_a_folder_that_holds_something_else_is_refused_untouched(store, cixi, out):
    add(store)
    out.mkdir()
    (out / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(NotAnExport, match="other files"):
        export_history(store.engine, cixi, out, NOW)
    with pytest.raises(NotAnExport, match="is a file"):
        export_history(store.engine, cixi, out / "letter.txt", NOW)
    for text, said in (
        ('{"schema": 1, "region": {"name": "elsewhere"}, "partitions": []}', "'elsewhere', not of 'cixi'"),
        ('{"schema": 99, "region": {"name": "cixi"}, "partitions": []}', "schema 99"),
        ("[]", "cannot be read"),
    ):
        (out / METADATA).write_text(text, encoding="utf-8")
        with pytest.raises(NotAnExport, match=said):
            export_history(store.engine, cixi, out, NOW)
    assert files(out) == [METADATA, "letter.txt"]


def test_the_file_has_the_schema_that_is_documented(store, cixi, out):
    add(store, spans=(Span(NOON),))
    export_history(store.engine, cixi, out, NOW)
    written = parquet.read_schema(out / "year=2026" / "month=03" / "cases.parquet")
    assert written.equals(SCHEMA, check_metadata=False)
    document = (ROOT / "docs" / "history-export.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \| (.+) \| (.*) \| (.+) \|$", document, re.M)
    assert documented == [(one.name, str(one.type), one.unit, one.meaning) for one in COLUMNS]


def test_the_command_says_what_it_wrote(tmp_path, sqlite_url):
    engine = open_engine(sqlite_url)
    add(SqlCaseStore(engine), "1", NOON)
    engine.dispose()

    def run(*words):
        return CliRunner().invoke(app, ["data", "export", "history", *words, "--database-url", sqlite_url])

    out = str(tmp_path / "out")
    told = run("--out", out, "--from", "2026-03-01")
    assert told.exit_code == 0, told.output
    assert "1 cases in 1 months, up to revision 1" in told.output
    for words, said in (
        (("--from", "yesterday"), "'yesterday' is no day"),
        (("--from", "2026-02-02", "--to", "2026-01-01"), "before --from"),
    ):
        told = run("--out", out, *words)
        assert told.exit_code == 1
        assert said in told.output
