"""The restaurant's smoke, from the grid worker's report to one result and a closed case, through the HTTP API alone.

Every expected time is counted by hand from the promise: 30 minutes to respond, one hour to be on site, five working
days to finish after joint enforcement, two office hours to verify. 2026-11-24 is a Tuesday; offices are open from 8:30
to 12:00 and from 14:00 to 17:30.
"""

import pytest

from tests.story.hub import GRID_CELL_POINT, Hub

RESTAURANT = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"}


def test_one_smoke_case_goes_round_the_loop_and_every_clock_says_what_it_should(hub: Hub) -> None:
    number = hub.report("0815", matter="YJS-01", at="11-24 08:15", point=GRID_CELL_POINT, description="油烟直排居民楼")
    case = hub.case(number)
    assert case["township"] == {"code": "330282107", "name": "观海卫镇"}
    assert [(leg["department"], leg["unit"]) for leg in case["legs"]] == [
        ("zhzf", "zhzf-107"),
        ("sthj", "sthj-107"),
        ("scjg", "scjg-107"),
    ]
    assert hub.clock(number, "respond") == ("11-24 08:15", "11-24 08:45", None)

    hub.event(number, "accepted", "11-24 08:40", "zhzf-107", leg="lead")
    assert hub.clock(number, "respond") == ("11-24 08:15", "11-24 08:45", "11-24 08:40")
    assert hub.clock(number, "arrive", 2) == ("11-24 08:40", "11-24 09:40", None), "environment is called"
    assert hub.clock(number, "arrive", 3) == ("11-24 08:40", "11-24 09:40", None), "market regulation is called"

    hub.event(
        number, "arrived", "11-24 09:10", "zhzf-107", leg="lead", data={"point": hub.north_of(GRID_CELL_POINT, 15)}
    )
    hub.event(number, "arrived", "11-24 09:20", "sthj-107", leg=2, data={"point": hub.north_of(GRID_CELL_POINT, 40)})
    hub.event(number, "arrived", "11-24 09:35", "scjg-107", leg=3, data={"point": hub.north_of(GRID_CELL_POINT, 420)})
    environment, market = hub.case(number)["legs"][1:]
    assert environment["arrived_m"] == pytest.approx(40, abs=0.5)
    assert market["arrived_m"] == pytest.approx(420, abs=1)
    assert (environment["is_far"], market["is_far"]) == (False, True), "more than 300 m is flagged"

    hub.event(number, "found", "11-24 10:00", "zhzf-107", leg="lead", data={"finding": "位于居民楼底层，未设专用烟道"})
    hub.event(
        number,
        "found",
        "11-24 10:30",
        "sthj-107",
        leg=2,
        data={"finding": "油烟排放浓度 3.1 mg/m³", "basis": "GB 18483-2001 表2"},
    )
    refusal = hub.refused(number, "finished", "11-24 10:35", "zhzf-107", data={"result": "责令改正"})
    assert refusal["error"] == "not_allowed", "no result before every finding is there"
    assert "scjg" in refusal["detail"]
    assert hub.clock(number, "finish") is None, "the finish clock waits for the last finding"
    hub.event(number, "found", "11-24 10:40", "scjg-107", leg=3, data={"finding": "食品经营许可证有效"})
    assert hub.clock(number, "finish") == ("11-24 10:40", "12-01 17:30", None), "five working days: 25, 26, 27, 30, 1"

    hub.event(number, "finished", "11-26 15:00", "zhzf-107", data={"result": "责令七日内加装净化设施并复测"})
    assert hub.clock(number, "finish") == ("11-24 10:40", "12-01 17:30", "11-26 15:00")
    assert hub.clock(number, "verify") == ("11-26 15:00", "11-26 17:00", None), "120 office minutes"

    result = hub.result(number)
    assert result["conclusion"] == "责令七日内加装净化设施并复测"
    assert {part["department"]: part["finding"] for part in result["findings"]} == {
        "zhzf": "位于居民楼底层，未设专用烟道",
        "sthj": "油烟排放浓度 3.1 mg/m³",
        "scjg": "食品经营许可证有效",
    }
    assert "GB 18483-2001 表2" in hub.pdf_text(number)
    for words in ("责令七日内加装净化设施并复测", "食品经营许可证有效"):
        assert words in hub.html(number)
        assert words in hub.pdf_text(number)

    hub.event(number, "answered", "11-26 15:10", "command", data={"channel": "phone"})
    hub.event(number, "verified", "11-26 16:00", "grid")
    hub.event(number, "closed", "11-26 16:05", "grid")
    case = hub.case(number)
    assert (case["status"], case["answered_at"]) == ("closed", hub.utc("11-26 15:10"))
    assert [clock["outcome"] for clock in case["clocks"]] == ["met"] * 5
    assert case["spans"] == [{"opened_at": hub.utc("11-24 08:15"), "closed_at": hub.utc("11-26 16:05")}]


def test_the_same_with_a_dispute_a_late_department_a_second_complaint_and_a_reopened_result(hub: Hub) -> None:
    number = hub.report("0900", matter="YJS-01", at="11-25 09:00", point=GRID_CELL_POINT, subject=RESTAURANT)

    # Nobody wants it: two returns open a dispute by themselves, and the one who was asked last stays in charge.
    hub.event(number, "returned", "11-25 09:20", "zhzf-107", leg="lead", data={"reason": "油烟监测属生态环境职责"})
    hub.event(number, "transferred", "11-25 09:30", "command", data={"department": "sthj", "reason": "以监测为主"})
    assert hub.clock(number, "respond", 4) == ("11-25 09:30", "11-25 10:00", None), "a new lead has its own 30 minutes"
    hub.event(number, "returned", "11-25 09:50", "sthj-107", leg="lead", data={"reason": "清单载明由综合执法牵头"})
    (dispute,) = hub.disputes(number)
    assert (dispute["opened_by"], dispute["leg"]) == ("rules", 4)
    assert (dispute["opened_at"], dispute["due_at"]) == (hub.utc("11-25 09:50"), hub.utc("12-02 17:30"))
    for kind, data in (("transferred", {"department": "scjg", "reason": "再转"}), ("returned", {"reason": "再退"})):
        refusal = hub.refused(number, kind, "11-25 09:55", "command", data=data)
        assert "stays in charge" in refusal["detail"]
    hub.event(number, "stated", "11-25 10:00", "zhzf", leg=4, data={"text": "本次投诉核心是超标排放"})
    hub.event(number, "stated", "11-25 10:05", "sthj", leg=4, data={"text": "一件事清单第一项写明牵头部门"})

    # The dispute pauses nothing. Market regulation is late, and only its own clock says so.
    hub.event(number, "accepted", "11-25 10:10", "sthj-107", leg="lead")
    hub.event(number, "arrived", "11-25 10:30", "sthj-107", leg="lead")
    hub.event(number, "supervised", "11-25 11:20", "330282107", leg=3, data={"text": "已超时，请立即到场"})
    hub.event(number, "arrived", "11-25 11:40", "scjg-107", leg=3)
    hub.event(number, "replied", "11-25 11:45", "scjg-107", leg=3, data={"text": "已到场，途中处置另一警情"})
    assert hub.clock(number, "arrive", 3) == ("11-25 10:10", "11-25 11:10", "11-25 11:40")
    missed = {(clock["kind"], clock["leg"]) for clock in hub.case(number)["clocks"] if clock["outcome"] == "missed"}
    assert missed == {("arrive", 3)}, "no other leg is blamed for the late department"
    hub.event(number, "found", "11-25 11:50", "scjg-107", leg=3, data={"finding": "许可证已过期"})
    hub.event(number, "found", "11-25 12:00", "sthj-107", leg="lead", data={"finding": "排放超标"})
    assert hub.clock(number, "finish") == ("11-25 12:00", "12-02 17:30", None)

    # The adjudicator decides: the environment leads such cases in this township, until the next list says so itself.
    decision = {
        "department": "sthj",
        "decision": "以监测认定为主的油烟投诉由生态环境部门牵头",
        "ruling": {"change": "YJS-01 在观海卫镇改由生态环境分局牵头", "township": True},
    }
    hub.event(number, "settled", "11-26 10:00", "adjudicator", leg=4, data=decision)
    assert hub.case(number)["lead"]["department"] == "sthj"
    following = hub.case(
        hub.report("0930", matter="YJS-01", at="11-27 09:30", point=hub.north_of(GRID_CELL_POINT, 900))
    )
    assert following["township"]["code"] == "330282107"
    assert following["lead"]["department"] == "sthj", "the decision routes the next such case"
    assert number in following["lead"]["sentence"] + following["lead"]["clause"]
    elsewhere = hub.case(hub.report("0931", matter="YJS-01", at="11-27 09:31", point=hub.seat_of("330282121")))
    assert elsewhere["township"]["code"] == "330282121"
    assert elsewhere["lead"]["department"] == "zhzf", "in its own township alone"

    # A neighbour complains about the same restaurant through the hotline: suggested, merged by a person, counted once.
    second = hub.report(
        "H-1",
        source="hotline",
        matter="YJS-01",
        at="11-26 19:00",
        point=hub.north_of(GRID_CELL_POINT, 30),
        crs="EPSG:4490",
    )
    (suggestion,) = [one for one in hub.duplicates(second) if one["number"] == number]
    assert suggestion["distance_m"] == pytest.approx(30, abs=0.5)
    refusal = hub.refused(second, "merged", "11-27 10:00", "command", data={"into": second})
    assert "itself" in refusal["detail"]
    hub.event(second, "merged", "11-27 10:00", "command", data={"into": number, "reason": "同一餐饮店"})
    assert hub.case(number)["merged_here"] == [second]
    ring = hub.refused(number, "merged", "11-27 10:01", "command", data={"into": second})
    assert number in ring["detail"], "a ring is refused, and the sentence names the case that stays"

    # One result; the grid worker is not satisfied; a second one, for both reporters.
    hub.event(number, "finished", "11-27 15:00", "sthj-107", data={"result": "责令改正"})
    hub.event(number, "reopened", "11-27 16:00", "grid", data={"reason": "油烟仍然直排"})
    assert hub.case(number)["status"] == "accepted"
    hub.event(number, "finished", "12-01 11:00", "sthj-107", data={"result": "已加装净化设施，复测达标"})
    assert [hub.result(number, round=n)["conclusion"] for n in (1, 2)] == ["责令改正", "已加装净化设施，复测达标"]
    for one in (number, second):
        hub.event(one, "answered", "12-01 11:30", "command", data={"channel": "phone"})
    hub.event(number, "verified", "12-01 11:40", "grid")
    hub.event(number, "closed", "12-01 11:45", "grid")
    assert {hub.case(one)["status"] for one in (number, second)} == {"closed", "merged"}
    assert all(hub.case(one)["answered_at"] == hub.utc("12-01 11:30") for one in (number, second))
    assert hub.unanswered() == []

    # The restaurant has had its one visit: coming again needs a reason and somebody who approves it.
    again = hub.report("1202", matter="YJS-01", at="12-02 09:00", point=GRID_CELL_POINT, subject=RESTAURANT)
    hub.event(again, "accepted", "12-02 09:10", "sthj-107", leg="lead")
    assert hub.case(again)["visit"] == hub.case(number)["visit"], "it joins the recent visit"
    refusal = hub.refused(again, "arrived", "12-02 09:30", "sthj-107", leg="lead", data={})
    assert "approved_by" in refusal["detail"]
    approved = {"reason": "复测后再次超标投诉", "approved_by": "commander"}
    hub.event(again, "arrived", "12-02 09:30", "sthj-107", leg="lead", data=approved)
    assert hub.case(again)["visit"] != hub.case(number)["visit"]
    measure = hub.inspections("2026Q4")
    assert {row["department"]: (row["more_than_once"], row["visited"]) for row in measure}["sthj"] == (1, 1)
