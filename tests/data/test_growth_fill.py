"""What a fill for the bench writes is what the desk would have written."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from cases.desk import EventRequest
from cases.events import EventKind
from cases.history import fold
from dashboard.services import desk_of
from data import tables, views
from data.engine import reading
from data.lists import Library
from data.region import Region
from data.store import SqlCaseStore
from tests.bench.copies import NUMBER, parts_are_known
from tests.bench.growth import fill

CASES, LIVES, PENDING, SAMPLE = 2000, 60, 20, 150
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, indexes: Path) -> Path:
    """Where the lives are kept, so that they are told once for both databases."""
    return tmp_path_factory.mktemp("lives")


@pytest.fixture
def filled(engine: Engine, cixi: Region, home: Path) -> Engine:
    """A database with some thousand cases of five years."""
    fill(engine, cixi, CASES, end=NOW, lives=LIVES, pending=PENDING, folder=home)
    return engine


def test_a_filled_database_is_as_the_desk_would_have_written_it(filled: Engine, cixi: Region) -> None:
    assert parts_are_known()
    with reading(filled) as connection:
        numbers = list(connection.execute(select(tables.cases.c.number)).scalars())
        revisions = list(
            connection.execute(select(tables.events.c.revision).order_by(tables.events.c.revision)).scalars()
        )
        counters = {row.name: row.value for row in connection.execute(select(tables.counters))}
        pending = connection.execute(select(func.count()).where(tables.cases.c.pending.is_(True))).scalar_one()
        instants = connection.execute(select(func.count(tables.cases.c.occurred_at.distinct()))).scalar_one()
    assert len(numbers) > CASES * 0.9
    assert 0 < pending < 4 * PENDING
    assert instants > CASES / 4, "most copies happen at instants of their own"
    assert revisions == list(range(1, len(revisions) + 1))
    assert counters["revision"] == len(revisions)
    last: dict[str, int] = {}
    for head, digits in (NUMBER.match(number).groups() for number in numbers):
        last[head[:-1]] = max(last.get(head[:-1], 0), int(digits))
    assert {name: value for name, value in counters.items() if name.startswith("CX")} == last
    for number in random.Random(1).sample(numbers, SAMPLE):
        page = views.case_page(filled, number)
        assert page.state == fold(page.events, cixi.calendar, number)
        other = page.state.merged_into
        assert other is None or number in views.case_page(filled, other).merged_here


def test_the_desk_goes_on_where_the_fill_ended(filled: Engine, cixi: Region) -> None:
    desk = desk_of(cixi, SqlCaseStore(filled), Library(filled, cixi))
    before, number = views.latest_revision(filled), views.open_cases(filled)[0].number
    note = EventRequest(EventKind.COMMENTED, NOW, "command", data={"text": "看过了"})
    assert desk.record(number, note, NOW).revision == before + 1
