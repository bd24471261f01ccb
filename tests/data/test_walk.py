"""Every version, down and up again, on both databases, with something in every table that the versions know.

What a step back takes away comes from a list here; everything else must be what it was, to the letter, on each version
on the way down, and again after the step forward.
"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, select, text
from sqlalchemy.exc import DBAPIError

from cases.events import EventKind
from data import tables
from data.engine import migrate, open_engine, reading, writing
from data.months import months_kept, strays
from data.store import SqlCaseStore
from tests.data.samples import DAY, NOON, add, an_event, comment
from tests.data.test_migrations import versions

SAMPLES: dict[str, dict[str, Any]] = {
    "list_versions": {
        "version": "2026-01", "effective_from": DAY, "source": "来源", "model": True,
        "published_at": NOON, "published_by": "zhzx",
    },
    "list_items": {"version": "2026-01", "list": "power", "position": 0, "code": "QL-001", "data": {"名称": "事项"}},
    "boundary_publications": {
        "id": 1, "region": "330282", "step": "published", "withdraws": None, "begins_on": DAY, "note": "调整",
        "actor": "admin", "recorded_at": NOON,
    },
    "boundary_layers": {"publication": 1, "layer": "township", "file": "a.gpkg", "sha256": "00", "report": {"行": 1}},
    "boundary_areas": {
        "publication": 1, "layer": "township", "position": 0, "code": "330282002", "series": "stats", "name": "浒山",
        "parent": None, "attributes": {"kind": "subdistrict"}, "outline": bytes(range(256)),
    },
    "boundary_drafts": {
        "id": "d1", "region": "330282", "file": "a.gpkg", "sha256": "00", "size": 3, "actor": "admin",
        "uploaded_at": NOON, "offers": {}, "state": "uploaded", "changed_at": NOON,
    },
    "boundary_draft_parts": {"draft": "d1", "position": 0, "content": b"\x00\xff"},
    "accounts": {
        "id": 1, "name": "li", "display": "李镇长", "role": "leader", "scope": "township:330282002", "password": "$x",
        "must_change": False, "subject": None, "created_at": NOON, "created_by": "boss", "disabled_at": None,
    },
    "sessions": {
        "token_hash": "h", "account": 1, "created_at": NOON, "seen_at": NOON, "ends_at": NOON, "address": "10.0.0.1",
    },
    "access_tokens": {
        "id": 1, "kind": "kiosk", "name": "东墙", "source": None, "token_hash": "t", "created_at": NOON,
        "created_by": "boss", "seen_at": None, "revoked_at": None,
    },
    "attempts": {"subject": "account:li", "failures": 2, "last_at": NOON},
    "audit": {"id": 1, "at": NOON, "what": "signed_in", "account": "li", "address": "", "target": "", "detail": {}},
    "saved_views": {"id": 1, "owner": "command", "name": "红色", "path": "/cases", "query": "a=b", "saved_at": NOON},
    "subjects": {"code": "91330282MA2XXXXXX1", "kind": "enterprise", "name": "某餐馆", "township": None, "since": NOON},
    "ratings": {
        "id": 1, "unit": "zhzf-hs", "period": "2026-11", "rater": "township", "score": 92.5, "reason": "及时",
        "actor": "330282002", "recorded_at": NOON,
    },
    "consultations": {
        "id": 1, "unit": "zhzf-hs", "township": "330282002", "step": "asked", "asked": None, "about": "任职",
        "document": "1号", "opinion": None, "remarks": "", "at": NOON, "actor": "zhzf", "recorded_at": NOON,
    },
    "leases": {"name": "notices", "holder": "a:1:x", "until": NOON},
    "exports": {
        "id": 1, "owner": "", "form": "parquet", "wanted": {}, "state": "done", "total": 1, "done": 1, "parts": [],
        "message": "", "asked_at": NOON, "begun_at": NOON, "begun_with": 0, "holder": None, "heard_at": None,
        "ended_at": NOON,
    },
    "placement_bases": {"boundaries": DAY, "content": "c", "revision": 1, "placed_at": NOON},
}  # fmt: skip
"""One row of each table that no case fills, in the order in which they refer to each other."""
OF_A_CASE: dict[str, dict[str, Any]] = {
    "visits": {
        "visit": "v1", "subject": "91330282MA2XXXXXX1", "ordinal": 1, "planned_at": NOON, "reason": None,
        "approved_by": None,
    },
    "notices": {
        "id": 1, "key": "k", "recipient": "command", "kind": "urged", "leg": 1, "level": 0, "data": {"句": "催办"},
        "made_at": NOON, "read_at": None, "read_by": None, "attempts": 0, "next_at": None, "sent_at": None,
        "failure": None,
    },
    "event_keys": {"key": "key", "body_hash": "hash", "revision": 1},
    "disputes": {
        "ordinal": 0, "leg": 1, "opened_at": NOON, "opened_by": "zhzf", "clause": "第三条", "wanted": None, "views": [],
        "budget": 5, "unit": "working_days", "amber_at": None, "due_at": None, "provisional": False,
        "settled_at": None, "decided": None, "decision": None, "ruling": None,
    },
    "stays": {
        "ordinal": 0, "cell": "c", "village": None, "township": "t", "areas": {"precinct": "61"}, "boundaries": None,
        "since": NOON, "until": NOON + timedelta(days=1),
    },
    "placements": {
        "boundaries": DAY, "lon": 121.3, "lat": 30.2, "cell": None, "village": None, "township": "t", "areas": {},
    },
}  # fmt: skip
TAKEN_BACK: dict[str, tuple[str, ...]] = {
    "0002": ("counters lists",),
    "0004": ("counters boundaries",),
    "0005": ("counters access",),
}
"""Rows that a version added to a table that was there before; its step back takes them away, and nothing else."""


def fill(engine: Engine) -> None:
    """Put something into every table, of kinds that the oldest version knows as well."""
    store = SqlCaseStore(engine)
    for count in range(25):
        state = comment(store, add(store, str(count), NOON + timedelta(days=9 * count)))
        if count % 3 == 0:
            closed = an_event(EventKind.SUSPENDED, NOON + timedelta(days=9 * count), reason="等待材料")
            store.append(state.number, state.revision, [closed], state)
    add(store, "nowhere", lon=None, lat=None, cell=None, village=None, township=None)
    number = "CX20260304-00001"
    with writing(engine) as connection:
        for name, row in SAMPLES.items():
            connection.execute(insert(tables.metadata.tables[name]), row)
        for name, row in OF_A_CASE.items():
            connection.execute(insert(tables.metadata.tables[name]), row | {"number": number})


def content(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that this version has, by names and by no type of ours."""
    found = MetaData()
    names = set(tables.metadata.tables)
    found.reflect(engine, only=lambda name, _: name in names)
    held = {}
    with reading(engine) as connection:
        for table in found.sorted_tables:
            columns = [column for column in table.columns if column.name != "geom"]
            rows = [dict(row._mapping) for row in connection.execute(select(*columns))]
            held[table.name] = sorted(rows, key=lambda row: repr(sorted(row.items())))
    return held


def kept(before: dict[str, Any], after: dict[str, Any], version: str) -> None:
    """Compare what both have: tables, columns, rows."""
    for name in before.keys() & after.keys():
        gone = {entry.split()[1] for entry in TAKEN_BACK.get(version, ()) if entry.split()[0] == name}
        rows = [row for row in before[name] if row.get("name") not in gone or not gone]
        other = [row for row in after[name] if row.get("name") not in gone or not gone]
        columns = set().union(*(row.keys() for row in rows)) & set().union(*(row.keys() for row in other))
        assert bool(rows) == bool(other), f"{name} at {version}"
        narrow = [
            sorted(repr(sorted((k, v) for k, v in row.items() if k in columns)) for row in found)
            for found in (rows, other)
        ]
        assert narrow[0] == narrow[1], f"{name} at {version}"


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_every_version_goes_down_and_up_again_with_a_filled_database(engine: Engine) -> None:
    fill(engine)
    whole = content(engine)
    empty = {name for name, rows in whole.items() if not rows}
    # The door of an erasure is open within its transaction only.
    assert empty == {"erasing"}, "a table that the walk does not try"
    chain = versions()
    for version, before in zip(reversed(chain[1:]), reversed(chain[:-1]), strict=True):
        here = content(engine)
        migrate(engine, before)
        below = content(engine)
        kept(here, below, version)
        migrate(engine, version)
        kept(below, content(engine), version)
        migrate(engine, before)
    migrate(engine)
    again = content(engine)
    for name in ("events", "spans", "clocks"):
        assert again[name] == whole[name], f"{name}: from the first version to the last one"


def test_parting_the_events_puts_each_into_its_month(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    migrate(engine, versions()[versions().index("0010") - 1])
    store = SqlCaseStore(engine)
    for count in range(14):
        add(store, str(count), NOON + timedelta(days=31 * count))
    migrate(engine)
    with reading(engine) as connection:
        found = connection.execute(text("SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1"))
        where = {row[0]: row[1] for row in found}
    # March 2026 to April 2027, one a month: no month is missed, the turn of the year neither.
    months = [f"events_{2026 + month // 12}_{month % 12 + 1:02d}" for month in range(2, 16)]
    assert where == dict.fromkeys(months, 1)
    assert strays(engine) == 0
    for table in ("events", *months_kept(engine)):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            if statement.startswith("TRUNCATE") or table in (*months, "events"):
                with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
                    connection.execute(text(statement))
    with reading(engine) as connection:
        names = connection.execute(
            text("SELECT indexname FROM pg_indexes WHERE tablename = 'events' ORDER BY 1")
        ).scalars()
        assert {"pk_events", "ix_events_number_revision", "ix_events_late_end"} <= set(names)
    with pytest.raises(DBAPIError, match="foreign key"), writing(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO events SELECT 99, 'CX-none', kind, occurred_at, recorded_at, actor, leg, data FROM events"
                " WHERE revision = 1"
            )
        )
    engine.dispose()
