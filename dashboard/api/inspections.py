"""GET /api/v1/subjects, /subjects/{code} and /inspections: who was visited, and who more than once."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from cases.inspection import CheckItem
from dashboard.api.given import Given, Json
from dashboard.api.parse import Code
from dashboard.api.query import Codes
from dashboard.services import Services
from data import views
from data.views import BadQuery, Measure, SubjectFilter, SubjectRow
from data.views.inspections import Count, VisitPage
from data.visits import Arrival

router = APIRouter(tags=["inspections"])
BEFORE = 4
"""How many earlier quarters stand beside the one that is asked for."""


class QuarterQuery(BaseModel):
    """Which quarter is meant; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid")

    quarter: Code | None = Field(
        default=None, description="In the region's zone, `2026Q4`; the current one if missing."
    )


class SubjectQuery(QuarterQuery):
    """Which subjects are meant, and the page."""

    q: Code = Field(default="", description="What the name or the code contains.")
    township: Codes
    visited: Literal["once", "more"] | None = Field(
        default=None, description="Only those that were visited in the quarter: at least once, more than once."
    )
    department: Code | None = Field(default=None, description="With `visited`: by this department.")
    cursor: Code | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=100, ge=1)


@router.get("/subjects")
def many(services: Given, query: Annotated[SubjectQuery, Query()]) -> Response:
    """Subjects, a page at a time: the one whose visit was planned last comes first. Follow `next`."""
    if query.limit > services.settings.page_limit:
        raise BadQuery(
            f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit} and follow `next`."
        )
    if query.visited is None and (query.department or query.quarter):
        raise BadQuery("department and quarter say who visited and when: give visited=once or visited=more with them.")
    codes = None
    if query.visited is not None:
        codes = visited(_measure(services, query.quarter), query.visited, query.department)
    filters = SubjectFilter(query.q, query.township, codes)
    found = views.list_subjects(services.engine, filters, query.cursor, query.limit)
    return Json({"at": services.now(), "subjects": [subject_out(row) for row in found.rows], "next": found.next})


@router.get("/subjects/{subject}")
def one(services: Given, subject: str) -> Response:
    """One subject whole: its visits with their cases, who came when, what is to be checked, and why it came twice."""
    page = views.subject_page(services.engine, subject, order_of(services))
    return Json(
        {
            "at": services.now(),
            **subject_out(page.row),
            "window_days": services.region.inspection_window.days,
            "visits": [visit_out(visit) for visit in page.visits],
            "unplanned": [arrival_out(one) for one in page.unplanned],
        }
    )


@router.get("/inspections")
def inspections(services: Given, query: Annotated[QuarterQuery, Query()]) -> Response:
    """Count a quarter: of the subjects visited, how many were visited more than once, by department.

    `more_than_once` of `visited`; `approved` of these are the ones of which every further visit had a reason and an
    approver. A visit counts for a department when it came on site in it. 0 of 0 is no rate.
    """
    found = _measure(services, query.quarter, BEFORE)
    departments = services.region.organisation.departments
    return Json(
        {
            "at": services.now(),
            "quarter": {"name": found.quarter.name, "from": found.quarter.start, "to": found.quarter.end},
            "window_days": services.region.inspection_window.days,
            "all": count_out(found.all),
            "departments": [
                {
                    "department": code,
                    "name": departments[code].spoken if code in departments else code,
                    **count_out(count),
                }
                for code, count in found.departments.items()
            ],
            "previous": [{"quarter": quarter.name, **count_out(count)} for quarter, count in found.before],
        }
    )


def order_of(services: Services) -> Mapping[str, int]:
    """Give the place of each matter in the lists that hold today."""
    day = services.region.local_day(services.now())
    return {matter.code: place for place, matter in enumerate(services.library.current().on(day).matters)}


def visited(found: Measure, how: str, department: str | None) -> frozenset[str]:
    """Give the subjects behind a figure."""
    count = found.departments.get(department, Count()) if department else found.all
    return count.more if how == "more" else count.visited


def count_out(count: Count) -> dict[str, Any]:
    """Write numerator, denominator and rate."""
    return {
        "visited": len(count.visited),
        "more_than_once": len(count.more),
        "approved": len(count.approved),
        "rate": {"n": len(count.more), "of": len(count.visited)},
    }


def subject_out(row: SubjectRow) -> dict[str, Any]:
    """Write one subject of a list."""
    return asdict(row) | {"url": f"/inspections?subject={row.code}"}


def visit_out(visit: VisitPage) -> dict[str, Any]:
    """Write one visit whole."""
    return {
        "visit": visit.visit,
        "ordinal": visit.ordinal,
        "planned_at": visit.planned_at,
        "is_open": visit.is_open,
        "reason": visit.reason,
        "approved_by": visit.approved_by,
        "cases": [
            {"number": case.number, "matter": case.matter, "status": case.status, "url": f"/case/{case.number}"}
            for case in visit.cases
        ],
        "on_site": [arrival_out(one) for one in visit.arrivals],
        "checks": {department: checks_out(items) for department, items in visit.checks.items()},
    }


def arrival_out(arrival: Arrival) -> dict[str, Any]:
    """Write who came on site for which case."""
    return {"department": arrival.department, "unit": arrival.unit, "at": arrival.at, "number": arrival.number}


def checks_out(items: Iterable[CheckItem]) -> list[dict[str, Any]]:
    """Write what one department checks, each item once with the cases that need it."""
    return [{"item": item.text, "cases": list(item.cases)} for item in items]


def _measure(services: Services, written: str | None, before: int = 0) -> Measure:
    zone = services.region.zone
    quarter = views.quarter_of(written, zone) if written else views.quarter_at(services.now(), zone)
    return views.measure(services.engine, quarter, before)
