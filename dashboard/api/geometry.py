"""GET /geo/<hash>/<layer>.geojson: geometry that may be kept for good, because its URL changes when it does."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from dashboard.api.errors import answer
from dashboard.api.given import Given
from dashboard.api.negotiation import FOREVER, encoding_for, matches

router = APIRouter(include_in_schema=False)


@router.get("/geo/{digest}/{name}")
async def geometry(
    services: Given,
    digest: str,
    name: str,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Give prepared bytes in the encoding that the browser prefers."""
    prepared = services.geometry.files.get((digest, name))
    if prepared is None:
        # A version of the past, perhaps one that another process has named.
        prepared = await asyncio.to_thread(services.history.grounds.file, (digest, name))
    if prepared is None:
        return answer(
            404, "no_such_geometry", f"There is no geometry {digest}/{name}; /api/v1/region names the current URLs."
        )
    encoding = encoding_for(accept_encoding)
    etag = f'"{prepared.etag}-{encoding}"'
    headers = {"ETag": etag, "Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return Response(prepared.bodies[encoding], media_type=prepared.media_type, headers=headers)
