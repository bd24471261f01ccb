"""A notice as it is kept, with what a reader must know of its case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from data import tables


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice as it is kept.

    Attributes
    ----------
    data
        Facts of the clock or the event; `at`: when it came about.
    made_at, read_at, read_by
        When it was told; when it was read first, and by whom.
    attempts, next_at, sent_at, failure
        Its way through the webhook: how often it was tried, when it is tried next, when it arrived, why it did not.
    matter, township, village, cell
        Those of the case as it stands now.
    """

    id: int
    recipient: str
    kind: str
    number: str
    leg: int | None
    level: int
    data: Mapping[str, Any]
    made_at: datetime
    read_at: datetime | None
    read_by: str | None
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    failure: str | None
    matter: str
    township: str | None
    village: str | None
    cell: str | None

    @property
    def given_up(self) -> bool:
        """Whether the webhook did not take it and nobody tries any more."""
        return self.failure is not None and self.sent_at is None and self.next_at is None


def kept(*chosen: ColumnElement[bool]) -> Select[Any]:
    """Select the columns of `Kept`."""
    notices, cases = tables.notices, tables.cases
    names = Kept.__dataclass_fields__
    columns = [(notices if name in notices.c else cases).c[name] for name in names]
    return select(*columns).select_from(notices.join(cases, cases.c.number == notices.c.number)).where(*chosen)
