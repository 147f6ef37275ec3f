"""Schema versions: a file states its own in `user_version`; steps bring it up, one transaction each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pos.domain.message import say
from pos.store.sqlite import Connection, connect_reader, database_of, storage_trouble
from pos.usecases.ports import StorageTrouble

if TYPE_CHECKING:
    from pos.store.sqlite import Database

Step = Callable[["Database"], None]


class NewerData(StorageTrouble):
    """The file was written by a newer version of the program; it has not been touched."""


class OlderData(StorageTrouble):
    """The file was written by an older version of the program, and may not be changed by who only looks."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Step n brings a file from version n to n + 1. Steps that were released never change."""

    steps: tuple[Step, ...]

    @property
    def version(self) -> int:
        return len(self.steps)


def refuse_newer(path: Path, schema: Schema) -> None:
    """Looks before anything may write.

    Raises:
        NewerData: the file's version is above the schema's.
        StorageTrouble: it cannot be read, or is no database.

    """
    if not path.exists():
        return
    connection = connect_reader(path)
    try:
        with storage_trouble(path):
            found = _version(connection)
    finally:
        connection.close()
    if found > schema.version:
        raise NewerData(
            say(
                "数据文件 {file} 是第 {found} 版，本程序只认识到第 {known} 版；"
                "请装回较新的收银程序（文件没有改动）",
                file=path.name,
                found=found,
                known=schema.version,
            )
        )


def refuse_older(path: Path, schema: Schema) -> None:
    """For who may only look: a file that still has steps to take cannot be read as it should be.

    Raises:
        OlderData: an older program wrote it.
        StorageTrouble: it cannot be read, or is no database.

    """
    connection = connect_reader(path)
    try:
        with storage_trouble(path):
            found = _version(connection)
    finally:
        connection.close()
    if found < schema.version:
        raise older(path.name)


def older(file: str) -> OlderData:
    """What to say about a file that the till has not brought up to this program yet."""
    return OlderData(
        say("数据文件 {file} 是旧版程序留下的；请先打开一次收银机，让它升级数据，再查看", file=file)
    )


def migrate(connection: Connection, schema: Schema) -> None:
    """Takes the steps that are missing. Each is whole or not there."""
    if _version(connection) >= schema.version:
        return
    database = database_of(connection)
    for number in range(_version(connection), schema.version):
        with database.atomic():
            schema.steps[number](database)
            database.execute(f"PRAGMA user_version = {number + 1:d}")


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchall()[0][0])
