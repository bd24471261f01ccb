"""No view walks the history: what both databases say of their own plans.

SQLite plans without statistics here, so always alike, and says which tables it walks. PostgreSQL runs every statement
over a year of cases and says how many rows of each growing table it looked at.
"""

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cases.assessment import Count
from cases.case import CaseState
from cases.clock import Level
from cases.duplicates import DuplicateLimits
from cases.errors import NoSuchSubject
from cases.events import EventKind
from cases.ports import Change
from data import views
from data.engine import open_engine, reading
from data.store import SqlCaseStore
from data.views import Known, Period, Sorting, assessment
from data.views.search import Order
from tests.data import growth, plans
from tests.data.growth import NOW
from tests.data.lives import CALENDAR
from tests.data.samples import NOON, add, an_event, comment
from tests.environment.postgres import Server

DAY = timedelta(days=1)
FILTERS: list[dict[str, Any]] = [
    {},
    {"township": ("330282002",)},
    {"village": ("330282002001",)},
    {"cell": ("330282002001001",)},
    {"matter": ("YJS-01",)},
    {"department": ("zhzf",)},
    {"source": ("grid",)},
    {"status": ("accepted", "on_site")},
    {"level": (Level.RED,), "at": NOON},
    {"occurred_from": NOON, "occurred_to": NOON + timedelta(days=1)},
]


def suggest(engine: Engine) -> None:
    """Ask what may be the same, of one of two cases that may be, and of all."""
    store, limits = SqlCaseStore(engine), DuplicateLimits()
    number = add(store, "1").number
    add(store, "2")
    assert views.suggestions(engine, number, limits, "EPSG:4549").total == 1
    assert views.open_suggestions(engine, limits, "EPSG:4549").total == 1


def a_subject(engine: Engine) -> object:
    """Ask for the page of a subject that nobody has named."""
    with pytest.raises(NoSuchSubject):
        views.subject_page(engine, "91330282MA2XXXXXX1", {})
    return None


def counted(engine: Engine) -> object:
    """Count the work of every unit on one day."""
    with reading(engine) as connection:
        return assessment.unit_counts(connection, STRETCH)


def parts(engine: Engine) -> object:
    """Ask what is behind one of these counts."""
    with reading(engine) as connection:
        return assessment.parts_behind(connection, STRETCH, "zhzf-hs", Count.DUE)


def stand_then(engine: Engine) -> None:
    """Ask what the wall showed; before anything was recorded it would not even be looked for."""
    add(SqlCaseStore(engine), "1")
    found = views.standing_at(engine, NOON + timedelta(minutes=5), Known.THEN, CALENDAR)
    assert [one.level for one in found if one.number == "CX20260304-00001"] == [Level.GREEN]


def number_of(engine: Engine) -> str:
    """A case that is there: a fresh one."""
    return add(SqlCaseStore(engine), "known").number


def written(engine: Engine) -> CaseState:
    """Report, say something under a key, and change it again: every statement that a write sends."""
    store = SqlCaseStore(engine)
    state = comment(store, add(store, "written"))
    kept = Change(
        state.number, state.revision, [an_event(EventKind.COMMENTED, text="又看过了")], state, ("key", "hash")
    )
    (state,) = store.append_all([kept])
    assert store.keyed(state.number, "key") == "hash"
    return state


STRETCH = assessment.Stretch(NOW - DAY, NOW)
QUARTER = views.Quarter(2025, 3, CALENDAR.zone)  # before the history: nothing of it need be looked at

VIEWS: dict[str, Callable[[Engine], object]] = {
    "open_board": views.open_board,
    "open_cases": views.open_cases,
    "latest_revision": views.latest_revision,
    "cases_changed_since": lambda engine: views.cases_changed_since(engine, views.latest_revision(engine) - 3),
    "cases_changed_since long ago": lambda engine: views.cases_changed_since(engine, 7, 50),
    "events_since": lambda engine: views.events_since(engine, 7, 50),
    "latest_events": views.latest_events,
    "pending_in_township": lambda engine: views.pending_in_township(engine, "330282002"),
    "pending_of": lambda engine: [
        views.pending_of(engine, views.Party(kind, "zhzf")) for kind in ("township", "department", "unit", "disputes")
    ],
    "counts_at": lambda engine: views.counts_at(engine, NOW - 30 * DAY, "cell"),
    "standing": lambda engine: views.standing(engine, [NOW - 30 * DAY, NOW]),
    "standing_at": lambda engine: views.standing_at(engine, NOW - 30 * DAY, Known.TODAY, CALENDAR),
    "standing_at then": stand_then,
    "density": lambda engine: views.density(engine, NOW - 2 * DAY, 48),
    "reports_between": lambda engine: views.reports_between(engine, NOW - DAY, NOW),
    "first_received": views.first_received,
    "first_recorded": views.first_recorded,
    "first_instant": views.first_instant,
    "day_figures": lambda engine: views.day_figures(engine, NOW - DAY, NOW),
    "day_counts": lambda engine: views.day_counts(engine, NOW - DAY, NOW),
    "flow_by_quarter": lambda engine: views.flow_by_quarter(engine, NOW - DAY, NOW),
    "flows": lambda engine: views.flows(engine, [(NOW - DAY, NOW), (NOW - 8 * DAY, NOW - 7 * DAY)]),
    "rates_by_area": lambda engine: views.rates_by_area(engine, NOW - DAY, NOW, ["cell", "township"]),
    "kept_limits": lambda engine: views.kept_limits(engine, NOW - DAY, NOW, NOW),
    "legs_of a department": lambda engine: views.legs_of(engine, NOW, 50, department="zhzf"),
    "legs_of a township": lambda engine: views.legs_of(engine, NOW, 50, township="330282002"),
    "area_figures as occurred": lambda engine: views.area_figures(
        engine, "township", NOW - DAY, NOW, views.Basis.OCCURRED
    ),
    "area_figures as current": lambda engine: views.area_figures(
        engine, "cell", NOW - DAY, NOW, views.Basis.CURRENT, views.Base(NOON.date(), "x", NOON)
    ),
    "unplaced": lambda engine: views.unplaced(engine, views.Base(NOON.date(), "x", NOON)),
    "department_counts": lambda engine: views.department_counts(engine, NOW),
    "matter_uses": lambda engine: views.matter_uses(engine, "YJS-01", NOW - DAY),
    "uses_by_matter": lambda engine: views.uses_by_matter(engine, ["YJS-01", "SD-01"], NOW - DAY),
    "suggestions": suggest,
    "open_suggestions": lambda engine: views.open_suggestions(engine, DuplicateLimits(), "EPSG:4549"),
    "reports_of": lambda engine: views.reports_of(engine, "CX20260304-00001"),
    "report_counts": lambda engine: views.report_counts(engine, ["CX20260304-00001"]),
    "answers_of": lambda engine: views.answers_of(engine, number_of(engine)),
    "list_answers": lambda engine: views.list_answers(engine, limit=20),
    "list_answers that are missing": lambda engine: views.list_answers(engine, unanswered=True, limit=20),
    "list_disputes": views.list_disputes,
    "dispute_counts": lambda engine: views.dispute_counts(engine, NOW, Period("x", NOW - DAY, NOW)),
    "list_subjects": views.list_subjects,
    "subject_page": a_subject,
    "measure": lambda engine: views.measure(engine, QUARTER),
    "case_page": lambda engine: views.case_page(engine, number_of(engine)),
    "case_states": lambda engine: views.case_states(engine, [number_of(engine)]),
    "case_stretch": lambda engine: views.case_stretch(engine, views.ALL, Sorting.NEWEST, 0, 50),
    "case_stretch of open ones": lambda engine: views.case_stretch(
        engine, views.CaseFilter(status=("accepted",)), Sorting.DUE, 0, 50
    ),
    "every_case": lambda engine: list(views.every_case(engine, views.CaseFilter(occurred_from=NOW - DAY))),
    "list_cases by revision": lambda engine: views.list_cases(engine, cursor="7", limit=50, order=Order.REVISION),
    "list_cases next page": lambda engine: views.list_cases(engine, cursor="7~CX20260304-00001"),
    "numbered": lambda engine: SqlCaseStore(engine).numbered([("grid", "1")]),
    "keyed": lambda engine: SqlCaseStore(engine).keyed("CX20260304-00001", "key"),
    "history": lambda engine: SqlCaseStore(engine).history(number_of(engine)),
    "histories": lambda engine: SqlCaseStore(engine).histories([number_of(engine), "CX20260304-00009"]),
    "visits": lambda engine: SqlCaseStore(engine).visits("91330282MA2XXXXXX1"),
    "add_all": written,
    "append": written,
    "append_all": written,
    "unit_counts": counted,
    "parts_behind": parts,
} | {
    f"list_cases {filters}": lambda engine, filters=filters: views.list_cases(
        engine, views.CaseFilter(**filters), limit=50
    )
    for filters in FILTERS
}
PURE = {
    "all_kept": "adds up what it is given",
    "ordinary": "averages what it is given",
    "period_of": "reads a text",
    "quarter_at": "computes from an instant",
    "quarter_hour": "computes from an instant",
    "quarter_of": "reads a text",
}
"""Public names of the views that ask no database."""
# Walking these in their order stops at the end of the page, or holds only what is open.
IN_ORDER = (
    "SCAN cases USING INDEX ix_cases_open",
    "SCAN cases USING INDEX ix_cases_occurred_at_number",
    "SCAN cases USING INDEX ix_cases_received_at",
    "SCAN events",
)
STORED = ("cases", "legs", "clocks", "spans", "events")


def test_every_view_and_every_question_of_the_store_is_in_the_table() -> None:
    asking = {name for name in views.__all__ if inspect.isfunction(getattr(views, name))}
    asking |= {name for name in assessment.__all__ if inspect.isfunction(getattr(assessment, name))}
    asking |= {name for name, _ in inspect.getmembers(SqlCaseStore, inspect.isfunction) if not name.startswith("_")}
    assert {name.partition(" ")[0] for name in VIEWS} == asking - PURE.keys()


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_no_view_walks_the_history(sqlite_url: str, view: Callable[[Engine], object]) -> None:
    engine = open_engine(sqlite_url)
    steps = plans.sqlite_steps(engine, plans.sent(engine, view))
    engine.dispose()
    walks = [step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in STORED))]
    if view is VIEWS["case_stretch"]:
        walks.remove("SCAN cases USING COVERING INDEX ix_cases_received_at")  # counts, see `WALKS`
    assert [step for step in walks if not step.startswith(IN_ORDER)] == []


@pytest.fixture(scope="module")
def grown(postgresql_server: Server, postgresql_template: str) -> Iterator[str]:
    """Name of a PostgreSQL database with a year of cases."""
    name = postgresql_server.create(postgresql_template)
    engine = open_engine(postgresql_server.url(name))
    growth.grow(engine)
    engine.dispose()
    yield name
    postgresql_server.drop(name)


@pytest.fixture
def year(postgresql_server: Server, grown: str) -> Iterator[Engine]:
    """An engine on a copy of it."""
    name = postgresql_server.create(grown)
    engine = open_engine(postgresql_server.url(name))
    yield engine
    engine.dispose()
    postgresql_server.drop(name)


MOST = 900
"""Rows of a growing table that one statement may look at: what is open, or a day, or a page, several times over."""
ALL = 100_000
COUNTS = "counts as far as the table scrolls, 20,000 rows, and no further"
CHUNKS = "looks at 500 cases in one go, so many of this year that the whole is read at once"
WALKS: dict[str, tuple[int, str]] = {
    "pending_of": (
        1000,
        "an eighth of this year's legs, in one stretch of an index, is cheaper than a descent for each",
    ),
    "unplaced": (ALL, "counts the cases that nobody has looked at since the boundaries changed: here, all of before"),
    "case_stretch": (20_001, COUNTS),
    "list_answers": (ALL, CHUNKS),
    "list_answers that are missing": (ALL, CHUNKS),
    "list_cases {'source': ('grid',)}": (
        ALL,
        "every case here is of this source; a page of them is walked to in order",
    ),
}
"""What may look at more, and why."""


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_looks_at_the_history_on_postgresql(year: Engine, name: str) -> None:
    most, _ = WALKS.get(name, (MOST, ""))
    found = plans.touched(year, plans.sent(year, VIEWS[name]))
    assert {table: rows for table, rows in found.items() if rows > most} == {}


def test_closings_that_were_written_down_late_are_found_by_their_own_index(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    steps = plans.sqlite_steps(engine, plans.sent(engine, stand_then))
    engine.dispose()
    assert [step for step in steps if "COVERING INDEX ix_events_late_end" in step]
    # The first event of all is the only thing that is read in the order of the table.
    assert len([step for step in steps if step.startswith("SCAN events")]) == 1
