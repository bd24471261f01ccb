"""Exports in the background."""

import sqlalchemy as sa
from alembic import op

from data.tables import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "exports",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("wanted", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("begun_at", Instant),
        sa.Column("begun_with", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("heard_at", Instant),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
        sa.CheckConstraint("form IN ('parquet', 'xlsx')", name=op.f("ck_exports_form")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_exports_state")),
        sa.CheckConstraint("(state = 'running') = (holder IS NOT NULL)", name=op.f("ck_exports_holder")),
    )
    op.create_index("ix_exports_state_asked_at", "exports", ["state", "asked_at"])


def downgrade() -> None:
    """Take the table away; its files stay in their folder."""
    op.drop_table("exports")
