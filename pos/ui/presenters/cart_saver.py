"""Saves the open cart after each change, without a queue of outdated carts."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.cart import Cart
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice
from pos.usecases.ports import Journal


class CartSaver:
    """While one save is under way only the newest cart waits behind it."""

    def __init__(self, journal: Journal, errands: Errands, on_failure: Callable[[Notice], None]) -> None:
        self._journal = journal
        self._errands = errands
        self._on_failure = on_failure
        self._waiting: Cart | None = None
        self._running = False

    def save(self, cart: Cart) -> None:
        self._waiting = cart
        if not self._running:
            self._next()

    def forget(self) -> None:
        """Drops what waits: a cart that is being sold must not be written behind its sale."""
        self._waiting = None

    def _next(self) -> None:
        cart, self._waiting = self._waiting, None
        if cart is None:
            return
        self._running = True
        self._errands.book(lambda: self._journal.save_cart(cart), self._saved, self._failed)

    def _saved(self, _nothing: None) -> None:
        self._running = False
        self._next()

    def _failed(self, notice: Notice) -> None:
        self._running = False
        self._on_failure(notice)
        self._next()
