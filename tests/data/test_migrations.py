"""The tables come from migrations: forward, back, from anywhere, and equal to what the code declares."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, delete, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from cases.desk import EventRequest
from cases.history import fold
from data import tables, views
from data.engine import MIGRATIONS, UnknownDatabase, migrate, open_engine, reading, writing
from data.rebuilding import rebuild
from data.store import SqlCaseStore
from tests.cases.factories import Walk, a_desk, china
from tests.data.samples import add, comment
from tests.environment.postgres import Server

OWN_TABLES = set(tables.metadata.tables)


def versions() -> list[str]:
    """All versions, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return [step.revision for step in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def shape(engine: Engine) -> dict[str, Any]:
    """What a database says of its own tables."""
    found = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in found.get_columns(table)
                if column["name"] != "geom"
            },
            "primary key": found.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted(tuple(unique["column_names"]) for unique in found.get_unique_constraints(table)),
            "foreign keys": sorted(
                (tuple(key["constrained_columns"]), key["referred_table"]) for key in found.get_foreign_keys(table)
            ),
            "checks": {check["name"]: check["sqltext"] for check in found.get_check_constraints(table)},
            "indexes": {
                index["name"]: (
                    index["column_names"],
                    {k: str(v) for k, v in index["dialect_options"].items() if "where" in k},
                )
                for index in found.get_indexes(table)
                if index["name"] != "ix_cases_geom"
            },
        }
        for table in OWN_TABLES
    }


@pytest.fixture
def bare_engine(database_url: str, postgresql_server: Server, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without tables, of the same kind as `engine`."""
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path}/bare.db"
    else:
        url = postgresql_server.url(postgresql_server.create())
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_the_migrated_tables_are_the_ones_that_the_code_declares(engine: Engine, bare_engine: Engine) -> None:
    tables.metadata.create_all(bare_engine)
    declared = shape(bare_engine)
    if engine.dialect.name == "postgresql":
        # Events are parted by the month of their recording, which their key must then name.
        declared["events"]["primary key"] = ["revision", "recorded_at"]
    assert shape(engine) == declared


def test_migrations_lead_back_and_forward_again_with_cases_in_the_database(engine: Engine) -> None:
    store = SqlCaseStore(engine)
    kept = comment(store, add(store))
    migrate(engine)
    assert views.case_page(engine, kept.number).state == kept
    for version in [*reversed(versions()[:-1]), "base"]:
        migrate(engine, version)
    assert not OWN_TABLES & set(inspect(engine).get_table_names())
    for version in versions():
        migrate(engine, version)
    assert add(store).revision == 1


def test_legs_of_a_database_older_than_arrangements_come_up_without_any(engine: Engine) -> None:
    kept = add(SqlCaseStore(engine))
    migrate(engine, "0001")
    assert "arrangements" not in {column["name"] for column in inspect(engine).get_columns("legs")}
    migrate(engine)
    assert views.case_page(engine, kept.number).state == kept
    assert [leg.arrangements for leg in kept.legs] == [()]


OLD_TABLES = ("counters", "cases", "legs", "clocks", "spans", "events")
OLD_LEGS = ("arrived_m", "visit", "basis", "urged", "supervised_at", "replied_at")
OLD_CASES = ("subject", "visit", "checks", "answered_at", "boundaries")


def an_old_case(store: SqlCaseStore) -> Walk:
    """A case of before the closed loop, from its first event to the end: events that said less than they do now."""
    walk = Walk(desk=replace(a_desk(), store=store)).do("disputed").do("settled").do("accepted").do("supervised")
    return walk.findings().do("finished").do("reopened").do("finished").do("verified").do("closed")


def as_it_was(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as version 0002 would have written it."""
    gone = {"legs": OLD_LEGS, "cases": OLD_CASES}.get(table, ())
    if table == "events":
        data = dict(row["data"])
        if row["kind"] in ("disputed", "settled", "supervised"):
            data = {}
        elif row["kind"] == "received":
            data |= {"budgets": {kind: one for kind, one in data["budgets"].items() if kind != "adjudicate"}}
        row = row | {"data": data}
    return {name: value for name, value in row.items() if name not in gone}


def test_a_database_of_before_the_closed_loop_comes_up_with_its_events(engine: Engine, bare_engine: Engine) -> None:
    walk = an_old_case(SqlCaseStore(engine))
    migrate(bare_engine, "0002")
    with reading(engine) as source, writing(bare_engine) as target:
        for name in OLD_TABLES:
            table = tables.metadata.tables[name]
            rows = [as_it_was(name, dict(row._mapping)) for row in source.execute(select(table))]
            if name == "counters":
                target.execute(delete(table))
                rows = [row for row in rows if row["name"] != tables.BOUNDARIES]
            target.execute(insert(table), rows)
    before = stored(bare_engine)
    migrate(bare_engine)
    assert stored(bare_engine) == before, "every event, in its order"
    assert [event[1] for event in before] == [event.kind for event in walk.events]
    assert "ix_events_number_revision" in {index["name"] for index in inspect(bare_engine).get_indexes("events")}
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="events are append-only"), writing(bare_engine) as connection:
            connection.execute(text(statement))
    # What the old version did not keep beside the events comes with a rebuild; then the case goes on.
    number = walk.state.number
    assert rebuild(bare_engine, china()).changed == (number,)
    page = views.case_page(bare_engine, number)
    assert page.state == fold(page.events, china(), number)
    assert [one.decided for one in page.state.disputes] == ["zhzf"]
    assert rebuild(bare_engine, china()).changed == ()
    desk = replace(a_desk(), store=SqlCaseStore(bare_engine))
    answer = EventRequest("answered", walk.at, "grid", data={"channel": "phone"})
    assert desk.record(number, answer, walk.at).answered_at == walk.at


def stored(engine: Engine) -> list[Any]:
    """Every event as it stands in the table."""
    with reading(engine) as connection:
        rows = connection.execute(
            text("SELECT revision, kind, occurred_at, recorded_at, actor, leg, data FROM events ORDER BY revision")
        )
        return [tuple(row) for row in rows]


def test_a_migration_that_fails_leaves_everything_as_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqlCaseStore(engine)
    kept = add(store)
    # The first table that goes back to `base` is dropped before this view is in its way.
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE mine (number TEXT REFERENCES cases (number))"))
        connection.execute(text("INSERT INTO mine SELECT number FROM cases"))
    with pytest.raises(Exception, match=r"(?i)foreign key|depend"):
        migrate(engine, "base")
    assert views.case_page(engine, kept.number).state == kept


def test_migrations_work_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_engine("sqlite:///var/onemap.db")
    migrate(engine)
    assert (tmp_path / "var" / "onemap.db").exists()
    assert set(inspect(engine).get_table_names()) > OWN_TABLES
    engine.dispose()


def test_a_point_can_be_opened_in_a_map_program(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    store = SqlCaseStore(engine)
    add(store, "1")
    nowhere: dict[str, Any] = dict.fromkeys(("lon", "lat"))
    add(store, "2", **nowhere)
    with reading(engine) as connection:
        points = connection.execute(text("SELECT ST_AsText(geom), ST_SRID(geom) FROM cases ORDER BY number")).all()
    assert [tuple(point) for point in points] == [("POINT(121.2663412 30.1701234)", 4490), (None, None)]
    engine.dispose()


def test_without_the_right_to_install_postgis_everything_else_works(postgresql_server: Server) -> None:
    admin = open_engine(postgresql_server.url(name := postgresql_server.create()))
    with writing(admin) as connection:
        connection.execute(text(f"CREATE ROLE clerk_{name} LOGIN"))
        connection.execute(text(f"GRANT ALL ON SCHEMA public TO clerk_{name}"))
    admin.dispose()
    engine = open_engine(admin.url.set(username=f"clerk_{name}"))
    migrate(engine)
    store = SqlCaseStore(engine)
    assert views.case_page(engine, add(store).number).state.lon == 121.2663412
    assert "geom" not in {column["name"] for column in inspect(engine).get_columns("cases")}
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/onemap", "duckdb:///x.db"])
def test_a_database_that_cannot_keep_cases_is_refused(url: str) -> None:
    with pytest.raises(UnknownDatabase, match="sqlite:///"):
        open_engine(url)


def test_opening_connects_to_nothing() -> None:
    open_engine("postgresql://nobody@127.0.0.1:1/nowhere").dispose()
