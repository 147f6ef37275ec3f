"""A till without a window: the presenter, and a view that remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.catalogue import Product
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.till import Till
from pos.usecases.ports import KnownMember
from pos.usecases.scan_code import CardToSell, NotForTheCart, OrderFound, ReceiptFound, WeightNeeded
from sync.protocol.pickups import PickupRow
from tests.fakes.till_services import FakeServices

MEMBER = "91368861958193196424478"
WATER = "6921168509256"
COLA = "6954767410388"
CIGARETTES = "6901028075770"
APPLES = "20001"


class NotedView:
    """Remembers."""

    def __init__(self) -> None:
        self.drawn = 0
        self.flashed: list[int | None] = []
        self.notices: list[Notice] = []
        self.paid = 0
        self.unpaid = 0
        self.weights: list[Product] = []
        self.refunds: list[str] = []
        self.again: list[str] = []
        self.orders: list[PickupRow] = []
        self.cards: list[KnownMember] = []

    def show_cart(self, flash: int | None = None) -> None:
        self.drawn += 1
        self.flashed.append(flash)

    def show_notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def show_paid(self) -> None:
        self.paid += 1

    def show_unpaid(self) -> None:
        self.unpaid += 1

    def ask_about(self, found: NotForTheCart) -> None:
        match found:
            case WeightNeeded(product=product):
                self.weights.append(product)
            case ReceiptFound(receipt_no=receipt_no):
                self.refunds.append(receipt_no)
            case OrderFound(order=order):
                self.orders.append(order)
            case CardToSell(member=member):
                self.cards.append(member)

    def scan_again(self, code: str) -> None:
        self.again.append(code)

    @property
    def said(self) -> str:
        """The last sentence."""
        return str(self.notices[-1].message) if self.notices else ""


class AtTheTill:
    """Cashier 03 at the sample shop."""

    def __init__(self, fakes: FakeServices | None = None) -> None:
        self.fakes = fakes or FakeServices()
        self.sample = self.fakes.sample
        self.view = NotedView()
        self.errands = Errands(self.fakes.services, at_once)
        self.till = Till(self.fakes.services, self.errands, self.view)
        self.till.person = self.sample.staff.by_number("03")

    def scan(self, *codes: str) -> None:
        for code in codes:
            self.till.scan(code)

    def worked_sale(self) -> None:
        """The worked sale of the README, up to paying."""
        self.scan(MEMBER, WATER, WATER, WATER, COLA, COLA, CIGARETTES, APPLES)
        assert self.till.add_weighed(self.view.weights[-1], 1234)
        assert self.till.redeem_all("points")


def at_once(callback: Callable[[], None], /) -> None:
    callback()
