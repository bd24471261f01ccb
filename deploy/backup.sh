#!/bin/sh
# Dump the database while it serves; what has a name is whole and can be read back. pg_dump sees one moment of it.
# BACKUP_DATABASE: name or connection string; BACKUP_FOLDER: where to; BACKUP_KEEP_DAYS: how long each is kept.
set -eu
: "${BACKUP_DATABASE:?name of the database, or a connection string}"
: "${BACKUP_FOLDER:?folder for the backups}"
keep="${BACKUP_KEEP_DAYS:-30}"
name="onemap-$(date -u +%Y%m%dT%H%M%SZ).dump"
unfinished="$BACKUP_FOLDER/.$name"
trap 'rm -f "$unfinished"' EXIT

pg_dump --format=custom --no-password --file="$unfinished" --dbname="$BACKUP_DATABASE"
# The list at its end is read back: a file that was cut off has none.
pg_restore --list "$unfinished" | grep -q "TABLE DATA public cases"
sync "$unfinished"
mv "$unfinished" "$BACKUP_FOLDER/$name"
# Only after a new one is there may old ones go.
find "$BACKUP_FOLDER" -name 'onemap-*.dump' -mtime "+$keep" -exec rm {} +
echo "$BACKUP_FOLDER/$name"
