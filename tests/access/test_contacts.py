"""Names and phones are masked everywhere; who is entitled looks at them one by one, and each look is recorded."""

import re

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.auth import ROUTES
from tests.access.conftest import Door
from tests.access.test_every_role import filled, make, navigation

SECRETS = ("王小明", "13812345678")
READERS = ["leader", "department", "unit", "commander", "adjudicator", "reporter", "administrator", "kiosk"]


@pytest.mark.parametrize("name", READERS)
def test_no_page_and_no_answer_shows_a_contact(door: Door, name: str) -> None:
    number = make(door, "1", 0)
    somebody = door.be(name)
    for (method, path), _ in ROUTES.items():
        if method == "GET" and path not in ("/api/v1/stream",) and not re.search("_dash-comp|assets|static", path):
            text = somebody.get(filled(path, number, door)).text
            assert not [secret for secret in SECRETS if secret in text], f"{name} {path}"
    for path in ("/", "/wall", f"/case/{number}", "/township/330200001", "/duplicates"):
        drawn = somebody.post("/_dash-update-component", navigation(path)).text
        assert not [secret for secret in SECRETS if secret in drawn], path


@pytest.mark.parametrize("name", ["leader", "department", "unit", "commander"])
def test_who_is_entitled_sees_it_and_the_look_is_recorded(both_doors: Door, name: str) -> None:
    number = make(both_doors, "1", 0)
    shown = both_doors.be(name).post(f"/api/v1/cases/{number}/contact", {"reason": "回访"})
    assert shown.json()["contact"] == {"name": "王小明", "phone": "13812345678"}
    assert shown.headers["cache-control"] == "no-store"
    (row,) = both_doors.noted("unmasked")
    assert (row.account, row.target, row.detail) == (name, number, {"reason": "回访"})
    assert not [secret for secret in SECRETS if secret in str(row)], "the record holds no contact itself"


@pytest.mark.parametrize("name", ["adjudicator", "reporter", "administrator", "kiosk", "nobody"])
def test_who_is_not_does_not_and_nothing_is_recorded(door: Door, name: str) -> None:
    number = make(door, "1", 0)
    assert door.be(name).post(f"/api/v1/cases/{number}/contact").status_code in (401, 403)
    assert door.noted("unmasked") == []


def test_a_look_that_cannot_be_recorded_is_not_had(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    number, leader = make(door, "1", 0), door.be("leader")

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("dashboard.api.events.accounts.note", full)
    answer = leader.post(f"/api/v1/cases/{number}/contact")
    assert answer.status_code == 500
    assert not [secret for secret in SECRETS if secret in answer.text]


def test_who_opens_a_case_is_recorded_once_a_look_and_who_takes_a_list_away_each_time(both_doors: Door) -> None:
    number = make(both_doors, "1", 0)
    leader = both_doors.be("leader")
    for _ in range(3):
        assert leader.get(f"/api/v1/cases/{number}").status_code == 200
    both_doors.watch.pass_by(minutes=11)
    leader.get(f"/api/v1/cases/{number}")
    both_doors.be("kiosk").get(f"/api/v1/cases/{number}")
    assert [(row.account, row.target) for row in both_doors.noted("opened")] == [("leader", number)] * 2
    for form in ("csv", "xlsx", "csv"):
        assert leader.get(f"/api/v1/case-table.{form}").status_code == 200
    taken = sorted(row.target for row in both_doors.noted("taken"))
    assert taken == ["case-table.csv", "case-table.csv", "case-table.xlsx"]


def test_the_record_that_cannot_be_written_shuts_no_masked_page(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    number, leader = make(door, "1", 0), door.be("leader")

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, OSError("disk full"))

    monkeypatch.setattr("dashboard.auth.seeing.accounts.note", full)
    assert leader.get(f"/api/v1/cases/{number}").status_code == 200


def test_the_command_room_erases_a_contact_and_nobody_ever_sees_it_again(door: Door) -> None:
    number = make(door, "1", 0)
    body = {"reason": "个人信息保护法第四十七条"}
    for name in ("leader", "department", "adjudicator", "administrator", "reporter"):
        assert door.be(name).post(f"/api/v1/cases/{number}/erasure", body).status_code == 403
    commander = door.be("commander")
    erased = commander.post(f"/api/v1/cases/{number}/erasure", body)
    assert erased.status_code == 200, erased.text
    assert list(erased.json()["erased"].values()) == [["report.contact"]]
    assert commander.post(f"/api/v1/cases/{number}/erasure", body).json()["erased"] == {}
    (row,) = door.noted("erased")
    assert (row.account, row.target, row.detail["reason"]) == ("commander", number, body["reason"])
    assert commander.post(f"/api/v1/cases/{number}/contact").json()["contact"] == {}
    for (method, path), _ in ROUTES.items():
        if method == "GET" and "{number}" in path:
            text = commander.get(filled(path, number, door)).text
            assert not [secret for secret in SECRETS if secret in text], path
