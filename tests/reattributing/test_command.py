"""`reattribute` and `figures` as people call them: what they print, write and refuse; and the route of the figures."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyogrio
import pytest
import shapely
from click.testing import Result
from sqlalchemy import Engine
from typer.testing import CliRunner

from cases.desk import Desk
from dashboard.cli import app
from dashboard.server import create_app
from dashboard.settings import Settings
from data import views
from data.reattributing import Change, alone, lock, place_history
from data.region import Region
from tests.api.conftest import called
from tests.reattributing.county import ANDONG, LUZHONGWAN, NOW, SPLIT, a_split_county

Run = Callable[..., Result]
BETWEEN = ("--from", "first", "--to", "2024-11-20")
SAID = ("--apply", "--by", "县编办", "--reason", "浙政函〔2024〕147号")


@pytest.fixture
def run(database_url: str) -> Run:
    """Call the command on a database."""
    return lambda *words: CliRunner().invoke(app, [*words, "--region", "cixi", "--database-url", database_url])


def moved_by_shapely(engine: Engine, region: Region) -> dict[str, bool]:
    """Number to whether it is open, of the cases of 庵东镇 that lie in today's 陆中湾街道."""
    area = region.layers["township"].by_code(LUZHONGWAN, SPLIT)
    assert area is not None
    return {
        row.number: row.pending
        for row in views.cases_changed_since(engine, 0)
        if row.township == ANDONG and shapely.intersects_xy(area.geometry, row.lon, row.lat)
    }


def test_a_preview_writes_files_and_nothing_else(
    run: Run, engine: Engine, desk: Desk, cixi: Region, tmp_path: Path
) -> None:
    a_split_county(desk, cixi)
    expected = moved_by_shapely(engine, cixi)
    opened = sum(expected.values())
    before = views.latest_revision(engine)
    files = {name: tmp_path / f"moves.{name}" for name in ("json", "html", "gpkg")}
    said = run("reattribute", *BETWEEN, *(word for name, file in files.items() for word in (f"--{name}", str(file))))
    assert said.exit_code == 0, said.output
    row = next(line for line in said.stdout.splitlines() if "township" in line)
    assert [cell.strip() for cell in re.split("[│┃]", row)[1:6]] == [
        "township", f"庵东镇 {ANDONG}", f"陆中湾街道 {LUZHONGWAN}", str(opened), str(len(expected) - opened),
    ]  # fmt: skip
    assert views.latest_revision(engine) == before
    told = json.loads(files["json"].read_text(encoding="utf-8"))
    assert told["counts"]["moved"] == {"open": opened, "closed": len(expected) - opened}
    assert told["flows"]["township"][0]["to"] == {"code": LUZHONGWAN, "name": "陆中湾街道"}
    assert {area["change"] for area in told["areas"]} == {"new", "line", "parent"}
    page = files["html"].read_text(encoding="utf-8")
    assert f"{opened} + {len(expected) - opened}" in page
    assert "<svg" in page
    assert not re.search(r"""(?:src|href)=|https?://|@import|url\(""", page), "it needs no other file and no network"
    check_package(files["gpkg"], engine, expected, cixi)


def check_package(file: Path, engine: Engine, expected: dict[str, bool], region: Region) -> None:
    """Open the GeoPackage as a map program does."""
    assert dict(pyogrio.list_layers(file).tolist()) == {"changed_areas": "MultiPolygon", "moved_cases": "Point"}
    cases = pyogrio.read_dataframe(file, layer="moved_cases")
    assert cases.crs.to_epsg() == 4490
    assert dict(zip(cases["number"], cases["state"] == "open", strict=True)) == expected
    assert set(zip(cases["from_township"], cases["to_township"], strict=True)) == {(ANDONG, LUZHONGWAN)}
    assert (cases["from_cell"] == cases["to_cell"]).all()
    rows = {row.number: row for row in views.cases_changed_since(engine, 0)}
    for number, point in zip(cases["number"], cases.geometry, strict=True):
        assert (point.x, point.y) == (rows[number].lon, rows[number].lat)
    areas = pyogrio.read_dataframe(file, layer="changed_areas")
    towns = areas[areas["layer"] == "township"].set_index(["code", "version"])
    assert towns["change"].to_dict() == {
        (ANDONG, "before"): "line", (ANDONG, "after"): "line", (LUZHONGWAN, "after"): "new",
    }  # fmt: skip
    new = region.layers["township"].by_code(LUZHONGWAN)
    assert new is not None
    assert shapely.equals(towns.loc[(LUZHONGWAN, "after"), "geometry"], new.geometry)


def test_where_nothing_changed_the_files_are_whole_too(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "moves.gpkg"
    said = run("reattribute", *BETWEEN, "--gpkg", str(file), "--html", str(tmp_path / "m.html"), "--language", "zh-CN")
    assert said.exit_code == 0, said.output
    assert len(pyogrio.read_dataframe(file, layer="moved_cases")) == 0
    assert "没有需要移动的未结案件" in (tmp_path / "m.html").read_text(encoding="utf-8")
    assert [path.name for path in sorted(tmp_path.glob("*moves*"))] == ["moves.gpkg"]


def test_applying_moves_the_open_ones_and_again_none(run: Run, engine: Engine, desk: Desk, cixi: Region) -> None:
    a_split_county(desk, cixi)
    opened = [number for number, is_open in moved_by_shapely(engine, cixi).items() if is_open]
    first, second = run("reattribute", *BETWEEN, *SAID), run("reattribute", *BETWEEN, *SAID)
    assert first.exit_code == second.exit_code == 0
    assert f"{len(opened)} moved" in first.stdout
    assert "none moves" in second.stdout
    assert "Moving: 40 of 40 cases" in first.stderr, "plain lines where there is no terminal"
    assert not any(moved_by_shapely(engine, cixi).values())
    for number in opened:
        event = views.case_page(engine, number).events[-1]
        assert (event.kind, event.data["approved_by"], event.data["reason"]) == (
            "reattributed", "县编办", "浙政函〔2024〕147号",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "2024-11-19", "--to", "pack"), r"--from '2024-11-19' names no boundaries of cixi; it has:"
         r" 2013-06-01 \(first\), 2024-11-20 \(pack\)"),
        (("--from", "pack", "--to", "2024-11-20"), "are the same boundaries; name two versions"),
        ((*BETWEEN, "--apply", "--reason", "x"), "--apply needs --by"),
        ((*BETWEEN, "--apply", "--by", "x", "--reason", " "), "--apply needs --reason"),
        (("--from", "pack", "--to", "first", *SAID), r"--to 2013-06-01 is not in force today, 2024-11-20 \(pack\) is"),
        ((*BETWEEN, "--gpkg", "/nowhere/at/all.gpkg"), "There is no folder /nowhere/at for --gpkg"),
        ((*BETWEEN, "--gpkg", "moves.shp"), "must end with .gpkg"),
        ((*BETWEEN, "--language", "fr"), "--language 'fr' is none of"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(sqlite_url: str, words: tuple[str, ...], sentence: str) -> None:
    said = CliRunner().invoke(app, ["reattribute", *words, "--region", "cixi", "--database-url", sqlite_url])
    assert said.exit_code == 1
    assert re.search(sentence, said.stderr), said.stderr


def test_looking_makes_no_database_and_says_where_there_is_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    for words in (("reattribute", *BETWEEN), ("figures", "--from", "2024-11-01", "--to", "2024-11-30")):
        said = CliRunner().invoke(app, [*words, "--region", "cixi", "--database-url", url])
        assert said.exit_code == 1
        assert "holds no cases yet" in said.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_second_command_at_once_is_refused(run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "GRACE_S", 0.2)
    with alone(engine):
        said = run("reattribute", *BETWEEN, *SAID)
        assert said.exit_code == 1
        assert "Another re-attribution works on this database" in said.stderr
        assert run("reattribute", *BETWEEN).exit_code == 0, "whoever only looks need not wait"
    assert run("reattribute", *BETWEEN, *SAID).exit_code == 0


def test_both_bases_are_printed_side_by_side(
    run: Run, engine: Engine, desk: Desk, cixi: Region, tmp_path: Path
) -> None:
    a_split_county(desk, cixi)
    period = ("--from", "2024-11-01", "--to", "2024-11-30", "--json", str(tmp_path / "f.json"))
    early = run("figures", *period)
    assert "cases are not placed by the boundaries of 2024-11-20 yet" in early.stderr
    assert run("reattribute", *BETWEEN, "--statistics").exit_code == 0
    moved = len(moved_by_shapely(engine, cixi))
    said = run("figures", *period)
    assert said.stderr == ""
    told = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    old, new = told["occurred"], told["current"]
    assert old[ANDONG]["received"] - new[ANDONG]["received"] == moved
    assert f"{old[ANDONG]['received']} → {new[ANDONG]['received']}" in said.stdout
    assert run("figures", "--from", "2024-12-01", "--to", "2024-11-01").exit_code == 1
    assert "no layer of the region" in run("figures", *period, "--layer", "x").stderr


def test_the_route_gives_figures_on_either_basis(
    database_url: str, engine: Engine, desk: Desk, cixi: Region, change: Change
) -> None:
    a_split_county(desk, cixi)
    moved = moved_by_shapely(engine, cixi)
    place_history(engine, cixi, change.after, lambda: NOW)
    when = {"from": "2024-11-01T00:00:00+08:00", "to": "2024-12-01T00:00:00+08:00"}
    server = create_app(Settings(region="cixi", database_url=database_url), now=lambda: NOW)
    with called(server) as client:
        answers = {
            basis: client.get("/api/v1/figures", params={**when, "basis": basis}).json()
            for basis in ("occurred", "current")
        }
        for wrong, word in (
            ({"basis": "other"}, "basis"),
            ({"layer": "county"}, "township, village, grid"),
            ({"from": when["to"], "to": when["from"]}, "not after"),
            ({"since": "2024"}, "since"),
        ):
            answer = client.get("/api/v1/figures", params=wrong)
            assert answer.status_code == 422
            assert word in answer.text
        cells = client.get("/api/v1/figures", params={**when, "layer": "grid"}).json()
    old, new = ({area["code"]: area for area in answers[basis]["areas"]} for basis in ("occurred", "current"))
    assert old[ANDONG]["received"] - new[ANDONG]["received"] == len(moved)
    assert old[ANDONG]["pending"] - new[ANDONG]["pending"] == sum(moved.values())
    assert new[LUZHONGWAN]["name"] == "陆中湾街道"
    assert answers["occurred"]["total"] == answers["current"]["total"] == cells["total"]
    assert (answers["current"]["unplaced"], answers["current"]["boundaries"]) == (0, "2024-11-20")
    assert datetime.fromisoformat(answers["current"]["pending_at"]) == NOW
    assert datetime.now(UTC) - NOW > timedelta(0)
