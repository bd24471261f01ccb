"""POST /api/v1/cases/{number}/events."""

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from dashboard.api import shapes
from dashboard.api.cases import known
from dashboard.api.given import Given, Json
from dashboard.api.parse import EventIn

router = APIRouter(prefix="/cases", tags=["cases"])


@router.post(
    "/{number}/events",
    status_code=201,
    responses={
        200: {"description": "The same event came before under this key: nothing was changed."},
        409: {"description": "Not allowed now; see `allowed`. Or the key came before, with another event."},
    },
)
def record(
    services: Given,
    number: str,
    body: EventIn,
    idempotency_key: Annotated[
        str | None,
        Header(description="1 to 64 characters, new for each event: sent again under it, the event counts once."),
    ] = None,
) -> Response:
    """Say what happened to a case. What the status does not allow gives 409 with the kinds that it does allow.

    An event may be told late: it takes its place by `occurred_at`, and the clocks are computed anew.
    """
    found = services.desk.record_once(known(number), body.request(), services.now(), idempotency_key)
    if not found.repeated:
        services.live.nudge()
    return Json(shapes.case(found.state, services), 200 if found.repeated else 201)
