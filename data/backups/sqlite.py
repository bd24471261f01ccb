"""Backup and restore of a SQLite file."""

import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from data.backups.archive import CHUNK, BackupError, Manifest, creating, extract, sync_folder
from data.backups.contents import check_schema, compare, described, is_empty
from data.engine import migrate, open_engine, reading, version_of

PART = "onemap.db"
PAGES = 4096
"""Pages that are copied before progress is told."""
BESIDE = ("", "-wal", "-shm", "-journal")
Tell = Callable[[int, int], object]


def save(engine: Engine, to: Path, region: Path, now: datetime, tell: Tell) -> Manifest:
    """Write a backup of one moment; writers go on."""
    scratch = to.with_name(f".{to.name}.db.part")
    try:
        with creating(to) as archive:
            copy(file_of(engine), scratch, tell)
            copied = open_engine(f"sqlite:///{scratch}")
            try:
                with reading(copied) as connection:
                    manifest = described(connection, region, now)
            finally:
                copied.dispose()
            single(scratch)
            archive.write(PART, pieces(scratch))
            archive.close(manifest)
    except sqlite3.Error as error:
        raise BackupError(f"The database could not be copied to {to.parent}: {error}.") from error
    finally:
        remove(scratch)
    return manifest


def copy(source: Path, target: Path, tell: Tell) -> None:
    """Copy a database as of one moment, by SQLite's own backup."""
    remove(target)
    reader, writer = sqlite3.connect(source, isolation_level=None), sqlite3.connect(target, isolation_level=None)
    try:
        # With a snapshot held, what others write meanwhile does not make the copy begin anew.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reader.backup(writer, pages=PAGES, progress=lambda _status, left, total: tell(total - left, total))
    finally:
        reader.close()
        writer.close()


def load(file: zipfile.ZipFile, manifest: Manifest, engine: Engine, *, replace: bool) -> None:
    """Put a backup in the place of the file of an engine, which nobody else may have open."""
    target = file_of(engine)
    check_schema(manifest)
    check_target(target, replace=replace)
    scratch = target.with_name(f".{target.name}.restoring")
    remove(scratch)
    try:
        with scratch.open("wb") as content:
            extract(file, manifest, PART, content)
        restored = open_engine(f"sqlite:///{scratch}")
        try:
            with reading(restored) as connection:
                said = connection.exec_driver_sql("PRAGMA quick_check").scalar_one()
                if said != "ok" or version_of(connection) != manifest.schema:
                    raise BackupError(f"The part {PART} is damaged: {said:.200}; take another backup.")
                compare(connection, manifest)
            migrate(restored)
        finally:
            restored.dispose()
        single(scratch)
        engine.dispose()
        take_over(target)
        scratch.replace(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{target} could not be written: {error}. What stood there is as it was.") from error
    finally:
        remove(scratch)


def check_target(target: Path, *, replace: bool) -> None:
    """Refuse a file that holds something, unless it is to be replaced."""
    if replace or not target.exists():
        return
    there = open_engine(f"sqlite:///{target}")
    try:
        with reading(there) as connection:
            empty = is_empty(connection)
    finally:
        there.dispose()
    if not empty:
        raise BackupError(f"{target} is not empty; give --replace to put the backup in its place, or another database.")


def take_over(target: Path) -> None:
    """Refuse a file that others have open: they would go on writing into what is no longer there."""
    if not target.exists():
        return
    connection = sqlite3.connect(target, timeout=2, isolation_level=None)
    try:
        # Leaving write-ahead logging needs the file alone, and takes the log with it.
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise BackupError(f"{target} is in use ({error}); stop the servers first.") from error
    finally:
        connection.close()


def file_of(engine: Engine) -> Path:
    """Give the file of an engine."""
    return Path(str(engine.url.database))


def single(path: Path) -> None:
    """Put everything into the one file."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    connection.close()


def remove(path: Path) -> None:
    """Take a database away with what stands beside it."""
    for suffix in BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def pieces(path: Path) -> Iterator[bytes]:
    """Give a file piece by piece."""
    with path.open("rb") as content:
        while piece := content.read(CHUNK):
            yield piece
