"""No view walks the history: what SQLite says of its own plans. (It plans without statistics here, so always alike.)"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from cases.clock import Level
from cases.duplicates import DuplicateLimits
from data import views
from data.engine import open_engine
from data.store import SqlCaseStore
from data.views import Known
from data.views.search import Order
from tests.data.lives import CALENDAR
from tests.data.samples import NOON, add

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


def stand_then(engine: Engine) -> None:
    """Ask what the wall showed; before anything was recorded it would not even be looked for."""
    add(SqlCaseStore(engine), "1")
    (one,) = views.standing_at(engine, NOON + timedelta(minutes=5), Known.THEN, CALENDAR)
    assert one.level is Level.GREEN


VIEWS: dict[str, Callable[[Engine], object]] = {
    "open_board": views.open_board,
    "cases_changed_since": lambda engine: views.cases_changed_since(engine, 7),
    "events_since": lambda engine: views.events_since(engine, 7),
    "latest_events": views.latest_events,
    "pending_in_township": lambda engine: views.pending_in_township(engine, "330282002"),
    "counts_at": lambda engine: views.counts_at(engine, NOON, "cell"),
    "standing_at": lambda engine: views.standing_at(engine, NOON, Known.TODAY, CALENDAR),
    "standing_at then": stand_then,
    "density": lambda engine: views.density(engine, NOON, 48),
    "reports_between": lambda engine: views.reports_between(engine, NOON, NOON + timedelta(days=1)),
    "first_received": views.first_received,
    "day_figures": lambda engine: views.day_figures(engine, NOON, NOON + timedelta(days=1)),
    "area_figures as occurred": lambda engine: views.area_figures(
        engine, "township", NOON, NOON + timedelta(days=1), views.Basis.OCCURRED
    ),
    "area_figures as current": lambda engine: views.area_figures(
        engine, "cell", NOON, NOON + timedelta(days=1), views.Basis.CURRENT, views.Base(NOON.date(), "x", NOON)
    ),
    "unplaced": lambda engine: views.unplaced(engine, views.Base(NOON.date(), "x", NOON)),
    "department_counts": lambda engine: views.department_counts(engine, NOON),
    "matter_uses": lambda engine: views.matter_uses(engine, "YJS-01", NOON),
    "uses_by_matter": lambda engine: views.uses_by_matter(engine, ["YJS-01", "SD-01"], NOON),
    "suggestions": suggest,
    "reports": lambda engine: views.reports_of(engine, "CX20260304-00001"),
    "numbered": lambda engine: SqlCaseStore(engine).numbered("grid", "1"),
    "changes": lambda engine: views.list_cases(engine, cursor="7", order=Order.REVISION),
    "next page": lambda engine: views.list_cases(engine, cursor="7~CX20260304-00001"),
} | {
    f"list {filters}": lambda engine, filters=filters: views.list_cases(engine, views.CaseFilter(**filters))
    for filters in FILTERS
}
# Walking these in their order stops at the end of the page, or holds only what is open.
IN_ORDER = (
    "SCAN cases USING INDEX ix_cases_open",
    "SCAN cases USING INDEX ix_cases_occurred_at_number",
    "SCAN events",
)
STORED = ("cases", "legs", "clocks", "spans", "events")


def plan(engine: Engine, view: Callable[[Engine], object]) -> list[str]:
    """The steps of every statement that a view sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    view(engine)
    event.remove(engine, "before_cursor_execute", note)
    queries = [(statement, parameters) for statement, parameters in sent if not statement.startswith("BEGIN")]
    assert queries
    with engine.connect() as connection:
        return [
            row[-1]
            for statement, parameters in queries
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_no_view_walks_the_history(sqlite_url: str, view: Callable[[Engine], object]) -> None:
    engine = open_engine(sqlite_url)
    steps = plan(engine, view)
    engine.dispose()
    walks = [step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in STORED))]
    assert [step for step in walks if not step.startswith(IN_ORDER)] == []


def test_closings_that_were_written_down_late_are_found_by_their_own_index(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    steps = plan(engine, stand_then)
    engine.dispose()
    assert [step for step in steps if "COVERING INDEX ix_events_late_end" in step]
    # The first event of all is the only thing that is read in the order of the table.
    assert len([step for step in steps if step.startswith("SCAN events")]) == 1
