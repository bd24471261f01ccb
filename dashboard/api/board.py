"""GET /api/v1/board: counts per area and level, now or at any instant of the past."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from cases.errors import FutureTime
from dashboard.api.given import Given, Json
from dashboard.api.parse import Instant
from dashboard.services import Services
from data import views

router = APIRouter(prefix="/board", tags=["live"])


@router.get("")
def board(
    services: Given,
    at: Annotated[
        Instant | None, Query(description="ISO 8601 with an offset; not in the future. Default: now.")
    ] = None,
) -> Response:
    """Pending, amber and overdue cases per area of each layer, and for the county as a whole.

    An instant of the past is answered from the clocks as they are known today: what was reported late counts, too.
    """
    now = services.now()
    if at is not None and at > now:
        raise FutureTime(
            f"{at.isoformat()} is in the future (it is {now.isoformat(timespec='seconds')}); "
            "the board tells the present and the past. Leave `at` out for now."
        )
    return Json(present(services, now) if at is None else past(services, at))


def present(services: Services, now: datetime) -> dict[str, Any]:
    """Answer from the board, without the database."""
    picture = services.board.picture(now)
    return {
        "at": now,
        "rev": picture.revision,
        "layers": {
            services.geometry.finest: picture.cells.by_key(),
            "township": picture.townships.by_key(),
        },
        "outside": {name: int(getattr(picture.townships, name)[0]) for name in ("pending", "amber", "overdue")},
        "figures": dict(picture.figures),
    }


def past(services: Services, at: datetime) -> dict[str, Any]:
    """Answer from the database, at the cost of the cases that were pending then."""
    layers, outside = {}, {"pending": 0, "amber": 0, "overdue": 0}
    for name in dict.fromkeys((services.geometry.finest, "township")):
        found = views.counts_at(services.engine, at, "cell" if name == "grid" else name)
        layers[name] = {
            code: {"level": int(c.level), "pending": c.pending, "amber": c.amber, "overdue": c.red}
            for code, c in sorted((code, c) for code, c in found.items() if code is not None)
        }
        if name == "township" and None in found:
            outside = {"pending": found[None].pending, "amber": found[None].amber, "overdue": found[None].red}
    return {"at": at, "layers": layers, "outside": outside, "figures": figures(layers["township"], outside)}


def figures(townships: Mapping[str, Mapping[str, int]], outside: Mapping[str, int]) -> dict[str, int]:
    """Sum up the county: its townships and what stands outside of them."""
    rows = [*townships.values(), outside]
    return {name: sum(row[name] for row in rows) for name in ("pending", "amber", "overdue")}
