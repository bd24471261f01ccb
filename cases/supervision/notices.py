"""What is told to whom: a notice, its kind, and the key by which nobody is told the same thing twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.clock import Level


class NoticeKind(StrEnum):
    """What a notice is about."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    URGED = "urged"
    SUPERVISED = "supervised"
    REPLIED = "replied"
    RETURNED = "returned"
    DISPUTED = "disputed"
    SETTLED = "settled"
    RESULT = "result"


KIND_OF_LEVEL = {Level.AMBER: NoticeKind.DUE_SOON, Level.RED: NoticeKind.OVERDUE}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing told to one recipient.

    Attributes
    ----------
    key
        What is told, and to whom; two notices with one key are the same notice.
    recipient
        Whose inbox it goes to: ``unit:<code>``, ``department:<code>``, ``township:<code>``, ``source:<code>``,
        ``command`` or ``adjudicator``.
    number, leg
        The case, and the leg that it concerns (None: the case as a whole).
    level
        Amber or red for a clock; `Level.NONE` for what follows from an event.
    data
        Facts for whoever reads it, JSON values only.
    at
        Aware UTC: when the thing that it tells came about.
    """

    key: str
    recipient: str
    kind: NoticeKind
    number: str
    leg: int | None
    level: Level
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
