"""One door to the database: write transactions, read transactions, and its schema version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from sqlalchemy import URL, Connection, event, inspect, text
from sqlalchemy.exc import OperationalError

from sync.hub.storage import engines, schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.words import Told, Words


class Database:
    """Any number of readers; one writer at a time, over all threads and processes (see `engines`)."""

    def __init__(self, url: URL) -> None:
        self._engine, self._kind = engines.connect(url)
        self.dialect = self._engine.dialect.name
        event.listen(self._engine, "begin", self._begin)
        self._reader = self._engine.execution_options(hub_writes=False)
        self._writer = self._engine.execution_options(hub_writes=True)

    def _begin(self, connection: Connection) -> None:
        self._kind.begin(connection, writes=connection.get_execution_options().get("hub_writes", False))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that sees nobody else's half-done work; rolled back when the block raises."""
        with self._kind.turn(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction in which everything read is of the same moment."""
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Closes all connections; SQLite's last one folds the WAL back, which is a write."""
        with self._kind.turn():
            self._engine.dispose()


def open_database(folder: DataFolder) -> Database:
    """Opens a folder's database, made or migrated to the version that this program knows.

    Raises:
        Told: it was written by a newer program, or PostgreSQL does not answer.

    """
    database = Database(url_of(folder))
    try:
        with database.read() as connection:
            found = _version(connection)
        if found != schema.VERSION:
            _migrate(database, found)
    except OperationalError as error:
        database.close()
        if database.dialect == "sqlite":
            raise
        raise Told(_AWAY, detail=str(error.orig).splitlines()[0][:200]) from error
    except BaseException:
        database.close()
        raise
    return database


def url_of(folder: DataFolder) -> URL:
    """Where a folder's database is: the server that `database.url` names, else the file in the folder."""
    if folder.database_url.is_file():
        return engines.postgresql_url(folder.database_url.read_text("utf-8").strip())
    return engines.sqlite_url(folder.database)


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
        raise Told(_NEWER, found=found, ours=schema.VERSION)
    with database.write() as connection:
        found = _version(connection)  # another worker may have migrated it meanwhile
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if found is not None and found != schema.VERSION:
            from sync.hub.storage import upgrading  # noqa: PLC0415 - it needs the whole hub, this module only SQL

            upgrading.tell_tills(connection)


_NEWER = Words(
    "这个数据目录属于更新版本的 pos-hub（数据版本 {found}，本程序只到 {ours}）。请安装更新的版本再打开。",
    "This data folder belongs to a newer pos-hub (its schema is {found}, this program knows "
    "{ours}). Install the newer version to open it.",
)
_AWAY = Words(
    "数据库连不上：{detail}。请检查 PostgreSQL 是否在运行、地址和密码是否正确，然后重试。",
    "The database does not answer: {detail}. Check that PostgreSQL runs and that its address and password "
    "are right, then try again.",
)
