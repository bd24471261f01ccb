"""GET /api/v1/figures: what a period brought to each area, as the cases occurred or as they lie today."""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from dashboard.api.given import Given, Json
from dashboard.api.parse import Code, Instant
from dashboard.services import Services
from data import views
from data.reattributing import base_of, in_force
from data.views import AreaCount, AreaFigures, BadQuery, Basis

router = APIRouter(tags=["figures"])
DAYS = timedelta(days=30)
"""Length of the period where none is given."""


class FiguresQuery(BaseModel):
    """Which figures are meant; a misspelt filter is refused."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    layer: Code = Field(default="township", description="A layer of the region: township, village, grid …")
    begin: Instant | None = Field(
        default=None, alias="from", description="From this instant on; 30 days before `to` if missing."
    )
    end: Instant | None = Field(
        default=None, alias="to", description="Before this instant; the end of today if missing."
    )
    basis: Literal["occurred", "current"] = Field(
        default="occurred",
        description="`occurred` 当时口径: by the areas in which the cases occurred. `current` 现行口径: by the"
        " boundaries in force, also of cases that were closed before.",
    )


@router.get("/figures")
def figures(services: Given, query: Annotated[FiguresQuery, Query()]) -> Response:
    """Count by area what a period brought, and what is pending at its end (or now), on one of two bases.

    A case counts once, merged ones for the case that stays; `reports` counts every report. `unplaced` of figures as
    current says how many cases are not placed by the boundaries in force yet and count where they stand: the command
    `reattribute --statistics` places them. `code` null is what lies in no area of the layer.
    """
    region, now = services.region, services.now()
    if query.layer not in region.layers:
        raise BadQuery(f"There is no layer {query.layer!r}; the region has {', '.join(region.layers)}.")
    tomorrow = region.local_day(now) + timedelta(days=1)
    end = query.end or datetime.combine(tomorrow, time.min, tzinfo=region.zone)
    begin = query.begin or end - DAYS
    if end <= begin:
        raise BadQuery(
            f"The period ends at {end.isoformat()}, which is not after {begin.isoformat()}; turn them round."
        )
    basis, version = Basis(query.basis), in_force(region, region.local_day(now))
    base = base_of(region, version)
    layer, at = "cell" if query.layer == "grid" else query.layer, min(end, now)
    found = views.area_figures(services.engine, layer, begin, end, basis, base)
    pending = views.counts_at(services.engine, at, layer, basis, base)
    areas = [
        area_out(services, query.layer, code, found.get(code), pending.get(code))
        for code in sorted(found.keys() | pending.keys(), key=lambda code: (code is None, code or ""))
    ]
    said = {"layer": query.layer, "from": begin, "to": end, "basis": query.basis, "pending_at": at}
    lines = {"boundaries": version.day, "unplaced": views.unplaced(services.engine, base) if basis == "current" else 0}
    return Json({"at": now, **said, **lines, "areas": areas, "total": total(areas)})


def area_out(
    services: Services, layer: str, code: str | None, found: AreaFigures | None, pending: AreaCount | None
) -> dict[str, Any]:
    """Write the figures of an area."""
    known = services.region.layers[layer]
    day = services.region.local_day(services.now())
    area = (known.by_code(code, day) or known.by_code(code)) if code else None
    standing = pending or AreaCount(0, 0, 0)
    counts = {"pending": standing.pending, "amber": standing.amber, "overdue": standing.red}
    return {"code": code, "name": area.name if area else code, **asdict(found or AreaFigures()), **counts}


def total(areas: list[dict[str, Any]]) -> dict[str, int]:
    """Sum up all areas and what lies outside of them: the same on both bases."""
    names = [*asdict(AreaFigures()), "pending", "amber", "overdue"]
    return {name: sum(area[name] for area in areas) for name in names}
