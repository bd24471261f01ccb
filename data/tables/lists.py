"""Published lists."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from cases.lists.checking import ARRANGEMENTS
from cases.matters import MatterKind
from data.tables.columns import Document, Instant, metadata, one_of

LISTS = "lists"  # name of the counter that moves with every published version of the lists
LIST_NAMES = (*MatterKind, ARRANGEMENTS)

list_versions = Table(
    "list_versions",
    metadata,
    Column("version", Text, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("model", Boolean, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Text, nullable=False),
    UniqueConstraint("effective_from"),
)

list_items = Table(
    "list_items",
    metadata,
    Column("version", Text, ForeignKey("list_versions.version"), nullable=False),
    Column("list", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    # Column to text, as a csv file of the list would hold it.
    Column("data", Document, nullable=False),
    PrimaryKeyConstraint("version", "list", "position"),
    UniqueConstraint("version", "list", "code"),
    one_of("list", LIST_NAMES),
)
