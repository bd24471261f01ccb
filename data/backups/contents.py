"""What a database holds, for the manifest and for comparing with it."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select

from data import tables
from data.backups.archive import BackupError, Manifest, fingerprint
from data.engine import is_known_version, newest_version, version_of
from data.verifying import anchor_of


def described(connection: Connection, region: Path, now: datetime) -> Manifest:
    """Describe a database; raises BackupError when its tables are of another version than this program."""
    schema = version_of(connection)
    if schema != newest_version():
        raise BackupError(f"The tables are of version {schema}, this program is of {newest_version()}: start it once.")
    anchor = anchor_of(connection)
    return Manifest(
        kind=connection.dialect.name,
        schema=schema,
        revision=anchor.revision if anchor else 0,
        anchor=str(anchor) if anchor else None,
        counts=counts(connection, list(tables.metadata.tables)),
        region=region.name,
        region_sha256=fingerprint(region),
        made_at=now.isoformat(),
        columns={name: table.columns.keys() for name, table in tables.metadata.tables.items()},
    )


def counts(connection: Connection, names: list[str]) -> dict[str, int]:
    """Count the rows of tables."""
    of = tables.metadata.tables
    return {name: connection.execute(select(func.count()).select_from(of[name])).scalar_one() for name in names}


def is_empty(connection: Connection) -> bool:
    """Whether nothing is kept in a database yet; counters that stand at their beginning are nothing."""
    there = set(inspect(connection).get_table_names()) & set(tables.metadata.tables)
    kept = [table for name, table in tables.metadata.tables.items() if name in there and name != "counters"]
    return all(connection.execute(select(1).select_from(table).limit(1)).first() is None for table in kept)


def check_schema(manifest: Manifest) -> None:
    """Refuse a backup of tables that this program does not know."""
    if not is_known_version(manifest.schema):
        raise BackupError(
            f"The backup is of version {manifest.schema}, newer than this program ({newest_version()});"
            " install the newer program first."
        )


def compare(connection: Connection, manifest: Manifest) -> None:
    """Refuse what was restored when it is not what was saved."""
    found = counts(connection, [name for name in manifest.counts if name in tables.metadata.tables])
    for name, count in found.items():
        if count != manifest.counts[name]:
            raise BackupError(f"{name} has {count} rows after restoring, the backup says {manifest.counts[name]}.")
    anchor = anchor_of(connection)
    if manifest.anchor and str(anchor) != manifest.anchor:
        raise BackupError(f"The chain ends with {anchor} after restoring, the backup says {manifest.anchor}.")
