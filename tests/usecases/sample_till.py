"""A till on its real store with the sample shop, and a clock and a hub that tests bend."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pos.bootstrap.sample import fill_with_sample
from pos.bootstrap.setting_up import make_sample
from pos.bootstrap.till import OpenTill, open_till
from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.catalogue import Product
from pos.domain.events import Event, SaleMade, decode
from pos.domain.ledger import SALES
from pos.domain.member_codes import card_hash
from pos.domain.programme.pack import Pack
from pos.domain.refund import ReturnedLine
from pos.store.sqlite import Readers
from pos.store.verify import Verified, verify_journal
from pos.usecases.complete_sale import CompletedSale, complete_sale
from pos.usecases.desk import Quote, quote
from pos.usecases.ports import KnownMember
from pos.usecases.refund_sale import CompletedRefund, Purpose, everything_left, find_sale, refund_sale
from pos.usecases.scan_code import CouponAccepted, GoodsAdded, MemberIdentified, WeightNeeded, scan_code
from sync.hub.feeds import member_rows
from sync.protocol.messages import (
    Feed,
    FeedPage,
    FeedRow,
    HighWater,
    HubMark,
    MemberRow,
    SignedBytes,
    StoreTerms,
)
from tests.fakes.clock import A_MORNING, FakeClock
from tests.fakes.hub_link import FakeHubLink

Result = TypeVar("Result")
_PROGRAMMES = files("resources") / "programmes"

WATER, COLA, TOBACCO, APPLES = "6921168509256", "6954767410388", "6901028075770", "20001"
RICE, TEA = "6945930678841", "4891028164456"
CASHIER = "03"

DOU, DOU_CARD = "30006012", "91368861958193196424478"  # basic, 20 points
QIN, QIN_CARD = "30005542", "90873671799509788034221"  # co-creator, 382 points
LI, LI_CARD = "30000588", "90953091502640973349214"  # basic, no points
BLOCKED_CARD = "90436245852824235184356"
EXPIRED_CARD = "91268990186898169545849"


PACKS = ("tongyi", "community_groupbuy", "zhongdian", "gongxianggou", "tianshang")
FIRST_CHANGE = 1_000
"""Above every change number of the sample's own pages."""


def make_template(data: Path) -> Path:
    """The sample shop as if it had been told everything at `A_MORNING`."""
    make_sample(data)
    with open_till(data) as till:
        fill_with_sample(till.store.replica, A_MORNING, own_key(till))
    return data


def own_key(till: OpenTill) -> bytes:
    """The public half of the till's key, raw."""
    return till.store.folder.load_terminal_key().public_key().public_bytes_raw()


class SampleTill:
    """The real desk with a clock that stands still and a hub that is there or not."""

    def __init__(self, till: OpenTill) -> None:
        self.till = till
        self.clock = FakeClock()
        self.hub = FakeHubLink()
        self.desk = replace(till.desk, clock=self.clock, hub=self.hub)
        self._changes = count(FIRST_CHANGE)

    def book(self, deed: Callable[[], Result]) -> Result:
        """Runs a deed where deeds run: on the journal's writer thread."""
        return self.till.on_journal(deed).result()

    def scan(self, cart: Cart, *codes: str) -> Cart:
        """Scans codes in order; `<PLU>@<grams>` weighs."""
        for code in codes:
            plain, _, grams = code.partition("@")
            match scan_code(cart, plain, self.desk):
                case GoodsAdded(cart=after) | MemberIdentified(cart=after) | CouponAccepted(cart=after):
                    cart = after
                case WeightNeeded(product=product):
                    cart = carts.add(cart, product, weight_g=int(grams))
                case other:
                    raise AssertionError(other)
        return cart

    def quote(self, cart: Cart) -> Quote:
        return quote(cart, self.desk)

    def pay(self, cart: Cart, given_fen: int | None = None) -> CompletedSale:
        """Takes cash for the cart at the price it has now; exactly that much unless said otherwise."""
        due_fen = self.quote(cart).sale.due_fen
        given_fen = due_fen if given_fen is None else given_fen
        return self.book(lambda: complete_sale(cart, given_fen, CASHIER, self.desk, shown_due_fen=due_fen))

    def sell(self, *codes: str, redeem: int = 0) -> CompletedSale:
        """A sale from scan to payment; `redeem` in minor units of points."""
        cart = self.scan(Cart(), *codes)
        return self.pay(carts.wish_to_redeem(cart, "points", redeem) if redeem else cart)

    def worked_cart(self) -> Cart:
        """The cart of the sale that the design works out to the fen."""
        cart = self.scan(Cart(), DOU_CARD, WATER, WATER, WATER, COLA, COLA, TOBACCO, f"{APPLES}@1234")
        return carts.wish_to_redeem(cart, "points", EVERYTHING)

    def points(self, member_no: str) -> int:
        """A member's points as this till knows them, in minor units."""
        return self.known(member_no).balances.get("points", 0)

    def tell(self, feed: Feed, key: str, body: Any) -> None:
        """The hub tells one row; it has booked everything this till has done so far."""
        change = next(self._changes)
        row = FeedRow(change, key, None if body is None else msgspec.to_builtins(body))
        mark = HubMark(0, "", HighWater(self.desk.journal.last_seq(), ""))
        self.till.store.replica.apply(FeedPage(mark, feed, (row,), change, more=False))

    def use_pack(self, name: str, changed: Callable[[str], str] = str) -> Pack:
        """From now on another of the shipped packs is in force; a changed one as its next version."""
        shipped = (_PROGRAMMES / f"{name}.toml").read_text(encoding="utf-8")
        text = changed(shipped)
        if text != shipped:
            text = re.sub(
                r"^version = (\d+)$", lambda at: f"version = {int(at[1]) + 1}", text, flags=re.MULTILINE
            )
        self.tell("packs", name, SignedBytes(text.encode(), "sample", b""))
        loaded = self.desk.packs.current()
        assert loaded is not None
        assert loaded.pack.id == name
        return loaded.pack

    def tell_member(self, member_no: str, card: str, plan: str, **facts: Any) -> None:
        """The hub tells of a member; what is not said is as for somebody who has bought before."""
        stated = {"status": "active", "expires": "2027-06-30", "balances": {SALES: 1}} | facts
        self._tell_row(MemberRow(member_no=member_no, card_hash=card_hash(card), plan=plan, **stated))

    def tell_terms(self, **terms: Any) -> None:
        """The hub tells the store's terms."""
        self.tell("terms", self.desk.journal.store.store, StoreTerms(**({"merchant": "M1"} | terms)))

    def tell_good(self, code: str, price_fen: int, member_price_fen: int | None = None) -> str:
        """The hub tells of a good sold by the piece; gives its code."""
        member_fen = price_fen if member_price_fen is None else member_price_fen
        good = Product(code, f"货{code[-3:]}", "", "个", "食品", price_fen, member_fen)
        self.tell("catalogue", code, good)
        return code

    def known(self, member_no: str) -> KnownMember:
        """A member as this till knows them now."""
        member = self.desk.members.by_number(member_no)
        assert member is not None
        return member

    def give_back(
        self, sale: SaleMade, *returning: ReturnedLine, purpose: Purpose = "return"
    ) -> CompletedRefund:
        """Takes goods back; all that is left unless lines are named."""
        lines = returning or everything_left(find_sale(sale.receipt_no, self.desk, purpose=purpose))
        return self.book(lambda: refund_sale(sale.receipt_no, lines, CASHIER, self.desk, purpose=purpose))

    def hub_says_points(self, member_no: str, amount: int) -> None:
        """The hub tells a balance that counts everything this till has done so far."""
        known = self.known(member_no)
        row = MemberRow(
            member_no=member_no,
            card_hash="00" * 32,
            plan=known.plan,
            status=known.status,
            expires=known.expires,
            balances=known.balances | {"points": amount},
        )
        self._tell_row(row)

    def _tell_row(self, row: MemberRow) -> None:
        """As the hub does: who they are to all stores, what they hold to this one."""
        self.tell("balances", row.member_no, member_rows.for_own_stores(row))
        self.tell("members", row.member_no, member_rows.for_all(row))

    def events(self) -> list[Event]:
        """The whole journal, oldest first."""
        readers = Readers(self.till.store.folder.journal)
        try:
            return [decode(row[0]) for row in readers.rows("SELECT body FROM journal ORDER BY seq")]
        finally:
            readers.close()

    def chain_holds(self) -> bool:
        return isinstance(verify_journal(self.till.store.folder.journal), Verified)

    def go_offline(self, since: datetime = A_MORNING) -> None:
        self.hub.go_offline(since)
