"""Published boundary versions over the region pack, and the files that are looked at before they are published.

Allowed values stand here as they were when this version was published, not as the code has them today.
"""

import sqlalchemy as sa
from alembic import op

from data.tables import Document, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
APPEND_ONLY = ("boundary_publications", "boundary_layers", "boundary_areas")
DRAFTS = ("boundary_drafts", "boundary_draft_parts")


def upgrade() -> None:
    """Make the tables and the counter that moves with every publication and withdrawal."""
    create_publications()
    create_content()
    create_drafts()
    op.execute("INSERT INTO counters (name, value) VALUES ('boundaries', 0)")
    forbid_changes()


def downgrade() -> None:
    """Take them away."""
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION refuse_change_of_boundaries()")
    for table in reversed((*APPEND_ONLY, *DRAFTS)):
        op.drop_table(table)
    op.execute("DELETE FROM counters WHERE name = 'boundaries'")


def create_publications() -> None:
    """Who published which areas from which day on, and what was withdrawn."""
    op.create_table(
        "boundary_publications",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("withdraws", ROW_ID),
        sa.Column("begins_on", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_publications"),
        sa.ForeignKeyConstraint(["withdraws"], ["boundary_publications.id"], name="fk_boundary_publications_withdraws"),
        sa.UniqueConstraint("withdraws", name="uq_boundary_publications_withdraws"),
        rule("boundary_publications", "step", "step IN ('published', 'withdrawn')"),
        rule("boundary_publications", "withdraws", "(step = 'withdrawn') = (withdraws IS NOT NULL)"),
        rule("boundary_publications", "begins_on", "(step = 'published') = (begins_on IS NOT NULL)"),
    )


def create_content() -> None:
    """The layers of a publication with the report on their file, and their areas."""
    op.create_table(
        "boundary_layers",
        sa.Column("publication", ROW_ID, nullable=False),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("report", Document, nullable=False),
        sa.PrimaryKeyConstraint("publication", "layer", name="pk_boundary_layers"),
        sa.ForeignKeyConstraint(["publication"], ["boundary_publications.id"], name="fk_boundary_layers_publication"),
    )
    op.create_table(
        "boundary_areas",
        sa.Column("publication", ROW_ID, nullable=False),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("attributes", Document, nullable=False),
        sa.Column("outline", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("publication", "layer", "position", name="pk_boundary_areas"),
        sa.ForeignKeyConstraint(
            ["publication", "layer"],
            ["boundary_layers.publication", "boundary_layers.layer"],
            name="fk_boundary_areas_publication_layer",
        ),
        sa.UniqueConstraint("publication", "layer", "code", name="uq_boundary_areas_publication_layer_code"),
    )


def create_drafts() -> None:
    """Files that were sent and are not published yet; every process of the server can go on with them."""
    op.create_table(
        "boundary_drafts",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("uploaded_at", Instant, nullable=False),
        sa.Column("offers", Document, nullable=False),
        sa.Column("asked", Document),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("seen", sa.BigInteger),
        sa.Column("outcome", Document),
        sa.Column("pages", Document),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_drafts"),
        rule("boundary_drafts", "state", "state IN ('uploaded', 'checking', 'checked', 'failed')"),
    )
    op.create_table(
        "boundary_draft_parts",
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("draft", "position", name="pk_boundary_draft_parts"),
        sa.ForeignKeyConstraint(["draft"], ["boundary_drafts.id"], name="fk_boundary_draft_parts_draft"),
    )


def forbid_changes() -> None:
    """Cases keep the codes of the version that placed them, so the database itself refuses to change what it says."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
                    " BEGIN SELECT RAISE(ABORT, 'published boundaries are append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_boundaries() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'published boundaries are append-only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_boundaries()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_boundaries()"
        )


def rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A named check."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
