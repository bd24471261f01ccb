"""GET /api/v1/cases/{number}/duplicates and /api/v1/duplicates: what may be one and the same, for a person to judge."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from cases.duplicates import Candidate
from dashboard.api import shapes
from dashboard.api.cases import owned
from dashboard.api.given import Given, Json
from dashboard.api.query import Codes
from dashboard.api.reports import reports_out
from data import views
from data.views import BadQuery, Suggestion

router = APIRouter(tags=["duplicates"])


class WorkQuery(BaseModel):
    """Which pairs are meant; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    township: Codes = Field(description="Either of the two lies in one of these.")
    limit: int = Field(default=100, ge=1, description="At most so many cases; `total` says how many there are.")


@router.get("/cases/{number}/duplicates")
def of_case(services: Given, number: str) -> Response:
    """Give what may be the same as a case, the likeliest first, with what a person needs to judge; nothing is merged.

    Of the same matter, within the metres and hours of that matter, in either direction in time. `score` comes from
    place and time alone: 100 is the same place and time, 0 lies on both limits. Equal scores are told apart by the same
    reporter, the same source, the likeness of the texts. Say `merged` on the case that goes, or `commented` with
    `data.not_duplicate_of` when the two are not the same: the suggestion then goes away for both.
    """
    now, region = services.now(), services.region
    page = owned(services, number)
    found = views.suggestions(services.engine, number, region.duplicates, region.metric_crs)
    own = shapes.case(page.state, services) | {
        "description": str(page.state.report.get("description") or ""),
        "reports": reports_out(views.reports_of(services.engine, number)),
    }
    return Json(
        {
            "at": now,
            "case": own,
            "limits": {"metres": found.limits.metres, "hours": found.limits.hours},
            "total": found.total,
            "duplicates": [suggestion_out(one, now) for one in found.found],
        }
    )


@router.get("/duplicates")
def work(services: Given, query: Annotated[WorkQuery, Query()]) -> Response:
    """Open cases for which something may be the same, the likeliest first: the work of whoever merges.

    Two open cases are listed once, under the one that was received later.
    """
    if query.limit > services.settings.page_limit:
        raise BadQuery(f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit}.")
    now, region = services.now(), services.region
    found = views.open_suggestions(services.engine, region.duplicates, region.metric_crs, query.township, query.limit)
    pairs = [
        {
            "case": shapes.row(pair.case, now),
            "other": shapes.row(pair.other, now),
            "suggestions": pair.suggestions,
            "url": f"/duplicates?case={pair.case.number}&beside={pair.other.number}",
        }
        | nearness(pair.likely)
        for pair in found.rows
    ]
    return Json({"at": now, "total": found.total, "pairs": pairs})


def suggestion_out(found: Suggestion, now: datetime) -> dict[str, Any]:
    """Write what may be the same, with why."""
    return (
        shapes.row(found.case, now)
        | nearness(found.likely)
        | {
            "why": list(found.likely.why),
            "likeness": found.likely.likeness,
            "description": found.description,
            "reports": reports_out(found.reports),
        }
    )


def nearness(likely: Candidate) -> dict[str, Any]:
    """Write how near a case is, and when it occurred beside the other one."""
    return {
        "distance_m": round(likely.distance_m, 1),
        "hours": round(likely.hours, 2),
        "direction": likely.direction,
        "score": likely.score,
    }
