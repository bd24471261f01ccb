"""Disputes over HTTP: opened by themselves or with a clause, argued, settled, and what that means for the next case."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from dashboard.cli import app as commands
from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api import pack
from tests.api.conftest import Caller, Watch, called, report

EAST, WEST = "330200002", "330200001"
CLAUSE = "属地管理清单第一项：执法局查处"
CHANGE = "第一项改为：市场周边的暴露垃圾由市监局查处。"
DECISION = {"department": "scjg", "decision": "市场周边由市监局负责"}
MATTERS = (
    "code,name,name_en,platform,domain,category,department,department_duty,township_duty,basis,clause\n"
    "SD-01,暴露垃圾,Litter,enforcement,integrated_enforcement,,zhzf,查处,清理,《城乡规划法》第六十五条,第一项\n"
)


@pytest.fixture
def client(small_pack: Path, database_url: str, watch: Watch) -> Iterator[Caller]:
    app = create_app(Settings(region=str(small_pack), database_url=database_url, poll_ms=50), now=watch)
    with called(app) as caller:
        yield caller


class Office:
    """Reports, events and questions, each a minute after the one before."""

    def __init__(self, client: Caller, watch: Watch) -> None:
        self.client, self.watch, self.count = client, watch, 0

    def report(self, column: int = 0, **different: Any) -> dict[str, Any]:
        self.count += 1
        lon, lat = pack.centre(column)
        now = self.watch.now
        point = {"x": lon, "y": lat, "crs": "EPSG:4490"}
        body = report(str(self.count), point=point, occurred_at=now.isoformat(), **different)
        answer = self.client.post("/api/v1/cases", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def tell(self, number: str, kind: str, actor: str = "zhzf", leg: int | None = None, **data: Any) -> httpx.Response:
        self.watch.pass_by(minutes=1)
        body = {"kind": kind, "occurred_at": self.watch.now.isoformat(), "actor": actor, "leg": leg, "data": data}
        return self.client.post(f"/api/v1/cases/{number}/events", json=body)

    def done(self, *event: Any, **data: Any) -> dict[str, Any]:
        answer = self.tell(*event, **data)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def ask(self, path: str = "", **query: Any) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/disputes{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def disputed(self, column: int = 0, **data: Any) -> str:
        number = self.report(column)["number"]
        self.done(number, "disputed", clause=CLAUSE, **data)
        return number


@pytest.fixture
def office(client: Caller, watch: Watch) -> Office:
    return Office(client, watch)


def fresh() -> None:
    """Let a second pass, after which every process has seen what was settled or published."""
    time.sleep(1.05)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_case_that_is_returned_twice_is_disputed_settled_and_routes_the_next_one(
    office: Office, watch: Watch, small_pack: Path, database_url: str, tmp_path: Path
) -> None:
    number = office.report()["number"]
    office.done(number, "returned", reason="不属本局职责")
    assert office.ask()["disputes"] == []
    office.done(number, "accepted")
    office.done(number, "returned", reason="查看现场后仍认为不属本局职责")
    (dispute,) = office.ask(state="open")["disputes"]
    assert (dispute["number"], dispute["opened_by"], dispute["clause"]) == (number, "rules", "第一项")
    assert "不属本局职责；查看现场后仍认为不属本局职责" in dispute["views"][0]["text"]
    assert (dispute["department"], dispute["role"], dispute["level"]) == ("zhzf", "lead", 1)
    # Tuesday: five working days later at the hour of closing.
    assert instant(dispute["due_at"]) == instant("2026-12-01T17:30:00+08:00")

    office.done(number, "stated", WEST, text="请先到场")
    office.done(number, "stated", "scjg", text="清单未写明本局")
    (dispute,) = office.ask()["disputes"]
    assert [view["by"] for view in dispute["views"]] == ["rules", WEST, "scjg"]
    state = office.done(number, "settled", "adjudicator", **DECISION, ruling={"change": CHANGE, "township": True})
    assert state["lead"]["department"] == "scjg"
    (dispute,) = office.ask(state="settled")["disputes"]
    assert (dispute["decided"], dispute["in_time"], dispute["upheld"]) == ("scjg", True, True)
    assert office.ask(state="open")["disputes"] == []

    fresh()
    (ruling,) = office.ask("/rulings")["rulings"]
    assert (ruling["number"], ruling["from_name"], ruling["to_name"], ruling["change"]) == (
        number,
        "执法局",
        "市监局",
        CHANGE,
    )
    there, elsewhere = office.report(1), office.report(5)
    assert (there["township"]["code"], elsewhere["township"]["code"]) == (WEST, EAST)
    assert there["lead"]["department"] == "scjg"
    assert there["lead"]["arrangements"] == [f"ruling:{number}-1"]
    assert there["lead"]["clause"].endswith(CHANGE)
    assert f"按照{number}号案件职责争议2026年11月24日的裁定" in there["lead"]["sentence"]
    assert elsewhere["lead"]["department"] == "zhzf"
    asked = office.client.get("/api/v1/routes", params={"matter": "SD-01", "township": WEST}).json()
    assert (asked["legs"][0]["department"], asked["rulings"][0]["number"]) == ("scjg", number)

    publish(small_pack, database_url, tmp_path)
    fresh()
    assert office.report(1)["lead"]["department"] == "scjg", "until the new version begins"
    watch.now = instant("2026-12-01T09:00:00+08:00")
    assert office.report(1)["lead"]["department"] == "zhzf"
    assert office.report(5)["lead"]["department"] == "zhzf"
    assert office.ask("/rulings")["rulings"] == []


def publish(region: Path, database_url: str, folder: Path) -> None:
    """Publish the territorial list anew, from the first of December on, without what was ruled."""
    (folder / "list.csv").write_text(MATTERS, encoding="utf8")
    head = ["--list", "territorial", "--from", "2026-12-01", "--version", "2", "--source", "通告", "--publish"]
    options = ["--region", str(region), "--database-url", database_url]
    answer = CliRunner().invoke(commands, ["lists", "import", str(folder / "list.csv"), *head, *options])
    assert answer.exit_code == 0, answer.output
    assert f"they should say: {CHANGE}" in answer.output.replace("\n", "")


def test_figures_are_counted_by_township_and_department(office: Office, watch: Watch) -> None:
    first, second = office.disputed(), office.disputed(5)
    office.disputed(5)
    office.done(first, "settled", "adjudicator", **DECISION)
    office.done(second, "settled", "adjudicator", department="zhzf", decision="维持")
    watch.pass_by(days=10)
    found = office.ask("/counts")
    assert found["period"]["name"] == "2026"
    assert found["all"] == {
        "open": 1,
        "overdue": 1,
        "opened": 3,
        "settled": 2,
        "in_time": {"n": 2, "of": 3},
        "upheld": {"n": 1, "of": 2},
    }
    assert [(row["code"], row["open"], row["settled"]) for row in found["townships"]] == [(EAST, 1, 1), (WEST, 0, 1)]
    assert [(row["code"], row["opened"]) for row in found["departments"]] == [("zhzf", 3)]
    assert office.ask("/counts", period="2026-10")["all"]["opened"] == 0
    assert office.ask("/counts", township=WEST)["all"]["opened"] == 1


def test_pages_and_filters(office: Office) -> None:
    numbers = [office.disputed(column) for column in (0, 1, 4, 5)]
    page = office.ask(limit=3, state="open")
    assert [row["number"] for row in page["disputes"]] == numbers[:3]
    rest = office.ask(limit=3, state="open", cursor=page["next"])
    assert ([row["number"] for row in rest["disputes"]], rest["next"]) == (numbers[3:], None)
    assert {row["number"] for row in office.ask(township=EAST)["disputes"]} == set(numbers[2:])
    assert [row["number"] for row in office.ask(number=numbers[1])["disputes"]] == [numbers[1]]
    assert office.ask(department="sthj")["disputes"] == []
    assert len(office.ask(period="2026-11")["disputes"]) == 4
    assert office.ask(period="2026-12")["disputes"] == []


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        ("", {"state": "closed"}, "open"),
        ("", {"town": WEST}, "town"),
        ("", {"period": "2026-13"}, "2026-11"),
        ("", {"limit": 0}, "limit"),
        ("", {"limit": 10_000}, "limit"),
        ("", {"cursor": "x"}, "no cursor"),
        ("/counts", {"period": "yesterday"}, "2026-11"),
        ("/counts", {"state": "open"}, "state"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_what_does(
    office: Office, path: str, query: dict[str, Any], words: str
) -> None:
    answer = office.client.get(f"/api/v1/disputes{path}", params=query)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"department": "nobody", "decision": "由其负责"}, 422, "no department 'nobody'"),
        ({"department": "scjg"}, 422, "data.decision"),
        ({"department": "scjg", "decision": "  "}, 422, "data.decision"),
        ({"decision": "由其负责"}, 422, "data.department"),
        ({"department": "adjudicator", "decision": "自办"}, 422, "handles no case"),
        ({**DECISION, "ruling": {}}, 422, "what the next version of the lists should say"),
        ({**DECISION, "ruling": {"change": " ", "township": True}}, 422, "what the next version"),
        ({**DECISION, "ruling": "照此办理"}, 422, "what the next version"),
    ],
)
def test_a_decision_that_lacks_something_is_refused_and_nothing_is_written(
    office: Office, data: dict[str, Any], status: int, words: str
) -> None:
    number = office.disputed()
    before = office.client.get(f"/api/v1/cases/{number}").json()
    refused = office.tell(number, "settled", "adjudicator", **data)
    assert (refused.status_code, words in refused.json()["detail"]) == (status, True), refused.text
    after = office.client.get(f"/api/v1/cases/{number}").json()
    assert (after["revision"], len(after["events"])) == (before["revision"], len(before["events"]))
    assert [row["settled_at"] for row in office.ask()["disputes"]] == [None]


def test_a_dispute_cites_a_clause_and_a_leg_has_one_at_a_time(office: Office) -> None:
    number = office.report()["number"]
    assert "data.clause" in office.tell(number, "disputed").json()["detail"]
    assert "no department 'nobody'" in office.tell(number, "disputed", clause=CLAUSE, wanted="nobody").json()["detail"]
    assert office.ask()["disputes"] == []
    office.done(number, "disputed", clause=CLAUSE, wanted="scjg")
    again = office.tell(number, "disputed", clause=CLAUSE)
    assert again.status_code == 409
    assert "disputed already" in again.json()["detail"]
    assert "settled" in again.json()["allowed"]
    assert len(office.ask()["disputes"]) == 1
    transferred = office.tell(number, "transferred", "command", department="scjg", reason="移交")
    assert (transferred.status_code, "adjudicator settles" in transferred.json()["detail"]) == (409, True)
    unsettled = office.tell(office.report()["number"], "settled", "adjudicator", **DECISION)
    assert (unsettled.status_code, "not disputed" in unsettled.json()["detail"]) == (409, True)


def test_first_asked_stays_in_charge_and_no_other_clock_stops(office: Office, watch: Watch) -> None:
    number = office.disputed()
    state = office.client.get(f"/api/v1/cases/{number}").json()
    assert state["lead"]["department"] == "zhzf"
    assert [(clock["kind"], clock["stopped_at"]) for clock in state["clocks"]] == [("respond", None)]
    watch.pass_by(minutes=31)
    state = office.client.get(f"/api/v1/cases/{number}").json()
    assert state["clocks"][0]["level"] == 3


def test_the_limit_turns_amber_and_red(office: Office, watch: Watch) -> None:
    number = office.disputed()
    due = instant(office.ask()["disputes"][0]["due_at"])
    levels = []
    for moment in (due - timedelta(minutes=1), due, due + timedelta(minutes=1)):
        watch.now = moment
        levels.append(office.ask(number=number)["disputes"][0]["level"])
    assert levels == [2, 2, 3]
    office.done(number, "settled", "adjudicator", **DECISION)
    (row,) = office.ask()["disputes"]
    assert (row["level"], row["in_time"]) == (0, False)
