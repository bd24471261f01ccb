"""Where Alembic enters: it runs on the connection and in the transaction that `data.engine.migrate` holds."""

from alembic import context

from data import tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
