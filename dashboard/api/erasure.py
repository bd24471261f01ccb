"""POST /api/v1/cases/{number}/erasure: personal data goes by law; what went, by whom and why is told."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from dashboard.api.cases import owned
from dashboard.api.given import Given, Json
from dashboard.api.parse import STRICT
from dashboard.auth import who
from dashboard.auth.record import by
from data.erasing import LONGEST_REASON, erase

router = APIRouter(prefix="/cases", tags=["cases"])


class ErasureIn(BaseModel):
    """Why, and how much."""

    model_config = STRICT

    reason: Annotated[str, Field(max_length=LONGEST_REASON, description="The law or the request; it names nobody.")]
    whole: Annotated[bool, Field(description="Description, photos, attributes and all free texts, too.")] = False


@router.post("/{number}/erasure")
def erasure(services: Given, number: str, body: ErasureIn) -> Response:
    """Erase the contact of a case for good. Doing it again changes nothing."""
    owned(services, number)
    now, calendar = services.now(), services.region.calendar
    done = erase(services.engine, calendar, number, body.reason, by(who()), now, whole=body.whole)
    services.live.nudge()
    parts = {str(revision): paths for revision, paths in done.parts.items()}
    return Json({"number": number, "revision": done.revision, "erased": parts})
