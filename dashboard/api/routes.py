"""All routes of the API in one list."""

from fastapi import APIRouter, FastAPI

from dashboard.api import (
    access,
    assessment,
    board,
    boundaries,
    case_table,
    cases,
    disputes,
    door,
    duplicates,
    erasure,
    events,
    exports,
    figures,
    geometry,
    health,
    history,
    inbox,
    inspections,
    installed,
    lists,
    ogc,
    packs,
    region,
    results,
    saved_views,
    snapshot,
    stream,
)

VERSION = "/api/v1"


def include(app: FastAPI) -> None:
    """Add the routes to the application."""
    first = APIRouter(prefix=VERSION)
    for resource in (
        cases,
        case_table,
        saved_views,
        events,
        erasure,
        duplicates,
        board,
        figures,
        region,
        lists,
        disputes,
        stream,
        inbox,
        inspections,
        assessment,
        results,
        snapshot,
        packs,
        exports,
        boundaries,
        history,
        door,
        access,
    ):
        first.include_router(resource.router)
    app.include_router(first)
    app.include_router(geometry.router)
    app.include_router(ogc.router)
    app.include_router(results.checks)
    app.include_router(door.ways_in)
    app.include_router(installed.router)
    app.include_router(health.router)
