"""The measure and the pages of subjects, on both databases; every figure is recounted by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from cases.desk import EventRequest
from cases.errors import NoSuchSubject
from cases.inspection import CheckItem
from data.store import SqlCaseStore
from data.views import BadQuery, SubjectFilter, list_subjects, measure, quarter_at, quarter_of, subject_page
from tests.cases.factories import EAST, LITTER, SMOKE, WEST, a_desk, a_report

SHANGHAI = ZoneInfo("Asia/Shanghai")
A = {"credit_code": "91330282MA2AJ0001Y", "name": "示范餐饮店一"}
CODE = A["credit_code"]
B = {"site": "东门工地", "name": "东门工地"}
APPROVED = {"reason": "复查", "approved_by": "commander"}
ORDER = {SMOKE: 0, LITTER: 1}


class Year:
    """A county in which things happen at local times."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.count = engine, 0
        self.desk = a_desk(SqlCaseStore(engine))

    def case(self, at: str, subject: object = A, matter: str = SMOKE, **changes: Any) -> str:
        self.count += 1
        when = local(at)
        report = a_report(matter, source_id=str(self.count), at=when, subject=subject, **changes)
        number = self.desk.receive(report, when).state.number
        self.do(number, "accepted", at)
        return number

    def do(self, number: str, kind: str, at: str, leg: int | None = None, **data: Any) -> None:
        when = local(at)
        self.desk.record(number, EventRequest(kind, when, "zhzf", leg, None, data), when + timedelta(days=900))

    def count_of(self, quarter: str) -> dict[str, tuple[int, int, int]]:
        found = measure(self.engine, quarter_of(quarter, SHANGHAI))
        counts = {"all": found.all} | dict(found.departments)
        return {name: (len(one.more), len(one.visited), len(one.approved)) for name, one in counts.items()}


def local(at: str) -> datetime:
    return datetime.fromisoformat(f"2026-{at}").replace(tzinfo=SHANGHAI)


@pytest.fixture
def year(engine: Engine) -> Year:
    return Year(engine)


def test_a_quarter_is_that_of_the_zone() -> None:
    fourth = quarter_of("2026q4", SHANGHAI)
    assert (fourth.name, fourth.start.isoformat()) == ("2026Q4", "2026-10-01T00:00:00+08:00")
    assert fourth.end.isoformat() == "2027-01-01T00:00:00+08:00"
    assert [fourth.after(n).name for n in (-4, -1, 1)] == ["2025Q4", "2026Q3", "2027Q1"]
    assert quarter_at(datetime(2026, 9, 30, 16, 0, tzinfo=UTC), SHANGHAI).name == "2026Q4"
    assert quarter_at(datetime(2026, 9, 30, 15, 59, tzinfo=UTC), SHANGHAI).name == "2026Q3"


@pytest.mark.parametrize("wrong", ["", "2026", "2026Q5", "2026-Q4", "26Q4", "2026Q44", "二零二六Q4"])
def test_what_is_no_quarter_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(BadQuery, match="give one such as 2026Q4"):
        quarter_of(wrong, SHANGHAI)


def test_nobody_visited_is_no_rate(year: Year) -> None:
    assert year.count_of("2026Q2") == {"all": (0, 0, 0)}
    assert measure(year.engine, quarter_of("2026Q2", SHANGHAI)).all.rate is None


def test_several_cases_and_departments_in_one_visit_are_one(year: Year) -> None:
    first, second = year.case("04-02T09:00"), year.case("04-02T09:30")
    year.do(first, "arrived", "04-02T10:00")
    year.do(second, "arrived", "04-02T10:05")
    year.do(first, "arrived", "04-02T10:10", leg=2)
    assert year.count_of("2026Q2") == {"all": (0, 1, 0), "zhzf": (0, 1, 0), "sthj": (0, 1, 0)}
    assert year.count_of("2026Q1") == {"all": (0, 0, 0)}


def test_the_second_visit_of_a_department_counts_for_it_alone_and_says_whether_it_was_approved(year: Year) -> None:
    first = year.case("04-02T09:00")
    year.do(first, "arrived", "04-02T10:00")
    year.do(first, "arrived", "04-02T10:10", leg=2)
    year.do(first, "closed", "04-03T10:00", reason="done")
    second = year.case("05-06T09:00", matter=LITTER)
    year.do(second, "arrived", "05-06T10:00", **APPROVED)
    other = year.case("05-06T09:00", subject=B)
    year.do(other, "arrived", "05-06T10:00", leg=3)
    assert year.count_of("2026Q2") == {"all": (1, 2, 1), "zhzf": (1, 1, 1), "sthj": (0, 1, 0), "scjg": (0, 1, 0)}


def test_a_visit_outside_the_window_needs_no_approval_and_a_quarter_ends_at_its_own_midnight(year: Year) -> None:
    first = year.case("03-31T09:00")
    year.do(first, "arrived", "03-31T23:59:59")
    year.do(first, "closed", "04-01T10:00", reason="done")
    second = year.case("07-01T09:00", matter=LITTER)
    year.do(second, "arrived", "07-01T10:00")
    assert [year.count_of(f"2026Q{n}")["all"] for n in (1, 2, 3)] == [(0, 1, 0), (0, 0, 0), (0, 1, 0)]
    found = measure(year.engine, quarter_of("2026Q3", SHANGHAI), before=2)
    assert [(one.name, len(count.visited)) for one, count in found.before] == [("2026Q2", 0), ("2026Q1", 1)]


def test_a_reopened_case_keeps_its_first_arrival_in_the_measure(year: Year) -> None:
    number = year.case("04-02T09:00", matter=LITTER)
    year.do(number, "arrived", "04-02T10:00")
    year.do(number, "finished", "04-03T10:00")
    year.do(number, "reopened", "04-20T10:00", reason="again")
    year.do(number, "arrived", "04-21T10:00", **APPROVED)
    assert year.count_of("2026Q2")["zhzf"] == (1, 1, 1)


def test_whoever_was_named_only_after_the_result_counts_all_the_same(year: Year) -> None:
    for day in ("04-02", "04-20"):
        number = year.case(f"{day}T09:00", subject=None, matter=LITTER)
        year.do(number, "arrived", f"{day}T10:00")
        year.do(number, "finished", f"{day}T11:00")
        year.do(number, "identified", f"{day}T12:00", subject=A)
    assert year.count_of("2026Q2")["zhzf"] == (1, 1, 0), "twice, and nobody approved it"
    page = subject_page(year.engine, CODE, ORDER)
    assert (page.visits, len(page.unplanned)) == ((), 2)


def test_a_transferred_case_counts_for_whoever_came(year: Year) -> None:
    number = year.case("04-02T09:00", matter=LITTER)
    year.do(number, "transferred", "04-02T09:20", department="zjj", reason="属住建")
    year.do(number, "accepted", "04-02T09:30")
    year.do(number, "arrived", "04-02T10:00")
    assert year.count_of("2026Q2") == {"all": (0, 1, 0), "zjj": (0, 1, 0)}


def test_a_subject_shows_its_visits_who_came_and_what_is_checked_once(year: Year) -> None:
    first = year.case("04-02T09:00")
    second = year.case("04-02T09:10", matter=LITTER)
    third = year.case("04-02T09:20")
    year.do(first, "arrived", "04-02T10:00")
    year.do(second, "arrived", "04-02T10:05")
    for number in (first, second, third):
        year.do(number, "closed", "04-04T10:00", reason="done")
    fourth = year.case("05-06T09:00")
    year.do(fourth, "arrived", "05-06T10:00", **APPROVED)
    page = subject_page(year.engine, CODE, ORDER)
    new, old = page.visits
    assert (new.visit, new.ordinal, new.is_open, new.reason, new.approved_by) == (
        f"V{fourth}",
        2,
        True,
        "复查",
        "commander",
    )
    assert [case.number for case in new.cases] == [fourth]
    assert (old.visit, old.is_open, old.reason) == (f"V{first}", False, None)
    assert [case.number for case in old.cases] == [first, second, third], "the fourth has moved on, and never came"
    assert [(one.number, one.department, one.at) for one in old.arrivals] == [
        (first, "zhzf", local("04-02T10:00")),
        (second, "zhzf", local("04-02T10:05")),
    ]
    assert old.checks["zhzf"] == (CheckItem("餐饮油烟扰民", (first, third)), CheckItem("暴露垃圾", (second,)))
    assert old.checks["sthj"] == (CheckItem("检测排口油烟浓度", (first, third)),)
    row = page.row
    assert (row.visits, row.open_visit, row.open_cases) == (2, f"V{fourth}", 1)
    assert row.last_on_site == local("05-06T10:00")
    with pytest.raises(NoSuchSubject, match="'site:nowhere'"):
        subject_page(year.engine, "site:nowhere", ORDER)


def test_subjects_are_found_by_name_code_and_township_and_paged_without_gaps(year: Year) -> None:
    year.case("04-02T09:00")
    year.case("04-03T09:00")
    year.case("04-05T09:00", subject=B, x=121.4)
    for count in range(5):
        year.case(f"04-1{count}T09:00", subject={"site": f"工地{count}", "name": f"100%的_工地{count}"})

    def found(**filters: Any) -> list[str]:
        return [row.code for row in list_subjects(year.engine, SubjectFilter(**filters)).rows]

    assert found(text="餐饮") == [CODE]
    assert found(text="９１３３０２８２ma2aj") == [CODE]
    assert found(text="9133 0282") == [CODE]
    assert found(text="100%的_工地3") == ["site:工地3"]
    assert found(text="%") == [f"site:工地{n}" for n in (4, 3, 2, 1, 0)]
    assert found(text="没有") == []
    assert found(township=(EAST,)) == ["site:东门工地"]
    assert found(township=(WEST,), codes={CODE, "site:东门工地"}) == [CODE]
    assert found(codes=()) == []
    everything = found()
    assert everything[-2:] == ["site:东门工地", CODE], "planned last comes first"
    paged, cursor = [], None
    while True:
        page = list_subjects(year.engine, cursor=cursor, limit=2)
        paged += [row.code for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert paged == everything
    shared = list_subjects(year.engine, SubjectFilter(codes=[CODE])).rows[0]
    assert (shared.visits, shared.open_cases, shared.last_on_site) == (1, 2, None)
    with pytest.raises(BadQuery, match="no cursor"):
        list_subjects(year.engine, cursor="x")
    with pytest.raises(BadQuery, match="1 to 1000"):
        list_subjects(year.engine, limit=0)
