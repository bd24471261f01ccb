"""An index of the ends of cases that were written down late: what the wall showed then is told without the history."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "ix_events_late_end"
LATE_END = {
    "sqlite": "kind IN ('closed', 'merged') AND recorded_at - occurred_at > 600000000",
    "postgresql": "kind IN ('closed', 'merged') AND recorded_at - occurred_at > interval '10 minutes'",
}


def upgrade() -> None:
    """Add the index."""
    where: dict[str, Any] = {f"{name}_where": sa.text(words) for name, words in LATE_END.items()}
    op.create_index(NAME, "events", ["recorded_at", "occurred_at", "number", "kind"], **where)


def downgrade() -> None:
    """Take it away."""
    op.drop_index(NAME, "events")
