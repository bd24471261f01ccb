"""`verify` finds whatever the tables say that the events do not, names it, and says what to do."""

import json
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update
from typer.testing import CliRunner

from cases.desk import Desk, EventRequest
from dashboard.cli import app
from data import tables
from data.engine import migrate, writing
from data.rebuilding import rebuild
from data.store import SqlCaseStore
from data.verifying import WAYS_OUT, BadAnchor, Wrong, read_anchor, verify
from tests.cases.factories import LATER, LITTER, START, Walk, a_desk, china
from tests.data.test_rebuilding import a_county

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


@pytest.fixture
def county(engine: Engine, desk: Desk) -> Engine:
    """A few cases that have gone many ways, one of them with a key."""
    a_county(desk)
    walk = Walk(LITTER, desk, "9")
    asked = EventRequest("commented", walk.at, "grid", data={"text": "路上"})
    desk.record_once(walk.state.number, asked, walk.at + LATER, "key-1")
    return engine


def spoil(table: str, **values: Any) -> Callable[[Connection], object]:
    """Write something else into every row of a table."""
    return lambda connection: connection.execute(update(tables.metadata.tables[table]).values(**values))


def lose(table: str) -> Callable[[Connection], object]:
    """Delete all rows of a table."""
    return lambda connection: connection.execute(delete(tables.metadata.tables[table]))


def late_due(connection: Connection) -> None:
    """Give the first clock an hour more than it has."""
    clocks = tables.clocks.c
    due = connection.execute(select(clocks.due_at).where(clocks.ordinal == 0, clocks.due_at.is_not(None)).limit(1))
    connection.execute(update(tables.clocks).where(clocks.ordinal == 0).values(due_at=due.scalar_one() + HOUR))


def opened_door(connection: Connection) -> None:
    """Leave the door of the erasure open."""
    connection.execute(insert(tables.erasing).values(revision=2))


def small_counter(connection: Connection) -> None:
    """Set the counter of the day back."""
    counters = tables.counters
    connection.execute(update(counters).where(counters.c.name == "CX20260304").values(value=1))


SPOILT: dict[str, tuple[Callable[[Connection], object], Wrong, str]] = {
    "the matter of a case": (spoil("cases", matter="QL-900"), Wrong.STATE, "cases.matter is QL-900"),
    "what a case reports": (spoil("cases", report={"description": "x"}), Wrong.STATE, "cases.report"),
    "the level of the board": (spoil("cases", provisional=True), Wrong.CLOCK, "cases.provisional is True"),
    "a township": (spoil("cases", township=None), Wrong.STATE, "cases.township is None"),
    "a department": (spoil("legs", department="nobody"), Wrong.STATE, "legs 1: department is nobody"),
    "all legs": (lose("legs"), Wrong.STATE, "legs 1 is not there"),
    "a due time": (late_due, Wrong.CLOCK, "clocks 0: due_at"),
    "all clocks": (lose("clocks"), Wrong.CLOCK, "clocks 0 is not there"),
    "a span": (spoil("spans", opened_at=START - HOUR), Wrong.STATE, "spans 0: opened_at"),
    "a dispute": (spoil("disputes", clause="x"), Wrong.STATE, "disputes 0: clause is x"),
    "all visits": (lose("visits"), Wrong.VISIT, "is not there"),
    "who approved a visit": (spoil("visits", reason="x", approved_by="nobody"), Wrong.VISIT, "approved_by is nobody"),
    "a key": (spoil("event_keys", revision=1), Wrong.KEY, "key-1"),
    "a counter": (small_counter, Wrong.COUNTER, "CX20260304 is 1"),
    "the door": (opened_door, Wrong.GUARD, "erasing"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_was_spoilt_is_named(county: Engine, what: str) -> None:
    do, kind, words = SPOILT[what]
    with county.connect() as connection:
        transaction = connection.begin()
        do(connection)
        found = verify(lambda: nullcontext(connection), china())
        transaction.rollback()
    assert found.faults, what
    assert {fault.what for fault in found.faults} == {kind}
    assert any(words in fault.detail for fault in found.faults), found.faults
    assert verify(county, china()).faults == []


def test_every_fault_has_a_way_out() -> None:
    assert set(WAYS_OUT) == set(Wrong)


def test_a_rebuild_is_the_way_out_of_states_and_clocks(county: Engine) -> None:
    with writing(county) as connection:
        late_due(connection)
        spoil("legs", department="nobody")(connection)
    assert verify(county, china()).faults
    rebuild(county, china())
    assert verify(county, china()).faults == []


def test_it_begins_at_a_revision_and_tells_how_far_it_is(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.verifying.WINDOW", 7)
    told: list[tuple[int, int]] = []
    found = verify(county, china(), 15, tell=lambda done, of: told.append((done, of)))
    assert (found.first, found.faults) == (15, [])
    assert told[0] == (21, found.last)
    assert told[-1] == (found.last, found.last)


def test_it_runs_while_cases_are_written(county: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.verifying.WINDOW", 3)
    walk, stop = Walk(LITTER, desk, "busy"), threading.Event()

    def write() -> None:
        while not stop.is_set():
            walk.do("commented", text="还在")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        found = [verify(county, china()) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert [one.faults for one in found] == [[], [], []]


def test_an_anchor_is_read_as_it_is_written(county: Engine) -> None:
    anchor = verify(county, china()).anchor
    assert read_anchor(f" {anchor} ") == anchor
    for bad in ("", "12", "12:ab", "x:" + "0" * 64):
        with pytest.raises(BadAnchor):
            read_anchor(bad)


def run(database_url: str, *options: str) -> Any:
    """Call the command."""
    return CliRunner().invoke(app, ["verify", "--database-url", database_url, *options])


def test_the_command_ends_with_one_when_something_is_wrong(engine: Engine, database_url: str, cixi: object) -> None:
    del cixi
    good = run(database_url, "--json")
    assert good.exit_code == 0, good.output
    said = json.loads(good.stdout)
    assert (said["whole"], said["to"], said["faults"]) == (True, 0, [])
    with writing(engine) as connection:
        opened_door(connection)
    bad = run(database_url)
    assert bad.exit_code == 1
    assert "guard" in bad.stdout
    assert "What to do" in bad.stdout
    assert json.loads(run(database_url, "--json").stdout)["faults"][0]["what"] == "guard"


def test_the_command_compares_an_anchor(engine: Engine, database_url: str) -> None:
    del engine
    assert run(database_url, "--anchor", "nonsense").exit_code == 2
    lost = run(database_url, "--anchor", f"12:{'0' * 64}")
    assert lost.exit_code == 1
    assert "events were lost" in lost.stdout


def test_a_database_of_another_version_is_refused(engine: Engine, database_url: str) -> None:
    migrate(engine, "0008")
    refused = run(database_url)
    assert refused.exit_code == 2
    assert "another version" in refused.output
