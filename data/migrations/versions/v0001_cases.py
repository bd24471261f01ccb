"""Cases, their legs, clocks and spans; append-only events; counters.

Lists of allowed values stand here as they were when this version was published, not as the code has them today.
"""

import logging

import sqlalchemy as sa
from alembic import op

from data.tables import Document, Instant, Queryable

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

logger = logging.getLogger(__name__)

STATUSES = "received accepted on_site finished verified closed merged"
ROLES = "lead coordinating"
LEG_STATUSES = "waiting asked accepted called arrived found done returned transferred"
CLOCKS = "respond arrive finish verify"
UNITS = "minutes office_minutes working_days"
EVENTS = (
    "received accepted called arrived found finished verified reopened closed returned transferred extended suspended resumed"
    " merged relocated commented urged supervised disputed settled"
)


def upgrade() -> None:
    """Make everything."""
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
        # The rows change with every write: room on the page lets PostgreSQL change them in place.
        postgresql_with={"fillfactor": "10"},
    )
    op.bulk_insert(counters, [{"name": "revision", "value": 0}])
    create_cases()
    index_cases()
    create_legs()
    create_clocks()
    create_spans()
    create_events()
    forbid_changes_of_events()
    add_geometry()


def downgrade() -> None:
    """Take everything away."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER events_append_only ON events")
        op.execute("DROP TRIGGER events_no_truncate ON events")
        op.execute("DROP FUNCTION refuse_change_of_events()")
    for table in ("events", "spans", "clocks", "legs", "cases", "counters"):
        op.drop_table(table)


def create_cases() -> None:
    """The current state of every case, one row each."""
    op.create_table(
        "cases",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_id", sa.Text, nullable=False),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("matter", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("merged_into", sa.Text),
        sa.Column("occurred_at", Instant, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("cell", sa.Text),
        sa.Column("village", sa.Text),
        sa.Column("township", sa.Text),
        sa.Column("areas", Queryable, nullable=False),
        sa.Column("flags", Queryable, nullable=False),
        sa.Column("report", Document, nullable=False),
        sa.Column("list_version", sa.Text, nullable=False),
        sa.Column("notes", Document, nullable=False),
        sa.Column("lead", sa.Text),
        sa.Column("lead_unit", sa.Text),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("amber_at", Instant),
        sa.Column("due_at", Instant),
        sa.Column("due_kind", sa.Text),
        sa.Column("due_department", sa.Text),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        *rules_of_cases(),
    )


def index_cases() -> None:
    """An index for each way in which cases are looked for."""
    for columns in ("revision", "occurred_at number", "received_at"):
        create_index("cases", columns)
    for column in ("township", "village", "cell", "matter"):
        create_index("cases", f"{column} occurred_at")
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    op.create_index(
        "ix_cases_open",
        "cases",
        ["township", "due_at"],
        sqlite_where=sa.text("pending IS 1"),
        postgresql_where=sa.text("pending IS true"),
    )


def rules_of_cases() -> list[sa.Constraint]:
    """What must hold for every row of `cases`."""
    return [
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
        sa.UniqueConstraint("source", "source_id", name="uq_cases_source_source_id"),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.number"], name="fk_cases_merged_into"),
        one_of("cases", "status", STATUSES),
        one_of("cases", "due_kind", CLOCKS),
        rule("cases", "lon_pair", "(lon IS NULL) = (lat IS NULL)"),
        rule(
            "cases",
            "amber_at_pair",
            "(amber_at IS NULL) = (due_at IS NULL) AND (amber_at IS NULL) = (due_kind IS NULL)",
        ),
        rule("cases", "merged_into", "(status = 'merged') = (merged_into IS NOT NULL)"),
        rule("cases", "pending", "pending = (status NOT IN ('closed', 'merged'))"),
        rule("cases", "merged_elsewhere", "merged_into <> number"),
    ]


def create_legs() -> None:
    """Each department's part in a case."""
    op.create_table(
        "legs",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("leg", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("asked_at", Instant),
        sa.Column("accepted_at", Instant),
        sa.Column("arrived_at", Instant),
        sa.Column("found_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("finding", sa.Text),
        sa.Column("disputed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("number", "leg", name="pk_legs"),
        of_a_case("legs"),
        one_of("legs", "role", ROLES),
        one_of("legs", "status", LEG_STATUSES),
    )
    create_index("legs", "department number")


def create_clocks() -> None:
    """Every limit, running or stopped."""
    op.create_table(
        "clocks",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("leg", sa.Integer),
        sa.Column("department", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("budget", sa.Integer, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("pauses", Queryable, nullable=False),
        sa.Column("stopped_at", Instant),
        sa.Column("amber_at", Instant),
        sa.Column("due_at", Instant),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("number", "ordinal", name="pk_clocks"),
        of_a_case("clocks"),
        one_of("clocks", "kind", CLOCKS),
        one_of("clocks", "unit", UNITS),
        rule("clocks", "amber_at_pair", "(amber_at IS NULL) = (due_at IS NULL)"),
    )
    create_index("clocks", "kind due_at")
    create_index("clocks", "kind stopped_at")


def create_spans() -> None:
    """From when to when a case was pending."""
    op.create_table(
        "spans",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.Column("length", sa.Integer),
        sa.PrimaryKeyConstraint("number", "ordinal", name="pk_spans"),
        of_a_case("spans"),
        rule("spans", "order", "closed_at >= opened_at"),
        rule("spans", "closed_at_pair", "(closed_at IS NULL) = (length IS NULL)"),
    )
    create_index("spans", "closed_at")
    create_index("spans", "length opened_at")


def create_events() -> None:
    """What happened, in commit order."""
    op.create_table(
        "events",
        sa.Column("revision", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("occurred_at", Instant, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("leg", sa.Integer),
        sa.Column("data", Document, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_events"),
        of_a_case("events"),
        one_of("events", "kind", EVENTS),
        rule("events", "revision", "revision > 0"),
    )
    create_index("events", "number revision")


def forbid_changes_of_events() -> None:
    """Events are evidence: the database itself refuses to change or delete one."""
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{action.lower()} BEFORE {action} ON events"
                " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_events()"
    )
    op.execute(
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()"
    )


def add_geometry() -> None:
    """A point that QGIS can open, where PostGIS is there or may be installed; nothing in the project reads it."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except sa.exc.DBAPIError as error:
        logger.warning("No geometry column in table cases: PostGIS cannot be installed here (%s)", error.orig)
        return
    op.execute(
        "ALTER TABLE cases ADD COLUMN geom geometry(Point, 4326)"
        " GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED"
    )
    op.execute("CREATE INDEX ix_cases_geom ON cases USING gist (geom)")


def rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A named check."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    """A column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values.split())
    return rule(table, column, f"{column} IN ({listed})")


def of_a_case(table: str) -> sa.ForeignKeyConstraint:
    """The row belongs to a case that exists."""
    return sa.ForeignKeyConstraint(["number"], ["cases.number"], name=f"fk_{table}_number")


def create_index(table: str, columns: str) -> None:
    """An index with the name that the naming convention gives it."""
    op.create_index("_".join(["ix", table, *columns.split()]), table, columns.split())
