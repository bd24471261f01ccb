"""Views that people keep, over HTTP and on both databases: named, renamed, shared by their address, forgotten."""

from typing import Any

import pytest

from tests.api.conftest import Caller

VIEWS = "/api/v1/views"
OWNER = "command"


def keep(client: Caller, name: str = "超时的油烟", **different: Any) -> Any:
    body = {"owner": OWNER, "name": name, "path": "/cases", "query": "matter=YJS-01&level=red", **different}
    return client.post(VIEWS, json=body)


def kept(client: Caller, owner: str = OWNER) -> list[str]:
    return [view["name"] for view in client.get(VIEWS, params={"owner": owner}).json()["views"]]


def test_a_view_is_kept_found_renamed_and_forgotten(both_clients: Caller) -> None:
    made = keep(both_clients)
    assert made.status_code == 201, made.text
    assert made.json()["url"] == "/cases?matter=YJS-01&level=red"
    assert kept(both_clients) == ["超时的油烟"]
    url = f"{VIEWS}/{made.json()['id']}?owner={OWNER}"
    assert both_clients.request("PATCH", url, json={"name": "  油烟   超时 "}).json()["name"] == "油烟 超时"
    assert both_clients.request("DELETE", url).status_code == 204
    assert kept(both_clients) == []
    gone = both_clients.request("DELETE", url)
    assert (gone.status_code, gone.json()["error"]) == (404, "no_such_view")


def test_a_name_is_one_of_its_kind_for_its_owner(both_clients: Caller) -> None:
    first = keep(both_clients).json()
    again = keep(both_clients, query="")
    assert (again.status_code, again.json()["error"]) == (409, "view_name_taken")
    assert keep(both_clients, owner="township:330200001").status_code == 201
    other = keep(both_clients, "另一个").json()
    taken = both_clients.request("PATCH", f"{VIEWS}/{other['id']}?owner={OWNER}", json={"name": first["name"]})
    assert (taken.status_code, taken.json()["error"]) == (409, "view_name_taken")
    assert kept(both_clients) == sorted([first["name"], "另一个"])


def test_nobody_changes_the_views_of_another_owner(both_clients: Caller) -> None:
    made = keep(both_clients).json()
    stranger = f"{VIEWS}/{made['id']}?owner=township:330200001"
    assert both_clients.request("PATCH", stranger, json={"name": "x"}).status_code == 404
    assert both_clients.request("DELETE", stranger).status_code == 404
    assert kept(both_clients) == [made["name"]]


@pytest.mark.parametrize("name", ["长" * 60, "a", "=1+1", "<b>"])
def test_names_up_to_sixty_characters_are_kept_as_they_are(client: Caller, name: str) -> None:
    assert keep(client, name).json()["name"] == name


@pytest.mark.parametrize(
    "different",
    [
        {"name": "   "},
        {"name": "长" * 61},
        {"path": "/wall"},
        {"path": "https://elsewhere.example/"},
        {"query": "no equals sign"},
        {"query": "a=" + "x" * 3000},
        {"owner": "nobody"},
        {"name": "a\0b"},
    ],
    ids=str,
)
def test_what_cannot_be_kept_is_refused_with_a_way_out(client: Caller, different: dict[str, str]) -> None:
    answer = keep(client, **({"name": "ok"} | different))
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert kept(client) == []
