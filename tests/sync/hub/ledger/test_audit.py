"""The audit finds nothing in honest books, and every way to cook them."""

import json
import subprocess
import sys

import pytest
from sqlalchemy import text, update

from pos.domain.ledger import ALLIANCE_ISSUED, Posting, member_account
from pos.domain.refund import ReturnedLine
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.ledger.audit import audit
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.words import Told
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_coupons import printing, taking

AT = "2026-03-14T02:00:00Z"
ACCOUNT = member_account(sales.MEMBER)


@pytest.fixture
def busy(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> Hub:
    """Walk-ins, members, an overdraft, refunds, and printed coupons that turn good, twice used and void."""
    sale = sales.sale(till.next_receipt_no())
    part = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    overdrawing = sales.sale(till.next_receipt_no(), believed=9000)
    for event in (sales.walk_in(till.next_receipt_no()), sale, part, overdrawing):
        till.write(event)
    till.write(sales.sale(till.next_receipt_no(), believed=99_000))
    till.write(sales.give_back(till.next_receipt_no(), overdrawing, *sales.whole(overdrawing)))
    printed = printing(till)
    early, second = taking(neighbour), taking(neighbour)
    neighbour.write(early)
    neighbour.write(second)
    neighbour.upload()
    till.write(printed)
    till.upload()
    neighbour.write(sales.give_back(neighbour.next_receipt_no(), early, *sales.whole(early)))
    neighbour.upload(neighbour.entries[-1])
    return hub


def differences(hub: Hub) -> tuple[str, ...]:
    with hub.database.read() as connection:
        return audit(connection).differences


def test_honest_books_are_derived_to_the_byte(busy: Hub) -> None:
    with busy.database.read() as connection:
        found = audit(connection)
    assert found.differences == ()
    assert (found.receipts, found.skipped) == (10, 0)
    assert len(balances(busy)) == found.accounts


def test_a_transfer_slipped_in_under_a_receipt(busy: Hub) -> None:
    with busy.database.write() as connection:
        linked = connection.execute(schema.receipts.select()).first()
        assert linked is not None
        gift = Posting(ALLIANCE_ISSUED, ACCOUNT, "points", 100, "earned")
        accounts.post(connection, linked.entry_hash, (gift,), AT)
    (found,) = differences(busy)
    assert "100 points (earned" in found


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (update(schema.balances).where(schema.balances.c.account == ACCOUNT).values(amount=7), "balance"),
        (update(schema.balances).where(schema.balances.c.account == ACCOUNT).values(pending=7), "held"),
        (update(schema.receipts).values(share_fen=7), "share_fen kept 7"),
        (update(schema.receipts).values(store="S9"), "store kept S9"),
        (update(schema.overdrafts).values(remaining=7), "overdrawn"),
    ],
)
def test_what_was_kept_and_does_not_follow(busy: Hub, statement: object, told: str) -> None:
    with busy.database.write() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    assert any(told in one for one in differences(busy))


def test_a_transfer_that_a_till_s_entry_does_not_give(busy: Hub) -> None:
    """Somebody with the database in hands, who lets the balances follow."""
    with busy.database.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER transfers_no_update"))
        else:
            connection.execute(text("ALTER TABLE transfers DISABLE TRIGGER transfers_no_change"))
        connection.execute(
            update(schema.transfers).where(schema.transfers.c.code == "share").values(booked_at="never")
        )
    found = differences(busy)
    assert found
    assert all("never" in one for one in found)


# --- corrections ----------------------------------------------------------------------------------


def correct(hub: Hub, **changes: object) -> None:
    asked = {"debit": accounts.OPENING, "credit": ACCOUNT, "unit": "points", "amount": 100, "reason": "漏记"}
    with hub.database.write() as connection:
        accounts.correct(connection, "correction:1", **(asked | changes), booked_at=AT)  # type: ignore[arg-type]


def test_a_correction_is_a_transfer_with_its_reason(busy: Hub) -> None:
    before = balances(busy)[ACCOUNT, "points"]
    correct(busy, reason=" 漏记 ")
    assert balances(busy)[ACCOUNT, "points"] == before + 100
    assert differences(busy) == ()
    with busy.database.read() as connection:
        query = schema.transfers.select().where(schema.transfers.c.code == accounts.CORRECTION)
        assert [row.reason for row in connection.execute(query)] == ["漏记"]


@pytest.mark.parametrize(
    "change",
    [{"reason": "  "}, {"credit": "member:typo"}, {"amount": 0}, {"amount": -5}, {"debit": ACCOUNT}],
)
def test_what_is_no_correction(hub: Hub, change: dict[str, object]) -> None:
    before = balances(hub)
    with pytest.raises(Told):
        correct(hub, **change)
    assert balances(hub) == before


# --- the commands ---------------------------------------------------------------------------------


def run(folder: DataFolder, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sync.hub.cli", "ledger", *arguments, "--data", str(folder.path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"POS_LANGUAGE": "en"})


def test_the_commands(folder: DataFolder, busy: Hub, till: FakeTerminal) -> None:
    checked = run(folder, "check", "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["holds"] is True
    before = honest.member_row(till, sales.MEMBER).balances["points"]
    move = ("--debit", accounts.OPENING, "--credit", ACCOUNT, "--unit", "points")
    assert run(folder, "correct", *move, "--amount", "1.5", "--reason", "missed").returncode == 0
    assert honest.member_row(till, sales.MEMBER).balances["points"] == before + 150, "tills are told"
    for wrong in (("--amount", "1.555"), ("--amount", "0"), ("--amount", "1", "--unit", "gold")):
        said = run(folder, "correct", *move, "--reason", "missed", *wrong)
        assert (said.returncode, len(said.stderr.splitlines())) == (1, 1)
    with busy.database.write() as connection:
        connection.execute(update(schema.balances).where(schema.balances.c.unit == "points").values(amount=0))
    broken = run(folder, "check")
    assert broken.returncode == 1
    assert f"balance {ACCOUNT} points: kept 0" in broken.stdout
