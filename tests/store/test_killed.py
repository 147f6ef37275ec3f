"""The till is killed at any moment: every paid sale is there, and no half of one."""

from __future__ import annotations

import random
import subprocess
import sys
import time

from pos.domain.events import SaleMade
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from pos.store.verify import Verified, full_check, verify_journal
from tests.store.sales import IDENTITY, MEMBER, till_in

ROUNDS = 8
COMMAND = [sys.executable, "-m", "tests.store.seller"]


def sell_until_killed(folder: DataFolder, after_s: float) -> list[str]:
    """Lets a till sell for a while from its first sale on; the numbers it said were paid."""
    with subprocess.Popen([*COMMAND, str(folder.path)], stdout=subprocess.PIPE, text=True) as seller:
        assert seller.stdout is not None
        first = seller.stdout.readline()
        time.sleep(after_s)
        seller.kill()
        said = first + seller.stdout.read()
    return [line.removeprefix("PAID ") for line in said.splitlines() if line.startswith("PAID ")]


def check_nothing_is_half_there(till: TillStore, paid: list[str]) -> None:
    receipts = till.journal.receipts(limit=1_000_000)
    numbers = [row.receipt_no for row in reversed(receipts)]
    assert numbers == [IDENTITY.receipt_no(n) for n in range(1, len(numbers) + 1)]
    assert set(paid) <= set(numbers)
    seqs = {row.seq for row in receipts}
    assert till.journal.last_seq() == len(numbers) + 1
    readers = till._readers[0]
    assert {row[0] for row in readers.rows("SELECT seq FROM print_jobs")} == seqs
    changes = {
        row[0] for row in readers.rows("SELECT seq FROM member_changes WHERE member_no = ?", (MEMBER,))
    }
    assert changes == seqs
    assert all(isinstance(till.journal.receipt_at(seq).event, SaleMade) for seq in seqs)


def test_killed_at_random_moments(folder: DataFolder) -> None:
    chance = random.Random(20260301)
    paid: list[str] = []
    for kills in range(1, ROUNDS + 1):
        paid += sell_until_killed(folder, chance.uniform(0, 0.12))
        with till_in(folder) as till:
            check_nothing_is_half_there(till, paid)
            assert till.print_queue.unprinted() <= kills, "each kill leaves one receipt to print at most"
    assert len(paid) >= ROUNDS
    assert len(set(paid)) == len(paid), "no number was given twice (odoo#125037)"
    assert isinstance(verify_journal(folder.journal), Verified)
    assert full_check(folder.journal) == ()


def test_a_second_process_is_refused(till: TillStore) -> None:
    done = subprocess.run(
        [*COMMAND, str(till.folder.path)], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "REFUSED 已有另一个收银程序在使用这个数据目录，请先关闭它"
    assert till.journal.last_seq() == 1
