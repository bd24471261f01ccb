"""Every limit of a report and of an event is kept, and every refusal names the value and the limit."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.errors import BadEvent, BadReport
from cases.events import EventKind
from cases.intake import EventRequest, body_hash, check_report, check_request, place_as_data
from cases.ports import Place
from tests.cases.factories import START, a_report

NESTED: object = "floor"
for _ in range(30):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"matter": ""}, "matter is empty"),
        ({"source_id": "   "}, "source_id is empty"),
        ({"source_id": "x" * 201}, "source_id has 201 characters .* limit is 200"),
        ({"source": 7}, "source is 7; give a text"),
        ({"crs": "E" * 201}, "crs has 201 characters"),
        ({"description": "烟" * 10_001}, "description has 10001 characters .* limit is 10000"),
        ({"description": None}, "description is None"),
        ({"description": "a\x00b"}, "description holds a NUL"),
        ({"description": "a\ud800b"}, "description holds a NUL or half a character"),
        (
            {"occurred_at": datetime(2026, 3, 4, 9, 0)},
            r"occurred_at 2026-03-04T09:00:00 has no offset; give one, such as",
        ),
        ({"occurred_at": "2026-03-04"}, "occurred_at is '2026-03-04'; give a time with its offset"),
        ({"occurred_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8)))}, "before 1970"),
        ({"received_at": datetime(2026, 3, 4, 9, 0)}, "received_at .* has no offset"),
        ({"received_at": START - timedelta(seconds=1)}, "received_at .* is earlier than occurred_at"),
        ({"contact": "张三"}, "contact is '张三'; give an object"),
        ({"contact": {"name": "张\x00"}}, "contact.name holds a NUL"),
        ({"attributes": {"k": {"a": [1, float("nan")]}}}, r"attributes\.k\.a\[1\] is nan, which is no JSON value"),
        ({"attributes": {"k": Decimal(1)}}, r"attributes\.k is Decimal"),
        ({"attributes": {"k": 2**64}}, r"attributes\.k is 18446744073709551616, which is no JSON value"),
        ({"attributes": {1: 2}}, "a key of attributes is 1; give a text"),
        ({"attributes": {"k": NESTED}}, "nests deeper than 20 levels"),
        (
            {"attributes": {str(n): "x" * 9_000 for n in range(6)}},
            "attributes has .* characters as JSON; the limit is 50000",
        ),
        ({"photos": "http://a"}, "photos is 'http://a'; give a list"),
        ({"photos": [None]}, "photos is None; give a text"),
        ({"photos": ["javascript:alert(1)"]}, "begin with http:// or https://"),
        ({"photos": ["http://a/" + "p" * 2000]}, "photos has 2009 characters .* limit is 2000"),
        ({"photos": ["http://a"] * 51}, "photos holds 51 addresses; the limit is 50"),
    ],
)
def test_a_report_that_cannot_become_a_case_is_refused_by_name_value_and_limit(changes, sentence) -> None:
    with pytest.raises(BadReport, match=sentence):
        check_report(replace(a_report(), **changes))


@pytest.mark.parametrize("length", [0, 5_000, 10_000])
def test_a_long_description_passes_whole(length) -> None:
    check_report(a_report(description="烟" * length))


@pytest.mark.parametrize("point", [(None, None), ("", "abc"), (float("nan"), 0), ([], {}), (1e400, -0.0)])
def test_no_point_is_a_reason_to_refuse(point) -> None:
    check_report(a_report(x=point[0], y=point[1], crs=None))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "exploded"}, "no event 'exploded'; the kinds are: received, accepted"),
        ({"kind": None}, "no event None"),
        ({"occurred_at": datetime(2026, 3, 4)}, "has no offset"),
        ({"actor": ""}, "actor is empty"),
        ({"department": "x" * 201}, "department has 201"),
        ({"data": []}, r"data is \[\]; give an object"),
        ({"data": {"finding": "x" * 10_001}}, r"data\.finding has 10001 characters"),
    ],
)
def test_a_malformed_event_is_refused_whatever_the_case(changes, sentence) -> None:
    with pytest.raises(BadEvent, match=sentence):
        check_request(replace(EventRequest("accepted", START, "zhzf"), **changes))


def test_a_sound_event_gives_its_kind() -> None:
    assert check_request(EventRequest("accepted", START, "zhzf")) is EventKind.ACCEPTED


def test_the_same_content_has_the_same_fingerprint_whatever_the_order_and_the_offset() -> None:
    one = a_report(attributes={"a": 1, "b": {"c": 2, "d": 3}}, contact={"name": "张", "phone": "1"})
    other = a_report(attributes={"b": {"d": 3, "c": 2}, "a": 1}, contact={"phone": "1", "name": "张"})
    assert body_hash(one) == body_hash(other)
    assert body_hash(one) == body_hash(replace(one, occurred_at=START.astimezone(timezone(timedelta(hours=-5)))))


@pytest.mark.parametrize(
    "changes",
    [
        {"matter": "SD-01"},
        {"source": "hotline"},
        {"source_id": "2"},
        {"occurred_at": START + timedelta(microseconds=1)},
        {"received_at": START},
        {"x": 121.20000001},
        {"x": "121.2"},
        {"y": float("nan")},
        {"crs": None},
        {"description": "油烟"},
        {"contact": {"name": "张"}},
        {"photos": ["http://a"]},
        {"attributes": {"a": None}},
    ],
)
def test_every_part_of_the_content_changes_the_fingerprint(changes) -> None:
    assert body_hash(replace(a_report(), **changes)) != body_hash(a_report())


def test_nonsense_has_a_fingerprint_too() -> None:
    for value in (float("nan"), float("inf"), "\ud800", object, Decimal(1)):
        assert len(body_hash(a_report(x=value))) == 64
    assert body_hash(a_report(x=float("nan"))) == body_hash(a_report(x=float("nan")))


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.floats())
)


@settings(max_examples=150, deadline=None)
@given(x=anything, y=anything)
def test_a_raw_point_is_always_kept_as_json_that_any_database_can_store(x, y) -> None:
    stored = place_as_data(Place(raw={"x": x, "y": y, "crs": None}))
    text = json.dumps(stored, allow_nan=False, ensure_ascii=False)
    assert json.loads(text) == stored
    assert "\x00" not in text
    assert len(text.encode("utf8")) < 2000


def test_a_readable_raw_point_is_kept_as_it_came() -> None:
    raw = {"x": 121.2, "y": "30.19", "crs": "EPSG:4490"}
    assert place_as_data(Place(raw=raw))["raw"] == raw
    assert place_as_data(Place(raw={"x": float("nan")}))["raw"] == {"x": "nan"}


def test_times_are_compared_as_instants() -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    check_report(a_report(at=summer, received_at=summer.astimezone(timezone(timedelta(hours=-10)))))
