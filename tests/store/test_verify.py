"""`journal verify`: what is wrong with a chain is found from the file alone, and named."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlite_utils import Database

from pos.domain.events import encode
from pos.domain.journal import link
from pos.domain.refund import ReturnedLine
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore, open_store
from pos.store.verify import (
    FirstBroken,
    Verified,
    full_check,
    list_entries,
    projections_hold,
    verify_journal,
)
from pos.usecases.ports import StorageTrouble
from tests.store.sales import IDENTITY, MEMBER, sale, sell, take_back, till_in

ENTRIES = 6


@pytest.fixture
def sold(folder: DataFolder) -> DataFolder:
    with till_in(folder) as till:
        for _ in range(3):
            sell(till)
        member_sale, _ = sell(till, member_no=MEMBER, points=2000, redeem=200)
        take_back(till, member_sale, ReturnedLine(0, 1))
    return folder


@contextmanager
def tampering(folder: DataFolder) -> Iterator[Database]:
    """Somebody who does not go through the till: without the triggers."""
    database = Database(folder.journal)
    for name in ("journal_grows_at_its_end", "journal_is_never_changed", "journal_is_never_cut"):
        database.execute(f"DROP TRIGGER {name}")
    yield database
    database.conn.commit()
    database.close()


def broken(folder: DataFolder) -> FirstBroken:
    found = verify_journal(folder.journal)
    assert isinstance(found, FirstBroken), found
    return found


def test_a_sound_chain(sold: DataFolder) -> None:
    with till_in(sold) as till:
        head_hash = till.outbox.hash_at(ENTRIES)
        beside_the_running_till = verify_journal(sold.journal)
    assert beside_the_running_till == verify_journal(sold.journal) == Verified(ENTRIES, head_hash or b"")
    assert full_check(sold.journal) == ()


def test_it_needs_neither_the_lock_nor_the_tills_thread(till: TillStore) -> None:
    sell(till)
    script = "import sys; from pathlib import Path; from pos.store.verify import verify_journal\n"
    script += "print(verify_journal(Path(sys.argv[1])).entries)"
    done = subprocess.run(
        [sys.executable, "-c", script, str(till.folder.journal)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2"
    sell(till)
    assert till.journal.last_seq() == 3


def test_verifying_changes_nothing(sold: DataFolder) -> None:
    before = hashlib.sha256(sold.journal.read_bytes()).hexdigest()
    verify_journal(sold.journal)
    assert hashlib.sha256(sold.journal.read_bytes()).hexdigest() == before


def test_the_list_of_entries(sold: DataFolder) -> None:
    lines = list_entries(sold.journal)
    assert [line.seq for line in lines] == list(range(1, ENTRIES + 1))
    assert [line.kind for line in lines] == ["chain_opened", *["sale"] * 4, "refund"]
    assert lines[0].receipt_no is None
    assert lines[1].receipt_no == IDENTITY.receipt_no(1)
    assert list_entries(sold.journal, after=4, limit=1) == lines[4:5]


def test_a_changed_amount(sold: DataFolder) -> None:
    with tampering(sold) as database:
        (body,) = database.execute("SELECT body FROM journal WHERE seq = 3").fetchone()
        cheaper = body.replace(b'"due_fen":', b'"due_fen":1')
        assert cheaper != body
        database.execute("UPDATE journal SET body = ? WHERE seq = 3", (cheaper,))
    assert broken(sold) == FirstBroken(3, "its hash is not that of its content")


def test_a_missing_entry(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("DELETE FROM journal WHERE seq = 3")
    assert broken(sold) == FirstBroken(3, "entry 3 is missing; the next one is 4")


def test_an_entry_hashed_anew_does_not_link_to_the_next(sold: DataFolder) -> None:
    with tampering(sold) as database:
        (prev_hash,) = database.execute("SELECT prev_hash FROM journal WHERE seq = 3").fetchone()
        forged = link(IDENTITY, 3, prev_hash, encode(sale(IDENTITY.receipt_no(2), lines=1)))
        database.execute("UPDATE journal SET body = ?, hash = ? WHERE seq = 3", (forged.body, forged.hash))
    assert broken(sold) == FirstBroken(4, "it does not follow the entry before it")


def test_columns_that_contradict_the_body(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("UPDATE journal SET receipt_no = 'S1-1-7J0Z0-7777' WHERE seq = 2")
    assert broken(sold) == FirstBroken(2, "its columns do not say what its body says")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"kind":"sale","v":1}', "its body cannot be read"),
        (b"not json", "its columns do not say"),
        (b'{"kind":"drawer_opened","at":"x","cashier":"03","v":1}', "its columns do not say"),
    ],
)
def test_a_well_hashed_body_that_says_nothing(sold: DataFolder, body: bytes, reason: str) -> None:
    with tampering(sold) as database:
        _rechain(database, ENTRIES, body, kind="sale")
    assert broken(sold).reason.startswith(reason)


@pytest.mark.parametrize(
    "body", [b'{"kind":"flash_sale","at":"x"}', b'{"kind":"drawer_opened","at":"x","cashier":"03","v":2}']
)
def test_what_a_later_program_wrote_is_unknown_not_wrong(sold: DataFolder, body: bytes) -> None:
    with tampering(sold) as database:
        _rechain(database, ENTRIES, body, kind=json.loads(body)["kind"])
    found = verify_journal(sold.journal)
    assert isinstance(found, Verified)
    assert found.unknown <= 1


def test_a_chain_of_another_terminal(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute(
            "UPDATE facts SET value = CAST(replace(CAST(value AS TEXT), 'S1-1', 'S1-2') AS BLOB)"
            " WHERE name = 'identity'"
        )
    assert broken(sold).seq == 1


def test_a_chain_opened_for_another_store(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute(
            'UPDATE facts SET value = CAST(replace(CAST(value AS TEXT), \'"store":"S1"\', \'"store":"S9"\') AS BLOB)'
            " WHERE name = 'store'"
        )
    assert broken(sold) == FirstBroken(1, "the chain was opened for another store")


def test_a_chain_that_does_not_begin_with_its_opening(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("DELETE FROM journal")
        assert verify_journal(sold.journal)
        forged = link(IDENTITY, 1, bytes(32), b'{"kind":"drawer_opened","at":"x","cashier":"03","v":1}')
        database.execute(
            "INSERT INTO journal VALUES (1, 'drawer_opened', NULL, 'x', ?, ?, ?)",
            (forged.prev_hash, forged.hash, forged.body),
        )
    assert broken(sold) == FirstBroken(1, "the chain does not begin with its opening")


def test_an_empty_chain(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("DELETE FROM journal")
    assert broken(sold) == FirstBroken(1, "the chain has no entry")


def test_a_cut_off_tail_is_seen_by_the_receipts_it_leaves(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("DELETE FROM journal WHERE seq > 4")
    found = verify_journal(sold.journal)
    assert isinstance(found, FirstBroken)
    assert found.seq == 5


def test_a_tail_cut_off_with_its_receipts_cannot_be_seen_here(sold: DataFolder) -> None:
    """Said so in the docs: the hub's mark and the printed receipts know better."""
    with tampering(sold) as database:
        database.execute("DELETE FROM journal WHERE seq > 4")
        database.execute("DELETE FROM receipts WHERE seq > 4")
    assert verify_journal(sold.journal) == Verified(4, list_entries(sold.journal)[-1].hash)


@pytest.mark.parametrize(
    "change", ["UPDATE receipts SET payable_fen = payable_fen + 1 WHERE seq = 4", "DELETE FROM receipts"]
)
def test_a_list_of_receipts_that_was_changed_is_seen(sold: DataFolder, change: str) -> None:
    assert projections_hold(sold.journal)
    with tampering(sold) as database:
        database.execute(change)
    assert not projections_hold(sold.journal)


def test_a_till_does_not_start_on_a_broken_end(sold: DataFolder) -> None:
    with tampering(sold) as database:
        database.execute("UPDATE journal SET at = at, hash = zeroblob(32) WHERE seq = ?", (ENTRIES,))
    with pytest.raises(StorageTrouble, match=r"journal\.db 已损坏"):
        open_store(sold)


def test_destroyed_pages_are_found_by_the_full_check(sold: DataFolder) -> None:
    content = bytearray(sold.journal.read_bytes())
    for place in range(3 * 4096, len(content), 4096):
        content[place : place + 64] = b"\xff" * 64
    sold.journal.write_bytes(content)
    try:
        found = full_check(sold.journal)
    except StorageTrouble as trouble:
        found = (str(trouble),)
    assert found


def _rechain(database: Database, seq: int, body: bytes, *, kind: str) -> None:
    """Puts a body into the last entry with a hash that holds."""
    prev_hash, receipt_no = database.execute(
        "SELECT prev_hash, receipt_no FROM journal WHERE seq = ?", (seq,)
    ).fetchone()
    forged = link(IDENTITY, seq, prev_hash, body)
    receipt_no = json.loads(body).get("receipt_no") if body.startswith(b"{") else receipt_no
    database.execute(
        "UPDATE journal SET kind = ?, receipt_no = ?, at = 'x', body = ?, hash = ? WHERE seq = ?",
        (kind, receipt_no, body, forged.hash, seq),
    )
