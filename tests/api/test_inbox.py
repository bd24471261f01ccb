"""The inbox over HTTP: whose it is, what is unread, who has read it, and what is refused."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from tests.api.conftest import NOW, Caller, called, report
from tests.api.test_notifying import OWN, UNIT, event, step

READ = {"actor": "zhzf-001"}


@pytest.fixture
def told(app: FastAPI) -> Iterator[Caller]:
    """An application whose unit was urged three times."""
    with called(app) as client:
        number = client.post("/api/v1/cases", json=report()).json()["number"]
        for _ in range(3):
            event(client, number, NOW, **OWN)
        step(app)
        yield client


def test_an_inbox_comes_in_pages_newest_first_with_the_count_of_what_is_unread(told: Caller) -> None:
    first = told.get(f"/api/v1/inbox?recipient={UNIT}&limit=2").json()
    rest = told.get(f"/api/v1/inbox?recipient={UNIT}&limit=2&cursor={first['next']}").json()
    assert (first["recipient"], first["unread"], rest["next"]) == (UNIT, 3, None)
    ids = [one["id"] for page in (first, rest) for one in page["notices"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 3
    one = rest["notices"][0]
    assert (one["kind"], one["level"], one["matter"], one["township"]) == ("urged", "none", "SD-01", "330200001")
    assert one["facts"]["by"] == "330200001"


def test_a_notice_that_is_read_says_by_whom_and_is_no_longer_among_the_unread(told: Caller) -> None:
    newest = told.get(f"/api/v1/inbox?recipient={UNIT}").json()["notices"][0]
    answer = told.post(f"/api/v1/inbox/{newest['id']}/read", json=READ)
    assert answer.status_code == 200
    assert answer.json()["read_by"] == "zhzf-001"
    assert told.post(f"/api/v1/inbox/{newest['id']}/read", json={"actor": "scjg"}).json() == answer.json()
    left = told.get(f"/api/v1/inbox?recipient={UNIT}&unread=true").json()
    assert left["unread"] == 2
    assert newest["id"] not in [one["id"] for one in left["notices"]]


def test_an_inbox_in_which_nothing_is_yet_is_empty(told: Caller) -> None:
    for recipient in ("command", "adjudicator", "township:330200002", "department:sthj", "source:hotline"):
        assert told.get(f"/api/v1/inbox?recipient={recipient}").json() == {
            "recipient": recipient,
            "unread": 0,
            "notices": [],
            "next": None,
        }


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("recipient=department:nobody", "bad_query"),
        ("recipient=zhzf", "bad_query"),
        ("recipient=unit:", "bad_query"),
        ("recipient=", "bad_query"),
        ("recipient=command%00", "invalid"),
        ("cursor=abc", "bad_query"),
        ("limit=0", "invalid"),
        ("limit=100000", "bad_query"),
        ("unread=perhaps", "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_the_way_out(client: Caller, query: str, error: str) -> None:
    answer = client.get(f"/api/v1/inbox?{query}")
    assert (answer.status_code, answer.json()["error"]) == (422, error)


def test_an_inbox_that_is_not_there_is_named_with_the_forms_that_there_are(client: Caller) -> None:
    said = client.get("/api/v1/inbox?recipient=department:nobody").json()["detail"]
    assert "'department:nobody' has no inbox here" in said
    assert "township:<code>" in said


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("999", READ, 404, "no_such_notice"),
        (str(2**70), READ, 404, "no_such_notice"),
        ("x", READ, 422, "invalid"),
        ("-1", READ, 422, "invalid"),
        ("1", {}, 422, "invalid"),
        ("1", {"actor": ""}, 422, "invalid"),
        ("1", {"actor": "a", "name": "b"}, 422, "invalid"),
    ],
)
def test_a_reading_that_cannot_be_noted_is_refused(
    client: Caller, path: str, body: dict[str, str], status: int, error: str
) -> None:
    answer = client.post(f"/api/v1/inbox/{path}/read", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
