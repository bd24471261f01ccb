"""A dispute that is settled with a ruling: the next such case follows it, in every process, until the lists say it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from cases.case import CaseState
from cases.desk import Desk, EventRequest, Report
from cases.errors import BadList
from dashboard.cli import app
from dashboard.services import desk_of
from data import region
from data.lists import Draft, Library, draft
from data.region import Region
from data.store import SqlCaseStore
from tests.data.lists import LITTER, NOISE, changed, csv_file, wanted
from tests.data.test_library import Clock
from tests.region.packs import write_pack

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # Tuesday, 12:00 in the region
MINUTE = timedelta(minutes=1)
FIRST_DAY = date(2026, 12, 1)
RULING = {"change": "暴露垃圾改由市场监管局主管。", "township": True}


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return region.load(write_pack(tmp_path_factory.mktemp("pack")))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(engine: Engine, toy: Region, clock: Clock) -> Library:
    return Library(engine, toy, clock=clock)


@pytest.fixture
def desk(engine: Engine, toy: Region, library: Library) -> Desk:
    return desk_of(toy, SqlCaseStore(engine), library)


@pytest.fixture
def drafted(library: Library, toy: Region, tmp_path: Path) -> Callable[..., Draft]:
    def make(*rows: tuple[str, ...]) -> Draft:
        return draft(wanted(csv_file(tmp_path, rows or [LITTER, NOISE])), toy, library.standing())

    return make


def received(desk: Desk, source_id: str, x: float = 121.305, at: datetime = NOON) -> CaseState:
    """A report of litter; by default from the western township."""
    return desk.receive(Report("SD-01", "hotline", source_id, at, x=x, y=30.205, crs="EPSG:4490"), at).state


def settled(desk: Desk, state: CaseState, at: datetime = NOON, **data: object) -> CaseState:
    """Dispute the lead's part of a case and settle it in favour of the market's office."""
    desk.record(state.number, EventRequest("disputed", at + MINUTE, "zhzf", data={"clause": "第1项"}), at + MINUTE)
    decision = {"department": "scjg", "decision": "市场周边由市场监管局负责"} | data
    return desk.record(
        state.number, EventRequest("settled", at + 2 * MINUTE, "bianban", data=decision), at + 2 * MINUTE
    )


def test_a_decision_without_a_ruling_is_for_its_case_alone(desk: Desk, library: Library, clock: Clock) -> None:
    state = settled(desk, received(desk, "1"))
    assert state.lead.department == "scjg"
    clock.seconds += 1
    assert received(desk, "2").lead.department == "zhzf"
    assert all(one.rulings == () for one in library.current().versions)


def test_the_next_case_in_the_township_is_routed_by_the_ruling_and_elsewhere_none_is(
    desk: Desk, library: Library, clock: Clock
) -> None:
    before = received(desk, "0", x=121.315)
    first = settled(desk, received(desk, "1"), ruling=RULING)
    clock.seconds += 1
    (ruling,) = library.current().on(date(2026, 11, 24)).rulings
    assert (ruling.number, ruling.ordinal, ruling.settled_on) == (first.number, 1, date(2026, 11, 24))
    assert (ruling.from_department, ruling.to_department, ruling.township) == ("zhzf", "scjg", first.township)
    there, elsewhere = received(desk, "2"), received(desk, "3", x=121.315)
    assert there.township == first.township != elsewhere.township
    assert there.lead.department == "scjg"
    assert there.lead.arrangements == (f"ruling:{first.number}-1",)
    assert there.lead.clause.endswith("的裁定：暴露垃圾改由市场监管局主管。")
    assert first.number in there.lead.sentence
    assert (elsewhere.lead.department, elsewhere.lead.clause) == (before.lead.department, before.lead.clause)


def test_after_a_new_version_the_list_itself_must_say_it(
    desk: Desk, library: Library, clock: Clock, drafted: Callable[..., Draft]
) -> None:
    settled(desk, received(desk, "1"), ruling=RULING)
    library.publish(drafted(), "编办", NOON)
    later = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    assert received(desk, "2", at=later - timedelta(days=1)).lead.department == "scjg"
    assert received(desk, "3", at=later).lead.department == "zhzf"
    assert [len(one.rulings) for one in library.current().versions] == [1, 0]


def test_the_very_next_case_follows_a_ruling_whichever_process_takes_it(
    desk: Desk, toy: Region, engine: Engine, clock: Clock
) -> None:
    other_desk = desk_of(toy, SqlCaseStore(engine), Library(engine, toy, clock=clock))
    assert received(other_desk, "0").lead.department == "zhzf"
    settled(desk, received(desk, "1"), ruling=RULING)
    assert received(other_desk, "2").lead.department == "scjg"
    assert received(desk, "3").lead.department == "scjg"


def test_another_process_shows_a_ruling_within_a_second(
    desk: Desk, library: Library, toy: Region, engine: Engine, clock: Clock
) -> None:
    neighbour = Library(engine, toy, clock=clock)
    assert neighbour.current().versions[0].rulings == ()
    settled(desk, received(desk, "1"), ruling=RULING)
    clock.seconds += 0.9
    assert neighbour.current().versions[0].rulings == ()
    clock.seconds += 0.1
    assert [one.to_department for one in neighbour.current().versions[0].rulings] == ["scjg"]
    assert neighbour.current().versions == library.current().versions
    other_desk = desk_of(toy, SqlCaseStore(engine), neighbour)
    assert received(other_desk, "2").lead.department == "scjg"


def test_a_ruling_on_a_case_that_came_by_a_ruling_takes_its_place(desk: Desk, library: Library, clock: Clock) -> None:
    settled(desk, received(desk, "1"), ruling=RULING)
    clock.seconds += 1
    second = received(desk, "2", at=NOON + 10 * MINUTE)
    settled(desk, second, NOON + 20 * MINUTE, department="sthj", ruling=RULING)
    clock.seconds += 1
    third = received(desk, "3", at=NOON + 30 * MINUTE)
    assert third.lead.department == "sthj"
    assert third.lead.arrangements == (f"ruling:{second.number}-1",)


def test_who_publishes_must_have_seen_the_rulings_that_his_version_ends(
    desk: Desk, library: Library, drafted: Callable[..., Draft]
) -> None:
    made = drafted(LITTER, changed(NOISE, clause="第2项：改。"))
    settled(desk, received(desk, "1"), ruling=RULING)
    with pytest.raises(BadList, match="settled with a ruling"):
        library.publish(made, "编办", NOON)
    assert [one.version for one in library.current().versions] == ["7"]
    library.publish(drafted(), "编办", NOON)


def test_a_case_keeps_its_department_when_a_ruling_is_made_after_it(desk: Desk, clock: Clock) -> None:
    before = received(desk, "1")
    settled(desk, received(desk, "2"), ruling=RULING)
    clock.seconds += 1
    moved = desk.record(
        before.number,
        EventRequest(
            "relocated", NOON + 5 * MINUTE, "zhzf", data={"point": {"x": 121.306, "y": 30.205, "crs": "EPSG:4490"}}
        ),
        NOON + 5 * MINUTE,
    )
    assert moved.lead.department == "zhzf"


def test_a_draft_names_the_rulings_that_it_ends_without_saying_them(
    desk: Desk, library: Library, drafted: Callable[..., Draft]
) -> None:
    first = settled(desk, received(desk, "1"), ruling={"change": "暴露垃圾改由市场监管局主管。"})
    unsaid = [fault for fault in drafted().report if fault.kind == "unsaid_ruling"]
    assert [fault.value for fault in unsaid] == [f"ruling:{first.number}-1"]
    for words in ("ends on 2026-12-01", "SD-01 everywhere", "they should say: 暴露垃圾改由市场监管局主管。"):
        assert words in str(unsaid[0])
    assert not [one for one in drafted(changed(LITTER, department="scjg"), NOISE).report if one.kind == "unsaid_ruling"]


def test_the_command_lists_and_exports_what_waits_for_the_next_version(
    desk: Desk, toy: Region, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    first = settled(desk, received(desk, "1", at=now - 10 * MINUTE), now - 8 * MINUTE, ruling=RULING)
    options = ["--region", str(toy.folder), "--database-url", database_url]
    shown = CliRunner().invoke(app, ["lists", "rulings", *options])
    assert shown.exit_code == 0, shown.output
    assert "1 waiting for the next version" in shown.output
    out = tmp_path / "rulings.csv"
    assert CliRunner().invoke(app, ["lists", "rulings", "--out", str(out), *options]).exit_code == 0
    head, row = out.read_text(encoding="utf-8-sig").splitlines()
    assert head == "matter,name,township,role,from,to,since,case,change"
    assert row.startswith("SD-01,暴露垃圾,")
    assert row.endswith(f",{first.number},暴露垃圾改由市场监管局主管。")
