"""Exports: every case once, whatever breaks off in between; what is listed is whole."""

import io
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import geopandas
import openpyxl
import pytest
from pyarrow import parquet

from cases.case import Span, Status
from data import exports
from data.exports import Lost, NoSuchExport, making, queue
from data.exports.making import Maker
from data.store import SqlCaseStore
from data.views import ALL, CaseFilter, Party
from tests.data.samples import a_clock, add

NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVIL = '=HYPERLINK("http://x")/<a&b>'


def name_of(_column: str, code: str) -> str:
    return EVIL if code == "YJS-02" else f"名 {code}"


@pytest.fixture
def states(engine):
    """Twenty-three cases: two at a time at one instant, every third closed, one without a place."""
    store, made = SqlCaseStore(engine), []
    for n in range(23):
        at = NOW - 30 * HOUR + (n // 2) * HOUR
        place = {"lon": 121.2 + n / 1000 if n else None, "lat": 30.1 if n else None, "township": f"33028200{n % 2}"}
        closed = {"status": Status.CLOSED, "clocks": (), "spans": (Span(at, at + HOUR),)} if n % 3 == 0 else {}
        clocks = {} if closed else {"clocks": (a_clock(start=at, minutes=90),)}
        made.append(add(store, f"{n}", at, matter=f"YJS-0{1 + n % 2}", **place, **closed, **clocks))
    return made


def made(engine, tmp_path, form="parquet", filters=ALL, rows=5, **more):
    asked = exports.ask(engine, form, filters, "somebody", NOW)
    taken = exports.take(engine, "me", NOW, asked.id)
    Maker(engine, taken, tmp_path, name_of, lambda: NOW, part_rows=rows, **more).make()
    return exports.find(engine, asked.id, "somebody")


def read(found, folder):
    for part in found.parts:
        path = folder / str(found.id) / part["name"]
        assert sha256(path.read_bytes()).hexdigest() == part["sha256"]
        if found.form == "parquet":
            yield from parquet.read_table(path).to_pylist()
        else:
            head, *rows = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))["cases"].iter_rows(values_only=True)
            assert len(rows) == part["rows"]
            yield from (dict(zip(head, row, strict=True)) for row in rows)


def test_geoparquet_holds_every_case_once_in_order_with_its_point(engine, states, tmp_path):
    found = made(engine, tmp_path)
    assert (found.state, found.done, found.total) == ("done", 23, 23)
    assert [part["rows"] for part in found.parts] == [5, 5, 5, 5, 3]
    rows = list(read(found, tmp_path))
    expected = sorted(states, key=lambda state: (state.occurred_at, state.number))
    assert [row["number"] for row in rows] == [state.number for state in expected]
    for row, state in zip(rows, expected, strict=True):
        assert (row["occurred_at"], row["lon"], row["status"]) == (state.occurred_at, state.lon, state.status)
        assert row["closed_at"] == (state.spans[-1].closed_at if state.status == Status.CLOSED else None)
        assert row["due_at"] == (state.clocks[0].due.due_at if state.clocks else None)
        assert row["matter_name"] == name_of("matter", state.matter)
    points = geopandas.read_parquet(tmp_path / str(found.id) / "cases-0005.parquet")
    assert [(point.x, point.y) for point in points.geometry] == [(s.lon, s.lat) for s in expected[20:]]
    said = json.loads((tmp_path / str(found.id) / "manifest.json").read_text(encoding="utf-8"))
    assert (said["rows"], said["one_moment"], said["files"][0]["revision"]) == (23, True, 23)


def test_excel_holds_the_same_and_nothing_that_it_would_run(engine, states, tmp_path):
    rows = list(read(made(engine, tmp_path, "xlsx", rows=10), tmp_path))
    expected = sorted(states, key=lambda state: (state.occurred_at, state.number))
    assert [row["number"] for row in rows] == [state.number for state in expected]
    assert rows[0]["lon"] is None
    assert rows[1]["lon"] == pytest.approx(121.201)
    assert rows[3]["occurred_at"] == expected[3].occurred_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {row["matter_name"] for row in rows} == {"名 YJS-01", f"'{EVIL}"}


@pytest.mark.parametrize(
    ("filters", "means"),
    [
        (CaseFilter(matter=("YJS-01",)), lambda s: s.matter == "YJS-01"),
        (CaseFilter(occurred_from=NOW - 25 * HOUR), lambda s: s.occurred_at >= NOW - 25 * HOUR),
        (CaseFilter(party=Party("township", "330282001")), lambda s: s.township == "330282001"),
        (CaseFilter(pending=True), lambda s: s.is_pending),
        (CaseFilter(matter=("none",)), lambda _: False),
    ],
)
def test_a_filter_is_kept_with_the_export_and_holds(engine, states, tmp_path, filters, means):
    found = made(engine, tmp_path, filters=filters)
    assert found.filters == filters
    assert {row["number"] for row in read(found, tmp_path)} == {state.number for state in states if means(state)}


def test_what_breaks_off_goes_on_behind_the_last_whole_part(engine, states, tmp_path, monkeypatch):
    asked = exports.ask(engine, "parquet", CaseFilter(), "somebody", NOW)
    taken = exports.take(engine, "one", NOW)
    whole = making.whole_or_nothing

    def full(path):
        if path.name == "cases-0003.parquet":
            raise OSError(28, "No space left on device")
        return whole(path)

    monkeypatch.setattr(making, "whole_or_nothing", full)
    with pytest.raises(OSError, match="No space left"):
        Maker(engine, taken, tmp_path, name_of, lambda: NOW, part_rows=5).make()
    names = sorted(path.name for path in (tmp_path / str(asked.id)).iterdir())
    assert names == ["cases-0001.parquet", "cases-0002.parquet"]
    exports.end(engine, taken, NOW, "No space left on device")
    failed = exports.find(engine, asked.id, "somebody")
    assert (failed.state, failed.done) == ("failed", 10)
    monkeypatch.undo()
    first = (tmp_path / str(asked.id) / "cases-0001.parquet").stat().st_mtime_ns
    exports.again(engine, failed)
    again = exports.take(engine, "two", NOW)
    Maker(engine, again, tmp_path, name_of, lambda: NOW, part_rows=5).make()
    found = exports.find(engine, asked.id, "somebody")
    assert sorted(row["number"] for row in read(found, tmp_path)) == sorted(state.number for state in states)
    assert (tmp_path / str(asked.id) / "cases-0001.parquet").stat().st_mtime_ns == first


def test_two_that_reach_for_one_export_do_not_both_get_it_and_the_silent_lose_it(engine, states, tmp_path):
    asked = exports.ask(engine, "parquet", CaseFilter(), "somebody", NOW)
    one = exports.take(engine, "one", NOW)
    assert one.id == asked.id
    assert exports.take(engine, "two", NOW + queue.SILENT) is None
    two = exports.take(engine, "two", NOW + queue.SILENT + timedelta(seconds=1))
    assert two.holder == "two"
    with pytest.raises(Lost):
        Maker(engine, one, tmp_path, name_of, lambda: NOW).make()
    exports.give_back(engine, two, NOW)
    assert exports.take(engine, "three", NOW).holder == "three"


def test_a_cancelled_export_stops_and_leaves_nothing(engine, states, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "HEARD_EVERY_S", 0.0)
    asked = exports.ask(engine, "xlsx", CaseFilter(), "somebody", NOW)
    taken = exports.take(engine, "me", NOW)

    def told(done, _total):
        if done >= 10:
            exports.drop(engine, asked.id)

    with pytest.raises(Lost):
        Maker(engine, taken, tmp_path / "exports", name_of, lambda: NOW, told, part_rows=5).make()
    assert list((tmp_path / "exports").iterdir()) == []
    with pytest.raises(NoSuchExport):
        exports.find(engine, asked.id, "somebody")


def test_everybody_finds_their_own_exports_alone_and_not_too_many(engine):
    mine = exports.ask(engine, "xlsx", CaseFilter(), "somebody", NOW)
    assert [one.id for one in exports.of_owner(engine, "somebody")] == [mine.id]
    assert exports.of_owner(engine, "other") == []
    with pytest.raises(NoSuchExport):
        exports.find(engine, mine.id, "other")
    for _ in range(queue.MOST_WAITING - 1):
        exports.ask(engine, "xlsx", CaseFilter(), "somebody", NOW)
    with pytest.raises(exports.ExportError, match="wait for one"):
        exports.ask(engine, "xlsx", CaseFilter(), "somebody", NOW)
    assert exports.ask(engine, "xlsx", CaseFilter(), "other", NOW)


def test_rate_and_time_left_follow_the_run_that_is_under_way(engine):
    exports.ask(engine, "xlsx", CaseFilter(), "somebody", NOW)
    taken = exports.take(engine, "me", NOW)
    assert (taken.rate, taken.seconds_left) == (None, None)
    queue.hear(engine, taken, NOW + timedelta(seconds=10), done=5000, total=20_000)
    later = exports.find(engine, taken.id, None)
    assert (later.rate, later.seconds_left) == (500, 30)


def test_the_file_is_the_same_for_the_same_cases(engine, states, tmp_path):
    for form in ("parquet", "xlsx"):
        one, two = (made(engine, tmp_path, form) for _ in range(2))
        assert [part["sha256"] for part in one.parts] == [part["sha256"] for part in two.parts]
