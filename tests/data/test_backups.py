"""A backup holds one moment of a hub at work, says when it is damaged, and gives back what it was made of."""

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from cases.desk import Desk
from dashboard.cli import app
from data import accounts, tables
from data.backups import BackupError, backup, check, restore
from data.engine import migrate, open_engine, reading
from data.store import SqlCaseStore
from data.verifying import verify
from tests.cases.factories import LITTER, Walk, a_desk, china
from tests.conftest import ROOT
from tests.data.test_rebuilding import a_county
from tests.environment.postgres import Server

REGION = ROOT / "data" / "regions" / "cixi"
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


@pytest.fixture
def county(engine: Engine, desk: Desk) -> Engine:
    """A few cases that have gone many ways, and a row of the audit."""
    a_county(desk)
    accounts.note(engine, accounts.Entry("unmasked", accounts.By("registrar"), "CX", {"reason": "电\t话\\N\n"}), NOW)
    return engine


@pytest.fixture
def elsewhere(engine: Engine, postgresql_server: Server, tmp_path: Path) -> Iterator[Engine]:
    """Another database of the same kind, with nothing in it, not even tables."""
    name = ""
    if engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path}/elsewhere/onemap.db"
    else:
        name = postgresql_server.create()
        url = postgresql_server.url(name)
    other = open_engine(url)
    yield other
    other.dispose()
    if name:
        postgresql_server.drop(name)


def everything(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table."""
    with reading(engine) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in tables.metadata.tables.items()
        }


def test_what_is_restored_equals_what_was_saved(county: Engine, elsewhere: Engine, tmp_path: Path) -> None:
    made = backup(county, tmp_path / "a.onemap", REGION, NOW)
    assert made.counts["cases"] == 5
    restored = restore(tmp_path / "a.onemap", elsewhere)
    assert restored == made
    assert everything(elsewhere) == everything(county)
    assert verify(elsewhere, china()).faults == []
    walk = Walk(LITTER, replace(a_desk(), store=SqlCaseStore(elsewhere)), "after")
    assert walk.state.revision == made.revision + 1
    entry = accounts.Entry("unmasked", accounts.By("registrar"))
    accounts.note(elsewhere, entry, NOW)
    assert len(accounts.entries(elsewhere).rows) == 2, "ids go on behind those that were restored"


def test_a_backup_is_proved_by_restoring_it(county: Engine, tmp_path: Path) -> None:
    made = backup(county, tmp_path / "a.onemap", REGION, NOW)
    found = check(tmp_path / "a.onemap", county, china())
    assert found.faults == []
    assert str(found.anchor) == made.anchor
    assert sorted(path.name for path in tmp_path.iterdir() if "check" in path.name or "tmp" in path.name) == []


def test_a_backup_under_writes_holds_one_moment(county: Engine, desk: Desk, elsewhere: Engine, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(Walk(LITTER, desk, f"busy {len(written)}").do("accepted").state.revision)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(written) < 3:
            time.sleep(0.01)
        made = backup(county, tmp_path / "a.onemap", REGION, NOW)
    finally:
        stop.set()
        thread.join()
    assert made.revision < written[-1], "the hub went on"
    restore(tmp_path / "a.onemap", elsewhere)
    found = verify(elsewhere, china())
    assert (found.faults, found.last) == ([], made.revision)


def test_a_database_that_holds_something_is_only_replaced_when_asked(county: Engine, tmp_path: Path) -> None:
    desk = replace(a_desk(), store=SqlCaseStore(county))
    backup(county, tmp_path / "a.onemap", REGION, NOW)
    before = everything(county)
    Walk(LITTER, desk, "later")
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "a.onemap", county)
    assert len(everything(county)["cases"]) == 6
    county.dispose()
    restore(tmp_path / "a.onemap", county, replace=True)
    assert everything(county) == before


def test_a_file_that_others_have_open_is_not_replaced(county: Engine, tmp_path: Path) -> None:
    if county.dialect.name != "sqlite":
        pytest.skip("PostgreSQL replaces within a transaction")
    backup(county, tmp_path / "a.onemap", REGION, NOW)
    server = open_engine(county.url)
    with server.connect(), pytest.raises(BackupError, match="in use"):
        restore(tmp_path / "a.onemap", county, replace=True)
    server.dispose()
    assert verify(county, china()).faults == []


def test_a_backup_never_overwrites(county: Engine, tmp_path: Path) -> None:
    (tmp_path / "a.onemap").write_text("mine")
    with pytest.raises(BackupError, match="there already"):
        backup(county, tmp_path / "a.onemap", REGION, NOW)
    assert (tmp_path / "a.onemap").read_text() == "mine"
    with pytest.raises(BackupError, match="no folder"):
        backup(county, tmp_path / "nowhere" / "a.onemap", REGION, NOW)


def middle(path: Path) -> None:
    """Turn one byte in the middle of the greatest part."""
    with zipfile.ZipFile(path) as file:
        part = max(file.infolist(), key=lambda one: one.compress_size)
        at = part.header_offset + 100 + part.compress_size // 2
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)


def short(path: Path) -> None:
    """Cut the end off."""
    path.write_bytes(path.read_bytes()[:-200])


def other_content(path: Path) -> None:
    """Put another content into the first part, as a careful forger would."""
    with zipfile.ZipFile(path) as file:
        parts = {one.filename: file.read(one) for one in file.infolist()}
    with zipfile.ZipFile(path, "w") as file:
        for at, (name, content) in enumerate(parts.items()):
            file.writestr(name, content if at else content[:-1] + b"x")


@pytest.mark.parametrize(("damage", "words"), [(middle, "part"), (short, "no backup"), (other_content, "SHA-256")])
def test_a_damaged_backup_is_refused_and_the_part_named(
    county: Engine, elsewhere: Engine, tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    backup(county, tmp_path / "a.onemap", REGION, NOW)
    damage(tmp_path / "a.onemap")
    with pytest.raises(BackupError, match=words):
        restore(tmp_path / "a.onemap", elsewhere)
    migrate(elsewhere)
    assert everything(elsewhere)["cases"] == [], "nothing was half restored"


def test_a_newer_backup_is_refused(county: Engine, elsewhere: Engine, tmp_path: Path) -> None:
    backup(county, tmp_path / "a.onemap", REGION, NOW)
    with zipfile.ZipFile(tmp_path / "a.onemap") as file:
        parts = {one.filename: file.read(one) for one in file.infolist()}
    schema = migrated_to(county)
    manifest = parts["manifest.json"].decode().replace(f'"schema": "{schema}"', '"schema": "9999"')
    with zipfile.ZipFile(tmp_path / "a.onemap", "w") as file:
        for name, content in (parts | {"manifest.json": manifest.encode()}).items():
            file.writestr(name, content)
    with pytest.raises(BackupError, match="newer than this program"):
        restore(tmp_path / "a.onemap", elsewhere)


def migrated_to(engine: Engine) -> str:
    """The version of the tables."""
    with reading(engine) as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_a_backup_of_older_tables_is_refused(county: Engine, tmp_path: Path) -> None:
    migrate(county, "0008")
    with pytest.raises(BackupError, match="version 0008"):
        backup(county, tmp_path / "a.onemap", REGION, NOW)
    assert not [path for path in tmp_path.iterdir() if "a.onemap" in path.name]


SAVING = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from data.backups import BackupError, backup
from data.engine import open_engine
limit = int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def tell(done, of):
    print("saving", flush=True)
    if not limit:
        sys.stdin.read()
try:
    backup(open_engine(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[4]), datetime.now(UTC), tell)
except BackupError as error:
    print(error, flush=True)
    sys.exit(1)
"""


def saving(url: str, to: Path, limit: int) -> subprocess.Popen[str]:
    """A process of its own that makes a backup."""
    return subprocess.Popen(
        [sys.executable, "-c", SAVING, url, str(to), str(limit), str(REGION)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_full_disk_leaves_no_half_file(county: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    url = county.url.render_as_string(hide_password=False)
    with saving(url, folder / "a.onemap", 4096) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert list(folder.iterdir()) == []
    assert verify(county, china()).faults == []


def test_a_backup_that_is_killed_leaves_nothing_by_its_name(county: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    url = county.url.render_as_string(hide_password=False)
    with saving(url, folder / "a.onemap", 0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "saving\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not (folder / "a.onemap").exists()
    backup(county, folder / "a.onemap", REGION, NOW)
    assert [path.name for path in folder.iterdir()] == ["a.onemap"], "what the kill left was taken away"
    assert check(folder / "a.onemap", county, china()).faults == []


def test_the_commands_save_check_and_restore(county: Engine, elsewhere: Engine, tmp_path: Path) -> None:
    source, target = (one.url.render_as_string(hide_password=False) for one in (county, elsewhere))
    file = str(tmp_path / "a.onemap")
    saved = CliRunner().invoke(app, ["backup", file, "--database-url", source])
    assert saved.exit_code == 0, saved.output
    assert "5 cases, anchor" in saved.output
    again = CliRunner().invoke(app, ["backup", file, "--database-url", source])
    assert again.exit_code == 1
    back = CliRunner().invoke(app, ["restore", file, "--database-url", target])
    assert back.exit_code == 0, back.output
    assert everything(elsewhere) == everything(county)
    refused = CliRunner().invoke(app, ["restore", file, "--database-url", target])
    assert refused.exit_code == 1
    assert "not empty" in refused.output
