"""Features of a collection: areas, or pending cases without personal data; by box, time and page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import orjson
import shapely

from dashboard.auth import who
from dashboard.auth.scope import party
from dashboard.services import Services
from data import views
from data.views import BadQuery, Standing
from geo.areas import Area

DEFAULT_LIMIT, MOST = 100, 10_000
NO_TIME = "is no time; write 2026-11-24, an instant with its offset, or two of them with a slash between."
BOX_NUMBERS, BOX_NUMBERS_3D = 4, 6
Box = tuple[float, float, float, float]
Span = tuple[datetime | None, datetime | None]
"""From and to, both included; None is open."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: where it is, when it holds, what it says."""

    id: str
    geometry: shapely.Geometry | None
    begin: datetime | None
    end: datetime | None
    properties: dict[str, Any]

    def geojson(self) -> dict[str, Any]:
        """Write it as GeoJSON (RFC 7946)."""
        shape = None if self.geometry is None else orjson.Fragment(shapely.to_geojson(self.geometry))
        return {"type": "Feature", "id": self.id, "geometry": shape, "properties": self.properties}


def areas(found: Iterable[Area], zone: tzinfo) -> list[Feature]:
    """Write the areas of one version, whose days are those of a zone."""
    return [
        Feature(
            area.code,
            area.geometry,
            None if area.valid_from == date.min else _midnight(area.valid_from, zone),
            _midnight(area.valid_to, zone) - timedelta(microseconds=1) if area.valid_to else None,
            {
                "code": area.code,
                "series": area.series,
                "name": area.name,
                "name_en": str(area.attributes.get("name_en") or area.name),
                "parent": area.parent or "",
                "valid_from": None if area.valid_from == date.min else area.valid_from.isoformat(),
                "valid_to": area.valid_to.isoformat() if area.valid_to else None,
            },
        )
        for area in found
    ]


def cases(services: Services) -> list[Feature]:
    """Write those of the cases pending now that are whoever's asks."""
    own = views.CaseFilter(party=party(who()))
    standing = views.standing_at(services.engine, services.now(), views.Known.TODAY, services.region.calendar, own)
    return [_case(one) for one in standing]


def _case(one: Standing) -> Feature:
    point = None if one.lon is None or one.lat is None else shapely.Point(one.lon, one.lat)
    said = {
        name: getattr(one, name) or ""
        for name in ("number", "matter", "platform", "domain", "source", "lead", "township", "village", "cell")
    }
    times = {
        name: value.astimezone(UTC).isoformat() if (value := getattr(one, name)) else None
        for name in ("occurred_at", "received_at", "due_at")
    }
    return Feature(one.number, point, one.occurred_at, None, {**said, "level": one.level.name.lower(), **times})


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def box_of(text: str) -> Box:
    """Read ``west,south,east,north`` or the six numbers with heights; raises BadQuery."""
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == BOX_NUMBERS_3D:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != BOX_NUMBERS or not all(number == number and abs(number) <= 360 for number in numbers):  # noqa: PLR0124
        raise BadQuery(f"bbox={text[:60]!r} is no box; write it as west,south,east,north in degrees.")
    if numbers[3] < numbers[1]:
        raise BadQuery(f"bbox={text[:60]!r} has its north below its south; write west,south,east,north.")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def span_of(text: str, zone: tzinfo) -> Span:
    """Read an instant, a day of a zone, or an interval with ``/`` and ``..`` for an open end; raises BadQuery."""
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 2 and all(part in ("", "..") for part in parts)):
        raise BadQuery(
            f"datetime={text[:60]!r} is no time; write 2026-11-24, an instant with offset, or two with a slash."
        )
    ends = [_instant(part, text, zone, last=i == len(parts) - 1) for i, part in enumerate(parts)]
    if len(ends) == 1:
        return _instant(parts[0], text, zone, last=False), ends[0]
    return ends[0], ends[1]


def _instant(part: str, text: str, zone: tzinfo, *, last: bool) -> datetime | None:
    if part in ("", ".."):
        return None
    try:
        if len(part) == len("2026-11-24"):
            begin = _midnight(date.fromisoformat(part), zone)
            return begin + timedelta(days=1, microseconds=-1) if last else begin
        found = datetime.fromisoformat(part)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadQuery(
            f"datetime={text[:60]!r} is no time; write 2026-11-24, an instant with offset, or two with a slash."
        )
    return found


def chosen(features: Sequence[Feature], box: Box | None, span: Span | None) -> list[Feature]:
    """Keep what touches a box and holds at some time of a span, by id."""
    found = list(features)
    if box is not None:
        west, south, east, north = box
        # A box over the date line comes as two (RFC 7946, 5.2).
        boxes = [shapely.box(west, south, east, north)] if west <= east else [
            shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)
        ]  # fmt: skip
        window = shapely.union_all(boxes)
        found = [one for one in found if one.geometry is not None and window.intersects(one.geometry)]
    if span is not None:
        begin, end = span
        found = [
            one
            for one in found
            if (end is None or one.begin is None or one.begin <= end)
            and (begin is None or one.end is None or one.end >= begin)
        ]
    return sorted(found, key=lambda one: one.id)
