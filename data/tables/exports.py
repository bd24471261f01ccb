"""Exports that are made in the background: what was asked for, how far it has come, which files are whole."""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, Table, Text

from data.tables.columns import Instant, metadata, one_of
from data.tables.loop import ROW_ID

EXPORT_FORMS = ("parquet", "xlsx")
EXPORT_STATES = ("waiting", "running", "done", "failed")

exports = Table(
    "exports",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # The account that asked for it; empty while nobody signs in.
    Column("owner", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("wanted", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("total", BigInteger),
    Column("done", BigInteger, nullable=False),
    # Files that are whole: name, rows, bytes, SHA-256, revision, and the last case of each, where the next one begins.
    Column("parts", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    # Since when, and from where on, it is made now: for the rate.
    Column("begun_at", Instant),
    Column("begun_with", BigInteger, nullable=False),
    # Who makes it, and when it was last heard of.
    Column("holder", Text),
    Column("heard_at", Instant),
    Column("ended_at", Instant),
    one_of("form", EXPORT_FORMS),
    one_of("state", EXPORT_STATES),
    CheckConstraint("(state = 'running') = (holder IS NOT NULL)", name="holder"),
    Index(None, "state", "asked_at"),
)
