"""Alembic's scripts; `sync.hub.database` runs them, no alembic.ini is needed."""
