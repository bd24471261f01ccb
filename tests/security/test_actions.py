"""Every role x every kind of event x whose case: own, somebody else's, none. What is refused leaves no trace."""

import pytest

from data import views
from tests.access.conftest import OWN, Door
from tests.access.test_events import MATRIX, say
from tests.access.test_every_role import WHO, own_of

LETTER = {
    "leader": "L",
    "department": "O",
    "unit": "O",
    "township": "O",
    "commander": "C",
    "adjudicator": "A",
    "reporter": "R",
}
"""The letters of the matrix of kinds; whoever has none records nothing: walls, the administrator, nobody."""


def events_of(door: Door, number: str) -> int:
    return len(views.case_page(door.services.engine, number).events)


@pytest.mark.parametrize("name", WHO.values())
def test_every_role_every_kind_of_event_and_every_case(door: Door, world: dict[str, str], name: str) -> None:
    somebody, wrong = door.be(name), []
    cases = {"own": own_of(world, name), "other": world["other"], "none": "SM20991231-99999"}
    for kind, letters in MATRIX.items():
        may = LETTER.get(name, "?") in letters
        for whose, number in cases.items():
            before = {one: events_of(door, one) for one in world.values()}
            answer = say(somebody, number, kind)
            refused = answer.status_code in (401, 403)
            expected = not may or (whose == "other" and name != "commander")
            if whose == "none":
                # Whoever records this kind is told that there is no such case, or not even that.
                if not (refused or answer.status_code == 404):
                    wrong.append(f"{kind} of no case: {answer.status_code}")
            elif refused != expected:
                wrong.append(f"{kind} of {whose}: {answer.status_code} {answer.text[:120]}")
            if answer.status_code != 201 and {one: events_of(door, one) for one in world.values()} != before:
                wrong.append(f"{kind} of {whose} left a trace")
    assert wrong == []


OBJECTS = {
    "GET /api/v1/cases/{}": 404,
    "GET /api/v1/cases/{}/result": 404,
    "GET /api/v1/cases/{}/result.html": 404,
    "GET /api/v1/cases/{}/result.pdf": 404,
    "POST /api/v1/cases/{}/contact": 404,
}


@pytest.mark.parametrize("name", ["leader", "department", "unit", "township", "commander", "adjudicator", "reporter"])
def test_what_there_is_not_is_told_from_what_is_somebody_elses_by_nobody_who_may_not_know(
    door: Door, world: dict[str, str], name: str
) -> None:
    somebody = door.be(name)
    for route in OBJECTS:
        method, path = route.split(" ")
        body = {} if method == "POST" else None
        there_is_not = somebody.request(method, path.format("SM20991231-99999"), json=body)
        assert there_is_not.status_code in (403, 404), route
        others = somebody.request(method, path.format(world["other"]), json=body)
        if name != "commander":
            assert others.status_code == 403, route


OWNERS = {
    "leader": f"township:{OWN}",
    "department": "department:zhzf",
    "adjudicator": "adjudicator",
    "commander": "command",
}


def test_kept_views_are_ones_own(door: Door) -> None:
    kept = {}
    for name, owner in OWNERS.items():
        body = {"owner": owner, "name": "mine", "path": "/cases", "query": "state=open"}
        made = door.be(name).post("/api/v1/views", body)
        assert made.status_code == 201, made.text
        kept[name] = made.json()["id"]
    for name, owner in OWNERS.items():
        for other, own in OWNERS.items():
            # The command room looks after everybody's.
            if other not in (name, "commander"):
                stranger, path = door.be(other), f"/api/v1/views/{kept[name]}"
                for claimed, status in ((owner, 403), (own, 404)):
                    asked = {"owner": claimed}
                    assert stranger.request("DELETE", path, params=asked).status_code == status, other
                    renamed = stranger.request("PATCH", path, params=asked, json={"name": "x"})
                    assert renamed.status_code == status, other
    for name, owner in OWNERS.items():
        gone = door.be(name).request("DELETE", f"/api/v1/views/{kept[name]}", params={"owner": owner})
        assert gone.status_code == 204, name
