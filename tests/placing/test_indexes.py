"""Indexes are kept between starts, beside the database or where the setting says, and done without if need be."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dashboard.cli import app
from dashboard.settings import Settings
from geo.locator import index, store
from tests.region.packs import write_pack


@pytest.fixture
def locate(tmp_path):
    pack = write_pack(tmp_path / "pack")
    return lambda: CliRunner().invoke(app, ["locate", "121.3125", "30.205", "--region", str(pack)])


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("sqlite:///var/onemap.db", "var/indexes"),
        ("sqlite:////srv/onemap/cases.db?timeout=9", "/srv/onemap/indexes"),
        ("sqlite:///:memory:", "var/indexes"),
        ("sqlite://", "var/indexes"),
        ("postgresql+psycopg://u:p@host/name", "var/indexes"),
    ],
)
def test_indexes_stand_beside_the_database(monkeypatch, address, folder):
    monkeypatch.delenv("ONEMAP_INDEX_FOLDER")
    assert Settings(database_url=address).indexes() == Path(folder)
    assert Settings(database_url=address, index_folder="/cache").indexes() == Path("/cache")


def test_a_second_start_builds_nothing(locate, tmp_path, monkeypatch):
    monkeypatch.setenv("ONEMAP_INDEX_FOLDER", str(tmp_path / "deep" / "indexes"))
    first = locate()
    made = list((tmp_path / "deep" / "indexes").iterdir())
    assert len(made) == 3
    assert {path.stat().st_mode & 0o777 for path in made} == {0o644}
    monkeypatch.setattr(index, "build", lambda *_: pytest.fail("built again"))
    second = locate()
    assert "9013001" in first.stdout
    assert second.stdout == first.stdout, second.output


def test_a_folder_that_cannot_be_written_is_done_without(locate, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("ONEMAP_INDEX_FOLDER", str(tmp_path / "file"))
    assert "9013001" in locate().stdout
    monkeypatch.setenv("ONEMAP_INDEX_FOLDER", str(tmp_path / "file" / "below"))
    assert "9013001" in locate().stdout
    monkeypatch.setenv("ONEMAP_INDEX_FOLDER", str(tmp_path / "full"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save", full)
    assert "9013001" in locate().stdout
