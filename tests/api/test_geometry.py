"""Geometry for the screen."""

import gzip
import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import shape

from dashboard.geometry import DECIMALS, ZOOMS, Geometry, prepare, rounded
from dashboard.server import create_app
from dashboard.settings import Settings
from data.region import Region, load
from tests.api import pack
from tests.api.conftest import Caller, Watch, called, report
from tests.geo.test_levels import at_level, neighbours

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def cixi_on_screen(cixi: Region) -> Geometry:
    return prepare(cixi, DAY)


def features(geometry: Geometry, layer: str) -> list[dict[str, Any]]:
    return json.loads(geometry.layers[layer].prepared.bodies["identity"])["features"]


def test_gids_count_the_codes_from_one(cixi_on_screen: Geometry) -> None:
    for name, layer in cixi_on_screen.layers.items():
        found = features(cixi_on_screen, name)
        assert [f["properties"]["gid"] for f in found] == list(range(1, len(found) + 1))
        codes = [f["properties"]["code"] for f in found]
        assert codes == sorted(codes) == list(layer.codes)
    assert cixi_on_screen.ground.cells == cixi_on_screen.layers["grid"].codes
    assert len(cixi_on_screen.ground.townships) == 20


def test_a_cell_names_its_township_as_it_is_on_that_day(cixi: Region) -> None:
    def township_of(day: date) -> str:
        cells = features(prepare(cixi, day), "grid")
        return next(f["properties"]["township"] for f in cells if f["properties"]["code"].startswith("330282118007"))

    # 观塘社区 went from 庵东镇 to 陆中湾街道 on that day.
    assert (township_of(date(2024, 11, 19)), township_of(date(2024, 11, 20))) == ("330282118", "330282006")


def test_the_screen_shows_only_what_it_needs(cixi_on_screen: Geometry) -> None:
    wanted = {"gid", "code", "name", "name_en", "parent", "township", "x", "y", "km2"}
    for name in cixi_on_screen.layers:
        assert all(set(f["properties"]) == wanted for f in features(cixi_on_screen, name))


def test_areas_are_measured_in_the_metric_crs_and_not_in_that_of_the_screen(cixi_on_screen: Geometry) -> None:
    """In EPSG:3857 an area seems a third larger here; the ellipsoid's own areas are the other opinion."""
    km2 = {name: sum(f["properties"]["km2"] for f in features(cixi_on_screen, name)) for name in ("grid", "township")}
    geod = Geod(ellps="GRS80")
    shapes = [shape(f["geometry"]) for f in features(cixi_on_screen, "township")]
    on_the_ellipsoid = sum(abs(geod.geometry_area_perimeter(one)[0]) for one in shapes) / 1e6
    assert km2["township"] == pytest.approx(on_the_ellipsoid, rel=1e-3)
    assert km2["grid"] == pytest.approx(km2["township"], rel=1e-3)


def test_labels_stand_inside_their_areas(cixi_on_screen: Geometry) -> None:
    for name in cixi_on_screen.layers:
        for f in features(cixi_on_screen, name):
            point = shapely.Point(f["properties"]["x"], f["properties"]["y"])
            assert shape(f["geometry"]).contains(point), f["properties"]["name"]


def test_neighbours_still_share_their_edges_after_rounding(cixi_on_screen: Geometry) -> None:
    cells = [shape(f["geometry"]) for f in features(cixi_on_screen, "grid")]
    coordinates = shapely.get_coordinates(cells)
    assert (coordinates == coordinates.round(DECIMALS)).all()
    # Every edge that is not on the county line belongs to exactly two cells, once in each direction or not at all.
    edges: dict[frozenset[tuple[float, float]], int] = {}
    for cell in cells:
        for part in shapely.get_parts(cell):
            for ring in (part.exterior, *part.interiors):
                points = list(map(tuple, ring.coords))
                for a, b in pairwise(points):
                    edges[frozenset((a, b))] = edges.get(frozenset((a, b)), 0) + 1
    outline = sum(count == 1 for count in edges.values())
    assert max(edges.values()) == 2
    county = shapely.force_2d(shapely.union_all(cells))
    assert outline == pytest.approx(shapely.get_num_coordinates(county), rel=0.02)


@pytest.mark.parametrize("zoom", [*range(len(ZOOMS)), None])
@pytest.mark.parametrize("layer", ["township", "village", "grid"])
def test_what_is_drawn_at_a_zoom_is_a_coverage_with_the_neighbours_of_the_region(
    cixi: Region, cixi_on_screen: Geometry, layer: str, zoom: int | None
) -> None:
    """After thinning and rounding; a line that two areas share is one line for both, so that nothing shows between."""
    areas = [area.geometry for area in cixi.areas_on(DAY)[layer].areas]
    sent = [shape(f["geometry"]) for f in features(cixi_on_screen, layer)]
    drawn = sent if zoom is None else [at_level(one, zoom) for one in sent]
    true, shown = neighbours(areas), neighbours(drawn)
    assert shown <= true
    # Two cells that meet along less than a metre or so meet in a point on the screen.
    lost = [shapely.length(shapely.intersection(areas[a].boundary, areas[b].boundary)) for a, b in true - shown]
    assert max(lost, default=0) < 2 * 10**-DECIMALS
    flat = shapely.force_2d(drawn)
    faults = shapely.coverage_invalid_edges(flat)
    # Rounding may fold a spike narrower than a metre; no gap and no overlap comes of it that a pixel could show.
    assert shapely.length(faults).max() <= 3 * 10**-DECIMALS
    assert shapely.get_num_coordinates(flat).min() >= 4


def test_the_script_of_the_map_has_the_same_zooms() -> None:
    script = (Path(__file__).parent.parent.parent / "assets/js/coverage.js").read_text(encoding="utf8")
    assert f"const ZOOMS = {list(ZOOMS)};" in script


def test_the_url_is_the_hash_of_the_content(tmp_path: Path) -> None:
    folder = pack.write(tmp_path / "small")
    before = prepare(load(folder), DAY)
    assert prepare(load(folder), DAY).layers["grid"].url == before.layers["grid"].url
    text = (folder / "grid.geojson").read_text(encoding="utf8")
    (folder / "grid.geojson").write_text(text.replace("grid 330200001001001", "renamed"), encoding="utf8")
    after = prepare(load(folder), DAY)
    assert after.layers["grid"].url != before.layers["grid"].url
    assert after.layers["township"].url == before.layers["township"].url
    assert after.fingerprint() != before.fingerprint()


def test_geometry_travels_compressed_and_is_kept_for_good(client: Caller) -> None:
    url = client.get("/api/v1/region").json()["layers"]["grid"]["url"]
    plain, response = client.wire(url, "identity")
    assert response.headers["content-type"] == "application/geo+json"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    for accept, unpack in (("gzip, deflate, br", brotli.decompress), ("gzip", gzip.decompress)):
        packed, response = client.wire(url, accept)
        assert unpack(packed) == plain
        assert len(packed) < len(plain)
        assert int(response.headers["content-length"]) == len(packed)
        again = client.get(url, headers={"Accept-Encoding": accept, "If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_the_surroundings_are_served_where_the_pack_has_them(cixi_on_screen: Geometry, client: Caller) -> None:
    assert cixi_on_screen.context_url is not None
    assert cixi_on_screen.context_url.endswith("/context.geojson")
    assert client.get("/api/v1/region").json()["context"] is None


def test_an_islet_or_a_hole_smaller_than_a_pixel_is_left_out_and_an_area_never_vanishes() -> None:
    speck = shapely.box(-74.0, 40.7, -73.999999, 40.700001)
    land = shapely.box(-73.9, 40.7, -73.8, 40.8).difference(shapely.box(-73.85, 40.75, -73.849999, 40.750001))
    assert rounded(shapely.MultiPolygon([speck, land])).equals(shapely.box(-73.9, 40.7, -73.8, 40.8))
    assert rounded(speck) == speck


def test_whoever_has_the_region_already_is_told_so_in_a_few_bytes(client: Caller) -> None:
    first = client.get("/api/v1/region")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/api/v1/region", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/region", headers={"If-None-Match": '"other"'}).json() == first.json()


def test_a_region_that_has_only_townships_is_painted_and_counted_by_them(
    tmp_path: Path, sqlite_url: str, watch: Watch
) -> None:
    folder = pack.write(tmp_path / "plain")
    text = (folder / "region.toml").read_text(encoding="utf8")
    for layer in ("village", "grid"):
        start = text.index(f'[[layers]]\nname = "{layer}"')
        text = text[:start] + text[text.index("[[", start + 1) :]
    (folder / "region.toml").write_text(text, encoding="utf8")
    with called(create_app(Settings(region=str(folder), database_url=sqlite_url), now=watch)) as client:
        region = client.get("/api/v1/region").json()
        assert (region["finest"], list(region["layers"])) == ("township", ["township"])
        case = client.post("/api/v1/cases", json=report()).json()
        assert (case["cell"], case["village"], case["township"]["code"]) == (None, None, "330200001")
        past = client.get("/api/v1/board", params={"at": watch.now.isoformat()}).json()
        for board in (client.board(revision=1), past):
            assert board["layers"] == {"township": {"330200001": {"level": 1, "pending": 1, "amber": 0, "overdue": 0}}}
        assert client.get("/wall").status_code == 200
