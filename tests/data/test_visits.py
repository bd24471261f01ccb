"""Subjects and visits on both databases: named once, opened once however many cases are accepted at the same moment."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from cases.desk import Desk, EventRequest
from cases.errors import NotAllowed
from data import tables
from data.engine import reading
from data.store import SqlCaseStore
from data.views import case_page
from tests.cases.factories import MINUTE, START, a_desk, a_report

RESTAURANT = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"}
CODE = RESTAURANT["credit_code"]
ROOT = Path(__file__).parent.parent.parent
LATE = timedelta(days=400)


def the_desk(engine: Engine) -> Desk:
    return a_desk(SqlCaseStore(engine))


def report(desk: Desk, source_id: str, **changes: Any) -> str:
    return desk.receive(a_report(source_id=source_id, **{"subject": RESTAURANT} | changes), START).state.number


def record(desk: Desk, number: str, kind: str, minutes: float, leg: int | None = None, **data: Any) -> None:
    at = START + minutes * MINUTE
    desk.record(number, EventRequest(kind, at, "zhzf", leg, None, data), at + LATE)


def test_a_subject_is_kept_when_it_is_named_first_with_its_township(engine: Engine) -> None:
    desk = the_desk(engine)
    report(desk, "1", x=None, y=None)
    report(desk, "2", subject={"credit_code": CODE, "name": "another name"})
    with reading(engine) as connection:
        (row,) = connection.execute(select(tables.subjects))
    assert (row.code, row.kind, row.name, row.since) == (CODE, "enterprise", "示范餐饮店一", START)
    assert row.township == "330282002", "learnt from the second report, for the first one had no point"


def test_the_state_that_is_read_is_the_state_that_was_folded(engine: Engine) -> None:
    desk = the_desk(engine)
    number = report(desk, "1")
    record(desk, number, "accepted", 5)
    record(desk, number, "arrived", 20, leg=2)
    state = case_page(engine, number).state
    assert (state.subject, state.visit) == (CODE, f"V{number}")
    assert state.checks["sthj"] == ("检测排口油烟浓度",)
    assert [leg.visit for leg in state.legs] == [None, f"V{number}", None]


def test_the_visits_say_who_came_and_which_cases_are_in_work(engine: Engine) -> None:
    desk = the_desk(engine)
    first, second = report(desk, "1"), report(desk, "2")
    for number in (first, second):
        record(desk, number, "accepted", 5)
    record(desk, first, "arrived", 20, leg=2)
    record(desk, second, "arrived", 25, leg=2)
    record(desk, second, "arrived", 30)
    (visit,) = desk.store.visits(CODE)
    assert (visit.visit, visit.ordinal, visit.is_open) == (f"V{first}", 1, True)
    assert visit.in_work == (first, second)
    assert visit.came == {"sthj": START + 25 * MINUTE, "zhzf": START + 30 * MINUTE}
    assert visit.last_on_site == START + 30 * MINUTE
    assert desk.store.visits("site:nowhere") == []


@pytest.mark.parametrize("attempt", range(3))
def test_cases_accepted_at_the_same_moment_share_one_visit(engine: Engine, attempt: int) -> None:
    desk, workers = the_desk(engine), 6
    numbers = [report(desk, f"{attempt}-{count}") for count in range(workers)]
    together = Barrier(workers)

    def accept(number: str) -> None:
        together.wait()
        record(desk, number, "accepted", 5)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(accept, numbers))
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(tables.visits)).scalar_one() == 1
        shared = set(connection.execute(select(tables.cases.c.visit)).scalars())
        opened = [
            event.data["opens"]
            for number in numbers
            for event in case_page(engine, number).events
            if event.kind == "planned"
        ]
    assert len(shared) == 1
    assert sorted(opened) == [False] * (workers - 1) + [True]


def test_processes_that_accept_at_the_same_moment_end_in_one_visit(engine: Engine, database_url: str) -> None:
    desk = the_desk(engine)
    numbers = [report(desk, str(count)) for count in range(9)]
    command = [sys.executable, "-m", "tests.data.accepting", database_url]
    officers = [
        subprocess.Popen([*command, *numbers[place::3]], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True)
        for place in range(3)
    ]
    for officer in officers:
        assert officer.stdout is not None
        assert officer.stdout.readline() == "ready\n"
    for officer in officers:
        assert officer.stdin is not None
        officer.stdin.write("go\n")
        officer.stdin.flush()
    assert [officer.communicate(timeout=60) and officer.returncode for officer in officers] == [0, 0, 0]
    (visit,) = desk.store.visits(CODE)
    assert visit.in_work == tuple(numbers)


def test_a_refused_second_visit_leaves_nothing_behind(engine: Engine) -> None:
    desk = the_desk(engine)
    first = report(desk, "1")
    record(desk, first, "accepted", 5)
    record(desk, first, "arrived", 20)
    record(desk, first, "closed", 30, reason="void")
    second = report(desk, "2")
    record(desk, second, "accepted", 3 * 1440)
    before = case_page(engine, second)
    for data in ({}, {"reason": "复查"}, {"approved_by": "commander"}, {"reason": " ", "approved_by": "commander"}):
        with pytest.raises(NotAllowed, match=r"data\.reason and data\.approved_by"):
            record(desk, second, "arrived", 3 * 1440 + 20, **data)
    assert case_page(engine, second) == before
    assert len(desk.store.visits(CODE)) == 1
    record(desk, second, "arrived", 3 * 1440 + 20, reason="复查", approved_by="commander")
    with reading(engine) as connection:
        rows = connection.execute(select(tables.visits).order_by(tables.visits.c.ordinal)).all()
    assert [(row.visit, row.reason, row.approved_by) for row in rows] == [
        (f"V{first}", None, None),
        (f"V{second}", "复查", "commander"),
    ]


def test_a_subject_that_was_mistaken_takes_its_arrivals_along(engine: Engine) -> None:
    desk = the_desk(engine)
    number = report(desk, "1", subject={"site": "老码头", "name": "老码头"})
    record(desk, number, "accepted", 5)
    record(desk, number, "arrived", 20)
    record(desk, number, "identified", 30, subject=RESTAURANT)
    (old,), (new,) = desk.store.visits("site:老码头"), desk.store.visits(CODE)
    assert (old.last_on_site, old.is_open) == (None, False)
    assert (new.visit, new.last_on_site) == (f"V{number}-2", START + 20 * MINUTE)
