"""Bringing a database to the version that this program knows, or saying why that cannot be."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from sync.hub.storage import schema
from sync.hub.words import Told, Words

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = schema.VERSION
VERSION_TABLE = "alembic_version"


def version_of(connection: Connection) -> str | None:
    """The version of a database; None while it is empty."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()


def check(found: str | None, *, may_migrate: bool = True) -> None:
    """Sees that this program has a way from a version to its own, and may go it.

    Raises:
        Told: it was written by a newer program, or by an older one and `may_migrate` is False.

    """
    if found in {None, NEWEST}:
        return
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - a tenth of a second that is seldom needed

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        raise Told(_NEWER, found=found, ours=NEWEST)
    if not may_migrate:
        raise Told(_OLDER, found=found, ours=NEWEST)


def upgrade(connection: Connection, to: str = NEWEST) -> None:
    """Runs migrations up to a version inside the connection's transaction, and tells the tills.

    Raises:
        Told: the database was written by a newer program.

    """
    from alembic import command  # noqa: PLC0415 - as above

    found = version_of(connection)  # asked here: another worker may have migrated it meanwhile
    check(found)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    if found is not None and found != NEWEST and to == NEWEST:
        from sync.hub.storage import upgrading  # noqa: PLC0415 - it needs the whole hub, this module only SQL

        upgrading.tell_tills(connection)


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(files("sync.hub.storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


_NEWER = Words(
    "这个数据目录属于更新版本的 pos-hub（数据版本 {found}，本程序只到 {ours}）。请安装更新的版本再打开。",
    "This data folder belongs to a newer pos-hub (its schema is {found}, this program knows "
    "{ours}). Install the newer version to open it.",
)
_OLDER = Words(
    "这个数据目录还是旧版本（数据版本 {found}，本程序需要 {ours}）。"
    "请先备份（pos-hub backup），再运行 pos-hub migrate。",
    "This data folder is of an older version (its schema is {found}, this program needs {ours}). "
    "Make a backup first (pos-hub backup), then run pos-hub migrate.",
)
