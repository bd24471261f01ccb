"""No text that somebody wrote becomes a formula in a spreadsheet, in whatever file it leaves."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashboard.auth import ROUTES
from data.bulk.importing import Outcome, RowResult
from data.bulk.report import write_report
from data.bulk.sheet import SheetRow
from data.formulas import BEGINNINGS, defused, undefused
from tests.api.conftest import Caller, report

EVIL = ['=cmd|"/c calc"!A1', "+1+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]
HARMLESS = ["", "道路破损", "1=1", "a@b.cn", "'quoted'", "12-3", " =1"]
EXPORTS = {
    "GET /api/v1/case-table.csv",
    "GET /api/v1/case-table.xlsx",
    "GET /api/v1/assessment.xlsx",
    "GET /api/v1/snapshot.{form}",
}
"""Routes that give files for spreadsheets."""


@pytest.mark.parametrize("text", EVIL)
def test_what_begins_like_a_formula_is_defused_and_comes_back(text: str) -> None:
    assert defused(text) == f"'{text}"
    assert not defused(text).startswith(BEGINNINGS)
    assert undefused(defused(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_stays(text: str) -> None:
    assert defused(text) == undefused(text) == text


@pytest.mark.parametrize("text", ["-121.5", "+30", "-1e5", "-3,5", "-12%"])
def test_numbers_with_a_sign_stay_where_there_are_coordinates(text: str) -> None:
    assert defused(text, numbers=False) == text


def test_the_routes_that_give_such_files_are_these() -> None:
    given = {f"{method} {path}" for method, path in ROUTES if path.endswith((".csv", ".xlsx", ".{form}"))}
    assert given == EXPORTS


def cells_of(content: bytes) -> list[Any]:
    """Every cell of every sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]


def test_no_file_of_the_server_holds_a_formula_out_of_what_somebody_wrote(
    open_client: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of the region are the texts of these files; here they are all evil."""
    evil = '=HYPERLINK("http://evil.example")'
    for name in ("matter", "area", "department", "unit", "source"):
        monkeypatch.setattr(f"dashboard.views.names.Book.{name}", lambda *_, **__: evil)
    for n in range(2):
        assert open_client.post("/api/v1/cases", json=report(f"={n}")).status_code == 201
    table = open_client.get("/api/v1/case-table.csv?state=all").text
    rows = list(csv.reader(io.StringIO(table.lstrip("\ufeff"))))
    assert f"'{evil}" in rows[2]
    assert not [cell for row in rows for cell in row if cell.startswith(BEGINNINGS)]
    for path in ("/api/v1/case-table.xlsx?state=all", "/api/v1/snapshot.xlsx"):
        cells = cells_of(open_client.get(path).content)
        assert any("HYPERLINK" in str(cell.value) for cell in cells), path
        assert {cell.data_type for cell in cells if "HYPERLINK" in str(cell.value)} == {"s"}, path
    with zipfile.ZipFile(io.BytesIO(open_client.get("/api/v1/snapshot.csv.zip").content)) as packed:
        for name in packed.namelist():
            if name.endswith(".csv"):
                rows = list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"))))
                assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))], name


def test_the_report_of_an_import_repeats_no_formula(tmp_path: Path) -> None:
    row = SheetRow(2, ("=1+1", "-121.5", "好"))
    result = RowResult(row, Outcome.REFUSED, None, "@reason", (), {})
    write_report(tmp_path / "r.csv", ["=head", "lon", "text"], [result])
    text = (tmp_path / "r.csv").read_bytes().decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(text, newline="")))
    assert head[-3:] == ["'=head", "lon", "text"]
    assert line[-3:] == ["'=1+1", "-121.5", "好"]
    assert "'@reason" in line
