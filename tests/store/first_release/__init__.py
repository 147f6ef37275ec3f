"""A till as the first release left it: `journal.jsonl` and `tongyi.toml` are its own words, byte for byte.

The entries are the worked sale and a water of it back, a walk-in, a sale while the hub was away and part
of it back, two log-ins and the drawer. Its tables are made with the first step of each schema.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from pos.domain.basket import checked_line
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.domain.events import PackRef, peek
from pos.domain.journal import GENESIS, ChainIdentity, Entry, link
from pos.domain.member_codes import card_hash
from pos.domain.receipt import BalanceAfter, StoreCard
from pos.store import facts
from pos.store.cache_schema import CACHE_SCHEMA
from pos.store.chain_facts import IDENTITY, STORE
from pos.store.folder import DataFolder
from pos.store.journal_schema import JOURNAL_SCHEMA
from pos.store.projections import CONFIGURATION, RECEIPTS_ISSUED
from pos.store.schema import Schema
from pos.store.sqlite import Connection
from pos.store.writer import SingleWriter

_HERE = Path(__file__).parent
BODIES = (_HERE / "journal.jsonl").read_bytes().splitlines()
PACK_BYTES = (_HERE / "tongyi.toml").read_bytes()
PACK_REF = PackRef("tongyi", 1, hashlib.sha256(PACK_BYTES).hexdigest())
CHAIN = ChainIdentity("S1-1", 0, "301f67f2de362939")
CARD = StoreCard("同壹联盟", "幸福里商贸", "S1", "幸福里便利店", "", "Asia/Shanghai", "1 号机")
WORKED, WALK_IN, WATER_BACK, OFFLINE, PART_BACK = (CHAIN.receipt_no(number) for number in range(1, 6))
DOU, DOU_CARD, QIN = "30006012", "91368861958193196424478", "30005542"
DATE = "2026-11-21"
OPEN_CART = Cart((checked_line(Product("20001", "苹果", "", "kg", "水果", 1280, 1180), weight_g=500),), DOU)

FIGURES = (
    (5, WORKED, "sale", None, DOU, 1, 1, 0, 8630, 194, 8436, 7736, 700, 1600, 8436, 253, 700),
    (6, WALK_IN, "sale", None, None, 1, 1, 0, 410, 0, 410, 410, 0, 0, 410, 12, 0),
    (7, WATER_BACK, "refund", WORKED, DOU, 1, 0, 1, -170, -12, -158, -111, -47, -100, -158, -5, -47),
    (8, OFFLINE, "sale", None, QIN, 0, 1, 0, 23250, 1625, 21625, 16625, 5000, 24900, 21625, 649, 5000),
    (
        9,
        PART_BACK,
        "refund",
        OFFLINE,
        QIN,
        0,
        0,
        1,
        -9300,
        -650,
        -8650,
        -6650,
        -2000,
        -10000,
        -8650,
        -260,
        -2000,
    ),
)
"""As the first release listed its receipts: sequence, number, kind, of, member, online, and its figures."""


def leave_behind(path: Path) -> DataFolder:
    """The data folder of that till, closed in order."""
    folder = DataFolder(path)
    folder.make()
    folder.make_terminal_key()
    _write(folder.journal, JOURNAL_SCHEMA, _fill_journal)
    _write(folder.cache, CACHE_SCHEMA, _fill_cache)
    return folder


def _write(path: Path, schema: Schema, fill: Callable[[Connection], None]) -> None:
    writer = SingleWriter(path, Schema(schema.steps[:1]), checkpoint_apart=True)

    def work() -> None:
        with writer.transaction() as connection:
            fill(connection)

    try:
        writer.run(work)
    finally:
        writer.close()


def chain() -> list[Entry]:
    """The entries, linked."""
    entries: list[Entry] = []
    for seq, body in enumerate(BODIES, 1):
        entries.append(link(CHAIN, seq, entries[-1].hash if entries else GENESIS, body))
    return entries


def _fill_journal(connection: Connection) -> None:
    facts.put(connection, IDENTITY, CHAIN)
    facts.put(connection, STORE, CARD)
    facts.put(connection, CONFIGURATION, PACK_REF)
    facts.put(connection, RECEIPTS_ISSUED, 5)
    for entry in chain():
        kind, receipt_no = peek(entry.body)
        connection.execute(
            "INSERT INTO journal (seq, kind, receipt_no, at, prev_hash, hash, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (entry.seq, kind, receipt_no, _at(entry), entry.prev_hash, entry.hash, entry.body),
        )
    for seq, number, kind, of, member_no, online, *figures in FIGURES:
        head = (seq, number, kind, of, f"{DATE}T10:42:00+08:00", DATE, "03", member_no, online)
        connection.execute(f"INSERT INTO receipts VALUES ({', '.join('?' * 20)})", (*head, *figures))
    connection.execute(
        "INSERT INTO member_changes VALUES (?, 5, 'points', 900), (?, 7, 'points', -53)", (DOU, DOU)
    )
    connection.execute("INSERT INTO offline_redeemed VALUES (?, ?, 'points', 8, 5000)", (QIN, DATE))
    balances = msgspec.json.encode((BalanceAfter("积分", 2900, 2),))
    connection.execute("INSERT INTO print_jobs (seq, copy, balances) VALUES (5, 0, ?)", (balances,))
    old_cart: dict[str, object] = {"lines": OPEN_CART.lines, "member_no": DOU, "redeem": {}, "selected": None}
    connection.execute("INSERT INTO open_cart VALUES (1, ?)", (msgspec.json.encode(old_cart),))


def _at(entry: Entry) -> str:
    at: str = msgspec.json.decode(entry.body)["at"]
    return at


def _fill_cache(connection: Connection) -> None:
    facts.put(connection, IDENTITY, CHAIN)
    facts.put(connection, "complete_at", f"{DATE}T10:40:00+08:00")
    connection.execute("INSERT INTO feeds (feed, cursor) VALUES ('members', 66), ('packs', 1)")
    member = {
        "member_no": DOU,
        "card_hash": card_hash(DOU_CARD),
        "plan": "basic",
        "status": "active",
        "expires": "2027-05-18",
        "balances": {"points": 2000},
    }
    connection.execute(
        "INSERT INTO members VALUES (?, ?, 4, 0, ?)",
        (DOU, bytes.fromhex(card_hash(DOU_CARD)), msgspec.json.encode(member)),
    )
    connection.execute(
        "INSERT INTO packs (sha256, id, version, payload, key_id, signature) VALUES (?, 'tongyi', 1, ?, 'pack-1', ?)",
        (PACK_REF.sha256, PACK_BYTES, bytes(64)),
    )
    connection.execute("INSERT INTO pack_rows VALUES ('tongyi', 1, 'tongyi', 0)")
