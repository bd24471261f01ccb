"""What the tables share: names, types, checks, and the metadata that holds them all."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

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


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Give a check that a column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def together(*columns: str) -> CheckConstraint:
    """Give a check that all of these columns are set, or none is."""
    first, *others = columns
    return CheckConstraint(
        " AND ".join(f"({first} IS NULL) = ({other} IS NULL)" for other in others), name=f"{first}_pair"
    )


def case_number() -> Column[str]:
    """Give the column that ties a row to a case that exists."""
    return Column("number", Text, ForeignKey("cases.number"), nullable=False)


metadata = MetaData(naming_convention=NAMES)
