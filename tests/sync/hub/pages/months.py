"""A shop's month as tills would upload it: several hundred sales, a few refunds, memberships and troubles."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

import msgspec

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput
from pos.domain.events import MembershipSold, RefundMade, SaleMade, Tender
from pos.domain.membership import MembershipDeal
from pos.domain.pricing.price import price
from pos.domain.refund import ReturnedLine
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal

LAST = dt.date(2026, 3, 31)
MEMBERS = ("30006012", "30007572", "30007751")
_HOURS = (7, 7, 8, 8, 9, 10, 11, 11, 12, 12, 13, 15, 16, 17, 17, 18, 18, 18, 19, 19, 20, 21)
_TENDERS = ("cash", "wechat", "wechat", "wechat", "alipay", "card")


class Shop:
    """Writes a till's month. Everything is decided by the seed, so every run gives the same figures."""

    def __init__(self, till: FakeTerminal, store: str, *, seed: int = 1) -> None:
        self.till, self.store = till, store
        self.chance = random.Random(seed)
        self.made: list[SaleMade] = []
        self.coupon_used = store != "S1"

    def month(self, a_day: int = 14, days: int = 31, last: dt.date = LAST) -> None:
        for back in reversed(range(days)):
            day = last - dt.timedelta(days=back)
            busy = a_day + (a_day // 2 if day.weekday() >= 5 else 0)
            for _ in range(self.chance.randint(busy - busy // 3, busy + busy // 3)):
                self.sale(day)
            if self.made and back % 4 == 0:
                self.refund(day)
        self.upload()

    def sale(self, day: dt.date, lines: Sequence[BasketLine] | None = None) -> SaleMade:
        at = dt.datetime.combine(
            day, dt.time(self.chance.choice(_HOURS), self.chance.randrange(60), self.chance.randrange(60))
        )
        member = self.chance.choice(MEMBERS) if self.chance.random() < 0.45 else None
        has_coupon = member == MEMBERS[0] and not self.coupon_used
        coupons = (HeldCoupon("coupon_50_10"),) if has_coupon else ()
        basket = Basket(
            lines=tuple(lines or self._lines()),
            member=MemberInput(member, "basic", {"points": 2000}, home_store="S1") if member else None,
            redeem={"points": 500} if member and self.chance.random() < 0.3 else {},
            coupons=coupons,
            store=self.store,
            at=at.isoformat() + "+08:00",
        )
        made = self._sold(basket, day.isoformat())
        self.coupon_used = self.coupon_used or bool(made.result.coupons_used)
        self.made.append(made)
        self.till.write(made)
        return made

    def _sold(self, basket: Basket, date: str) -> SaleMade:
        result = price(basket, sales.PACK)
        kind = self.chance.choice(_TENDERS)
        given = result.due_fen if kind != "cash" else -(-result.due_fen // 1000) * 1000
        return SaleMade(
            receipt_no=self.till.next_receipt_no(),
            at=basket.at,
            date=date,
            store=self.store,
            cashier=self.chance.choice(("03", "03", "04")),
            pack=sales.REFS["tongyi"],
            basket=basket,
            result=result,
            tenders=(Tender(kind, given),),
            change_fen=given - result.due_fen,
            online=True,
        )

    def _lines(self) -> list[BasketLine]:
        goods = list(sales.GOODS.values())
        chosen = self.chance.sample(goods, self.chance.randint(1, 6))
        return [
            BasketLine(one, 1, self.chance.randint(200, 2500))
            if one.weighed
            else BasketLine(one, self.chance.choice((1, 1, 1, 2, 3)))
            for one in chosen
        ]

    def refund(self, day: dt.date) -> RefundMade:
        sale = self.chance.choice(self.made[-20:])
        self.made.remove(sale)
        given_back = sales.give_back(self.till.next_receipt_no(), sale, ReturnedLine(0, 1))
        refund = msgspec.structs.replace(given_back, date=day.isoformat(), at=f"{day}T16:30:00+08:00")
        self.till.write(refund)
        return refund

    def membership(self, day: dt.date, member_no: str) -> MembershipSold:
        deal = MembershipDeal("join", "basic", 100_00, 0, day.isoformat(), f"{day.year + 1}-03-01")
        sold = sales.membership(self.till.next_receipt_no(), deal, member=member_no)
        sold = msgspec.structs.replace(
            sold, date=day.isoformat(), at=f"{day}T11:00:00+08:00", store=self.store
        )
        self.till.write(sold)
        return sold

    def upload(self) -> None:
        for at in range(0, len(self.till.entries), 150):
            self.till.upload(*self.till.entries[at : at + 150])
