"""A place that nobody here thought of: New York from its own files, located exactly as the city recorded it.

The files are a public sample that is not kept in the project; the tests run where a folder ``shared/data/nyc`` stands
beside the checkout or above it.
"""

import csv
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from dashboard.cli import app
from data.engine import open_engine

ROOT = Path(__file__).parents[2]
FILES = next((folder for parent in ROOT.parents if (folder := parent / "shared" / "data" / "nyc").is_dir()), None)
MAPPING = ROOT / "docs" / "examples" / "nyc311.toml"

pytestmark = pytest.mark.skipif(
    FILES is None, reason="no folder shared/data/nyc with New York's files above the project"
)


def run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("nyc")


@pytest.fixture(scope="module")
def pack(folder) -> Path:
    run(
        "region", "new", "nyc", folder / "pack",
        "--layer", f"township={FILES / 'nyc_council_2013.geojson'}",
        "--layer", f"precinct={FILES / 'nyc_police_precinct.geojson'}",
        "--code-field", "code", "--repair", "--zone", "America/New_York", "--name-en", "New York",
        "--matters-from", FILES / "nyc311_1000.csv", "--matter-field", "complaint_type", "--department-field", "agency",
    )  # fmt: skip
    return folder / "pack"


def import_requests(pack: Path, folder: Path, report: str) -> list[dict[str, str]]:
    run(
        "cases", "import", FILES / "nyc311_1000.csv", "--mapping", MAPPING, "--report", folder / report,
        "--region", pack, "--database-url", f"sqlite:///{folder / 'nyc.db'}",
    )  # fmt: skip
    with (folder / report).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def report(pack, folder) -> list[dict[str, str]]:
    return import_requests(pack, folder, "first.csv")


def located(line: dict[str, str], layer: str) -> str | None:
    return dict(part.split("=") for part in line["areas"].split(";") if part).get(layer)


def test_a_thousand_requests_become_a_thousand_cases(report):
    assert len(report) == 1000
    assert {line["outcome"] for line in report} == {"accepted"}
    assert len({line["number"] for line in report}) == 1000


def test_the_council_district_is_the_citys_own_on_987_of_987_rows(report):
    recorded = [line for line in report if line["latitude"] and line["council_district"]]
    agreeing = [line for line in recorded if located(line, "township") == str(int(line["council_district"]))]
    assert (len(agreeing), len(recorded)) == (987, 987)


def test_the_police_precinct_is_the_citys_own_on_985_of_985_rows(report):
    recorded = [
        line for line in report if line["latitude"] and line["police_precinct"].removeprefix("Precinct ").isdigit()
    ]
    agreeing = [line for line in recorded if located(line, "precinct") == str(int(line["police_precinct"].split()[1]))]
    assert (len(agreeing), len(recorded)) == (985, 985)


def test_rows_without_coordinates_are_kept_and_flagged(report):
    without = [line for line in report if not line["latitude"]]
    assert len(without) == 13
    assert all("unlocated" in line["flags"] and line["number"] for line in without)


def test_cases_that_the_city_closed_are_closed_and_the_others_pending(report, folder):
    engine = open_engine(f"sqlite:///{folder / 'nyc.db'}")
    with engine.connect() as connection:
        statuses = dict(connection.execute(text("SELECT status, count(*) FROM cases GROUP BY status")).all())
    engine.dispose()
    closed = sum(bool(line["closed_date"]) for line in report)
    assert statuses == {"closed": closed, "received": 1000 - closed}


def test_a_second_import_finds_every_row_again(report, pack, folder):
    again = import_requests(pack, folder, "second.csv")
    assert {line["outcome"] for line in again} == {"repeated"}
    assert [line["number"] for line in again] == [line["number"] for line in report]
