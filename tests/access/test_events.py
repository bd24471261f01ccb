"""Who records what: every role and kind of event, on one's own case and on another's; actor and approver are true."""

from typing import Any

import pytest

from cases.desk import EventRequest
from cases.events import EventKind
from data import views
from tests.access.conftest import Door
from tests.access.test_every_role import make

# By hand, from the roles of the design: L leader, O officer, C commander, A adjudicator, R reporter.
KINDS = """
received      -
accepted      O C
called        C
arrived       O C
found         O C
finished      O C
verified      R C
reopened      R C
closed        R C
returned      O C
transferred   C
extended      C
suspended     C
resumed       C
merged        C
relocated     R C
reattributed  -
commented     L O C R
urged         L O C
supervised    L O C
replied       L O C
disputed      O C
stated        L O C
settled       A
identified    O C R
planned       -
answered      R C
"""
MATRIX = {row.split()[0]: set(row.split()[1:]) for row in KINDS.strip().splitlines()}
ROLES = {"leader": "L", "department": "O", "commander": "C", "adjudicator": "A", "reporter": "R"}
WHEN = "2026-11-24T11:58:00+08:00"
# What an officer does to the own leg alone.
ALONE = ("accepted", "arrived", "found", "finished", "returned", "replied")


def say(somebody: Any, number: str, kind: str, **more: Any) -> Any:
    body = {"kind": kind, "occurred_at": WHEN, "actor": "somebody_else", **more}
    return somebody.post(f"/api/v1/cases/{number}/events", body)


def test_the_matrix_speaks_of_every_kind() -> None:
    assert set(MATRIX) == {kind.value for kind in EventKind}


@pytest.mark.parametrize("name", ROLES)
def test_every_role_and_every_kind_of_event(door: Door, name: str) -> None:
    own, other = make(door, "own", 0), make(door, "other", 7, "SD-02", "hotline")
    now = door.watch.now
    for number in (own, other):
        # So that it is the adjudicator's, too; the other one stays undisputed.
        if number == own:
            said = EventRequest("disputed", now, "sthj", department="sthj", data={"clause": "第一项"})
            door.services.desk.record(number, said, now)
    somebody = door.be(name)
    for kind, letters in MATRIX.items():
        answer = say(somebody, own, kind)
        refused = answer.status_code == 403
        assert refused == (ROLES[name] not in letters), f"{kind}: {answer.status_code} {answer.text[:160]}"
        if name != "commander":
            assert say(somebody, other, kind).status_code == 403, f"{kind} of somebody else's"


@pytest.mark.parametrize("kind", ALONE)
def test_an_officer_does_to_the_own_leg_what_one_does_oneself(door: Door, kind: str) -> None:
    number = make(door, "1", 0)
    lead, coordinating = door.be("department"), door.account("sthj01", "officer", "department:sthj")
    other = door.holding(door.session(coordinating))
    assert say(lead, number, kind).status_code != 403
    assert say(other, number, kind, leg=1).status_code == 403
    assert say(other, number, kind, department="zhzf").status_code == 403
    if kind not in ("accepted", "finished", "returned"):  # these concern the lead alone
        assert say(other, number, kind, department="sthj").status_code != 403
        assert say(lead, number, kind, leg=2).status_code == 403


def test_who_did_it_is_whoever_signed_in_and_not_who_the_body_names(door: Door) -> None:
    number = make(door, "1", 0)
    for name, actor in (("unit", "zhzf-001"), ("leader", "330200001"), ("commander", "command"), ("reporter", "grid")):
        assert say(door.be(name), number, "commented", data={"text": name}).status_code == 201
        event = views.case_page(door.services.engine, number).events[-1]
        assert (event.actor, event.data["text"]) == (actor, name)
    rows = door.noted("recorded")
    assert [(row.account, row.target, row.detail["kind"]) for row in rows] == [
        (name, number, "commented") for name in ("commander", "leader", "unit")
    ]


def test_who_approved_it_is_whoever_recorded_it(door: Door) -> None:
    number = make(door, "1", 0, "SD-01")
    commander = door.be("commander")
    assert say(commander, number, "accepted").status_code == 201
    data = {"amount": 1, "reason": "材料未齐", "approved_by": "张三"}
    extended = commander.post(
        f"/api/v1/cases/{number}/events", {"kind": "extended", "occurred_at": "2026-11-24T11:59:00+08:00", "data": data}
    )
    assert extended.status_code == 201, extended.text
    assert views.case_page(door.services.engine, number).events[-1].data["approved_by"] == "command"


def test_an_officer_approves_nothing_in_somebodys_name(door: Door) -> None:
    number = make(door, "1", 0)
    answer = say(door.be("department"), number, "arrived", data={"reason": "再次检查", "approved_by": "张三"})
    assert answer.status_code == 403
    assert "approve" in answer.json()["detail"]
    assert [event.kind for event in views.case_page(door.services.engine, number).events] == ["received"]


def test_a_leader_rates_as_the_own_township_alone(door: Door) -> None:
    leader = door.be("leader")
    rating = {"unit": "zhzf-001", "period": "2026-11", "score": 90, "reason": "及时", "actor": "nobody"}
    own = leader.post("/api/v1/assessment/ratings", rating | {"rater": "township:330200001"})
    assert own.status_code == 201, own.text
    assert own.json()["actor"] == "330200001"
    other = leader.post("/api/v1/assessment/ratings", rating | {"rater": "township:330200002"})
    assert other.status_code == 403


def test_a_notice_is_read_by_whoever_signed_in_and_from_the_own_inbox(door: Door) -> None:
    number = make(door, "1", 0)
    assert say(door.be("commander"), number, "urged", leg=1).status_code == 201
    leader = door.be("leader")
    assert leader.get("/api/v1/inbox").json()["recipient"] == "township:330200001"
    assert leader.get("/api/v1/inbox?recipient=command").status_code == 403
    assert door.be("unit").get("/api/v1/inbox").json()["recipient"] == "unit:zhzf-001"
    assert door.be("commander").get("/api/v1/inbox?recipient=unit:zhzf-001").status_code == 200
