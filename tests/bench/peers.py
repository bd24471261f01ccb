"""Other engines that join points with polygons, each made ready once and then asked the same question.

A peer gets polygons in rank order and arrays of x and y, and answers with the lowest position of a polygon that
intersects each point, -1 for none. Those that work on geometries get their points made beforehand: making a million
points takes them 0.7 s more. One thread each, where an engine lets itself be told.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import psycopg
import shapely

from tests.environment import postgres

Ask = Callable[[], np.ndarray]
Peer = Callable[[np.ndarray, np.ndarray, np.ndarray], Ask]
JOIN = "SELECT p.i, min(c.id) AS id FROM points p JOIN cells c ON ST_Intersects(c.geom, {point}) GROUP BY p.i"


def lowest(count: int, point: Any, area: Any) -> np.ndarray:
    """The lowest area of each point from pairs of both."""
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, np.asarray(point), np.asarray(area))
    return np.where(found == np.iinfo(np.int64).max, -1, found)


def joined(predicate: str) -> Peer:
    """geopandas.sjoin."""

    def ready(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
        areas = geopandas.GeoDataFrame(geometry=polygons)
        points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y))

        def ask() -> np.ndarray:
            found = points.sjoin(areas, predicate=predicate)
            return lowest(len(x), found.index, found["index_right"])

        return ask

    return ready


def tree_of_polygons(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
    """A tree of the polygons' boxes, then every pair asked of a prepared polygon."""
    tree, points = shapely.STRtree(polygons), shapely.points(x, y)
    prepared = shapely.from_wkb(shapely.to_wkb(polygons))
    shapely.prepare(prepared)

    def ask() -> np.ndarray:
        point, area = tree.query(points)
        covers = shapely.intersects_xy(prepared[area], x[point], y[point])
        return lowest(len(x), point[covers], area[covers])

    return ask


def tree_of_points(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
    """A tree of the points, made anew for every array of them, asked by the polygons."""
    points = shapely.points(x, y)

    def ask() -> np.ndarray:
        area, point = shapely.STRtree(points).query(polygons, predicate="intersects")
        return lowest(len(x), point, area)

    return ask


def duckdb_spatial(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
    """DuckDB with its spatial extension, from the package that carries it."""
    duckdb, extension = (importlib.import_module(name) for name in ("duckdb", "duckdb_extension_spatial"))
    library = next(Path(extension.__file__).parent.rglob("*.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{library}'")
    connection.execute("SET threads = 1")
    connection.register("wkb", pd.DataFrame({"id": np.arange(len(polygons)), "wkb": shapely.to_wkb(polygons)}))
    connection.execute("CREATE TABLE cells AS SELECT id, ST_GeomFromWKB(wkb) AS geom FROM wkb")
    connection.register("points", pd.DataFrame({"i": np.arange(len(x)), "x": x, "y": y}))

    def ask() -> np.ndarray:
        found = connection.execute(JOIN.format(point="ST_Point(p.x, p.y)")).fetchnumpy()
        return lowest(len(x), found["i"], found["id"])

    return ask


def polars_st(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
    """polars-st; it takes as many threads as POLARS_MAX_THREADS says."""
    st = importlib.import_module("polars_st")
    areas = st.GeoDataFrame({"id": np.arange(len(polygons)), "geometry": shapely.to_wkb(polygons)})
    points = st.GeoDataFrame({"i": np.arange(len(x)), "geometry": shapely.to_wkb(shapely.points(x, y))})

    def ask() -> np.ndarray:
        found = points.st.sjoin(areas, on="geometry", predicate="intersects")
        return lowest(len(x), found["i"].to_numpy(), found["id"].to_numpy())

    return ask


def sedona(library: str) -> Peer:
    """SedonaDB with one of its three libraries."""

    def ready(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Ask:
        sedonadb, arrow = importlib.import_module("sedonadb"), importlib.import_module("pyarrow")
        importlib.import_module("geoarrow.pyarrow")
        session = sedonadb.connect()
        session.sql("SET datafusion.execution.target_partitions = 1").execute()
        session.sql(f"SET sedona.spatial_join.spatial_library = '{library}'").execute()
        table = arrow.table({"id": np.arange(len(polygons)), "wkb": arrow.array(shapely.to_wkb(polygons).tolist())})
        session.create_data_frame(table).to_view("wkb")
        session.sql("SELECT id, ST_GeomFromWKB(wkb) AS geom FROM wkb").to_memtable().to_view("cells")
        session.create_data_frame(arrow.table({"i": np.arange(len(x)), "x": x, "y": y})).to_view("points")

        def ask() -> np.ndarray:
            found = session.sql(JOIN.format(point="ST_Point(p.x, p.y)")).to_arrow_table()
            return lowest(len(x), found["i"].to_numpy(), found["id"].to_numpy())

        return ask

    return ready


@contextmanager
def postgis(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> Iterator[Ask]:
    """PostGIS in a server of its own, one worker, an index on the polygons, points in a table."""
    with postgres.running() as server, psycopg.connect(server_address(server), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute("CREATE TABLE cells (id bigint, geom geometry)")
        connection.execute("CREATE TABLE points (i bigint, geom geometry)")
        for table, geometries in (("cells", polygons), ("points", shapely.points(x, y))):
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for row in enumerate(shapely.to_wkb(geometries, hex=True)):
                    copy.write_row(row)
        connection.execute("CREATE INDEX ON cells USING gist (geom)")
        connection.execute("ANALYZE")

        def ask() -> np.ndarray:
            found = connection.execute(JOIN.format(point="p.geom")).fetchall()
            return lowest(len(x), *np.array(found).T)

        yield ask


def server_address(server: postgres.Server) -> str:
    """How psycopg reaches a new database of the server."""
    return f"host={server.folder} port={server.port} user={postgres.USER} dbname={server.create()}"


PEERS: dict[str, Peer] = {
    "geopandas.sjoin, intersects": joined("intersects"),
    "geopandas.sjoin, within": joined("within"),
    "STRtree of polygons, then prepared": tree_of_polygons,
    "STRtree of points, asked by polygons": tree_of_points,
    "SedonaDB, tg": sedona("tg"),
    "SedonaDB, geos": sedona("geos"),
    "SedonaDB, geo": sedona("geo"),
    "DuckDB spatial": duckdb_spatial,
    "polars-st": polars_st,
}
