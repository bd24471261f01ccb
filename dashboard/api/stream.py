"""GET /api/v1/stream: what changes, as it changes."""

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from dashboard.api.errors import answer
from dashboard.api.given import Given
from dashboard.auth import who
from dashboard.auth.watching import while_admitted

router = APIRouter(tags=["live"])
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}  # the second one stops nginx from collecting events


@router.get("/stream", response_class=StreamingResponse)
async def follow(
    services: Given, last_event_id: Annotated[str, Header(description="The id of the last message received.")] = ""
) -> Response:
    """Send events: `hello`, then `full` or the missed `delta`s, then each change as it comes.

    An id that is no longer in memory gives `reset` before `full`. Numbers are absolute, so a message may safely be
    applied twice. A `heartbeat` ends every long silence; its `at` is the last instant at which this process knew itself
    to be in line with the database. Nothing here is personal.
    `door` says why the stream ends for good: a token was revoked, a session has ended. `again` says that this process
    ends: come back after a random time of at most `within` milliseconds, to whichever process answers then.
    """
    if services.live.is_closing:
        detail = "This process ends; ask again, another one answers."
        return answer(503, "stopping", detail, headers={"Retry-After": "1", "Connection": "close"})
    messages = services.live.follow(last_event_id)
    watched = while_admitted(messages, services.access.door, who(), services.access.rights)
    return StreamingResponse(watched, media_type="text/event-stream; charset=utf-8", headers=HEADERS)
