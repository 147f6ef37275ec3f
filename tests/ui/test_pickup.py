"""An order is handed over at the window, by a scan and one key."""

from __future__ import annotations

from PySide6.QtCore import Qt

from pos.domain.events import OrderHandedOver
from pos.domain.printed_codes import code_hash, printed_code
from sync.protocol.pickups import PickupGoods, PickupRow
from tests.ui.hands import WATER, Hands

CODE = printed_code("pickup", 77)


def waits(till: Hands, goods: int = 2) -> None:
    names = tuple(PickupGoods(f"商品 {number}", number) for number in range(1, goods + 1))
    row = PickupRow("A1001", "S1-1", code_hash(CODE), names, "2026-12-31")
    till.fakes.sample.terms.pickups[row.code_hash] = row


def open_sheet(till: Hands) -> str | None:
    sheet = till.window.sheets.top
    return sheet.name if sheet is not None else None


def handed_over(till: Hands) -> int:
    return sum(isinstance(event, OrderHandedOver) for event in till.fakes.sample.journal.events())


def test_an_order_goes_out_beside_an_open_cart(till: Hands) -> None:
    waits(till)
    till.scan(WATER)
    till.scan(CODE)
    assert open_sheet(till) == "pickup"
    till.press(Qt.Key.Key_Return)
    assert handed_over(till) == 1
    assert till.notice == "订单 A1001 已交货，记入流水"
    assert open_sheet(till) is None
    assert len(till.window.till.cart.lines) == 1
    till.scan(CODE)
    assert till.notice == "订单 A1001 已经交过货了，不能再取"


def test_escape_hands_nothing_over(till: Hands) -> None:
    waits(till, goods=14)
    till.scan(CODE)
    till.press(Qt.Key.Key_Escape)
    assert handed_over(till) == 0
    assert open_sheet(till) is None
