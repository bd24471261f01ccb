"""What people keep for themselves: views that they look at again. Nothing of a case hangs on it."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from data.tables.columns import Instant, metadata
from data.tables.loop import ROW_ID

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # Whose it is: a body as in the inbox (command, township:<code>, ...) or a person's account.
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    # The page that it is a view of, and the query string that makes it, without the question mark.
    Column("path", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
    Index(None, "owner", "name", unique=True),
)
