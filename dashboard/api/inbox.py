"""GET /api/v1/inbox and POST /api/v1/inbox/{id}/read: what was told to whom, and who has read it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from cases.clock import Level
from dashboard.api.given import Given, Json, missing
from dashboard.api.parse import STRICT, Code
from dashboard.auth import who
from dashboard.auth.scope import check_inbox, inbox_of
from dashboard.notifying import directory_of
from dashboard.services import Services
from data import notices
from data.notices import Kept
from data.views import BadQuery

router = APIRouter(prefix="/inbox", tags=["inbox"])
WAYS = "township:<code>, department:<code>, unit:<code>, source:<code>, command or adjudicator"


class ReadIn(BaseModel):
    """Who has read a notice."""

    model_config = STRICT

    actor: Code | None = Field(
        default=None,
        min_length=1,
        description="Code of the department, unit or township that reads, never a person's name. Where somebody has"
        " signed in, that says it, and what stands here is not believed.",
    )


@router.get("")
def inbox(
    services: Given,
    recipient: Annotated[Code | None, Query(description=f"Whose inbox: {WAYS}. Default: the own one.")] = None,
    unread: Annotated[bool, Query(description="Only what nobody has read yet.")] = False,  # noqa: FBT002 - by name
    cursor: Annotated[Code | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1)] = 50,
) -> Response:
    """Give what was told to one recipient, newest first, a page at a time: follow `next` until it is null."""
    if limit > services.settings.page_limit:
        raise BadQuery(f"The limit is {limit}; give one from 1 to {services.settings.page_limit} and follow `next`.")
    identity = who()
    recipient = inbox_of(identity) or "command" if recipient is None else recipient
    check_inbox(identity, known(services, recipient))
    found = notices.inbox(services.engine, recipient, unread=unread, cursor=cursor, limit=limit)
    rows = [notice_out(one) for one in found.notices]
    return Json({"recipient": recipient, "unread": found.unread, "notices": rows, "next": found.next})


@router.post("/{notice}/read")
def read(services: Given, notice: Annotated[int, Path(ge=0)], body: ReadIn) -> Response:
    """Note that a notice has been read. Whoever read it first stays, so a repetition changes nothing."""
    identity = who()
    if not identity.sees_all:
        check_inbox(identity, notices.recipient_of(services.engine, notice))
    actor = identity.actor or body.actor
    if not actor:
        raise missing("actor")
    return Json(notice_out(notices.read_notice(services.engine, notice, actor, services.now())))


def known(services: Services, recipient: str) -> str:
    """Give a recipient that there is; raises BadQuery."""
    if not directory_of(services.region).knows(recipient):
        raise BadQuery(f"{recipient!r:.80} has no inbox here; give {WAYS}, with a code that the region knows.")
    return recipient


def notice_out(one: Kept) -> dict[str, Any]:
    """Write a notice."""
    return {
        "id": one.id,
        "recipient": one.recipient,
        "kind": one.kind,
        "number": one.number,
        "leg": one.leg,
        "level": Level(one.level).name.lower(),
        "matter": one.matter,
        "township": one.township,
        "facts": dict(one.data),
        "made_at": one.made_at,
        "read_at": one.read_at,
        "read_by": one.read_by,
        "webhook": {
            "attempts": one.attempts,
            "next_at": one.next_at,
            "sent_at": one.sent_at,
            "failure": one.failure,
            "given_up": one.given_up,
        },
        "url": f"/case/{one.number}",
    }
