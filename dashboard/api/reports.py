"""The reports of a case as JSON: every way on which it was told, contacts masked."""

from typing import Any

from dashboard.api import shapes
from data.views import CaseReport


def reports_out(reports: tuple[CaseReport, ...]) -> list[dict[str, Any]]:
    """Write the reports of a case, contacts masked."""
    return [
        {
            "number": one.number,
            "source": one.source,
            "source_id": one.source_id,
            "occurred_at": one.occurred_at,
            "received_at": one.received_at,
            "contact": shapes.masked(one.contact),
        }
        for one in reports
    ]
