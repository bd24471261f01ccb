"""Cases that follow new boundaries: where they stood before, where closed ones lie now, and one more kind of event.

Allowed values stand here as they were when this version was published, not as the code has them today.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.versions.v0003_loop import KINDS as KINDS_BEFORE
from data.migrations.versions.v0003_loop import allow_kinds, of_a_case, rule
from data.tables import Instant, Queryable

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = KINDS_BEFORE.replace("relocated", "relocated reattributed")


def upgrade() -> None:
    """Add the column and the tables, and let events be of the new kind."""
    op.add_column("cases", sa.Column("boundaries", sa.Date))
    allow_kinds(KINDS)
    op.create_table(
        "stays",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        *areas(),
        sa.Column("boundaries", sa.Date),
        sa.Column("since", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("number", "ordinal", name="pk_stays"),
        of_a_case("stays"),
        rule("stays", "order", "until >= since"),
    )
    op.create_table(
        "placement_bases",
        sa.Column("boundaries", sa.Date, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("placed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("boundaries", name="pk_placement_bases"),
    )
    op.create_table(
        "placements",
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("boundaries", sa.Date, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        *areas(),
        sa.PrimaryKeyConstraint("number", name="pk_placements"),
        of_a_case("placements"),
        sa.ForeignKeyConstraint(
            ["boundaries"], ["placement_bases.boundaries"], name="fk_placements_boundaries"
        ),
    )


def downgrade() -> None:
    """Take it all away; refused by the database when an event of the new kind is there."""
    for table in ("placements", "placement_bases", "stays"):
        op.drop_table(table)
    allow_kinds(KINDS_BEFORE)
    op.drop_column("cases", "boundaries")


def areas() -> list[sa.Column[object]]:
    """The areas that cover a place."""
    codes: list[sa.Column[object]] = [sa.Column(name, sa.Text) for name in ("cell", "village", "township")]
    return [*codes, sa.Column("areas", Queryable, nullable=False)]
