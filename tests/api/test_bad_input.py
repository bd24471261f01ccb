"""Nonsense through the door: each has the answer that docs/api.md promises, nothing is lost, nothing breaks."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import pack
from tests.api.conftest import Caller, report

LON, LAT = pack.centre(0)


def place_of(client: Caller, point: Any, **different: Any) -> tuple[Any, list[str]]:
    """Report at a point; gives the township and the flags of the case, which must be kept in any case."""
    answer = client.post("/api/v1/cases", json=report(point=point, **different))
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert client.get(f"/api/v1/cases/{case['number']}").status_code == 200
    return case["township"] and case["township"]["code"], case["flags"]


@pytest.mark.parametrize(
    ("point", "flag"),
    [
        ({"x": 0, "y": 0}, "zero"),
        (None, "missing"),
        ({}, "missing"),
        ({"x": LON}, "missing"),
        ({"x": "abc", "y": "def"}, "unreadable"),
        ("am Brunnen vor dem Tore", "unreadable"),
        ([LON, LAT], "unreadable"),
        ({"lon": LON, "lat": LAT}, "unreadable"),
        ({"x": {"a": [1]}, "y": True}, "unreadable"),
        ({"x": 1e300, "y": -1e300}, "out_of_range"),
    ],
)
def test_a_point_that_cannot_be_read_never_loses_the_case(client: Caller, point: Any, flag: str) -> None:
    township, flags = place_of(client, point)
    assert township is None
    assert "unlocated" in flags
    assert flag in flags


@pytest.mark.parametrize("nonsense", ["NaN", "Infinity", "-Infinity"])
def test_a_point_that_is_no_number_never_loses_the_case(client: Caller, nonsense: str) -> None:
    body = b'{"matter":"SD-01","source":"grid","source_id":"n","occurred_at":"2026-11-24T11:00:00+08:00",'
    body += b'"point":{"x":%s,"y":30}}' % nonsense.encode()
    answer = client.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["flags"]) == (201, ["not_finite", "unlocated"])
    assert client.get(f"/api/v1/cases/{answer.json()['number']}").status_code == 200


def test_swapped_coordinates_are_turned_and_noted(client: Caller) -> None:
    assert place_of(client, {"x": LAT, "y": LON}) == ("330200001", ["swapped"])


def test_coordinates_as_text_are_read(client: Caller) -> None:
    assert place_of(client, {"x": str(LON), "y": str(LAT)}) == ("330200001", [])


def test_a_point_outside_the_county_is_kept_and_flagged(client: Caller) -> None:
    assert place_of(client, {"x": 120.9, "y": 30.005}) == (None, ["outside"])


def test_a_point_just_across_the_county_line_is_kept_and_the_nearest_area_suggested(client: Caller) -> None:
    answer = client.post("/api/v1/cases", json=report(point={"x": 120.9999, "y": 30.005})).json()
    page = client.get(f"/api/v1/cases/{answer['number']}").json()
    assert answer["flags"] == ["outside"]
    assert page["events"][0]["data"]["place"]["nearest"] == "330200001001001"


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_code_and_is_flagged(client: Caller) -> None:
    assert place_of(client, {"x": 121.04, "y": 30.005}) == ("330200001", ["boundary"])


def test_a_point_in_metres_is_recognised(client: Caller) -> None:
    township, flags = place_of(client, {"x": 500482.27, "y": 3320113.4, "crs": "EPSG:4549"})
    # The central meridian is 120° E, so 500 km easting lies there: outside, but located.
    assert (township, flags) == (None, ["outside"])


@pytest.mark.parametrize(
    ("different", "status", "name"),
    [
        ({"matter": "XX-99"}, 422, "unknown_matter"),
        ({"matter": ""}, 422, "bad_report"),
        ({"source": "telepathy"}, 422, "unknown_source"),
        ({"point": {"x": LON, "y": LAT, "crs": "EPSG:99999"}}, 422, "unknown_crs"),
        ({"point": {"x": LON, "y": LAT, "crs": "火星"}}, 422, "unknown_crs"),
        ({"point": {"x": LON, "y": LAT, "crs": 4490}}, 422, "bad_report"),
        ({"occurred_at": "2026-11-24T12:03:00+08:00"}, 422, "future_time"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, 422, "invalid"),
        ({"occurred_at": "0001-01-01T00:00:00+12:00"}, 422, "invalid"),
        ({"occurred_at": "1969-12-31T00:00:00+08:00"}, 422, "bad_report"),
        ({"occurred_at": "2026-11-24T11:00:00"}, 422, "invalid"),
        ({"occurred_at": "yesterday"}, 422, "invalid"),
        ({"occurred_at": 1795492800}, 422, "invalid"),
        ({"occurred_at": None}, 422, "invalid"),
        ({"received_at": "2026-11-24T11:00:00+08:00"}, 422, "bad_report"),
        ({"source_id": ""}, 422, "bad_report"),
        ({"source_id": "x" * 201}, 422, "bad_report"),
        ({"source_id": 7}, 422, "invalid"),
        ({"description": "长" * 10_001}, 422, "bad_report"),
        ({"description": "a\0b"}, 422, "bad_report"),
        ({"description": ["a"]}, 422, "invalid"),
        ({"photos": ["javascript:alert(1)"]}, 422, "bad_report"),
        ({"photos": ["https://example.org/1.jpg"] * 51}, 422, "bad_report"),
        ({"photos": "https://example.org/1.jpg"}, 422, "invalid"),
        ({"attributes": {"a": {"b": "x" * 60_000}}}, 422, "bad_report"),
        ({"attributes": {"big": 2**70}}, 422, "bad_report"),
        ({"attributes": [1]}, 422, "invalid"),
        ({"descripton": "a misspelt field"}, 422, "invalid"),
    ],
)
def test_a_report_that_cannot_become_a_case_is_refused(
    client: Caller, different: dict[str, Any], status: int, name: str
) -> None:
    answer = client.post("/api/v1/cases", json=report(**different))
    assert (answer.status_code, answer.json()["error"]) == (status, name), answer.text
    assert len(answer.json()["detail"]) > 20, "a sentence with the way out"
    assert client.get("/api/v1/cases").json()["cases"] == []


@pytest.mark.parametrize("letters", [5_000, 10_000])
def test_five_thousand_characters_are_kept_to_the_last(both_clients: Caller, letters: int) -> None:
    text = "烟" * (letters - 1) + "。"
    number = both_clients.post("/api/v1/cases", json=report(description=text)).json()["number"]
    assert both_clients.get(f"/api/v1/cases/{number}").json()["report"]["description"] == text


def test_every_sign_of_the_world_comes_back_as_it_went(both_clients: Caller) -> None:
    text = "𠮷野家 👨‍👩‍👧 \u202etxt\u202c <script>alert(1)</script> ' \" \\ %s ; DROP TABLE cases;--\r\n\t"
    sent = report(description=text, attributes={"楼层": [1, 2.5, None, True, {"深": "井"}]})
    number = both_clients.post("/api/v1/cases", json=sent).json()["number"]
    kept = both_clients.get(f"/api/v1/cases/{number}").json()["report"]
    assert (kept["description"], kept["attributes"]) == (text, sent["attributes"])


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "no_json"),
        (b"matter=SD-01", 400, "no_json"),
        (b"<report/>", 400, "no_json"),
        (b"\xff\xfe\x00", 400, None),
        (b"[" * 100_000, 400, None),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"123", 422, "invalid"),
        (b'{"matter": "SD-01\\ud800"}', 422, "invalid"),
    ],
)
def test_a_body_that_is_no_report(client: Caller, body: bytes, status: int, name: str | None) -> None:
    answer = client.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert name is None or answer.json()["error"] == name
    assert answer.json()["detail"]


def test_half_a_character_is_refused_by_name(client: Caller) -> None:
    body = b'{"matter":"SD-01","source":"grid","source_id":"h","occurred_at":"2026-11-24T11:00:00+08:00",'
    body += b'"description":"\\ud800"}'
    answer = client.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_report")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_json_without_its_content_type_is_refused_politely(client: Caller, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = client.post("/api/v1/cases", content=b'{"matter": "SD-01"}', headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid"


def test_a_body_that_is_too_large_is_refused_however_it_comes(client: Caller) -> None:
    large = report(description="x" * 1_100_000)
    answer = client.post("/api/v1/cases", json=large)
    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    answer = client.post("/api/v1/cases", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("event", "status", "name"),
    [
        ({"kind": "eaten"}, 422, "bad_event"),
        ({"occurred_at": "2026-11-24T12:03:00+08:00"}, 422, "future_time"),
        ({"occurred_at": "2026-11-24T11:00:00+08:00"}, 422, "before_occurrence"),
        ({"kind": "closed", "occurred_at": "2026-11-24T11:54:59+08:00"}, 422, "before_occurrence"),
        ({"kind": "received"}, 409, "not_allowed"),
        ({"kind": "finished"}, 409, "not_allowed"),
        ({"department": "nobody"}, 422, "unknown_department"),
        ({"leg": 9}, 422, "unknown_department"),
        ({"leg": 0}, 422, "invalid"),
        ({"leg": "second"}, 422, "invalid"),
        ({"kind": "transferred", "data": {"department": "nobody", "reason": "x"}}, 422, "unknown_department"),
        ({"kind": "transferred", "data": {}}, 422, "bad_event"),
        ({"kind": "merged", "data": {"into": "SM20261124-99999"}}, 404, "no_such_case"),
        ({"actor": ""}, 422, "bad_event"),
        ({"data": {"text": "x" * 60_000}}, 422, "bad_event"),
        ({"data": "text"}, 422, "invalid"),
        ({"knd": "accepted"}, 422, "invalid"),
    ],
)
def test_an_event_that_cannot_be_is_refused_and_changes_nothing(
    client: Caller, event: dict[str, Any], status: int, name: str
) -> None:
    number = client.post("/api/v1/cases", json=report()).json()["number"]
    plain = {"kind": "accepted", "occurred_at": "2026-11-24T12:00:00+08:00", "actor": "zhzf"}
    answer = client.post(f"/api/v1/cases/{number}/events", json=plain | event)
    assert (answer.status_code, answer.json()["error"]) == (status, name), answer.text
    assert len(client.get(f"/api/v1/cases/{number}").json()["events"]) == 1


@pytest.mark.parametrize(
    "number", ["SM20261124-00009", "nonsense", "%00", "' OR 1=1", "..%2f..", "x" * 5000, "%ed%a0%80"]
)
def test_a_case_that_nobody_was_given_is_not_found(both_clients: Caller, number: str) -> None:
    for answer in (
        both_clients.get(f"/api/v1/cases/{number}"),
        both_clients.post(
            f"/api/v1/cases/{number}/events",
            json={"kind": "accepted", "occurred_at": "2026-11-24T12:00:00+08:00", "actor": "zhzf"},
        ),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] in {"no_such_case", "not_found"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/cases", 404),
        ("POST", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/cases", 405),
        ("PUT", "/api/v1/board", 405),
        ("GET", "/geo/0123456789abcdef/grid.geojson", 404),
        ("GET", "/geo/a/b/c.geojson", 404),
        ("GET", "/favicon.ico", 404),
    ],
)
def test_paths_that_are_none_are_answered_in_json(client: Caller, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["matter", "source", "source_id", "occurred_at", "point", "description", "contact", "photos"]),
        JSON,
    )
)
def test_no_body_whatever_breaks_the_door(client: Caller, different: dict[str, Any]) -> None:
    answer = client.request("POST", "/api/v1/cases", json_any=report(**different))
    assert answer.status_code in {200, 201, 409, 422}, answer.text
    number = answer.json().get("number")
    assert number is None or client.get(f"/api/v1/cases/{number}").status_code == 200
