"""An order is handed over: what is in it, and one key."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice, nothing_booked
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, Button
from pos.ui.widgets.painting import RIGHT
from pos.ui.widgets.text import Text
from pos.usecases.desk import Desk, business_date
from pos.usecases.hand_over import hand_over
from sync.protocol.pickups import PickupRow

LINES_MAX = 9
"""As many as the sheet shows; the rest is counted."""


class PickupSheet(Sheet):
    """The goods of an order that is paid; Enter says that they went out."""

    name = "pickup"
    measure = (820, 640)

    def __init__(
        self,
        stage: Stage,
        desk: Desk,
        errands: Errands,
        cashier: str,
        order: PickupRow,
    ) -> None:
        super().__init__(stage, say("取货 · 订单 {order}", order=order.order), leave=say("先不交货"))
        self._desk, self._errands, self._cashier, self._order = desk, errands, cashier, order
        self._busy = False
        grid = QGridLayout()
        grid.setVerticalSpacing(stage.px(8))
        grid.setColumnStretch(0, 1)
        for row, goods in enumerate(order.goods[:LINES_MAX]):
            grid.addWidget(Text(stage, goods.name, size=theme.TITLE), row, 0)
            grid.addWidget(
                Text(stage, f"× {goods.quantity}", size=theme.TITLE, bold=True, align=RIGHT), row, 1
            )
        if len(order.goods) > LINES_MAX:
            more = say("还有 {n} 种，见订单", n=len(order.goods) - LINES_MAX)
            grid.addWidget(Text(stage, more, colour=theme.AMBER_TEXT), LINES_MAX, 0)
        self.body.addLayout(grid)
        self.body.addStretch(1)
        self.body.addWidget(Text(stage, self._until(), colour=theme.SOFT, wrap=True))
        self.button = Button(
            stage, say("货已交给顾客"), key="Enter", paint=GREEN, size=theme.TITLE, bold=True, height=76
        )
        self.button.clicked.connect(self.entered)
        self.body.addWidget(self.button)

    def entered(self) -> None:
        """Books it; a second press before the first has ended does nothing."""
        if self._busy:
            return
        self._busy = True
        self.button.setEnabled(False)
        self._errands.book(
            lambda: hand_over(self._order, self._cashier, self._desk),
            lambda _nothing: self._end(
                Notice("good", say("订单 {order} 已交货，记入流水", order=self._order.order))
            ),
            self._end,
            otherwise=nothing_booked(),
        )

    def _end(self, notice: Notice) -> None:
        self.tell(notice)
        self.closed.emit()

    def _until(self) -> Message:
        late = self._order.last_day < business_date(self._desk)
        if late:
            return say("已过取货日 {day}，货款已付，请按店里规定处理", day=self._order.last_day)
        return say("货款已付，不收钱。取货截止 {day}", day=self._order.last_day)
