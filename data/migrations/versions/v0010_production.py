"""PostgreSQL in production: events by month, a notification at every commit, layers that map programs open.

SQLite has none of the three and changes nothing here.
"""

import logging

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

logger = logging.getLogger(__name__)

KEEP_MONTH = """
CREATE FUNCTION keep_events_of_month(day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    begins timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    ends timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part text := 'events_' || to_char(day, 'YYYY_MM');
    moved bigint := 0;
    wrong boolean;
BEGIN
    IF to_regclass(part) IS NOT NULL THEN RETURN NULL; END IF;
    -- Every writer comes to cases before it comes to events, so whoever waits here waits with empty hands: no deadlock.
    LOCK TABLE cases IN EXCLUSIVE MODE;
    IF to_regclass(part) IS NOT NULL THEN RETURN NULL; END IF;
    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', part);
    EXECUTE format(
        'CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()', part);
    SELECT EXISTS (SELECT FROM events_other WHERE recorded_at >= begins AND recorded_at < ends) INTO wrong;
    IF wrong THEN
        -- Detached, it loses the trigger that refuses to delete, which belongs to the whole table; attached, it has it.
        ALTER TABLE events DETACH PARTITION events_other;
        EXECUTE format('INSERT INTO %I SELECT * FROM events_other WHERE recorded_at >= $1 AND recorded_at < $2', part)
            USING begins, ends;
        DELETE FROM events_other WHERE recorded_at >= begins AND recorded_at < ends;
        GET DIAGNOSTICS moved = ROW_COUNT;
    END IF;
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, begins, ends);
    IF wrong THEN
        ALTER TABLE events ATTACH PARTITION events_other DEFAULT;
    END IF;
    RETURN moved;
END $$
"""
KEPT_AHEAD = "interval '3 months'"

TELL = """
CREATE FUNCTION tell_of_revision() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('onemap', NEW.name); RETURN NULL; END $$
"""

AREAS = """
CREATE TABLE map_areas (
    id integer PRIMARY KEY,
    layer text NOT NULL,
    series text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    parent text,
    valid_from date NOT NULL,
    valid_to date,
    geom geometry(MultiPolygon, 4490) NOT NULL
)
"""
CASES_VIEW = """
CREATE VIEW map_cases AS
SELECT number, source, matter, platform, domain, status, occurred_at, received_at, cell, village, township, lead,
    lead_unit, pending, amber_at, due_at, due_kind, due_department, provisional, revision, geom
FROM cases
WHERE geom IS NOT NULL
"""


def upgrade() -> None:
    """Part the events, tell of commits, add what map programs open."""
    if op.get_bind().dialect.name == "sqlite":
        return
    part_events()
    op.execute(TELL)
    op.execute(
        "CREATE TRIGGER counters_tell AFTER UPDATE OF value ON counters FOR EACH ROW"
        " WHEN (NEW.name = 'revision' AND NEW.value > OLD.value) EXECUTE FUNCTION tell_of_revision()"
    )
    add_maps(op.get_bind())


def downgrade() -> None:
    """One table of events, no notification, the column of points as it was."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    if has_points(connection):
        remove_maps()
        op.execute(
            "ALTER TABLE cases ADD COLUMN geom geometry(Point, 4326)"
            " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
        )
        op.execute("CREATE INDEX ix_cases_geom ON cases USING gist (geom)")
    op.execute("DROP TRIGGER counters_tell ON counters")
    op.execute("DROP FUNCTION tell_of_revision()")
    op.execute("DROP FUNCTION keep_events_of_month(date)")
    replace_events("", "revision")


def part_events() -> None:
    """Give events a partition for each month of their recording (UTC), and one for what falls outside."""
    # Its data is written into one table first and parted below: so nothing is written twice but what is there.
    replace_events("PARTITION BY RANGE (recorded_at)", "revision, recorded_at")


def replace_events(partition: str, key: str) -> None:
    """Write the events into a new table of the same columns, checks, keys, indexes and triggers.

    Definitions are taken from the table as it stands, whatever versions before this one have added to it.
    """
    connection = op.get_bind()
    op.execute("LOCK TABLE cases IN EXCLUSIVE MODE")
    op.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    table = "'events'::regclass"
    again = [
        *(
            f"ALTER TABLE events ADD CONSTRAINT {name} {definition}"
            for name, definition in connection.exec_driver_sql(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                f" WHERE conrelid = {table} AND contype IN ('f', 'u') AND conparentid = 0 ORDER BY conname"
            )
        ),
        *(
            definition.replace(" ON ONLY ", " ON ")
            for (definition,) in connection.exec_driver_sql(
                f"SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = {table}"
                " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid"
            )
        ),
        *connection.exec_driver_sql(
            f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = {table} AND NOT tgisinternal"
        ).scalars(),
    ]
    op.execute(
        "CREATE TABLE events_anew (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE"
        f" INCLUDING COMPRESSION INCLUDING COMMENTS) {partition}"
    )
    if partition:
        make_parts(connection)
    op.execute("INSERT INTO events_anew SELECT * FROM events ORDER BY revision")
    op.execute("DROP TABLE events")
    op.execute("ALTER TABLE events_anew RENAME TO events")
    op.execute(f"ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY ({key})")
    for statement in again:
        op.execute(statement)
    if partition:
        keep_ahead(connection)


def make_parts(connection: sa.Connection) -> None:
    """Make the partition for what falls outside, and one for each month of which there is an event."""
    op.execute("CREATE TABLE events_other PARTITION OF events_anew DEFAULT")
    op.execute(
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_other"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()"
    )
    months = connection.exec_driver_sql(
        "SELECT DISTINCT date_trunc('month', recorded_at AT TIME ZONE 'UTC') AS month FROM events ORDER BY month"
    ).scalars()
    for month in months.all():
        ends = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        part = f"events_{month:%Y_%m}"
        op.execute(
            f"CREATE TABLE {part} PARTITION OF events_anew"
            f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00+00') TO ('{ends:%Y-%m-%d} 00:00+00')"
        )
        op.execute(
            f"CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON {part}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()"
        )


def keep_ahead(connection: sa.Connection) -> None:
    """Make the months to come; the server goes on with that at every start and every day."""
    op.execute(KEEP_MONTH)
    connection.exec_driver_sql(
        "SELECT keep_events_of_month(month::date) FROM generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),"
        f" now() AT TIME ZONE 'UTC' + {KEPT_AHEAD}, interval '1 month') AS month"
    )


def add_maps(connection: sa.Connection) -> None:
    """Add points in EPSG:4490, a view of the cases without persons, and a table for the areas, where PostGIS is there."""
    try:
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except sa.exc.DBAPIError as error:
        logger.warning("No layers for map programs: PostGIS cannot be installed here (%s)", error.orig)
        return
    if has_points(connection):
        op.execute("ALTER TABLE cases DROP COLUMN geom")
    op.execute(
        "ALTER TABLE cases ADD COLUMN geom geometry(Point, 4490)"
        " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4490)) STORED"
    )
    op.execute("CREATE INDEX ix_cases_geom ON cases USING gist (geom)")
    op.execute(CASES_VIEW)
    op.execute(AREAS)
    op.execute("CREATE INDEX ix_map_areas_geom ON map_areas USING gist (geom)")
    op.execute("CREATE INDEX ix_map_areas_layer_code ON map_areas (layer, code)")
    op.execute(
        "CREATE VIEW map_areas_today AS SELECT * FROM map_areas"
        " WHERE valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
    )


def remove_maps() -> None:
    """Take the layers away, with the column."""
    op.execute("DROP VIEW map_areas_today")
    op.execute("DROP TABLE map_areas")
    op.execute("DROP VIEW map_cases")
    op.execute("ALTER TABLE cases DROP COLUMN geom")


def has_points(connection: sa.Connection) -> bool:
    """Whether cases have a column of points. Asked without SQLAlchemy, which warns of the type that it does not know."""
    query = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'cases'::regclass AND attname = 'geom' AND NOT attisdropped"
    return bool(connection.exec_driver_sql(query).scalar_one())
