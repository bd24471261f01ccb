"""What follows from the events can be made from them again: the same rows, whatever became of the tables."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from typer.testing import CliRunner

from cases.desk import Desk
from dashboard.cli import app
from data import tables
from data.engine import reading, writing
from data.rebuilding import rebuild
from data.store import SqlCaseStore
from tests.cases.factories import LITTER, START, Walk, a_desk, china

FOLLOW = ("cases", "legs", "clocks", "spans", "disputes", "subjects", "visits")
RESTAURANT = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店001"}


def rows(engine: Engine) -> dict[str, list[Any]]:
    """Every row of the tables that follow from the events."""
    with reading(engine) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(tables.metadata.tables[name]))), key=repr)
            for name in FOLLOW
        }


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def a_county(desk: Desk) -> None:
    """A few cases: with a subject, a second visit, disputes, a merge and an answer."""
    first = Walk(desk=desk, subject=RESTAURANT).do("accepted").findings().do("finished").do("answered")
    later = {"reason": "复查", "approved_by": "commander"}
    Walk(desk=desk, source_id="2", at=first.at, subject=RESTAURANT).do("accepted").do("arrived", minutes=2000, **later)
    Walk(LITTER, desk, "3").do("disputed", wanted="zjj", view="不属我局").do("stated").do("settled", department="zjj")
    Walk(LITTER, desk, "4").do("identified").do("merged", into=first.state.number, reason="同一件事")
    Walk(LITTER, desk, "5").do("relocated").do("accepted").do("urged").do("supervised").do("replied")


def test_nothing_changes_where_the_tables_say_what_the_events_say(desk: Desk, engine: Engine) -> None:
    a_county(desk)
    before = rows(engine)
    assert len(before["visits"]) == 2
    assert rebuild(engine, china()).changed == ()
    assert rows(engine) == before


def test_what_was_lost_or_spoilt_comes_back(desk: Desk, engine: Engine) -> None:
    a_county(desk)
    before, told = rows(engine), []
    with writing(engine) as connection:
        for name in ("visits", "subjects", "disputes", "clocks"):
            connection.execute(delete(tables.metadata.tables[name]))
        connection.execute(update(tables.legs).values(department="nobody"))
        connection.execute(update(tables.cases).values(township=None, checks={}))
    rebuilt = rebuild(engine, china(), lambda done, of: told.append((done, of)))
    assert rows(engine) == before
    assert len(rebuilt.changed) == rebuilt.cases == 5
    assert told == [(done, 5) for done in range(1, 6)]


def test_the_next_event_of_a_rebuilt_case_gets_the_next_revision(desk: Desk, engine: Engine) -> None:
    walk = Walk(LITTER, desk)
    with writing(engine) as connection:
        connection.execute(delete(tables.clocks))
    rebuild(engine, china())
    assert walk.do("accepted").state.revision == 2


def test_the_command_says_how_many_cases_it_wrote_anew(desk: Desk, engine: Engine, database_url: str) -> None:
    Walk(LITTER, desk, at=START)
    with writing(engine) as connection:
        connection.execute(delete(tables.clocks))
    said = CliRunner().invoke(app, ["cases", "rebuild", "--database-url", database_url])
    assert (said.exit_code, said.stderr.splitlines()[-1]) == (0, "1 cases, 1 of them written anew.")
