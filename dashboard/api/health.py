"""GET /healthz and /readyz: whether the process lives, and whether it can do its work."""

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from data import views

router = APIRouter(tags=["operation"])
STALE_SECONDS = 10.0


@router.get("/healthz")
async def alive(services: Given) -> Response:
    """Answer as long as the process serves at all; asks no database."""
    return Json(
        {"status": "ok", "build": services.build, "region": services.region.name, "streams": services.live.clients}
    )


@router.get("/readyz")
def ready(services: Given) -> Response:
    """Answer 200 when the database answers and the board follows it, 503 with the reason otherwise."""
    try:
        revision = views.latest_revision(services.engine)
    except SQLAlchemyError as error:
        return answer(503, "database_away", f"The database does not answer: {type(error).__name__}.")
    current_at = services.live.current_at
    if current_at is None:
        return answer(503, "starting", "The board has not been filled yet; ask again in a second.")
    behind_s = (services.now() - current_at).total_seconds()
    if behind_s > STALE_SECONDS:
        return answer(503, "board_stale", f"The board has not followed the database for {behind_s:.0f} s; see the log.")
    return Json({"status": "ready", "revision": revision, "board_revision": services.board.revision})
