"""Published versions of the lists: what every item says, row by row, and from which day.

Allowed values stand here as they were when this version was published, not as the code has them today.
"""

import sqlalchemy as sa
from alembic import op

from data.tables import Document, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LISTS = "one_thing territorial power arrangements"
TABLES = ("list_versions", "list_items")


def upgrade() -> None:
    """Make the two tables, the counter that moves with every version, and the arrangements of a leg."""
    op.create_table(
        "list_versions",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("model", sa.Boolean, nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_list_versions"),
        sa.UniqueConstraint("effective_from", name="uq_list_versions_effective_from"),
    )
    listed = ", ".join(f"'{name}'" for name in LISTS.split())
    op.create_table(
        "list_items",
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("list", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("data", Document, nullable=False),
        sa.PrimaryKeyConstraint("version", "list", "position", name="pk_list_items"),
        sa.UniqueConstraint("version", "list", "code", name="uq_list_items_version_list_code"),
        sa.ForeignKeyConstraint(["version"], ["list_versions.version"], name="fk_list_items_version"),
        sa.CheckConstraint(f"list IN ({listed})", name=op.f("ck_list_items_list")),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('lists', 0)")
    # Legs that are older than arrangements were named without any.
    op.add_column("legs", sa.Column("arrangements", Document, nullable=False, server_default="[]"))
    forbid_changes()


def downgrade() -> None:
    """Take both tables, the counter and the column away."""
    op.drop_column("legs", "arrangements")
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        op.execute("DROP FUNCTION refuse_change_of_lists()")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM counters WHERE name = 'lists'")


def forbid_changes() -> None:
    """A case names the version that routed it, so the database itself refuses to change what a version says."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
                    " BEGIN SELECT RAISE(ABORT, 'published lists are append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change_of_lists() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'published lists are append-only'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_lists()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_lists()"
        )
