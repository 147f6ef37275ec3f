"""Whether a disk that lost its power still says what people were told. Knows the bytes, not the product's rules."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from pos.bootstrap.looking import projections_match
from pos.bootstrap.till import OpenTill, open_till
from pos.domain.cart import Cart
from pos.domain.journal import ChainIdentity
from pos.store.folder import DataFolder
from pos.store.till_store import NoChain, create_chain
from pos.usecases.complete_sale import complete_sale
from pos.usecases.desk import quote
from pos.usecases.ports import StorageTrouble
from pos.usecases.print_receipts import Printed, print_next
from pos.usecases.scan_code import GoodsAdded, scan_code
from pos.words import Words
from tests.fakes.clock import A_MORNING
from tests.fakes.sample_desk import sample_store
from tests.simulation.codes.alliance import GOODS
from tests.simulation.power.shop import TILL, Paper
from tests.simulation.power.trace import Said

_TAG = b"alliance-pos/journal/1\0"


class Violation(AssertionError):  # noqa: N818 - a verdict
    """What people were told does not hold any more."""


class Told(NamedTuple):
    """What people had been told when the power went."""

    made: bool
    paid: dict[str, bytes]
    codes: dict[str, int]
    given_back: tuple[str, ...]
    printed: tuple[tuple[str, bool], ...]


def told_in(said: Iterable[Said]) -> Told:
    made, paid, codes = False, dict[str, bytes](), dict[str, int]()
    given_back, printed = list[str](), list[tuple[str, bool]]()
    for one in said:
        fact: tuple[Any, ...] = one.fact
        match one.kind:
            case "made":
                made = True
            case "paid":
                paid[fact[0]] = fact[1]
                for used in json.loads(fact[1])["pay_codes"]:
                    codes[fact[0]] = used["number"]
            case "given back":
                given_back.append(fact[0])
            case "printed":
                printed.append((fact[0], fact[1]))
    return Told(made, paid, codes, tuple(given_back), tuple(printed))


def check(root: Path, told: Told) -> None:
    """Starts the till on a disk's image, as it would be started, and holds it to what was told.

    Raises:
        Violation: with what does not hold.

    """
    data = root / TILL
    if not told.made:
        _can_be_set_up(data)
        return
    try:
        with open_till(data) as till:
            _holds(data, told)
            printed = [*told.printed, *_print_all(till)]
            _prints_once(data, printed)
            _sells_on(till, told)
    except StorageTrouble as trouble:
        raise Violation(f"the till does not open: {trouble}") from trouble
    if not projections_match(data):
        raise Violation("the lists do not say what the journal says")


def _can_be_set_up(data: Path) -> None:
    """Nobody was told that there is a till: it opens, or the set-up can be done again."""
    try:
        with open_till(data):
            return
    except NoChain:
        pass
    except StorageTrouble as trouble:
        raise Violation(f"a till that was never ready does not open: {trouble}") from trouble
    folder = DataFolder(data)
    try:
        folder.make()
        key = folder.make_terminal_key().public_key().public_bytes_raw()
        identity = ChainIdentity("S1-1", 1, folder.make_incarnation(lambda: "00112233445566aa"))
        create_chain(folder, identity, sample_store(), public_key=key, software="again", at=A_MORNING)
    except StorageTrouble as trouble:
        raise Violation(f"the set-up cannot be done again: {trouble}") from trouble


class _Entry(NamedTuple):
    seq: int
    prev_hash: bytes
    hash: bytes
    body: bytes
    receipt_no: str | None
    kind: str


def _entries(data: Path) -> list[_Entry]:
    with closing(sqlite3.connect(f"file:{data}/journal.db?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT seq, prev_hash, hash, body, receipt_no, kind FROM journal ORDER BY seq"
        ).fetchall()
    return [_Entry(*row) for row in rows]


def _holds(data: Path, told: Told) -> None:
    entries = _entries(data)
    _chain_holds(data, entries)
    bodies = {one.receipt_no: one.body for one in entries if one.receipt_no is not None}
    for receipt_no, body in told.paid.items():
        if bodies.get(receipt_no) != body:
            raise Violation(f"{receipt_no} was paid and is {'changed' if receipt_no in bodies else 'gone'}")
    for receipt_no in (*told.given_back, *(number for number, _ in told.printed)):
        if receipt_no not in bodies:
            raise Violation(f"{receipt_no} was given out and is not in the journal")
    uses = Counter(
        used["number"] for body in bodies.values() for used in json.loads(body).get("pay_codes", ())
    )
    if twice := [number for number, count in uses.items() if count > 1]:
        raise Violation(f"pay codes {twice} were spent twice")
    missing = uses.keys() - _spent_codes(data)
    if missing:
        raise Violation(f"pay codes {sorted(missing)} are spent and would be taken again")


def _chain_holds(data: Path, entries: list[_Entry]) -> None:
    with closing(sqlite3.connect(f"file:{data}/journal.db?mode=ro", uri=True)) as connection:
        (stored,) = connection.execute("SELECT value FROM facts WHERE name = 'identity'").fetchone()
    identity = json.loads(stored)
    terminal = identity["terminal"].encode()
    before, expected = bytes(32), 1
    for one in entries:
        signed = b"".join(
            (
                *(_TAG, struct.pack(">H", len(terminal)), terminal, bytes.fromhex(identity["incarnation"])),
                *(struct.pack(">IQ", identity["epoch"], one.seq), one.prev_hash),
                *(struct.pack(">Q", len(one.body)), one.body),
            )
        )
        whole = (one.seq, one.prev_hash, one.hash) == (expected, before, hashlib.sha256(signed).digest())
        if not whole:
            raise Violation(f"the chain does not hold at entry {one.seq}")
        before, expected = one.hash, expected + 1


def _spent_codes(data: Path) -> set[int]:
    with closing(sqlite3.connect(f"file:{data}/journal.db?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT key FROM spent_rights WHERE kind = 'pay_code'").fetchall()
    return {int(key) for (key,) in rows}


def _print_all(till: OpenTill) -> list[tuple[str, bool]]:
    """What comes out of the printer once the power is back."""
    store, paper = till.store, list[tuple[str, bool]]()
    printer = Paper(lambda number, copy: paper.append((number, copy)))
    while isinstance(
        print_next(store.print_queue, store.journal, store.packs, printer, Words("zh"), ask_first=False),
        Printed,
    ):
        pass
    return paper


def _prints_once(data: Path, printed: list[tuple[str, bool]]) -> None:
    originals = Counter(number for number, copy in printed if not copy)
    if twice := [number for number, count in originals.items() if count > 1]:
        raise Violation(f"{twice} came out twice without being marked as copies")
    receipts = {one.receipt_no for one in _entries(data) if one.receipt_no is not None}
    if lost := receipts - {number for number, _ in printed}:
        raise Violation(f"{sorted(lost)} never came out of the printer")


def _sells_on(till: OpenTill, told: Told) -> None:
    """The next sale is made, under a number that nobody has."""
    if till.desk.packs.current() is None or till.desk.goods.product(GOODS[0]) is None:
        return  # the cache was not filled yet, or is lost: it comes again from the hub
    scanned = scan_code(Cart(), GOODS[0], till.desk)
    if not isinstance(scanned, GoodsAdded):
        raise Violation("a good that was sold before cannot be sold")
    due_fen = quote(scanned.cart, till.desk).sale.due_fen
    done = till.store.journal_writer.submit(
        lambda: complete_sale(scanned.cart, due_fen, "03", till.desk, shown_due_fen=due_fen)
    ).result()
    known = {*told.paid, *told.given_back, *(number for number, _ in told.printed)}
    if done.sale.receipt_no in known:
        raise Violation(f"{done.sale.receipt_no} is given out a second time")
