"""One door to the database: write transactions, read transactions, and its schema version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, create_engine, event, inspect, text

from sync.hub.storage import schema
from sync.hub.words import Told, Words

_BUSY_TIMEOUT_MS = 10_000
_TURN_TIMEOUT_S = 30
_POOL_SIZE = 20


class Database:
    """A SQLite file. Any number of threads read; one writer at a time, over all processes.

    SQLite before 3.51.3 can lose a WAL reset when two connections write or checkpoint at once, so
    writers queue up at a lock of our own, not only at SQLite's.
    """

    def __init__(self, path: Path) -> None:
        engine = create_engine(URL.create("sqlite", database=str(path)), pool_size=_POOL_SIZE, max_overflow=0)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        self._engine = engine
        self._reader = engine.execution_options(begin="BEGIN")
        self._writer = engine.execution_options(begin="BEGIN IMMEDIATE")
        self._turn = threading.Lock()
        self._process_turn = FileLock(
            path.with_name("write.lock"), timeout=_TURN_TIMEOUT_S, poll_interval=0.005, thread_local=False
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that sees nobody else's half-done work; rolled back when the block raises."""
        with self._turn, self._process_turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction in which everything read is of the same moment."""
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Closes all connections; the last one folds the WAL back, which is a write."""
        with self._turn, self._process_turn:
            self._engine.dispose()


def open_database(path: Path) -> Database:
    """Opens the file, made or migrated to the version that this program knows.

    Raises:
        Told: the file was written by a newer program.

    """
    database = Database(path)
    try:
        with database.read() as connection:
            found = _version(connection)
        if found != schema.VERSION:
            _migrate(database, found)
    except BaseException:
        database.close()
        raise
    return database


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(database: Database, found: str | None) -> None:
    from alembic import command  # noqa: PLC0415 - a tenth of a second that only a migration needs
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(files("sync.hub.storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise Told(
            Words(
                "这个数据目录属于更新版本的 pos-hub（数据版本 {found}，本程序只到 {ours}）。"
                "请安装更新的版本再打开。",
                "This data folder belongs to a newer pos-hub (its schema is {found}, this program knows "
                "{ours}). Install the newer version to open it.",
            ),
            found=found,
            ours=schema.VERSION,
        )
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if found is not None:
            from sync.hub.storage import upgrading  # noqa: PLC0415 - it needs the whole hub, this module only SQL

            upgrading.tell_tills(connection)


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
