"""Cases: events that are only appended, and what follows from them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from cases.case import LegRole, LegStatus, Status
from cases.clock import CASE_CLOCKS, BudgetUnit
from cases.events import EventKind
from data.tables.columns import Document, Instant, Queryable, case_number, metadata, one_of, together

REVISION = "revision"  # name of the counter that numbers the events

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("merged_into", Text, ForeignKey("cases.number")),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    # CGCS2000/WGS84 degrees; PostgreSQL with PostGIS adds a generated geometry beside them.
    Column("lon", Double),
    Column("lat", Double),
    Column("cell", Text),
    Column("village", Text),
    Column("township", Text),
    Column("areas", Queryable, nullable=False),
    Column("flags", Queryable, nullable=False),
    Column("report", Document, nullable=False),
    Column("list_version", Text, nullable=False),
    Column("notes", Document, nullable=False),
    # The enterprise or site that it is about, the visit that its work on site belongs to, what each department checks.
    Column("subject", Text),
    Column("visit", Text),
    Column("checks", Document, nullable=False, server_default="{}"),
    Column("answered_at", Instant),
    # First day of the boundaries to which it was moved; NULL: it stands by those of the day on which it occurred.
    Column("boundaries", Date),
    # What follows is computed from the rest by `store.board_columns`, so that a board never needs to join.
    Column("lead", Text),
    Column("lead_unit", Text),
    Column("pending", Boolean, nullable=False),
    Column("amber_at", Instant),
    Column("due_at", Instant),
    Column("due_kind", Text),
    Column("due_department", Text),
    Column("provisional", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    UniqueConstraint("source", "source_id"),
    one_of("status", Status),
    one_of("due_kind", CASE_CLOCKS),
    together("lon", "lat"),
    together("amber_at", "due_at", "due_kind"),
    CheckConstraint("(status = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("pending = (status NOT IN ('closed', 'merged'))", name="pending"),
    CheckConstraint("merged_into <> number", name="merged_elsewhere"),
    Index(None, "revision"),
    Index(None, "occurred_at", "number"),
    Index(None, "township", "occurred_at"),
    Index(None, "village", "occurred_at"),
    Index(None, "cell", "occurred_at"),
    Index(None, "matter", "occurred_at"),
    Index(None, "received_at"),
)
Index(
    "ix_cases_merged_into",
    cases.c.merged_into,
    sqlite_where=cases.c.merged_into.is_not(None),
    postgresql_where=cases.c.merged_into.is_not(None),
)
for _name in ("subject", "visit"):
    Index(
        f"ix_cases_{_name}",
        cases.c[_name],
        sqlite_where=cases.c[_name].is_not(None),
        postgresql_where=cases.c[_name].is_not(None),
    )
Index(
    "ix_cases_open",
    cases.c.township,
    cases.c.due_at,
    sqlite_where=cases.c.pending.is_(True),
    postgresql_where=cases.c.pending.is_(True),
)

legs = Table(
    "legs",
    metadata,
    case_number(),
    Column("leg", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("unit", Text),
    Column("clause", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("asked_at", Instant),
    Column("accepted_at", Instant),
    Column("arrived_at", Instant),
    Column("found_at", Instant),
    Column("ended_at", Instant),
    Column("finding", Text),
    Column("disputed", Boolean, nullable=False),
    Column("arrangements", Document, nullable=False, server_default="[]"),
    Column("arrived_m", Double),
    Column("visit", Text),
    Column("basis", Text),
    Column("urged", Integer, nullable=False, server_default="0"),
    Column("supervised_at", Instant),
    Column("replied_at", Instant),
    PrimaryKeyConstraint("number", "leg"),
    one_of("role", LegRole),
    one_of("status", LegStatus),
    Index(None, "department", "number"),
)

clocks = Table(
    "clocks",
    metadata,
    case_number(),
    Column("ordinal", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("leg", Integer),
    Column("department", Text),
    Column("round", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("budget", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("pauses", Queryable, nullable=False),
    Column("stopped_at", Instant),
    Column("amber_at", Instant),
    Column("due_at", Instant),
    Column("provisional", Boolean, nullable=False),
    PrimaryKeyConstraint("number", "ordinal"),
    one_of("kind", CASE_CLOCKS),
    one_of("unit", BudgetUnit),
    together("amber_at", "due_at"),
    Index(None, "kind", "due_at"),
    Index(None, "kind", "stopped_at"),
)

spans = Table(
    "spans",
    metadata,
    case_number(),
    Column("ordinal", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    # Its length in classes that double; see `store.length_class`. NULL while it is open.
    Column("length", Integer),
    PrimaryKeyConstraint("number", "ordinal"),
    CheckConstraint("closed_at >= opened_at", name="order"),
    together("closed_at", "length"),
    Index(None, "closed_at"),
    Index(None, "length", "opened_at"),
)

events = Table(
    "events",
    metadata,
    # Not a sequence: see `store.next_revision`.
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    case_number(),
    Column("kind", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("leg", Integer),
    Column("data", Document, nullable=False),
    one_of("kind", EventKind),
    CheckConstraint("revision > 0", name="revision"),
    Index(None, "number", "revision"),
)

LATE_END = {
    name: f"kind IN ('closed', 'merged') AND recorded_at - occurred_at > {lag}"
    for name, lag in (("sqlite", "600000000"), ("postgresql", "interval '10 minutes'"))
}
"""By dialect: the end of a case that was written down more than ten minutes after it happened. Queries say it in the
same words, or their plans would not use the index."""
Index(
    "ix_events_late_end",
    events.c.recorded_at,
    events.c.occurred_at,
    events.c.number,
    # SQLite asks for the kind once more, although the index holds no other: without it every entry costs a row.
    events.c.kind,
    sqlite_where=text(LATE_END["sqlite"]),
    postgresql_where=text(LATE_END["postgresql"]),
)

# Keys by which clients that may send an event again (a phone without a network) recognise their own; never read but by
# its first column and the key. The fingerprint says whether what comes again is the same.
event_keys = Table(
    "event_keys",
    metadata,
    case_number(),
    Column("key", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("number", "key"),
)
