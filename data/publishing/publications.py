"""Reading what was published: who, when, from which day, which layers, and the areas themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, bindparam, func, select

from data import tables
from data.engine import reading
from data.publishing.errors import NoSuchPublication
from geo.areas import Area
from geo.exchange.features import EMPTY

_HEADS = tables.boundary_publications
_LAYERS = tables.boundary_layers
_AREAS = tables.boundary_areas
_COUNTER = select(tables.counters.c.value).where(tables.counters.c.name == tables.BOUNDARIES)
_COUNTED = select(_AREAS.c.publication, _AREAS.c.layer, func.count()).group_by(_AREAS.c.publication, _AREAS.c.layer)
_NAMED = select(_AREAS.c.layer, _AREAS.c.series, _AREAS.c.code, _AREAS.c.name, _AREAS.c.parent, _AREAS.c.attributes)
_IN_ORDER = (
    select(_AREAS)
    .where(_AREAS.c.publication == bindparam("publication"), _AREAS.c.layer == bindparam("layer"))
    .order_by(_AREAS.c.position)
)


@dataclass(frozen=True, slots=True)
class PublishedLayer:
    """One layer of a publication: the file that it came from, and how many areas it has."""

    layer: str
    file: str
    sha256: str
    areas: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who withdrew a publication, when and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Publication:
    """Layers that were published together, to hold from a day on."""

    id: int
    begins_on: date
    note: str
    by: str
    at: datetime
    layers: tuple[PublishedLayer, ...]
    withdrawal: Withdrawal | None = None


def publications(engine: Engine, county: str) -> tuple[Publication, ...]:
    """Give every publication of a county, withdrawn ones too, the first one first."""
    with reading(engine) as connection:
        return tuple(heads(connection, county))


def report_of(engine: Engine, county: str, publication: int) -> Mapping[str, Any]:
    """Give the report on the file of each layer; raises NoSuchPublication."""
    with reading(engine) as connection:
        found(connection, county, publication)
        rows = connection.execute(select(_LAYERS.c.layer, _LAYERS.c.report).where(_LAYERS.c.publication == publication))
        return {row.layer: row.report for row in rows}


def count(connection: Connection) -> int:
    """Give the counter that moves with every publication and withdrawal."""
    value: int = connection.execute(_COUNTER).scalar_one()
    return value


def heads(connection: Connection, county: str) -> Iterator[Publication]:
    """Yield every publication of a county without its areas."""
    counted = {(row[0], row[1]): row[2] for row in connection.execute(_COUNTED)}
    layers: dict[int, list[PublishedLayer]] = {}
    known = select(_LAYERS.c.publication, _LAYERS.c.layer, _LAYERS.c.file, _LAYERS.c.sha256)
    for row in connection.execute(known):
        areas = counted.get((row.publication, row.layer), 0)
        layers.setdefault(row.publication, []).append(PublishedLayer(row.layer, row.file, row.sha256, areas))
    rows = connection.execute(select(_HEADS).where(_HEADS.c.region == county).order_by(_HEADS.c.id)).all()
    gone = {row.withdraws: Withdrawal(row.actor, row.recorded_at, row.note) for row in rows if row.withdraws}
    for row in rows:
        if row.begins_on is not None:
            own = tuple(sorted(layers.get(row.id, ()), key=lambda one: one.layer))
            yield Publication(row.id, row.begins_on, row.note, row.actor, row.recorded_at, own, gone.get(row.id))


def found(connection: Connection, county: str, publication: int) -> Publication:
    """Give one publication; raises NoSuchPublication."""
    known = {one.id: one for one in heads(connection, county)}
    if publication not in known:
        numbers = ", ".join(map(str, known)) or "none"
        raise NoSuchPublication(f"there is no publication {publication}; known are {numbers}")
    return known[publication]


def areas_of(connection: Connection, publication: Publication, layer: str) -> tuple[Area, ...]:
    """Read the areas of one layer as they were published, valid from its day on."""
    rows = connection.execute(_IN_ORDER, {"publication": publication.id, "layer": layer}).all()
    outlines = shapely.from_wkb([row.outline for row in rows])
    return tuple(_area(row, publication.begins_on, outline) for row, outline in zip(rows, outlines, strict=True))


def named(connection: Connection, county: str) -> Iterator[Area]:
    """Yield every area of every publication of a county, without its outline, the first publication first."""
    of_county = select(_HEADS.c.id).where(_HEADS.c.region == county)
    for row in connection.execute(_NAMED.where(_AREAS.c.publication.in_(of_county)).order_by(_AREAS.c.publication)):
        yield _area(row, date.min, EMPTY)


def _area(row: Any, begin: date, outline: BaseGeometry) -> Area:
    return Area(row.layer, row.series, row.code, row.name, row.parent, begin, None, outline, row.attributes)
