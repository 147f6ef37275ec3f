from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from tests.cli.running import is_one_sentence, pos
from tests.usecases.sample_till import COLA, WATER, SampleTill


@pytest.fixture
def sold(data: Path) -> Path:
    """A folder whose journal has five entries: opened, configuration, three sales."""
    with open_till(data) as till:
        shop = SampleTill(till)
        for code in (WATER, COLA, WATER):
            shop.sell(code)
    return data


def tamper(data: Path, *statements: str) -> None:
    """Changes the file behind the program's back, its triggers out of the way."""
    with closing(sqlite3.connect(data / "journal.db")) as connection:
        for trigger in ("journal_is_never_changed", "journal_is_never_cut", "journal_grows_at_its_end"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_sound_journal(sold: Path) -> None:
    said = pos("journal", "verify", "--data", sold)
    assert said.status == 0
    ok, entries, head = said.out.split()
    assert (ok, entries) == ("ok", "5")
    assert pos("journal", "list", "--data", sold).lines[-1].endswith(head)


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE journal SET body = CAST(replace(body, '\"03\"', '\"04\"') AS BLOB) WHERE seq = 4", 4),
        ("UPDATE journal SET body = x'' WHERE seq = 3", 3),
        ("UPDATE journal SET body = CAST(body || ' ' AS BLOB) WHERE seq = 2", 2),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 5", 5),
        ("UPDATE journal SET prev_hash = zeroblob(32) WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("DELETE FROM journal", 1),
        ("UPDATE journal SET kind = 'drawer_opened' WHERE seq = 4", 4),
        ("UPDATE journal SET receipt_no = NULL WHERE seq = 4", 4),
        ("UPDATE journal SET receipt_no = 'S1-1-00000-9999' WHERE seq = 4", 4),
        ("UPDATE journal SET at = '2020-01-01T00:00:00+08:00' WHERE seq = 4", 4),
        ("UPDATE journal SET seq = 9 WHERE seq = 5", 5),
        ("UPDATE facts SET value = CAST(replace(value, 'S1-1', 'S1-2') AS BLOB) WHERE name = 'identity'", 1),
    ],
)
def test_a_tampered_journal_names_its_first_broken_entry(sold: Path, statement: str, entry: int) -> None:
    tamper(sold, statement)
    said = pos("journal", "verify", "--data", sold)
    assert said.status == 1
    assert is_one_sentence(said.out)
    assert f"第 {entry} 条" in said.out


def test_a_sale_put_in_between(sold: Path) -> None:
    tamper(
        sold,
        "INSERT INTO journal SELECT 6, kind, 'S1-1-00000-0009', at, hash, hash, body FROM journal WHERE seq = 5",
    )
    said = pos("journal", "verify", "--data", sold)
    assert said.status == 1
    assert "第 6 条" in said.out


def test_the_list_for_machines(sold: Path) -> None:
    rows = [json.loads(line) for line in pos("journal", "list", "--json", "--data", sold).lines]
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["kind"] for row in rows] == ["chain_opened", "configuration_applied", *["sale"] * 3]
    assert all({"seq", "kind", "receipt_no", "hash"} <= row.keys() for row in rows)
    assert [row["receipt_no"] is None for row in rows] == [True, True, False, False, False]
    assert all(len(bytes.fromhex(row["hash"])) == 32 for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        b"SQLite format 3\0" + bytes(5_000),
    ],
)
@pytest.mark.parametrize("command", [("journal", "verify"), ("journal", "list"), ("report", "day")])
def test_a_file_that_is_no_journal(sold: Path, content: bytes, command: tuple[str, ...]) -> None:
    (sold / "journal.db").write_bytes(content)
    said = pos(*command, "--data", sold)
    assert said.status == 1
    assert is_one_sentence(said.err or said.out)
