"""/api/v1/boundaries: a file is sent, proposed for, checked, looked at, published, withdrawn, by any process."""

import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.pages import common
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api import pack
from tests.api.conftest import Caller, Watch, called, report
from tests.api.test_renewal import FIRST, MOVED, SECOND, VILLAGE, layers_after

BEGIN = "2026-01-01"
ALL = "/api/v1/boundaries"


@pytest.fixture
def step(tmp_path: Path) -> bytes:
    """One archive with a GeoJSON file per layer, in which a village goes to the other township."""
    return packed(tmp_path / "step.zip", layers_after())


def packed(path: Path, layers: dict[str, list[dict[str, Any]]]) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for layer, features in layers.items():
            archive.writestr(f"{layer}.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    return path.read_bytes()


def send(client: Caller, content: bytes, file: str = "step.zip", actor: str = "王芳") -> httpx.Response:
    return client.post(f"{ALL}/drafts", params={"file": file, "actor": actor}, content=content)


def asked(draft: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the page asks when nobody changes a proposal."""
    layers = [one["proposal"] | {"sublayer": one["name"]} for one in draft["offers"]["layers"]]
    return {"begin": BEGIN, "layers": layers, **more}


def checked(client: Caller, content: bytes, **more: Any) -> dict[str, Any]:
    draft = send(client, content).json()
    answer = client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft, **more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_file_that_is_sent_is_proposed_for_by_its_codes(both_clients: Caller, step: bytes) -> None:
    answer = send(both_clients, step, file="C:\\Users\\王芳\\新界线.zip")
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    assert (draft["file"], draft["state"], draft["actor"], draft["size"]) == (
        "新界线.zip",
        "uploaded",
        "王芳",
        len(step),
    )
    township, village = draft["offers"]["layers"]
    assert township["proposal"] == {
        "layer": "township", "series": "mca", "code": "code", "name": "name", "parent": None
    }  # fmt: skip
    assert village["proposal"] == {
        "layer": "village", "series": "nbs", "code": "code", "name": "name", "parent": "parent"
    }  # fmt: skip
    assert (village["features"], village["crs"]) == (4, "EPSG:4326")
    assert {column["name"]: column["samples"] for column in village["columns"]}["parent"] == [FIRST, SECOND]
    listed = both_clients.get(ALL).json()
    assert [one["id"] for one in listed["drafts"]] == [draft["id"]]
    assert listed["layers"]["township"]["versions"] == [{"begins": "2013-06-01", "areas": 2}]
    assert listed["layers"]["village"]["series"] == ["nbs"]


def test_a_draft_is_checked_published_and_withdrawn(both_clients: Caller, step: bytes) -> None:
    lon, lat = pack.centre(MOVED)
    body = report("moves", point={"x": lon, "y": lat, "crs": "EPSG:4490"})
    assert both_clients.post("/api/v1/cases", json=body).json()["township"]["code"] == SECOND
    draft = checked(both_clients, step)
    assert draft["state"] == "checked"
    outcome = draft["outcome"]
    assert outcome["blocked"] is None
    assert [(one["layer"], one["sound"], one["changes"]["changed"]) for one in outcome["layers"]] == [
        ("township", True, [FIRST, SECOND]), ("village", True, [VILLAGE]),
    ]  # fmt: skip
    assert outcome["moves"]["looked_at"] == {"open": 1, "closed": 0}
    assert outcome["moves"]["layers"] == {"township": [{"from": SECOND, "to": FIRST, "open": 1, "closed": 0}]}
    page = both_clients.get(f"{ALL}/drafts/{draft['id']}/report.html", params={"layer": "village", "lang": "en"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "step.zip" in page.text
    published = both_clients.post(f"{ALL}/drafts/{draft['id']}/publication", json={"actor": "王芳", "note": "民函7号"})
    assert published.status_code == 201, published.text
    told = published.json()
    assert (told["id"], told["begins"], told["actor"], told["note"]) == (1, BEGIN, "王芳", "民函7号")
    assert [(one["layer"], one["file"], one["areas"]) for one in told["layers"]] == [
        ("township", "step.zip", 2), ("village", "step.zip", 4),
    ]  # fmt: skip
    assert told["reports"]["village"]["counts"]["error"] == 0
    assert both_clients.get(f"{ALL}/drafts/{draft['id']}").status_code == 404, "what is published is no draft any more"
    gone = both_clients.post(f"{ALL}/publications/1/withdrawal", json={"actor": "李娜", "reason": "公告撤回"})
    assert gone.status_code == 201
    assert (gone.json()["withdrawn"]["actor"], gone.json()["withdrawn"]["reason"]) == ("李娜", "公告撤回")
    listed = both_clients.get(ALL).json()
    assert listed["drafts"] == []
    assert [one["id"] for one in listed["publications"]] == [1]


def test_a_draft_is_gone_on_with_by_any_process(small_pack: Path, database_url: str, watch: Watch, step: bytes) -> None:
    settings = Settings(region=str(small_pack), database_url=database_url, poll_ms=50)
    with called(create_app(settings, now=watch)) as one, called(create_app(settings, now=watch)) as other:
        draft = send(one, step).json()
        assert other.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft)).json()["state"] == "checked"
        answer = one.post(f"{ALL}/drafts/{draft['id']}/publication", json={"actor": "王芳"})
        assert answer.status_code == 201


def test_a_faulty_file_is_reported_and_cannot_be_published(client: Caller, tmp_path: Path) -> None:
    layers = layers_after()
    layers["village"][0]["properties"]["parent"] = "999"
    draft = checked(client, packed(tmp_path / "step.zip", layers))
    assert draft["state"] == "checked"
    village = draft["outcome"]["layers"][1]
    assert village["sound"] is False
    (fault,) = [one for one in village["findings"] if one["kind"] == "unknown_parent"]
    assert fault["place"] is not None
    assert fault["remedy"]
    assert "the file has errors" in draft["outcome"]["blocked"]
    assert draft["outcome"]["moves"] is None
    answer = client.post(f"{ALL}/drafts/{draft['id']}/publication", json={"actor": "王芳"})
    assert (answer.status_code, answer.json()["error"]) == (422, "refused")
    assert client.get(ALL).json()["publications"] == []


def test_who_publishes_after_somebody_else_has_to_look_again(client: Caller, step: bytes) -> None:
    first, second = checked(client, step), checked(client, step)
    assert client.post(f"{ALL}/drafts/{first['id']}/publication", json={"actor": "王芳"}).status_code == 201
    answer = client.post(f"{ALL}/drafts/{second['id']}/publication", json={"actor": "李娜"})
    assert (answer.status_code, answer.json()["error"]) == (409, "overtaken")
    again = client.post(f"{ALL}/drafts/{second['id']}/check", json=second["asked"]).json()
    assert "in force already" in again["outcome"]["blocked"]


@pytest.mark.parametrize(("change", "says"), [
    ({"code": "gid"}, "'gid' is no column"), ({"layer": "hamlet"}, "is no layer of the region"),
    ({"crs": "EPSG:1"}, "EPSG:1"), ({"sublayer": "nothing"}, "nothing"),
])  # fmt: skip
def test_what_cannot_be_understood_fails_with_its_reason_and_can_be_asked_again(
    client: Caller, step: bytes, change: dict[str, str], says: str
) -> None:
    draft = send(client, step).json()
    wrong = asked(draft)
    wrong["layers"][0] |= change
    failed = client.post(f"{ALL}/drafts/{draft['id']}/check", json=wrong).json()
    assert failed["state"] == "failed"
    assert says in failed["outcome"]["refused"]
    refused = client.post(f"{ALL}/drafts/{draft['id']}/publication", json={"actor": "王芳"})
    assert refused.status_code == 422
    assert client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft)).json()["state"] == "checked"


@pytest.mark.parametrize(("file", "content", "says"), [
    ("step.docx", b"PK", "step.docx"), ("noname", b"{}", "suffix"), ("../../etc/passwd", b"{}", "suffix"),
    ("empty.geojson", b"", "empty.geojson"), ("broken.zip", b"PK\3\4rubbish", "broken.zip"),
])  # fmt: skip
def test_what_is_no_boundary_file_is_refused_and_not_kept(client: Caller, file: str, content: bytes, says: str) -> None:
    answer = send(client, content, file=file)
    assert answer.status_code == 422, answer.text
    assert says in answer.json()["detail"]
    assert client.get(ALL).json()["drafts"] == []


def test_a_file_may_be_larger_than_other_bodies_but_not_without_end(
    small_pack: Path, sqlite_url: str, watch: Watch, step: bytes
) -> None:
    settings = Settings(
        region=str(small_pack), database_url=sqlite_url, body_limit_bytes=1024, boundary_limit_bytes=100_000
    )
    large = packed_with_ballast(step, 50_000)
    with called(create_app(settings, now=watch)) as client:
        assert send(client, large).status_code == 201
        too_large = send(client, packed_with_ballast(step, 200_000))
        assert (too_large.status_code, too_large.json()["error"]) == (413, "body_too_large")

        async def parts() -> Any:
            for _ in range(60):
                yield bytes(4096)

        unsaid = client.post(f"{ALL}/drafts", params={"file": "a.zip", "actor": "王芳"}, content=parts())
        assert unsaid.status_code == 413
        assert client.post("/api/v1/cases", content=bytes(2000)).status_code == 413
        assert len(client.get(ALL).json()["drafts"]) == 1


def packed_with_ballast(step: bytes, size: int) -> bytes:
    """The same archive with a comment of random bytes before it, which readers of archives skip."""
    return bytes(range(256)) * (size // 256) + step


def test_areas_that_ended_or_were_withdrawn_keep_their_names(
    small_pack: Path, sqlite_url: str, watch: Watch, tmp_path: Path
) -> None:
    layers = layers_after()
    moved = next(village["properties"] for village in layers["village"] if village["properties"]["code"] == VILLAGE)
    moved |= {"code": "330200001009", "name": "新设村"}
    cells = [pack.feature("grid", *one) for one in cells_of({VILLAGE: "330200001009"})]
    settings = Settings(region=str(small_pack), database_url=sqlite_url)

    def named(code: str) -> str:
        services = create_app(settings, now=watch).state.services
        services.engine.dispose()
        return common.book_of(services).area(code, "zh-CN")

    with called(create_app(settings, now=watch)) as client:
        draft = checked(client, packed(tmp_path / "step.zip", layers | {"grid": cells}))
        answer = client.post(f"{ALL}/drafts/{draft['id']}/publication", json={"actor": "王芳"})
        assert answer.status_code == 201, (answer.text, draft["outcome"]["blocked"])
        assert (named(VILLAGE), named("330200001009")) == (f"village {VILLAGE}", "新设村")
        client.post(f"{ALL}/publications/1/withdrawal", json={"actor": "李娜", "reason": "公告撤回"})
        assert (named(VILLAGE), named("330200001009")) == (f"village {VILLAGE}", "新设村")


def cells_of(renamed: dict[str, str]) -> list[tuple[str, str, tuple[float, float]]]:
    """Code, parent and edges of the eight cells, some of whose villages have another code."""
    squares = [pack.square(i, f"3302000{i // 4 + 1:02}00{i // 2 % 2 + 1}00{i % 2 + 1}") for i in range(8)]
    return [(code, renamed.get(code[:12], code[:12]), edges) for code, edges in squares]


def test_a_draft_is_removed(client: Caller, step: bytes) -> None:
    draft = send(client, step).json()["id"]
    assert client.request("DELETE", f"{ALL}/drafts/{draft}").status_code == 200
    assert client.request("DELETE", f"{ALL}/drafts/{draft}").status_code == 404
    assert client.get(f"{ALL}/drafts/{draft}").json()["error"] == "no_such_draft"


@pytest.mark.parametrize("path", ["publications/7", "drafts/none", "drafts/none/report.html?layer=village"])
def test_what_is_not_there_is_told(client: Caller, path: str) -> None:
    answer = client.get(f"{ALL}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("no_such_")


def test_an_unforeseen_error_leaves_the_draft_failed_and_not_checking(
    client: Caller, step: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = send(client, step).json()

    def broken(*_: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("dashboard.drafting.check_step", broken)
    assert client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft)).status_code == 500
    known = client.get(f"{ALL}/drafts/{draft['id']}").json()
    assert known["state"] == "failed"
    assert "broken off" in known["outcome"]["refused"]


def test_a_check_that_is_running_is_not_begun_twice_until_its_process_is_taken_for_dead(
    client: Caller, step: bytes, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = send(client, step).json()
    # A process that dies writes nothing down.
    monkeypatch.setattr("data.publishing.drafts.settle", lambda *_given, **_more: None)
    assert client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft)).json()["state"] == "checking"
    monkeypatch.undo()
    answer = client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft))
    assert (answer.status_code, answer.json()["error"]) == (409, "overtaken")
    watch.pass_by(minutes=31)
    assert client.post(f"{ALL}/drafts/{draft['id']}/check", json=asked(draft)).json()["state"] == "checked"


def test_drafts_that_nobody_touches_go_after_a_month(client: Caller, step: bytes, watch: Watch) -> None:
    send(client, step)
    watch.pass_by(days=31)
    send(client, step)
    assert len(client.get(ALL).json()["drafts"]) == 1
