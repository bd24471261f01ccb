"""The tables: events that are only appended, and what follows from them, kept ready for reading.

`events` is the truth. `cases`, `legs`, `clocks` and `spans` are projections of the fold, rewritten for a case in the
transaction that appends its events; they can be made again from `events` at any time. `list_versions` and `list_items`
are published lists, which are only appended, too. `counters` hands out revisions and case numbers and counts the
published lists.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from cases.case import LegRole, LegStatus, Status
from cases.clock import BudgetUnit, ClockKind
from cases.events import EventKind
from cases.lists.checking import ARRANGEMENTS
from cases.matters import MatterKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
REVISION = "revision"  # name of the counter that numbers the events
LISTS = "lists"  # name of the counter that moves with every published version of the lists
LIST_NAMES = (*MatterKind, ARRANGEMENTS)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware instant, exact to the microsecond, read back in UTC.

    PostgreSQL: ``timestamptz``. SQLite, which has no such type: microseconds since 1970-01-01T00:00Z as an integer,
    which sorts and compares as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give the column type of one database."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a naive instant: nobody could tell which zone it was meant in."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(
                f"The instant {value.isoformat()} is naive. Give it a zone, for example datetime(..., tzinfo=UTC)."
            )
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the instant in UTC, whatever zone the session has."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + int(value) * MICROSECOND
        instant: datetime = value.astimezone(UTC)
        return instant


Document = JSON(none_as_null=True)
"""JSON as it was written: on PostgreSQL `json`, which keeps the text, so that evidence stays what it was."""

Queryable = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON that queries look into: on PostgreSQL `jsonb`."""


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _together(*columns: str) -> CheckConstraint:
    """All of these columns are set, or none is."""
    first, *others = columns
    return CheckConstraint(
        " AND ".join(f"({first} IS NULL) = ({other} IS NULL)" for other in others), name=f"{first}_pair"
    )


def _case_number() -> Column[str]:
    return Column("number", Text, ForeignKey("cases.number"), nullable=False)


metadata = MetaData(naming_convention=NAMES)

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
    _one_of("status", Status),
    _one_of("due_kind", ClockKind),
    _together("lon", "lat"),
    _together("amber_at", "due_at", "due_kind"),
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
    _case_number(),
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
    PrimaryKeyConstraint("number", "leg"),
    _one_of("role", LegRole),
    _one_of("status", LegStatus),
    Index(None, "department", "number"),
)

clocks = Table(
    "clocks",
    metadata,
    _case_number(),
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
    _one_of("kind", ClockKind),
    _one_of("unit", BudgetUnit),
    _together("amber_at", "due_at"),
    Index(None, "kind", "due_at"),
    Index(None, "kind", "stopped_at"),
)

spans = Table(
    "spans",
    metadata,
    _case_number(),
    Column("ordinal", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    # Its length in classes that double; see `store.length_class`. NULL while it is open.
    Column("length", Integer),
    PrimaryKeyConstraint("number", "ordinal"),
    CheckConstraint("closed_at >= opened_at", name="order"),
    _together("closed_at", "length"),
    Index(None, "closed_at"),
    Index(None, "length", "opened_at"),
)

events = Table(
    "events",
    metadata,
    # Not a sequence: see `store.next_revision`.
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    _case_number(),
    Column("kind", Text, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("leg", Integer),
    Column("data", Document, nullable=False),
    _one_of("kind", EventKind),
    CheckConstraint("revision > 0", name="revision"),
    Index(None, "number", "revision"),
)

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
    _one_of("list", LIST_NAMES),
)
