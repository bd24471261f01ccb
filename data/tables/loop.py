"""What the closed loop keeps beside cases: disputes, subjects and visits, notices, ratings, consultations.

`disputes` and `visits` are projections of events, as the tables of cases are. `ratings` and `consultations` are only
appended: a later row says what counts now, the earlier ones stay.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from cases.case import SubjectKind
from cases.clock import BudgetUnit
from data.tables.columns import Document, Instant, case_number, metadata, one_of, together

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database hands out; SQLite does so for INTEGER alone."""

disputes = Table(
    "disputes",
    metadata,
    case_number(),
    Column("ordinal", Integer, nullable=False),
    Column("leg", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("wanted", Text),
    # [{"by": …, "at": …, "text": …}, …] in the order in which they were stated
    Column("views", Document, nullable=False),
    Column("budget", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amber_at", Instant),
    Column("due_at", Instant),
    Column("provisional", Boolean, nullable=False),
    Column("settled_at", Instant),
    Column("decided", Text),
    Column("decision", Text),
    Column("ruling", Document),
    PrimaryKeyConstraint("number", "ordinal"),
    one_of("unit", BudgetUnit),
    together("amber_at", "due_at"),
    together("settled_at", "decided"),
    Index(None, "settled_at", "due_at"),
)

subjects = Table(
    "subjects",
    metadata,
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("township", Text),
    Column("since", Instant, nullable=False),
    one_of("kind", SubjectKind),
)

visits = Table(
    "visits",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("subject", Text, ForeignKey("subjects.code"), nullable=False),
    # 1, 2, … for one subject: two cases that plan the same next visit at the same time meet here.
    Column("ordinal", Integer, nullable=False),
    case_number(),
    Column("planned_at", Instant, nullable=False),
    Column("reason", Text),
    Column("approved_by", Text),
    UniqueConstraint("subject", "ordinal"),
    together("reason", "approved_by"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # What it is about and for whom: the same thing is never told to anybody twice.
    Column("key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, ForeignKey("cases.number"), nullable=False),
    Column("leg", Integer),
    Column("level", Integer, nullable=False),
    Column("data", Document, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("read_by", Text),
    # The way through the webhook; `next_at` is NULL when there is nothing (more) to send.
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("failure", Text),
    UniqueConstraint("key"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "recipient", "id"),
    Index(None, "number"),
)
Index(
    "ix_notices_to_send",
    notices.c.next_at,
    sqlite_where=notices.c.next_at.is_not(None),
    postgresql_where=notices.c.next_at.is_not(None),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("unit", Text, nullable=False),
    # A month, 2026-11, or a year, 2026.
    Column("period", Text, nullable=False),
    Column("rater", Text, nullable=False),
    Column("score", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("score >= 0 AND score <= 100", name="score"),
    Index(None, "period", "unit", "rater", "id"),
)

consultations = Table(
    "consultations",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("township", Text, nullable=False),
    Column("step", Text, nullable=False),
    # For an answer: the question that it answers.
    Column("asked", ROW_ID, ForeignKey("consultations.id")),
    Column("about", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("opinion", Text),
    Column("remarks", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    one_of("step", ("asked", "answered")),
    one_of("opinion", ("agreed", "objected", "conditional")),
    CheckConstraint("(step = 'answered') = (asked IS NOT NULL)", name="asked"),
    CheckConstraint("(step = 'answered') = (opinion IS NOT NULL)", name="answered"),
    UniqueConstraint("asked"),
    Index(None, "unit", "id"),
)
