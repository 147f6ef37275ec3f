"""Runs the migrations on the connection (and inside the transaction) that the hub hands over."""

from alembic import context

from sync.hub.storage.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
