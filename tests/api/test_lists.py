"""The lists and the routes over HTTP: found by words, whole, by day and township, explained."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from dashboard.cli import app as commands
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api import pack
from tests.api.conftest import Caller, Watch, called, report

WEST, EAST = "330200001", "330200002"
POWER_COLUMNS = (
    "code,name,name_en,field,platform,domain,category,department,kind,basis,clause,applicant,materials,steps,"
    "time_limit,fee,result"
)
STEPS = "受理@便民服务中心@当日;?材料齐全@便民服务中心@1个工作日!一次告知补正<;作出决定@镇人民政府@5个工作日"
ADDED = {
    "departments.csv": "xqw,小县新区管理委员会,新区管委会,New Area,other\n",
    "powers.csv": f"{POWER_COLUMNS}\n"
    "QL-001,临时占道审批,Street permit,town_management,convenience,integrated_enforcement,,"
    f"zhzf,行政许可,《城市道路管理条例》第三十条,临时占道由镇街审批,单位和个人,申请书;平面图,{STEPS},10日,不收费,许可书\n",
    "arrangements.csv": "code,kind,areas,matters,from_department,to_department,valid_from,valid_to,clause,source\n"
    f"AR-01,run_by,{EAST},YJS-01,sthj,xqw,2026-06-01,,东镇的生态环境监管由新区管委会负责,示范文件\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small region with a power, and with an arrangement for its eastern township."""
    folder = pack.write(tmp_path_factory.mktemp("lists") / "small")
    for name, text in ADDED.items():
        own = folder / name
        before = own.read_text(encoding="utf8") if name == "departments.csv" else ""
        own.write_text(before + text, encoding="utf8")
    return folder


@pytest.fixture
def settings(folder: Path, sqlite_url: str) -> Settings:
    return Settings(region=str(folder), database_url=sqlite_url, poll_ms=50)


@pytest.fixture
def app(settings: Settings, watch: Watch) -> FastAPI:
    return create_app(settings, now=watch)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Caller]:
    with called(app) as caller:
        yield caller


def codes(client: Caller, **query: str) -> list[str]:
    """Codes of the items that a search finds, in its order."""
    answer = client.get("/api/v1/lists", params=query)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


def test_the_lists_of_today_say_their_version_and_how_much_they_hold(client: Caller) -> None:
    found = client.get("/api/v1/lists").json()
    assert found["on"] == "2026-11-24"
    assert (found["version"]["version"], found["version"]["effective_from"]) == ("1", "2024-01-01")
    assert found["counts"] == {"one_thing": 1, "territorial": 2, "power": 1}
    assert [item["code"] for item in found["items"]] == ["YJS-01", "SD-01", "SD-02", "QL-001"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "油烟"}, ["YJS-01"]),
        ({"q": "清理 垃圾"}, ["SD-01"]),
        ({"q": "油烟 垃圾"}, []),
        ({"q": "占道"}, ["SD-02", "QL-001"]),
        ({"q": "补正"}, ["QL-001"]),
        ({"q": "ＱＬ－００１"}, ["QL-001"]),
        ({"kind": "territorial"}, ["SD-01", "SD-02"]),
        ({"domain": "integrated_enforcement"}, ["YJS-01", "SD-01", "QL-001"]),
        ({"platform": "market"}, ["SD-02"]),
        ({"department": "sthj"}, ["YJS-01"]),
        ({"department": "township"}, ["QL-001"]),
        ({"department": "zhzf", "kind": "power"}, ["QL-001"]),
        ({"department": "xqw"}, []),
        ({"department": "xqw", "township": EAST}, ["YJS-01"]),
        ({"department": "sthj", "township": EAST}, []),
        ({"department": "sthj", "township": EAST, "on": "2026-05-31"}, ["YJS-01"]),
    ],
    ids=str,
)
def test_items_are_found_by_words_list_department_domain_and_township(
    client: Caller, query: dict[str, str], expected: list[str]
) -> None:
    assert codes(client, **query) == expected


def test_an_item_is_given_whole_with_who_acts_in_each_township(client: Caller) -> None:
    item = client.get("/api/v1/lists/QL-001").json()
    assert item["guide"]["materials"] == ["申请书", "平面图"]
    assert [step["decision"] for step in item["guide"]["steps"]] == [False, True, False]
    assert item["guide"]["steps"][1] | {"otherwise": "一次告知补正", "back": True} == item["guide"]["steps"][1]
    assert [place["code"] for place in item["townships"]] == [WEST, EAST]
    assert [leg["department"] for leg in item["townships"][0]["legs"]] == ["township"]
    assert item["townships"][0]["guide_department"] == "zhzf"
    duties = client.get("/api/v1/lists/SD-01").json()
    assert (duties["department_duty"], duties["township_duty"]) == (["查处"], ["清理"])


def test_an_arrangement_is_explained_with_its_words_and_only_where_and_while_it_holds(client: Caller) -> None:
    def ask(**where: str) -> dict[str, Any]:
        return client.get("/api/v1/routes", params={"matter": "YJS-01", **where}).json()

    east = ask(township=EAST)
    assert [leg["department"] for leg in east["legs"]] == ["zhzf", "xqw", "scjg"]
    assert [leg["arrangements"] for leg in east["legs"]] == [[], ["AR-01"], []]
    assert [(one["code"], one["clause"]) for one in east["arrangements"]] == [
        ("AR-01", "东镇的生态环境监管由新区管委会负责")
    ]
    assert "新区管委会" in east["legs"][1]["sentence"]
    for other in (ask(township=WEST), ask(township=EAST, on="2026-05-31"), ask()):
        assert [leg["department"] for leg in other["legs"]] == ["zhzf", "sthj", "scjg"]
        assert other["arrangements"] == []


@pytest.mark.parametrize("matter", ["YJS-01", "SD-01", "SD-02", "QL-001"])
def test_the_route_that_is_explained_is_the_one_that_a_case_takes(client: Caller, matter: str) -> None:
    lon, lat = pack.centre(7)
    point = {"x": lon, "y": lat, "crs": "EPSG:4490"}
    case = client.post("/api/v1/cases", json=report(matter=matter, point=point)).json()
    assert case["township"]["code"] == EAST
    told = client.get("/api/v1/routes", params={"matter": matter, "township": EAST}).json()
    same = ("role", "department", "name", "clause", "sentence")
    assert [[leg[key] for key in same] for leg in case["legs"]] == [[leg[key] for key in same] for leg in told["legs"]]


@pytest.mark.parametrize(
    ("path", "status", "error", "words"),
    [
        ("/api/v1/lists/QL-01", 404, "no_such_item", "QL-01"),
        ("/api/v1/lists?township=330200009", 422, "bad_query", WEST),
        ("/api/v1/lists?on=1764000000", 422, "invalid", "2026-11-24"),
        ("/api/v1/lists?on=2026-13-01", 422, "invalid", "on"),
        ("/api/v1/lists?kind=powers", 422, "invalid", "kind"),
        ("/api/v1/lists?words=x", 422, "invalid", "words"),
        ("/api/v1/routes?township=330200001", 422, "invalid", "matter"),
        ("/api/v1/routes?matter=QL-01", 422, "unknown_matter", "QL-001"),
        ("/api/v1/routes?matter=SD-01&township=1", 422, "bad_query", EAST),
    ],
)
def test_a_wrong_question_is_answered_with_the_way_out(
    client: Caller, path: str, status: int, error: str, words: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert words in answer.json()["detail"]


def test_a_version_that_another_process_publishes_is_served_from_its_day_on_without_a_restart(
    client: Caller, settings: Settings, tmp_path: Path
) -> None:
    assert codes(client, on="2026-12-01", kind="territorial") == ["SD-01", "SD-02"]
    new = tmp_path / "new.csv"
    new.write_text(
        "code,name,name_en,platform,domain,category,department,department_duty,township_duty,basis,clause\n"
        "SD-02,占道经营,Street trading,market,market_regulation,,zhzf,查处,劝导,《城乡规划法》第六十五条,新第二项\n"
        "SD-03,犬只扰民,Dogs,enforcement,integrated_enforcement,,zhzf,查处,劝导,《城乡规划法》第六十五条,新第三项\n",
        encoding="utf8",
    )
    options = {"--list": "territorial", "--from": "2026-12-01", "--version": "2", "--source": "新文件", "--by": "编办"}
    options |= {"--region": settings.region, "--database-url": settings.database_url}
    words = [word for pair in options.items() for word in pair]
    published = CliRunner().invoke(commands, ["lists", "import", str(new), "--publish", *words])
    assert published.exit_code == 0, published.output
    deadline = time.monotonic() + 5
    while codes(client, on="2026-12-01", kind="territorial") != ["SD-02", "SD-03"]:
        assert time.monotonic() < deadline, "the new version is not served"
        time.sleep(0.1)
    assert codes(client, kind="territorial") == ["SD-01", "SD-02"]
    versions = client.get("/api/v1/lists").json()["versions"]
    assert [(one["version"], one["effective_to"]) for one in versions] == [("1", "2026-12-01"), ("2", None)]
    gone = client.get("/api/v1/lists/SD-01?on=2026-12-01")
    assert gone.status_code == 404
    assert "on=2024-01-01" in gone.json()["detail"]
    dropped = client.get("/api/v1/routes?matter=SD-01&on=2026-12-01&township=330200001").json()
    assert dropped["triage"]
    assert [leg["department"] for leg in dropped["legs"]] == ["command"]
    early = client.get("/api/v1/routes?matter=SD-03&township=330200001")
    assert (early.status_code, early.json()["error"]) == (422, "unknown_matter")
    assert "2026-12-01" in early.json()["detail"]
