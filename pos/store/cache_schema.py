"""`cache.db`: what the hub told, rebuildable from it; its tables are agreed with the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos.store.schema import Schema, Step
from sync.protocol import cache_tables

if TYPE_CHECKING:
    from pos.store.sqlite import Database


def _step(statements: tuple[str, ...]) -> Step:
    def take(database: Database) -> None:
        for statement in statements:
            database.execute(statement)

    return take


CACHE_SCHEMA = Schema(tuple(_step(statements) for statements in cache_tables.STEPS))
