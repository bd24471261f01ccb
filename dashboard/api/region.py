"""GET /api/v1/region: what a reporter or a page must know of the region before it begins."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from cases.matters import Matter
from dashboard.api.given import Given, Json
from dashboard.api.negotiation import REVALIDATE, matches
from dashboard.services import Services

router = APIRouter(prefix="/region", tags=["region"])


@router.get("")
def region(services: Given, if_none_match: Annotated[str, Header()] = "") -> Response:
    """Names, layers with the URLs of their geometry, matters, departments and sources, as they are today.

    Whoever has it already and asks with its ETag is answered 304.
    """
    found = Json(description(services))
    # Weak: the same content, in whatever encoding it is sent.
    etag = f'"{hashlib.blake2b(bytes(found.body), digest_size=12).hexdigest()}"'
    headers = {"ETag": f"W/{etag}", "Cache-Control": REVALIDATE}
    if matches(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    found.headers.update(headers)
    return found


def description(services: Services) -> dict[str, Any]:
    """Write everything that the answer holds; pages use it, too."""
    place, geometry = services.region, services.geometry
    version = services.library.current().on(place.local_day(services.now()))
    return {
        "name": place.name,
        "names": dict(place.names),
        "county_code": place.county_code,
        "zone": str(place.zone),
        "build": services.build,
        "attribution": place.attribution,
        "approval_number": place.approval_number,
        "day": geometry.day.isoformat(),
        "bounds": geometry.bounds,
        "finest": geometry.finest,
        "layers": {name: {"url": layer.url, "areas": len(layer.codes)} for name, layer in geometry.layers.items()},
        "context": geometry.context_url,
        "list_version": version.version,
        "matters": [matter_out(matter) for matter in version.matters],
        "departments": [
            {"code": d.code, "name": d.name, "short_name": d.spoken, "name_en": d.name_en, "domain": d.domain}
            for d in place.organisation.departments.values()
        ],
        "sources": [
            {"code": s.code, "name": s.name, "name_en": s.name_en, "crs": s.crs, "kind": s.kind}
            for s in place.sources.values()
        ],
    }


def matter_out(matter: Matter) -> dict[str, Any]:
    """Write one item of the lists."""
    return {
        "code": matter.code,
        "name": matter.name,
        "name_en": matter.name_en,
        "kind": matter.kind,
        "platform": matter.platform,
        "domain": matter.domain,
        "category": matter.category,
        "lead": matter.lead,
        "coordinating": matter.coordinating,
        "clause": matter.clause,
        "basis": matter.basis,
    }
