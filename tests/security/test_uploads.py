"""Boundary files that are none: bombs, signposts to other files, programs. Each is refused in a sentence, at once."""

import io
import json
import sqlite3
import stat
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest

from geo.exchange import Unreadable, guarding, layers_of, read_boundaries, staging
from tests.api.conftest import Caller
from tests.exchange import making

SECONDS = 20.0
"""Far more than a refusal takes, far less than what a bomb would cost."""
RING = "121.4,30.1,0 121.5,30.1,0 121.5,30.2,0 121.4,30.1,0"
SHAPE = (
    f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{RING}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)


def refused(path: Path) -> str:
    """Why a file is refused, by both ways in which files are opened."""
    began = time.monotonic()
    said = ""
    for open_it in (layers_of, read_boundaries):
        with pytest.raises(Unreadable) as caught:
            open_it(path)
        said = str(caught.value)
    assert time.monotonic() - began < SECONDS
    assert len(said) < 600
    return said


def kml(inside: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def archive(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


# --- archives ---------------------------------------------------------------------------------------------------------


def test_an_archive_that_swells_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.zip", {"a.geojson": b" " * (80 << 20)})
    assert bomb.stat().st_size < 200_000
    assert "100 times its size" in refused(bomb)


def test_an_archive_that_is_too_large_unpacked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging._weigh, "__defaults__", (1 << 20,))
    large = archive(tmp_path / "a.zip", {f"{n}.geojson": bytes(range(256)) * 2048 for n in range(4)})
    assert "unpacks to more than 1 MiB" in refused(large)


def test_what_an_archive_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    bomb = archive(tmp_path / "a.zip", {"a.geojson": b" " * (80 << 20)})
    raw = bytearray(bomb.read_bytes())
    size = struct.pack("<I", 80 << 20)
    assert raw.count(size) == 2, "in the head of the member and in the directory"
    bomb.write_bytes(bytes(raw.replace(size, struct.pack("<I", 1000))))
    refused(bomb)


def test_an_archive_of_thousands_of_files_is_refused(tmp_path: Path) -> None:
    members = {f"{n}.json": b"{}" for n in range(staging.MOST_MEMBERS + 1)}
    many = archive(tmp_path / "a.zip", members, zipfile.ZIP_STORED)
    assert "files; send those" in refused(many)


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.zip", {"a.geojson": b" " * (10 << 20)})
    outer = archive(tmp_path / "a.zip", {"inner.zip": inner.read_bytes(), "b.kmz": inner.read_bytes()})
    assert "holds no boundary file" in refused(outer)


NAMES = [
    "../../../evil.geojson",
    "/tmp/evil.geojson",
    "..\\..\\evil.geojson",
    "C:\\evil.geojson",
    "a/../../b.geojson",
    "./.geojson",
    "evil.geojson/",
    "x" * 300 + ".geojson",
    "a." + "y" * 300,
    "..",
    ".",
    "a\nb.geojson",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_an_archive_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    content = json.dumps({"type": "FeatureCollection", "features": []}).encode()
    path = archive(folder / "a.zip", {name: content, "good.geojson": content})
    with suppress(Unreadable):
        layers_of(path)
    assert sorted(one for one in tmp_path.rglob("*") if one.is_file()) == [path]
    assert not Path("/tmp/evil.geojson").exists()


def test_a_link_in_an_archive_is_the_text_that_it_is(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(link, "/etc/passwd")
    said = refused(tmp_path / "a.zip")
    assert "no JSON" in said
    assert "root" not in said


def test_the_page_takes_less_than_the_command_line(open_client: Caller, tmp_path: Path) -> None:
    settings = open_client._client._transport.app.state.services.settings  # type: ignore[attr-defined]
    most = 5 * settings.boundary_limit_bytes
    path = tmp_path / "a.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("a.geojson", "w", force_zip64=True) as file,
    ):
        block = b" " * (8 << 20)
        for _ in range(most // len(block) + 1):
            file.write(block)
    answer = open_client.request("POST", "/api/v1/boundaries/drafts?file=a.zip&actor=x", content=path.read_bytes())
    assert (answer.status_code, answer.json()["error"]) == (422, "unreadable")
    assert "unpacks to more than 500 MiB" in answer.json()["detail"]


# --- XML --------------------------------------------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE k ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE k [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'


@pytest.mark.parametrize("suffix", [".kml", ".gml"])
@pytest.mark.parametrize("head", [LAUGHS, EXTERNAL, PARAMETER, "<!DOCTYPE kml>"], ids=lambda head: str(len(head)))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_whatever_it_declares(tmp_path: Path, suffix: str, head: str, encoding: str) -> None:
    text = kml(f"<Placemark><name>&a9;&x;</name>{SHAPE}</Placemark>", head).decode()
    content = text.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding)
    said = refused(written(tmp_path / f"a{suffix}", content))
    assert "document type" in said
    assert "root:" not in said


def test_elements_a_thousand_deep_are_refused(tmp_path: Path) -> None:
    deep = "<Folder>" * 100_000 + "</Folder>" * 100_000
    assert "in one another" in refused(written(tmp_path / "a.kml", kml(deep)))


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that notes who asks."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - so it is called

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def signposts(base: str, secret: Path) -> dict[str, str]:
    """What GDAL would follow, under names that are let in."""
    vrt = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    wfs = f"<OGRWFSDataSource><URL>{base}/wfs</URL></OGRWFSDataSource>"
    wms = f'<GDAL_WMS><Service name="WMS"><ServerUrl>{base}/wms</ServerUrl></Service></GDAL_WMS>'
    schema = (
        '<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="http://ogr.maptools.org/ {base}/a.xsd"></ogr:FeatureCollection>'
    )
    link = kml(f"<NetworkLink><Link><href>{base}/link.kml</href></Link></NetworkLink>").decode()
    return {
        "vrt-file.gml": vrt.format(secret),
        "vrt-file.kml": vrt.format(secret),
        "vrt-file.tab": vrt.format(secret),
        "vrt-file.mif": vrt.format(secret),
        "vrt-file.fgb": vrt.format(secret),
        "vrt-file.gpkg": vrt.format(secret),
        "vrt-file.vrt": vrt.format(secret),
        "vrt-file.xml": vrt.format(secret),
        "wfs.wfs": wfs,
        "vrt-curl.gml": vrt.format(f"/vsicurl/{base}/a.gpkg"),
        "vrt-inside.gml": f"<!-- http://www.opengis.net/gml --><gml>{vrt.format(secret)}</gml>",
        "wfs.gml": wfs,
        "wfs.kml": wfs,
        "wms.kml": wms,
        "schema.gml": schema,
        "link.kml": link,
        "gdalg.kml": json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}),
        "url.csv": f"/vsicurl/{base}/x.csv",
    }


@pytest.mark.parametrize("name", list(signposts("http://x", Path("/x"))))
def test_a_file_that_names_another_one_does_not_have_it_read(tmp_path: Path, name: str) -> None:
    secret = making.geojson(tmp_path / "secret.geojson", [making.feature("330282104", making.SHAPES["330282104"])])
    with listening() as (base, asked):
        path = written(tmp_path / name, signposts(base, secret)[name].encode())
        found: list[str] = []
        with suppress(Unreadable):
            found = [str(one.properties) for layer in layers_of(path) for one in read_boundaries(path, layer).features]
        assert found == []
        assert asked == [], f"{name} has had {asked} fetched"


def test_a_reader_would_follow_one_of_them_if_it_were_let(tmp_path: Path) -> None:
    """So that the test above tests something: GDAL itself reads the other file."""
    secret = making.geojson(tmp_path / "secret.geojson", [making.feature("330282104", making.SHAPES["330282104"])])
    text = signposts("", secret)["vrt-file.gml"].replace("name='x'", "name='secret'")
    path = written(tmp_path / "a.gml", text.encode())
    assert pyogrio.read_info(path)["features"] == 1


# --- databases, tables, JSON ------------------------------------------------------------------------------------------


def geopackage(path: Path, *statements: str) -> Path:
    making.write(making.frame(), path, layer="towns")
    with closing(sqlite3.connect(path)) as connection:
        # GDAL's own triggers call functions that plain SQLite does not have.
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n AS fid, NULL AS geom FROM r"
PROGRAMS = {
    "a view without end": (f"CREATE VIEW endless AS {ENDLESS}",),
    "a view in the place of the layer": (
        "ALTER TABLE towns RENAME TO hidden",
        f"CREATE VIEW towns AS {ENDLESS}",
    ),
    "a foreign table": ("CREATE VIRTUAL TABLE words USING fts5(x)",),
}


@pytest.mark.parametrize("how", PROGRAMS)
def test_a_geopackage_that_holds_a_program_is_refused(tmp_path: Path, how: str) -> None:
    assert "query and no data" in refused(geopackage(tmp_path / "a.gpkg", *PROGRAMS[how]))


def test_triggers_of_a_geopackage_never_run(tmp_path: Path) -> None:
    path = geopackage(
        tmp_path / "a.gpkg",
        "CREATE TRIGGER t AFTER INSERT ON towns BEGIN DELETE FROM towns; END",
        "CREATE TRIGGER u AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM towns; END",
    )
    before = path.read_bytes()
    assert len(read_boundaries(path).features) == 3
    assert path.read_bytes() == before, "what is read is not written"


def test_another_kind_of_sqlite_file_is_no_geopackage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        connection.execute("CREATE TABLE secrets (a)")
        connection.commit()
    said = refused(tmp_path / "a.gpkg")
    assert "a.gpkg" in said


def test_a_look_into_a_database_ends_even_if_its_program_does_not(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as connection:
        connection.execute("CREATE TABLE a (b)")
        connection.commit()
    with closing(guarding.read_only(tmp_path / "a.gpkg")) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute(f"SELECT count(*) FROM ({ENDLESS})").fetchone()
    with closing(guarding.read_only(tmp_path / "a.gpkg")) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO a VALUES (1)")


def test_a_parquet_file_of_endless_rows_is_refused(tmp_path: Path) -> None:
    rows = guarding.MOST_ROWS + 1
    table = pa.table({"geometry": pa.nulls(rows, pa.binary()), "code": pa.nulls(rows, pa.string())})
    told = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(told)}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    assert "send the layer alone" in refused(tmp_path / "a.parquet")


@pytest.mark.parametrize("depth", [100, 400, 900, 10_000, 1_000_000])
def test_geojson_nested_too_deep_is_refused_or_named(tmp_path: Path, depth: int) -> None:
    for inside in (
        '{"type":"Polygon","coordinates":' + "[" * depth + "]" * depth + "}",
        '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth,
    ):
        feature = f'{{"type":"Feature","properties":{{"code":"1"}},"geometry":{inside}}}'
        path = written(tmp_path / "a.geojson", f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode())
        with suppress(Unreadable):
            (found,) = read_boundaries(path).features
            assert found.troubles or found.geometry.is_empty


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "9" * 400, "9" * 5000, '"x"', "null", "{}", "true"])
def test_a_coordinate_that_is_no_number_is_named(tmp_path: Path, number: str) -> None:
    ring = f"[[[{number},30.1],[121.5,30.1],[121.5,30.2],[{number},30.1]]]"
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}'
    path = written(tmp_path / "a.geojson", f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode())
    with suppress(Unreadable):
        (found,) = read_boundaries(path).features
        assert found.troubles or found.geometry.is_empty or number == "true"


def test_a_table_with_a_field_as_long_as_the_file_is_refused_or_read(tmp_path: Path) -> None:
    long = "x" * (40 << 20)
    for text in (f'code,wkt\n1,"{long}', f"code,wkt\n1,POLYGON(({long}))\n", "," * (1 << 20) + "\n1,2\n", "a\0b,wkt\n"):
        path = written(tmp_path / "a.csv", text.encode())
        with suppress(Unreadable):
            read_boundaries(path)


# --- the door itself --------------------------------------------------------------------------------------------------


PATHS = ["../../etc/passwd.zip", "C:\\a\\..\\b.zip", "/etc/cron.d/x.zip", "a\0.zip", "....//x.zip", "x.zip:y"]


@pytest.mark.parametrize("name", PATHS)
def test_the_name_of_a_file_is_a_name_and_no_path(open_client: Caller, name: str) -> None:
    answer = send(open_client, name, json.dumps({"type": "FeatureCollection", "features": []}).encode())
    assert answer.status_code == 422
    assert answer.json()["error"] in ("unreadable", "invalid")
    assert "/etc/" not in answer.text


OTHERS = [".exe", ".png", ".jpg", ".html", ".svg", ".py", ".vrt", ".pdf", ".xlsx", ".sqlite", ".osm"]


@pytest.mark.parametrize("suffix", OTHERS)
def test_a_file_of_a_kind_that_holds_no_boundaries_is_refused(open_client: Caller, suffix: str) -> None:
    answer = send(open_client, f"a{suffix}", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert (answer.status_code, answer.json()["error"]) == (422, "unreadable")
    assert open_client.get("/api/v1/boundaries").json()["drafts"] == []


def test_no_route_takes_an_image_or_a_form(open_client: Caller) -> None:
    """Photos are addresses; so nothing has to be made anew, and no place of a camera is kept."""
    described = open_client.get("/api/openapi.json").json()["paths"]
    kinds = {
        kind: f"{method} {path}"
        for path, methods in described.items()
        for method, one in methods.items()
        for kind in one.get("requestBody", {}).get("content", {})
    }
    assert set(kinds) == {"application/json", "application/octet-stream"}
    assert kinds["application/octet-stream"] == "post /api/v1/boundaries/drafts"
    for path in ("/api/v1/cases", "/api/v1/session", "/_dash-update-component"):
        answer = open_client.request("POST", path, files={"photo": ("a.jpg", b"\xff\xd8\xff\xe1Exif", "image/jpeg")})
        assert answer.status_code in (400, 403, 415, 422), path


def send(caller: Caller, name: str, content: bytes) -> httpx.Response:
    return caller.request("POST", "/api/v1/boundaries/drafts", params={"file": name, "actor": "x"}, content=content)


def test_a_bomb_through_the_door_leaves_no_draft_and_no_file(open_client: Caller, tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.geojson", b" " * (80 << 20))
    answer = send(open_client, "a.zip", held.getvalue())
    assert (answer.status_code, answer.json()["error"]) == (422, "unreadable")
    assert open_client.get("/api/v1/boundaries").json()["drafts"] == []
