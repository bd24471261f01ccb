"""Inspect at most once over HTTP, on both databases: subjects are named, visits shared, second ones justified."""

from typing import Any

import pytest

from tests.api.conftest import Caller, report

CODE = "91330282MA2AJ0001Y"
RESTAURANT = {"credit_code": CODE, "name": "示范餐饮店一"}
APPROVED = {"reason": "整改后复查", "approved_by": "commander"}


def tell(client: Caller, source_id: str, subject: Any = RESTAURANT, day: int = 10, **more: Any) -> str:
    body = report(source_id, occurred_at=f"2026-11-{day}T09:00:00+08:00", subject=subject, **more)
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def record(client: Caller, number: str, kind: str, day: int = 10, hour: str = "10:00", **data: Any) -> Any:
    body = {"kind": kind, "occurred_at": f"2026-11-{day}T{hour}:00+08:00", "actor": "zhzf", "data": data}
    return client.post(f"/api/v1/cases/{number}/events", json=body)


def done(client: Caller, source_id: str, day: int) -> str:
    """A case that was inspected and closed on one day."""
    number = tell(client, source_id, day=day)
    for kind, hour, data in (
        ("accepted", "09:10", {}),
        ("arrived", "09:40", {}),
        ("closed", "11:00", {"reason": "ok"}),
    ):
        assert record(client, number, kind, day, hour, **data).status_code == 201
    return number


def test_a_case_carries_its_subject_its_visit_and_what_is_checked(both_clients: Caller) -> None:
    number = tell(both_clients, "1", subject={"credit_code": CODE.lower(), "name": "示范餐饮店一"})
    case = both_clients.get(f"/api/v1/cases/{number}").json()
    assert (case["subject"], case["visit"], case["checks"]) == (CODE, None, {})
    case = record(both_clients, number, "accepted").json()
    assert case["visit"] == f"V{number}"
    assert list(case["checks"]) == [case["lead"]["department"]]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ({"credit_code": "91330282MA2AJ0001X", "name": "店"}, "it should be Y"),
        ({"credit_code": "91330282MA2AJ001Y", "name": "店"}, "has 17 characters; it needs 18"),
        ({"credit_code": "91330282MA2AJO001Y", "name": "店"}, "Position 14"),
        ({"site": "东门工地"}, "The name of the subject is None"),
        ({"credit_code": CODE, "site": "x", "name": "店"}, "both credit_code and site"),
        ("店", "The subject is '店'"),
        ([], "The subject is []"),
    ],
)
def test_a_wrong_subject_is_refused_with_the_way_out_and_nothing_is_kept(
    both_clients: Caller, subject: Any, words: str
) -> None:
    answer = both_clients.post("/api/v1/cases", json=report("bad", subject=subject))
    assert answer.status_code == 422
    assert answer.json()["error"] == "bad_subject"
    assert words in answer.json()["detail"]
    number = tell(both_clients, "1", subject=None)
    answer = record(both_clients, number, "identified", subject=subject)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_subject")
    assert [event["kind"] for event in both_clients.get(f"/api/v1/cases/{number}").json()["events"]] == ["received"]
    assert both_clients.get("/api/v1/subjects").json()["subjects"] == []
    assert len(both_clients.get("/api/v1/cases").json()["cases"]) == 1


def test_a_second_visit_without_reason_or_approver_is_refused_and_nothing_is_half_written(both_clients: Caller) -> None:
    first = done(both_clients, "1", 10)
    second = tell(both_clients, "2", day=20)
    record(both_clients, second, "accepted", 20)
    before = both_clients.get(f"/api/v1/cases/{second}").json()
    assert before["visit"] == f"V{first}", "it joins the recent visit"
    for data in ({}, {"reason": "复查"}, {"approved_by": "commander"}):
        answer = record(both_clients, second, "arrived", 20, "10:30", **data)
        assert (answer.status_code, answer.json()["error"]) == (409, "not_allowed")
        assert "a second visit needs data.reason and data.approved_by" in answer.json()["detail"]
    assert both_clients.get(f"/api/v1/cases/{second}").json() == before
    case = record(both_clients, second, "arrived", 20, "10:30", **APPROVED).json()
    assert case["visit"] == f"V{second}"
    page = both_clients.get(f"/api/v1/subjects/{CODE}").json()
    assert [(v["visit"], v["reason"], v["approved_by"], v["is_open"]) for v in page["visits"]] == [
        (f"V{second}", "整改后复查", "commander", True),
        (f"V{first}", None, None, False),
    ]
    assert [one["number"] for one in page["visits"][1]["on_site"]] == [first]


def test_the_measure_names_numerator_denominator_and_the_subjects_behind(both_clients: Caller) -> None:
    empty = both_clients.get("/api/v1/inspections").json()
    assert empty["quarter"]["name"] == "2026Q4", "the present one of the region"
    assert (empty["all"]["rate"], empty["departments"]) == ({"n": 0, "of": 0}, [])
    done(both_clients, "1", 10)
    second = tell(both_clients, "2", day=20)
    record(both_clients, second, "accepted", 20)
    record(both_clients, second, "arrived", 20, "10:30", **APPROVED)
    other = tell(both_clients, "3", subject={"site": "东门/工地", "name": "东门工地"})
    record(both_clients, other, "accepted")
    record(both_clients, other, "arrived")
    found = both_clients.get("/api/v1/inspections", params={"quarter": "2026Q4"}).json()
    assert (found["all"]["more_than_once"], found["all"]["visited"], found["all"]["approved"]) == (1, 2, 1)
    (department,) = found["departments"]
    assert (department["more_than_once"], department["visited"]) == (1, 2)
    assert [one["quarter"] for one in found["previous"]] == ["2026Q3", "2026Q2", "2026Q1", "2025Q4"]

    def behind(**query: str) -> list[str]:
        answer = both_clients.get("/api/v1/subjects", params=query)
        assert answer.status_code == 200, answer.text
        return [one["code"] for one in answer.json()["subjects"]]

    code = department["department"]
    assert behind(visited="more", quarter="2026Q4", department=code) == [CODE]
    assert set(behind(visited="once", quarter="2026Q4", department=code)) == {CODE, "site:东门-工地"}
    assert behind(visited="once", quarter="2026Q3") == []
    assert behind(visited="more", department="nobody") == []
    assert behind(q="东门") == ["site:东门-工地"]
    assert both_clients.get("/api/v1/subjects/site:东门-工地").json()["name"] == "东门工地"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v1/inspections?quarter=2026-Q4", 422, "is no quarter; give one such as 2026Q4"),
        ("/api/v1/inspections?township=1", 422, "township"),
        ("/api/v1/subjects?department=zhzf", 422, "give visited=once or visited=more"),
        ("/api/v1/subjects?visited=twice", 422, "visited"),
        ("/api/v1/subjects?limit=100000", 422, "follow `next`"),
        ("/api/v1/subjects?cursor=x", 422, "no cursor"),
        ("/api/v1/subjects/91330282MA2AJ0001X", 404, "Nobody has named a subject '91330282MA2AJ0001X'"),
    ],
)
def test_a_wrong_question_is_answered_with_the_way_out(client: Caller, path: str, status: int, words: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
