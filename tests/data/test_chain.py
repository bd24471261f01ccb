"""The chain of events: whatever is changed in an event, removed, inserted or moved is found and named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from cases.desk import Desk
from cases.events import EventKind
from data import tables
from data.engine import migrate, reading, writing
from data.migrations.versions.v0009_chain import chain_events
from data.store import SqlCaseStore
from data.verifying import Fault, Verified, Wrong, verify
from tests.cases.factories import LITTER, Walk, a_desk, china
from tests.data.test_rebuilding import a_county

GUARDS = {
    "sqlite": ("DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete", "DROP TRIGGER chain_no_update",
               "DROP TRIGGER chain_no_delete"),
    "postgresql": ("ALTER TABLE events DISABLE TRIGGER USER", "ALTER TABLE chain DISABLE TRIGGER USER"),
}  # fmt: skip


@pytest.fixture
def county(engine: Engine) -> Engine:
    """A database with a few cases that have gone many ways."""
    desk = replace(a_desk(), store=SqlCaseStore(engine))
    Walk(LITTER, desk, "0", contact={"name": "王小明", "phone": "13800001234"}).do("accepted").do(
        "commented", text="老王说"
    )
    a_county(desk)
    return engine


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """A transaction of somebody who has taken the guards away; it is undone at the end."""
    with engine.connect() as connection:
        transaction = connection.begin()
        for statement in GUARDS[engine.dialect.name]:
            connection.exec_driver_sql(statement)
        yield connection
        transaction.rollback()


def looked_at(connection: Connection) -> list[Fault]:
    """What is found in this moment, but for the guards that the test took away."""
    found = verify(lambda: nullcontext(connection), china())
    return [fault for fault in found.faults if fault.what is not Wrong.GUARD]


def whole(engine: Engine) -> Verified:
    """What is found now; everything must be well."""
    found = verify(engine, china())
    assert found.faults == []
    return found


def events_of(connection: Connection) -> list[Any]:
    """All events by revision."""
    return list(connection.execute(select(tables.events).order_by(tables.events.c.revision)))


def test_the_chain_of_untouched_events_is_whole(county: Engine) -> None:
    found = whole(county)
    with reading(county) as connection:
        assert found.last == len(events_of(connection)) > 30
    assert found.cases == 6
    assert found.anchor is not None
    assert found.anchor.revision == found.last


def test_an_independent_count_of_the_form_gives_the_same_hash(county: Engine) -> None:
    """The form as docs/backup.md describes it, written down a second time."""

    def dump(value: object) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    before = sha256(b"OneMap chain of events, version 1").digest()
    with reading(county) as connection:
        for event in events_of(connection):
            row = connection.execute(select(tables.chain).where(tables.chain.c.revision == event.revision)).one()
            data, personal = json.loads(json.dumps(event.data)), {}
            if event.kind == "received":
                for name in ("contact", "description", "photos", "attributes"):
                    personal[f"report.{name}"] = data["report"].pop(name)
            else:
                personal = {name: data.pop(name) for name in ("text", "reason", "view", "finding") if name in data}
            sealed = {
                path: sha256(sha256(row.salt + path.encode()).digest() + dump(value)).hexdigest()
                for path, value in personal.items()
            }
            instants = [round(at.timestamp() * 1_000_000) for at in (event.occurred_at, event.recorded_at)]
            columns = [event.number, event.kind, *instants, event.actor, event.leg, data, sealed]
            digests = b"".join(sha256(dump(value)).digest() for value in columns)
            before = sha256(before + event.revision.to_bytes(8, "big") + digests).digest()
            assert before == row.hash, event


def changes(data: st.DataObject, event: Any, others: list[Any]) -> tuple[str, Any]:
    """A column of an event, and another value for it."""
    column = data.draw(st.sampled_from(["number", "kind", "occurred_at", "recorded_at", "actor", "leg", "data"]))
    old = getattr(event, column)
    if column == "number":
        new = data.draw(st.sampled_from(sorted({other.number for other in others} - {old})))
    elif column == "kind":
        new = data.draw(st.sampled_from([kind.value for kind in EventKind if kind != old]))
    elif column in ("occurred_at", "recorded_at"):
        new = old + data.draw(
            st.timedeltas(min_value=-(old - old.replace(year=2025)), max_value=old - old.replace(year=2025)).filter(
                bool
            )
        )
    elif column == "actor":
        new = data.draw(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])).filter(lambda a: a != old)
        )
    elif column == "leg":
        new = data.draw(st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)).filter(lambda leg: leg != old))
    else:
        new = data.draw(changed_json(old))
    return column, new


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    st.just([]),
    st.just({}),
)


@st.composite
def changed_json(draw: st.DrawFn, old: Any) -> Any:
    """A JSON value in which one place is another than it was: changed, removed or added."""

    def written(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    if isinstance(old, dict) and old and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(old)))
        if draw(st.booleans()):
            return {name: value for name, value in old.items() if name != key}
        return old | {key: draw(changed_json(old[key]))}
    if isinstance(old, dict):
        return old | {draw(st.text("abc", min_size=1).filter(lambda key: key not in old)): draw(VALUES)}
    return draw(VALUES.filter(lambda value: written(value) != written(old)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_column_of_any_event_is_found_and_named(county: Engine, data: st.DataObject) -> None:
    with tampering(county) as connection:
        events = events_of(connection)
        event = data.draw(st.sampled_from(events))
        column, new = changes(data, event, events)
        table = tables.events
        connection.execute(update(table).where(table.c.revision == event.revision).values({column: new}))
        found = [
            fault for fault in looked_at(connection) if fault.revision == event.revision and fault.what is Wrong.CHANGED
        ]
        assert found, (column, new)
        with reading(county) as untouched:
            number = untouched.execute(select(tables.chain.c.number).where(tables.chain.c.revision == event.revision))
            assert found[0].number == number.scalar_one()
        assert column in found[0].detail


@pytest.mark.parametrize("column", ["hash", "tags", "salt", "number"])
def test_a_change_of_the_chain_itself_is_found(county: Engine, column: str) -> None:
    with tampering(county) as connection:
        new: Any = "CX20260304-00002" if column == "number" else b"\x01" * {"hash": 32, "tags": 32, "salt": 16}[column]
        connection.execute(update(tables.chain).where(tables.chain.c.revision == 3).values({column: new}))
        assert {fault.revision for fault in looked_at(connection)} in ({3}, {3, 4})


def test_a_removed_event_is_named_with_its_case(county: Engine) -> None:
    with tampering(county) as connection:
        event = events_of(connection)[4]
        connection.execute(delete(tables.events).where(tables.events.c.revision == 5))
        fault = next(fault for fault in looked_at(connection) if fault.what is Wrong.REMOVED)
        assert (fault.revision, fault.number) == (5, event.number)


def test_an_event_that_is_removed_with_its_link_leaves_a_gap(county: Engine) -> None:
    with tampering(county) as connection:
        for table in (tables.events, tables.chain):
            connection.execute(delete(table).where(table.c.revision.in_([5, 6])))
        fault = next(fault for fault in looked_at(connection) if fault.what is Wrong.MISSING)
        assert (fault.revision, "5 to 6" in fault.detail) == (5, True)


def test_events_that_change_places_are_named(county: Engine) -> None:
    with tampering(county) as connection:
        rows = {event.revision: dict(event._mapping) for event in events_of(connection)}
        for revision, other in ((4, 9), (9, 4)):
            values = rows[other] | {"revision": revision}
            connection.execute(update(tables.events).where(tables.events.c.revision == revision).values(values))
        changed = {fault.revision for fault in looked_at(connection) if fault.what is Wrong.CHANGED}
        assert changed == {4, 9}


def test_an_inserted_event_is_named(county: Engine) -> None:
    with tampering(county) as connection:
        row = dict(events_of(connection)[-1]._mapping)
        last = row["revision"]
        connection.execute(insert(tables.events), row | {"revision": last + 1})
        faults = looked_at(connection)
        assert (Wrong.INSERTED, last + 1) in {(fault.what, fault.revision) for fault in faults}
        assert row["number"] in {fault.number for fault in faults if fault.what is Wrong.STATE}, "and the case differs"
        counters = tables.counters
        connection.execute(update(counters).where(counters.c.name == tables.REVISION).values(value=last + 1))
        assert (Wrong.INSERTED, last + 1) in {(fault.what, fault.revision) for fault in looked_at(connection)}


def test_whoever_writes_the_rest_of_the_chain_anew_is_found_by_an_anchor(county: Engine) -> None:
    known = whole(county).anchor
    assert known is not None
    with tampering(county) as connection:
        connection.execute(update(tables.events).where(tables.events.c.revision == 2).values(actor="scjg"))
        # What an intruder would do who knows the form.
        connection.execute(delete(tables.chain))
        rechain(connection)
        silent = [fault for fault in looked_at(connection) if fault.what is not Wrong.STATE]
        assert silent == []
        found = verify(lambda: nullcontext(connection), china(), anchor=known)
        assert Wrong.ANCHOR in {fault.what for fault in found.faults}


def rechain(connection: Connection) -> None:
    """Chain everything anew."""
    chain_events(connection, tables.chain)


def test_events_lost_at_the_end_are_found_by_an_anchor(county: Engine) -> None:
    known = whole(county).anchor
    assert known is not None
    with tampering(county) as connection:
        number = events_of(connection)[-1].number
        for table in (tables.events, tables.chain):
            connection.execute(delete(table).where(table.c.revision == known.revision))
        counters = tables.counters
        connection.execute(update(counters).where(counters.c.name == tables.REVISION).values(value=known.revision - 1))
        found = verify(lambda: nullcontext(connection), china(), anchor=known)
        assert Wrong.ANCHOR in {fault.what for fault in found.faults}
        assert number in {fault.number for fault in found.faults}, "the case says that it has gone further"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE events SET actor = 'x'", "DELETE FROM events", "UPDATE chain SET hash = hash", "DELETE FROM chain"],
)
def test_the_database_refuses_changes_of_events_and_of_the_chain(county: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), writing(county) as connection:
        connection.execute(text(statement))


def test_the_door_of_erasure_lets_nothing_but_data_and_salt_change(county: Engine) -> None:
    with writing(county) as connection:
        connection.execute(insert(tables.erasing).values(revision=1))
    for table, change in ((tables.events, {"actor": "x"}), (tables.chain, {"hash": b"\x00" * 32})):
        with pytest.raises(DBAPIError, match="append-only"), writing(county) as connection:
            connection.execute(update(table).where(table.c.revision == 1).values(change))
    assert [(fault.what, fault.revision) for fault in verify(county, china()).faults] == [(Wrong.GUARD, 1)]


def test_events_of_before_the_chain_are_chained_by_the_migration(county: Engine) -> None:
    before = whole(county).last
    migrate(county, "0008")
    migrate(county)
    assert whole(county).last == before
    walk = Walk(LITTER, replace(a_desk(), store=SqlCaseStore(county)), "later")
    assert walk.state.revision == before + 1
    assert whole(county).last == before + 1


def test_a_long_history_is_chained_in_parts(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(county, "0008")
    monkeypatch.setattr("data.migrations.versions.v0009_chain.AT_ONCE", 3)
    monkeypatch.setattr("data.verifying.WINDOW", 4)
    migrate(county)
    whole(county)


def test_events_that_are_written_together_are_chained_in_their_order(engine: Engine) -> None:
    desk: Desk = replace(a_desk(), store=SqlCaseStore(engine))
    first = Walk(LITTER, desk, "1")
    Walk(LITTER, desk, "2").do("merged", into=first.state.number, reason="同一件事")
    whole(engine)
