"""Backup and restore of a PostgreSQL database, by COPY of one moment: needs no program but ours; see ADR 0016."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import BigInteger, Column, Connection, Engine, Table, Text, delete

from data import tables
from data.backups.archive import BackupError, Manifest, creating, reading_part
from data.backups.contents import check_schema, compare, described, is_empty
from data.engine import MIGRATION_LOCK, migrate, migrate_within, reading, writing

Tell = Callable[[int, int], object]
TOLD_EVERY = 5000


def part_of(table: str) -> str:
    """Name the part of a table."""
    return f"tables/{table}.copy"


def save(engine: Engine, to: Path, region: Path, now: datetime, tell: Tell) -> Manifest:
    """Write a backup of one moment; writers go on."""
    with creating(to) as archive, reading(engine) as connection:
        manifest = described(connection, region, now)
        done, total = 0, sum(manifest.counts.values())

        def rows(table: Table) -> Iterator[bytes]:
            nonlocal done
            for piece in copied(connection, table):
                yield piece
                done += 1
                if done % TOLD_EVERY == 0:
                    tell(done, total)

        for table in tables.metadata.sorted_tables:
            archive.write(part_of(table.name), rows(table))
        tell(total, total)
        archive.close(manifest)
    return manifest


def copied(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give the rows of a table as COPY writes them, one after the other."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns.keys()))
    # A query, not the table: COPY of a partitioned table itself is refused.
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(columns, sql.Identifier(table.name))
    with driver_of(connection).cursor() as cursor, cursor.copy(query) as rows:
        for piece in rows:
            yield bytes(piece)


def load(file: zipfile.ZipFile, manifest: Manifest, engine: Engine, *, replace: bool) -> None:
    """Put a backup into a database in one transaction: all of it, or nothing."""
    check_schema(manifest)
    with writing(engine) as connection:
        if not replace and not is_empty(connection):
            raise BackupError(
                f"The database {engine.url.database} is not empty; give --replace to put the backup in its place,"
                " or name another one."
            )
        clear(connection)
        migrate_within(connection, manifest.schema)
        connection.execute(delete(tables.counters))
        for table in tables.metadata.sorted_tables:
            if table.name in manifest.columns:
                fill(connection, table.name, manifest, file)
        compare(connection, manifest)
    migrate(engine)


def clear(connection: Connection) -> None:
    """Take our tables away, with the guards and whatever hangs on them.

    Not by the migrations: on their way back they rightly refuse events that an older version does not know.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    with driver_of(connection).cursor() as cursor:
        # What map programs open is no table of ours: a view goes with the cases, the areas are written at each start.
        for name in (*tables.metadata.tables, "map_areas", "alembic_version"):
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(name)))
        own = cursor.execute(
            "SELECT proname FROM pg_proc WHERE (starts_with(proname, 'refuse_change_of_')"
            " OR proname IN ('keep_events_of_month', 'tell_of_revision'))"
            " AND pronamespace = current_schema()::regnamespace"
        ).fetchall()
        for (name,) in own:
            cursor.execute(sql.SQL("DROP FUNCTION {}").format(sql.Identifier(name)))


def fill(connection: Connection, name: str, manifest: Manifest, file: zipfile.ZipFile) -> None:
    """Fill a table from its part, and let its ids go on behind."""
    columns = sql.SQL(", ").join(map(sql.Identifier, manifest.columns[name]))
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)
    driver = driver_of(connection)
    try:
        with driver.cursor() as cursor:
            with cursor.copy(query) as rows:
                for piece in reading_part(file, manifest, part_of(name)):
                    rows.write(piece)
            if isinstance(tables.metadata.tables[name].columns.get("id", Column(Text)).type, BigInteger):
                after = sql.SQL(
                    "SELECT setval(seq, (SELECT max(id) FROM {})) FROM pg_get_serial_sequence({}, 'id') AS seq"
                    " WHERE seq IS NOT NULL AND EXISTS (SELECT FROM {})"
                ).format(sql.Identifier(name), sql.Literal(name), sql.Identifier(name))
                cursor.execute(after)
    except psycopg.Error as error:
        raise BackupError(f"The part {part_of(name)} cannot be restored: {error!s:.300}") from error


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """Give the driver's own connection."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise BackupError("The database is not reached by psycopg.")
    return driver
