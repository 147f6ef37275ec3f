"""From a scanner's first key to the painted line, against Qt's own table adding a row and painting it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import cast

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTableWidget, QTableWidgetItem, QWidget

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.ui.app import application
from pos.ui.services import TillServices
from pos.ui.window import TillWindow
from pos.usecases.ports import StaffMember
from sync.protocol.messages import FeedPage, FeedRow, HighWater, HubMark
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder, open_shop, packaged_goods
from tests.usecases.sample_till import CASHIER, QIN, SampleTill

PAIRS = 200
PRODUCTS = 100_000
CART_LINES = 10
COLUMNS = 5
SCANNER_GAP_MS = 2
PAGE_ROWS = 500
PATIENCE_S = 5.0
FLOOR = "a bare QTableWidget of as many rows, same platform: insertRow, 5 items, paint"


def scan_to_painted(n: int = PAIRS, products: int = PRODUCTS) -> Comparison:
    """From the first of 14 key events to the end of the painting that shows the new line.

    The keys come all at once with a scanner's time stamps, so its own typing time is not counted. In
    between: telling the scan from typing, look-up, pricing, all panels of the window.
    """
    with _window_with_cart(products) as (_shop, window):
        return _compare("scan_to_painted", window, n)


def scan_to_painted_downloading(n: int = PAIRS, products: int = PRODUCTS) -> Comparison:
    """The same while the cache's writer applies one page of 500 goods after another."""
    with _window_with_cart(products) as (shop, window), _downloading(shop, products):
        return _compare("scan_to_painted_downloading", window, n)


def _compare(name: str, window: TillWindow, n: int) -> Comparison:
    table = window.sale.table
    painted, numbers, clock_ms = _Paints(table.viewport()), count(1), count(1_000_000, 1_000)
    bare = _bare_table(table.size().width(), table.size().height())
    bare_painted = _Paints(bare.viewport())

    def scan() -> float:
        code, at_ms = _product(next(numbers)).code, next(clock_ms)
        painted.seen = False

        def burst() -> None:
            _press_all(window, code, at_ms)
            _run_until(lambda: painted.seen and len(window.till.cart.lines) == CART_LINES + 1)

        passed_s = timed(burst)
        window.till.undo()
        _settle(window)
        return passed_s

    def add_row() -> float:
        bare_painted.seen = False

        def add() -> None:
            _add_row(bare, "6900000000007")
            _run_until(lambda: bare_painted.seen)

        passed_s = timed(add)
        bare.removeRow(CART_LINES)
        _settle(window)
        return passed_s

    try:
        return compare(name, FLOOR, scan, add_row, n=n)
    finally:
        bare.close()


# --- the window -----------------------------------------------------------------------------------


@contextmanager
def _window_with_cart(products: int) -> Iterator[tuple[SampleTill, TillWindow]]:
    application()
    with (
        disk_folder() as folder,
        open_shop(folder) as shop,
        ThreadPoolExecutor(1) as background,
    ):
        cart = _ten_lines(shop)
        _stock(shop, products)
        window = TillWindow(_services(shop, background))
        window.start()
        window.show()
        window._logged_in(StaffMember(CASHIER, "cashier", ""))
        window.till._change(cart)
        _settle(window)
        try:
            yield shop, window
        finally:
            window.stop()
            window.close()
            window.deleteLater()
            QCoreApplication.processEvents()


def _services(shop: SampleTill, background: ThreadPoolExecutor) -> TillServices:
    return TillServices(
        desk=shop.desk,
        on_journal=shop.till.on_journal,
        in_background=background.submit,
        ask_hub=shop.till.ask_hub,
        printer_notice=shop.till.printer.notice,
        print_state=shop.till.store.print_queue.state,
        orders=shop.till.store.orders,
        ask_member=shop.till.hub.ask_member,
        ask_code=shop.till.hub.ask_code,
        ask_right=shop.till.hub.ask_right,
        test_print=shop.till.printer.test_page,
        pulse_drawer=shop.till.printer.pulse_drawer,
        language="zh",
        save_language=lambda _language: None,
        scanner_gap_ms=shop.till.settings.scanner.gap_ms,
    )


def _ten_lines(shop: SampleTill) -> Cart:
    cart = carts.with_member(Cart(), QIN)
    for product in packaged_goods(shop)[-CART_LINES:]:
        cart = carts.add(cart, product)
    return cart


def _settle(window: TillWindow) -> None:
    """Lets everything that a change set off come to its end."""
    window.services.on_journal(lambda: None).result()
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()


# --- keys and paint -------------------------------------------------------------------------------


class _Paints(QObject):
    """Notices that a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            self.seen = True
        return False


def _press_all(window: TillWindow, code: str, at_ms: int) -> None:
    for position, char in enumerate(f"{code}\r"):
        key = Qt.Key.Key_Return if char == "\r" else Qt.Key(ord(char))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, char)
            event.setTimestamp(at_ms + position * SCANNER_GAP_MS)
            QCoreApplication.sendEvent(window.windowHandle(), event)


def _run_until(reached: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline_s, "nothing was painted"
        QCoreApplication.processEvents()


def _bare_table(width: int, height: int) -> QTableWidget:
    table = QTableWidget(0, COLUMNS)
    table.resize(width, height)
    for _ in range(CART_LINES):
        _add_row(table, "6900000000007")
    table.show()
    QCoreApplication.processEvents()
    return table


def _add_row(table: QTableWidget, text: str) -> None:
    row = table.rowCount()
    table.insertRow(row)
    for column in range(COLUMNS):
        table.setItem(row, column, QTableWidgetItem(text))


# --- goods ----------------------------------------------------------------------------------------


def _stock(shop: SampleTill, products: int) -> None:
    for first in range(1, products + 1, PAGE_ROWS):
        _apply_page(shop, first, min(PAGE_ROWS, products + 1 - first), first)


@contextmanager
def _downloading(shop: SampleTill, products: int) -> Iterator[None]:
    """The same goods come again and again, page after page, as fast as the cache takes them."""
    over = threading.Event()

    def download() -> None:
        for turn in count(1):
            for first in range(1, products + 1, PAGE_ROWS):
                if over.is_set():
                    return
                _apply_page(shop, first, min(PAGE_ROWS, products + 1 - first), turn * products + first)

    thread = threading.Thread(target=download, name="downloading")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _apply_page(shop: SampleTill, first: int, rows: int, change: int) -> None:
    goods = [_product(number) for number in range(first, first + rows)]
    shop.till.store.replica.apply(
        FeedPage(
            HubMark(0, "", HighWater(0, "")),
            "catalogue",
            tuple(
                FeedRow(1_000 + change + at, one.code, cast("dict[str, object]", msgspec.to_builtins(one)))
                for at, one in enumerate(goods)
            ),
            next=1_000 + change + rows,
            more=True,
        )
    )


def _product(number: int) -> Product:
    body = f"694{number:09d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
    return Product(
        code=f"{body}{check}",
        name=f"商品{number:06d}号矿泉水",
        spec="550ml",
        unit="瓶",
        category="饮料",
        price_fen=170 + number % 900,
        member_price_fen=158 + number % 900,
        cost_fen=140,
        initials=f"sp{number:06d}hkqs",
    )
