"""POST /api/v1/cases/{number}/events and /contact: what happened to a case, and whom to answer."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field
from starlette.responses import Response

from cases.case import CaseState
from cases.events import EventKind
from cases.intake import EventRequest
from cases.recording.parties import leg_of
from dashboard.api import shapes
from dashboard.api.cases import known, owned
from dashboard.api.given import Given, Json, missing
from dashboard.api.parse import STRICT, Code, EventIn
from dashboard.auth import Identity, Role, who
from dashboard.auth.record import What, entry
from dashboard.auth.scope import approved, check_event
from dashboard.services import Services
from data import accounts, views

router = APIRouter(prefix="/cases", tags=["cases"])
LOGGED = frozenset(Role) - {Role.OPEN, Role.REPORTER}
"""People: of a source the event itself names all that is known."""


class ContactIn(BaseModel):
    """Why a contact is looked at."""

    model_config = STRICT

    reason: Annotated[Code, Field(max_length=200)] = ""


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

    An event may be told late: it takes its place by `occurred_at`, and the clocks are computed anew. Who did it and
    who approved it is whoever has signed in.
    """
    identity = who()
    if identity.role is Role.OPEN and body.actor is None:
        raise missing("actor")
    request = admitted(services, identity, known(number), body.request())
    found = services.desk.record_once(number, request, services.now(), idempotency_key)
    state = found.state
    if found.repeated:
        return Json(shapes.case(state, services))
    services.live.nudge()
    if identity.role in LOGGED:
        row = entry(identity, What.RECORDED, number, kind=request.kind, revision=state.revision)
        accounts.note(services.engine, row, services.now())
    return Json(shapes.case(state, services), 201)


@router.post("/{number}/contact")
def contact(services: Given, number: str, body: ContactIn) -> Response:
    """Give the reporter's name and phone of one's own case. Each look leaves a row in the audit first."""
    page = owned(services, number)
    accounts.note(services.engine, entry(who(), What.UNMASKED, number, reason=body.reason), services.now())
    given = page.state.report.get("contact") or {}
    return Json({"number": number, "contact": given}, headers={"Cache-Control": "no-store"})


def admitted(services: Services, identity: Identity, number: str, asked: EventRequest) -> EventRequest:
    """Give an event with who did it, if it is theirs to record.

    Raises
    ------
    Forbidden, NoSuchCase, UnknownDepartment
    """
    if identity.role is Role.OPEN:
        return asked
    kind = next((one for one in EventKind if one == asked.kind), None)
    if kind is None:
        # What it is, the desk says better.
        return replace(asked, actor=identity.actor or "")
    state = views.case_page(services.engine, number).state
    check_event(identity, state, kind, meant(state, asked))
    return replace(asked, actor=identity.actor or "", data=approved(identity, asked.data))


def meant(state: CaseState, asked: EventRequest) -> int | None:
    """Give the number of the leg that an event names; None for the lead or the whole case."""
    if asked.leg is not None or asked.department is None:
        return asked.leg
    return leg_of(state, asked.department)
