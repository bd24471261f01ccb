#!/bin/sh
# Back up while it serves: one file of one moment, proved by restoring it into a scratch database and verifying that.
# ONEMAP_DATABASE_URL: the database; BACKUP_FOLDER: where to; BACKUP_KEEP_DAYS: how long each is kept; BACKUP_CHECK: empty
# where the user may not make a scratch database (CREATEDB); PYTHON: the server's own.
set -eu
: "${BACKUP_FOLDER:?folder for the backups}"
keep="${BACKUP_KEEP_DAYS:-30}"
file="$BACKUP_FOLDER/onemap-$(date -u +%Y%m%dT%H%M%SZ).onemap"

# It gets its name when all of it stands on the disk; a failure ends here, with the old ones in place.
# shellcheck disable=SC2086
"${PYTHON:-/opt/onemap/.venv/bin/python}" -m dashboard backup "$file" ${BACKUP_CHECK---check} >&2
find "$BACKUP_FOLDER" -name 'onemap-*.onemap' -mtime "+$keep" -exec rm {} +
echo "$file"
