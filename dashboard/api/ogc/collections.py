"""The collections: every area layer as it is today and in each earlier version, and the pending cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from dashboard.services import Services
from geo.areas import AreaLayer

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
CASES = "cases"
TITLES: Mapping[str, str] = {"township": "镇街", "village": "村社", "grid": "网格"}


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection.

    Attributes
    ----------
    layer
        The area layer at its version; None for the pending cases.
    begins
        First day of the version.
    """

    name: str
    title: str
    description: str
    layer: AreaLayer | None
    begins: date | None = None


def collections(services: Services) -> Iterator[Collection]:
    """Give every collection: today's areas first, then the cases, then older and coming versions of the areas."""
    region, today = services.region, services.region.local_day(services.now())
    for name in region.layers:
        yield _areas(services, name, name, today)
    yield Collection(CASES, f"{region.name} 在办事件", "Cases that are pending now, without personal data.", None)
    for name, layer in region.layers.items():
        days = (day for day in layer.change_days if layer.valid_on(day).areas)
        yield from (_areas(services, f"{name}@{day}", name, day) for day in days)


def _areas(services: Services, called: str, name: str, day: date) -> Collection:
    region = services.region
    layer, begins = region.layers[name].valid_on(day), region.layers[name].version_of(day)
    title = f"{region.name} {TITLES.get(name, name)} {called.partition('@')[2]}".strip()
    return Collection(called, title, f"Areas of the layer {name} as on {day}. {region.attribution}", layer, begins)


def named(services: Services, name: str) -> Collection | None:
    """Find a collection by its name."""
    return next((one for one in collections(services) if one.name == name), None)


def described(services: Services, one: Collection, base: str) -> dict[str, Any]:
    """Describe a collection as the standard wants it (requirement /req/core/sfc-md-success)."""
    first = one.begins if one.begins and one.begins > date.min else None
    begin = datetime.combine(first, time(0), services.region.zone).isoformat() if first else None
    bounds = list(one.layer.bounds) if one.layer is not None and len(one.layer) else list(services.geometry.bounds)
    url = f"{base}/collections/{one.name}"
    return {
        "id": one.name,
        "title": one.title,
        "description": one.description,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [bounds], "crs": CRS84},
            "temporal": {"interval": [[begin, None]], "trs": GREGORIAN},
        },
        "crs": [CRS84],
        "links": [
            {"rel": "self", "href": url, "type": "application/json", "title": one.title},
            {"rel": "items", "href": f"{url}/items", "type": "application/geo+json", "title": one.title},
        ],
    }
