"""The chain of hashes over the events, and a door in the guard of the events for what must be erased by law."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from cases.events import Event, EventKind
from data.chain import GENESIS, links
from data.tables import Document, Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT_ONCE = 2000
"""Events that are held in memory at once."""
KEPT = {
    "events": "revision number kind occurred_at recorded_at actor leg",
    "chain": "revision number hash tags",
}
"""What not even an erasure may change."""
EVENTS = sa.table(
    "events",
    sa.column("revision", sa.BigInteger),
    sa.column("number", sa.Text),
    sa.column("kind", sa.Text),
    sa.column("occurred_at", Instant),
    sa.column("recorded_at", Instant),
    sa.column("actor", sa.Text),
    sa.column("leg", sa.Integer),
    sa.column("data", Document),
)
REFUSED = {"events": "events are append-only", "chain": "the chain of events is append-only"}


def upgrade() -> None:
    """Make the tables, chain the events that are there, and guard both."""
    chain = op.create_table(
        "chain",
        sa.Column("revision", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("tags", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("erased", Document),
        sa.PrimaryKeyConstraint("revision", name="pk_chain"),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_chain_hash")),
        sa.CheckConstraint("salt IS NULL OR erased IS NULL", name=op.f("ck_chain_salt")),
    )
    where: dict[str, Any] = {f"{name}_where": sa.text("erased IS NOT NULL") for name in ("sqlite", "postgresql")}
    op.create_index("ix_chain_erased", "chain", ["revision"], **where)
    op.create_table(
        "erasing",
        sa.Column("revision", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("revision", name="pk_erasing"),
    )
    chain_events(op.get_bind(), chain)
    open_door()


def downgrade() -> None:
    """Take the chain away; what was erased stays erased."""
    close_door()
    op.drop_table("chain")
    op.drop_table("erasing")


def chain_events(connection: sa.Connection, chain: sa.Table) -> None:
    """Chain the events, some thousand at a time."""
    before, after = GENESIS, 0
    while True:
        page = list(read(connection, after))
        if not page:
            return
        rows = []
        for number, event in page:
            rows += links(before, number, [event])
            before = rows[-1]["hash"]
        connection.execute(chain.insert(), rows)
        after = page[-1][1].revision


def read(connection: sa.Connection, after: int) -> Iterator[tuple[str, Event]]:
    """Read some events with the number of their case, the next after a revision."""
    query = sa.select(EVENTS).where(EVENTS.c.revision > after).order_by(EVENTS.c.revision).limit(AT_ONCE)
    for row in connection.execute(query):
        kind = EventKind(row.kind)
        yield row.number, Event(kind, row.occurred_at, row.recorded_at, row.actor, row.leg, row.data, row.revision)


def open_door() -> None:
    """Let the data of an event, and its salt, change while its revision stands in `erasing`; nothing else, ever."""
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in KEPT.items():
            same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in columns.split())
            op.execute(
                f"CREATE OR REPLACE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF TG_OP = 'UPDATE' THEN"
                f" IF {same} AND EXISTS (SELECT FROM erasing WHERE erasing.revision = OLD.revision)"
                " THEN RETURN NEW; END IF; END IF;"
                f" RAISE EXCEPTION '{REFUSED[table]}'; END $$"
            )
        op.execute("CREATE TRIGGER chain_append_only BEFORE UPDATE OR DELETE ON chain"
                   " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_chain()")
        op.execute("CREATE TRIGGER chain_no_truncate BEFORE TRUNCATE ON chain"
                   " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_chain()")
        return
    op.execute("DROP TRIGGER events_no_update")
    for table, columns in KEPT.items():
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns.split())
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            f" WHEN NOT ({same} AND EXISTS (SELECT 1 FROM erasing WHERE erasing.revision = OLD.revision))"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSED[table]}'); END"
        )
    op.execute(f"CREATE TRIGGER chain_no_delete BEFORE DELETE ON chain"
               f" BEGIN SELECT RAISE(ABORT, '{REFUSED['chain']}'); END")


def close_door() -> None:
    """Guard the events as before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE OR REPLACE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS"
                   f" $$ BEGIN RAISE EXCEPTION '{REFUSED['events']}'; END $$")
        op.execute("DROP TRIGGER chain_append_only ON chain")
        op.execute("DROP TRIGGER chain_no_truncate ON chain")
        op.execute("DROP FUNCTION refuse_change_of_chain()")
        return
    op.execute("DROP TRIGGER events_no_update")
    op.execute("CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
               f" BEGIN SELECT RAISE(ABORT, '{REFUSED['events']}'); END")
