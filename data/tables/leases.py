"""Work that one process does for all: who does it, and until when the others leave it to that one."""

from sqlalchemy import Column, Table, Text

from data.tables.columns import Instant, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    # By the clock of the database, see `data.leases`.
    Column("until", Instant, nullable=False),
)
