"""One thread, one connection: what holds for every write."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from pos.store import writer as writers
from pos.store.schema import Schema
from pos.store.sqlite import Readers
from pos.store.writer import SingleWriter


class StopError(Exception):
    pass


def _notes(database: Database) -> None:
    database.execute("CREATE TABLE notes (text TEXT NOT NULL) STRICT")


SCHEMA = Schema((_notes,))
FULL, NORMAL = 2, 1


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[SingleWriter]:
    opened = SingleWriter(tmp_path / "notes.db", SCHEMA, checkpoint_apart=True)
    yield opened
    opened.close()


def ask(writer: SingleWriter, sql: str) -> Any:
    assert writer._connection is not None
    return writer._connection.execute(sql).fetchall()[0][0]


def note(writer: SingleWriter, text: str) -> None:
    with writer.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES (?)", (text,))


def count(writer: SingleWriter) -> int:
    return int(writer.run(lambda: ask(writer, "SELECT count(*) FROM notes")))


def test_operations_run_in_order_on_one_thread(writer: SingleWriter) -> None:
    seen: list[tuple[int, threading.Thread]] = []

    def operation(number: int) -> Callable[[], None]:
        return lambda: seen.append((number, threading.current_thread()))

    futures = [writer.submit(operation(number)) for number in range(50)]
    for future in futures:
        future.result()
    assert [number for number, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] is not threading.current_thread()


def test_a_transaction_belongs_to_the_writers_thread(writer: SingleWriter) -> None:
    with pytest.raises(AssertionError, match="writer's thread"), writer.transaction():
        pass


def test_run_on_the_writers_own_thread_does_not_wait_for_itself(writer: SingleWriter) -> None:
    assert writer.run(lambda: writer.run(lambda: writer.here)) is True


def test_it_rolls_back_unless_it_commits(writer: SingleWriter) -> None:
    def fail() -> None:
        with writer.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES ('half')")
            raise StopError

    with pytest.raises(StopError):
        writer.run(fail)
    assert count(writer) == 0
    writer.run(lambda: note(writer, "whole"))
    assert count(writer) == 1


def test_a_full_transaction_is_synchronous(writer: SingleWriter) -> None:
    def look() -> int:
        with writer.transaction():
            return int(ask(writer, "PRAGMA synchronous"))

    assert writer.run(look) == FULL


@pytest.mark.parametrize("fails", [False, True])
def test_a_relaxed_transaction_leaves_the_next_one_synchronous(writer: SingleWriter, *, fails: bool) -> None:
    inside: list[int] = []

    def relax() -> None:
        with writer.relaxed():
            inside.append(ask(writer, "PRAGMA synchronous"))
            if fails:
                raise StopError

    if fails:
        with pytest.raises(StopError):
            writer.run(relax)
    else:
        writer.run(relax)
    assert inside == [NORMAL]
    assert writer.run(lambda: ask(writer, "PRAGMA synchronous")) == FULL


def test_commits_never_checkpoint_and_a_checkpoint_comes_after_many(
    writer: SingleWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "COMMITS_PER_CHECKPOINT", 5)
    statements: list[str] = []

    def listen() -> None:
        assert writer._connection is not None
        writer._connection.set_trace_callback(statements.append)

    writer.run(listen)
    assert writer.run(lambda: ask(writer, "PRAGMA wal_autocheckpoint")) == 0
    for number in range(5):
        writer.run(lambda number=number: note(writer, str(number)))  # type: ignore[misc]
    writer.run(lambda: None)
    checkpoints = [place for place, sql in enumerate(statements) if "wal_checkpoint" in sql]
    assert len(checkpoints) == 1
    assert statements[: checkpoints[0]].count("COMMIT") == 5
    assert count(writer) == 5


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    writer = SingleWriter(tmp_path / "notes.db", SCHEMA, checkpoint_apart=True)
    writer.run(lambda: note(writer, "kept"))
    writer.close()
    writer.close()
    again = SingleWriter(tmp_path / "notes.db", SCHEMA, checkpoint_apart=True)
    assert count(again) == 1
    again.close()


def test_each_migration_step_is_taken_once(tmp_path: Path) -> None:
    def _more(database: Database) -> None:
        database.execute("ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT '-'")

    first = SingleWriter(tmp_path / "notes.db", SCHEMA, checkpoint_apart=True)
    first.run(lambda: note(first, "old"))
    first.close()
    for _ in range(2):
        second = SingleWriter(tmp_path / "notes.db", Schema((_notes, _more)), checkpoint_apart=True)
        assert second.run(lambda: ask(second, "SELECT author FROM notes")) == "-"  # noqa: B023 - runs at once
        assert second.run(lambda: ask(second, "PRAGMA user_version")) == 2  # noqa: B023
        second.close()


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    def _broken(database: Database) -> None:
        database.execute("CREATE TABLE half (x) ")
        raise StopError

    path = tmp_path / "notes.db"
    SingleWriter(path, SCHEMA, checkpoint_apart=True).close()
    with pytest.raises(StopError):
        SingleWriter(path, Schema((_notes, _broken)), checkpoint_apart=True)
    writer = SingleWriter(path, SCHEMA, checkpoint_apart=True)
    assert writer.run(lambda: ask(writer, "PRAGMA user_version")) == 1
    assert writer.run(lambda: ask(writer, "SELECT count(*) FROM sqlite_master WHERE name = 'half'")) == 0
    writer.close()


def test_a_reader_whose_thread_has_ended_does_not_keep_the_wal(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    writer = SingleWriter(path, SCHEMA, checkpoint_apart=True)
    readers = Readers(path)
    reading = threading.Thread(target=lambda: readers.rows("SELECT 1 FROM sqlite_master"))
    reading.start()
    reading.join()
    readers.close()
    writer.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file.db"]
