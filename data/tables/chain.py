"""The chain: for every event the hash that follows from it and from the hash before; see `data.chain`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text

from data.tables.columns import Document, metadata

chain = Table(
    "chain",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    # Of the event's case, so that an event that is gone can be named.
    Column("number", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # The first bytes of the digest of each column, so that a column that was changed can be named.
    Column("tags", LargeBinary, nullable=False),
    # Of the personal parts of the event; NULL where it has none, and when one of them was erased.
    Column("salt", LargeBinary),
    # What is left of erased parts: {"by": revision of the event that tells it, "commitments": {…}, "salts": {…}}.
    Column("erased", Document),
    CheckConstraint("length(hash) = 32", name="hash"),
    CheckConstraint("salt IS NULL OR erased IS NULL", name="salt"),
)
Index(
    "ix_chain_erased",
    chain.c.revision,
    sqlite_where=chain.c.erased.is_not(None),
    postgresql_where=chain.c.erased.is_not(None),
)

erasing = Table("erasing", metadata, Column("revision", BigInteger, primary_key=True, autoincrement=False))
"""Events that may be changed within the transaction that erases personal data of them; empty outside of it."""
