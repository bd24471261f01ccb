"""The command line: report, count of moved cases, publication; the list of publications; withdrawal."""

import json

import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from data import publishing
from tests.publishing import steps
from tests.publishing.steps import BEGIN, MOVED
from tests.publishing.test_moves import a_history
from tests.publishing.test_publishing import codes
from tests.region.packs import write_pack

LAYERS = ("--layer", "township", "--layer", "village", "--layer", "grid")
SERIES = ("--series", "mca", "--series", "village=nbs", "--series", "grid=grid")


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path / "pack")


def run(*words):
    result = CliRunner().invoke(app, ["areas", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def where(pack, database_url):
    return ("--region", pack, "--database-url", database_url)


def import_step(file, pack, database_url, *more):
    columns = ("--code", "code", "--name", "name", "--parent", "parent", "--from", BEGIN)
    return run("import", file, *LAYERS, *SERIES, *columns, *where(pack, database_url), *more)


def test_a_step_is_shown_then_published_listed_and_withdrawn(engine, database_url, pack, tmp_path):
    a_history(engine, pack, 12)
    file = steps.geopackage(tmp_path / "step.gpkg")
    shown = import_step(file, pack, database_url)
    assert shown.exit_code == 0, shown.output
    assert "Nothing was published" in shown.output
    assert publishing.publications(engine, "990000") == ()
    done = import_step(file, pack, database_url, "--publish", "--by", "王芳", "--note", "民函7号")
    assert done.exit_code == 0, done.output
    assert "village: unchanged 2; changed 2: 9011, 9013; new 0; gone 0" in done.output
    assert "of 8 open" in done.output
    assert "of 4 closed" in done.output
    assert f"Publication 1: holds from {BEGIN} on" in done.output
    assert codes(publishing.load(pack, engine), BEGIN) == ("101", "9011", MOVED)
    listed = run("publications", *where(pack, database_url)).output
    assert all(word in listed for word in ("王芳", "民函7号", "2027-01-01", "township 2", "grid 8", "step.gpkg"))
    gone = run("withdraw", 1, "--by", "李娜", "--reason", "公告撤回", *where(pack, database_url))
    assert gone.exit_code == 0, gone.output
    assert "李娜: 公告撤回" in run("publications", *where(pack, database_url)).output
    again = run("withdraw", 1, "--by", "李娜", "--reason", "公告撤回", *where(pack, database_url))
    assert again.exit_code == 1
    assert "was withdrawn by 李娜 already" in again.output


def test_a_file_is_checked_against_what_is_published(sqlite_url, pack, tmp_path):
    file = steps.geopackage(tmp_path / "step.gpkg")
    import_step(file, pack, sqlite_url, "--publish", "--by", "王芳")
    shown = import_step(file, pack, sqlite_url)
    assert "village: unchanged 4; changed 0; new 0; gone 0" in shown.output


def test_a_faulty_step_publishes_nothing_and_ends_badly(sqlite_url, pack, tmp_path):
    file = steps.geopackage(tmp_path / "step.gpkg", given=("grid",))
    columns = ("--layer", "grid", "--series", "grid", "--code", "code", "--parent", "parent", "--from", BEGIN)
    result = run("import", file, *columns, *where(pack, sqlite_url), "--publish", "--by", "王芳")
    assert result.exit_code == 1
    assert "outside_parent" in result.output
    assert "nothing was published" in result.output
    assert "Nothing is published" in run("publications", *where(pack, sqlite_url)).output


@pytest.mark.parametrize(("more", "says"), [
    (("--publish",), "--publish needs --by"), (("--publish", "--by", "王芳", "--out", "somewhere"), "choose one"),
    (("--layer", "grid"), "given twice"), (("--layer", "hamlet"), "no layer of the region"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused(sqlite_url, pack, tmp_path, more, says):
    result = import_step(steps.geopackage(tmp_path / "step.gpkg"), pack, sqlite_url, *more)
    assert result.exit_code == 1
    assert says in result.output


def test_only_looking_makes_no_database(pack, tmp_path):
    url = f"sqlite:///{tmp_path}/none/onemap.db"
    assert import_step(steps.geopackage(tmp_path / "step.gpkg"), pack, url).exit_code == 0
    assert not (tmp_path / "none").exists()


def test_a_step_of_several_layers_is_written_into_a_pack_as_well_with_a_report_of_each(sqlite_url, pack, tmp_path):
    file = steps.geopackage(tmp_path / "step.gpkg")
    paths = ("--out", tmp_path / "out", "--report", tmp_path / "r.html", "--json", tmp_path / "r.json")
    result = import_step(file, pack, sqlite_url, *paths)
    assert result.exit_code == 0, result.output
    reports = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [one["layer"] for one in reports] == ["township", "village", "grid"]
    assert all((tmp_path / f"r-{layer}.html").is_file() for layer in ("township", "village", "grid"))


def test_layers_of_other_names_are_told_by_an_equals_sign(sqlite_url, pack, tmp_path):
    file = tmp_path / "step.gpkg"
    for layer, name in (("village", "村社"), ("township", "镇街"), ("grid", "网格")):
        steps.table(steps.moved(layer)).to_file(file, layer=name, engine="pyogrio")
    names = ("--layer", "township=镇街", "--layer", "village=村社", "--layer", "grid=网格")
    columns = ("--code", "code", "--name", "name", "--parent", "parent", "--from", BEGIN)
    result = run("import", file, *names, *SERIES, *columns, *where(pack, sqlite_url))
    assert result.exit_code == 0, result.output
    lacking = run("import", file, *names, "--series", "grid=grid", "--code", "code", *where(pack, sqlite_url))
    assert "--series is not given for township" in lacking.output
