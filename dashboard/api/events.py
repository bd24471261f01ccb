"""POST /api/v1/cases/{number}/events."""

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api import shapes
from dashboard.api.cases import known
from dashboard.api.given import Given, Json
from dashboard.api.parse import EventIn

router = APIRouter(prefix="/cases", tags=["cases"])


@router.post("/{number}/events", status_code=201, responses={409: {"description": "Not allowed now; see `allowed`."}})
def record(services: Given, number: str, body: EventIn) -> Response:
    """Say what happened to a case. What the status does not allow gives 409 with the kinds that it does allow.

    An event may be told late: it takes its place by `occurred_at`, and the clocks are computed anew.
    """
    state = services.desk.record(known(number), body.request(), services.now())
    services.live.nudge()
    return Json(shapes.case(state, services), 201)
