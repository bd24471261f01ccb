"""OGC API - Features: the live county by address, read by the standard's own words and by GDAL as QGIS does."""

import json
import subprocess
import sys
from pathlib import Path

import geopandas
import httpx
import jsonschema
import pytest
import shapely

from tests.api.conftest import Caller

SCHEMAS = json.loads((Path(__file__).parent / "ogc_features.json").read_text(encoding="utf8"))
CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


def report(client: Caller, number: int, x: float, y: float) -> str:
    body = {"matter": "YJS-01", "source": "grid", "source_id": f"{number}", "occurred_at": "2026-11-24T11:00:00+08:00"}
    body |= {
        "point": {"x": x, "y": y, "crs": "EPSG:4490"},
        "description": "占道",
        "contact": {"name": "某人", "phone": "1"},
    }
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["number"]


def followed(client: Caller, path: str) -> list[dict]:
    """All features, page after page."""
    found = []
    while path:
        page = client.get(path).json()
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert page["numberMatched"] == len(found)
    return found


def middle(client: Caller, code: str) -> tuple[float, float]:
    shape = client.get(f"/ogc/collections/grid/items/{code}").json()["geometry"]
    point = shapely.point_on_surface(shapely.from_geojson(str(shape).replace("'", '"')))
    return point.x, point.y


def test_the_landing_page_leads_to_everything(client: Caller):
    links = {link["rel"]: link["href"] for link in client.get("/ogc").json()["links"]}
    assert {"self", "conformance", "data", "service-desc"} <= links.keys()
    assert CORE in client.get(links["conformance"]).json()["conformsTo"]
    listed = client.get(links["data"]).json()["collections"]
    assert {"township", "village", "grid", "cases"} <= {one["id"] for one in listed}
    for one in listed:
        items = next(link["href"] for link in one["links"] if link["rel"] == "items")
        assert client.get(items, params={"limit": 1}).status_code == 200
        assert client.get(next(link["href"] for link in one["links"] if link["rel"] == "self")).json() == one
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert west < east
        assert south < north


def test_every_area_comes_once_over_the_pages_with_its_own_geometry(client: Caller):
    found = followed(client, "/ogc/collections/grid/items?limit=7")
    region = client.get("/api/v1/region").json()
    assert len(found) == region["layers"]["grid"]["areas"]
    assert len({one["id"] for one in found}) == len(found)
    one = client.get(f"/ogc/collections/grid/items/{found[3]['id']}").json()
    assert {key: one[key] for key in ("type", "id", "geometry", "properties")} == found[3]


def test_a_box_gives_what_touches_it(client: Caller):
    areas = followed(client, "/ogc/collections/grid/items")
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(one["geometry"]) for one in areas])
    box = west, south, (west + east) / 2, (south + north) / 2
    asked = followed(client, f"/ogc/collections/grid/items?bbox={','.join(map(str, box))}")
    window = shapely.box(*box)
    expected = {one["id"] for one in areas if window.intersects(shapely.geometry.shape(one["geometry"]))}
    assert 0 < len(expected) < len(areas)
    assert {one["id"] for one in asked} == expected


def test_pending_cases_come_without_personal_data_and_by_time(client: Caller):
    areas = followed(client, "/ogc/collections/grid/items")
    numbers = [report(client, i, *middle(client, areas[i]["id"])) for i in range(3)]
    found = followed(client, "/ogc/collections/cases/items?limit=2")
    assert [one["id"] for one in found] == numbers
    assert "某人" not in str(found)
    assert "占道" not in str(found)
    assert found[0]["properties"]["level"] == "red"  # an hour ago, and half an hour was given
    assert followed(client, "/ogc/collections/cases/items?datetime=2026-11-24T03:00:00Z/..") == found
    assert followed(client, "/ogc/collections/cases/items?datetime=2026-11-24") == found
    assert followed(client, "/ogc/collections/cases/items?datetime=../2026-11-23") == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/ogc/collections/nothing", 404, "no collection 'nothing'"),
        ("/ogc/collections/grid/items/none", 404, "holds no feature 'none'"),
        ("/ogc/collections/grid/items?bbox=1,2,3", 400, "bbox='1,2,3' is no box"),
        ("/ogc/collections/grid/items?bbox=1,nan,3,4", 400, "is no box"),
        ("/ogc/collections/grid/items?bbox=1,4,3,2", 400, "its north below its south"),
        ("/ogc/collections/grid/items?limit=0", 400, "limit='0' is no limit"),
        ("/ogc/collections/grid/items?limit=-5", 400, "is no limit"),
        ("/ogc/collections/grid/items?datetime=yesterday", 400, "datetime='yesterday' is no time"),
        ("/ogc/collections/grid/items?datetime=2026-11-24T00:00:00", 400, "is no time"),
        ("/ogc/collections/grid/items?colour=red", 400, "colour is no parameter here"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_the_way_out(client: Caller, path, status, said):
    answer = client.get(path)
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_a_limit_beyond_the_largest_one_gives_the_largest(client: Caller):
    assert client.get("/ogc/collections/grid/items?limit=999999999").status_code == 200


def fits(answer: httpx.Response, name: str, media: str = "application/json") -> dict:
    """Hold an answer against the standard's schema of this name."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == media
    jsonschema.validate(answer.json(), {**SCHEMAS, "$ref": f"#/$defs/{name}"}, jsonschema.Draft202012Validator)
    return answer.json()


def test_the_schemas_themselves_are_schemas_and_refuse_what_is_wrong():
    jsonschema.Draft202012Validator.check_schema(SCHEMAS)
    link = {"href": "http://x", "rel": "self", "type": "application/json"}
    for name, wrong in (("landingPage", {"links": [link]}), ("conformance", {"conformsTo": []}), ("feature", {})):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, {**SCHEMAS, "$ref": f"#/$defs/{name}"})


def test_every_answer_fits_the_schemas_of_the_standard(client: Caller):
    areas = followed(client, "/ogc/collections/grid/items")
    report(client, 1, *middle(client, areas[0]["id"]))
    client.post("/api/v1/cases", json={"matter": "YJS-01", "source": "grid", "source_id": "nowhere",
                                       "occurred_at": "2026-11-24T11:00:00+08:00", "point": None})  # fmt: skip
    geojson = "application/geo+json"
    fits(client.get("/ogc"), "landingPage")
    fits(client.get("/ogc/conformance"), "conformance")
    for one in fits(client.get("/ogc/collections"), "collections")["collections"]:
        fits(client.get(f"/ogc/collections/{one['id']}"), "collection")
        page = fits(client.get(f"/ogc/collections/{one['id']}/items?limit=3"), "featureCollection", geojson)
        assert page["features"], one["id"]
        for feature in page["features"]:
            fits(client.get(f"/ogc/collections/{one['id']}/items/{feature['id']}"), "oneFeature", geojson)


READ = """
import json, sys, geopandas, pyogrio
address = sys.argv[1]
cells = geopandas.read_file(address, layer="grid")[["code", "geometry"]]
layers = [name for name, _ in pyogrio.list_layers(address)]
print(json.dumps({"layers": layers, "cells": json.loads(cells.to_json())}))
"""


def test_gdal_opens_the_county_by_its_address(server: httpx.Client, small_pack):
    # In a process of its own: GDAL waits for its answers with Python's lock in hand, and the server lives in this one.
    address = f"OAPIF:{str(server.base_url).rstrip('/')}/ogc"
    done = subprocess.run(
        [sys.executable, "-c", READ, address], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert {"township", "village", "grid", "cases"} <= set(read["layers"])
    cells = geopandas.GeoDataFrame.from_features(read["cells"]["features"])
    own = geopandas.read_file(small_pack / "grid.geojson")
    assert sorted(cells["code"]) == sorted(own["code"].unique())
    assert cells.union_all().symmetric_difference(own.union_all()).area < 1e-9
