"""An event that is sent again under its key counts once: a phone that lost the network need not know what arrived."""

import pytest

from tests.api.conftest import Caller, report


def event(kind: str = "accepted", **more: object) -> dict[str, object]:
    return {"kind": kind, "occurred_at": "2026-11-24T12:00:00+08:00", "actor": "zhzf", **more}


def url_of(client: Caller) -> str:
    return f"/api/v1/cases/{client.post('/api/v1/cases', json=report()).json()['number']}/events"


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_the_same_event_under_the_same_key_changes_nothing(both_clients: Caller) -> None:
    url = url_of(both_clients)
    first = both_clients.post(url, json=event(leg="lead"), headers=keyed("tap-1"))
    assert first.status_code == 201
    # The same instant written with another offset is the same event.
    same = event(leg="lead", occurred_at="2026-11-24T04:00:00Z")
    again = both_clients.post(url, json=same, headers=keyed("tap-1"))
    assert (again.status_code, again.json()["revision"]) == (200, first.json()["revision"])
    history = both_clients.get(url.removesuffix("/events")).json()["events"]
    assert [one["kind"] for one in history].count("accepted") == 1


def test_a_repetition_is_known_even_when_the_case_would_not_allow_it_any_more(both_clients: Caller) -> None:
    url = url_of(both_clients)
    both_clients.post(url, json=event(), headers=keyed("tap-1"))
    both_clients.post(url, json=event("closed", occurred_at="2026-11-24T12:00:01+08:00", data={"reason": "误报"}))
    again = both_clients.post(url, json=event(), headers=keyed("tap-1"))
    assert (again.status_code, again.json()["status"]) == (200, "closed")


def test_another_event_under_the_same_key_is_refused_and_another_case_may_use_it(both_clients: Caller) -> None:
    url = url_of(both_clients)
    both_clients.post(url, json=event(), headers=keyed("tap-1"))
    other = both_clients.post(url, json=event("urged", actor="command"), headers=keyed("tap-1"))
    assert (other.status_code, other.json()["error"]) == (409, "key_conflict")
    assert "tap-1" in other.json()["detail"]
    second = both_clients.post("/api/v1/cases", json=report("2")).json()["number"]
    answer = both_clients.post(f"/api/v1/cases/{second}/events", json=event(), headers=keyed("tap-1"))
    assert answer.status_code == 201, "a key belongs to its case"


def test_what_was_refused_may_be_sent_again_under_its_key(both_clients: Caller) -> None:
    url = url_of(both_clients)
    assert both_clients.post(url, json=event("verified"), headers=keyed("tap-1")).status_code == 409
    assert both_clients.post(url, json=event(), headers=keyed("tap-1")).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 65])
def test_a_key_that_is_no_key_is_refused(client: Caller, key: str) -> None:
    answer = client.post(url_of(client), json=event(), headers=keyed(key))
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_event")
    assert "Idempotency-Key" in answer.json()["detail"]
