"""What QGIS opens: points and areas in PostGIS, the same as shapely has them; and what it must not open."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pyogrio
import pytest
import shapely
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data.engine import open_engine, reading, writing
from data.gis import has_layers, write_areas
from data.region import Region
from data.store import SqlCaseStore
from tests.data.samples import add
from tests.environment.postgres import Server


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Engine]:
    engine = open_engine(postgresql_url)
    yield engine
    engine.dispose()


def rows(engine: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def test_every_area_of_every_version_stands_in_the_layer(postgresql: Engine, cixi: Region) -> None:
    areas = [area for layer in cixi.layers.values() for area in layer.areas]
    assert write_areas(postgresql, cixi) == len(areas)
    assert write_areas(postgresql, cixi) is None, "it is there already"
    stored = rows(
        postgresql,
        "SELECT layer, code, name, parent, valid_from, valid_to, ST_AsBinary(geom), ST_SRID(geom) FROM map_areas"
        " ORDER BY id",
    )
    for area, row in zip(areas, stored, strict=True):
        assert row[:6] == (area.layer, area.code, area.name, area.parent, area.valid_from, area.valid_to)
        assert row[7] == 4490
        assert shapely.equals_exact(shapely.from_wkb(bytes(row[6])).normalize(), area.geometry.normalize()) or (
            list(shapely.get_parts(shapely.from_wkb(bytes(row[6])))) == [area.geometry]
        ), "not a digit is lost"


def test_the_areas_of_today_are_those_that_hold_today(postgresql: Engine, cixi: Region) -> None:
    write_areas(postgresql, cixi)
    ((today,),) = rows(postgresql, "SELECT current_date")
    found = set(rows(postgresql, "SELECT layer, code FROM map_areas_today"))
    wanted = {(area.layer, area.code) for layer in cixi.layers.values() for area in layer.valid_on(today).areas}
    assert found == wanted


def test_postgis_finds_for_each_case_the_area_that_shapely_finds(postgresql: Engine, cixi: Region) -> None:
    write_areas(postgresql, cixi)
    store = SqlCaseStore(postgresql)
    townships = cixi.layers["township"].valid_on(date(2026, 11, 24)).areas
    points = [area.geometry.representative_point() for area in cixi.layers["grid"].areas[::97]]
    numbers = [add(store, str(n), lon=point.x, lat=point.y).number for n, point in enumerate(points)]
    add(store, "nowhere", lon=None, lat=None)
    wanted = {
        (number, area.code)
        for number, point in zip(numbers, points, strict=True)
        for area in townships
        if shapely.within(point, area.geometry)
    }
    assert len(wanted) == len(numbers) > 10
    found = rows(
        postgresql,
        "SELECT number, code FROM map_cases JOIN map_areas"
        " ON layer = 'township' AND ST_Within(map_cases.geom, map_areas.geom)"
        " WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)",
        day=date(2026, 11, 24),
    )
    assert set(found) == wanted
    texts = dict(rows(postgresql, "SELECT number, ST_AsText(geom) FROM map_cases"))
    assert {number: shapely.from_wkt(texts[number]) for number in numbers} == dict(zip(numbers, points, strict=True))


def test_other_boundaries_are_written_over(postgresql: Engine, cixi: Region) -> None:
    write_areas(postgresql, cixi)
    fewer = replace(cixi, layers={"township": cixi.layers["township"]})
    assert write_areas(postgresql, fewer) == len(cixi.layers["township"])
    assert rows(postgresql, "SELECT DISTINCT layer FROM map_areas") == [("township",)]


def test_layers_have_spatial_indexes(postgresql: Engine) -> None:
    found = rows(postgresql, "SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%USING gist (geom)'")
    assert {name for (name,) in found} == {"cases", "map_areas"}


def test_a_reader_for_maps_sees_layers_and_no_person(postgresql: Engine, postgresql_server: Server) -> None:
    """The role that docs/deploy.md tells to make."""
    name = f"qgis_{postgresql.url.database}"
    with writing(postgresql) as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"GRANT SELECT ON map_cases, map_areas, map_areas_today TO {name}"))
    add(SqlCaseStore(postgresql))
    reader = open_engine(postgresql.url.set(username=name))
    assert rows(reader, "SELECT count(*) FROM map_cases") == [(1,)]
    for table in ("cases", "events", "legs", "accounts", "events_other"):
        with pytest.raises(DBAPIError, match="permission denied"):
            rows(reader, f"SELECT * FROM {table}")
    shown = {
        key
        for (key,) in rows(reader, "SELECT column_name FROM information_schema.columns WHERE table_name = 'map_cases'")
    }
    assert not shown & {"report", "notes", "body_hash", "source_id", "subject"}
    reader.dispose()


@pytest.mark.skipif("PostgreSQL" not in pyogrio.list_drivers(), reason="this GDAL has no driver for PostgreSQL")
def test_gdal_opens_the_layers(postgresql: Engine, cixi: Region) -> None:
    write_areas(postgresql, cixi)
    query = postgresql.url.query
    source = f"PG:host={query['host']} port={query['port']} user=postgres dbname={postgresql.url.database}"
    frame = pyogrio.read_dataframe(source, layer="map_areas")
    assert len(frame) == sum(len(layer) for layer in cixi.layers.values())
    assert frame.crs.to_epsg() == 4490


def test_without_postgis_nothing_is_written_and_nothing_breaks(sqlite_url: str, cixi: Region) -> None:
    engine = open_engine(sqlite_url)
    assert not has_layers(engine)
    assert write_areas(engine, cixi) is None
    engine.dispose()
