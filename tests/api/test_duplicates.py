"""Suggestions, merging and telling apart over HTTP, on both databases."""

from typing import Any

import pytest

from tests.api.conftest import Caller, report
from tests.api.pack import centre

LON, LAT = centre(0)
METRE = 1 / 110_852  # of latitude, in degrees


def tell(client: Caller, source_id: str, metres: float = 0.0, at: str = "11:00", **more: Any) -> str:
    """Report litter so many metres north of the middle of the first cell."""
    point = {"x": LON, "y": LAT + metres * METRE, "crs": "EPSG:4490"}
    body = report(source_id, occurred_at=f"2026-11-24T{at}:00+08:00", point=point, **more)
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def record(client: Caller, number: str, kind: str, **data: Any) -> Any:
    body = {"kind": kind, "occurred_at": "2026-11-24T11:58:00+08:00", "actor": "command", "data": data}
    return client.post(f"/api/v1/cases/{number}/events", json=body)


def suggested(client: Caller, number: str) -> list[str]:
    return [one["number"] for one in client.get(f"/api/v1/cases/{number}/duplicates").json()["duplicates"]]


def test_a_suggestion_carries_what_a_person_needs_to_judge(both_clients: Caller) -> None:
    client = both_clients
    contact = {"name": "张三丰", "phone": "13812340000"}
    first = tell(client, "1", description="桥下有一堆垃圾", contact=contact)
    second = tell(client, "2", 30, "11:45", source="hotline", description="桥下有垃圾", contact=contact)
    answer = client.get(f"/api/v1/cases/{second}/duplicates")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["total"], body["limits"]) == (1, {"metres": 100.0, "hours": 72.0})
    assert (body["case"]["number"], body["case"]["description"]) == (second, "桥下有垃圾")
    (one,) = body["duplicates"]
    assert one["number"] == first
    assert one["distance_m"] == pytest.approx(30, abs=0.1)
    assert (one["hours"], one["direction"]) == (0.75, "earlier")
    assert one["score"] == round(100 * (1 - (30 / 100 + 0.75 / 72) / 2))
    assert one["why"] == ["distance", "time", "same_reporter", "text"]
    assert (one["description"], one["status"], one["level"]) == ("桥下有一堆垃圾", "received", 3)
    assert [(told["number"], told["source"]) for told in one["reports"]] == [(first, "grid")]
    assert "张三丰" not in answer.text
    assert "13812340000" not in answer.text


def test_the_work_list_names_a_pair_once_under_the_later_one(both_clients: Caller) -> None:
    client = both_clients
    first, second = tell(client, "1"), tell(client, "2", 40, "11:30")
    body = client.get("/api/v1/duplicates").json()
    assert body["total"] == 1
    (pair,) = body["pairs"]
    assert (pair["case"]["number"], pair["other"]["number"], pair["suggestions"]) == (second, first, 1)
    assert pair["url"] == f"/duplicates?case={second}&beside={first}"
    assert client.get("/api/v1/duplicates", params={"township": "330200002"}).json()["pairs"] == []
    assert len(client.get("/api/v1/duplicates", params={"township": "330200001"}).json()["pairs"]) == 1


def test_a_merge_counts_the_case_once_and_the_reports_twice(both_clients: Caller) -> None:
    client = both_clients
    first, second = tell(client, "1"), tell(client, "2", 40, "11:30", source="hotline")
    merged = record(client, second, "merged", into=first, reason="同一堆垃圾")
    assert merged.status_code == 201, merged.text
    assert (merged.json()["status"], merged.json()["merged_into"]) == ("merged", first)
    assert "merged_into_later" not in merged.json()["notes"]
    page = client.get(f"/api/v1/cases/{first}").json()
    assert page["merged_here"] == [second]
    assert [(one["number"], one["source"]) for one in page["reports"]] == [(first, "grid"), (second, "hotline")]
    figures = client.board(page["revision"])["figures"]
    assert (figures["received_today"], figures["reports_today"], figures["pending"]) == (1, 2, 1)
    assert suggested(client, first) == suggested(client, second) == []
    assert client.get("/api/v1/duplicates").json() | {"at": None} == {"at": None, "total": 0, "pairs": []}


def test_who_says_that_two_are_not_the_same_is_believed_for_both(both_clients: Caller) -> None:
    client = both_clients
    first, second = tell(client, "1"), tell(client, "2", 40, "11:30")
    told = record(client, second, "commented", text="不是同一件：两处垃圾", not_duplicate_of=first)
    assert told.status_code == 201
    assert suggested(client, first) == suggested(client, second) == []
    assert client.get("/api/v1/duplicates").json()["total"] == 0
    assert client.get(f"/api/v1/cases/{first}").json()["status"] == "received"


def test_a_merge_into_a_case_that_came_later_is_taken_and_says_so(both_clients: Caller) -> None:
    client = both_clients
    first, second = tell(client, "1"), tell(client, "2", 40, "11:30")
    answer = record(client, first, "merged", into=second)
    assert answer.status_code == 201
    assert "merged_into_later" in answer.json()["notes"]
    assert client.get(f"/api/v1/cases/{first}").json()["notes"] == answer.json()["notes"]


def events(client: Caller, *numbers: str) -> list[int]:
    return [len(client.get(f"/api/v1/cases/{number}").json()["events"]) for number in numbers]


def test_what_would_lose_a_case_is_refused_in_a_sentence_and_leaves_no_trace(both_clients: Caller) -> None:
    client = both_clients
    one, two, three = tell(client, "1"), tell(client, "2", 10, "11:10"), tell(client, "3", 20, "11:20")
    trader = tell(client, "4", 5, matter="SD-02")
    assert record(client, two, "merged", into=one).status_code == 201
    before = events(client, one, two, three, trader)
    for number, data, status, words in (
        (one, {"into": one}, 409, f"{one} cannot be merged into itself"),
        (one, {"into": two}, 409, f"ring; {one} stays"),
        (three, {"into": two}, 409, f"merged into {one}; merge {three} into that one"),
        (two, {"into": three}, 409, "merged"),
        (three, {"into": trader}, 409, "data.reason"),
        (three, {"into": "SM20261124-99999"}, 404, "SM20261124-99999"),
        (three, {"into": 7}, 422, "data.into"),
        (three, {}, 422, "data.into"),
    ):
        answer = record(client, number, "merged", **data)
        assert answer.status_code == status, answer.text
        assert words in answer.json()["detail"]
    for named, status in ((three, 422), ("", 422), (7, 422), ("SM20261124-99999", 404)):
        answer = record(client, three, "commented", text="不是同一件", not_duplicate_of=named)
        assert answer.status_code == status, answer.text
    assert events(client, one, two, three, trader) == before
    assert record(client, three, "merged", into=trader, reason="摊位的垃圾").status_code == 201


def test_a_case_without_a_place_has_no_suggestions(client: Caller) -> None:
    tell(client, "1")
    nowhere = client.post("/api/v1/cases", json=report("2", point=None)).json()["number"]
    body = client.get(f"/api/v1/cases/{nowhere}/duplicates").json()
    assert (body["total"], body["duplicates"]) == (0, [])


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/api/v1/cases/SM20261124-99999/duplicates", 404, "no_such_case"),
        ("/api/v1/cases/nonsense/duplicates", 404, "no_such_case"),
        ("/api/v1/duplicates?limit=0", 422, "invalid"),
        ("/api/v1/duplicates?limit=100000", 422, "bad_query"),
        ("/api/v1/duplicates?towship=330200001", 422, "invalid"),
        ("/api/v1/duplicates?township=%00", 422, "invalid"),
    ],
)
def test_strange_questions_have_a_clear_answer(client: Caller, path: str, status: int, error: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
