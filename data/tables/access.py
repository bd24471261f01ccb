"""Who may come in: accounts, sessions, tokens of walls and sources, failed attempts, and the record of all that.

No secret stands here: passwords as Argon2 hashes, tokens as SHA-256 of random values that only their holder has.
`audit` is only appended.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from data.tables.columns import Document, Instant, metadata, one_of
from data.tables.loop import ROW_ID

ACCESS = "access"
"""Name of the counter that moves whenever somebody gains or loses a right: what processes remember is old then."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # As it is typed at sign-in, in lower case.
    Column("name", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("role", Text, nullable=False),
    # township:<code>, department:<code> or unit:<code>; empty: everything that the role has.
    Column("scope", Text, nullable=False),
    # NULL: signs in through the identity provider only.
    Column("password", Text),
    Column("must_change", Boolean, nullable=False),
    # <issuer>|<subject> of the identity provider.
    Column("subject", Text),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("name"),
    UniqueConstraint("subject"),
    CheckConstraint("password IS NOT NULL OR subject IS NOT NULL", name="way_in"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account", ROW_ID, ForeignKey("accounts.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("address", Text, nullable=False),
    Index(None, "account"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("kind", Text, nullable=False),
    # Where the wall hangs, or which system reports.
    Column("name", Text, nullable=False),
    # Of a key: code of the source for which it reports.
    Column("source", Text),
    Column("token_hash", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("seen_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("token_hash"),
    one_of("kind", ("kiosk", "key")),
    CheckConstraint("(kind = 'key') = (source IS NOT NULL)", name="source"),
)

attempts = Table(
    "attempts",
    metadata,
    # account:<what was typed> or address:<where it came from>
    Column("subject", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    # Name of the account, kiosk:<name>, key:<name>, or what was typed by whoever failed.
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Document, nullable=False),
    Index(None, "account", "id"),
    Index(None, "at"),
)
