"""Opens the sheets of the sale screen, each with what it needs, or says why it stays shut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pos.domain.catalogue import Product
from pos.domain.message import Message, Refusal, say
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.member_card import member_card
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.offers_book import offer_rows, proof
from pos.ui.presenters.pay_rows import pay_rows
from pos.ui.presenters.till import Till
from pos.ui.services import TillServices
from pos.ui.sheets.approval import ApprovalSheet, Asked
from pos.ui.sheets.cash import CashSheet
from pos.ui.sheets.membership import MembershipSheet
from pos.ui.sheets.numbers import QuantitySheet, WeightSheet
from pos.ui.sheets.offers import OffersSheet
from pos.ui.sheets.pay import PaySheet
from pos.ui.sheets.pickup import PickupSheet
from pos.ui.sheets.plain import Choice, ConfirmSheet, HelpSheet, MemberSheet, MenuSheet
from pos.ui.sheets.receipts import ReceiptsSheet
from pos.ui.sheets.refund import RefundSheet
from pos.ui.sheets.report import ReportSheet
from pos.ui.sheets.sheet import Sheet, SheetHost
from pos.ui.stage import Stage
from pos.usecases.ports import KnownMember, StaffMember
from pos.usecases.refund_sale import CompletedRefund
from pos.usecases.roles import Right, leave, no_right
from pos.usecases.scan_code import CardToSell, NotForTheCart, OrderFound, ReceiptFound, WeightNeeded
from pos.usecases.sell_membership import CompletedMembership
from sync.protocol.pickups import PickupRow


@dataclass(frozen=True, slots=True)
class SheetOpener:
    """`tell` shows a notice, `hush` takes it away.

    `refunded` is called when a return is booked, `membership_sold` when a plan is.
    """

    stage: Stage
    services: TillServices
    errands: Errands
    till: Till
    host: SheetHost
    tell: Callable[[Notice], None]
    hush: Callable[[], None]
    refunded: Callable[[CompletedRefund], None]
    membership_sold: Callable[[CompletedMembership], None]

    def found(self, found: NotForTheCart) -> None:
        """What was scanned and does not go into the cart as it is."""
        match found:
            case WeightNeeded(product=product):
                self._weight(product)
            case ReceiptFound(receipt_no=receipt_no):
                self.refund(receipt_no)
            case OrderFound(order=order):
                self._order(order)
            case CardToSell(member=member):
                self.membership(member)

    def quantity(self) -> None:
        """Pieces of the selected line, or its weight."""
        line = self.till.selected_line
        if line is None:
            self._refuse(say("购物车里没有这一行，请先扫商品"))
        elif line.product.weighed:
            self._open(
                WeightSheet(
                    self.stage, line.product, self._price(line.product), self.till.set_weight, line.weight_g
                )
            )
        else:
            self._open(QuantitySheet(self.stage, line.product, line.quantity, self.till.set_quantity))

    def _weight(self, product: Product) -> None:
        """The weight of a good that was just scanned."""
        self._open(
            WeightSheet(
                self.stage,
                product,
                self._price(product),
                lambda weight_g: self.till.add_weighed(product, weight_g),
            )
        )

    def points(self) -> None:
        """Points, vouchers and coupons, if there is anything to choose."""
        quoted = self.till.quoted
        if quoted is None or (quoted.member is None and not self.till.cart.coupons):
            self._refuse(say("请先扫会员码，再用积分或券"))
            return
        rows = pay_rows(quoted, self.till.cart)
        usable = any(one.amount for one in quoted.sale.redeemable) or any(one.used for one in rows)
        if usable or any(row.kind != "asset" for row in rows):
            self._open(PaySheet(self.stage, self.till))
        else:
            self._refuse(quoted.limit_notes[0] if quoted.limit_notes else say("本单没有可用的积分或券"))

    def offers(self) -> None:
        """Why the price is what it is."""
        quoted = self.till.quoted
        if quoted is None:
            self._refuse(say("购物车是空的，请先扫商品"))
        else:
            self._open(OffersSheet(self.stage, offer_rows(quoted), proof(quoted)))

    def membership(self, member: KnownMember | None = None) -> None:
        """Plans for a member: of a card just scanned, or the one on the sale."""
        person = self.till.person
        member = member or (self.till.quoted.member if self.till.quoted else None)
        if person is None:
            return
        if member is None:
            self._refuse(say("请先扫会员卡：新卡、到期卡或要升级的会员"))
            return
        try:
            sheet = MembershipSheet(
                self.stage,
                self.services.desk,
                self.errands,
                person.number,
                member,
                on_done=self.membership_sold,
            )
        except Refusal as refusal:
            self._refuse(refusal.message)
            return
        if sheet.form.deals:
            self._open(sheet)
        else:
            self._refuse(say("这位会员现在没有可办理的等级"))

    def cash(self) -> None:
        if self.till.cart.lines:
            self._open(CashSheet(self.stage, self.till))
        else:
            self._refuse(say("购物车是空的，请先扫商品"))

    def member(self) -> None:
        card = member_card(self.till.quoted)
        self._open(MemberSheet(self.stage, card, self.till.scan, self.till.remove_member))

    def refund(self, receipt_no: str | None = None) -> None:
        person = self.till.person
        if person is None:
            return
        sheet = RefundSheet(
            self.stage,
            self.services,
            self.errands,
            person.number,
            on_done=self.refunded,
            when_allowed=self.when_allowed,
        )
        self._open(sheet)
        if receipt_no is not None:
            sheet.form.find(receipt_no)

    def _order(self, order: PickupRow) -> None:
        """An order whose code was scanned."""
        person = self.till.person
        if person is not None:
            self._open(PickupSheet(self.stage, self.services.desk, self.errands, person.number, order))

    def receipts(self) -> None:
        self._open(ReceiptsSheet(self.stage, self.services.desk, self.errands, self.refund))

    def report(self) -> None:
        self.when_allowed(
            "see_report", lambda _, __: self._open(ReportSheet(self.stage, self.services, self.errands))
        )

    def when_allowed(
        self,
        right: Right,
        do_it: Callable[[StaffMember, str], None],
        /,
        *,
        amount_fen: int = 0,
        about: Message | None = None,
    ) -> None:
        """Does something that not everybody may; see `WhenAllowed`."""
        person = self.till.person
        if person is None:
            return
        match leave(person.role, right, amount_fen=amount_fen):
            case "alone":
                do_it(person, "")
            case "second_person":
                asked, approved = Asked(person.number, right, about), partial(do_it, person)
                self._open(ApprovalSheet(self.stage, self.services.desk, self.errands, asked, approved))
            case _:
                self._refuse(no_right(person.number, right))

    def clear(self) -> None:
        if self.till.cart.empty:
            return
        question = say("清空购物车（{lines} 行商品）？", lines=len(self.till.cart.lines))
        self.confirm(question, say("清空"), self.till.clear)

    def help(self) -> None:
        self._open(HelpSheet(self.stage))

    def menu(self, choices: tuple[Choice, ...]) -> None:
        self._open(MenuSheet(self.stage, choices))

    def confirm(self, question: Message, yes: Message, do_it: Callable[[], None]) -> None:
        self._open(ConfirmSheet(self.stage, question, yes, do_it))

    def _open(self, sheet: Sheet) -> None:
        self.hush()
        sheet.noticed.connect(self.tell)
        self.host.open(sheet)

    def _refuse(self, message: Message) -> None:
        self.tell(Notice("warn", message))

    def _price(self, product: Product) -> int:
        """What a kg costs the customer at the till now."""
        return product.member_price_fen if self.till.cart.member_no else product.price_fen
