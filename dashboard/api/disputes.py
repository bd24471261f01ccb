"""GET /api/v1/disputes, /counts and /rulings: whose duty is in question, and what was decided for the next such case.

A dispute is opened, argued and settled by the events `disputed`, `stated` and `settled` of its case.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from cases.dispute import Ruling
from dashboard.api.given import Given, Json
from dashboard.api.lists import ruling_out, version_out
from dashboard.api.parse import Code
from dashboard.api.query import Codes
from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.services import Services
from data import views
from data.views import BadQuery, DisputeFilter, DisputeRow, DisputeState

router = APIRouter(prefix="/disputes", tags=["disputes"])
PERIOD = "A month or a year of the region's zone: `2026-11`, `2026`."


class PlaceQuery(BaseModel):
    """Where and whose, each of which may be given several times (any of them); a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    township: Codes
    department: Codes = Field(description="Whose leg is disputed.")
    period: Code | None = Field(default=None, description=PERIOD)


class DisputeQuery(PlaceQuery):
    """Filters of the list, and the page."""

    state: DisputeState | None = None
    number: Codes = Field(description="Number of the case.")
    period: Code | None = Field(
        default=None, description=f"{PERIOD} In which it was opened; with `state=settled`, settled."
    )
    cursor: Code | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1)


@router.get("")
def many(services: Given, query: Annotated[DisputeQuery, Query()]) -> Response:
    """Disputes, a page at a time: the open ones as they were opened, others the last one first. Follow `next`."""
    if query.limit > services.settings.page_limit:
        raise BadQuery(
            f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit} and follow `next`."
        )
    period = views.period_of(query.period, services.region.zone) if query.period else None
    filters = DisputeFilter(query.state, query.number, query.township, query.department, period, party(who()))
    found, now = views.list_disputes(services.engine, filters, query.cursor, query.limit), services.now()
    return Json({"at": now, "disputes": [dispute_out(row, now) for row in found.rows], "next": found.next})


@router.get("/counts")
def counts(services: Given, query: Annotated[PlaceQuery, Query()]) -> Response:
    """How many are open and overdue now, and what a period brought, in all, by township and by department.

    Without a period: the current year. Each rate comes as `{n, of}`: settled in time, of those that had to be settled
    in the period; upheld, of those that were settled.
    """
    now = services.now()
    name = query.period or f"{services.region.local_day(now):%Y}"
    period = views.period_of(name, services.region.zone)
    filters = DisputeFilter(township=query.township, department=query.department)
    found = views.dispute_counts(services.engine, now, period, filters)
    return Json(
        {
            "at": now,
            "period": {"name": period.name, "from": period.start, "to": period.end},
            "all": count_out(found.all),
            "townships": [{"code": code, **count_out(one)} for code, one in found.by_township.items()],
            "departments": [{"code": code, **count_out(one)} for code, one in found.by_department.items()],
        }
    )


@router.get("/rulings")
def rulings(services: Given) -> Response:
    """Decisions that route the next such case today; the next version of the lists must say what they say.

    With it they end: each names its `change`.
    """
    lists, day = services.library.current(), services.region.local_day(services.now())
    version = lists.on(day)
    return Json(
        {
            "on": day,
            "version": version_out(version, lists),
            "rulings": [in_words(one, services) for one in lists.waiting(day)],
        }
    )


def dispute_out(row: DisputeRow, now: datetime) -> dict[str, Any]:
    """Write one dispute; no personal data."""
    return asdict(row) | {
        "state": DisputeState.OPEN if row.settled_at is None else DisputeState.SETTLED,
        "level": row.level(now),
        "in_time": row.in_time,
        "upheld": row.upheld,
        "url": f"/disputes?case={row.number}",
    }


def count_out(count: views.DisputeCount) -> Mapping[str, Any]:
    """Write numbers and rates."""
    return {
        "open": count.open,
        "overdue": count.overdue,
        "opened": count.opened,
        "settled": count.settled,
        "in_time": {"n": count.in_time, "of": count.due},
        "upheld": {"n": count.upheld, "of": count.settled},
    }


def in_words(ruling: Ruling, services: Services) -> dict[str, Any]:
    """Write a ruling with the names of what it names."""
    departments = services.region.organisation.departments
    names = {
        name: departments[code].spoken if code in departments else code
        for name, code in (("from_name", ruling.from_department), ("to_name", ruling.to_department))
    }
    return ruling_out(ruling) | names
