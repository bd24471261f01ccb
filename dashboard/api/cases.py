"""POST /api/v1/cases, GET /api/v1/cases and /api/v1/cases/{number}."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from cases.errors import NoSuchCase
from dashboard.api import shapes
from dashboard.api.given import Given, Json
from dashboard.api.parse import ReportIn
from dashboard.api.query import LEVELS, CaseQuery
from dashboard.api.reports import reports_out
from dashboard.auth import who
from dashboard.auth.scope import check_case, check_source, party
from dashboard.services import Services
from data import views
from data.views import BadQuery, CaseFilter, CasePage
from data.views.search import Order

router = APIRouter(prefix="/cases", tags=["cases"])
NUMBER = re.compile(r"[A-Za-z]{0,12}\d{8}-\d{5,12}")
SAME_NAMED = ("township", "village", "cell", "matter", "department", "platform", "domain", "status", "source")


@router.post("", status_code=201, responses={200: {"description": "The same report came before: the first case."}})
def receive(services: Given, body: ReportIn) -> Response:
    """Report something. The answer comes after the case is stored for good, with who has to respond and by when.

    Bad coordinates never lose a case: it is kept, flagged and queued for checking. Sending the same body with the same
    `source_id` again gives the first case (200), another body 409.
    """
    check_source(who(), body.source)
    with services.metrics.report(body.source) as outcome:
        received = services.desk.receive(body.report(), services.now())
        outcome.name = "repeated" if received.repeated else "stored"
    if not received.repeated:
        services.live.nudge()
    return Json(shapes.case(received.state, services), 200 if received.repeated else 201)


@router.get("")
def many(services: Given, query: Annotated[CaseQuery, Query()]) -> Response:
    """Cases of one's own, a page at a time: follow `next` until it is null. Without personal data."""
    if query.limit > services.settings.page_limit:
        raise BadQuery(
            f"The limit is {query.limit}; give one from 1 to {services.settings.page_limit} and follow `next`."
        )
    now = services.now()
    filters = CaseFilter(
        **{name: getattr(query, name) for name in SAME_NAMED},
        level=tuple(LEVELS[name] for name in query.level),
        at=now if query.level else None,
        occurred_from=query.occurred_from,
        occurred_to=query.occurred_to,
        party=party(who()),
    )
    found = views.list_cases(services.engine, filters, query.cursor, query.limit, Order(query.order))
    return Json({"at": now, "cases": [shapes.row(row, now) for row in found.rows], "next": found.next})


@router.get("/{number}")
def one(services: Given, number: str) -> Response:
    """Everything about one case of one's own: legs with their clauses, clocks, history, what is allowed now.

    `reports` holds its own report and those of all cases that were merged into it, along the whole chain.
    """
    found = owned(services, number)
    services.access.seeing.opened(who(), found.state)
    page = shapes.page(found, services)
    return Json(page | {"reports": reports_out(views.reports_of(services.engine, number))})


def owned(services: Services, number: str) -> CasePage:
    """Give a case whole to whoever it belongs to; raises NoSuchCase, Forbidden."""
    page = views.case_page(services.engine, known(number))
    check_case(who(), page.state)
    return page


def known(number: str) -> str:
    """Give a text that can be a case number at all; spares the database what nobody can have been given."""
    if not NUMBER.fullmatch(number):
        raise NoSuchCase(f"There is no case {number[:60]!r}. Case numbers look like CX20261001-00001.")
    return number
