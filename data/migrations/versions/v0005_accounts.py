"""Who may come in: accounts, sessions, tokens of walls and sources, failed attempts, and the record of all that.

Allowed values stand here as they were when this version was published, not as the code has them today.
"""

import sqlalchemy as sa
from alembic import op

from data.tables import Document, Instant

revision = "0005"
# The number was given before that of the version that came first: databases that have 0006 go on from there.
down_revision = "0006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
REFUSED = "the audit is append-only"


def upgrade() -> None:
    """Add the tables, and the counter that tells the processes that rights have changed."""
    create_accounts()
    create_tokens()
    create_records()
    op.execute("INSERT INTO counters (name, value) SELECT 'access', 0 WHERE NOT EXISTS"
               " (SELECT 1 FROM counters WHERE name = 'access')")
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER audit_no_{action.lower()} BEFORE {action} ON audit"
                       f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    op.execute("CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS"
               f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$")
    op.execute("CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit"
               " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit()")
    op.execute("CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
               " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit()")


def downgrade() -> None:
    """Take it all away: whoever reaches the server may do everything again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_append_only ON audit")
        op.execute("DROP TRIGGER audit_no_truncate ON audit")
        op.execute("DROP FUNCTION refuse_change_of_audit()")
    for table in ("audit", "attempts", "access_tokens", "sessions", "accounts"):
        op.drop_table(table)
    op.execute("DELETE FROM counters WHERE name = 'access'")


def create_accounts() -> None:
    """Accounts and their sessions."""
    op.create_table(
        "accounts",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("disabled_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
        rule("accounts", "way_in", "password IS NOT NULL OR subject IS NOT NULL"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("account", ROW_ID, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sessions_account"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])


def create_tokens() -> None:
    """Tokens of walls, and keys of sources."""
    op.create_table(
        "access_tokens",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("seen_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_access_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_access_tokens_token_hash"),
        rule("access_tokens", "kind", "kind IN ('kiosk', 'key')"),
        rule("access_tokens", "source", "(kind = 'key') = (source IS NOT NULL)"),
    )


def create_records() -> None:
    """Failed attempts, and what everybody did."""
    op.create_table(
        "attempts",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_attempts"),
    )
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("detail", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_account_id", "audit", ["account", "id"])
    op.create_index("ix_audit_at", "audit", ["at"])


def rule(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A named check."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
