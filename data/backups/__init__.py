"""Backup and restore: one file with everything, made while the hub writes, and proved by restoring it."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cases.calendar import Calendar
from data.backups import postgresql, sqlite
from data.backups.archive import BackupError, Manifest, check_parts, opening
from data.engine import open_engine
from data.verifying import Verified, verify

__all__ = ["BackupError", "Manifest", "backup", "check", "restore"]

_SAVE = {"sqlite": sqlite.save, "postgresql": postgresql.save}
_LOAD = {"sqlite": sqlite.load, "postgresql": postgresql.load}


def backup(
    engine: Engine, to: Path, region: Path, now: datetime, tell: Callable[[int, int], object] = lambda *_: None
) -> Manifest:
    """Write everything that a database holds at one moment into one file; the hub goes on meanwhile.

    Parameters
    ----------
    to
        A new file; it gets its name when all of it stands on the disk.
    region
        Folder of the region pack, of which a fingerprint is kept.

    Raises
    ------
    BackupError
    """
    return _SAVE[engine.dialect.name](engine, to, region, now, tell)


def restore(source: Path, engine: Engine, *, replace: bool = False) -> Manifest:
    """Put a backup into a database: all of it, or nothing. Every part is proved before anything is touched.

    Raises
    ------
    BackupError
        The file is none or damaged, or newer; the database holds something and is not to be replaced, or is in use.
    """
    with opening(source) as (file, manifest):
        if manifest.kind != engine.dialect.name:
            raise BackupError(
                f"{source} is of {manifest.kind}, the database is {engine.dialect.name}; name a database of that kind."
            )
        check_parts(file, manifest)
        _LOAD[manifest.kind](file, manifest, engine, replace=replace)
    return manifest


def check(
    source: Path, engine: Engine, calendar: Calendar, tell: Callable[[int, int], object] = lambda *_: None
) -> Verified:
    """Restore a backup into a scratch database beside the real one, verify that, and take it away again.

    Raises
    ------
    BackupError
    """
    with scratch(engine) as other:
        restore(source, other)
        return verify(other, calendar, tell=tell)


@contextmanager
def scratch(engine: Engine) -> Iterator[Engine]:
    """Give an empty database of the same kind; it is gone afterwards."""
    if engine.dialect.name == "sqlite":
        with tempfile.TemporaryDirectory(dir=sqlite.file_of(engine).resolve().parent) as folder:
            other = open_engine(f"sqlite:///{folder}/check.db")
            try:
                yield other
            finally:
                other.dispose()
        return
    name = f"onemap_check_{os.getpid()}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"CREATE DATABASE {name}"))
        except DBAPIError as error:
            raise BackupError(
                f"No scratch database can be made to check the backup in: {error.orig}. Give the user the right"
                " CREATEDB, or restore it elsewhere and run `verify` there."
            ) from error
    other = open_engine(engine.url.set(database=name))
    try:
        yield other
    finally:
        other.dispose()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
