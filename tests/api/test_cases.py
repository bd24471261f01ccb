"""Reports, events and lists over HTTP, on both databases."""

from typing import Any

import pytest

from tests.api import pack
from tests.api.conftest import Caller, Watch, report


def event(kind: str, at: str = "2026-11-24T12:00:00+08:00", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "occurred_at": at, "actor": "zhzf", **more}


def test_a_report_is_answered_with_number_place_lead_and_due_time(both_clients: Caller) -> None:
    answer = both_clients.post("/api/v1/cases", json=report(matter="YJS-01"))
    case = answer.json()
    assert answer.status_code == 201
    assert case["number"] == "SM20261124-00001"
    assert (case["status"], case["level"], case["flags"], case["provisional"]) == ("received", 1, [], False)
    assert case["township"] == {"code": "330200001", "name": "township 330200001"}
    assert case["cell"] == {"code": "330200001001001", "name": "grid 330200001001001"}
    assert (case["lead"]["department"], case["lead"]["name"], case["lead"]["unit"]) == ("zhzf", "执法局", "zhzf-001")
    assert [leg["department"] for leg in case["legs"]] == ["zhzf", "sthj", "scjg"]
    assert case["due"] == {"respond": "2026-11-24T04:25:00Z"}  # 11:55 + 30 minutes, in UTC
    assert case["url"] == "/case/SM20261124-00001"


def test_the_same_report_again_is_the_first_case_and_another_one_is_a_conflict(both_clients: Caller) -> None:
    first = both_clients.post("/api/v1/cases", json=report("77"))
    again = both_clients.post("/api/v1/cases", json=report("77"))
    assert (again.status_code, again.json()) == (200, first.json())
    other = both_clients.post("/api/v1/cases", json=report("77", description="别的"))
    assert (other.status_code, other.json()["error"]) == (409, "source_conflict")
    assert other.json()["number"] == first.json()["number"]
    elsewhere = both_clients.post("/api/v1/cases", json=report("77", source="hotline"))
    assert elsewhere.status_code == 201, "the id belongs to its source"


def test_a_case_goes_its_way_by_events(both_clients: Caller, watch: Watch) -> None:
    url = f"/api/v1/cases/{both_clients.post('/api/v1/cases', json=report()).json()['number']}/events"
    watch.pass_by(hours=2)
    steps = [
        ("accepted", "2026-11-24T12:05:00+08:00", "accepted", {}),
        ("finished", "2026-11-24T12:30:00+08:00", "finished", {"data": {"result": "已清理"}}),
        ("verified", "2026-11-24T13:00:00+08:00", "verified", {}),
        ("closed", "2026-11-24T13:10:00+08:00", "closed", {}),
    ]
    for kind, at, status, more in steps:
        answer = both_clients.post(url, json=event(kind, at, leg="lead" if kind == "accepted" else None, **more))
        assert (answer.status_code, answer.json()["status"]) == (201, status), answer.text
    case = both_clients.get(url.removesuffix("/events")).json()
    assert [e["kind"] for e in case["events"]] == ["received", *(kind for kind, *_ in steps)]
    assert [c["outcome"] for c in case["clocks"]] == ["met"] * 3
    assert case["spans"] == [{"opened_at": "2026-11-24T03:55:00Z", "closed_at": "2026-11-24T05:10:00Z"}]
    assert (case["level"], case["due"]) == (0, {})


def test_an_event_that_is_not_allowed_says_which_are(both_clients: Caller) -> None:
    number = both_clients.post("/api/v1/cases", json=report()).json()["number"]
    refusal = both_clients.post(f"/api/v1/cases/{number}/events", json=event("verified"))
    assert refusal.status_code == 409
    assert refusal.json()["error"] == "not_allowed"
    assert {"accepted", "returned", "transferred"} <= set(refusal.json()["allowed"])
    assert "finished" not in refusal.json()["allowed"]
    assert set(refusal.json()["allowed"]) == set(both_clients.get(f"/api/v1/cases/{number}").json()["allowed"])


def test_a_case_tells_who_came_from_how_far_who_owes_a_reply_and_whose_duty_is_disputed(
    both_clients: Caller, watch: Watch
) -> None:
    number = both_clients.post("/api/v1/cases", json=report(matter="YJS-01")).json()["number"]
    watch.pass_by(hours=2)
    x, y = pack.centre(0)
    degree = 110_852  # metres of latitude at 30° north
    point = {"x": x, "y": y + 400 / degree, "crs": "EPSG:4490"}
    steps: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("accepted", "12:05", "lead", {}),
        ("arrived", "12:10", 2, {"point": point}),
        ("found", "12:15", 2, {"finding": "超标", "basis": "GB 18483-2001"}),
        ("urged", "12:16", 3, {}),
        ("supervised", "12:20", 3, {"text": "请到场"}),
        ("disputed", "12:25", 3, {"clause": "第三条", "wanted": "sthj", "view": "非我职责"}),
    ]
    for kind, at, leg, data in steps:
        body = {"kind": kind, "occurred_at": f"2026-11-24T{at}:00+08:00", "actor": "330200001", "leg": leg}
        answer = both_clients.post(f"/api/v1/cases/{number}/events", json=body | {"data": data})
        assert answer.status_code == 201, answer.text
    case = both_clients.get(f"/api/v1/cases/{number}").json()
    _, environment, market = case["legs"]
    assert environment["arrived_m"] == pytest.approx(400, abs=1)
    assert (environment["is_far"], environment["basis"]) == (True, "GB 18483-2001")
    assert (market["urged"], market["supervised_at"], market["replied_at"]) == (1, "2026-11-24T04:20:00Z", None)
    assert (environment["owes_reply"], market["owes_reply"]) == (False, True)
    (dispute,) = case["disputes"]
    assert (dispute["leg"], dispute["wanted"], dispute["clause"]) == (3, "sthj", "第三条")
    assert dispute["views"] == [{"by": "330200001", "at": "2026-11-24T04:25:00Z", "text": "非我职责"}]
    # Five working days after Tuesday, at closing time: 17:30 of Tuesday the first.
    assert (dispute["due_at"], dispute["level"], dispute["settled_at"]) == ("2026-12-01T09:30:00Z", 1, None)
    assert case["answered_at"] is None


def test_personal_data_is_masked_everywhere(both_clients: Caller) -> None:
    contact = {"name": "欧阳修", "phone": "13905741234"}
    answer = both_clients.post("/api/v1/cases", json=report(contact=contact))
    number = answer.json()["number"]
    page = both_clients.get(f"/api/v1/cases/{number}")
    assert page.json()["report"]["contact"] == {"name": "欧＊＊", "phone": "＊＊＊＊34"}
    assert page.json()["events"][0]["data"]["report"]["contact"] == page.json()["report"]["contact"]
    for text in (answer.text, page.text, both_clients.get("/api/v1/cases").text):
        assert "欧阳修" not in text
        assert "1390574" not in text


def test_lists_are_filtered_and_paged(both_clients: Caller, watch: Watch) -> None:
    for i in range(7):
        x, y = pack.centre(i)
        matter = ("SD-01", "SD-02")[i % 2]
        sent = report(str(i), matter=matter, point={"x": x, "y": y}, occurred_at=f"2026-11-24T11:{50 + i}:00+08:00")
        assert both_clients.post("/api/v1/cases", json=sent).status_code == 201

    def listed(**query: Any) -> list[str]:
        answer = both_clients.get("/api/v1/cases", params=query)
        assert answer.status_code == 200, answer.text
        return [row["source_id"] for row in answer.json()["cases"]]

    assert listed() == ["6", "5", "4", "3", "2", "1", "0"]
    assert listed(township="330200002") == ["6", "5", "4"]
    assert listed(township=["330200001", "330200002"], matter="SD-02") == ["5", "3", "1"]
    assert listed(department="scjg") == ["5", "3", "1"]
    assert listed(platform="market") == ["5", "3", "1"]
    assert listed(cell="330200001001002") == ["1"]
    assert listed(status="closed") == []
    assert listed(**{"from": "2026-11-24T11:52:00+08:00", "to": "2026-11-24T11:54:00+08:00"}) == ["3", "2"]
    # Respond: 30 minutes; amber from 24 minutes on, red after 30.
    watch.pass_by(minutes=16)  # 12:16: those of 11:50 to 11:52 are amber
    assert listed(level="amber") == ["2", "1", "0"]
    watch.pass_by(minutes=5)  # 12:21: the one of 11:50 is red
    assert listed(level=["red"]) == ["0"]
    assert listed(level="green") == []
    page, seen = both_clients.get("/api/v1/cases", params={"limit": 3}).json(), []
    while True:
        seen += [row["source_id"] for row in page["cases"]]
        if page["next"] is None:
            break
        page = both_clients.get("/api/v1/cases", params={"limit": 3, "cursor": page["next"]}).json()
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("query", "status", "name"),
    [
        ("townshp=330200001", 422, "invalid"),
        ("level=purple", 422, "invalid"),
        ("limit=0", 422, "invalid"),
        ("limit=100000", 422, "bad_query"),
        ("limit=x", 422, "invalid"),
        ("cursor=rubbish", 422, "bad_query"),
        ("from=yesterday", 422, "invalid"),
        ("from=2026-11-24T00:00:00", 422, "invalid"),
        ("matter=%00", 422, "invalid"),
        ("order=random", 422, "invalid"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(client: Caller, query: str, status: int, name: str) -> None:
    answer = client.get(f"/api/v1/cases?{query}")
    assert (answer.status_code, answer.json()["error"]) == (status, name)


def test_the_board_counts_now_and_then(both_clients: Caller, watch: Watch) -> None:
    for i in (0, 0, 5):
        x, y = pack.centre(i)
        both_clients.post("/api/v1/cases", json=report(f"{i}-{watch.now}", point={"x": x, "y": y}))
        watch.pass_by(seconds=1)
    outside = report("out", point={"x": 120.5, "y": 30.0})
    both_clients.post("/api/v1/cases", json=outside)
    watch.pass_by(minutes=40)

    def at(instant: str) -> Any:
        return both_clients.get("/api/v1/board", params={"at": instant}).json()

    then = at("2026-11-24T12:10:00+08:00")
    assert then["figures"] == {"pending": 4, "amber": 0, "overdue": 0}
    assert then["outside"] == {"pending": 1, "amber": 0, "overdue": 0}
    assert then["layers"]["township"] == {
        "330200001": {"level": 1, "pending": 2, "amber": 0, "overdue": 0},
        "330200002": {"level": 1, "pending": 1, "amber": 0, "overdue": 0},
    }
    assert at("2026-11-24T12:22:00+08:00")["layers"]["grid"]["330200001001001"] == {
        "level": 2,
        "pending": 2,
        "amber": 2,
        "overdue": 0,
    }
    assert at("2026-11-24T11:00:00+08:00")["layers"]["township"] == {}
    past = at(watch.now.isoformat())
    now = both_clients.board(revision=4)
    assert past["layers"] == now["layers"]
    assert past["outside"] == now["outside"]
    assert now["figures"]["overdue"] == 4


def test_the_future_has_no_board(client: Caller) -> None:
    answer = client.get("/api/v1/board", params={"at": "2026-11-24T12:00:01+08:00"})
    assert (answer.status_code, answer.json()["error"]) == (422, "future_time")
    assert "2026-11-24T04:00:00" in answer.json()["detail"]


def test_the_region_tells_a_reporter_what_there_is(client: Caller) -> None:
    region = client.get("/api/v1/region").json()
    assert (region["name"], region["zone"], region["finest"]) == ("small", "Asia/Shanghai", "grid")
    assert {code: len(name) for code, name in region["names"].items()} == {"zh": 2, "en": 5}
    assert [m["code"] for m in region["matters"]] == ["YJS-01", "SD-01", "SD-02"]
    assert region["matters"][0]["coordinating"] == ["sthj", "scjg"]
    assert {s["code"]: s["crs"] for s in region["sources"]} == {"grid": "EPSG:4490", "hotline": "GCJ-02"}
    assert {name: layer["areas"] for name, layer in region["layers"].items()} == {
        "township": 2,
        "village": 4,
        "grid": 8,
    }
