"""Rows as `data.views` gives them, for boards and streams without a database."""

from datetime import UTC, datetime
from typing import Any

from data.views import CaseRow, EventRow

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Cixi


def case_row(number: str, revision: int = 1, **different: Any) -> CaseRow:
    """A pending case in no area, without a running clock."""
    plain: dict[str, Any] = {
        "number": number,
        "source": "grid",
        "source_id": number,
        "matter": "SD-01",
        "platform": "enforcement",
        "domain": "integrated_enforcement",
        "status": "received",
        "pending": True,
        "occurred_at": NOON,
        "received_at": NOON,
        "lon": None,
        "lat": None,
        "cell": None,
        "village": None,
        "township": None,
        "areas": {},
        "flags": (),
        "lead": "zhzf",
        "lead_unit": None,
        "amber_at": None,
        "due_at": None,
        "due_kind": None,
        "due_department": None,
        "provisional": False,
        "merged_into": None,
        "revision": revision,
    }
    return CaseRow(**(plain | different))


def event_row(number: str, revision: int, kind: str = "received", **different: Any) -> EventRow:
    """An event of such a case."""
    plain: dict[str, Any] = {
        "revision": revision,
        "number": number,
        "kind": kind,
        "occurred_at": NOON,
        "recorded_at": NOON,
        "actor": "grid",
        "leg": None,
        "department": "zhzf",
        "matter": "SD-01",
        "platform": "enforcement",
        "domain": "integrated_enforcement",
        "status": "received",
        "cell": None,
        "village": None,
        "township": None,
        "lon": None,
        "lat": None,
    }
    return EventRow(**(plain | different))
