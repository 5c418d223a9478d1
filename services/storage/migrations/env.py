"""Alembic's entry: runs the migrations on the connection (and in the transaction) of `services.storage.schema`."""

from alembic import context

from services.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite too can roll back a schema change, now that BEGIN is ours.
    transactional_ddl=True,
)
context.run_migrations()
