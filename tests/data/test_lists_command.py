"""`lists`: look first, then publish; the table of routes is the one that stands in docs."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from dashboard.cli import app
from data import tables
from data.engine import open_engine, reading
from data.lists import routes_table
from tests.data.lists import LITTER, NOISE, changed, csv_file
from tests.region.packs import write_pack

HEAD = ("--list", "power", "--version", "8", "--source", "通告")
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def run(tmp_path, sqlite_url):
    pack = write_pack(tmp_path / "pack")

    def command(*words, region=pack):
        options = ["--region", str(region), "--database-url", sqlite_url]
        return CliRunner().invoke(app, ["lists", *(str(word) for word in words), *options])

    return command


@pytest.fixture
def imported(run, tmp_path):
    def command(*rows, options=()):
        file = csv_file(tmp_path, rows, encoding="gbk")
        head = ["--list", "territorial", "--from", "2026-12-01", "--version", "8", "--source", "通告第8号"]
        return run("import", file, *head, *options)

    return command


def published(url):
    engine = open_engine(url)
    with reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(tables.list_versions)).scalar_one()
    engine.dispose()
    return count


def test_an_import_shows_the_difference_and_writes_nothing(imported, sqlite_url):
    shown = imported(changed(LITTER, township_duty="清理;登记"), NOISE)
    assert shown.exit_code == 0, shown.output
    for words in ("+ SD-02 噪声扰民", "~ SD-01 township_duty", "was: 清理", "now: 清理;登记", "Nothing was written"):
        assert words in shown.output
    assert published(sqlite_url) == 0


def test_with_publish_it_is_in_force_from_its_day_and_shown(imported, run, sqlite_url):
    done = imported(LITTER, NOISE, options=("--publish", "--by", "编办", "--official"))
    assert done.exit_code == 0, done.output
    assert "version 8 holds from 2026-12-01 on" in done.output
    assert published(sqlite_url) == 1
    shown = run("show").output
    assert "通告第8号" in shown
    assert shown.count("2026-12-01") == 2  # the end of the version before, and the beginning of this one


def test_faults_are_counted_and_nothing_is_written(imported, sqlite_url):
    refused = imported(LITTER, changed(NOISE, basis="", department="警察"), options=("--publish",))
    assert refused.exit_code == 1
    for words in ("list.csv, row 3, column department: '警察'", "list.csv, row 3, column basis", "2 faults", "Nothing"):
        assert words in refused.output
    assert published(sqlite_url) == 0


def test_publishing_the_same_version_twice_is_refused(imported, sqlite_url):
    assert imported(LITTER, NOISE, options=("--publish",)).exit_code == 0
    again = imported(LITTER, NOISE, options=("--publish",))
    assert again.exit_code == 1
    assert "published already" in again.output
    assert published(sqlite_url) == 1


@pytest.mark.parametrize("name", ["one_thing", "territorial", "power", "arrangements"])
def test_what_is_exported_is_imported_without_a_difference(run, tmp_path, name):
    file = tmp_path / "exported.csv"
    assert run("export", "--list", name, "--out", file, region="cixi").exit_code == 0
    head = ["--list", name, "--from", "2027-03-01", "--version", "2027-03", "--source", "不变"]
    shown = run("import", file, *head, region="cixi")
    assert shown.exit_code == 0, shown.output
    assert "0 added, 0 removed, 0 changed" in shown.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "--list", "power", "--out", "x.csv", "--version", "2020"), "no version '2020'"),
        (("import", "no.csv", *HEAD, "--from", "2026-12-01"), "no.csv"),
        (("import", "no.csv", *HEAD, "--from", "soon"), "'soon'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(run, words, said):
    refused = run(*words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Traceback" not in refused.output


def test_the_table_of_routes_in_docs_is_what_the_lists_say(cixi):
    written = (DOCS / "routing.md").read_text(encoding="utf-8")
    assert written == routes_table(cixi, cixi.list_version), (
        "docs/routing.md is out of date: python -m dashboard lists routes --out docs/routing.md"
    )


def test_the_table_of_routes_tells_of_the_split_and_of_the_new_area(cixi):
    rows = (DOCS / "routing.md").read_text(encoding="utf-8").split("### ")
    spatial = next(part for part in rows if part.startswith("YJS-03"))
    (new_area,) = (line for line in spatial.splitlines() if line.startswith("| 2024-11-20起 |"))
    assert "陆中湾街道" in new_area
    assert "前湾新区管委会〔AR-01〕" in new_area


def test_the_table_has_every_one_thing_and_a_dozen_of_each_other_list():
    heads = [line for line in (DOCS / "routing.md").read_text(encoding="utf-8").splitlines() if line.startswith("### ")]
    counts = {prefix: sum(line.startswith(f"### {prefix}") for line in heads) for prefix in ("YJS", "SD", "QL")}
    assert counts["YJS"] == 12
    assert counts["SD"] >= 12
    assert counts["QL"] >= 12
