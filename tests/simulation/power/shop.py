"""A morning at a till whose disk is listened to: set up, sell, print, give back, be paid by code, upload, close."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from drivers.contracts import Document, PrinterState
from pos.domain.events import MembershipSold, RefundMade, SaleMade
from pos.domain.rights import Right
from pos.usecases.print_receipts import Printed, print_next
from pos.usecases.reprint_receipt import reprint_receipt
from pos.words import Words
from tests.simulation.codes.alliance import GOODS, MEMBERS, Clock, SimulatedHub
from tests.simulation.codes.tills import SimulatedTill, enrolled
from tests.simulation.power.trace import Trace

TERMINAL = "S1-1"
TILL = "shop/data/till"
"""Two folders above it are new as well: their names must be durable, too."""

_RECEIPT = re.compile(r"S1-1-[0-9A-Z]{5}-\d{4,}")
_COPY = "副本"
_POINTS = 3_00


class Paper:
    """A printer whose paper is remembered: the receipt's number, and whether it says that it is a copy."""

    def __init__(self, told: Callable[[str, bool], None]) -> None:
        self._told = told

    def print(self, document: Document) -> PrinterState:
        text = repr(document)
        number = _RECEIPT.search(text)
        assert number is not None, "every paper of the morning names a receipt"
        self._told(number[0], _COPY in text)
        return PrinterState.READY

    def status(self) -> PrinterState:
        return PrinterState.READY

    def open_drawer(self) -> None:
        raise NotImplementedError


def morning(trace: Trace, hub_folder: Path, seed: int) -> None:
    """What happens, in an order that the seed decides; `trace` hears what people were told."""
    chance = random.Random(seed)
    hub = SimulatedHub(hub_folder, Clock())
    try:
        till = enrolled(trace.root / TILL, TERMINAL, hub, chance, lambda desk: desk)
        trace.said("made", till.place.incarnation)
        till.sync()
        for _ in range(chance.randint(5, 9)):
            _deed(till, hub, trace, chance)
        till.close()
        trace.said("closed")
    finally:
        hub.close()


def _deed(till: SimulatedTill, hub: SimulatedHub, trace: Trace, chance: random.Random) -> None:
    match chance.choice(("sale", "sale", "sale", "code", "code", "back", "copy", "print", "sync", "restart")):
        case "code":
            issued = hub.issue(chance.choice(MEMBERS), TERMINAL, _POINTS)
            till.scan(issued.code)
            till.scan(GOODS[3])
            _pay(till, trace, issued.code)
        case "back":
            _give_back(till, trace, chance)
        case "copy":
            receipts = _receipts(till)
            if receipts:
                number = chance.choice(receipts)
                till.store.journal_writer.submit(lambda: reprint_receipt(number, till.desk)).result()
        case "print":
            print_all(till, lambda number, copy: trace.said("printed", number, copy))
        case "sync":
            till.sync()
        case "restart":
            till.restart()
        case _:
            if chance.random() < 0.5:
                till.scan(hub.cards[chance.choice(MEMBERS)])
            for _ in range(chance.randint(1, 3)):
                till.scan(chance.choice(GOODS))
            _pay(till, trace, "")
            if chance.random() < 0.5:
                print_all(till, lambda number, copy: trace.said("printed", number, copy))


def _pay(till: SimulatedTill, trace: Trace, code: str) -> None:
    paid = till.pay()
    if paid is not None:
        trace.said("paid", *paid, code)


def _give_back(till: SimulatedTill, trace: Trace, chance: random.Random) -> None:
    receipts = _receipts(till)
    if receipts and till.give_back(chance.choice(receipts)):
        event = till.store.journal.receipt_at(till.store.journal.last_seq()).event
        trace.said("given back", event.receipt_no)


def _receipts(till: SimulatedTill) -> list[str]:
    return [row.receipt_no for row in till.store.journal.receipts() if row.kind == "sale"]


def print_all(till: SimulatedTill, told: Callable[[str, bool], None]) -> None:
    """Everything that waits comes out; `told` hears it as the paper does, before anything is written down."""
    store, words = till.store, Words("zh")
    while isinstance(
        print_next(store.print_queue, store.journal, store.packs, Paper(told), words, ask_first=False),
        Printed,
    ):
        pass


def receipt_of(event: object) -> str | None:
    """The receipt number of what has one."""
    return event.receipt_no if isinstance(event, SaleMade | RefundMade | MembershipSold) else None


def is_spent(till: SimulatedTill, number: int) -> bool:
    """Whether this till remembers that a code was used."""
    return till.store.journal.right_spent(Right("pay_code", str(number)))
