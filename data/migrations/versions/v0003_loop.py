"""The closed loop: disputes, subjects and visits, notices, ratings, consultations, and seven more kinds of event.

Allowed values stand here as they were when this version was published, not as the code has them today.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from data.tables import Document, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "received accepted called arrived found finished verified reopened closed returned transferred extended suspended resumed"
    " merged relocated commented urged supervised disputed settled"
)
KINDS = KINDS_BEFORE.replace("supervised disputed settled", "supervised replied disputed stated settled") + (
    " identified planned answered"
)
UNITS = "minutes office_minutes working_days"
APPEND_ONLY = ("ratings", "consultations")
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
OF_CASES: tuple[tuple[str, Any], ...] = (("subject", sa.Text), ("visit", sa.Text), ("answered_at", Instant))
OF_LEGS: tuple[tuple[str, Any], ...] = (
    ("arrived_m", sa.Double),
    ("visit", sa.Text),
    ("basis", sa.Text),
    ("supervised_at", Instant),
    ("replied_at", Instant),
)


def upgrade() -> None:
    """Add columns and tables, and let events be of the new kinds."""
    for name, kind in OF_CASES:
        op.add_column("cases", sa.Column(name, kind))
    op.add_column("cases", sa.Column("checks", Document, nullable=False, server_default="{}"))
    for name in ("subject", "visit"):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_cases_{name}", "cases", [name], sqlite_where=given, postgresql_where=given)
    for name, kind in OF_LEGS:
        op.add_column("legs", sa.Column(name, kind))
    op.add_column("legs", sa.Column("urged", sa.Integer, nullable=False, server_default="0"))
    allow_kinds(KINDS)
    create_disputes()
    create_visits()
    create_notices()
    create_ratings()
    create_consultations()
    forbid_changes()


def downgrade() -> None:
    """Take it all away; refused by the database when an event of a new kind is there."""
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION refuse_change_of_judgements()")
    for table in ("consultations", "ratings", "notices", "visits", "subjects", "disputes"):
        op.drop_table(table)
    allow_kinds(KINDS_BEFORE)
    for name in ("urged", *(name for name, _ in OF_LEGS)):
        op.drop_column("legs", name)
    for name in ("subject", "visit"):
        op.drop_index(f"ix_cases_{name}", "cases")
    for name in ("checks", *(name for name, _ in OF_CASES)):
        op.drop_column("cases", name)


def allow_kinds(kinds: str) -> None:
    """Let events be of these kinds. SQLite cannot change a check, so the table is written anew there."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_events_kind", "events")
        op.create_check_constraint(op.f("ck_events_kind"), "events", among("kind", kinds))
        return
    op.execute("ALTER TABLE events RENAME TO events_before")
    op.execute("DROP INDEX ix_events_number_revision")
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
        rule("events", "kind", among("kind", kinds)),
        rule("events", "revision", "revision > 0"),
    )
    columns = "revision, number, kind, occurred_at, recorded_at, actor, leg, data"
    op.execute(f"INSERT INTO events ({columns}) SELECT {columns} FROM events_before")
    op.execute("DROP TABLE events_before")
    op.create_index("ix_events_number_revision", "events", ["number", "revision"])
    refuse("events", "events")


def create_disputes() -> None:
    """Who disagreed about which leg, and how it was settled."""
    op.create_table(
        "disputes",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("leg", sa.Integer, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("clause", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text),
        sa.Column("views", Document, nullable=False),
        sa.Column("budget", sa.Integer, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("amber_at", Instant),
        sa.Column("due_at", Instant),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("decided", sa.Text),
        sa.Column("decision", sa.Text),
        sa.Column("ruling", Document),
        sa.PrimaryKeyConstraint("number", "ordinal", name="pk_disputes"),
        of_a_case("disputes"),
        rule("disputes", "unit", among("unit", UNITS)),
        rule("disputes", "amber_at_pair", "(amber_at IS NULL) = (due_at IS NULL)"),
        rule("disputes", "settled_at_pair", "(settled_at IS NULL) = (decided IS NULL)"),
    )
    op.create_index("ix_disputes_settled_at_due_at", "disputes", ["settled_at", "due_at"])


def create_visits() -> None:
    """What is inspected, and when somebody came."""
    op.create_table(
        "subjects",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("township", sa.Text),
        sa.Column("since", Instant, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_subjects"),
        rule("subjects", "kind", among("kind", "enterprise site")),
    )
    op.create_table(
        "visits",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("planned_at", Instant, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("approved_by", sa.Text),
        sa.PrimaryKeyConstraint("visit", name="pk_visits"),
        sa.ForeignKeyConstraint(["subject"], ["subjects.code"], name="fk_visits_subject"),
        of_a_case("visits"),
        sa.UniqueConstraint("subject", "ordinal", name="uq_visits_subject_ordinal"),
        rule("visits", "reason_pair", "(reason IS NULL) = (approved_by IS NULL)"),
    )


def create_notices() -> None:
    """What was told to whom."""
    op.create_table(
        "notices",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("leg", sa.Integer),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("data", Document, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("read_at", Instant),
        sa.Column("read_by", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("sent_at", Instant),
        sa.Column("failure", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        of_a_case("notices"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
        rule("notices", "attempts", "attempts >= 0"),
    )
    op.create_index("ix_notices_recipient_id", "notices", ["recipient", "id"])
    op.create_index("ix_notices_number", "notices", ["number"])
    to_send = sa.text("next_at IS NOT NULL")
    op.create_index("ix_notices_to_send", "notices", ["next_at"], sqlite_where=to_send, postgresql_where=to_send)


def create_ratings() -> None:
    """What townships and departments think of a unit."""
    op.create_table(
        "ratings",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("rater", sa.Text, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        rule("ratings", "score", "score >= 0 AND score <= 100"),
    )
    op.create_index("ix_ratings_period_unit_rater_id", "ratings", ["period", "unit", "rater", "id"])


def create_consultations() -> None:
    """What the townships were asked about appointments, and what they answered."""
    op.create_table(
        "consultations",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("township", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("asked", ROW_ID),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("opinion", sa.Text),
        sa.Column("remarks", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consultations"),
        sa.ForeignKeyConstraint(["asked"], ["consultations.id"], name="fk_consultations_asked"),
        sa.UniqueConstraint("asked", name="uq_consultations_asked"),
        rule("consultations", "step", among("step", "asked answered")),
        rule("consultations", "opinion", among("opinion", "agreed objected conditional")),
        rule("consultations", "asked", "(step = 'answered') = (asked IS NOT NULL)"),
        rule("consultations", "answered", "(step = 'answered') = (opinion IS NOT NULL)"),
    )
    op.create_index("ix_consultations_unit_id", "consultations", ["unit", "id"])


def forbid_changes() -> None:
    """Judgements of people go into personnel files, so the database itself refuses to change one."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            refuse(table, "ratings and consultations")
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_judgements() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'ratings and consultations are append-only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_judgements()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_judgements()"
        )


def refuse(table: str, what: str) -> None:
    """Let SQLite refuse changes of a table."""
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{what} are append-only'); END"
        )


def among(column: str, values: str) -> str:
    """A column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values.split())
    return f"{column} IN ({listed})"


def rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A named check."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def of_a_case(table: str) -> sa.ForeignKeyConstraint:
    """The row belongs to a case that exists."""
    return sa.ForeignKeyConstraint(["number"], ["cases.number"], name=f"fk_{table}_number")
