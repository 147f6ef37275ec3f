"""Taking cash."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from pos.domain.message import Message, say
from pos.domain.money import plain_text, yuan
from pos.ui import theme
from pos.ui.presenters.cash_form import CashForm
from pos.ui.presenters.till import Till
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import CHOSEN, QUIET, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import RIGHT
from pos.ui.widgets.text import Text

NOTE_KEYS = (Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5, Qt.Key.Key_F6)


class CashSheet(Sheet):
    """Amount typed or chosen, change live and huge, Enter takes it. Scans never reach the amount."""

    name = "cash"
    measure = (980, 600)

    def __init__(self, stage: Stage, till: Till) -> None:
        super().__init__(stage, say("现金"), leave=say("取消"))
        self._till = till
        self.form = CashForm(till.due_fen)
        self.field = Field(stage)
        self.field.label(prefix=say("实收"))
        self._due = Text(stage, "", size=theme.HEADLINE + 8, bold=True, align=RIGHT)
        self._change_label = Text(stage, "", size=theme.TITLE, bold=True)
        self._change = Text(stage, "", size=72, bold=True, align=RIGHT)
        self._change_card = Card(stage, fill=theme.GREEN_TINT, edge=theme.GREEN_TINT)
        self._notes: list[Button] = []
        self._note_grid = QGridLayout()
        self.keypad = Keypad(stage, say("收款"))
        self.keypad.typed.connect(self.typed)
        self.keypad.erased.connect(self.erased)
        self.keypad.entered.connect(self.entered)
        self._lay_out()
        self._build_notes()
        self.draw()

    def refresh(self) -> None:
        """The amount due may have changed beneath the sheet."""
        if self._till.due_fen != self.form.due_fen:
            self.form = CashForm(self._till.due_fen)
            self._build_notes()
        self.draw()

    def typed(self, char: str) -> None:
        if not self._till.busy:
            self.form.typed.type(char)
            self.draw()

    def erased(self) -> None:
        if not self._till.busy:
            self.form.typed.back()
            self.draw()

    def entered(self) -> None:
        if self._till.busy:
            return
        given_fen = self.form.given_fen
        if given_fen is None or self.form.problem is not None:
            self.draw()
            return
        self._till.take_cash(given_fen)
        self.draw()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key in NOTE_KEYS and NOTE_KEYS.index(Qt.Key(key)) < len(self.form.notes_fen):
            self._choose(self.form.notes_fen[NOTE_KEYS.index(Qt.Key(key))])
        elif key == Qt.Key.Key_F11:
            self._choose(self.form.due_fen)
            self.entered()
        super().key(key, modifiers)

    def leave(self) -> None:
        if not self._till.busy:
            super().leave()

    def draw(self) -> None:
        form = self.form
        self._due.show_words(yuan(form.due_fen))
        self.field.label(prefix=say("实收"), hint=say("直接回车：正好 {due}", due=yuan(form.due_fen)))
        self.field.show_text(form.typed.text, active=not self._till.busy)
        self.keypad.enter.show_words(say("记账中…") if self._till.busy else say("收款"))
        self.keypad.enter.setEnabled(not self._till.busy)
        for note_fen, button in zip(form.notes_fen, self._notes, strict=True):
            chosen = bool(form.typed.text) and form.given_fen == note_fen
            button.dress_as(CHOSEN if chosen else QUIET)
        self._draw_change()

    def _draw_change(self) -> None:
        form = self.form
        change_fen = form.change_fen
        if change_fen is not None:
            self._say_change(say("找零"), yuan(change_fen), theme.GREEN_DARK, theme.GREEN_TINT)
        elif form.short_fen:
            self._say_change(say("还差"), yuan(form.short_fen), theme.AMBER_TEXT, theme.AMBER_TINT)
        else:
            self._say_change(form.problem or say("请输入金额"), "", theme.RED_TEXT, theme.RED_TINT)

    def _say_change(self, label: Message, figure: str, ink: str, ground: str) -> None:
        self._change_label.show_words(label)
        self._change_label.setWordWrap(not figure)
        self._change.show_words(figure)
        self._change.setVisible(bool(figure))
        self._change_label.colour(ink)
        self._change.colour(ink)
        self._change_card.tint(ground, ground)

    def _choose(self, note_fen: int) -> None:
        if not self._till.busy:
            self.form.choose(note_fen)
            self.draw()

    def _lay_out(self) -> None:
        stage = self._stage
        due = QHBoxLayout()
        due.addWidget(Text(stage, say("应收"), size=theme.TITLE, bold=True))
        due.addWidget(self._due, 1)
        change = QHBoxLayout(self._change_card)
        change.setContentsMargins(stage.px(18), 0, stage.px(18), 0)
        change.addWidget(self._change_label, 1)
        change.addWidget(self._change, 2)
        self._change_card.setMinimumHeight(stage.px(112))
        self._note_grid.setSpacing(stage.px(9))
        left = QVBoxLayout()
        left.setSpacing(stage.px(14))
        left.addLayout(due)
        left.addWidget(self.field)
        left.addLayout(self._note_grid)
        left.addStretch(1)
        left.addWidget(self._change_card)
        row = QHBoxLayout()
        row.setSpacing(stage.px(24))
        row.addLayout(left, 6)
        row.addWidget(self.keypad, 6)
        self.body.addLayout(row, 1)

    def _build_notes(self) -> None:
        for button in self._notes:
            self._note_grid.removeWidget(button)
            button.deleteLater()
        self._notes = []
        for index, note_fen in enumerate(self.form.notes_fen):
            exact = note_fen == self.form.due_fen
            title = say("正好 {amount}", amount=yuan(note_fen)) if exact else plain_text(note_fen)
            button = Button(
                self._stage, title, key=f"F{index + 2}", paint=QUIET, size=theme.TITLE, bold=True, height=60
            )
            button.clicked.connect(partial(self._tap, note_fen))
            self._note_grid.addWidget(button, *((0, 0, 1, 2) if index == 0 else self._place(index)))
            self._notes.append(button)

    def _place(self, index: int) -> tuple[int, int, int, int]:
        return 1 + (index - 1) // 2, (index - 1) % 2, 1, 1

    def _tap(self, note_fen: int, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's signal
        self._choose(note_fen)
