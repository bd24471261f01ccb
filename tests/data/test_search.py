"""Filters find what they say, and pages come without loss or repeat."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from cases.case import LegRole
from data import views
from data.store import SqlCaseStore
from data.views.search import Order
from tests.data.samples import DAY, MINUTE, NOON, a_leg, a_state, add, an_event, comment, put


@pytest.fixture
def store(engine: Engine) -> SqlCaseStore:
    return SqlCaseStore(engine)


def pages(engine: Engine, limit: int, order: Order = Order.OCCURRED) -> Iterator[tuple[views.CaseRow, ...]]:
    page = views.list_cases(engine, limit=limit, order=order)
    yield page.rows
    while page.next is not None:
        page = views.list_cases(engine, cursor=page.next, limit=limit, order=order)
        yield page.rows


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"1", "2", "3"}),
        ({"township": ("330282003",)}, {"2"}),
        ({"township": ("330282003", "330282002")}, {"1", "2", "3"}),
        ({"village": ("330282002001",)}, {"1", "3"}),
        ({"cell": ("330282002001009",)}, {"3"}),
        ({"matter": ("YJS-02",)}, {"2"}),
        ({"department": ("sthj",)}, {"2"}),
        ({"department": ("sthj", "zhzf")}, {"1", "2", "3"}),
        ({"platform": ("market",)}, {"2"}),
        ({"domain": ("law_enforcement",), "matter": ("YJS-01",)}, {"1", "3"}),
        ({"status": ("closed",)}, set()),
        ({"source": ("hotline",)}, {"3"}),
        ({"occurred_from": NOON + MINUTE}, {"2", "3"}),
        ({"occurred_to": NOON + MINUTE}, {"1"}),
        ({"occurred_from": NOON + MINUTE, "occurred_to": NOON + 2 * MINUTE}, {"2"}),
        ({"township": ("'; DROP TABLE events; --",)}, set()),
    ],
    ids=lambda value: ",".join(sorted(value)) or "-",  # a set's own text changes from process to process
)
def test_a_filter_finds_what_it_says(store: SqlCaseStore, filters: dict[str, object], found: set[str]) -> None:
    both = (a_leg(), a_leg(2, LegRole.COORDINATING, "sthj"))
    elsewhere = {"township": "330282003", "village": "330282003001", "cell": "330282003001001"}
    add(store, "1")
    add(store, "2", NOON + MINUTE, **elsewhere, matter="YJS-02", platform="market", legs=both)
    add(store, "3", NOON + 2 * MINUTE, source="hotline", cell="330282002001009")
    rows = views.list_cases(store.engine, views.CaseFilter(**filters)).rows  # type: ignore[arg-type]
    assert {row.source_id for row in rows} == found


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_pages_come_newest_first_without_loss_or_repeat(store: SqlCaseStore, limit: int) -> None:
    # Several cases of the same microsecond: there the number decides.
    for count in range(20):
        add(store, str(count), NOON + timedelta(microseconds=count // 4))
    rows = [row for page in pages(store.engine, limit) for row in page]
    assert [(row.occurred_at, row.number) for row in rows] == sorted(
        {(row.occurred_at, row.number) for row in rows}, reverse=True
    )
    assert len(rows) == 20


def test_cases_that_are_added_while_one_pages_neither_shift_nor_repeat_the_others(store: SqlCaseStore) -> None:
    for count in range(12):
        add(store, f"old {count}", NOON + count * MINUTE)
    seen: list[str] = []
    for turn, page in enumerate(pages(store.engine, 5)):
        seen += [row.source_id for row in page]
        add(store, f"newer {turn}", NOON + timedelta(hours=1 + turn))
        add(store, f"older {turn}", NOON - timedelta(hours=1 + turn))
        put(store, DAY, "", [an_event()], a_state(f"between {turn}", NOON + 6 * MINUTE))
    old = [name for name in seen if name.startswith("old ")]
    assert old == [f"old {count}" for count in reversed(range(12))]
    assert len(seen) == len(set(seen))


def test_the_pages_of_changes_give_every_case_its_last_state(store: SqlCaseStore) -> None:
    states = [add(store, str(count)) for count in range(9)]
    last: dict[str, int] = {}
    for turn, page in enumerate(pages(store.engine, 2, Order.REVISION)):
        last |= {row.number: row.revision for row in page}
        if turn < 3:
            states[turn] = comment(store, states[turn])
    assert last == {state.number: state.revision for state in states}


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_bounds_is_refused(engine: Engine, limit: int) -> None:
    with pytest.raises(views.BadQuery, match=f"{limit}.*from 1 to 1000"):
        views.list_cases(engine, limit=limit)


@pytest.mark.parametrize("cursor", ["", "x", "1", "~", "x~CX1", "9" * 30 + "~CX1", "1e5~CX1", "12", "-1"])
def test_a_cursor_that_no_page_gave_is_refused(engine: Engine, cursor: str) -> None:
    with pytest.raises(views.BadQuery, match="no cursor"):
        views.list_cases(engine, cursor=cursor)
    with pytest.raises(views.BadQuery, match="no cursor"):
        views.list_cases(engine, cursor=cursor + "~", order=Order.REVISION)


def test_a_level_needs_an_instant(engine: Engine) -> None:
    with pytest.raises(views.BadQuery, match="level at an instant"):
        views.list_cases(engine, views.CaseFilter(level=(3,)))  # type: ignore[arg-type]
