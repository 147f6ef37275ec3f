"""A till's store with sales in it, built from the domain's own rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from pos.domain.basket import Basket, BasketLine, MemberInput
from pos.domain.catalogue import Product
from pos.domain.events import LoggedIn, PackRef, RefundMade, SaleMade, Tender
from pos.domain.journal import ChainIdentity, Entry
from pos.domain.pricing.price import price
from pos.domain.programme.loading import load_pack
from pos.domain.receipt import BalanceAfter, StoreCard
from pos.domain.refund import ReturnedLine, add_returned, refund
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore, create_chain, open_store
from pos.usecases.ports import LoadedPack
from sync.protocol.messages import FeedPage, FeedRow, HighWater, HubMark, SignedBytes

RESOURCES = Path(__file__).parents[2] / "resources"
IDENTITY = ChainIdentity("S1-1", 1, "3c81f00d5eedbeef")
STORE = StoreCard(
    alliance="同壹联盟",
    merchant="M1",
    store="S1",
    name="幸福里便利店",
    address="幸福里 1 号",
    timezone="Asia/Shanghai",
    terminal_label="1 号机",
)
NOW = datetime.fromisoformat("2026-03-01T10:00:00+08:00")
DATE = "2026-03-01"
MEMBER = "30006012"
BALANCES = (BalanceAfter("积分", 2900, 2),)


@cache
def tongyi_bytes() -> bytes:
    return (RESOURCES / "programmes" / "tongyi.toml").read_bytes()


@cache
def tongyi() -> LoadedPack:
    text = tongyi_bytes()
    pack = load_pack(text)
    return LoadedPack(PackRef(pack.id, pack.version, hashlib.sha256(text).hexdigest()), pack)


def product(number: int = 1, **changes: Any) -> Product:
    made = Product(
        code=f"69{number:011d}",
        name=f"商品{number:03d}号矿泉水",
        spec="550ml",
        unit="瓶",
        category="饮料",
        price_fen=170 + number,
        member_price_fen=158 + number,
        cost_fen=140,
        initials=f"sp{number:03d}hkqs",
    )
    return msgspec.structs.replace(made, **changes)


def sale(
    receipt_no: str,
    *,
    lines: int = 2,
    quantity: int = 3,
    member_no: str | None = None,
    points: int = 0,
    redeem: int = 0,
    online: bool = True,
    date: str = DATE,
    at: str = NOW.isoformat(),
) -> SaleMade:
    """A paid sale; `points` the member has and `redeem` of them wished, in minor units."""
    basket = Basket(
        lines=tuple(BasketLine(product(number), quantity) for number in range(1, lines + 1)),
        member=MemberInput(member_no, "basic", {"points": points}) if member_no else None,
        redeem={"points": redeem} if redeem else {},
        ceilings_fen={} if online else {"points": 50_00},
    )
    result = price(basket, tongyi().pack)
    return SaleMade(
        receipt_no=receipt_no,
        at=at,
        date=date,
        store=STORE.store,
        cashier="03",
        pack=tongyi().ref,
        basket=basket,
        result=result,
        tenders=(Tender("cash", result.due_fen),),
        change_fen=0,
        online=online,
    )


def refund_of(
    sold: SaleMade,
    receipt_no: str,
    *returning: ReturnedLine,
    before: tuple[RefundMade, ...] = (),
    date: str = DATE,
    online: bool = True,
) -> RefundMade:
    returned: dict[int, int] = {}
    for one in before:
        returned = add_returned(returned, one.returning)
    cash_back_fen = sum(one.result.cash_back_fen for one in before)
    member = sold.basket.member
    result = refund(
        sold.result,
        sold.basket,
        tongyi().pack,
        before=returned,
        cash_back_before_fen=cash_back_fen,
        returning=returning,
    )
    return RefundMade(
        receipt_no=receipt_no,
        of=sold.receipt_no,
        at=NOW.isoformat(),
        date=date,
        store=STORE.store,
        cashier="03",
        pack=tongyi().ref,
        before=returned,
        cash_back_before_fen=cash_back_fen,
        returning=returning,
        result=result,
        member_no=member.member_no if member else None,
        plan=member.plan if member else None,
        online=online,
    )


def everything(sold: SaleMade) -> tuple[ReturnedLine, ...]:
    return tuple(ReturnedLine(index, line.quantity) for index, line in enumerate(sold.result.lines))


def create(path: Path) -> DataFolder:
    folder = DataFolder(path)
    create_chain(folder, IDENTITY, STORE, public_key=bytes(32), software="test", at=NOW)
    return folder


@contextmanager
def till_in(folder: DataFolder) -> Iterator[TillStore]:
    till = open_store(folder)
    try:
        yield till
    finally:
        till.close()


def sell(till: TillStore, **how: Any) -> tuple[SaleMade, Entry]:
    """Books a sale the way the till does: entry, projections, print job, cart, in one transaction."""

    def book() -> tuple[SaleMade, Entry]:
        with till.journal.transaction() as transaction:
            sold = sale(transaction.next_receipt_no(), **how)
            entry = transaction.append(sold)
            transaction.queue_receipt(entry.seq, BALANCES)
            transaction.forget_cart()
        return sold, entry

    return till.journal_writer.run(book)


def take_back(till: TillStore, sold: SaleMade, *returning: ReturnedLine, **how: Any) -> RefundMade:
    def book() -> RefundMade:
        with till.journal.transaction() as transaction:
            before = till.journal.refunds_of(sold.receipt_no)
            made = refund_of(sold, transaction.next_receipt_no(), *returning, before=before, **how)
            entry = transaction.append(made)
            transaction.queue_receipt(entry.seq, BALANCES)
        return made

    return till.journal_writer.run(book)


def log_in(till: TillStore, number: str, at: datetime, *, ok: bool) -> None:
    def book() -> None:
        with till.journal.transaction() as transaction:
            transaction.append(LoggedIn(at.isoformat(timespec="seconds"), number, ok))

    till.journal_writer.run(book)


def page(
    feed: str,
    *rows: tuple[str, Any],
    start: int = 0,
    mark: int = 0,
    hub_epoch: int = 1,
    more: bool = False,
) -> FeedPage:
    """A page as it comes off the wire: bodies are plain JSON values."""
    numbered = tuple(
        FeedRow(start + index, key, None if body is None else msgspec.to_builtins(body))
        for index, (key, body) in enumerate(rows, start=1)
    )
    hub = HubMark(hub_epoch, "2026-03-01T02:00:00Z", HighWater(mark, "00" * 32 if mark else ""))
    return FeedPage(hub, feed, numbered, start + len(rows), more)


def signed_pack(payload: bytes) -> SignedBytes:
    return SignedBytes(payload, "pack-1", bytes(64))
