"""What goes wrong around map sheets: a clear answer each time, and no half file."""

import csv
import io
import json
import os
import resource
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial

import openpyxl
import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.documents import paper
from dashboard.documents.maps.making import MapRoom
from dashboard.documents.maps.wanted import Format, Wanted
from dashboard.documents.paper import NoFonts
from data.store import SqlCaseStore
from data.views import BadQuery
from tests.conftest import ROOT
from tests.data.samples import add
from tests.maps.conftest import NOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SPLIT = datetime(2024, 11, 20, 4, 0, tzinfo=UTC)
"""The day on which 陆中湾街道, 330282006, began."""


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_township_that_did_not_exist_that_day_is_refused_with_those_that_did(room: MapRoom):
    add(SqlCaseStore(room.engine), "old", SPLIT - timedelta(days=300))
    assert room.read(Wanted(SPLIT, township="330282006")).total.pending == 0
    with pytest.raises(BadQuery, match=r"There was no township '330282006' on 2024-11-19; there were .*庵东镇"):
        room.make(Wanted(SPLIT - timedelta(days=1), township="330282006"), Format.PDF)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--dpi", "10000"), "10000 dpi cannot be printed here"),
        (("--at", "2001-01-01T00:00"), "lies before the first case"),
        (("--at", "2999-01-01T00:00"), "lies in the future"),
        (("--at", "soon"), "'soon' is no moment"),
        (("--township", "../../etc"), "There was no township '../../etc'"),
    ],
)
def test_the_command_refuses_and_writes_nothing(states, tmp_path, database_url, words, said):
    out = tmp_path / "sheet.png"
    code, output = run("snapshot", str(out), *words, "--database-url", database_url)
    assert code == 1
    assert said in output
    assert not out.exists()
    assert not list(tmp_path.glob(".*.part"))


def test_without_a_font_nothing_is_drawn_and_the_answer_names_it(room: MapRoom, states, monkeypatch, tmp_path):
    monkeypatch.setattr(paper.pylopdf_fonts_zh_cn, "sans_path", lambda: tmp_path / "NotoSansSC-Regular.otf")
    paper.fonts.cache_clear()
    try:
        with pytest.raises(NoFonts, match=r"NotoSansSC-Regular.otf is missing.*pip install"):
            room.make(Wanted(NOW), Format.PDF)
        assert room.make(Wanted(NOW), Format.CSV).body, "data need no font"
    finally:
        paper.fonts.cache_clear()


def narrow(limit: int) -> None:
    """Let no file of this process grow beyond so many bytes, as on a disk that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("there", [True, False])
def test_a_disk_that_fills_in_the_middle_leaves_what_was_there_and_no_half_file(
    states, tmp_path, sqlite_url, cixi, there
):
    out = tmp_path / "out" / "sheet.png"
    out.parent.mkdir()
    if there:
        out.write_bytes(b"the sheet of yesterday")
    # A sheet is larger than the limit; SQLite's own files are not.
    body = [sys.executable, "-m", "dashboard", "snapshot", str(out), "--dpi", "300", "--database-url", sqlite_url]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        body, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False,
        preexec_fn=partial(narrow, 150_000),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert [path.name for path in out.parent.iterdir()] == (["sheet.png"] if there else [])
    if there:
        assert out.read_bytes() == b"the sheet of yesterday"


EVIL = ("=cmd|'/C calc'!A0", "../../etc/passwd", "@SUM(1)", "-2+3", "a/b <&> \x07")


def test_names_that_are_formulas_or_paths_are_texts_and_reach_no_file_name(
    room: MapRoom, states, monkeypatch, tmp_path
):
    names = dict(zip(sorted({state.matter for state in states}), EVIL, strict=False))
    monkeypatch.setattr(room.book, "matter", lambda code, _: names.get(code, EVIL[0]))
    monkeypatch.setattr(room.book, "area", lambda code, _: f"{EVIL[0]} {code or ''}")
    made = {form: room.make(Wanted(NOW, user="=cmd()/.."), form) for form in Format}
    assert all("/" not in one.name and "=" not in one.name for one in made.values())
    book = openpyxl.load_workbook(io.BytesIO(made[Format.XLSX].body))
    with zipfile.ZipFile(io.BytesIO(made[Format.CSV].body)) as archive:
        rows = list(csv.reader(io.TextIOWrapper(archive.open("cases.csv"), "utf-8-sig")))
    cells = [cell for page in book for row in page.iter_rows(values_only=True) for cell in row]
    texts = [cell for cell in [*cells, *(cell for row in rows for cell in row)] if isinstance(cell, str)]
    assert any(EVIL[0] in text for text in texts)
    assert [text for text in texts if text.startswith(("=", "@", "+"))] == []
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    said = json.loads(made[Format.GEOJSON].body)["features"][0]["properties"]["matter_name"]
    assert said in EVIL, "programs get the name as it is"


@pytest.mark.parametrize(
    ("day", "said"), [("2999-01-01", "is not over"), ("1999-01-01", "before the first case"), ("x", "no day")]
)
def test_the_command_refuses_a_pack_that_there_cannot_be(states, tmp_path, database_url, day, said):
    folder = tmp_path / "packs"
    code, output = run("pack", day, "--folder", str(folder), "--database-url", database_url)
    assert code == 1
    assert said in output
    assert not folder.exists() or [path.name for path in folder.iterdir()] in ([], [".lock"])
