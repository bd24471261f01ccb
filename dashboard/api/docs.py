"""GET /api/docs: the description of the API by Swagger UI, with files of our own host only."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse

DOCS_URL = "/api/docs"
OPENAPI_URL = "/api/openapi.json"
STATIC_URL = "/api/static"
FILES = Path(fastapi_offline.__file__).parent / "static"


def install(app: FastAPI) -> str:
    """Serve the page and its files; gives the page, whose one inline script the policy must allow."""
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_URL,
        title=f"{app.title}: API",
        swagger_js_url=f"{STATIC_URL}/swagger-ui-bundle.js",
        swagger_css_url=f"{STATIC_URL}/swagger-ui.css",
        swagger_favicon_url=f"{STATIC_URL}/favicon.png",
        # Otherwise the page would ask a validator on another host.
        swagger_ui_parameters={"validatorUrl": None, "displayRequestDuration": True},
    )
    html = bytes(page.body).decode()

    @app.get(DOCS_URL, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(html)

    app.mount(STATIC_URL, StaticFiles(directory=FILES), name="api_static")
    return html
