"""Map sheets: the figures are those of the cases, every format says the same, and twice asked is twice the same."""

import io
import json
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import geopandas
import openpyxl
import pandas as pd
import pytest
from pyarrow import parquet

from cases.clock import level
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.wanted import Format, Measure, Paper, Wanted
from data.views import BadQuery, CaseFilter
from tests.maps.conftest import FIRST, NOW

EVENING = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ZONE_DAY = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
"""Midnight in the region before the evening."""


def standing(states, at):
    """A second count: (state, level) of every case pending at an instant."""
    found = []
    for state in states:
        if any(span.opened_at <= at and (span.closed_at is None or span.closed_at > at) for span in state.spans):
            running = [clock for clock in state.clocks if clock.started_at <= at]
            found.append((state, max((int(level(clock, at)) for clock in running), default=1)))
    return found


def text_of(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("at", [FIRST + timedelta(hours=9), EVENING, NOW])
def test_the_figures_of_a_sheet_equal_a_recount_of_the_cases(room: MapRoom, states, at):
    contents = room.read(Wanted(at))
    there = standing(states, at)
    assert {one.number: int(one.level) for one in contents.cases} == {state.number: found for state, found in there}
    by_township = Counter((state.township, found) for state, found in there)
    for row in contents.rows:
        levels = [by_township[row.code, found] for found in (1, 2, 3)]
        assert (row.pending, row.amber, row.overdue) == (sum(levels), levels[1], levels[2]), row.code
    assert contents.total.pending == len(there)
    assert contents.rows[-1].code is None


def test_a_day_counts_from_midnight_in_the_region_to_the_moment(room: MapRoom, states):
    contents = room.read(Wanted(EVENING))
    came = Counter(state.township for state in states if ZONE_DAY <= state.received_at <= EVENING)
    went = Counter(
        state.township
        for state in states
        for span in state.spans
        if span.closed_at and ZONE_DAY <= span.closed_at <= EVENING
    )
    assert sum(came.values()) > 5
    assert {row.code: row.received for row in contents.rows} == {row.code: came[row.code] for row in contents.rows}
    assert {row.code: row.closed for row in contents.rows} == {row.code: went[row.code] for row in contents.rows}
    assert (contents.total.received, contents.total.closed) == (sum(came.values()), sum(went.values()))


def test_the_text_of_the_pdf_holds_the_table_with_the_same_figures(room: MapRoom, states):
    wanted = Wanted(EVENING, paper=Paper.A3)
    text, contents = text_of(room.make(wanted, Format.PDF).body), room.read(wanted)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for row in contents.rows:
        name = room.book.area(row.code, "zh-CN") if row.code else "未落入以上区域"
        figures = [str(value or "·") for value in (row.pending, row.amber, row.overdue, row.received, row.closed)]
        assert any(line.endswith(" ".join([name, *figures])) for line in lines), (name, figures)
    assert f"在办 n = {contents.total.pending}" in " ".join(lines)
    for said in (
        "慈溪市在办事件时限图",
        "内部工作用图",
        "EPSG:4549",
        "2026年3月5日 20:00",
        "示意",
        "杭",
        contents.code[:16],
    ):
        assert said in text, said


@pytest.mark.parametrize("form", Format)
def test_the_same_question_gives_the_same_bytes(room: MapRoom, states, form):
    wanted = Wanted(EVENING, Measure.PENDING, township="330282118")
    assert room.make(wanted, form).body == room.make(wanted, form).body


def test_every_table_holds_the_same_cases_and_figures(room: MapRoom, states, tmp_path):
    wanted = Wanted(EVENING)
    contents = room.read(wanted)
    numbers = [one.number for one in contents.cases]
    figures = {(row.code or ""): row.pending for row in contents.rows}
    files = {form: room.make(wanted, form).body for form in Format}

    path = tmp_path / "sheet.gpkg"
    path.write_bytes(files[Format.GPKG])
    cases = geopandas.read_file(path, layer="cases")
    areas = geopandas.read_file(path, layer="figures")
    said = geopandas.read_file(path, layer="manifest")
    assert cases["number"].tolist() == numbers
    assert dict(zip(areas["code"], areas["pending"], strict=True)) == figures
    assert dict(zip(said["key"], said["value"], strict=True))["code"] == contents.code
    assert cases.crs.to_epsg() == 4490

    collection = json.loads(files[Format.GEOJSON])
    assert [feature["properties"]["number"] for feature in collection["features"]] == numbers
    assert collection["manifest"]["n"] == len(numbers)

    table = parquet.read_table(io.BytesIO(files[Format.PARQUET]))
    assert table.column("number").to_pylist() == numbers
    assert contents.code.encode() in table.schema.metadata[b"PANDAS_ATTRS"]

    book = openpyxl.load_workbook(io.BytesIO(files[Format.XLSX]))
    assert [row[0] for row in book["cases"].iter_rows(min_row=2, values_only=True)] == numbers
    assert {row[0] or "": row[2] for row in book["figures"].iter_rows(min_row=2, values_only=True)} == figures

    with zipfile.ZipFile(io.BytesIO(files[Format.CSV])) as archive:
        read = pd.read_csv(archive.open("cases.csv"), dtype=str)
        assert read["number"].tolist() == numbers
        assert json.loads(archive.read("manifest.json"))["code"] == contents.code


def test_a_township_sheet_counts_its_own_cases_by_village(room: MapRoom, states):
    township = next(state.township for state, _ in standing(states, EVENING) if state.township)
    contents = room.read(Wanted(EVENING, township=township))
    own = Counter(state.village for state, _ in standing(states, EVENING) if state.township == township)
    assert {row.code: row.pending for row in contents.rows if row.pending} == dict(own)


def test_a_filter_stands_on_the_sheet_and_holds_for_every_figure(room: MapRoom, states):
    wanted = Wanted(EVENING, filters=CaseFilter(matter=("YJS-01",)))
    contents = room.read(wanted)
    assert {one.number for one in contents.cases} == {
        state.number for state, _ in standing(states, EVENING) if state.matter == "YJS-01"
    }
    assert contents.total.received == sum(
        state.matter == "YJS-01" and ZONE_DAY <= state.received_at <= EVENING for state in states
    )
    assert "筛选：事项" in text_of(room.make(wanted, Format.PDF).body)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dpi": 10_000}, "10000 dpi cannot be printed here; ask for 72 to 600"),
        ({"at": NOW + timedelta(seconds=1)}, "lies in the future"),
        ({"at": datetime(2001, 1, 1, tzinfo=UTC)}, "lies before the first case, which occurred at"),
        ({"at": datetime(2026, 3, 5)}, "has no offset"),
        ({"township": "330282999"}, "There was no township '330282999' on 2026-03-05"),
        ({"filters": CaseFilter(status=("received",))}, "cannot be filtered by status"),
    ],
)
def test_what_no_sheet_can_show_is_refused_with_the_way_out(room: MapRoom, states, changes, said):
    with pytest.raises(BadQuery, match=said):
        room.make(replace(Wanted(EVENING), **changes), Format.PDF)


def test_a_county_without_any_case_has_a_sheet_all_the_same(room: MapRoom):
    contents = room.read(Wanted(NOW))
    assert contents.total.pending == 0
    assert "在办 n = 0" in text_of(room.make(Wanted(NOW, Measure.DENSITY), Format.PDF).body)


def test_a_name_that_a_spreadsheet_would_run_is_defused(room: MapRoom, states, monkeypatch):
    monkeypatch.setattr(type(room.book), "matter", lambda *_: "=cmd()|'/c calc'!A0")
    with zipfile.ZipFile(io.BytesIO(room.make(Wanted(EVENING), Format.CSV).body)) as archive:
        read = pd.read_csv(archive.open("cases.csv"), dtype=str)
    assert set(read["matter_name"]) == {"'=cmd()|'/c calc'!A0"}
    book = openpyxl.load_workbook(io.BytesIO(room.make(Wanted(EVENING), Format.XLSX).body))
    assert {cell.data_type for cell in book["cases"]["C"]} == {"s"}


def test_the_fonts_stand_in_the_pdf_and_no_glyph_is_missing(room: MapRoom, states, tmp_path):
    path = tmp_path / "sheet.pdf"
    path.write_bytes(room.make(Wanted(EVENING), Format.PDF).body)
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts  # the column emb
    text = text_of(path.read_bytes())
    for area in room.region.townships_on(room.region.local_day(EVENING)):
        assert area.name in text
    assert "\ufffd" not in text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("measure", Measure)
def test_every_measure_is_drawn_in_both_languages(room: MapRoom, states, measure, language):
    body = room.make(Wanted(EVENING, measure, language=language), Format.SVG).body
    assert body.startswith(b"<svg")
