"""Alembic's scripts; `sync.hub.storage.database` runs them, no alembic.ini is needed."""
