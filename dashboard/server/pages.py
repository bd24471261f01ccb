"""Dash on the same FastAPI application.

Dash 4.4.1 leaves three things to do here. Its catch-all is registered for the newest app of the process, whichever
starts. It prepares itself on the first request to ``/`` or ``/_dash-*``, so a wall that opens ``/wall`` first would get
a page without scripts. And it answers every unknown path with 200.
"""

import logging
import re

import dash
from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from dash.exceptions import DependencyException, InvalidResourceError
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match

from dashboard.api.errors import answer
from dashboard.services import Services
from dashboard.settings import ASSETS

log = logging.getLogger(__name__)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# Scripts that a page starts as workers, and styles of documents, must not be loaded into the page itself.
APART = r"^(w_|paper)"


def mount(app: FastAPI, services: Services) -> Dash:
    """Put a Dash application on the server; pages come afterwards, by `dashboard.shell.install`."""
    return Dash(
        "dashboard",
        server=app,
        use_pages=True,
        pages_folder="",
        assets_folder=str(ASSETS),
        assets_ignore=APART,
        include_pages_meta=False,
        serve_locally=True,
        title=services.region.names.get(services.settings.language, services.region.name),
        update_title=None,
        add_log_handler=False,
        on_error=tell,
    )


def tell(error: Exception) -> None:
    """Log what a callback raised, which Dash answers with 500 and forgets."""
    log.error("A callback failed", exc_info=error)
    raise error


def no_such_file(request: Request, _error: Exception) -> Response:
    """Answer a script of a library that there is not, which Dash takes for an error of its own."""
    return answer(404, "not_found", f"There is no {request.url.path[:200]}.")


def finish(app: FastAPI, dash_app: Dash) -> None:
    """Prepare Dash now, and answer every other path: pages with the page, the rest with 404."""
    for prepare in dash_app.backend._before_request_funcs:  # there is no public way; see above
        prepare()
    real = list(app.routes)
    for unknown in (DependencyException, InvalidResourceError):
        app.add_exception_handler(unknown, no_such_file)

    @app.api_route("/api", methods=METHODS, include_in_schema=False)
    @app.api_route("/api/{path:path}", methods=METHODS, include_in_schema=False)
    async def no_such_route(request: Request) -> Response:
        path = request.url.path[:200]
        if any(route.matches(request.scope)[0] is Match.PARTIAL for route in real):
            raise HTTPException(405, f"{request.method} means nothing at {path}. /api/docs describes what does.")
        raise HTTPException(404, f"There is no {path}. /api/docs describes what there is.")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(request: Request, path: str) -> Response:
        known = is_page(f"/{path}")
        if not known and "." in path.rpartition("/")[2]:
            raise HTTPException(404, f"There is no file /{path[:200]}.")
        token = set_current_request(request)
        try:
            return HTMLResponse(dash_app.index(), status_code=200 if known else 404)
        finally:
            reset_current_request(token)


def is_page(path: str) -> bool:
    """Say whether a registered page answers to this path."""
    for entry in dash.page_registry.values():
        template = entry.get("path_template")
        pattern = re.sub(r"<.*?>", "[^/]+", template) if template else re.escape(entry["path"])
        if re.fullmatch(pattern + "/?", path):
            return True
    return False
