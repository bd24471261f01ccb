"""Published lists: in force from their day, seen by everybody, whole or not at all, and never changed afterwards."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from cases.desk import Report
from cases.errors import BadList
from dashboard.services import desk_of
from data import region, tables
from data.engine import open_engine, reading, writing
from data.lists import Draft, Library, draft
from data.region import Region
from data.store import SqlCaseStore
from tests.data.lists import LITTER, NOISE, changed, csv_file, wanted
from tests.region.packs import REGION, write_pack

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 12, 1)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


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
def drafted(library: Library, toy: Region, tmp_path: Path) -> Callable[..., Draft]:
    def make(*rows: tuple[str, ...], **head: object) -> Draft:
        return draft(wanted(csv_file(tmp_path, rows or [LITTER, NOISE]), **head), toy, library.standing())

    return make


def stored(engine: Engine) -> tuple[int, ...]:
    """How many versions and items there are, and the counter."""
    with reading(engine) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.list_versions, tables.list_items)
        ]
        counter = select(tables.counters.c.value).where(tables.counters.c.name == tables.LISTS)
        return (*counts, connection.execute(counter).scalar_one())


def test_before_anything_is_published_the_packs_own_version_holds(library: Library, toy: Region) -> None:
    (own,) = library.current().versions
    assert own is toy.list_version


def test_a_published_version_holds_from_its_day_on(library: Library, drafted: Callable[..., Draft]) -> None:
    lists = library.publish(drafted(), "编办", NOW)
    assert lists.on(FIRST_DAY - timedelta(days=1)).version == "7"
    assert lists.on(FIRST_DAY).version == "8"
    assert lists.effective_to("7") == FIRST_DAY
    assert [name in lists.version("8").matters for name in ("YJS-01", "SD-01", "SD-02", "QL-001")] == [True] * 4


def test_what_is_read_back_is_what_was_published(
    engine: Engine, library: Library, toy: Region, drafted: Callable[..., Draft]
) -> None:
    made = drafted()
    library.publish(made, "编办", NOW)
    again = Library(engine, toy).current().version("8")
    assert list(again.matters) == list(made.version.matters)
    assert again.arrangements == made.version.arrangements
    assert (again.effective_from, again.source, again.model) == (FIRST_DAY, "县政府通告第8号", True)


def test_who_published_and_when_is_kept(engine: Engine, library: Library, drafted: Callable[..., Draft]) -> None:
    library.publish(drafted(), "编办", NOW)
    with reading(engine) as connection:
        (head,) = connection.execute(select(tables.list_versions)).all()
    assert (head.published_by, head.published_at) == ("编办", NOW)


def test_versions_follow_each_other_and_each_carries_the_last_one_on(
    library: Library, drafted: Callable[..., Draft]
) -> None:
    library.publish(drafted(), "编办", NOW)
    third = drafted(
        LITTER, changed(NOISE, clause="第2项：改。"), version="9", effective_from=date(2027, 1, 1)
    )  # fmt: skip
    assert [(change.code, change.field) for change in third.changes.changed] == [("SD-02", "clause")]
    lists = library.publish(third, "编办", NOW)
    assert [one.version for one in lists.versions] == ["7", "8", "9"]
    assert lists.version("9").matters.matter("QL-001").guide == lists.version("7").matters.matter("QL-001").guide


def test_another_process_sees_a_new_version_within_a_second(
    library: Library, toy: Region, engine: Engine, clock: Clock, drafted: Callable[..., Draft]
) -> None:
    neighbour = Library(engine, toy, clock=clock)
    assert "8" not in neighbour.current()
    library.publish(drafted(), "编办", NOW)
    clock.seconds += 0.9
    assert "8" not in neighbour.current()
    clock.seconds += 0.1
    assert "8" in neighbour.current()


def test_a_case_is_routed_by_the_lists_of_the_day_it_is_received_without_a_restart(
    library: Library, toy: Region, engine: Engine, clock: Clock, drafted: Callable[..., Draft]
) -> None:
    desk = desk_of(toy, SqlCaseStore(engine), library)

    def report(number: str, at: datetime) -> Report:
        return Report("SD-01", "hotline", number, at, x=121.305, y=30.205, crs="EPSG:4490")

    noon = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
    assert desk.receive(report("1", noon), noon).state.list_version == "7"
    library.publish(drafted(), "编办", NOW)
    clock.seconds += 1
    assert desk.receive(report("2", noon), noon).state.list_version == "8"
    eve = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # one minute to midnight in Shanghai
    assert desk.receive(report("3", eve), noon).state.list_version == "7"


def test_the_database_is_asked_once_a_second_and_read_only_when_something_was_published(
    library: Library, engine: Engine, clock: Clock, drafted: Callable[..., Draft]
) -> None:
    library.publish(drafted(), "编办", NOW)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    for _ in range(100):
        library.current()
    assert asked == []
    clock.seconds += 1
    for _ in range(100):
        library.current()
    assert len([statement for statement in asked if "SELECT" in statement]) == 1


def test_a_draft_with_a_fault_is_not_published(engine: Engine, library: Library, drafted: Callable[..., Draft]) -> None:
    made = drafted(LITTER, changed(NOISE, basis=""))
    assert made.report.errors
    with pytest.raises(BadList, match="cannot be published"):
        library.publish(made, "编办", NOW)
    assert stored(engine) == (0, 0, 0)


def test_of_two_who_publish_from_the_same_state_the_second_has_to_look_again(
    engine: Engine, library: Library, drafted: Callable[..., Draft]
) -> None:
    mine, theirs = drafted(), drafted(version="9", effective_from=date(2027, 1, 1))
    library.publish(theirs, "他人", NOW)
    before = stored(engine)
    with pytest.raises(BadList, match="in the meantime"):
        library.publish(mine, "编办", NOW)
    assert stored(engine) == before
    assert "9" in library.current()


def test_when_the_database_refuses_one_row_nothing_is_written(
    engine: Engine, library: Library, drafted: Callable[..., Draft]
) -> None:
    made = drafted()
    rows = dict(made.rows)
    rows["territorial"] = [*rows["territorial"], rows["territorial"][0]]
    broken = Draft(made.version, made.base, rows, made.changes, made.arrangements, made.seen, made.report)
    with pytest.raises(DBAPIError):
        library.publish(broken, "编办", NOW)
    assert stored(engine) == (0, 0, 0)
    assert [one.version for one in library.current().versions] == ["7"]


@pytest.mark.parametrize("table", ["list_versions", "list_items"])
def test_the_database_itself_refuses_to_change_what_was_published(
    engine: Engine, library: Library, drafted: Callable[..., Draft], table: str
) -> None:
    library.publish(drafted(), "编办", NOW)
    before = stored(engine)
    changes = [update(tables.metadata.tables[table]).values(version="x"), text(f"DELETE FROM {table}")]
    for change in changes:
        with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(change)
    assert stored(engine) == before


def test_a_published_version_takes_the_place_of_the_packs_own_with_its_name(
    engine: Engine, library: Library, drafted: Callable[..., Draft], tmp_path: Path
) -> None:
    library.publish(drafted(), "编办", NOW)
    # The county brings its pack up to date and calls the lists in it by the same name.
    later = region.load(write_pack(tmp_path / "later", region=REGION.replace('version = "7"', 'version = "8"')))
    (only,) = Library(engine, later).current().versions
    assert (only.version, "SD-02" in only.matters) == ("8", True)


def test_a_published_version_that_names_a_department_which_is_gone_still_answers(
    engine: Engine, library: Library, drafted: Callable[..., Draft], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.publish(drafted(), "编办", NOW)
    gone = region.load(
        write_pack(
            tmp_path / "gone",
            tables={
                "departments.csv": "code,name,short_name,name_en,domain\nzhzf,执法局,,,\nscjg,市场监管局,,,\n",
                "one_things.csv": None,
                "arrangements.csv": None,
            },
            region=REGION.replace("[budgets.YJS-01.finish]", "[budgets.SD-01.finish]"),
        )
    )
    version = Library(engine, gone).current().version("8")
    assert version.matters.matter("SD-02").lead == "sthj"
    assert "matters.csv of version 8, row 2, column department: 'sthj'" in caplog.text


def test_the_library_opens_nothing_until_it_is_asked(toy: Region) -> None:
    Library(open_engine("postgresql://nobody@127.0.0.1:1/nowhere"), toy)
