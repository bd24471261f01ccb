"""Layers that map programs such as QGIS open straight from the database, where PostgreSQL has PostGIS.

`map_cases` (points in EPSG:4490, without the report, so without persons) is a view of the cases and always current.
`map_areas` holds every version of every area, `map_areas_today` those that hold today; both are written anew when the
boundaries are others than those they were written from.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine

from data.engine import reading, writing
from data.region import Region

LAYERS = ("map_cases", "map_areas", "map_areas_today")
LOCK = 0x0E4AA  # key of the advisory lock of whoever writes the areas
SRID = 4490
_COPY = "COPY map_areas (id, layer, series, code, name, parent, valid_from, valid_to, geom) FROM STDIN"


def has_layers(engine: Engine) -> bool:
    """Say whether this database has the layers: not on SQLite, and not where PostGIS could not be installed."""
    if engine.dialect.name != "postgresql":
        return False
    with reading(engine) as connection:
        return connection.exec_driver_sql("SELECT to_regclass('map_areas') IS NOT NULL").scalar_one() is True


def write_areas(engine: Engine, region: Region) -> int | None:
    """Write the areas of a region in all their versions, unless they are there already.

    Returns
    -------
    int or None
        How many were written; None when the layer is current, or when this database has no layers.
    """
    if not has_layers(engine):
        return None
    content = content_of(region)
    if _written(engine) == content:
        return None
    with writing(engine) as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.exec_driver_sql("DELETE FROM map_areas")
        count = _copy(connection, region)
        # The name of what was written stands with the table: it goes wherever the table goes.
        connection.exec_driver_sql(f"COMMENT ON TABLE map_areas IS '{content}'")
        return count


def content_of(region: Region) -> str:
    """Name what the layer holds: a hash of every area with its outline."""
    digest = hashlib.sha256()
    for values in _rows(region):
        digest.update(repr(values).encode())
    return digest.hexdigest()


def _written(engine: Engine) -> str | None:
    with reading(engine) as connection:
        found: str | None = connection.exec_driver_sql("SELECT obj_description('map_areas'::regclass)").scalar_one()
        return found


def _copy(connection: Connection, region: Region) -> int:
    driver: Any = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - for the type checker: `has_layers` has asked
    count = 0
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for values in _rows(region):
            copy.write_row(values)
            count += 1
    return count


def _rows(region: Region) -> Iterator[tuple[object, ...]]:
    number = 0
    for layer in region.layers.values():
        for area in layer.areas:
            number += 1
            outline = shapely.to_wkb(_many(area.geometry), hex=True, include_srid=True)
            yield (
                number, layer.name, area.series, area.code, area.name, area.parent,
                area.valid_from, area.valid_to, outline,
            )  # fmt: skip


def _many(outline: BaseGeometry) -> BaseGeometry:
    """Give the outline as a MultiPolygon with the SRID; the numbers stay what they are."""
    # A Polygon is its own only part; areas are nothing else (`geo.areas.Area`).
    parts = [part for part in shapely.get_parts(outline) if isinstance(part, Polygon)]
    return shapely.set_srid(MultiPolygon(parts), SRID)
