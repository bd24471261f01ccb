"""The addresses of OGC API - Features, part 1: landing page, conformance, collections, their items."""

from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from dashboard.api.docs import DOCS_URL, OPENAPI_URL
from dashboard.api.errors import answer
from dashboard.api.given import Given, Json
from dashboard.api.ogc import collections as those
from dashboard.api.ogc import items
from dashboard.services import Services
from data.views import BadQuery

router = APIRouter(prefix="/ogc", tags=["ogc"])
GEOJSON = "application/geo+json"
CONFORMS = tuple(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson"))
KNOWN = frozenset({"limit", "bbox", "datetime", "after", "f"})


class GeoJson(Json):
    """A feature or a collection of features."""

    media_type = GEOJSON


def base_of(request: Request) -> str:
    """Give the address that the settings name; else the one that the client used: a proxy may stand between."""
    known = request.app.state.services.settings.public_url
    return str(known or request.base_url).rstrip("/") + "/ogc"


@router.get("")
def landing(services: Given, request: Request) -> Response:
    """Where a client begins: links to what there is."""
    base = base_of(request)
    link = {"self": (base, "application/json"), "conformance": (f"{base}/conformance", "application/json")}
    link |= {"data": (f"{base}/collections", "application/json")}
    root = base.removesuffix("/ogc")
    link |= {"service-desc": (root + OPENAPI_URL, "application/vnd.oai.openapi+json;version=3.1")}
    link |= {"service-doc": (root + DOCS_URL, "text/html")}
    return Json(
        {
            "title": f"OneMap {services.region.name}",
            "description": services.region.attribution,
            "links": [{"rel": rel, "href": href, "type": kind, "title": rel} for rel, (href, kind) in link.items()],
        }
    )


@router.get("/conformance")
def conformance() -> Response:
    """Say which parts of the standard are kept."""
    return Json({"conformsTo": CONFORMS})


@router.get("/collections")
def every(services: Given, request: Request) -> Response:
    """Every collection: area layers as they are today and in each version, and the pending cases."""
    base = base_of(request)
    return Json(
        {
            "links": [
                {"rel": "self", "href": f"{base}/collections", "type": "application/json", "title": "collections"}
            ],
            "collections": [those.described(services, one, base) for one in those.collections(services)],
        }
    )


@router.get("/collections/{name}")
def one(services: Given, request: Request, name: str) -> Response:
    """Describe a collection."""
    found = those.named(services, name)
    return Json(those.described(services, found, base_of(request))) if found else _no_collection(name)


@router.get("/collections/{name}/items")
def many(services: Given, request: Request, name: str) -> Response:
    """Features of a collection: `bbox`, `datetime`, `limit` (at most 10,000), and `next` to follow."""
    found = those.named(services, name)
    if found is None:
        return _no_collection(name)
    try:
        asked = _asked(request)
        box = items.box_of(asked["bbox"]) if "bbox" in asked else None
        span = items.span_of(asked["datetime"], services.region.zone) if "datetime" in asked else None
        limit = _limit(asked.get("limit"))
    except BadQuery as error:
        # The standard wants 400 here, where the rest of the interface says 422.
        return answer(400, "bad_query", str(error))
    matched = items.chosen(_features(services, found), box, span)
    after = asked.get("after")
    rest = [feature for feature in matched if after is None or feature.id > after]
    page = rest[:limit]
    return GeoJson(_page(request, services, name, matched, page, more=len(rest) > limit))


def _page(
    request: Request, services: Services, name: str, matched: list[items.Feature], page: list[items.Feature], *,
    more: bool,
) -> dict[str, Any]:  # fmt: skip
    url = f"{base_of(request)}/collections/{quote(name)}/items"
    asked = f"?{request.url.query}" if request.url.query else ""
    links = [{"rel": "self", "href": url + asked, "type": GEOJSON, "title": "this page"}]
    if more:
        query = {**dict(request.query_params), "after": page[-1].id}
        links.append({"rel": "next", "href": f"{url}?{urlencode(query)}", "type": GEOJSON, "title": "next page"})
    return {
        "type": "FeatureCollection",
        "features": [feature.geojson() for feature in page],
        "links": links,
        "timeStamp": services.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": len(matched),
        "numberReturned": len(page),
    }


@router.get("/collections/{name}/items/{feature}")
def single(services: Given, request: Request, name: str, feature: str) -> Response:
    """Give one feature of a collection."""
    found = those.named(services, name)
    if found is None:
        return _no_collection(name)
    item = next((item for item in _features(services, found) if item.id == feature), None)
    if item is None:
        return answer(404, "no_such_feature", f"{name} holds no feature {feature[:60]!r}; see its items.")
    url = f"{base_of(request)}/collections/{quote(name)}"
    links = [
        {"rel": "self", "href": f"{url}/items/{quote(feature)}", "type": GEOJSON, "title": feature},
        {"rel": "collection", "href": url, "type": "application/json", "title": name},
    ]
    return GeoJson({**item.geojson(), "links": links})


def _features(services: Services, one: those.Collection) -> list[items.Feature]:
    return items.cases(services) if one.layer is None else items.areas(one.layer.areas, services.region.zone)


def _asked(request: Request) -> dict[str, str]:
    asked = dict(request.query_params)
    if unknown := asked.keys() - KNOWN:
        raise BadQuery(f"{', '.join(sorted(unknown))[:80]} is no parameter here; there are {', '.join(sorted(KNOWN))}.")
    return asked


def _limit(text: str | None) -> int:
    if text is None:
        return items.DEFAULT_LIMIT
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise BadQuery(f"limit={text[:20]!r} is no limit; give a whole number from 1 to {items.MOST}.")
    return min(int(text), items.MOST)


def _no_collection(name: str) -> Response:
    return answer(
        404, "no_such_collection", f"There is no collection {name[:60]!r}; /ogc/collections lists those there are."
    )
