"""A plan is sold, renewed or upgraded at the till."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos.domain.membership import MembershipDeal
from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.domain.receipt import masked
from pos.ui import theme
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.member_card import MASK
from pos.ui.presenters.membership_form import MembershipForm
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import QUIET, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import RIGHT, write
from pos.ui.widgets.row_list import RowList
from pos.ui.widgets.text import Text
from pos.usecases.desk import Desk
from pos.usecases.ports import KnownMember
from pos.usecases.sell_membership import CompletedMembership

_KINDS = {"join": say("入会"), "renew": say("续费"), "upgrade": say("升级")}


class DealList(RowList):
    """What can be sold to the member today."""

    def __init__(self, stage: Stage, form: MembershipForm) -> None:
        super().__init__(stage, row_height=74)
        self._form = form

    def count(self) -> int:
        return len(self._form.deals)

    def selected(self) -> int:
        return self._form.selected

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, deal = self._stage, self._form.deals[index]
        inner = rect.adjusted(stage.px(16), 0, -stage.px(14), 0)
        upper = inner.adjusted(0, stage.px(8), -stage.px(120), -rect.height() // 2)
        lower = inner.adjusted(0, rect.height() // 2, 0, -stage.px(6))
        title = say("{kind} {plan}", kind=_KINDS[deal.kind], plan=self._form.plan_name(deal.plan))
        write(painter, upper, stage(title), stage.font(theme.TITLE, bold=True), theme.INK)
        write(painter, lower, stage(_term(deal)), stage.font(theme.SMALL), theme.SOFT)
        price = inner.adjusted(0, 0, 0, -rect.height() // 4)
        write(painter, price, yuan(deal.price_fen), stage.font(theme.BIG, bold=True), theme.INK, align=RIGHT)


def _term(deal: MembershipDeal) -> Message:
    if deal.credit_fen:
        return say(
            "{first} 至 {last} · 已折抵剩余天数 {credit} 元",
            first=deal.first_day,
            last=deal.last_day,
            credit=yuan(deal.credit_fen),
        )
    return say("{first} 至 {last}", first=deal.first_day, last=deal.last_day)


class MembershipSheet(Sheet):
    """The plan at the left, the cash at the right; Enter takes the money."""

    name = "membership"
    measure = (1080, 620)

    def __init__(
        self,
        stage: Stage,
        desk: Desk,
        errands: Errands,
        cashier: str,
        member: KnownMember,
        *,
        on_done: Callable[[CompletedMembership], None],
    ) -> None:
        super().__init__(
            stage, say("会员办理 {number}", number=masked(member.member_no, MASK)), leave=say("取消")
        )
        self._on_done = on_done
        self.form = MembershipForm(
            desk, errands, cashier, member, changed=self.draw, say_notice=self.tell, on_done=self._done
        )
        self.list = DealList(stage, self.form)
        self.list.tapped.connect(lambda index, _x: self.form.select(index))
        self._points = Button(stage, "", key="F8", paint=QUIET, height=60)
        self._points.clicked.connect(self.form.toggle_points)
        self._due = Text(stage, "", size=60, bold=True, align=RIGHT)
        self._change = Text(stage, "", size=theme.TITLE, bold=True, colour=theme.GREEN_DARK, align=RIGHT)
        self.field = Field(stage)
        self.keypad = Keypad(stage, say("收款"))
        self.keypad.typed.connect(self.typed)
        self.keypad.erased.connect(self.erased)
        self.keypad.entered.connect(self.entered)
        self._lay_out()
        self.draw()

    def typed(self, char: str) -> None:
        if not self.form.busy:
            self.form.cash.typed.type(char)
            self.draw()

    def erased(self) -> None:
        if not self.form.busy:
            self.form.cash.typed.back()
            self.draw()

    def entered(self) -> None:
        self.form.confirm()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        match key:
            case Qt.Key.Key_Up:
                self.form.move(-1)
            case Qt.Key.Key_Down:
                self.form.move(1)
            case Qt.Key.Key_F8:
                self.form.toggle_points()
            case _:
                super().key(key, modifiers)

    def leave(self) -> None:
        if not self.form.busy:
            super().leave()

    def draw(self) -> None:
        form = self.form
        self.list.refresh()
        line = form.points_line()
        self._points.setVisible(line is not None)
        if line is not None:
            self._points.show_words(say("改用现金付：{line}", line=line) if form.with_points else line)
        due_fen = form.fee.due_fen if form.fee else 0
        self._due.show_words(yuan(due_fen))
        self.field.label(prefix=say("实收"), hint=say("直接回车：正好 {due}", due=yuan(due_fen)))
        self.field.show_text(form.cash.typed.text, active=not form.busy)
        change = form.cash.change_fen
        self._change.show_words(
            say("找零 {change}", change=yuan(change))
            if change is not None
            else say("还差 {short}", short=yuan(form.cash.short_fen))
        )
        self.keypad.enter.setEnabled(form.fee is not None and not form.busy)
        self.keypad.enter.show_words(say("记账中…") if form.busy else say("收款"))

    def _done(self, completed: CompletedMembership) -> None:
        self.closed.emit()
        self._on_done(completed)

    def _lay_out(self) -> None:
        stage = self._stage
        card = Card(stage, fill=theme.GREEN_TINT, edge=theme.GREEN_TINT)
        due = QHBoxLayout(card)
        due.setContentsMargins(stage.px(18), stage.px(6), stage.px(18), stage.px(6))
        due.addWidget(Text(stage, say("应收"), size=theme.TITLE, bold=True))
        due.addWidget(self._due, 1)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addWidget(self._points)
        left.addWidget(
            Text(
                stage,
                say("会费由本店代联盟收取，不计入本店营收"),
                size=theme.SMALL,
                colour=theme.SOFT,
                wrap=True,
            )
        )
        right = QVBoxLayout()
        right.setSpacing(stage.px(10))
        right.addWidget(card)
        right.addWidget(self.field)
        right.addWidget(self._change)
        right.addWidget(self.keypad, 1)
        row = QHBoxLayout()
        row.setSpacing(stage.px(22))
        row.addLayout(left, 6)
        row.addLayout(right, 5)
        self.body.addLayout(row, 1)
