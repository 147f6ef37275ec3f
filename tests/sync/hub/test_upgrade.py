"""A database of every earlier schema, with what its program wrote, under this program.

`released/0001.sql`: stores S1 and S2; the worked sale with one water given back, a walk-in, a sale that
was given back whole; at S2 two member sales.
`released/0002.sql`: the same stores; the worked sale with one water given back, a walk-in, a sale that was
given back whole; a sealed card that joins, an upgrade paid in part with time points; points redeemed that
were not there; an entry that nobody can read; then the pack `tianshang`: two sales that print a coupon each,
and at S2 two that take the first of them.

The tills' keys are 32 bytes of 1 and of 2. Old databases were SQLite's; they come to PostgreSQL by a backup.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from pos.domain import events
from pos.domain.basket import HeldCoupon
from pos.domain.events import RefundMade, SaleMade
from pos.domain.journal import Entry
from sync.hub.alliance import packs, places
from sync.hub.hub import Hub, opened
from sync.hub.operation import backup, restore
from sync.hub.pages import member_card
from sync.hub.storage import migrating, schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.storage.database import connected
from sync.hub.web.app import make_app
from sync.hub.words import utc_now
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal

RELEASED = Path(__file__).parent / "released"


@pytest.fixture
def version() -> str:
    return "0001"


@pytest.fixture
def old(sample: Path, tmp_path: Path, version: str) -> DataFolder:
    """A hub's folder with the database of an earlier schema."""
    folder = DataFolder(Path(shutil.copytree(sample, tmp_path / "old")))
    for file in folder.path.glob("hub.db*"):
        file.unlink()
    database = sqlite3.connect(folder.database)
    database.executescript((RELEASED / f"{version}.sql").read_text(encoding="utf-8"))
    database.close()
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, old: DataFolder, tmp_path: Path) -> Iterator[Hub]:
    """The old database migrated where it is, or on the way to PostgreSQL."""
    if request.param == "sqlite":
        with opened(old) as hub:
            yield hub
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.create()
    with connected(old) as database:
        made = backup.make(old, database, tmp_path / "old.posbackup", utc_now())
    assert made.manifest.schema == old_version(old)
    restore.restore(made.path, tmp_path / "moved", utc_now(), database_url=server.url(name))
    with opened(DataFolder(tmp_path / "moved"), migrate=False) as hub:
        yield hub
    server.drop(name)


def old_version(folder: DataFolder) -> str | None:
    with connected(folder) as database, database.read() as connection:
        return migrating.version_of(connection)


def till_of(hub: Hub, number: int) -> FakeTerminal:
    """The till S<number>-1 where it left off."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    till = FakeTerminal(InProcess(make_app(hub)), key=key, incarnation=f"{number:016x}")
    till.terminal, till.epoch = f"S{number}-1", 1
    entries = schema.journal_entries
    with hub.database.read() as connection:
        for row in connection.execute(
            select(entries).where(entries.c.terminal == till.terminal).order_by(entries.c.seq)
        ):
            till.entries.append(Entry(row.seq, row.prev_hash, row.hash, row.body))
        till.store = places.store_card(connection, till.terminal)
    till.receipts = len(till.entries)
    return till


def test_the_books_hold_and_paid_sales_are_counted(upgraded: Hub) -> None:
    found = balances(upgraded)
    counted = {account: amount for (account, unit), amount in found.items() if unit == "sales"}
    assert counted == {"member:30006012": 2, "member:30009067": 1, "alliance:issued": -3}
    assert found["member:30006012", "points"] == 5147


def test_members_have_their_home_stores_and_tills_are_told(upgraded: Hub) -> None:
    till = till_of(upgraded, 1)
    homes = {row.key: row.body.get("home_store") for row in till.feed("members").rows}
    assert homes == {"30006012": "S1", "30007572": None, "30009067": "S2"}
    assert honest.member_row(till, "30006012").balances["sales"] == 2
    row = honest.terminal_row(till, "S2-1")
    assert row is not None
    assert (row.merchant, row.keys) == ("M2", (till_of(upgraded, 2).public_key,))
    assert honest.terms(till).merchant == "M1"
    assert min(row.change for row in till.feed("members").rows) > 14, "all come again"


def test_the_rest_of_an_old_sale_comes_back(upgraded: Hub) -> None:
    """Sold under the old program and pack, given back under the new one."""
    till = till_of(upgraded, 1)
    sale, part = (events.decode(till.entries[at].body) for at in (0, 2))
    assert isinstance(sale, SaleMade)
    assert isinstance(part, RefundMade)
    rest = sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale, part), earlier=(part,))
    till.write(rest)
    assert till.upload(till.entries[-1]).results[0].verdict == "accepted"
    found = balances(upgraded)
    assert found["member:30006012", "points"] == 2000 + 2300, "the sale at S2 alone"
    assert found["member:30006012", "sales"] == 1
    assert [one.verdict for one in till.upload().results] == ["exists"] * 5 + ["exists"]


def test_a_new_pack_follows_the_old_one(upgraded: Hub) -> None:
    with upgraded.database.write() as connection:
        old = packs.current(connection)
        assert old is not None
        assert old.version == 1
        packs.publish(upgraded, connection, sales.PACK_BYTES)
        current = packs.current(connection)
    assert current == sales.PACK
    till = till_of(upgraded, 1)
    basket = honest.basket(till, sales.WORKED_LINES, "30006012", redeem={"points": 700})
    till.write(sales.sold(till.next_receipt_no(), basket))
    till.upload(till.entries[-1])
    assert till.points("30006012") == 5147 + 900
    assert till.day(sales.DATE).recomputed_differently == ()


def test_figures_of_the_old_days_are_as_they_were(upgraded: Hub) -> None:
    day = till_of(upgraded, 2).day(sales.DATE)
    assert [row.figures.payable_fen for row in day.receipts] == [8436, 8436]
    assert {row.figures.memberships for row in day.receipts} == {0}


@pytest.mark.parametrize("version", ["0001", "0002"])
def test_an_upgrade_happens_once(old: DataFolder) -> None:
    with opened(old) as hub:
        first = balances(hub)
        before = till_of(hub, 1).feed("members").rows
    with opened(old) as hub:
        assert balances(hub) == first
        assert till_of(hub, 1).feed("members").rows == before


def test_the_card_page_still_shows_the_points(upgraded: Hub) -> None:
    with upgraded.database.read() as connection:
        path = member_card.path_of(upgraded, connection, "30006012")
    assert ">51.47<" in InProcess(make_app(upgraded)).get(path).text


# --- from 0002 -----------------------------------------------------------------------------------

of_0002 = pytest.mark.parametrize("version", ["0002"])


@of_0002
def test_0002_its_books_are_as_they_were(upgraded: Hub) -> None:
    found = balances(upgraded)
    assert {unit: amount for (account, unit), amount in found.items() if account == "member:30006012"} == {
        "coupon:coupon_50_10": 3,
        "points": 2847,
        "sales": 4,
    }
    assert {unit: amount for (account, unit), amount in found.items() if account == "alliance:clawback"} == {
        "CNY": -300,
        "coupon:neighbour_30_3@M1": -1,
        "points": -700,
    }
    assert found["bearer", "coupon:neighbour_30_3@M1"] == 1
    assert found["alliance:fees", "CNY"] == 92_411
    assert found["member:30007572", "points"] == 3100


@of_0002
def test_0002_every_entry_is_known_again_and_its_days_are_told(upgraded: Hub) -> None:
    first, second = till_of(upgraded, 1), till_of(upgraded, 2)
    assert [one.verdict for one in first.upload().results] == ["exists"] * 8 + ["quarantined"] + [
        "exists"
    ] * 2
    assert [one.verdict for one in second.upload().results] == ["exists"] * 2
    day = first.day(sales.DATE)
    assert sum(row.figures.payable_fen for row in day.receipts if row.receipt_no.endswith("-0001")) == 8436
    assert sum(row.figures.memberships for row in day.receipts) == 2
    assert day.clawback == {"points": 700}
    assert len(day.quarantined) == 1
    assert second.day(sales.DATE).clawback == {"CNY": 300, "coupon:neighbour_30_3@M1": 1}


@of_0002
def test_0002_a_coupon_from_before_is_good_still_and_one_goes_back(upgraded: Hub) -> None:
    second = till_of(upgraded, 2)
    printed = HeldCoupon("neighbour_30_3", "00112233445566bb", "M1")
    basket = honest.basket(second, sales.FRUIT_LINES, sales.NEWCOMER, printed=(printed,))
    made = sales.sold(second.next_receipt_no(), basket, sales.PACKS["tianshang"], store="S2")
    second.write(made)
    assert second.upload(second.entries[-1]).results[0].verdict == "accepted"
    assert balances(upgraded)["merchant:M1", "CNY"] == -600
    good = events.decode(second.entries[0].body)
    assert isinstance(good, SaleMade)
    second.write(sales.give_back(second.next_receipt_no(), good, *sales.whole(good)))
    second.upload(second.entries[-1])
    found = balances(upgraded)
    assert found["alliance:clawback", "points"] == -700
    assert ("alliance:clawback", "CNY") not in found, "the other use of its number turns good"
    assert found["member:" + sales.NEWCOMER, "sales"] == 2


@of_0002
def test_0002_the_rest_of_a_sale_comes_back(upgraded: Hub) -> None:
    till = till_of(upgraded, 1)
    sale, part = (events.decode(till.entries[at].body) for at in (0, 1))
    assert isinstance(sale, SaleMade)
    assert isinstance(part, RefundMade)
    rest = sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale, part), earlier=(part,))
    till.write(rest)
    assert till.upload(till.entries[-1]).results[0].verdict == "accepted"
    assert balances(upgraded)["member:30006012", "points"] == 2000, "as before the sale"
    assert till.day(sales.DATE).recomputed_differently == DIFFERENT_BEFORE


DIFFERENT_BEFORE = ("S1-1-00000-0008",)
"""What the till believed wrongly then; nothing was added by the migration."""
