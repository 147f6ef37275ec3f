"""The sale at the till: the open cart, who serves, and what a scan or a key does to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from pos.domain import cart as carts
from pos.domain.basket import BasketLine, HeldCoupon
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.catalogue import Product
from pos.domain.message import Message, Refusal, say
from pos.ui.presenters.cart_saver import CartSaver
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.member_card import PointsWish, points_wishes
from pos.ui.presenters.notices import Notice, nothing_booked, notice_of
from pos.ui.presenters.reserving import Reserving, code_notice
from pos.ui.services import TillServices
from pos.usecases.accept_pay_code import accept_pay_code
from pos.usecases.complete_sale import CompletedSale, complete_sale
from pos.usecases.desk import Quote, quote
from pos.usecases.ports import StaffMember, StorageTrouble
from pos.usecases.scan_code import (
    CardToSell,
    CouponAccepted,
    ExpiredMember,
    GoodsAdded,
    MemberIdentified,
    NotForTheCart,
    PayCodeAccepted,
    Scanned,
    add_product,
    scan_code,
)

UNDO_MAX = 50


class TillView(Protocol):
    """What the till asks of the window."""

    def show_cart(self, flash: int | None = None) -> None:
        """The cart or its price changed; `flash` is the line just touched."""
        ...

    def show_notice(self, notice: Notice) -> None: ...

    def show_paid(self) -> None:
        """The sale is on disk: `Till.paid` tells what to hand back."""
        ...

    def show_unpaid(self) -> None:
        """Taking the money failed; the cart is as it was."""
        ...

    def ask_about(self, found: NotForTheCart) -> None:
        """What was scanned needs a sheet of its own."""
        ...

    def scan_again(self, code: str) -> None:
        """A code that came while the sale was being booked."""
        ...


@dataclass(frozen=True, slots=True)
class Paid:
    """The sale just made, and what the customer handed over."""

    completed: CompletedSale
    given_fen: int

    @property
    def change_fen(self) -> int:
        return self.completed.sale.change_fen


class Till:
    """One till with one open cart. Every method returns at once; a deed that books answers later.

    `quoted` is the cart priced now, None while it is empty. `paid` is the sale whose change is on the
    screen, `last` the one before the open cart.
    """

    def __init__(self, services: TillServices, errands: Errands, view: TillView) -> None:
        self._services = services
        self._desk = services.desk
        self._errands = errands
        self._view = view
        self._saver = CartSaver(services.desk.journal, errands, view.show_notice)
        self._reserving = Reserving(services, errands, view.show_notice)
        self._history: list[Cart] = []
        self._held: list[str] = []
        self._asked_about: str | None = None
        self.cart = Cart()
        self.quoted: Quote | None = None
        self.person: StaffMember | None = None
        self.busy = False
        self.paid: Paid | None = None
        self.last: Paid | None = None

    # --- what is on the screen ---------------------------------------------------------------

    @property
    def due_fen(self) -> int:
        return self.quoted.sale.due_fen if self.quoted else 0

    @property
    def selected_line(self) -> BasketLine | None:
        index = self.cart.selected
        return self.cart.lines[index] if index is not None and index < len(self.cart.lines) else None

    # --- from start to log-in ----------------------------------------------------------------

    def restore(self) -> None:
        """Takes up the cart that was open when the till last stopped."""
        cart = self._desk.journal.open_cart()
        if cart is None or cart.empty:
            return
        if self._change(cart, keep_history=False):
            self._view.show_notice(Notice("good", say("上次没结完的购物车已恢复")))

    # --- goods and members -------------------------------------------------------------------

    def scan(self, code: str, quantity: int = 1) -> None:
        """What a scanned or typed code does. While a sale is being booked the code waits."""
        if self.busy:
            self._held.append(code)
            return
        self.next_sale()
        self._try(lambda: scan_code(self.cart, code, self._desk, quantity=quantity))

    def add(self, product: Product, quantity: int = 1) -> None:
        """Adds a good that was picked from the suggestions."""
        if self.busy:
            self._held.append(product.code)
            return
        self.next_sale()
        self._try(lambda: add_product(self.cart, product, quantity=quantity))

    def add_weighed(self, product: Product, weight_g: int) -> bool:
        return self._edit(lambda: carts.add(self.cart, product, weight_g=weight_g), flash=True)

    def put_member(self, member_no: str) -> None:
        """Puts a member on the sale whose plan was just sold; an empty cart waits for them, too."""
        self._edit(lambda: carts.with_member(self.cart, member_no))

    def remove_member(self) -> None:
        self._edit(lambda: carts.with_member(self.cart, None))

    # --- lines -------------------------------------------------------------------------------

    def set_quantity(self, quantity: int) -> bool:
        return self._edit(lambda: carts.set_quantity(self.cart, self._index(), quantity), flash=True)

    def set_weight(self, weight_g: int) -> bool:
        return self._edit(lambda: carts.set_weight(self.cart, self._index(), weight_g), flash=True)

    def add_pieces(self, pieces: int) -> bool:
        """One more or one less of the selected line; never down to none (that is what Del is for)."""
        line = self.selected_line
        if line is None or line.product.weighed or line.quantity + pieces < 1:
            return False
        return self.set_quantity(line.quantity + pieces)

    def delete_line(self) -> bool:
        return self._edit(lambda: carts.delete(self.cart, self._index()))

    def clear(self) -> None:
        """Empties the cart; `undo` brings it back."""
        if not self.cart.empty:
            self._edit(Cart)

    def select(self, index: int) -> None:
        self.cart = carts.select(self.cart, index)
        self._view.show_cart()

    def move(self, rows: int) -> None:
        self.select((self.cart.selected or 0) + rows)

    def undo(self) -> bool:
        """Takes the last change of the cart back."""
        if self.busy or not self._history:
            return False
        return self._change(self._history.pop(), keep_history=False)

    # --- paying ------------------------------------------------------------------------------

    def redeem(self, asset: str, amount: int) -> bool:
        """The wish to pay with points, in minor units; 0 takes it back.

        Online the hub is asked to reserve them; until it has, and if it does not, the offline limits hold.
        """
        wished = self._edit(lambda: carts.wish_to_redeem(self.cart, asset, amount))
        if wished and amount > 0:
            self._reserving.ask(self.cart, self.quoted, asset, self._put_code)
        return wished

    def redeem_all(self, asset: str) -> bool:
        return self.redeem(asset, EVERYTHING)

    def try_redeem(self, asset: str, amount: int) -> PointsWish | None:
        """What such a wish would come to, without making it."""
        try:
            tried = quote(carts.wish_to_redeem(self.cart, asset, amount), self._desk)
        except Refusal:
            return None
        return next((one for one in points_wishes(tried) if one.asset == asset), None)

    def keep_back(self, unit: str, *, kept: bool) -> bool:
        """Whether coupons on the member's account stay there this time."""
        return self._edit(lambda: carts.keep_back(self.cart, unit, kept=kept))

    def hand_back(self, number: str) -> bool:
        """A printed coupon goes back to the customer."""
        return self._edit(lambda: carts.without_coupon(self.cart, number))

    def take_cash(self, given_fen: int) -> None:
        """Books the sale. A second call before the first has ended does nothing."""
        if self.busy or self.person is None:
            return
        if not self.cart.lines or self.quoted is None:
            self._view.show_notice(Notice("warn", say("购物车是空的，请先扫商品")))
            return
        cart, cashier, due_fen = self.cart, self.person.number, self.due_fen
        self.busy = True
        self._saver.forget()
        self._errands.book(
            lambda: complete_sale(cart, given_fen, cashier, self._desk, shown_due_fen=due_fen),
            lambda completed: self._paid(Paid(completed, given_fen)),
            self._not_paid,
            otherwise=nothing_booked(),
        )

    def next_sale(self) -> None:
        """Takes the change off the screen; the till is free for the next customer."""
        if self.paid is not None:
            self.paid = None
            self._view.show_cart()

    def refresh(self) -> None:
        """Prices the cart again: the till may have gone offline, or a download may have come."""
        if self.busy or self.cart.empty:
            return
        try:
            quoted = quote(self.cart, self._desk)
        except (Refusal, StorageTrouble):
            return  # whoever next changes the cart is told
        if quoted != self.quoted:
            self.quoted = quoted
            self._view.show_cart()
        self._ask_for_balances()

    # --- how a change goes -------------------------------------------------------------------

    def _index(self) -> int:
        return self.cart.selected if self.cart.selected is not None else -1

    def _try(self, deed: Callable[[], Scanned]) -> None:
        try:
            scanned = deed()
        except ExpiredMember as expired:
            self._view.ask_about(CardToSell(expired.member))
            self._refuse(expired)
            return
        except (Refusal, StorageTrouble) as trouble:
            self._refuse(trouble)
            return
        self._take(scanned)

    def _take(self, scanned: Scanned) -> None:
        match scanned:
            case GoodsAdded(cart=cart):
                self._change(cart, flash=True)
            case MemberIdentified(cart=cart):
                self._change(cart)
            case CouponAccepted(cart=cart, coupon=coupon):
                if self._change(cart):
                    self._view.show_notice(self._coupon_notice(coupon))
                    self._reserving.claim(self.quoted, coupon, self.hand_back)
            case PayCodeAccepted(cart=cart, reserved=reserved):
                if self._change(cart):
                    self._view.show_notice(code_notice(self.quoted, reserved))
            case _:
                self._view.ask_about(scanned)

    def _coupon_notice(self, coupon: HeldCoupon) -> Notice:
        """Whether the coupon that was just taken in changes the price."""
        if self.quoted is None or self.quoted.member is None:
            return Notice("good", say("已收下纸券，扫会员码后生效"))
        if any(one.number == coupon.number for one in self.quoted.sale.coupons_used):
            return Notice("good", say("已收下纸券，本单已用上"))
        return Notice("good", say("已收下纸券，这一单还用不上；按 F8 看原因"))

    def _edit(self, deed: Callable[[], Cart], *, flash: bool = False) -> bool:
        if self.busy:
            return False
        try:
            cart = deed()
        except (Refusal, StorageTrouble) as trouble:
            self._refuse(trouble)
            return False
        return self._change(cart, flash=flash)

    def _change(self, cart: Cart, *, flash: bool = False, keep_history: bool = True) -> bool:
        """A cart that cannot be priced is not taken, so that what is shown can be sold."""
        try:
            quoted = None if cart.empty else quote(cart, self._desk)
        except (Refusal, StorageTrouble) as trouble:
            self._refuse(trouble)
            return False
        if keep_history and cart != self.cart:
            self._history = [*self._history, self.cart][-UNDO_MAX:]
        self.cart, self.quoted = cart, quoted
        self._saver.save(cart)
        self._view.show_cart(flash=cart.selected if flash else None)
        self._ask_for_balances()
        return True

    def _ask_for_balances(self) -> None:
        """A member whom this store is not told about: once, as soon as the hub can be asked."""
        quoted = self.quoted
        if quoted is None or quoted.member is None:
            self._asked_about = None
        elif not quoted.member.balances_told and quoted.online:
            member_no = quoted.member.member_no
            if self._asked_about != member_no:
                self._asked_about = member_no
                self._errands.fetch(
                    lambda: self._services.ask_member(member_no), self._asked, self._view.show_notice
                )

    def _put_code(self, member_no: str, asset: str, digits: str) -> None:
        """The hub's code is looked at like one that a member shows; too late for the cart it is let go."""
        if not self.busy and self.cart.member_no == member_no and asset in self.cart.redeem:
            wish = self.cart.redeem[asset]
            self._edit(lambda: self._with_code(digits, asset, wish))

    def _with_code(self, digits: str, asset: str, wish: int) -> Cart:
        reserved = msgspec.structs.replace(accept_pay_code(digits, self._desk), shown=False)
        return carts.wish_to_redeem(carts.with_pay_code(self.cart, reserved), asset, wish)

    def _asked(self, answered: bool) -> None:  # noqa: FBT001 - what the errand brought
        if not answered:
            self._view.show_notice(Notice("warn", say("总部现在查不到积分余额，本单先不能抵扣")))

    def _refuse(self, trouble: Refusal | StorageTrouble) -> None:
        self._view.show_notice(notice_of(trouble, otherwise=trouble.message))

    # --- how taking cash ends ----------------------------------------------------------------

    def _paid(self, paid: Paid) -> None:
        self.busy = False
        self.paid = self.last = paid
        self.cart, self.quoted, self._history = Cart(), None, []
        self._view.show_paid()
        if paid.completed.sale.tenders:
            self.open_drawer_silently()
        self._release_held()

    def _not_paid(self, notice: Notice) -> None:
        self.busy = False
        self._saver.save(self.cart)
        self.refresh()
        self._view.show_unpaid()
        self._view.show_notice(notice)
        self._release_held()

    def _release_held(self) -> None:
        held, self._held = self._held, []
        for code in held:
            self._view.scan_again(code)

    def open_drawer_silently(self) -> None:
        """The drawer of a booked receipt; a drawer that stays shut is a notice, nothing more."""
        self._errands.fetch(self._services.pulse_drawer, self._drawer_said, self._view.show_notice)

    def _drawer_said(self, problem: Message | None) -> None:
        if problem is not None:
            self._view.show_notice(Notice("warn", problem))
