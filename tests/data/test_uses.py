"""Which cases used an item of the lists: counted by township, the newest named."""

import pytest
from sqlalchemy import Engine

from cases.case import Span, Status
from data import views
from data.store import SqlCaseStore
from tests.data.samples import MINUTE, NOON, add


@pytest.fixture
def store(engine: Engine) -> SqlCaseStore:
    store = SqlCaseStore(engine)
    for count in range(5):
        add(store, f"early {count}", NOON - (count + 1) * MINUTE)
    for count in range(3):
        add(store, f"hushan {count}", NOON + count * MINUTE)
    add(store, "kandun", NOON + 3 * MINUTE, township="330282003")
    add(store, "nowhere", NOON + 4 * MINUTE, township=None, village=None, cell=None, lon=None, lat=None)
    closed = {"status": Status.CLOSED, "clocks": (), "spans": (Span(NOON, NOON + 9 * MINUTE),)}
    add(store, "closed", NOON + 5 * MINUTE, township="330282003", **closed)
    add(store, "other", NOON, matter="SD-01")
    return store


def test_an_item_counts_its_cases_of_the_period_by_township_the_most_first(store: SqlCaseStore) -> None:
    uses = views.matter_uses(store.engine, "YJS-01", NOON)
    assert list(uses.by_township.items()) == [("330282002", 3), ("330282003", 2), (None, 1)]
    assert (uses.total, uses.pending) == (6, 5)


def test_the_newest_cases_of_an_item_come_first_and_no_more_than_asked_for(store: SqlCaseStore) -> None:
    uses = views.matter_uses(store.engine, "YJS-01", NOON, limit=3)
    assert [row.source_id for row in uses.latest] == ["closed", "nowhere", "kandun"]
    assert uses.total == 6


def test_a_case_of_the_first_instant_of_the_period_counts_and_one_before_does_not(store: SqlCaseStore) -> None:
    assert views.uses_by_matter(store.engine, ["YJS-01", "SD-01", "QL-001"], NOON) == {"YJS-01": 6, "SD-01": 1}
    assert views.uses_by_matter(store.engine, ["YJS-01"], NOON - 2 * MINUTE) == {"YJS-01": 8}


def test_an_item_that_nobody_used_has_none(store: SqlCaseStore) -> None:
    uses = views.matter_uses(store.engine, "QL-001", NOON)
    assert (uses.total, uses.pending, uses.latest) == (0, 0, ())
    assert views.uses_by_matter(store.engine, [], NOON) == {}
